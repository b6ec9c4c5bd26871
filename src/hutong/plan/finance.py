"""Net present value, internal rate of return and payback of yearly payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numba import njit

from hutong.plan.results import PARTIES

#: What :func:`irr_kernel` found.
UNIQUE, NO_ROOT, SEVERAL_ROOTS = 0, 1, 2
#: Rates between which several roots are looked for when the payments change sign more than once.
RATE_FLOOR, RATE_CEILING, RATE_STEPS = -0.95, 20.0, 800


@dataclass(frozen=True, slots=True)
class Irr:
    """An internal rate of return, or the reason why there is none.

    ``rate`` is NaN unless ``flag`` is ``unique``: a project with several roots has no single return.
    """

    rate: float
    flag: Literal["unique", "no_root", "several_roots"]


def npv(rate: float | np.ndarray, payments: np.ndarray) -> float | np.ndarray:
    """Return the net present value of yearly payments, the first of them now.

    Parameters
    ----------
    rate
        Discount rate(s) per year, above −1.
    payments
        Shape (years,) or (projects, years), yuan; received positive.

    Returns
    -------
    A figure for one rate and one project; else shape (projects,), (rates,) or (projects, rates).
    """
    flows = np.asarray(payments, float)
    rates = np.asarray(rate, float)
    years = np.arange(flows.shape[-1])
    factors = (1.0 + np.atleast_1d(rates))[None, :] ** -years[:, None]
    values = flows @ factors
    if rates.ndim == 0:
        values = values[..., 0]
    return float(values) if np.ndim(values) == 0 else values


#: The same range as x = 1/(1+r), walked in equal ratios.
_X_LOW, _X_RATIO = 1.0 / (1.0 + RATE_CEILING), (1.0 + RATE_CEILING) / (1.0 + RATE_FLOOR)


@njit(cache=True)
def _value(flow, x):  # type: ignore[no-untyped-def]
    """Return the value of ``flow`` and its slope at x = 1/(1+r) (Horner)."""
    value, slope = 0.0, 0.0
    for year in range(flow.size - 1, -1, -1):
        slope = slope * x + value
        value = value * x + flow[year]
    return value, slope


@njit(cache=True)
def _bracket(flow):  # type: ignore[no-untyped-def]
    """Return the number of roots found and x on both sides of the last of them."""
    changes = 0
    last = 0.0
    for payment in flow:
        if payment != 0.0:
            if last * payment < 0.0:
                changes += 1
            last = payment
    if changes == 0:
        return 0, 0.0, 0.0
    low, high, roots = 0.0, 0.0, 0
    x_before = 1e-12 if changes == 1 else 0.0  # one root is sure: look beyond the range on both sides
    before = _value(flow, x_before)[0] if changes == 1 else 0.0
    for k in range(RATE_STEPS + 1):
        x = _X_LOW * _X_RATIO ** (k / RATE_STEPS)
        value = _value(flow, x)[0]
        if value == 0.0:
            roots += 1
            low, high = x, x
        elif before * value < 0.0:
            roots += 1
            low, high = x_before, x
        x_before, before = x, value
    if changes == 1 and roots == 0:
        low, high = x_before, 2.0 * x_before
        while high < 1e15 and _value(flow, high)[0] * before > 0.0:
            low, high = high, 2.0 * high
        roots = 1
    return roots, low, high


@njit(cache=True)
def irr_kernel(payments, rates, flags):  # type: ignore[no-untyped-def]
    """Write the internal rate and its flag for each row of ``payments`` (projects, years).

    Bracketed Newton on the net present value. One change of sign means one root above −1 (Descartes);
    with more, roots between ``RATE_FLOOR`` and ``RATE_CEILING`` are counted on a fixed grid.
    """
    for i in range(payments.shape[0]):
        flow = payments[i]
        roots, low, high = _bracket(flow)
        rates[i] = np.nan
        flags[i] = NO_ROOT if roots == 0 else SEVERAL_ROOTS
        if roots != 1:
            continue
        at_low = _value(flow, low)[0]
        x = 0.5 * (low + high)
        for _ in range(200):
            value, slope = _value(flow, x)
            if value == 0.0:
                break
            if value * at_low > 0.0:
                low = x
            else:
                high = x
            step = x - value / slope if slope != 0.0 else low
            if not (low < step < high):
                step = 0.5 * (low + high)
            done = abs(step - x) <= 1e-16 * abs(x)
            x = step
            if done:
                break
        rates[i] = 1.0 / x - 1.0
        flags[i] = UNIQUE


def irr_many(payments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return internal rates (NaN where not unique) and flags of many projects, shape (projects, years)."""
    flows = np.ascontiguousarray(payments, float)
    rates = np.empty(len(flows))
    flags = np.empty(len(flows), np.int8)
    irr_kernel(flows, rates, flags)
    return rates, flags


def irr(payments: np.ndarray) -> Irr:
    """Return the internal rate of return of yearly payments, the first of them now."""
    rates, flags = irr_many(np.asarray(payments, float)[None, :])
    names: tuple[Literal["unique", "no_root", "several_roots"], ...] = ("unique", "no_root", "several_roots")
    return Irr(float(rates[0]), names[int(flags[0])])


def payback_year(payments: np.ndarray, rate: float = 0.0) -> float:
    """Return the first year from which the discounted sum stays at or above zero (NaN: never)."""
    flows = np.asarray(payments, float)
    total = np.cumsum(flows / (1.0 + rate) ** np.arange(flows.size))
    below = np.flatnonzero(total < 0)
    first = 0 if below.size == 0 else int(below[-1]) + 1
    return float(first) if first < flows.size else float("nan")


def party_years(flows: pd.DataFrame, years: int | None = None) -> pd.DataFrame:
    """Return what each party receives (+) and pays (−) per year: one row per party, one column per year.

    The columns of each year add up to zero, because every payment has a payer and a payee.
    """
    last = int(flows["year"].max()) + 1 if len(flows) else 0
    span = max(last, years or 0)
    table = np.zeros((len(PARTIES), span))
    where = {party: row for row, party in enumerate(PARTIES)}
    year = flows["year"].to_numpy(int)
    yuan = flows["yuan"].to_numpy(float)
    np.add.at(table, (flows["payee"].map(where).to_numpy(int), year), yuan)
    np.subtract.at(table, (flows["payer"].map(where).to_numpy(int), year), yuan)
    return pd.DataFrame(table, index=pd.Index(PARTIES, name="party"), columns=range(span))
