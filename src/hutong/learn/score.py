"""How well forecasts did: a public record of what was said beforehand and what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from hutong.errors import HutongError
from hutong.text import Text

Floats = NDArray[np.float64]


def crps(samples: ArrayLike, outcome: ArrayLike) -> Floats:
    """Return the continuous ranked probability score of ensembles, in units of the outcome; smaller is better.

    Parameters
    ----------
    samples
        Shape (forecasts, members).
    outcome
        Shape (forecasts,); NaN (not known yet) gives NaN.

    Notes
    -----
    E|X − y| − ½ E|X − X′| over all pairs of the ensemble (Gneiting and Raftery 2007, eq. 21), from sorted members in
    O(m log m): ½ E|X − X′| = Σ (2i − m − 1) x₍ᵢ₎ / m².
    """
    x = np.sort(np.asarray(samples, float), axis=1)
    y = np.asarray(outcome, float)
    m = x.shape[1]
    weight = 2 * np.arange(1, m + 1) - m - 1
    return np.asarray(np.abs(x - y[:, None]).mean(axis=1) - x @ weight / m**2, np.float64)


def crps_normal(mean: ArrayLike, sd: ArrayLike, outcome: ArrayLike) -> Floats:
    """Return the score of normal forecasts in closed form (Gneiting and Raftery 2007, eq. 20 ff.)."""
    mu, s = np.asarray(mean, float), np.asarray(sd, float)
    z = (np.asarray(outcome, float) - mu) / s
    cdf, pdf = (1 + erf(z / np.sqrt(2))) / 2, np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.asarray(s * (z * (2 * cdf - 1) + 2 * pdf - 1 / np.sqrt(np.pi)), np.float64)


def brier(probability: ArrayLike, happened: ArrayLike) -> float:
    """Return the mean squared error of probabilities of events (Brier 1950); NaN where none is known."""
    p, y = np.asarray(probability, float), np.asarray(happened, float)
    known = np.isfinite(y)
    return float(((p - y)[known] ** 2).mean()) if known.any() else float("nan")


@dataclass(frozen=True)
class Calibration:
    """How often outcomes fell inside the intervals that were stated.

    ``stated`` and ``inside`` have one entry per level; ``low`` and ``high`` are the Wilson interval of ``inside``.
    """

    stated: Floats
    inside: Floats
    low: Floats
    high: Floats
    forecasts: int


def calibration(
    samples: ArrayLike, outcome: ArrayLike, levels: tuple[float, ...] = (0.5, 0.8, 0.9, 0.95)
) -> Calibration:
    """Return the share of outcomes inside central intervals of the ensembles.

    Parameters
    ----------
    samples
        Shape (forecasts, members).
    outcome
        Shape (forecasts,); those not known yet are left out.
    """
    from hutong.sense.requests.rates import wilson

    x, y = np.asarray(samples, float), np.asarray(outcome, float)
    known = np.isfinite(y)
    x, y = x[known], y[known]
    stated = np.asarray(levels, float)
    inside = np.zeros(stated.size)
    for i, level in enumerate(levels):
        if y.size:
            low, high = np.quantile(x, [0.5 - level / 2, 0.5 + level / 2], axis=1)
            inside[i] = ((low <= y) & (y <= high)).sum()
    low, high = wilson(inside, np.full(stated.size, y.size))
    share = inside / y.size if y.size else np.full(stated.size, np.nan)
    return Calibration(stated, share, low, high, int(y.size))


@dataclass(frozen=True)
class Score:
    """A forecaster beside a plain reference on the same outcomes.

    ``skill`` is 1 − score ÷ reference score: 1 is perfect, 0 no better than the reference, below 0 worse. Its interval
    is a paired bootstrap over forecasts; fewer than five known outcomes give none.
    """

    score: float
    reference: float
    skill: float
    low: float
    high: float
    forecasts: int
    waiting: int


def skill(
    samples: ArrayLike, reference: ArrayLike, outcome: ArrayLike, *, seed: int = 1, draws: int = 2000
) -> Score:
    """Return the mean CRPS of ensembles beside that of reference ensembles (same outcomes).

    Parameters
    ----------
    samples, reference
        Shape (forecasts, members) each; members may differ in number. A reference is what one would have said
        without the model: last year's value, or the spread of past years.
    outcome
        Shape (forecasts,); NaN is not known yet and counts as waiting.

    Raises
    ------
    HutongError
        ``score-shape`` if the numbers of forecasts differ.
    """
    from hutong.rng import generator

    x, r, y = np.asarray(samples, float), np.asarray(reference, float), np.asarray(outcome, float)
    if not x.shape[0] == r.shape[0] == y.size:
        raise HutongError(
            "score-shape",
            Text("预测、参照与结果的数目不一致。", "Forecasts, references and outcomes differ in number."),
            Text("请逐条对应。", "Give one of each per forecast."),
        )
    known = np.isfinite(y)
    ours, plain = crps(x[known], y[known]), crps(r[known], y[known])
    n = int(known.sum())
    nan = float("nan")
    if n == 0 or plain.sum() == 0:
        return Score(nan, nan, nan, nan, nan, n, int((~known).sum()))
    low = high = nan
    if n >= 5:
        pick = generator(seed, "forecast skill").integers(0, n, (draws, n))
        below = plain[pick].sum(axis=1)
        ratios = 1 - ours[pick].sum(axis=1)[below > 0] / below[below > 0]
        low, high = (float(q) for q in np.quantile(ratios, [0.025, 0.975]))
    return Score(
        float(ours.mean()),
        float(plain.mean()),
        float(1 - ours.sum() / plain.sum()),
        low,
        high,
        n,
        int((~known).sum()),
    )
