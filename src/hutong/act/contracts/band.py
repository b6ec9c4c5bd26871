"""The micro-profit band watched: what returns and the plan for what is left come to, what is shared above, what is added below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.act.contracts.contract import Terms
from hutong.act.contracts.returns import Return, actual_flows, whole_years
from hutong.plan.assemble import share_surplus
from hutong.plan.finance import Irr, annuity_factor, irr, npv, party_years
from hutong.plan.money import NOT_EXTENDED
from hutong.text import Text, number, percent, yuan

STANDINGS = {
    "in": Text("在微利区间内", "within the band"),
    "above": Text("高于上限", "above the band"),
    "below": Text("低于下限", "below the band"),
    "unknown": Text("未知", "unknown"),
}
_NOT_PACE = (*NOT_EXTENDED, "residual")


@dataclass(frozen=True)
class Band:
    """How a contract stands.

    Parameters
    ----------
    standing
        One of :data:`STANDINGS`; ``unknown`` where a year that has ended was not reported whole.
    missing
        Those years.
    net
        The operator's payments by year: as reported, then as planned (years,), yuan.
    reported
        Which years are as reported (years,).
    npv_low, npv_high
        Present value of ``net`` at both ends of the band.
    irr
        Its rate of return.
    share
        What is to be shared each year that is left, by receiver, beside what the plan shares already; whole yuan.
    years_left
        Over how many years.
    extension
        Years to add so that the low return is reached at the pace of the last planned year; None: the most allowed
        does not reach it; 0: nothing to add.
    """

    standing: str
    missing: tuple[int, ...]
    net: NDArray[np.float64]
    reported: NDArray[np.bool_]
    npv_low: float
    npv_high: float
    irr: Irr
    share: dict[str, float]
    years_left: int
    extension: int | None


def watch(terms: Terms, returns: Sequence[Return], today_year: int, added: int = 0) -> Band:
    """Return how a contract stands in a year, by its returns so far and its plan for the years left.

    Parameters
    ----------
    today_year
        The calendar year that runs; years before it have ended.
    added
        Years by which the term was extended already: they run on at the pace of the last planned year.
    """
    known = {
        y: r
        for y, r in whole_years(returns).items()
        if terms.first_year <= y < terms.first_year + terms.horizon + added
    }
    pace = planned_pace(terms)
    span = terms.horizon + added
    plan = np.concatenate([_net(terms.plan, terms.horizon), np.full(added, pace)])
    actual = _net(actual_flows(terms, known), span)
    reported = np.zeros(span, bool)
    reported[[y - terms.first_year for y in known]] = True
    net = np.where(reported, actual, plan)
    ended = min(max(today_year - terms.first_year, 0), span)
    missing = tuple(terms.first_year + int(k) for k in np.flatnonzero(~reported[:ended]))
    low, high = float(npv(terms.return_low, net)), float(npv(terms.return_high, net))
    standing = "unknown" if missing else "below" if low < -1 else "above" if high > 1 else "in"
    left = max(span - ended, 1)
    shared = high / annuity_factor(terms.return_high, span - left, left) if standing == "above" else 0.0
    extension = _extension(terms, low, pace, span, added) if standing == "below" else 0
    return Band(
        standing, missing, net, reported, low, high, irr(net), share_surplus(shared, terms.share_owners), left, extension
    )  # fmt: skip


def planned_pace(terms: Terms) -> float:
    """Return what a year after the term would bring: the last planned year without renewals, write-offs and residual."""
    last = terms.plan[(terms.plan["year"] == terms.horizon - 1) & ~terms.plan["line"].isin(_NOT_PACE)]
    return float(_net(last, terms.horizon)[-1])


def _net(flows: pd.DataFrame, span: int) -> NDArray[np.float64]:
    return party_years(flows, span).loc["operator"].to_numpy(float)[:span]


def _extension(terms: Terms, low: float, pace: float, span: int, added: int) -> int | None:
    for years in range(1, terms.extension_most - added + 1):
        if low + pace * annuity_factor(terms.return_low, span, years) >= 0:
            return years
    return None


def band_lines(terms: Terms, band: Band) -> list[Text]:
    """Return how a contract stands in sentences, with what follows from it."""
    said = STANDINGS[band.standing]
    if band.standing == "unknown":
        years = [str(y) for y in band.missing]
        return [
            Text(
                f"未知：{'、'.join(years)} 年未报全，不作判断。",
                f"Unknown: {', '.join(years)} not reported whole, so nothing is judged.",
            )
        ]
    rate = Text(percent(band.irr.rate, "zh", 2), percent(band.irr.rate, digits=2)) if band.irr.flag == "unique" else Text("无单一收益率", "no single rate")  # fmt: skip
    out = [
        Text(
            f"收益率 {rate.zh}，{said.zh}（{percent(terms.return_low, 'zh', 1)}–{percent(terms.return_high, 'zh', 1)}）：已报 {int(band.reported.sum())} 年，其余按计划。",
            f"Return {rate.en}, {said.en} ({percent(terms.return_low, digits=1)}–{percent(terms.return_high, digits=1)}): {int(band.reported.sum())} years as reported, the rest as planned.",
        )
    ]
    if any(band.share.values()):
        fund, district = band.share["maintenance_fund"], band.share["district"]
        out.append(
            Text(
                f"今后 {band.years_left} 年每年另分享 {yuan(fund + district, 'zh')}：业主（维修资金）{yuan(fund, 'zh')}，区级财政 {yuan(district, 'zh')}。",
                f"For {band.years_left} years {yuan(fund + district)} more is shared each year: {yuan(fund)} with the owners (maintenance fund), {yuan(district)} with the district.",
            )
        )
    if band.standing == "below":
        out.append(_below(terms, band))
    return out


def _below(terms: Terms, band: Band) -> Text:
    if band.extension is None:
        return Text(
            f"延长至法定上限（还可 {terms.extension_most} 年）也达不到下限。",
            f"Even the longest term allowed ({number(terms.extension_most)} years more) does not reach the band.",
        )
    return Text(
        f"非运营方过错的，延长 {band.extension} 年可达到下限；须变更合同。",
        f"Without the operator's fault {band.extension} more years reach the band; the contract must be changed.",
    )
