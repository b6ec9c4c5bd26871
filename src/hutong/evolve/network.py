"""Who knows whom: ties between households by staircase or courtyard, building and estate.

Shape of the network (our assumption, in the spirit of Watts and Strogatz 1998: dense near ties, a few far ones):
a ring of the nearest doors in the same staircase or courtyard, a few ties across the building, and now and then
one across the estate (kin, former colleagues).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.rng import generator

#: Doors on each side on one's own staircase; ties across the building; chance of one across the estate.
NEAR, ACROSS, FAR = 2, 1, 0.5
#: The network belongs to the city, not to a run: its draws have a seed of their own.
NETWORK_SEED = 0


@dataclass(frozen=True)
class Network:
    """Undirected ties without loops or doubles, as compressed sparse rows (unsigned)."""

    indptr: np.ndarray  # uint32 (households + 1,)
    indices: np.ndarray  # uint32 (ties · 2,), rising within a row

    @property
    def ties(self) -> int:
        """The number of ties."""
        return len(self.indices) // 2


def build_network(stair: np.ndarray, building: np.ndarray, estate: np.ndarray) -> Network:
    """Return the ties of households that stand sorted by estate, building and staircase.

    Parameters
    ----------
    stair, building, estate
        Group of each household, int64 (households,); equal numbers stand together (-1 makes no ties).
    """
    rng = generator(NETWORK_SEED, "evolve.network")
    n = len(building)
    here = np.arange(n)
    pairs = [_ring(stair, step) for step in range(1, NEAR + 1)]
    pairs += [_pick(rng, building, here) for _ in range(ACROSS)]
    far = here[rng.random(n) < FAR]
    pairs.append(_pick(rng, estate, far))
    return _rows(np.concatenate(pairs, axis=1), n)


def _ring(group: np.ndarray, step: int) -> np.ndarray:
    """Return ties to the household ``step`` doors on, within the group."""
    first = np.arange(max(len(group) - step, 0))
    same = (group[first] == group[first + step]) & (group[first] >= 0)
    return np.stack([first[same], first[same] + step])


def _pick(rng: np.random.Generator, group: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Return one tie from each of ``who`` to a random household of the same group."""
    order = np.argsort(group, kind="stable")
    ranks = group[order]
    low = np.searchsorted(ranks, group[who], side="left")
    high = np.searchsorted(ranks, group[who], side="right")
    draw = rng.random(len(who))
    other = order[low + (draw * (high - low)).astype(np.int64)]
    keep = (other != who) & (group[who] >= 0)
    return np.stack([who[keep], other[keep]])


def _rows(pairs: np.ndarray, n: int) -> Network:
    """Return the pairs as symmetric rows, each tie once in each direction."""
    low, high = pairs.min(axis=0), pairs.max(axis=0)
    once = np.unique(low.astype(np.int64) * n + high)
    a, b = once // max(n, 1), once % max(n, 1)
    head = np.concatenate([a, b])
    tail = np.concatenate([b, a])
    order = np.lexsort((tail, head))
    indptr = np.zeros(n + 1, np.uint32)
    indptr[1:] = np.cumsum(np.bincount(head, minlength=n))
    return Network(indptr, tail[order].astype(np.uint32))


def morton(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the place of points along a Z-order curve (Morton 1966), 16 bits an axis."""
    code = np.zeros(len(x), np.int64)
    for axis, values in enumerate((x, y)):
        span = float(np.ptp(values)) or 1.0
        cell = ((values - values.min()) / span * 65535).astype(np.int64)
        for bit in range(16):
            code |= ((cell >> bit) & 1) << (2 * bit + axis)
    return code
