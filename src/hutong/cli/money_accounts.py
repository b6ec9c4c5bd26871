"""``hutong money accounts``: every party by year, the operator's measures, what carries the years, ways out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli import money_plan
from hutong.cli.console import guarded, language, out, print_json, say
from hutong.cli.money_plan import (
    Budget,
    CityPath,
    Income,
    Json,
    Jurisdiction,
    SchemeId,
    Seed,
    grid,
    say_lines,
)
from hutong.text import Text, yuan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

app = typer.Typer()


@app.command(help=say("方案的账：各方逐年收支、收益指标、期限依据、再融资。", "A scheme's accounts: every party by year, returns, what carries the years, refinancing."))  # fmt: skip
@guarded
def accounts(
    city: CityPath,
    scheme: SchemeId = "balanced",
    party: Annotated[
        str | None,
        typer.Option(metavar="PARTY", help=say("列出该方逐年各科目", "list a party's lines by year"), show_default=False),
    ] = None,
    exit_year: Annotated[
        int | None,
        typer.Option(min=1, max=60, help=say("再融资所在运营年", "year of operation of a refinancing"), show_default=False),
    ] = None,
    budget: Budget = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    income: Income = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Show the accounts of a scheme."""
    from hutong.plan.accounts import account_lines, known_party, line_years, party_rows
    from hutong.plan.accounts import accounts as read
    from hutong.plan.carriers import at_stake, carrier_lines, carriers
    from hutong.plan.extra_income import nothing_recorded, read_extra_income
    from hutong.plan.refinance import way_out, ways_out

    if income is not None:
        read_extra_income(income)  # an incomplete record is said before the plan is made
    if party is not None:
        known_party(party)
    plan, rules = money_plan.planned(city, jurisdiction, budget, seed)
    chosen = money_plan.chosen(plan, scheme, rules, income)
    lines = line_years(chosen, party) if party else None
    found, held = read(chosen, rules), carriers(chosen, rules)
    outs = ways_out(chosen, exit_year, first_year=_year_of(city)) if found.operator.any() else ()
    if exit_year is not None and not outs:
        way_out(chosen, "pledge", exit_year)  # says why there is none
    stake = at_stake(held, float(chosen.terms["return_low"]))
    recorded = [x.text for x in read_extra_income(income)] if income else [nothing_recorded()]
    if as_json:
        print_json(
            {
                "scheme": chosen.id,
                "parties": {str(p): row.tolist() for p, row in found.years.iterrows()},
                "values": found.values,
                "operator": {
                    "irr": found.irr.rate, "irr_flag": found.irr.flag, "own_irr": found.own_irr.rate,
                    "own_irr_flag": found.own_irr.flag, "mirr": found.mirr, "payback": found.payback,
                    "discounted_payback": found.discounted_payback, "least_cover": found.cover.least,
                    "least_cover_year": found.cover.year,
                },
                "carriers": [
                    {"carrier": c.id, "yuan_per_year": c.yuan_per_year, "planned": c.planned, "limit": c.limit,
                     "exceeds": c.exceeds, "source": c.source}
                    for c in held
                ],
                "recorded_income": recorded,
                "refinancing": [
                    {"option": w.terms.id, "year": w.year, "date": w.date, "proceeds_yuan": w.proceeds_yuan,
                     "irr_after": w.after.rate, "irr_flag": w.after.flag, "npv_after": w.npv_after}
                    for w in outs
                ],
                "lines": None if lines is None else {k: v.tolist() for k, v in lines.items()},
            }
        )  # fmt: skip
        return
    lang = language()
    words = (("各方（元，净额）", "party (yuan, net)"), ("建设期", "while building"), ("首个运营年", "first year of operation"), ("全部年份", "all years"), ("现值", "present value"))  # fmt: skip
    table = grid(*(Text(*w) for w in words))
    for row in party_rows(found):
        figures = (float(row[k]) for k in ("building", "first_year", "total", "value"))  # type: ignore[arg-type]
        table.add_row(row["title"].get(lang), *("–" if v != v else yuan(v, lang) for v in figures))  # type: ignore[attr-defined]
    out.print(table)
    say_lines([*account_lines(found), *carrier_lines(held), *([stake] if stake else []), *recorded])
    say_lines([w.text for w in outs])
    if lines is not None:
        _by_year(lines)


def _year_of(city: Path) -> int:
    from hutong.city import City

    return int(City.load(city).meta.date[:4])


def _by_year(lines: Mapping[str, NDArray[np.float64]]) -> None:
    """Print a party's lines, a line a row: building, then sums of five years (the workbook has every year)."""
    from hutong.plan.money import BUILD_YEARS
    from hutong.plan.money_words import line_title

    lang = language()
    span = max((len(v) for v in lines.values()), default=0)
    begins = [0, *range(BUILD_YEARS, span, 5)]
    ends = [*begins[1:], span]
    names = [f"{a}–{b - 1}" for a, b in zip(begins, ends, strict=True)]
    table = grid(Text("科目（元，各年合计）", "line (yuan, sums of the years)"), *(Text(n, n) for n in names), Text("合计", "total"))  # fmt: skip
    for name, values in lines.items():
        parts = [float(values[a:b].sum()) for a, b in zip(begins, ends, strict=True)]
        shown = (yuan(v, lang) if v else "–" for v in (*parts, float(values.sum())))
        table.add_row(line_title(name).get(lang), *shown)
    out.print(table)
    out.print(say("收为正，付为负。", "Received is positive, paid negative."), markup=False)
