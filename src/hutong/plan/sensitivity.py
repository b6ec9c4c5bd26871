"""What matters and how far it carries: one risk at a time, break-even levels, the term that the band needs; in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.finance import annuity_factor, npv, party_years
from hutong.plan.money import FOLLOWS, LINES, Calendar, before_loan, value_to
from hutong.plan.money_words import line_title, party_title
from hutong.plan.results import Scheme
from hutong.plan.risk import LineYears, RiskResult, party_flows
from hutong.plan.risk_data import Risk, Risks, load_risks
from hutong.plan.sampling import quantiles
from hutong.text import Text, number, percent, yuan

Floats = NDArray[np.float64]


def tornado(scheme: Scheme, *, party: str = "operator", risks: Risks | None = None) -> pd.DataFrame:
    """Return the net present value with one risk at a time at its P5 and P95, all others as planned.

    Returns
    -------
    One row per risk, most important first: ``low_value``, ``high_value`` of the risk, ``npv_low``, ``npv_high`` (at the
    low rate of the band) and ``swing``, the distance between the best and the worst of these and the plan.
    """
    table = risks or load_risks()
    book, rate = LineYears.of(before_loan(scheme.flows)), float(scheme.terms["return_low"])
    ends = np.column_stack([quantiles(np.array([0.05, 0.95]), r.shape) for r in table])
    cases = np.tile(table.planned, (2 * len(table) + 1, 1))
    for j in range(len(table)):
        cases[[2 * j, 2 * j + 1], j] = ends[:, j]
    worth = np.asarray(npv(rate, party_flows(book, table.risks, cases, party)))
    base = worth[-1]
    rows = [
        {
            "risk": r.id,
            "low_value": ends[0, j],
            "high_value": ends[1, j],
            "npv_low": worth[2 * j],
            "npv_high": worth[2 * j + 1],
            "swing": max(base, *worth[2 * j : 2 * j + 2]) - min(base, *worth[2 * j : 2 * j + 2]),
        }
        for j, r in enumerate(table)
    ]
    return pd.DataFrame(rows).sort_values(["swing", "risk"], ascending=[False, True], ignore_index=True)


def break_even(scheme: Scheme, *, party: str = "operator") -> pd.DataFrame:
    """Return the level of each kind of payment at which the party's net present value is 0, all else as planned.

    Taxes on it and rent that is a share of it move with it. Exact, because the value is linear in each level. NaN where no level does it. Columns ``line``, ``level`` (1 is as
    planned) and ``yuan``, the present value of the line at the low rate of the band.
    """
    book, rate = LineYears.of(before_loan(scheme.flows)), float(scheme.terms["return_low"])
    by_line = np.asarray(npv(rate, book.yuan)) * book.sign(party) if len(book.lines) else np.empty(0)
    total = float(by_line.sum())
    rows = []
    moved = {f for follows in FOLLOWS.values() for f in follows}
    for name in dict.fromkeys(line[0] for line in book.lines if line[0] not in moved):
        part = float(by_line[book.named([name, *FOLLOWS.get(name, ())])].sum())
        if part:
            level = 1.0 - total / part
            rows.append({"line": name, "level": level if level >= 0 else np.nan, "yuan": part})
    return pd.DataFrame(rows, columns=["line", "level", "yuan"])


@dataclass(frozen=True, slots=True)
class Term:
    """Whole years of operation: the least that reach a rate, the most that stay within another; None: none does.

    ``longest`` is the limit that the law sets to the term.
    """

    least: int | None
    most: int | None
    planned: int
    longest: int


def concession_needed(
    scheme: Scheme, calendar: Calendar, *, longest: int, level: float = 1.0, party: str = "operator"
) -> Term:
    """Return the years of operation for which the party's return lies in the band.

    The same amounts on calendars of other lengths: what wears out is replaced, and works are written off over the term.

    Parameters
    ----------
    calendar
        That of the scheme.
    longest
        Most years that the law allows (``concession.years_max``).
    level
        Level of the income (1 as planned), for "what if rents fall by a tenth".

    Raises
    ------
    HutongError
        ``no-amounts`` for a scheme of which only the payments are known, or whose works begin in different years.
    """
    low, high = float(scheme.terms["return_low"]), float(scheme.terms["return_high"])
    years = party_years(before_loan(scheme.flows)).loc[party].to_numpy()
    planned = float(npv(low, years))
    if (
        scheme.amounts is None
        or abs(float(scheme.amounts @ value_to((party,), calendar, low)) - planned)
        > 1e-6 * np.abs(years).sum()
    ):
        raise HutongError(
            "no-amounts",
            Text("各科目金额未知，或工程分期开工，无法换算其他期限。", "The amounts are not known, or works begin in different years: the term cannot be changed."),
            Text("请用同期开工的方案。", "Use a scheme whose works begin together."),
        )  # fmt: skip
    moved = {"income", *FOLLOWS["income"]}
    amounts = scheme.amounts * np.array([level if x.name in moved else 1.0 for x in LINES])

    def worth(years: int, rate: float) -> float:
        return float(amounts @ value_to((party,), replace(calendar, years=years), rate))

    span = range(1, longest + 1)
    least = next((n for n in span if worth(n, low) >= 0), None)
    most = next((n for n in reversed(span) if worth(n, high) <= 0), None)
    return Term(least, most, calendar.years, longest)


@dataclass(frozen=True, slots=True)
class BandTerms:
    """What the two terms of the band do: sharing what is above it, and a longer term below it.

    Shares of draws; ``surplus_yuan`` is the mean present value (at the high rate) that is shared where there is any.
    """

    above: float
    surplus_yuan: float
    lifted: float
    still_below: float
    extension_years: int


def band_terms(result: RiskResult, extension_years: int) -> BandTerms:
    """Return what sharing above and extension below the band come to over the draws.

    A draw below the band is lifted when ``extension_years`` more at the pace of the term's last year bring its value at
    the low rate to 0; operation that ended early cannot be extended. No renewal falls into the extension. Below and above
    are told by the value at both rates, so that draws without a single rate of return count too.
    """
    more = result.pace * annuity_factor(result.low, result.years, extension_years)
    below, above = result.npv < 0, result.npv_high > 0
    lifted = below & (result.npv + more >= 0)
    surplus = float(result.npv_high[above].mean()) if above.any() else 0.0
    return BandTerms(
        float(above.mean()), surplus, float(lifted.mean()), float((below & ~lifted).mean()), extension_years
    )


def band_clauses(terms: BandTerms) -> tuple[Text, Text]:
    """Return both terms as clauses, with what they came to in the draws."""
    n = terms.extension_years
    return (
        Text(
            f"收益率高于上限的部分由业主（补充维修资金）和区级财政按约定比例分享（测算中 {percent(terms.above, 'zh')} 的情形触发，平均现值 {yuan(terms.surplus_yuan, 'zh')}）。",
            f"What is above the high return is shared by the owners (maintenance fund) and the district as agreed (in {percent(terms.above)} of the draws, {yuan(terms.surplus_yuan)} at present value on average).",
        ),
        Text(
            f"收益率低于下限且非实施主体过错的，经营期限最多顺延 {n} 年（测算中 {percent(terms.lifted, 'zh')} 的情形因此达到下限，{percent(terms.still_below, 'zh')} 仍低于下限）。",
            f"Where the return is below the low one without the operator's fault, the term is extended by up to {n} years (which lifts {percent(terms.lifted)} of the draws to it; {percent(terms.still_below)} stay below).",
        ),
    )


def risk_lines(result: RiskResult) -> list[Text]:
    """Return the result in sentences: the band, the spread, the tail, and what is assumed."""
    s = result.shares
    p5, p50, p95 = result.quantiles()
    r5, r50, r95 = result.quantiles("irr")
    who = party_title(result.party)
    band = f"{percent(result.low, 'zh', 1)}–{percent(result.high, 'zh', 1)}"
    draws = result.npv.size
    out = [
        Text(
            f"{who.zh}的内部收益率落在 {band} 内的概率为 {percent(s['in_band'], 'zh')}，低于下限 {percent(s['below'], 'zh')}，高于上限 {percent(s['above'], 'zh')}（{number(draws, 'zh')} 次抽样，种子 {result.seed}）。",
            f"{who.en}: the return lies in {band} with a chance of {percent(s['in_band'])}, below it {percent(s['below'])}, above it {percent(s['above'])} ({number(draws)} draws, seed {result.seed}).",
        ),
        Text(
            f"内部收益率 P5/P50/P95 为 {percent(r5, 'zh', 1)}/{percent(r50, 'zh', 1)}/{percent(r95, 'zh', 1)}，按计划为 {percent(result.planned_irr, 'zh', 1)}。",
            f"The return at P5/P50/P95 is {percent(r5, digits=1)}/{percent(r50, digits=1)}/{percent(r95, digits=1)}; as planned {percent(result.planned_irr, digits=1)}.",
        ),
        Text(
            f"按收益下限折现的净现值 P5/P50/P95 为 {yuan(p5, 'zh')}/{yuan(p50, 'zh')}/{yuan(p95, 'zh')}；最差 5% 的平均（CVaR）为 {yuan(result.cvar(), 'zh')}。",
            f"Net present value at the low return, P5/P50/P95: {yuan(p5)}/{yuan(p50)}/{yuan(p95)}; mean of the worst 5% (CVaR) {yuan(result.cvar())}.",
        ),
    ]
    half, most = result.needed(0.5), result.needed(0.8)
    if most:
        out.append(
            Text(
                f"要在一半（八成）的情形下达到收益下限，尚缺现值 {yuan(half, 'zh')}（{yuan(most, 'zh')}）：须靠更高的计划收益、更低的上限分担或更长的期限补足。",
                f"To reach the low return in half (four fifths) of the draws it lacks {yuan(half)} ({yuan(most)}) at present value: a higher planned return, lower caps or a longer term must bring it.",
            )
        )
    if s["no_rate"]:
        losing = float((result.npv[np.isnan(result.irr)] < 0).mean())
        lone = int(np.isnan(result.irr).sum())
        out.append(
            Text(
                f"{number(lone, 'zh')} 次抽样（{percent(s['no_rate'], 'zh', 1)}）没有唯一的内部收益率，未计入分位数；其中 {percent(losing, 'zh')} 按收益下限折现为负。",
                f"{number(lone)} draws ({percent(s['no_rate'], digits=1)}) have no single return and are left out of its quantiles; {percent(losing)} of these are worth less than 0 at the low return.",
            )
        )
    if all(r.confidence == "U" for r in result.risks):
        out.append(
            Text(
                "各项风险的幅度、相关系数和分担上限均为假设，须由各方核定。",
                "The sizes, correlations and caps of all risks are assumptions that the parties must settle.",
            )
        )
    return out


def risk_amount(risk: Risk, value: float) -> Text:
    """Return a value of a risk in words: a share, or years."""
    if risk.kind == "level" or (risk.kind == "stop" and value <= 1):
        return Text(percent(value, "zh"), percent(value))
    if not np.isfinite(value):
        return Text("不发生", "does not happen")
    return Text(f"{number(value, 'zh', 1)} 年", f"{number(value, 'en', 1)} years")


def risk_table(risks: Risks | None = None) -> list[dict[str, Text]]:
    """Return the table of risks as clauses: title, lines, bearer, trigger, cap, beyond, spread, mark."""
    out = []
    for r in risks or load_risks():
        ends = quantiles(np.array([0.05, 0.95]), r.shape)
        names = [line_title(line) for line in r.lines]
        beyond = (
            Text("顺延期限", "extension of the term") if r.beyond == "extension" else party_title(r.beyond)
        )
        capped = np.isfinite(r.cap)
        if r.kind == "stop":
            low, high = f"{percent(r.shape['per_year'], 'zh', 1)}", f"{percent(r.shape['per_year'], 'en', 1)}"
            spread = Text(f"每年 {low}", f"{high} a year")
        else:
            a, b = risk_amount(r, float(ends[0])), risk_amount(r, float(ends[1]))
            spread = Text(f"{a.zh} 至 {b.zh}", f"{a.en} to {b.en}")
        out.append(
            {
                "title": r.title,
                "lines": Text("、".join(t.zh for t in names), ", ".join(t.en for t in names)),
                "bearer": party_title(r.bearer),
                "trigger": r.trigger,
                "cap": risk_amount(r, r.cap) if capped else Text("不设上限", "no cap"),
                "beyond": beyond if capped else Text("–", "–"),
                "spread": spread,
                "mark": Text(r.confidence, r.confidence),
            }
        )
    return out
