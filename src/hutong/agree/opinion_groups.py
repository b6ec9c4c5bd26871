"""Which people stand together: k-means on the opinion plane, and how many groups there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np
from numba import njit

from hutong.rng import generator

#: People drawn to estimate the silhouette in a large crowd; up to so many it is exact.
SILHOUETTE_SAMPLE = 5000
#: People drawn to find where k-means should end in a large crowd; it ends there with everyone.
START_SAMPLE = 20_000
#: One-sided 90 % point of the normal distribution, as published.
Z_90 = 1.2816


@dataclass(frozen=True, slots=True)
class OpinionSettings:
    """The constants of the method, as published unless said otherwise in docs/opinions.md.

    ``min_votes`` a person needs to be grouped; ``top_up`` people are grouped anyhow, those with most votes first;
    ``most_groups`` is the highest k; ``people_per_group`` more people allow one more group; ``restarts`` of
    k-means, at least; ``patience`` updates in a row that a new k must win; ``smallest_group``, see :func:`least_size`;
    ``z`` is the one-sided 90 % point of the normal distribution; ``most_representative`` statements per group.
    """

    min_votes: int = 7
    top_up: int = 15
    most_groups: int = 5
    people_per_group: int = 12
    restarts: int = 20
    patience: int = 4
    smallest_group: int = 5
    z: float = Z_90
    most_representative: int = 5


@dataclass(frozen=True)
class GroupState:
    """What an update must remember of those before it: the k in force, the k that is winning, and who was where.

    ``members[g]`` are the participants of group ``g``; plain values throughout, so that it can be stored as JSON.
    """

    k: int
    winner: int
    wins: int
    members: tuple[tuple[Any, ...], ...] = field(default=())

    def after(self, best: int, patience: int) -> GroupState:
        """Return the state once ``best`` has won another update."""
        wins = self.wins + 1 if best == self.winner else 1
        return GroupState(best if wins >= patience else self.k, best, wins, self.members)


@dataclass(frozen=True, eq=False)
class Partition:
    """People split in k groups; ``labels`` (people,), ``inertia`` the sum of squared distances to the centres."""

    labels: np.ndarray
    inertia: float
    smallest: int


def grouped_people(counts: np.ndarray, statements: int, settings: OpinionSettings) -> np.ndarray:
    """Return who has voted enough to be placed in a group, shape (people,) bool.

    At least min(7, statements) votes; if these are fewer than 15 people, those with most votes join them
    (Small et al. 2021).
    """
    inside = counts >= min(settings.min_votes, statements)
    lacking = settings.top_up - int(inside.sum())
    if lacking > 0:
        others = np.flatnonzero(~inside)
        inside[others[np.argsort(-counts[others], kind="stable")[:lacking]]] = True
    return inside


def least_size(people: int, settings: OpinionSettings) -> int:
    """Return the size below which a cluster is an outlier and not a group: 1 in 20, from 2 to ``smallest_group``."""
    return min(settings.smallest_group, max(2, people // 20))


def split(positions: np.ndarray, k: int, seed: int, settings: OpinionSettings) -> Partition:
    """Return the best of the seeded k-means runs: lowest inertia, those without outlier clusters first.

    Above 20,000 people the runs are made on a seeded sample, and the best is carried to its end with everyone.
    """
    drawn = _sample(len(positions), START_SAMPLE, generator(seed, f"opinion sample {k}"))
    some = positions[drawn]
    least = least_size(len(some), settings)
    # Few people have many local optima and cost little: start more often, so that the seed does not decide.
    restarts = max(settings.restarts, min(10 * settings.restarts, 200_000 // len(some)))
    best: Partition | None = None
    for restart in range(restarts):
        draws = generator(seed, f"opinion k-means {k} {restart}").random(k)
        found = _run(some, _plus_plus(some, draws))
        if best is None or _order(found, least) < _order(best, least):
            best = found
    if best is None:
        raise ValueError("k-means needs at least one restart")
    if len(some) == len(positions):
        return best
    return _run(positions, np.array([some[best.labels == group].mean(axis=0) for group in range(k)]))


def _run(positions: np.ndarray, centres: np.ndarray) -> Partition:
    labels, inertia = _lloyd(positions, centres, 300)
    smallest = int(np.bincount(labels, minlength=len(centres)).min())
    return Partition(labels, round(float(inertia), 6), smallest)


def _sample(people: int, most: int, draw: np.random.Generator) -> np.ndarray:
    """Return the positions of everyone, or of ``most`` drawn without repeats, in order."""
    if people <= most:
        return np.arange(people)
    return np.sort(np.argsort(draw.random(people), kind="stable")[:most])


def _order(partition: Partition, least: int) -> tuple[bool, float]:
    return partition.smallest < least, partition.inertia


def find_partition(
    positions: np.ndarray,
    participants: np.ndarray,
    seed: int,
    settings: OpinionSettings,
    state: GroupState | None,
) -> tuple[np.ndarray, Mapping[int, float], GroupState]:
    """Group people for every allowed k, keep the k of best silhouette once it has won often enough.

    Parameters
    ----------
    positions, participants
        Shape (people, 2) and (people,), of the people to be grouped.
    state
        The state after the last update, or None for the first.

    Returns
    -------
    labels, silhouettes, state
        Group of each person, 0 the largest (or as before, if k has not changed); mean silhouette by k; the state
        to hand to the next update.
    """
    different = len(np.unique(positions, axis=0))
    most = min(settings.most_groups, 2 + len(positions) // settings.people_per_group, different)
    if most < 2:
        labels = np.zeros(len(positions), dtype=np.int64)
        best, silhouettes, splits = 1, {}, {1: labels}
    else:
        found = {k: split(positions, k, seed, settings) for k in range(2, most + 1)}
        least = least_size(len(positions), settings)
        splits = {k: part.labels for k, part in found.items()}
        silhouettes = {k: round(silhouette(positions, part.labels, k, seed), 9) for k, part in found.items()}
        sound = [k for k, part in found.items() if part.smallest >= least] or [2]
        best = max(sound, key=lambda k: (silhouettes[k], -k))
    new = GroupState(best, best, 1) if state is None else state.after(best, settings.patience)
    if new.k not in splits:  # fewer people, or fewer opinions, than before: the old number is impossible
        new = GroupState(best, new.winner, new.wins)
    labels = _named(splits[new.k], new.k, participants, state)
    members = tuple(tuple(participants[labels == group].tolist()) for group in range(new.k))
    return labels, silhouettes, GroupState(new.k, new.winner, new.wins, members)


def _named(labels: np.ndarray, k: int, participants: np.ndarray, state: GroupState | None) -> np.ndarray:
    """Give groups their numbers: by size, or, while k stands, as in the last update by most members in common."""
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    rank = np.empty(k, dtype=np.int64)
    rank[order] = np.arange(k)
    labels = rank[labels]
    if state is None or len(state.members) != k:
        return labels
    before = {name: group for group, names in enumerate(state.members) for name in names}
    was = np.array([before.get(name, -1) for name in participants.tolist()], dtype=np.int64)
    known = was >= 0
    shared = np.zeros((k, k), dtype=np.int64)
    np.add.at(shared, (labels[known], was[known]), 1)
    best = max(permutations(range(k)), key=lambda p: sum(int(shared[new, old]) for new, old in enumerate(p)))
    return np.array(best, dtype=np.int64)[labels]


def silhouette(positions: np.ndarray, labels: np.ndarray, k: int, seed: int) -> float:
    """Return the mean silhouette (Rousseeuw 1987); above 5,000 people that of a seeded sample of 5,000."""
    drawn = _sample(len(positions), SILHOUETTE_SAMPLE, generator(seed, "opinion silhouette"))
    positions, labels = positions[drawn], labels[drawn]
    return float(_silhouette(positions, labels, k))


def _plus_plus(positions: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Choose starting centres by k-means++ (Arthur and Vassilvitskii 2007), one uniform draw per centre."""
    centres = positions[[min(int(draws[0] * len(positions)), len(positions) - 1)]]
    nearest = ((positions - centres[0]) ** 2).sum(axis=1)
    for draw in draws[1:]:
        mass = np.cumsum(nearest)
        chosen = min(int(np.searchsorted(mass, draw * mass[-1], side="right")), len(positions) - 1)
        centres = np.vstack([centres, positions[chosen]])
        nearest = np.minimum(nearest, ((positions - positions[chosen]) ** 2).sum(axis=1))
    return centres


@njit(cache=True)
def _lloyd(positions, centres, rounds):  # type: ignore[no-untyped-def]
    """Lloyd's algorithm on the plane; ties go to the first centre, an empty cluster keeps its centre."""
    n, k = positions.shape[0], centres.shape[0]
    centres = centres.copy()
    labels = np.full(n, -1, dtype=np.int64)
    inertia = 0.0
    for _ in range(rounds):
        moved = False
        inertia = 0.0
        sums = np.zeros((k, 3))
        for i in range(n):
            best, at = np.inf, 0
            for c in range(k):
                dx, dy = positions[i, 0] - centres[c, 0], positions[i, 1] - centres[c, 1]
                d = dx * dx + dy * dy
                if d < best:
                    best, at = d, c
            if labels[i] != at:
                labels[i] = at
                moved = True
            inertia += best
            sums[at, 0] += positions[i, 0]
            sums[at, 1] += positions[i, 1]
            sums[at, 2] += 1.0
        if not moved:
            break
        for c in range(k):
            if sums[c, 2] > 0:
                centres[c, 0] = sums[c, 0] / sums[c, 2]
                centres[c, 1] = sums[c, 1] / sums[c, 2]
    return labels, inertia


@njit(cache=True)
def _silhouette(positions, labels, k):  # type: ignore[no-untyped-def]
    n = positions.shape[0]
    sizes = np.zeros(k)
    for i in range(n):
        sizes[labels[i]] += 1.0
    total = 0.0
    sums = np.zeros(k)
    for i in range(n):
        sums[:] = 0.0
        for j in range(n):
            dx, dy = positions[i, 0] - positions[j, 0], positions[i, 1] - positions[j, 1]
            sums[labels[j]] += np.sqrt(dx * dx + dy * dy)
        own = labels[i]
        if sizes[own] < 2.0:
            continue
        within, between = sums[own] / (sizes[own] - 1.0), np.inf
        for c in range(k):
            if c != own and sizes[c] > 0.0:
                between = min(between, sums[c] / sizes[c])
        widest = max(within, between)
        if widest > 0.0 and between < np.inf:
            total += (between - within) / widest
    return total / n
