"""Further measures of yearly payments: modified return, discounted payback, cover of debt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.plan.finance import npv

Floats = NDArray[np.float64]


def mirr(payments: Floats, finance_rate: float, reinvest_rate: float) -> float:
    """Return the modified internal rate of return of yearly payments, the first of them now.

    What is paid is financed at ``finance_rate`` and what is received is reinvested at ``reinvest_rate`` to the last
    year (Lin 1976), so there is one root for any change of signs. NaN where nothing is paid or nothing received.
    """
    flows = np.asarray(payments, float)
    last = flows.size - 1
    paid = float(npv(finance_rate, np.minimum(flows, 0.0)))
    received = float(npv(reinvest_rate, np.maximum(flows, 0.0))) * (1.0 + reinvest_rate) ** last
    if last < 1 or paid >= 0.0 or received <= 0.0:
        return float("nan")
    return float((received / -paid) ** (1.0 / last) - 1.0)


def payback_time(payments: Floats, rate: float = 0.0) -> float:
    """Return the years until the discounted sum is at or above zero for good, the last year by proportion.

    NaN where it never is; 0 where it is never below. ``rate`` 0 gives the plain payback.
    """
    flows = np.asarray(payments, float)
    discounted = flows / (1.0 + rate) ** np.arange(flows.size)
    total = np.cumsum(discounted)
    below = np.flatnonzero(total < 0)
    if not below.size:
        return 0.0
    last = int(below[-1])
    if last == flows.size - 1:
        return float("nan")
    return float(last - total[last] / discounted[last + 1])


@dataclass(frozen=True)
class Cover:
    """Debt service cover: cash available over debt service, per year (NaN where none is due), and the least."""

    by_year: Floats
    least: float
    year: int  # of the least; −1 where no debt service is ever due


def dscr(available: Floats, service: Floats) -> Cover:
    """Return the debt service cover ratio.

    Parameters
    ----------
    available
        Cash available for debt service, shape (years,), yuan: income less running cost, before the loan.
    service
        Principal and interest due, shape (years,), yuan ≥ 0, net of interest subsidies.
    """
    cash, due = np.asarray(available, float), np.asarray(service, float)
    ratio = np.full(cash.size, np.nan)
    np.divide(cash, due, out=ratio, where=due > 0)
    if np.isnan(ratio).all():
        return Cover(ratio, float("nan"), -1)
    return Cover(ratio, float(np.nanmin(ratio)), int(np.nanargmin(ratio)))
