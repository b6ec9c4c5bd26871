"""A scheme's money as an accountant asks for it: every party by year, and what the operator's years come to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.finance import Irr, irr, npv, party_years
from hutong.plan.finance_more import Cover, dscr, mirr, payback_time
from hutong.plan.money import BUILD_YEARS, before_loan
from hutong.plan.money_words import party_title
from hutong.plan.results import PARTIES, Scheme
from hutong.rules import Rules
from hutong.text import Text, number, percent

Floats = NDArray[np.float64]
#: Whose money is discounted at which figure of the rules.
DISCOUNT = {
    "city": "finance.discount_public", "district": "finance.discount_public",
    "subdistrict": "finance.discount_public", "owner_unit": "finance.discount_public",
    "operator": "finance.discount_operator", "owners": "finance.discount_households",
    "tenants": "finance.discount_households", "maintenance_fund": "finance.discount_households",
}  # fmt: skip


@dataclass(frozen=True)
class Accounts:
    """Yearly net payments by party, and the operator's measures before and after its loan.

    ``years`` has one row per party; ``values`` the net present value of each party at the rate of its own money.
    """

    years: pd.DataFrame
    values: dict[str, float]
    rates: dict[str, float]
    operator: Floats  # before the loan
    own: Floats  # after it
    irr: Irr
    own_irr: Irr
    mirr: float
    payback: float
    discounted_payback: float
    cover: Cover
    low: float


def accounts(scheme: Scheme, rules: Rules) -> Accounts:
    """Return the accounts of a scheme.

    Cash available for debt service is what operation brings before works and replacement; years in which works are paid
    for have no cover ratio, because interest is then paid from own money.
    """
    flows, bare = scheme.flows, before_loan(scheme.flows)
    years = party_years(flows)
    span = years.shape[1]
    operator = party_years(bare, span).loc["operator"].to_numpy(float)
    own = years.loc["operator"].to_numpy(float)
    low = float(scheme.terms["return_low"])
    mine = bare[(bare["payer"] == "operator") | (bare["payee"] == "operator")]
    running = mine[~mine["line"].isin(("works", "renewal", "interest_subsidy"))]
    available = party_years(running, span).loc["operator"].to_numpy(float)
    service = _by_year(flows, ("repayment", "interest"), span) - _by_year(flows, ("interest_subsidy",), span)
    service = np.where(_by_year(mine[mine["payer"] == "operator"], ("works",), span) > 0, 0.0, service)
    rates = {p: rules.number(name) for p, name in DISCOUNT.items()}
    return Accounts(
        years,
        {p: float(npv(rate, years.loc[p].to_numpy(float) if p != "operator" else operator)) for p, rate in rates.items()},
        rates, operator, own, irr(operator), irr(own), mirr(operator, rules.number("finance.lpr_5y"), low),
        payback_time(operator), payback_time(operator, low), dscr(available, service), low,
    )  # fmt: skip


def _by_year(flows: pd.DataFrame, lines: tuple[str, ...], span: int) -> Floats:
    part = flows[flows["line"].isin(lines)]
    return np.bincount(part["year"].to_numpy(int), weights=part["yuan"].to_numpy(float), minlength=span).astype(np.float64)  # fmt: skip


def account_lines(found: Accounts) -> list[Text]:
    """Return the operator's measures in sentences; a return that is none or several says so."""
    if not found.operator.any():
        return [Text("实施主体在此方案中没有收支。", "The operator has no payments in this scheme.")]
    out = [
        _irr_text(Text("全投资内部收益率（税后、贷款前）", "Return on the whole investment (after tax, before the loan)"), found.irr),
        _irr_text(Text("自有资金内部收益率（贷款后）", "Return on own money (after the loan)"), found.own_irr),
    ]  # fmt: skip
    if not np.isnan(found.mirr):
        out.append(Text(f"修正内部收益率 {percent(found.mirr, 'zh', 2)}。", f"Modified return {percent(found.mirr, digits=2)}."))  # fmt: skip
    plain, late = (_years(x) for x in (found.payback, found.discounted_payback))
    out.append(
        Text(
            f"静态回收期 {plain.zh}，按 {percent(found.low, 'zh', 1)} 折现 {late.zh}（自开工起）。",
            f"Paid back after {plain.en}, discounted at {percent(found.low, digits=1)} after {late.en} (from the start of works).",
        )
    )
    cover = found.cover
    if cover.year >= 0:
        short = Text("，不足以还本付息", ", not enough for its debt service") if cover.least < 1 else Text("", "")  # fmt: skip
        out.append(
            Text(
                f"偿债备付率（更换与翻新之前）最低 {cover.least:.2f}（第 {cover.year} 年）{short.zh}。",
                f"Debt service is covered {cover.least:.2f} times at least, before replacement (year {cover.year}){short.en}.",
            )
        )
    return out


def _irr_text(title: Text, found: Irr) -> Text:
    said = {
        "unique": Text(f"{percent(found.rate, 'zh', 2)}", f"{percent(found.rate, digits=2)}"),
        "no_root": Text("无（现金流不变号或没有根）", "none (no root)"),
        "several_roots": Text("多个根，不作为单一收益率使用", "several roots, so no single return"),
    }[found.flag]
    return Text(f"{title.zh}：{said.zh}。", f"{title.en}: {said.en}.")


def _years(value: float) -> Text:
    if np.isnan(value):
        return Text("期内收不回", "never within the term")
    return Text(f"{number(value, 'zh', 1)} 年", f"{number(value, 'en', 1)} years")


def party_rows(found: Accounts) -> list[dict[str, object]]:
    """Return a row for each party that pays or is paid: id, title, net of building, of the first year of operation, of all, value."""
    rows: list[dict[str, object]] = []
    for party in PARTIES:
        years = found.years.loc[party].to_numpy(float)
        if not years.any():
            continue
        rows.append(
            {
                "party": party,
                "title": party_title(party),
                "building": float(years[:BUILD_YEARS].sum()),
                "first_year": float(years[BUILD_YEARS]) if years.size > BUILD_YEARS else 0.0,
                "total": float(years.sum()),
                "value": found.values.get(party, float("nan")),
            }
        )
    return rows


def line_years(scheme: Scheme, party: str) -> dict[str, Floats]:
    """Return what a party receives (+) and pays (−) on each of its lines by year, yuan.

    Raises
    ------
    HutongError
        ``unknown-party`` with those there are.
    """
    known_party(party)
    span = int(scheme.flows["year"].max()) + 1 if len(scheme.flows) else 0
    mine = scheme.flows[(scheme.flows["payer"] == party) | (scheme.flows["payee"] == party)]
    out: dict[str, Floats] = {}
    for name, rows in mine.groupby("line", sort=False, observed=True):
        out[str(name)] = party_years(rows, span).loc[party].to_numpy(float)
    return out


def known_party(party: str) -> str:
    """Return a party's id.

    Raises
    ------
    HutongError
        ``unknown-party`` with those there are.
    """
    if party not in PARTIES:
        raise HutongError(
            "unknown-party",
            Text(f"没有 {party} 这一方。", f"There is no party {party}."),
            Text(f"可选：{'、'.join(PARTIES)}。", f"Choose one of {', '.join(PARTIES)}."),
        )
    return party
