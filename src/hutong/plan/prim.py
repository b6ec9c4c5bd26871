"""Where does it fail? The patient rule induction method: peel a box until mostly failures are left in it.

Friedman and Fisher 1999; as scenario discovery Bryant and Lempert 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Limits on some columns, how many of the cases inside are failures, and how many of all failures are inside.

    ``limits`` has shape (columns, 2) and is infinite where a column does not matter. ``chance`` is, per column that is
    limited, the probability that its limit does this well by luck (binomial; NaN where there is no limit).
    """

    names: tuple[str, ...]
    limits: Floats
    coverage: float
    density: float
    mass: float
    chance: Floats

    def inside(self, values: Floats) -> Bools:
        """Return which rows lie in the box."""
        return np.asarray(
            ((values >= self.limits[:, 0]) & (values <= self.limits[:, 1])).all(axis=1), np.bool_
        )

    @property
    def limited(self) -> tuple[str, ...]:
        """The columns that the box limits."""
        return tuple(n for n, row in zip(self.names, self.limits, strict=True) if np.isfinite(row).any())


def peel(
    values: Floats, failed: Bools, names: Sequence[str], *, share: float = 0.05, least_mass: float = 0.05
) -> list[Box]:
    """Return the trajectory of boxes, from all cases to the smallest, each denser in failures.

    Parameters
    ----------
    values
        Shape (cases, columns); infinite values are allowed.
    failed
        Shape (cases,).
    share
        Part of the cases in the box that a step removes from one end of one column.
    least_mass
        Part of all cases below which a box is not peeled further.
    """
    inside = np.ones(len(values), bool)
    limits = np.tile([-np.inf, np.inf], (values.shape[1], 1))
    boxes = [_box(values, failed, names, limits)]
    while inside.sum() * (1 - share) >= least_mass * len(values) and boxes[-1].density < 1:
        step = _best_step(values, failed, inside, share)
        if step is None:
            break
        column, side, limit, inside = step
        limits = limits.copy()
        limits[column, side] = limit
        boxes.append(_box(values, failed, names, limits))
    return boxes


def _best_step(
    values: Floats, failed: Bools, inside: Bools, share: float
) -> tuple[int, int, float, Bools] | None:
    """Return the cut (column, side, limit, what stays inside) that leaves the greatest part of failures, if any gains."""
    rows = np.flatnonzero(inside)
    count = max(1, int(share * rows.size))
    now = failed[rows].mean()
    best: tuple[float, int, int, float, Bools] | None = None
    for column in range(values.shape[1]):
        x = values[rows, column]
        order = np.sort(x)
        for side, limit in ((0, order[count]), (1, order[-count - 1])):
            keep = x >= limit if side == 0 else x <= limit
            if keep.all():  # ties at the end: go on to the next value
                other = order[order > order[0]] if side == 0 else order[order < order[-1]]
                if not other.size:
                    continue
                limit = other[0] if side == 0 else other[-1]
                keep = x >= limit if side == 0 else x <= limit
            if keep.sum() * 2 < rows.size:  # a column of few values: too much at once
                continue
            density = failed[rows[keep]].mean()
            if density > now and (best is None or density > best[0]):
                stays = np.zeros_like(inside)
                stays[rows[keep]] = True
                best = (float(density), column, side, float(limit), stays)
    return None if best is None else best[1:]


def _box(values: Floats, failed: Bools, names: Sequence[str], limits: Floats) -> Box:
    inside = ((values >= limits[:, 0]) & (values <= limits[:, 1])).all(axis=1)
    hits, size, total = int((failed & inside).sum()), int(inside.sum()), int(failed.sum())
    return Box(
        tuple(names), limits, hits / total if total else 0.0, hits / size if size else 0.0, size / len(values),
        _chances(values, failed, limits, hits, size),
    )  # fmt: skip


def _chances(values: Floats, failed: Bools, limits: Floats, hits: int, size: int) -> Floats:
    """Return, per limited column, how likely as many failures would be without its limit."""
    from scipy.special import bdtrc

    out = np.full(len(limits), np.nan)
    within = (values >= limits[:, 0]) & (values <= limits[:, 1])
    for column in np.flatnonzero(np.isfinite(limits).any(axis=1)):
        without = np.delete(within, column, axis=1).all(axis=1)
        rate = failed[without].mean()
        out[column] = 1.0 if hits == 0 else float(bdtrc(hits - 1, size, rate))
    return out


def choose(boxes: Sequence[Box], least_coverage: float = 0.5) -> Box:
    """Return the densest box of a trajectory that still holds ``least_coverage`` of all failures."""
    return max((b for b in boxes if b.coverage >= least_coverage), key=lambda b: b.density, default=boxes[0])
