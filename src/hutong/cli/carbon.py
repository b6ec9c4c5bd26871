"""``hutong carbon``: what buildings emit in a year, and what measures would save and embody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli.console import err, guarded, language, out, print_json, say
from hutong.text import Text, number

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()

_PARTS = {
    "heat": Text("供暖", "heat"), "electricity": Text("用电", "electricity"), "gas": Text("燃气", "gas"),
    "total": Text("合计", "total"),
}  # fmt: skip


@app.command(
    help=say(
        "房屋的运行碳与隐含碳；各措施前后对比（区间）。",
        "Carbon of buildings: operation and embodied, before and after measures, as ranges.",
    )
)
@guarded
def carbon(
    city: Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))],
    measures: Annotated[
        bool,
        typer.Option("--measures", help=say("各措施前后对比", "before and after each measure")),
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE.csv",
            show_default=False,
            help=say("逐栋写出（千克/年）", "write each building (kg a year)"),
        ),
    ] = None,
    jurisdiction: Annotated[
        str, typer.Option(help=say("适用规则（名称或规则文件）", "whose rules hold (a name or a rule file)"))
    ] = "beijing",
    force: Annotated[
        bool, typer.Option("--force", help=say("覆盖已有输出", "replace what is there"))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))
    ] = False,
) -> None:
    """Account for the carbon of a snapshot."""
    from hutong.city import City
    from hutong.city.text_table import csv_text
    from hutong.files import write_text
    from hutong.loop import Settings, rules_for
    from hutong.plan import load_measures
    from hutong.plan.carbon import measure_carbon
    from hutong.sense import checkup
    from hutong.sense.carbon import operational

    snapshot = City.load(city)
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    account = operational(snapshot, rules)
    if to is not None:
        write_text(to, csv_text(account.buildings), force=force)
        err.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)
    table = measure_carbon(snapshot, checkup(snapshot, rules), rules, load_measures()) if measures else None
    if as_json:
        print_json(
            {
                "totals_t": account.totals().to_dict("records"),
                "lines": account.lines(),
                "factors": [
                    {"id": f.id, "title": f.title, "low": f.low, "high": f.high, "unit": f.unit, "source": f.source, "confidence": f.confidence}
                    for f in account.factors
                ],
                **({} if table is None else {"measures": table.to_dict("records")}),
            }
        )  # fmt: skip
        return
    _show_totals(account.totals())
    for line in account.lines():
        out.print(f"· {line.get(language())}", markup=False, soft_wrap=True)
    if table is not None:
        _show_measures(table)


def _show_totals(totals: pd.DataFrame) -> None:
    from hutong.cli.show import grid_of

    lang = language()
    grid = grid_of(
        (say("运行碳（吨 CO₂/年）", "operation (t CO₂ a year)"), "left"),
        (say("低", "low"), "right"),
        (say("高", "high"), "right"),
        (say("已知（栋）", "known"), "right"),
        (say("未知（栋）", "unknown"), "right"),
    )
    for row in totals.to_dict("records"):
        figures = (number(row[c], lang) for c in ("low_t", "high_t", "known", "unknown"))
        grid.add_row(_PARTS[row["part"]].get(lang), *figures)
    out.print(grid)


def _show_measures(table: pd.DataFrame) -> None:
    from hutong.cli.show import grid_of

    lang = language()
    grid = grid_of(
        (say("措施（在条件成立处全部实施）", "measure, wherever its condition holds"), "left"),
        (say("房屋", "buildings"), "right"),
        (say("未知", "unknown"), "right"),
        *(
            (title, "right")
            for title in (
                say("前 吨/年", "before t/year"),
                say("后 吨/年", "after t/year"),
                say("年减 吨", "saved t/year"),
                say("隐含 吨", "embodied t"),
                say("设计年限内净减 吨", "net over design life t"),
            )
        ),
    )
    for row in table.to_dict("records"):
        spans = (
            "–"
            if not row["buildings"]
            else f"{number(row[f'{s}_low_t'], lang)} … {number(row[f'{s}_high_t'], lang)}"
            for s in ("before", "after", "saved", "embodied", "net")
        )
        grid.add_row(row[f"title_{lang}"], number(row["buildings"]), number(row["unknown"]), *spans)
    out.print()
    out.print(grid)
    out.print(
        say(
            "未问法规是否允许、资金是否足够；未知的房屋不计入吨数；电梯自身的隐含碳不在账内。",
            "Whether a rule forbids it or money allows it is not asked; buildings that are unknown are left out of the tonnes; what a lift embodies is not in the account.",
        )
    )
