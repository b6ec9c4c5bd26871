"""Where to put a facility: maximal coverage (Church and ReVelle 1974) by greedy choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hutong.sense.access import Joins
from hutong.sense.network import Graph
from hutong.sense.walks import Meetings, meetings

#: Homes searched at a time: bounds the memory, changes no result.
CHUNK = 1000


@dataclass(frozen=True)
class Choice:
    """One site chosen: which candidate, the homes that it newly serves, and their weight."""

    candidate: int
    homes: np.ndarray  # row positions among the homes
    metres: np.ndarray  # the walk of each
    weight: float


def best_sites(
    graph: Graph, homes: Joins, weight: np.ndarray, candidates: Joins, reach_m: float, most: int = 1
) -> tuple[Choice, ...]:
    """Return up to ``most`` sites, each serving the greatest weight that those before it do not.

    The first is the best single site; k sites together serve at least 1 − (1 − 1/k)^k > 63 % of what the best k
    could (Nemhauser, Wolsey and Fisher 1978). Of sites that serve the same, the one with the shorter walks is
    taken, then the first.

    Parameters
    ----------
    homes, weight
        Who is to be served and what each counts (≥ 0), shape (homes,).
    candidates
        Where a facility could be.
    """
    gain, walked = np.zeros(len(candidates.tail)), np.zeros(len(candidates.tail))

    def add(rows: np.ndarray, sign: float) -> None:
        for some, met in _meet(graph, homes, rows, candidates, reach_m):
            counted = sign * weight[some][met.door]
            gain[:] += np.bincount(met.place, weights=counted, minlength=len(gain))
            walked[:] += np.bincount(met.place, weights=counted * met.metres, minlength=len(gain))

    everyone = np.flatnonzero(weight > 0)
    add(everyone, 1.0)
    left = np.zeros(len(weight), bool)
    left[everyone] = True
    free = np.ones(len(gain), bool)
    chosen: list[Choice] = []
    while len(chosen) < most and left.any() and (free & (gain > 0)).any():
        top = gain[free].max()
        tied = np.flatnonzero(free & (gain == top))
        site = int(tied[np.argmin(walked[tied])])
        free[site] = False
        # The walk is measured from the site, as the checkup measures it from a facility.
        met = meetings(graph, candidates.take(np.array([site])), homes, reach_m)
        new = left[met.place]
        rows = met.place[new].astype(np.int64)
        if not len(rows):  # at the very edge of reach the two directions may round apart
            continue
        order = np.argsort(rows)
        chosen.append(Choice(site, rows[order], met.metres[new][order], float(weight[rows].sum())))
        left[rows] = False
        if len(chosen) < most:
            add(rows, -1.0)
    return tuple(chosen)


def _meet(
    graph: Graph, homes: Joins, rows: np.ndarray, candidates: Joins, reach_m: float
) -> Iterator[tuple[np.ndarray, Meetings]]:
    for low in range(0, len(rows), CHUNK):
        some = rows[low : low + CHUNK]
        yield some, meetings(graph, homes.take(some), candidates, reach_m)
