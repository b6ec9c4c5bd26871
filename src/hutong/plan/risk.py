"""What may go otherwise with a scheme's money: draws of every risk, the flows that follow, and what they mean.

Payments are added up to lines by years; a draw is a row of line levels, so all draws are one matrix product. Delay and
early end act on the years of operation. Caps move what is above them from the bearer to whoever bears it beyond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.plan.finance import irr_many, npv
from hutong.plan.money import NOT_EXTENDED, before_loan
from hutong.plan.results import PARTIES, Scheme
from hutong.plan.risk_data import Risk, Risks, load_risks

Floats = NDArray[np.float64]
#: Draws worked on at a time, which bounds memory and never changes a result.
BATCH = 20_000


@dataclass(frozen=True)
class LineYears:
    """A scheme's payments by line and year: (name, payer, payee) of each line, and yuan of shape (lines, years)."""

    lines: tuple[tuple[str, str, str], ...]
    yuan: Floats

    @classmethod
    def of(cls, flows: pd.DataFrame) -> LineYears:
        """Add payments up over objects."""
        table = flows.pivot_table(
            index=["line", "payer", "payee"], columns="year", values="yuan", aggfunc="sum", fill_value=0.0, observed=True
        )  # fmt: skip
        years = int(flows["year"].max()) + 1 if len(flows) else 0
        table = table.reindex(columns=range(years), fill_value=0.0)
        return cls(tuple(tuple(map(str, key)) for key in table.index), table.to_numpy(float))  # type: ignore[misc]

    @property
    def years(self) -> int:
        """How many years there are."""
        return int(self.yuan.shape[1])

    def named(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Return which lines bear one of the names."""
        return np.array([line[0] in names for line in self.lines], bool)

    def sign(self, party: str) -> Floats:
        """Return +1 for the lines that a party receives, −1 for those it pays."""
        return np.array([float(payee == party) - float(payer == party) for _, payer, payee in self.lines])

    def bearer(self) -> list[str]:
        """Return whose risk each line is by nature: the payer's, or the payee's of what comes from outside."""
        return [payee if payer == "outside" else payer for _, payer, payee in self.lines]


def party_flows(book: LineYears, risks: Sequence[Risk], values: Floats, party: str) -> Floats:
    """Return what a party receives and pays by year in each draw.

    Parameters
    ----------
    values
        Shape (draws, risks): share of a line's amount, years of delay, or years until the end.

    Returns
    -------
    Shape (draws, years or more: extensions run on at the pace of the last year). Over all parties each year adds up to 0.
    """
    timed = np.zeros(len(book.lines), bool)
    for risk in risks:
        if risk.kind != "level":
            timed |= book.named(risk.lines)
    level = _levels(book, risks, values, party)
    begin, end, more = _window(book, risks, values, timed)
    yuan = np.column_stack([book.yuan, np.repeat(book.yuan[:, -1:], more, axis=1)])
    yuan[~timed | book.named(NOT_EXTENDED), book.years :] = 0.0
    year = np.arange(yuan.shape[1])
    open_share = np.clip(np.minimum(year + 1, end[:, None]) - np.maximum(year, begin[:, None]), 0.0, 1.0)
    out = level[:, ~timed] @ yuan[~timed] + (level[:, timed] @ yuan[timed]) * open_share
    for j, risk in enumerate(risks):
        if risk.kind == "stop" and party in (risk.bearer, risk.beyond):
            _make_good(out, book, risk, values[:, j], timed, 1.0 if party == risk.bearer else -1.0)
    return np.asarray(out, np.float64)


def _levels(book: LineYears, risks: Sequence[Risk], values: Floats, party: str) -> Floats:
    """Return by how much of each line a party is better off, shape (draws, lines), with what caps move."""
    change = np.zeros((len(values), len(book.lines)))
    moved = np.zeros_like(change)
    bearer = book.bearer()
    build = _building_years(book, risks)
    for j, risk in enumerate(risks):
        if risk.kind == "delay":
            change[:, book.named(risk.prolongs)] += values[:, [j]] / build
        if risk.kind != "level":
            continue
        at = book.named(risk.lines)
        change[:, at] += values[:, [j]]
        cost = any(book.lines[i][1] == risk.bearer for i in np.flatnonzero(at))
        within = np.minimum(values[:, j], risk.cap) if cost else np.maximum(values[:, j], -risk.cap)
        change[:, book.named(risk.follows)] += within[:, None]
        side = (party == risk.bearer) - (party == risk.beyond)
        if not side or not np.isfinite(risk.cap) or risk.bearer == risk.beyond:
            continue
        for i in np.flatnonzero(at):
            if bearer[i] == risk.bearer:
                cost = book.lines[i][1] == risk.bearer
                excess = values[:, j] - risk.cap if cost else -values[:, j] - risk.cap
                moved[:, i] += side * np.maximum(excess, 0.0)
    return book.sign(party) * (1.0 + change) + moved


def _building_years(book: LineYears, risks: Sequence[Risk]) -> float:
    return float(max(_start(book, [line for r in risks if r.kind != "level" for line in r.lines]), 1))


def _start(book: LineYears, names: Sequence[str]) -> int:
    """Return the first year of operation (the number of years where there is none)."""
    at = book.named(names)
    used = np.flatnonzero(book.yuan[at].any(axis=0)) if at.any() else np.empty(0, int)
    return int(used[0]) if used.size else book.years


def _window(
    book: LineYears, risks: Sequence[Risk], values: Floats, timed: NDArray[np.bool_]
) -> tuple[Floats, Floats, int]:
    """Return when operation begins and ends in each draw, and the years that the longest extension adds."""
    used = np.flatnonzero(book.yuan[timed].any(axis=0)) if timed.any() else np.empty(0, int)
    start = float(used[0]) if used.size else float(book.years)
    begin, end = np.full(len(values), start), np.full(len(values), float(book.years))
    more = 0
    for j, risk in enumerate(risks):
        if risk.kind == "delay":
            begin += values[:, j]
            if risk.beyond == "extension":
                end += np.maximum(values[:, j] - risk.cap, 0.0)
                more = max(more, int(np.ceil(max(risk.shape["high"] - risk.cap, 0.0))))
    for j, risk in enumerate(risks):
        if risk.kind == "stop":
            end = np.minimum(end, start + values[:, j])
    return begin, end, more


def _make_good(
    out: Floats, book: LineYears, risk: Risk, ends: Floats, timed: NDArray[np.bool_], side: float
) -> None:
    """Add, in the year of an early end, what is made good of works not yet written off (straight line)."""
    used = np.flatnonzero(book.yuan[timed].any(axis=0)) if timed.any() else np.empty(0, int)
    if not used.size or risk.bearer == risk.beyond:
        return
    start, term = int(used[0]), book.years - int(used[0])
    works = sum(
        float(book.yuan[i].sum()) for i, line in enumerate(book.lines) if line[:2] == ("works", risk.bearer)
    )
    stopped = np.flatnonzero(ends < term)
    left = works * (1.0 - ends[stopped] / term) * max(1.0 - risk.cap, 0.0)
    out[stopped, (start + ends[stopped]).astype(np.int64)] += side * left


def _pace(book: LineYears, risks: Sequence[Risk], values: Floats, party: str) -> Floats:
    """Return what a year after the term would bring at the pace of its last, 0 where operation has ended before."""
    if not book.years:
        return np.zeros(len(values))
    lasting = ~book.named((*NOT_EXTENDED, "residual"))
    out = np.asarray(_levels(book, risks, values, party) @ (book.yuan[:, -1] * lasting), np.float64)
    for j, risk in enumerate(risks):
        if risk.kind == "stop":
            out[values[:, j] < book.years - _start(book, risk.lines)] = 0.0
    return out


@dataclass(frozen=True)
class RiskResult:
    """What the draws mean for a party: net present value and return per draw, and the band they are held to."""

    party: str
    risks: Risks
    low: float
    high: float
    npv: Floats  # at the low rate of the band, shape (draws,)
    npv_high: Floats  # at the high rate
    irr: Floats  # NaN where there is no single rate
    pace: Floats  # what the last year of the term brings, yuan; 0 where operation has ended
    years: int  # of the term, building included
    planned_npv: float
    planned_irr: float
    others: pd.DataFrame = field(
        repr=False
    )  # parties: planned, mean, p5, p50, p95 of their net present value
    seed: int = 1

    @property
    def shares(self) -> Mapping[str, float]:
        """Shares of draws below, in and above the band, and without a single rate of return."""
        found = ~np.isnan(self.irr)
        return {
            "below": float((self.irr < self.low).mean()),
            "in_band": float(((self.irr >= self.low) & (self.irr <= self.high)).mean()),
            "above": float((self.irr > self.high).mean()),
            "no_rate": float((~found).mean()),
        }

    def quantiles(self, of: str = "npv") -> tuple[float, float, float]:
        """Return P5, P50 and P95 of ``npv``, or of ``irr`` where it is known."""
        low, middle, high = np.nanquantile(self.npv if of == "npv" else self.irr, (0.05, 0.5, 0.95))
        return float(low), float(middle), float(high)

    def needed(self, share: float) -> float:
        """Return what more the party would need at present value, yuan once, to reach its low return in ``share`` of the draws."""
        return max(-float(np.quantile(self.npv, 1.0 - share)), 0.0)

    def cvar(self, share: float = 0.05) -> float:
        """Return the mean net present value of the worst ``share`` of draws (conditional value at risk)."""
        worst = max(1, round(share * self.npv.size))
        return float(np.sort(self.npv)[:worst].mean())


def simulate(
    scheme: Scheme,
    *,
    party: str = "operator",
    risks: Risks | None = None,
    draws: int = 100_000,
    seed: int = 1,
    rate_others: float = 0.06,
) -> RiskResult:
    """Return what the risks do to a scheme's money, before loans.

    Parameters
    ----------
    party
        Whose return is held to the band of the scheme's terms (``return_low``, ``return_high``).
    risks
        The table of risks; the built-in one if left out.
    rate_others
        Rate at which every party's net present value is shown side by side.
    """
    table = risks or load_risks()
    book = LineYears.of(before_loan(scheme.flows))
    low, high = float(scheme.terms["return_low"]), float(scheme.terms["return_high"])
    values = table.draw(draws, seed)
    worth: dict[str, list[Floats]] = {"npv": [], "npv_high": [], "irr": [], "pace": []}
    others: dict[str, list[Floats]] = {p: [] for p in PARTIES if p not in ("lender", "outside")}
    for first in range(0, draws, BATCH):
        part = values[first : first + BATCH]
        flows = party_flows(book, table.risks, part, party)
        worth["npv"].append(np.asarray(npv(low, flows)))
        worth["npv_high"].append(np.asarray(npv(high, flows)))
        worth["irr"].append(irr_many(flows)[0])
        worth["pace"].append(_pace(book, table.risks, part, party))
        for other, column in others.items():
            flow = flows if other == party else party_flows(book, table.risks, part, other)
            column.append(np.asarray(npv(rate_others, flow)))
    planned = party_flows(book, table.risks, table.planned[None, :], party)
    rows = {}
    for other, column in others.items():
        all_draws = np.concatenate(column)
        as_planned = npv(rate_others, party_flows(book, table.risks, table.planned[None, :], other))
        p5, p50, p95 = np.quantile(all_draws, (0.05, 0.5, 0.95))
        rows[other] = {
            "planned": float(np.ravel(as_planned)[0]),
            "mean": all_draws.mean(),
            "p5": p5,
            "p50": p50,
            "p95": p95,
        }
    return RiskResult(
        party=party,
        risks=table,
        low=low,
        high=high,
        **{name: np.concatenate(found) for name, found in worth.items()},
        years=book.years,
        planned_npv=float(np.ravel(npv(low, planned))[0]),
        planned_irr=float(irr_many(planned)[0][0]),
        others=pd.DataFrame.from_dict(rows, orient="index"),
        seed=seed,
    )
