"""Who pays whom for an option: one amount per kind of payment, and the years in which it falls due.

The same amounts make the planner's coefficients and the scheme's yearly payments, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.plan.results import FLOW_COLUMNS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of payment: its name, payer, payee and schedule (build | operate | renewal)."""

    name: str
    payer: str
    payee: str
    schedule: str

    @property
    def id(self) -> str:
        """The name with both parties."""
        return f"{self.name}:{self.payer}>{self.payee}"


def _lines() -> tuple[Line, ...]:
    out = [
        Line("works", p, "outside", "build") for p in ("city", "district", "owner_unit", "owners", "operator")
    ]
    for payer in ("city", "district"):
        out.append(Line("surrender_compensation", payer, "tenants", "build"))
        out.append(Line("surrender_award", payer, "tenants", "build"))
        out += [Line("temporary_rent", payer, payee, "build") for payee in ("owners", "tenants")]
    out += [Line("income", "outside", payee, "operate") for payee in ("operator", "district", "owners")]
    out += [Line("running", payer, "outside", "operate") for payer in ("operator", "district", "owners")]
    out += [Line("lease", "operator", payee, "operate") for payee in ("district", "owner_unit")]
    out += [Line("surplus", "operator", payee, "operate") for payee in ("owners", "district")]
    out += [Line("renewal", payer, "outside", "renewal") for payer in ("operator", "district", "owners")]
    return tuple(out)


#: Every kind of payment, in the order of the columns of an amounts array.
LINES = _lines()
LINE_ROW: Mapping[str, int] = {line.id: i for i, line in enumerate(LINES)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """When payments fall due: works in years 0 and 1, then ``years`` of operation with one renewal."""

    years: int
    renewal_after: int

    @property
    def horizon(self) -> int:
        """Number of years, the two of building included."""
        return self.years + 2

    def shares(self, schedule: str) -> Floats:
        """Return the multiple of an amount that falls due in each year."""
        out = np.zeros(self.horizon)
        if schedule == "build":
            out[:2] = 0.5
        elif schedule == "operate":
            out[2:] = 1.0
        elif self.renewal_after < self.years:
            out[2 + self.renewal_after] = 1.0
        return out

    def factor(self, schedule: str, rate: float) -> float:
        """Return the present value of an amount of 1 on a schedule."""
        return float(self.shares(schedule) @ (1.0 + rate) ** -np.arange(self.horizon))


def value_to(
    parties: tuple[str, ...], calendar: Calendar, rate: float, schedules: tuple[str, ...] = ()
) -> Floats:
    """Return the present value to ``parties`` together of 1 yuan on each line, shape (lines,).

    ``schedules`` limits the lines that count (all when empty).
    """
    out = np.zeros(len(LINES))
    for i, line in enumerate(LINES):
        if schedules and line.schedule not in schedules:
            continue
        sign = (line.payee in parties) - (line.payer in parties)
        out[i] = sign * calendar.factor(line.schedule, rate)
    return out


def paid_by(party: str, schedule: str = "build") -> Floats:
    """Return which lines of a schedule a party pays, shape (lines,), 0 or 1."""
    return np.array([float(line.payer == party and line.schedule == schedule) for line in LINES])


def spread(amounts: Floats, object_ids: list[str], calendar: Calendar) -> pd.DataFrame:
    """Return the yearly payments of options.

    Parameters
    ----------
    amounts
        Shape (options, lines), whole yuan.
    object_ids
        One per option.

    Returns
    -------
    Columns ``FLOW_COLUMNS``, one row per option, line and year with yuan > 0.
    """
    shares = np.array([calendar.shares(line.schedule) for line in LINES])
    option, line = np.nonzero(amounts > 0)
    cells = shares[line]
    pick, year = np.nonzero(cells > 0)
    payer = np.array([x.payer for x in LINES], object)[line[pick]]
    payee = np.array([x.payee for x in LINES], object)[line[pick]]
    name = np.array([x.name for x in LINES], object)[line[pick]]
    yuan = amounts[option, line][pick] * cells[pick, year]
    ids = np.array(object_ids, object)[option[pick]] if option.size else np.empty(0, object)
    columns = dict(zip(FLOW_COLUMNS, (year, payer, payee, yuan, name, ids), strict=True))
    return pd.DataFrame(columns)
