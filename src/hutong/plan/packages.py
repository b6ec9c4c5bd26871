"""Packages: sets of measures that fit an object and each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.results import Measure
from hutong.text import Text

#: Most measures of one kind of object whose subsets are enumerated in full.
MOST_MEASURES = 14


def compatible_sets(measures: Sequence[Measure]) -> NDArray[np.bool_]:
    """Return every compatible set of measures (not the empty one), shape (sets, measures), smallest first.

    A set holds what its members require and nothing that they exclude.

    Raises
    ------
    HutongError
        ``too-many-measures`` when one kind of object has more than :data:`MOST_MEASURES`.
    """
    n = len(measures)
    if n > MOST_MEASURES:
        raise HutongError(
            "too-many-measures",
            Text(
                f"一类对象有 {n} 项措施，超过 {MOST_MEASURES} 项。",
                f"One kind of object has {n} measures, more than {MOST_MEASURES}.",
            ),
            Text(
                "请合并相近措施，或按对象细分。",
                "Merge measures that are alike, or split the kind of object.",
            ),
        )
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
    sets: NDArray[np.bool_],
    applies: NDArray[np.bool_],
    worth: NDArray[np.float64],
    cost: NDArray[np.float64],
    most: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the (object, set) pairs kept for each object, at most ``most`` of each object.

    Single measures, the largest set, the largest but one, and the sets that take measures in order of worth per
    cost are kept first; the rest by worth per cost.

    Parameters
    ----------
    sets
        Shape (sets, measures).
    applies
        Shape (objects, measures): where a measure's condition is true.
    worth, cost
        Shape (objects, measures): what a measure brings and costs there.
    """
    size = sets.sum(axis=1)
    fits = ~((~applies).astype(np.float32) @ sets.T.astype(np.float32) > 0)
    total_worth = np.where(applies, worth, 0) @ sets.T
    total_cost = np.where(applies, cost, 0) @ sets.T
    ratio = total_worth / np.maximum(total_cost, 1.0)
    largest = np.where(fits, size[None, :], 0).max(axis=1, initial=0)
    order = np.argsort(
        np.argsort(-np.where(applies, worth, 0) / np.maximum(cost, 1.0), axis=1, kind="stable"), axis=1
    )
    deepest = np.where(sets[None, :, :], order[:, None, :], -1).max(axis=2)
    single, least = size[None, :] <= 1, np.where(fits, size[None, :], 99).min(axis=1, initial=99)
    first = (
        (single | (size[None, :] == least[:, None])) * 4
        + (size[None, :] == largest[:, None]) * 4
        + (size[None, :] == largest[:, None] - 1) * 2
        + (deepest == size[None, :] - 1) * 3
    )
    peak = np.maximum(np.where(fits, ratio, 0).max(axis=1, initial=0), 1e-12)[:, None]
    score = np.where(fits, first + ratio / peak, -1.0)
    ranked = np.argsort(-score, axis=1, kind="stable")[:, :most]
    objects = np.repeat(np.arange(len(applies)), ranked.shape[1])
    pairs = ranked.ravel()
    keep = score[objects, pairs] >= 0
    objects, pairs = objects[keep], pairs[keep]
    by_size = np.lexsort((pairs, objects))
    return objects[by_size], pairs[by_size]
