"""Places from which requests come again and again."""

from __future__ import annotations

import heapq

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from hutong.sense.requests.read import Requests

PLACE_COLUMNS = ("place", "x_m", "y_m", "requests", "weeks", "categories", "resolved", "known")


def repeat_places(
    requests: Requests, category: pd.Series, *, radius_m: float = 30.0, least: int = 5
) -> pd.DataFrame:
    """Return places with at least ``least`` requests within a radius, most first.

    The point with most requests around it becomes a place and takes them; then the next of what is left. Requests
    without a position are gathered by address, then by community. Who asked is unknown, so one person may stand
    behind a place: ``weeks`` (in how many different weeks they came) and ``categories`` help to tell.

    Returns
    -------
    ``PLACE_COLUMNS``: name (of the commonest address or community; NaN where none is stated), centre, requests,
    weeks, up to three categories by count, share resolved of the ``known``.
    """
    table = requests.table
    where = table[["x_m", "y_m"]].to_numpy(dtype=float)
    located = np.flatnonzero(~np.isnan(where).any(axis=1))
    groups = [
        (located[rows], where[located[centre]]) for rows, centre in clusters(where[located], radius_m, least)
    ]
    taken = np.zeros(len(table), bool)
    taken[located] = True
    for column in ("address", "community"):
        rest = table[column].where(~taken)
        sizes = rest.value_counts()
        for name in sizes.index[sizes >= least]:
            rows = np.flatnonzero((rest == name).to_numpy(dtype=bool, na_value=False))
            groups.append((rows, np.full(2, np.nan)))
            taken[rows] = True
    week = requests.local_time().dt.to_period("W-SUN")
    out = []
    for rows, centre in groups:
        mine = table.iloc[rows]
        names = mine["address"].where(mine["address"].notna(), mine["community"]).dropna()
        known = mine["resolved"].dropna()
        common = category.iloc[rows].value_counts()
        common = common.sort_index(kind="stable").sort_values(ascending=False, kind="stable")
        out.append(
            {
                "place": names.mode()[0] if len(names) else None,
                "x_m": float(centre[0]),
                "y_m": float(centre[1]),
                "requests": len(rows),
                "weeks": int(week.iloc[rows].nunique()),
                "categories": tuple((str(k), int(n)) for k, n in common.head(3).items()),
                "resolved": float(known.astype(float).mean()) if len(known) else float("nan"),
                "known": len(known),
            }
        )
    frame = pd.DataFrame(out, columns=list(PLACE_COLUMNS))
    return frame.sort_values("requests", ascending=False, kind="stable").reset_index(drop=True)


def clusters(points: np.ndarray, radius_m: float, least: int) -> list[tuple[np.ndarray, int]]:
    """Return groups of points within a radius of one of them: the densest first, each point in one group.

    Parameters
    ----------
    points
        Shape (n, 2), metres, finite.

    Returns
    -------
    Rows of each group and the row of its centre; ties go to the earlier point.
    """
    if len(points) < least:
        return []
    spots, at, count = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    at = at.ravel()
    first = np.full(len(spots), len(points))
    np.minimum.at(first, at, np.arange(len(points)))
    near = cKDTree(spots).query_ball_point(spots, radius_m)
    left = count.astype(np.int64).copy()
    weight = np.array([left[n].sum() for n in near])
    heap = [(-int(w), int(first[i]), i) for i, w in enumerate(weight) if w >= least]
    heapq.heapify(heap)
    out: list[tuple[np.ndarray, int]] = []
    while heap:
        said, order, spot = heapq.heappop(heap)
        if left[spot] == 0:
            continue
        now = int(left[near[spot]].sum())
        if now < least:
            continue
        if now != -said:  # neighbours went to another place meanwhile
            heapq.heappush(heap, (-now, order, spot))
            continue
        mine = [n for n in near[spot] if left[n]]
        left[mine] = 0
        out.append((np.flatnonzero(np.isin(at, mine)), int(first[spot])))
    return out
