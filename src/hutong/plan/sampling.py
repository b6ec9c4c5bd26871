"""Draws of uncertain quantities: Latin hypercube with rank correlation, and the shapes they are given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text

Floats = NDArray[np.float64]


def latin_hypercube(draws: int, columns: int, seed: int, stream: str = "latin hypercube") -> Floats:
    """Return uniforms in (0, 1), shape (draws, columns): each column has one value in each of ``draws`` equal parts.

    McKay, Beckman and Conover 1979.
    """
    random = generator(seed, stream)
    order = random.permuted(np.tile(np.arange(draws), (columns, 1)), axis=1).T
    return np.asarray((order + random.uniform(size=(draws, columns))) / draws, np.float64)


def rank_correlate(values: Floats, target: Floats, seed: int) -> Floats:
    """Return the same values per column, reordered so that their rank correlations come close to ``target``.

    Iman and Conover 1982, with van der Waerden scores; each column keeps its values exactly.

    Parameters
    ----------
    values
        Shape (draws, columns).
    target
        Shape (columns, columns), symmetric with ones on the diagonal.

    Raises
    ------
    HutongError
        ``bad-correlation`` where no joint distribution has these correlations.
    """
    from scipy.special import ndtri

    draws, columns = values.shape
    try:
        wanted = np.linalg.cholesky(target)
    except np.linalg.LinAlgError:
        raise _bad_correlation("not positive definite") from None
    if not np.allclose(target, target.T) or not np.allclose(np.diag(target), 1.0):
        raise _bad_correlation("not symmetric with ones on the diagonal")
    random = generator(seed, "rank correlation")
    scores = ndtri(np.arange(1, draws + 1) / (draws + 1))
    table = random.permuted(np.tile(scores, (columns, 1)), axis=1).T
    has = np.linalg.cholesky(np.corrcoef(table, rowvar=False).reshape(columns, columns))
    table = table @ np.linalg.inv(has).T @ wanted.T
    out = np.empty_like(values)
    for j in range(columns):
        rank = np.empty(draws, np.int64)
        rank[np.argsort(table[:, j], kind="stable")] = np.arange(draws)
        out[:, j] = np.sort(values[:, j])[rank]
    return out


def _bad_correlation(why: str) -> HutongError:
    return HutongError(
        "bad-correlation",
        Text("这些秩相关系数不能同时成立。", "These rank correlations cannot hold together."),
        Text(
            "请改小彼此矛盾的系数，绝对值小于 1。",
            "Reduce those that contradict each other; each is below 1 in size.",
        ),
        [why],
    )


def triangular(u: Floats, low: float, mode: float, high: float) -> Floats:
    """Return the triangular quantiles of ``u``; all the same where ``low`` equals ``high``."""
    if high == low:
        return np.full_like(u, low)
    cut = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < cut, rising, falling)


def event(u: Floats, probability: float, low: float, mode: float, high: float) -> Floats:
    """Return 0 where an event does not happen, else a triangular size; larger ``u`` means a larger size.

    A loss (``high`` ≤ 0) happens at small ``u``, anything else at large ``u``, so that quantiles rise with ``u``.
    """
    if high <= 0:
        return np.where(u < probability, triangular(np.clip(u / probability, 0, 1), low, mode, high), 0.0)
    inside = np.clip((u - 1 + probability) / probability, 0, 1)
    return np.where(u > 1 - probability, triangular(inside, low, mode, high), 0.0)


def waiting_years(u: Floats, per_year: float) -> Floats:
    """Return the years until something happens that has the chance ``per_year`` in each year."""
    return np.asarray(np.log1p(-u) / np.log1p(-per_year), np.float64)


def quantiles(u: Floats, shape: Mapping[str, float]) -> Floats:
    """Return quantiles of the shape that the keys of ``shape`` name: ``per_year``; ``probability``; or triangular."""
    if "per_year" in shape:
        return waiting_years(u, shape["per_year"])
    size = (shape["low"], shape["mode"], shape["high"])
    if "probability" in shape:
        return event(u, shape["probability"], *size)
    return triangular(u, *size)
