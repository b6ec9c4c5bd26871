"""Obstacle degrees 障碍度: which shortfalls hold a place back most."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hutong.errors import HutongError
from hutong.text import Text


def obstacle_degrees(scores: ArrayLike, weights: ArrayLike) -> np.ndarray:
    """Return O_ij = F_j (1 − u_ij) / Σ_j F_j (1 − u_ij): the share of each indicator in what a place lacks.

    F_j is the contribution of indicator j (its weight, times that of its theme), 1 − u_ij its deviation (Lu, Wen,
    Yang et al. 2011, "Performance evaluation and obstacle indicator diagnoses of urban land use by an improved
    TOPSIS", Resources Science 33(3), 535–541). Unknown scores (NaN) are left out and stay NaN: the degrees of the known
    sum to 1. Where nothing is lacking, nothing is an obstacle and all are 0.

    Parameters
    ----------
    scores
        u in [0, 1] with 1 best, shape (places, indicators).
    weights
        F ≥ 0, shape (indicators,).

    Raises
    ------
    HutongError
        ``invalid-scores`` for scores outside [0, 1] or weights that do not fit.
    """
    u, f = np.asarray(scores, np.float64), np.asarray(weights, np.float64)
    if u.ndim != 2 or f.shape != (u.shape[1],) or not (f >= 0).all() or ((u < 0) | (u > 1)).any():
        raise HutongError(
            "invalid-scores",
            Text("障碍度需要 0 到 1 之间的得分，以及每项一个不小于 0 的权重。",
                 "Obstacle degrees need scores in [0, 1] and one weight ≥ 0 for each indicator."),
            Text("请检查得分和权重。", "Check the scores and the weights."),
        )  # fmt: skip
    lacking = f * (1.0 - u)
    total = np.nansum(lacking, axis=1, keepdims=True)
    share = lacking / np.where(total > 0, total, 1.0)
    return np.asarray(share)


def main_obstacles(degrees: ArrayLike, most: int = 3) -> tuple[tuple[int, ...], ...]:
    """Return, per place, the positions of its greatest obstacles, greatest first, none of degree 0 or unknown."""
    o = np.nan_to_num(np.asarray(degrees, np.float64), nan=0.0)
    order = np.argsort(-o, axis=1, kind="stable")[:, :most]
    return tuple(tuple(int(j) for j in row if o[i, j] > 0) for i, row in enumerate(order))
