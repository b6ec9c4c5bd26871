"""Packages: sets of measures that fit an object and each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.plan.results import Measure

#: Most measures of one object whose subsets are enumerated in full; of more, every set of those with most worth per cost, each
#: of the others alone, and all in order of worth per cost.
MOST_MEASURES = 11
#: On how many of the first packages of an object the measures that are done beside others are put.
FULLEST = 3


def compatible_sets(measures: Sequence[Measure]) -> NDArray[np.bool_]:
    """Return every compatible set of measures (not the empty one), shape (sets, measures), smallest first.

    A set holds what its members require and nothing that they exclude.
    """
    n = len(measures)
    names = {m.id: i for i, m in enumerate(measures)}
    codes = np.arange(1, 2**n)
    sets = (codes[:, None] >> np.arange(n)) & 1 == 1
    good = np.ones(codes.size, bool)
    for i, measure in enumerate(measures):
        for other in measure.excludes:
            if other in names:
                good &= ~(sets[:, i] & sets[:, names[other]])
        for other in measure.requires:
            good &= ~sets[:, i] | (sets[:, names[other]] if other in names else False)
    sets = sets[good]
    return sets[np.lexsort((codes[good], sets.sum(axis=1)))]


def offered_sets(
    measures: Sequence[Measure],
    applies: NDArray[np.bool_],
    worth: NDArray[np.float64],
    cost: NDArray[np.float64],
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the packages kept for each object: its row, and the measures in it, shape (packages, measures).

    Every compatible set of the measures that apply is weighed and at most ``most`` are kept of each object: single
    measures, the largest set, the largest but one, and the sets that take measures in order of worth per cost first;
    the rest by worth per cost. Measures done beside others (``beside``) come on top of these: each alone, and all that
    fit on the fullest packages, so that adding such a measure takes no package away.

    Parameters
    ----------
    applies
        Shape (objects, measures): where a measure's condition is true.
    worth, cost
        Shape (objects, measures): what a measure brings and costs there.
    """
    extra = np.array([m.beside for m in measures], bool)
    patterns, which = np.unique(applies, axis=0, return_inverse=True)
    objects, packages = [np.empty(0, np.int64)], [np.empty((0, len(measures)), bool)]
    for code, pattern in enumerate(patterns):
        members = np.flatnonzero(which.ravel() == code)
        at = np.flatnonzero(pattern & ~extra)
        full = np.empty((0, len(measures)), bool)
        local = np.empty(0, np.int64)
        if at.size:
            here = np.ix_(members, at)
            ratio = (worth[here] / np.maximum(cost[here], 1.0)).mean(axis=0)
            sets = _sets([measures[int(i)] for i in at], ratio)
            if len(sets):
                local, kept = _cut(sets, worth[here], cost[here], most)
                full = np.zeros((kept.size, len(measures)), bool)
                full[:, at] = sets[kept]
        more_local, more = _beside(measures, np.flatnonzero(pattern & extra), members.size, local, full)
        objects += [members[local], members[more_local]]
        packages += [full, more]
    row, package = np.concatenate(objects), np.concatenate(packages)
    order = np.lexsort((package.sum(axis=1), row))
    return row[order], package[order]


def _beside(
    measures: Sequence[Measure],
    extras: NDArray[np.int64],
    objects: int,
    local: NDArray[np.int64],
    packages: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the packages that hold measures done beside others: each alone, and all that fit on the fullest ones."""
    names = {m.id: i for i, m in enumerate(measures)}
    rows: list[int] = []
    out: list[NDArray[np.bool_]] = []

    def add(row: int, package: NDArray[np.bool_]) -> None:
        if _is_compatible(package, measures):
            rows.append(row)
            out.append(package)

    if extras.size:
        size = packages.sum(axis=1)
        for row in range(objects):
            for i in extras:
                add(row, _with_required(i, measures, names))
            own = np.flatnonzero(local == row)
            for at in own[np.argsort(-size[own], kind="stable")][:FULLEST]:
                grown = packages[at].copy()
                for i in extras:
                    longer = grown | _with_required(i, measures, names)
                    grown = longer if _is_compatible(longer, measures) else grown
                if (grown != packages[at]).any():
                    add(row, grown)
    empty = np.empty((0, len(measures)), bool)
    return np.array(rows, np.int64), np.array(out, bool) if out else empty


def _sets(measures: Sequence[Measure], ratio: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the compatible sets to weigh, smallest first."""
    n = len(measures)
    if n <= MOST_MEASURES:
        return compatible_sets(measures)
    best = np.argsort(-ratio, kind="stable")
    top = np.sort(best[:MOST_MEASURES])
    few = compatible_sets([measures[i] for i in top])
    sets = [np.zeros((len(few), n), bool)]
    sets[0][:, top] = few
    names = {m.id: i for i, m in enumerate(measures)}
    sets += [_with_required(i, measures, names)[None, :] for i in best[MOST_MEASURES:]]
    chain = np.zeros(n, bool)
    for i in best:
        longer = chain | _with_required(i, measures, names)
        if _is_compatible(longer, measures):
            chain = longer
            sets.append(chain[None, :])
    every = np.unique(np.concatenate(sets), axis=0)
    good = np.array([row.any() and _is_compatible(row, measures) for row in every], bool)
    every = every[good]
    return every[np.argsort(every.sum(axis=1), kind="stable")]


def _with_required(at: np.int64, measures: Sequence[Measure], names: Mapping[str, int]) -> NDArray[np.bool_]:
    out = np.zeros(len(measures), bool)
    out[at] = True
    for other in measures[int(at)].requires:
        if other in names:
            out[names[other]] = True
    return out


def _is_compatible(row: NDArray[np.bool_], measures: Sequence[Measure]) -> bool:
    package = [m for m, on in zip(measures, row, strict=True) if on]
    held = {m.id for m in package}
    return all(not held.intersection(m.excludes) and held.issuperset(m.requires) for m in package)


def _cut(
    sets: NDArray[np.bool_], worth: NDArray[np.float64], cost: NDArray[np.float64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the (object, set) pairs kept, at most ``most`` of each object, all measures of the sets applying."""
    size = sets.sum(axis=1)
    ratio = (worth @ sets.T) / np.maximum(cost @ sets.T, 1.0)
    largest, least = size.max(), size.min()
    order = np.argsort(np.argsort(-worth / np.maximum(cost, 1.0), axis=1, kind="stable"), axis=1)
    deepest = np.stack([np.where(sets, rank[None, :], -1).max(axis=1) for rank in order])
    first = (
        (((size <= 1) | (size == least)) * 4 + (size == largest) * 4 + (size == largest - 1) * 2)[None, :]
        + (deepest == size[None, :] - 1) * 3
    )  # fmt: skip
    peak = np.maximum(ratio.max(axis=1), 1e-12)[:, None]
    ranked = np.argsort(-(first + ratio / peak), axis=1, kind="stable")[:, :most]
    objects, pairs = np.repeat(np.arange(len(worth)), ranked.shape[1]), ranked.ravel()
    by_size = np.lexsort((pairs, objects))
    return objects[by_size], pairs[by_size]
