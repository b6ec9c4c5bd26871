"""TOPSIS: how close each alternative comes to the best there is on every criterion (Hwang and Yoon 1981)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hutong.errors import HutongError
from hutong.text import Text


def topsis(matrix: ArrayLike, weights: ArrayLike, benefit: ArrayLike | None = None) -> np.ndarray:
    """Return closeness C_i = D⁻_i / (D⁺_i + D⁻_i) in [0, 1], 1 for what is best on every criterion.

    Each column is divided by its Euclidean norm and multiplied by its weight; D⁺ and D⁻ are the Euclidean
    distances to the best and the worst that any alternative shows (Hwang and Yoon 1981). A column of
    zeros stays zero, a constant one tells nothing apart; where nothing tells any apart, closeness is 0.5.
    Closeness depends on which alternatives are compared: adding one can change the order of the others.

    Parameters
    ----------
    matrix
        Shape (alternatives, criteria). An alternative with an unknown (NaN) is left out and gets NaN.
    weights
        Shape (criteria,), not negative, any positive sum (they are scaled to 1).
    benefit
        Shape (criteria,): true where more is better (default: everywhere).

    Raises
    ------
    HutongError
        ``invalid-criteria`` for shapes that do not fit, infinite values or unusable weights.
    """
    x = np.asarray(matrix, np.float64)
    if x.ndim != 2 or np.isinf(x).any():
        raise _invalid("criteria are a table of finite numbers", "准则须是一张有限数值的表")
    w = np.asarray(weights, np.float64)
    if w.shape != (x.shape[1],) or not (w >= 0).all() or not 0 < w.sum() < np.inf:
        raise _invalid("weights must be one number ≥ 0 per criterion", "权重须与准则一一对应且不小于 0")
    better = np.ones(x.shape[1], bool) if benefit is None else np.asarray(benefit, bool)
    if better.shape != w.shape:
        raise _invalid(
            "say for each criterion whether more is better", "须逐项说明准则是越大越好还是越小越好"
        )
    closeness = np.full(len(x), np.nan)
    known = ~np.isnan(x).any(axis=1)
    if known.any():
        closeness[known] = _closeness(x[known], w / w.sum(), better)
    return closeness


def _closeness(x: np.ndarray, w: np.ndarray, better: np.ndarray) -> np.ndarray:
    scale = np.abs(x).max(axis=0)  # first to size 1, so that squares neither overflow nor vanish
    unit = x / np.where(scale > 0, scale, 1.0)
    norm = np.sqrt(np.square(unit).sum(axis=0))
    v = w * unit / np.where(norm > 0, norm, 1.0)
    best = np.where(better, v.max(axis=0), v.min(axis=0))
    worst = np.where(better, v.min(axis=0), v.max(axis=0))
    to_best = np.sqrt(np.square(v - best).sum(axis=1))
    to_worst = np.sqrt(np.square(v - worst).sum(axis=1))
    span = to_best + to_worst
    return np.asarray(np.where(span > 0, to_worst / np.where(span > 0, span, 1.0), 0.5))


def ranks(closeness: ArrayLike) -> np.ndarray:
    """Return ranks from 1 for the best, equal ones sharing the smaller; NaN stays NaN (float64)."""
    c = np.asarray(closeness, np.float64)
    known = np.sort(-c[~np.isnan(c)])
    return np.asarray(np.where(np.isnan(c), np.nan, np.searchsorted(known, -c, side="left") + 1.0))


def _invalid(en: str, zh: str) -> HutongError:
    return HutongError(
        "invalid-criteria",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        Text("请检查准则表和权重。", "Check the table of criteria and the weights."),
    )
