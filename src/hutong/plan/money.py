"""Who pays whom for an option: one amount per kind of payment, and the years in which it falls due.

The same amounts make the planner's coefficients and the scheme's yearly payments, so they cannot disagree. Every
schedule says which share of an amount falls due in which year, so all money is linear in the choices: works, income
with its growth, replacement at the end of a life, taxes, loans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.catalogue import load_assumptions
from hutong.plan.loans import LoanTerms, default_loan, repay
from hutong.plan.results import FLOW_COLUMNS
from hutong.rules import Rules
from hutong.text import Text, percent

Floats = NDArray[np.float64]
#: Years of building before operation begins.
BUILD_YEARS = 2
#: Lives after which something is replaced, years; a life in between counts as the shorter one.
LIVES = (5, 10, 15, 20, 25, 30)
#: A life that no term outlasts: nothing of it is replaced, and it has a residual.
LONGEST_LIFE = 50
#: Payments that are zero unless somebody has recorded product, legal basis, buyer and price.
OPTIONAL = ("data", "venue")
#: Whose money is public.
PUBLIC = ("city", "district", "subdistrict")


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of payment: its name, payer, payee and schedule (see :meth:`Calendar.shares`)."""

    name: str
    payer: str
    payee: str
    schedule: str

    @property
    def id(self) -> str:
        """The name with both parties, and the life where something is done again at the end of one."""
        life = self.schedule.partition("@")[2]
        return f"{self.name}:{self.payer}>{self.payee}" + (f"@{life}" if life else "")


def _lines() -> tuple[Line, ...]:
    builders = ("city", "district", "owner_unit", "owners", "operator", "maintenance_fund")
    out = [Line("works", p, "outside", "build") for p in builders]
    out.append(Line("organising", "subdistrict", "outside", "build"))
    for payer in ("city", "district"):
        out.append(Line("surrender_compensation", payer, "tenants", "build"))
        out.append(Line("surrender_award", payer, "tenants", "build"))
        out += [Line("temporary_rent", payer, payee, "build") for payee in ("owners", "tenants")]
    out += [Line("income", "outside", payee, "rent") for payee in ("operator", "district", "owners")]
    out += [
        Line("service_fee", payer, payee, "operate")
        for payee in ("operator", "district")
        for payer in ("owners", "tenants")
    ]
    runners = ("operator", "district", "owners", "owner_unit")
    out += [Line("running", payer, "outside", "operate") for payer in runners]
    out += [Line("lease", "operator", payee, "rent") for payee in ("district", "owner_unit")]
    out.append(Line("fund_topup", "owners", "maintenance_fund", "operate"))
    out += [Line("surplus", "operator", payee, "operate") for payee in ("maintenance_fund", "district")]
    for payer in (*runners, "maintenance_fund"):
        out += [Line("renewal", payer, "outside", f"renewal@{life}") for life in LIVES]
    for name in OPTIONAL:
        out += [Line(name, "outside", payee, "operate") for payee in ("operator", "district", "owners")]
    out += [Line(f"{tax}_extra", "operator", "treasury", "operate") for tax in ("vat", "cit")]
    out += [Line("residual", "district", "operator", f"end@{life}") for life in (*LIVES, LONGEST_LIFE)]
    return (*out, *_tax_lines(), *_loan_lines())


def _tax_lines() -> list[Line]:
    """Return the operator's taxes by what they rest on; what it may deduct comes back on lines of its own."""
    out = []
    for tax in ("vat", "cit"):
        out += [
            Line(f"{tax}_income", "operator", "treasury", "rent"),
            Line(f"{tax}_fee", "operator", "treasury", "operate"),
            Line(f"{tax}_running", "treasury", "operator", "operate"),
            Line(f"{tax}_works", "treasury", "operator", "spread"),
            *(Line(f"{tax}_renewal", "treasury", "operator", f"spread@{life}") for life in LIVES),
        ]
    return [*out, Line("cit_lease", "treasury", "operator", "rent")]


def _loan_lines() -> list[Line]:
    return [
        Line("loan", "lender", "operator", "build"),
        Line("repayment", "operator", "lender", "repayment"),
        Line("interest", "operator", "lender", "interest"),
        *(Line("interest_subsidy", payer, "operator", "subsidy") for payer in ("city", "district")),
    ]


#: Every kind of payment, in the order of the columns of an amounts array.
LINES = _lines()
LINE_ROW: Mapping[str, int] = {line.id: i for i, line in enumerate(LINES)}
#: Names of the payments for building, whatever they are borrowed for.
BUILDING = tuple(dict.fromkeys(x.name for x in LINES if x.schedule == "build" and x.payer != "lender"))
#: Names of the payments that fall due while something is operated, those of building and of the loan left out.
OPERATION = tuple(
    dict.fromkeys(
        x.name
        for x in LINES
        if x.schedule not in ("build", "repayment", "interest", "subsidy") and x.name != "residual"
    )
)
#: What moves with a kind of payment in the same proportion: the taxes on it, and rent that is a share of income.
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "income": ("vat_income", "cit_income", "lease", "cit_lease"),
    "service_fee": ("vat_fee", "cit_fee"),
    "running": ("vat_running", "cit_running"),
    "works": ("vat_works", "cit_works"),
    "renewal": ("vat_renewal", "cit_renewal"),
}
#: Names of the payments that an extension of the term does not repeat.
NOT_EXTENDED = ("renewal", "vat_works", "cit_works", "vat_renewal", "cit_renewal")


@dataclass(frozen=True, slots=True)
class Calendar:
    """When payments fall due: works in years 0 and 1, then ``years`` of operation.

    ``rent_growth`` is the yearly growth of rents (constant prices: beyond prices in general); ``loan`` are the terms on
    which works are borrowed for (None: no loan, so that nothing falls due on its lines but the draw).
    """

    years: int
    rent_growth: float = 0.0
    loan: LoanTerms | None = None

    @property
    def horizon(self) -> int:
        """Number of years, those of building included."""
        return self.years + BUILD_YEARS

    def shares(self, schedule: str) -> Floats:
        """Return the multiple of an amount that falls due in each year, shape (horizon,).

        ``build`` in equal parts; ``operate`` each year; ``rent`` with growth; ``spread`` in equal parts over operation;
        ``renewal@L`` at the end of each life of L years; ``spread@L`` all of these, in equal parts over operation; ``end@L``
        in the last year, what is left of a life of L years; ``repayment``, ``interest`` and ``subsidy`` of a loan of 1 drawn
        while building.
        """
        return _shares(self, schedule)

    def factor(self, schedule: str, rate: float) -> float:
        """Return the present value of an amount of 1 on a schedule."""
        return float(self.shares(schedule) @ (1.0 + rate) ** -np.arange(self.horizon))


@cache
def _shares(calendar: Calendar, schedule: str) -> Floats:
    out = np.zeros(calendar.horizon)
    kind, _, life = schedule.partition("@")
    if kind == "build":
        out[:BUILD_YEARS] = 1.0 / BUILD_YEARS
    elif kind == "operate":
        out[BUILD_YEARS:] = 1.0
    elif kind == "rent":
        out[BUILD_YEARS:] = (1.0 + calendar.rent_growth) ** np.arange(calendar.years)
    elif kind == "renewal":
        out[BUILD_YEARS + int(life) :: int(life)] = 1.0
    elif kind == "spread":
        times = 1.0 if not life else float(_shares(calendar, f"renewal@{life}").sum())
        out[BUILD_YEARS:] = times / max(calendar.years, 1)
    elif kind == "end":
        used = (calendar.years - 1) % int(life) + 1 if calendar.years else 0
        out[-1] = 1.0 - used / int(life)
    elif calendar.loan is not None:
        if calendar.loan.years >= calendar.horizon and kind != "subsidy":
            raise HutongError(
                "bad-loan",
                Text(
                    f"贷款 {calendar.loan.years} 年，长于经营期。",
                    f"A loan of {calendar.loan.years} years outlasts operation.",
                ),
                Text("请缩短贷款年限。", "Shorten the loan."),
            )
        table = repay(_shares(calendar, "build"), calendar.loan)
        column = {"repayment": "principal", "interest": "interest", "subsidy": "subsidy"}[kind]
        out[: len(table)] = table[column].to_numpy()[: calendar.horizon]
    out.flags.writeable = False
    return out


def default_calendar(rules: Rules, years: int) -> Calendar:
    """Return the calendar of ``years`` of operation with the assumed growth of rents and the assumed loan.

    Raises
    ------
    HutongError
        ``rent-growth`` for a growth above the limit that is agreed.
    """
    growth, most = (load_assumptions()[n].value for n in ("rent_growth", "rent_growth_max"))
    if not -1 < growth <= most:
        raise HutongError(
            "rent-growth",
            Text(
                f"租金年增长率 {percent(growth, 'zh', 1)} 超过上限 {percent(most, 'zh', 1)}。",
                f"Rents growing by {percent(growth, digits=1)} a year pass the limit of {percent(most, digits=1)}.",
            ),
            Text("请降低 rent_growth，或改定上限。", "Lower rent_growth, or settle another limit."),
        )
    return Calendar(years, growth, loan_within(rules, years))


def loan_within(rules: Rules, years: int) -> LoanTerms:
    """Return the assumed terms of the operator's loan, repaid by the end of ``years`` of operation."""
    loan, _ = default_loan(rules)
    longest = years + BUILD_YEARS - 1
    return replace(loan, years=min(loan.years, longest), grace_years=min(loan.grace_years, longest - 1))


def before_loan(flows: pd.DataFrame) -> pd.DataFrame:
    """Return the payments without those to and from the lender: the money that the band of returns is about."""
    return flows[(flows["payer"] != "lender") & (flows["payee"] != "lender")]


def value_to(
    parties: tuple[str, ...], calendar: Calendar, rate: float, schedules: tuple[str, ...] = ()
) -> Floats:
    """Return the present value to ``parties`` together of 1 yuan on each line, shape (lines,).

    ``schedules`` limits the lines that count (all when empty). What is borrowed and paid back does not count unless the
    lender is among the parties, as in :func:`before_loan`.
    """
    out = np.zeros(len(LINES))
    for i, line in enumerate(LINES):
        if schedules and line.schedule not in schedules:
            continue
        if "lender" in (line.payer, line.payee) and "lender" not in parties:
            continue
        sign = (line.payee in parties) - (line.payer in parties)
        out[i] = sign * calendar.factor(line.schedule, rate)
    return out


def paid_by(party: str, schedule: str = "build") -> Floats:
    """Return which lines of a schedule a party pays, shape (lines,), 0 or 1."""
    return np.array([float(x.payer == party and x.schedule == schedule) for x in LINES])


def _words(words: list[str], rows: NDArray[np.int64]) -> pd.Categorical:
    """Return words by their rows, as categories."""
    known, codes = np.unique(np.array(words, object), return_inverse=True)
    return pd.Categorical.from_codes(codes[rows], categories=pd.Index(known, dtype=object))


def spread(
    amounts: Floats, object_ids: list[str], calendar: Calendar, starts: NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Return the yearly payments of options.

    Parameters
    ----------
    amounts
        Shape (options, lines), whole yuan, at least 0.
    object_ids
        One per option.
    starts
        Year in which each option begins, shape (options,); None: all now.

    Returns
    -------
    Columns ``FLOW_COLUMNS``, one row per option, line and year with yuan > 0. Names are categories in alphabetical order, so
    that a quarter's hundreds of thousands of payments are looked through as numbers and sorted as words.
    """
    shares = np.array([calendar.shares(line.schedule) for line in LINES])
    option, line = np.nonzero(amounts > 0)
    cells = shares[line]
    pick, year = np.nonzero(cells > 0)
    payer, payee, name = (_words(of, line[pick]) for of in ([x.payer for x in LINES], [x.payee for x in LINES], [x.name for x in LINES]))  # fmt: skip
    yuan = amounts[option, line][pick] * cells[pick, year]
    ids = _words(object_ids, option[pick])
    if starts is not None:
        year = year + starts[option[pick]]
    columns = dict(zip(FLOW_COLUMNS, (year, payer, payee, yuan, name, ids), strict=True))
    return pd.DataFrame(columns)
