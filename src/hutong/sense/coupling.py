"""Coupling coordination degree 耦合协调度: how well subsystems develop, and how well they keep in step.

Scores must already lie in [0, 1] with 1 best; nothing is normalised here. Scores normalised by the range of the
data (min–max) make the degree depend on which places or months are compared: state it where you do so.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from hutong.errors import HutongError
from hutong.text import Text

Form = Literal["corrected", "standard"]


def coupling_degree(u: ArrayLike, weights: ArrayLike | None = None, form: Form = "corrected") -> np.ndarray:
    """Return D = sqrt(C·T) of subsystem scores, with T = Σ w_i u_i and C from :func:`coupling`.

    Parameters
    ----------
    u
        Scores in [0, 1], shape (..., n), n ≥ 2; NaN (unknown) gives NaN.
    weights
        Shape (n,), not negative, any positive sum (they are scaled to 1). Default: equal.
    form
        ``corrected`` (Wang et al. 2021) or ``standard``.

    Returns
    -------
    D in [0, 1], shape (...).

    Raises
    ------
    HutongError
        ``invalid-scores`` for scores outside [0, 1], fewer than two of them, or unusable weights.
    """
    scores = _scores(u)
    n = scores.shape[-1]
    given = np.full(n, 1.0 / n) if weights is None else np.asarray(weights, np.float64)
    if given.shape != (n,) or not np.all(given >= 0) or not 0 < given.sum() < np.inf:
        raise _invalid("weights must be one number ≥ 0 per score", "权重须与得分一一对应且不小于 0")
    level = scores @ (given / given.sum())
    return np.asarray(np.sqrt(coupling(scores, form) * level))


def coupling(u: ArrayLike, form: Form = "corrected") -> np.ndarray:
    """Return the coupling degree C in [0, 1] of scores u, shape (..., n): how alike they are.

    Standard: C = n (Π u_i)^(1/n) / Σ u_i. Corrected (Wang, Kong, Ren and Dai 2021, "Research on misuses and
    modification of coupling coordination degree model in China", Journal of Natural Resources 36(3), 793–810):
    C = sqrt((1 − Σ_{i>j} |u_i − u_j| / (n(n−1)/2)) · (Π u_i / max u)^(1/(n−1))), which spreads C over [0, 1].
    Where all scores are 0 there is nothing to couple and C is 0.
    """
    scores = _scores(u)
    n = scores.shape[-1]
    top = scores.max(axis=-1)
    safe = np.where(top == 0, 1.0, top)[..., None]
    ratio = scores / safe  # scale-free, so that products of small scores keep their digits
    if form == "standard":
        total = ratio.sum(axis=-1)
        mean = n * np.prod(ratio, axis=-1) ** (1.0 / n)
        degree = mean / np.where(top == 0, 1.0, total)
    elif form == "corrected":
        i, j = np.triu_indices(n, k=1)
        apart = np.abs(scores[..., i] - scores[..., j]).mean(axis=-1)
        degree = np.sqrt((1.0 - apart) * np.prod(ratio, axis=-1) ** (1.0 / (n - 1)))
    else:
        raise _invalid(f"there is no form {form!r}; use corrected or standard", f"没有“{form}”这种形式")
    return np.asarray(np.clip(degree, 0.0, 1.0))


def entropy_weights(scores: ArrayLike) -> np.ndarray:
    """Return entropy weights (Shannon 1948): an indicator that tells the cases apart more weighs more.

    e_j = −Σ_i p_ij ln p_ij / ln m with p_ij = x_ij / Σ_i x_ij and 0·ln 0 = 0; w_j = (1 − e_j) / Σ (1 − e_j).
    Where no indicator tells any cases apart, all weigh the same.

    Parameters
    ----------
    scores
        Scores ≥ 0 without unknowns, shape (cases m, indicators n).

    Raises
    ------
    HutongError
        ``invalid-scores`` for another shape, negative or unknown scores.
    """
    x = np.asarray(scores, np.float64)
    if x.ndim != 2 or x.shape[0] < 1 or x.shape[1] < 1 or not np.all((x >= 0) & np.isfinite(x)):
        raise _invalid(
            "entropy weights need a table of known scores ≥ 0", "熵权需要一张不小于 0、没有缺值的得分表"
        )
    cases, n = x.shape
    total = x.sum(axis=0)
    # A column of zeros is constant, as is one with equal values: its entropy is the greatest there is.
    p = np.where(total > 0, x / np.where(total > 0, total, 1.0), 1.0 / cases)
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0) / max(np.log(cases), np.finfo(float).tiny)
    told = np.clip(1.0 - entropy, 0.0, None) if cases > 1 else np.zeros(n)
    told[told < 1e-12] = 0.0
    if told.sum() == 0:
        return np.full(n, 1.0 / n)
    return np.asarray(told / told.sum(), dtype=np.float64)


def _scores(u: ArrayLike) -> np.ndarray:
    scores = np.asarray(u, np.float64)
    if scores.ndim < 1 or scores.shape[-1] < 2:
        raise _invalid("coupling needs two or more subsystem scores", "耦合协调度至少需要两个子系统的得分")
    if np.any((scores < 0) | (scores > 1)):
        raise _invalid("subsystem scores must lie in [0, 1]", "子系统得分须在 0 到 1 之间")
    return scores


def _invalid(en: str, zh: str) -> HutongError:
    return HutongError(
        "invalid-scores",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        Text("请检查输入的得分、权重和形式。", "Check the scores, the weights and the form."),
    )
