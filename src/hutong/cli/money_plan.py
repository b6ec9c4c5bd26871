"""What the money commands share: their options, the plan they speak of, tables and sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hutong.cli.console import language, out, progress, say
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.plan import Plan, Scheme
    from hutong.rules import Rules

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
SchemeId = Annotated[str, typer.Option("--scheme", help=say("方案", "scheme"))]
Budget = Annotated[
    float | None,
    typer.Option(min=0, help=say("公共资金上限（元）", "limit of public money (yuan)"), show_default=False),
]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]
Draws = Annotated[int, typer.Option(min=100, max=1_000_000, help=say("抽样次数", "number of draws"))]
Force = Annotated[bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))]
Income = Annotated[
    Path | None,
    typer.Option(
        "--income",
        metavar="FILE.yaml",
        help=say("登记的数据与场景收入", "recorded income from data and venues"),
        show_default=False,
    ),
]


def planned(city: Path, jurisdiction: str, budget: float | None, seed: int) -> tuple[Plan, Rules]:
    """Plan the quarter."""
    from hutong.city import City
    from hutong.loop import Settings, rules_for
    from hutong.plan import make_plan
    from hutong.sense import checkup

    snapshot = City.load(city)
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    with progress() as step:
        return make_plan(
            snapshot, checkup(snapshot, rules), rules, seed=seed, budget=budget, progress=step
        ), rules


def chosen(plan: Plan, scheme_id: str, rules: Rules, income: Path | None = None) -> Scheme:
    """Return a scheme that pays something, with the income on record."""
    from hutong.plan.extra_income import read_extra_income, with_income
    from hutong.plan.money import default_calendar
    from hutong.plan.workbook import find_scheme

    scheme = find_scheme(plan, scheme_id)
    if income is None:
        return scheme
    calendar = default_calendar(rules, int(scheme.terms["concession_years"]))
    return with_income(scheme, read_extra_income(income), calendar, rules)


def grid(*columns: Text) -> Table:
    """Return an empty table with these columns, figures to the right."""
    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name.get(language()), justify="left" if i == 0 else "right")
    return table


def say_lines(lines: list[Text] | tuple[Text, ...]) -> None:
    """Print sentences as a list."""
    for line in lines:
        out.print(f"· {line.get(language())}", markup=False, soft_wrap=True)
