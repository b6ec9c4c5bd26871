"""Requests counted by whole weeks on the clock of their place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.sense.requests.read import Requests

#: So many empty weeks in a row, where several requests a week are usual, are a hole in the file, not a quiet time.
HOLE_WEEKS = 2
_HOLE_MEAN = 5.0


def weekly(requests: Requests, keep: np.ndarray | None = None) -> pd.Series:
    """Return counts per week (Monday to Sunday) from the first whole week of the file to its last.

    Weeks in which the whole file is silent, though it usually is not, are unknown (NaN), not zero.

    Parameters
    ----------
    keep
        Which rows to count, bool; the span of weeks is that of all rows.
    """
    local = requests.local_time()
    known = local.notna().to_numpy()
    if not known.any():
        return pd.Series(dtype=float)
    monday = (local.dt.normalize() - pd.to_timedelta(local.dt.day_of_week, unit="D")).astype("datetime64[us]")
    first, last = local[known].min(), local[known].max()
    start = first.normalize() + pd.Timedelta(days=(7 - first.weekday()) % 7)
    if first.weekday() == 0:  # the file may begin in the course of a Monday: that week is taken as whole
        start = first.normalize()
    end = last.normalize() - pd.Timedelta(days=last.weekday())
    if last.weekday() == 6:  # it ends on a Sunday: that week is whole
        end += pd.Timedelta(days=7)
    weeks = pd.date_range(start, end, freq="7D", inclusive="left").astype("datetime64[us]")
    total = _count(monday[known], weeks)
    counted = total if keep is None else _count(monday[known & keep], weeks)
    hole = _holes(total.to_numpy())
    return counted.where(~hole)


def _count(monday: pd.Series, weeks: pd.DatetimeIndex) -> pd.Series:
    return monday.value_counts().reindex(weeks, fill_value=0).sort_index().astype(float)


def _holes(total: np.ndarray) -> np.ndarray:
    hole = np.zeros(len(total), bool)
    if not len(total) or total[total > 0].size == 0 or np.mean(total) < _HOLE_MEAN:
        return hole
    run = 0
    for i, count in enumerate([*total, 1.0]):
        if count == 0:
            run += 1
            continue
        if run >= HOLE_WEEKS:
            hole[i - run : i] = True
        run = 0
    return hole
