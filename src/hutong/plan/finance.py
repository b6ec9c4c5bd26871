"""Net present value, internal rate of return and payback of yearly payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from hutong.plan.results import PARTIES

#: What :func:`irr_kernel` found.
UNIQUE, NO_ROOT, SEVERAL_ROOTS = 0, 1, 2
#: Rates between which several roots are looked for when the payments change sign more than once.
RATE_FLOOR, RATE_CEILING, RATE_LEVELS = -0.95, 20.0, 10


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


def annuity_factor(rate: float, first: int, years: int) -> float:
    """Return the present value of 1 a year over ``years`` years, the first of them year ``first``."""
    return float(((1.0 + rate) ** -(first + np.arange(years, dtype=float))).sum())


#: The same range as x = 1/(1+r).
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
def _parts(flow, x):  # type: ignore[no-untyped-def]
    """Return value and slope at x of what is received, and of what is paid: all four rise with x > 0."""
    got, got_slope, paid, paid_slope = 0.0, 0.0, 0.0, 0.0
    for year in range(flow.size - 1, -1, -1):
        got_slope = got_slope * x + got
        paid_slope = paid_slope * x + paid
        payment = flow[year]
        got = got * x + max(payment, 0.0)
        paid = paid * x + max(-payment, 0.0)
    return got, got_slope, paid, paid_slope


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
    if changes > 1:
        return _roots(flow)
    low, high = 1e-12, 1.0  # one root is sure, wherever it is
    first = _value(flow, low)[0]
    while high < 1e15 and _value(flow, high)[0] * first > 0.0:
        low, high = high, 2.0 * high
    return 1, low, high


@njit(cache=True)
def _roots(flow):  # type: ignore[no-untyped-def]
    """Return the number of roots in the range and x on both sides of the last.

    An interval is halved until its ends show that it holds no root or that the value only rises or falls in it; after
    ``RATE_LEVELS`` halvings the signs at its ends decide.
    """
    begin, end, depth = np.empty(64), np.empty(64), np.empty(64, np.int64)
    begin[0], end[0], depth[0] = _X_LOW, _X_LOW * _X_RATIO, 0
    top, roots, low, high = 1, 0, 0.0, 0.0
    if _value(flow, _X_LOW)[0] == 0.0:
        roots, low, high = 1, _X_LOW, _X_LOW
    while top > 0:
        top -= 1
        a, b, level = begin[top], end[top], depth[top]
        got_a, rise_a, paid_a, fall_a = _parts(flow, a)
        got_b, rise_b, paid_b, fall_b = _parts(flow, b)
        if got_a > paid_b or got_b < paid_a:
            continue
        if rise_a > fall_b or rise_b < fall_a or level >= RATE_LEVELS:
            at_a, at_b = got_a - paid_a, got_b - paid_b
            if at_b == 0.0:
                roots, low, high = roots + 1, b, b
            elif at_a * at_b < 0.0:
                roots, low, high = roots + 1, a, b
            continue
        middle = np.sqrt(a * b)
        begin[top], end[top], depth[top] = middle, b, level + 1
        begin[top + 1], end[top + 1], depth[top + 1] = a, middle, level + 1
        top += 2
    return roots, low, high


@njit(cache=True)
def irr_kernel(payments, rates, flags):  # type: ignore[no-untyped-def]
    """Write the internal rate and its flag for each row of ``payments`` (projects, years).

    Bracketed Newton on the net present value. One change of sign means one root above −1 (Descartes);
    with more, roots between ``RATE_FLOOR`` and ``RATE_CEILING`` are counted; where value
    and slope change too often to be told apart, only those with 1 + rate more than 0.6 % apart.
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


def _party_rows(names: pd.Series) -> NDArray[np.int64]:
    """Return the place of each name among the parties."""
    held = names.astype("category").cat
    where = {party: row for row, party in enumerate(PARTIES)}
    return np.array([where[c] for c in held.categories], np.int64)[held.codes.to_numpy()]


def party_years(flows: pd.DataFrame, years: int | None = None) -> pd.DataFrame:
    """Return what each party receives (+) and pays (−) per year: one row per party, one column per year.

    The columns of each year add up to zero, because every payment has a payer and a payee.
    """
    last = int(flows["year"].max()) + 1 if len(flows) else 0
    span = max(last, years or 0)
    table = np.zeros((len(PARTIES), span))
    year = flows["year"].to_numpy(int)
    yuan = flows["yuan"].to_numpy(float)
    np.add.at(table, (_party_rows(flows["payee"]), year), yuan)
    np.subtract.at(table, (_party_rows(flows["payer"]), year), yuan)
    return pd.DataFrame(table, index=pd.Index(PARTIES, name="party"), columns=range(span))
