"""Loans by the year: drawn while building, interest on what is owed, grace, repayment, interest subsidy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.catalogue import Assumption
from hutong.rules import Rules
from hutong.text import Text, number, percent

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """The terms of a loan; years count from the first draw.

    ``annuity`` pays the same each year, ``equal_principal`` the same principal each year. In the years of grace only
    interest is due, or nothing where it is capitalised.
    """

    rate: float
    years: int
    grace_years: int = 0
    method: Literal["annuity", "equal_principal"] = "annuity"
    capitalised: bool = False
    subsidy_rate: float = 0.0
    subsidy_years: int = 0

    def __post_init__(self) -> None:
        broken = []
        if not -1 < self.rate < 1:
            broken.append(f"rate {self.rate}")
        if not 0 <= self.grace_years < self.years:
            broken.append(f"grace_years {self.grace_years} of {self.years}")
        if self.method not in ("annuity", "equal_principal"):
            broken.append(f"method {self.method}")
        if self.subsidy_rate < 0 or self.subsidy_years < 0:
            broken.append(f"subsidy {self.subsidy_rate} for {self.subsidy_years} years")
        if broken:
            raise HutongError(
                "bad-loan",
                Text("贷款条件有误。", "The terms of the loan are not usable."),
                Text(
                    "宽限期须短于贷款年限，利率写成小数。",
                    "Grace is shorter than the loan; write rates as ratios.",
                ),
                broken,
            )


#: Columns of a schedule, yuan; ``subsidy`` is what public money pays of the interest, ``service`` what is left to pay.
SCHEDULE_COLUMNS = ("drawn", "opening", "interest", "subsidy", "principal", "service", "closing")


def check_subsidy(terms: LoanTerms, rules: Rules) -> None:
    """Hold an interest subsidy to the rules.

    Raises
    ------
    HutongError
        ``subsidy-limit`` above ``finance.interest_subsidy_rate_max`` or ``finance.interest_subsidy_years_max``.
    """
    if not terms.subsidy_rate or not terms.subsidy_years:
        return
    rate = rules.number("finance.interest_subsidy_rate_max")
    years = rules.number("finance.interest_subsidy_years_max")
    if terms.subsidy_rate > rate or terms.subsidy_years > years:
        law = rules["finance.interest_subsidy_rate_max"]
        raise HutongError(
            "subsidy-limit",
            Text(
                f"贴息 {percent(terms.subsidy_rate, 'zh', 1)}、{terms.subsidy_years} 年超过上限 {percent(rate, 'zh', 1)}、{number(years, 'zh')} 年。",
                f"An interest subsidy of {percent(terms.subsidy_rate, digits=1)} for {terms.subsidy_years} years is above the limit of {percent(rate, digits=1)} for {number(years)} years.",
            ),
            Text(f"依据：{law.source} {law.article}。", f"It rests on {law.source} {law.article}."),
        )


def repay(drawn: Sequence[float] | Floats, terms: LoanTerms) -> pd.DataFrame:
    """Return the schedule of a loan: one row per year, columns ``SCHEDULE_COLUMNS``.

    What is drawn in a year is owed from its end; interest is on what is owed when the year opens. The first repayment
    is in the year after the grace, the last ``years`` after the first draw; the table runs as long as both need.

    Parameters
    ----------
    drawn
        Shape (years,), yuan drawn in each year, the first of them now.

    Raises
    ------
    HutongError
        ``late-draw`` for a draw after repayment has begun or below 0.
    """
    draws = np.asarray(drawn, float)
    used = np.flatnonzero(draws)
    first = int(used[0]) if used.size else 0
    begin = first + terms.grace_years + 1
    end = first + terms.years
    if (draws < 0).any() or draws[begin:].any():
        raise HutongError(
            "late-draw",
            Text(
                "还款开始后不能再提款，提款不得为负。",
                "Nothing is drawn once repayment has begun, nor less than nothing.",
            ),
            Text("请延长宽限期，或提前提款。", "Lengthen the grace, or draw earlier."),
        )
    span = max(draws.size, end + 1)
    draws = np.pad(draws, (0, span - draws.size))
    table = np.zeros((span, len(SCHEDULE_COLUMNS)))
    owed = 0.0
    for year in range(span):
        opening = owed
        interest = opening * terms.rate
        subsidy = (
            opening * min(terms.subsidy_rate, max(terms.rate, 0.0))
            if first < year <= first + terms.subsidy_years
            else 0.0
        )
        principal, added = 0.0, 0.0
        if begin <= year <= end:
            principal = _principal(opening, end - year + 1, terms)
        elif terms.capitalised and opening:
            added = interest - subsidy
        service = principal + interest - subsidy - added
        owed = opening + draws[year] + added - principal
        table[year] = draws[year], opening, interest, subsidy, principal, service, owed
    table[np.abs(table) < 1e-9] = 0.0
    return pd.DataFrame(table, columns=list(SCHEDULE_COLUMNS), index=pd.RangeIndex(span, name="year"))


def _principal(opening: float, left: int, terms: LoanTerms) -> float:
    """Return the principal due in a year of repayment, ``left`` payments being left."""
    if terms.method == "equal_principal" or left == 1:
        return opening / left  # the same each year, and the last clears what rounding leaves
    return annuity(opening, terms.rate, left) - opening * terms.rate


def annuity(owed: float, rate: float, years: int) -> float:
    """Return the equal yearly payment that repays ``owed`` in ``years``."""
    return owed / years if rate == 0 else owed * rate / -float(np.expm1(-years * np.log1p(rate)))


def drawdown(costs: Floats, loan_share: float, equity_first: bool = False) -> tuple[Floats, Floats]:
    """Return how building is paid for by year: loan and own money, shape (years,) each.

    Parameters
    ----------
    costs
        Yuan of works by year, ≥ 0.
    loan_share
        Share of all costs that is borrowed, in [0, 1].
    equity_first
        Own money is spent before the first draw; otherwise both go together.
    """
    cost = np.asarray(costs, float)
    if not 0 <= loan_share <= 1 or (cost < 0).any():
        raise HutongError(
            "bad-loan",
            Text(
                "贷款比例须在 0 到 1 之间，投资不得为负。",
                "The share borrowed is between 0 and 1, and costs are at least 0.",
            ),
            Text("请改正后重试。", "Mend it and try again."),
        )
    if not equity_first:
        return cost * loan_share, cost * (1 - loan_share)
    own = (1 - loan_share) * float(cost.sum())
    spent = np.minimum(np.cumsum(cost), own)
    equity = np.diff(spent, prepend=0.0)
    return cost - equity, equity


@cache
def loan_assumptions() -> Mapping[str, Assumption]:
    """Return what is assumed of an operator's loan (``loan.yaml``) by id."""
    raw = read_yaml(files(__package__).joinpath("loan.yaml").read_text("utf-8"))
    return {
        name: Assumption(
            name, Text.of(s["title"]), float(s["value"]), s["unit"], Text.of(s["source"]), s["confidence"]
        )
        for name, s in raw["values"].items()
    }


def default_loan(rules: Rules) -> tuple[LoanTerms, float]:
    """Return the assumed terms of an operator's loan, and the share of its investment that is borrowed.

    The rate is ``finance.lpr_5y``; the interest subsidy is what the rules allow at most, none where they know none.
    """
    assumed = loan_assumptions()
    names = ("finance.interest_subsidy_rate_max", "finance.interest_subsidy_years_max")
    rate, years = (rules.number(n) if n in rules else 0.0 for n in names)
    terms = LoanTerms(
        rate=rules.number("finance.lpr_5y"),
        years=int(assumed["years"].value),
        grace_years=int(assumed["grace_years"].value),
        subsidy_rate=rate,
        subsidy_years=int(years),
    )
    return terms, assumed["share"].value
