"""From cases to places: an indicator's value, status and coverage wherever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.sense.ground import Cases, Ground
from hutong.sense.results import STATUSES, Indicator

UNKNOWN_STATUS = STATUSES.index("unknown")


@dataclass(frozen=True)
class Measured:
    """One indicator at one scale: aligned arrays over the places of that scale."""

    indicator: Indicator
    scale: str
    code: np.ndarray  # per case: its place, -1 none
    value: np.ndarray  # NaN: unknown
    bound: np.ndarray  # what the known cases alone give
    status: np.ndarray  # positions in STATUSES
    coverage: np.ndarray
    n: np.ndarray
    cases: np.ndarray  # known and unknown
    people: np.ndarray
    short: np.ndarray  # how many fall short: cases, or people where people are counted
    counted: np.ndarray  # of how many
    failing: np.ndarray  # how many known cases fall short


def measure(ground: Ground, indicator: Indicator, cases: Cases, scale: str) -> Measured:
    """Return an indicator's value in every place of a scale: Σ top / Σ bottom over the known cases.

    Of totals it is Σ top alone.
    """
    code = ground.places.code(cases.where, scale)
    size = len(ground.places.ids[scale])
    there = code >= 0
    known = there & ~np.isnan(cases.top) & ~np.isnan(cases.bottom)

    def total(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
        sums = np.bincount(code[rows], weights=weights[rows], minlength=size)
        return np.asarray(sums, np.float64)  # of no rows at all NumPy makes integers

    one = np.ones(len(code))
    top, bottom = total(cases.top, known), total(cases.bottom, known)
    every = total(one, there & cases.case)
    n = total(one, known & cases.case)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(bottom > 0, top / bottom, np.nan)
        if cases.total:
            value = np.where(n > 0, top, np.nan)
        coverage = total(cases.observed, there & cases.case) / every
    whole = float(cases.observed[cases.case].mean()) if cases.case.any() else 0.0
    coverage = np.where(every > 0, coverage, whole)  # a place without a case is as well known as the rest
    status = grade(indicator, value)
    if cases.least:  # what is known is a lower bound: it may settle the case one way only
        open_ = status == 0 if indicator.direction == "lower" else status != 0
        status[(n < every) & open_] = UNKNOWN_STATUS
    failing = known & cases.failing
    told = failing & ~np.isnan(cases.people)
    people = total(cases.people, told)
    people[(total(one, failing) > 0) & (total(one, told) == 0)] = np.nan
    if not cases.case.all():  # counted by place, not case by case: all are concerned, or none
        people = np.where(status == 0, 0.0, people)
    spec = next(iter(indicator.compute.values()))
    weighted = "who" in spec or "by" in spec
    failed = total(one, failing)
    return Measured(
        indicator=indicator,
        scale=scale,
        code=code,
        bound=value,
        value=np.where(status == UNKNOWN_STATUS, np.nan, value),
        status=status,
        coverage=coverage,
        n=n.astype(np.int64),
        cases=every.astype(np.int64),
        people=np.where(status == UNKNOWN_STATUS, np.nan, people),
        short=people if weighted else failed,
        counted=bottom if weighted else n,
        failing=failed,
    )


def grade(indicator: Indicator, value: np.ndarray) -> np.ndarray:
    """Return the status of values as positions in ``STATUSES``: good up to the standard, then watch, warn, alarm."""
    better = 1.0 if indicator.direction == "higher" else -1.0
    bounds = [b for b in (indicator.standard, indicator.watch, indicator.warn) if b is not None]
    slack = 1e-12  # sums of floats may miss a bound they meet
    missed = [better * value < better * bound - slack for bound in bounds]
    status = np.sum(missed, axis=0) if missed else np.zeros(len(value), np.int64)
    return np.where(np.isnan(value), UNKNOWN_STATUS, status).astype(np.int64)
