"""``hutong money risk | workbook | share | stress | case``: what the money carries, and who bears what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli import money_accounts, money_plan
from hutong.cli.console import guarded, language, out, print_json, say
from hutong.cli.money_plan import (
    Budget,
    CityPath,
    Draws,
    Force,
    Income,
    Json,
    Jurisdiction,
    SchemeId,
    Seed,
    grid,
    say_lines,
)
from hutong.errors import HutongError
from hutong.text import Text, number, percent, yuan

app = typer.Typer(
    no_args_is_help=True,
    help=say(
        "资金：风险、测算表、收益分配、压力测试、公开案例。",
        "Money: risk, workbook, sharing, stress, a public case.",
    ),
)

app.add_typer(money_accounts.app)  # its command stands beside these


@app.command(help=say("方案的资金风险：收益区间、尾部、敏感性、保本点、期限。", "The risk of a scheme's money: band, tail, tornado, break-even, term."))  # fmt: skip
@guarded
def risk(
    city: CityPath,
    scheme: SchemeId = "balanced",
    draws: Draws = 100_000,
    budget: Budget = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    income: Income = None,
    as_json: Json = False,
) -> None:
    """Draw the risks of a scheme and show what follows."""
    from hutong.plan.money import default_calendar
    from hutong.plan.money_words import line_title
    from hutong.plan.risk import simulate
    from hutong.plan.risk_data import load_risks
    from hutong.plan.sensitivity import (
        band_clauses,
        band_terms,
        break_even,
        concession_needed,
        risk_lines,
        risk_table,
        tornado,
    )

    plan, rules = money_plan.planned(city, jurisdiction, budget, seed)
    chosen = money_plan.chosen(plan, scheme, rules, income)
    result = simulate(chosen, draws=draws, seed=seed, rate_others=rules.number("finance.discount_public"))
    swings, levels = tornado(chosen), break_even(chosen)
    longest = int(rules.number("concession.years_max"))
    calendar = default_calendar(rules, int(chosen.terms["concession_years"]))
    term = concession_needed(chosen, calendar, longest=longest)
    terms = band_terms(result, max(longest - term.planned, 0))
    if as_json:
        print_json(
            {
                "scheme": chosen.id, "draws": draws, "seed": seed, "shares": dict(result.shares),
                "npv": result.quantiles(), "irr": result.quantiles("irr"), "cvar": result.cvar(),
                "needed": {"half": result.needed(0.5), "four_fifths": result.needed(0.8)},
                "planned": {"npv": result.planned_npv, "irr": result.planned_irr},
                "parties": result.others.reset_index(names="party").to_dict("records"),
                "tornado": swings.to_dict("records"), "break_even": levels.to_dict("records"),
                "term": {"least": term.least, "most": term.most, "planned": term.planned, "longest": term.longest},
                "band_terms": {"above": terms.above, "surplus_yuan": terms.surplus_yuan, "lifted": terms.lifted,
                               "still_below": terms.still_below, "extension_years": terms.extension_years},
                "risks": risk_table(),
            }
        )  # fmt: skip
        return
    lang, titles = language(), {r.id: r.title for r in load_risks()}
    say_lines([*risk_lines(result), *band_clauses(terms)])
    table = grid(Text("风险（其余按计划）", "risk, all else as planned"), Text("净现值 P5", "NPV at P5"), Text("P95", "at P95"))  # fmt: skip
    for row in swings.itertuples():
        table.add_row(titles[row.risk].get(lang), yuan(row.npv_low, lang), yuan(row.npv_high, lang))
    out.print(table)
    table = grid(Text("保本水平（按计划为 100%）", "break-even level (100% is as planned)"), Text("", ""))
    for row in levels.itertuples():
        table.add_row(line_title(row.line).get(lang), percent(row.level, lang))
    out.print(table)
    least, most = (number(v, lang) if v is not None else say("无", "none") for v in (term.least, term.most))
    out.print(
        say(
            f"达到收益下限至少需 {least} 年，不超过上限至多 {most} 年；方案 {term.planned} 年，法定上限 {term.longest} 年。",
            f"The low return takes at least {least} years, the high one is kept for at most {most}; planned {term.planned}, the law allows {term.longest}.",
        ),
        markup=False,
        soft_wrap=True,
    )
    table = grid(*(Text(*w) for w in (("风险", "risk"), ("承担", "bearer"), ("上限", "cap"), ("超出部分", "beyond"), ("P5–P95", "P5–P95"), ("可靠程度", "mark"))))  # fmt: skip
    for entry in risk_table():
        table.add_row(*(entry[k].get(lang) for k in ("title", "bearer", "cap", "beyond", "spread", "mark")))
    out.print(table)


@app.command(
    help=say("写出带公式的资金测算表（.xlsx）。", "Write the money of a scheme as .xlsx with live formulas.")
)
@guarded
def workbook(
    city: CityPath,
    to: Annotated[Path, typer.Option("--out", metavar="FILE.xlsx", help=say("输出文件", "output file"))],
    scheme: SchemeId = "balanced",
    budget: Budget = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    income: Income = None,
    force: Force = False,
) -> None:
    """Write the workbook of a scheme."""
    from dataclasses import replace

    from hutong.files import already_there
    from hutong.plan.workbook import write_workbook

    if to.exists() and not force:
        raise already_there(to)
    plan, rules = money_plan.planned(city, jurisdiction, budget, seed)
    mine = money_plan.chosen(plan, scheme, rules, income)
    write_workbook(replace(plan, schemes=(mine,)), scheme, to, rules=rules, force=force)
    out.print(say(f"已写入 {to}", f"Wrote {to}"), markup=False, soft_wrap=True)


@app.command(
    help=say(
        "按文件所列各方分配收益，写成合同条款。", "Share a surplus between the parties of a file, as clauses."
    )
)
@guarded
def share(
    file: Annotated[
        Path, typer.Argument(metavar="BARGAIN.yaml", help=say("分配文件", "file of the bargain"))
    ],
    division: Annotated[
        str,
        typer.Option(help=say("写成条款的办法：nash、shapley、nucleolus", "which division becomes clauses: nash, shapley, nucleolus")),
    ] = "nash",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Solve a bargain."""
    from hutong.plan.sharing import clauses, division_clauses
    from hutong.plan.sharing_file import DIVISIONS, read_bargain
    from hutong.plan.sharing_file import share as solve

    bargain = read_bargain(file)
    found = solve(bargain, seed=seed)
    known = ("nash", *(n for n in found.divisions if n != "nash"))
    if division not in known:
        raise HutongError(
            "unknown-division",
            Text(f"没有分配办法 {division}。", f"There is no division {division}."),
            Text(f"可选：{'、'.join(known)}。", f"Choose one of {', '.join(known)}."),
        )
    said = (
        clauses(found.split)
        if division == "nash"
        else division_clauses(bargain.parties, DIVISIONS[division], found.divisions[division][0], found.errors * (division == "shapley"))
    )  # fmt: skip
    if as_json:
        print_json(
            {
                "parties": [p.id for p in bargain.parties],
                "yuan": found.split.yuan,
                "marginal": found.split.marginal,
                "clauses": said,
                "shapley_error": found.errors,
                "divisions": {
                    name: {"yuan": x, "in_core": c.holds, "blocking": c.blocking, "gain": c.gain}
                    for name, (x, c) in found.divisions.items()
                },
            }
        )
        return
    lang = language()
    say_lines(said)
    if not found.divisions:
        return
    table = grid(Text("分配办法", "division"), *(p.title for p in bargain.parties))
    for name, (x, _) in found.divisions.items():
        table.add_row(DIVISIONS[name].get(lang), *(yuan(float(v), lang) for v in x))
    out.print(table)
    for name, (_, check) in found.divisions.items():
        out.print(f"· {DIVISIONS[name].get(lang)}: {check.text.get(lang)}", markup=False, soft_wrap=True)


@app.command(
    help=say("各方案的压力测试：后悔值和失败情景。", "Stress all schemes: regrets, and where one fails.")
)
@guarded
def stress(
    city: CityPath,
    scheme: SchemeId = "balanced",
    futures: Annotated[int, typer.Option(min=100, max=200_000, help=say("情景数", "futures"))] = 5000,
    budget: Budget = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Compare schemes in the same uncertain futures."""
    from hutong.plan.robust import MEASURES, regret_table, where_it_fails
    from hutong.plan.robust import stress as run
    from hutong.plan.workbook import find_scheme

    plan, rules = money_plan.planned(city, jurisdiction, budget, seed)
    find_scheme(plan, scheme)
    rate = rules.number("finance.discount_public")
    result = run([s for s in plan.schemes if len(s.flows)], futures=futures, seed=seed, rate_public=rate)
    table, failure = regret_table(result), where_it_fails(result, scheme)
    if as_json:
        box = failure.box
        print_json(
            {
                "futures": futures, "seed": seed, "regret": table.to_dict("records"),
                "failure": {
                    "scheme": scheme, "measure": failure.measure, "share": failure.share, "holds": failure.holds, "coverage": box.coverage,
                    "density": box.density, "text": failure.text,
                    "limits": {n: row for n, row in zip(box.names, box.limits, strict=True) if n in box.limited},
                },
            }
        )  # fmt: skip
        return
    lang, titles = language(), {s.id: s.title for s in plan.schemes}
    shown_table = grid(*(Text(*w) for w in (("方案与指标", "scheme and measure"), ("平均后悔", "mean regret"), ("P90", "P90"), ("最大后悔", "largest"), ("最优情景", "best in"))))  # fmt: skip
    for row in table.itertuples():
        shown = [
            yuan(v, lang) if row.measure != "benefit" else percent(v, lang, 1)
            for v in (row.mean, row.p90, row.most)
        ]
        name = f"{titles[row.scheme].get(lang)} · {MEASURES[row.measure].get(lang)}"
        shown_table.add_row(name, *shown, percent(row.best, lang))
    out.print(shown_table)
    say_lines([failure.text])


@app.command(
    help=say(
        "公开案例：浙工新村居民出资的复算。",
        "A public case: what the residents of a documented rebuild paid.",
    )
)
@guarded
def case(draws: Draws = 10_000, seed: Seed = 1) -> None:
    """Recompute the documented case."""
    from hutong.plan.public_case import case_lines, public_case

    say_lines(case_lines(public_case(draws=draws, seed=seed)))
