"""Refinancing as a dated way out: the income pledged, or sold to buyers (ABS, REIT), and what that leaves the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.catalogue import CONFIDENCES, invalid_catalogue
from hutong.plan.finance import Irr, irr, npv, party_years
from hutong.plan.loans import LoanTerms, repay
from hutong.plan.money import BUILD_YEARS, before_loan
from hutong.plan.results import FLOW_COLUMNS, Scheme
from hutong.text import Text, number, percent, yuan

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Refinancing:
    """Terms of a way out, with their mark and source."""

    id: str
    kind: str
    title: Text
    earliest: int
    rate: float
    share: float
    source: Text
    confidence: str
    years: int = 0


@cache
def load_refinancing() -> Mapping[str, Refinancing]:
    """Return the ways out by id (``refinance.yaml``).

    Raises
    ------
    HutongError
        ``invalid-catalogue`` with every broken entry.
    """
    raw = read_yaml(files(__package__).joinpath("refinance.yaml").read_text("utf-8"))["options"]
    rows = [
        f"{name}: {what}"
        for name, e in raw.items()
        for what, wrong in (
            ("kind", e["kind"] not in ("pledge", "sale")),
            ("share", not 0 < e["share"] <= 1),
            ("yield", not 0 < e["yield"] < 1),
            ("years", e["kind"] == "pledge" and e.get("years", 0) < 1),
            ("confidence", e["confidence"] not in CONFIDENCES),
        )
        if wrong
    ]
    if rows:
        raise invalid_catalogue("refinance.yaml", rows)
    return {
        name: Refinancing(name, e["kind"], Text.of(e["title"]), int(e["earliest"]), float(e["yield"]), float(e["share"]),
                          Text.of(e["source"]), e["confidence"], int(e.get("years", 0)))
        for name, e in raw.items()
    }  # fmt: skip


@dataclass(frozen=True)
class WayOut:
    """What a refinancing in a year pays, and what it leaves: the operator's return, and all payments with it."""

    terms: Refinancing
    year: int
    date: str  # the calendar year, where the first year is known
    proceeds_yuan: float
    before: Irr
    after: Irr
    npv_before: float
    npv_after: float
    flows: pd.DataFrame

    @property
    def text(self) -> Text:
        """Say it in one sentence."""
        rates = [_rate(x) for x in (self.before, self.after)]
        when = Text(f"{self.date}（第 {self.year} 年）", f"{self.date} (year {self.year})") if self.date else Text(f"第 {self.year} 年", f"year {self.year}")  # fmt: skip
        return Text(
            f"{self.terms.title.zh}：{when.zh}可得 {yuan(self.proceeds_yuan, 'zh')}；实施主体收益率由 {rates[0].zh} 变为 {rates[1].zh}，按收益下限的净现值由 {yuan(self.npv_before, 'zh')} 变为 {yuan(self.npv_after, 'zh')}（{self.terms.confidence}：{self.terms.source.zh}）。",
            f"{self.terms.title.en}: {yuan(self.proceeds_yuan)} in {when.en}; the operator's return goes from {rates[0].en} to {rates[1].en}, its value at the low return from {yuan(self.npv_before)} to {yuan(self.npv_after)} ({self.terms.confidence}: {self.terms.source.en}).",
        )


def _rate(found: Irr) -> Text:
    if found.flag == "unique":
        return Text(percent(found.rate, "zh", 2), percent(found.rate, digits=2))
    return {"no_root": Text("无", "none"), "several_roots": Text("多解", "several")}[found.flag]


def way_out(scheme: Scheme, option: str, operating_year: int, *, first_year: int | None = None) -> WayOut:
    """Return what a refinancing after ``operating_year`` years of operation brings, on the money before the operator's loan.

    What is pledged or sold is what the operator receives less what it pays in the years that are left, as planned.

    Parameters
    ----------
    first_year
        Calendar year of year 0, to date the option.

    Raises
    ------
    HutongError
        ``unknown-refinancing``; ``too-early``; ``nothing-left`` where no income is left to pledge or sell.
    """
    known = load_refinancing()
    if option not in known:
        raise HutongError(
            "unknown-refinancing",
            Text(f"没有再融资方式 {option}。", f"There is no refinancing {option}."),
            Text(f"可选：{'、'.join(known)}。", f"Choose one of {', '.join(known)}."),
        )
    terms = known[option]
    if operating_year < terms.earliest:
        raise HutongError(
            "too-early",
            Text(
                f"{terms.title.zh}须运营满 {terms.earliest} 年，所给为 {operating_year} 年。",
                f"{terms.title.en} needs {terms.earliest} years of operation; given {operating_year}.",
            ),
            Text("请给出更晚的年份。", "Give a later year."),
        )
    flows = before_loan(scheme.flows)
    plan = party_years(flows).loc["operator"].to_numpy(float)
    year = BUILD_YEARS + operating_year - 1  # at the end of that year of operation
    left, worth = _left(scheme, terms, operating_year)
    if worth <= 0:
        raise HutongError(
            "nothing-left",
            Text(
                f"第 {number(operating_year, 'zh')} 个运营年之后没有可质押或出售的净收入。",
                f"After {number(operating_year)} years of operation no net income is left to pledge or sell.",
            ),
            Text("请给出更早的年份。", "Give an earlier year."),
        )
    extra = _payments(terms, terms.share * worth, left, year)
    together = pd.concat([flows, extra], ignore_index=True)
    after = party_years(together, plan.size).loc["operator"].to_numpy(float)
    low = float(scheme.terms["return_low"])
    return WayOut(
        terms, year, "" if first_year is None else str(first_year + year), terms.share * worth, irr(plan), irr(after),
        float(npv(low, plan)), float(npv(low, after)), together,
    )  # fmt: skip


def ways_out(
    scheme: Scheme, operating_year: int | None = None, *, first_year: int | None = None
) -> tuple[WayOut, ...]:
    """Return every refinancing in a year of operation, or each in its earliest; those not yet possible then are left out."""
    out = []
    for name, terms in load_refinancing().items():
        year = terms.earliest if operating_year is None else operating_year
        if year >= terms.earliest and _left(scheme, terms, year)[1] > 0:
            out.append(way_out(scheme, name, year, first_year=first_year))
    return tuple(out)


def _left(scheme: Scheme, terms: Refinancing, operating_year: int) -> tuple[Floats, float]:
    """Return the operator's net in the years after ``operating_year`` that count, and its worth at the end of that year."""
    plan = party_years(before_loan(scheme.flows)).loc["operator"].to_numpy(float)
    left = plan[BUILD_YEARS + operating_year :]
    if terms.kind == "pledge":
        left = left[: terms.years]
    return left, float(npv(terms.rate, np.r_[0.0, left])) if left.size else 0.0


def _payments(terms: Refinancing, proceeds: float, left: Floats, year: int) -> pd.DataFrame:
    """Return the payments of the refinancing: paid out in ``year``, paid back or passed on afterwards."""
    partner = "lender" if terms.kind == "pledge" else "outside"
    if terms.kind == "pledge":
        table = repay([proceeds], LoanTerms(terms.rate, left.size))
        back = (table["principal"] + table["interest"]).to_numpy()[1:]
    else:
        back = left  # a year of renewal asks the buyers for money: what they bought is the net
    rows = [(year, partner, "operator", proceeds, "refinancing", "unit")]
    for k, paid in enumerate(back, year + 1):
        payer, payee = ("operator", partner) if paid > 0 else (partner, "operator")
        if paid:
            rows.append((k, payer, payee, abs(float(paid)), "refinancing", "unit"))
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))
