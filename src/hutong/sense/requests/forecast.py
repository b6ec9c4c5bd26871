"""How many requests to expect in the coming weeks, with an honest interval: 未诉先办.

Weekly counts are negative binomial with a log-linear mean: a level that forgets (older weeks weigh less) and, given
two years, the season (two harmonics of the year). Fitted by iteratively reweighted least squares (McCullagh and
Nelder 1989, ch. 2 and 11); the dispersion solves Pearson's equation. It is always scored on weeks it has not seen,
beside the naive forecast, and says so when it is no better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text, number, percent

Floats = NDArray[np.float64]
YEAR_WEEKS = 365.25 / 7
#: Working conventions (confidence U).
HALF_LIFE_WEEKS, LEAST_WEEKS, TWO_YEARS, SURGE_FACTOR, DRAWS = 26.0, 16, 104, 1.25, 2000


@dataclass(frozen=True)
class Fit:
    """Coefficients and their covariance; the variance of a count is mean + ``dispersion`` · mean²."""

    beta: Floats
    covariance: Floats
    dispersion: float
    seasonal: bool


@dataclass(frozen=True)
class Forecast:
    """``weeks``: one row per coming week (mean, low, high, surge: the chance of passing ``usual`` by a quarter).

    Scores are over held-out weeks: mean absolute error of model and naive forecast, and the share of weeks inside
    the interval, which should be near ``confidence``.
    """

    weeks: pd.DataFrame
    confidence: float
    usual: float
    seasonal: bool
    history_weeks: int
    held_out: int
    mae: float
    mae_naive: float
    naive: Text
    coverage: float

    @property
    def better(self) -> bool:
        """Whether the model was nearer than the naive forecast on the weeks held out."""
        return bool(self.mae < self.mae_naive)

    def lines(self) -> list[Text]:
        """Return the forecast in sentences."""
        first = self.weeks.iloc[0]
        sure = percent(self.confidence, "zh")
        verdict = Text("优于", "better than") if self.better else Text("并不优于", "no better than")
        season = (
            Text("已计入季节", "the season is in it")
            if self.seasonal
            else Text("历史不足两年，未计季节", "under two years of history: no season in it")
        )
        return [
            Text(
                f"{first['week']:%Y-%m-%d} 起一周预计 {number(first['mean'], 'zh')} 件（{sure} 区间 {number(first['low'], 'zh')}–{number(first['high'], 'zh')}），"
                f"平常 {number(self.usual, 'zh')} 件；{season.zh}。",
                f"In the week from {first['week']:%Y-%m-%d} expect {number(first['mean'])} requests ({sure} interval {number(first['low'])}–{number(first['high'])});"
                f" usual {number(self.usual)}; {season.en}.",
            ),
            Text(
                f"用最近 {self.held_out} 周回测：平均误差 {self.mae:.1f} 件，{verdict.zh}{self.naive.zh}（{self.mae_naive:.1f} 件）；"
                f"实际数落在区间内的占 {percent(self.coverage, 'zh')}。",
                f"On the last {self.held_out} weeks held out: mean error {self.mae:.1f}, {verdict.en} {self.naive.en} ({self.mae_naive:.1f});"
                f" {percent(self.coverage)} of actual counts lay inside the interval.",
            ),
        ]


def design(weeks: Floats, seasonal: bool) -> Floats:
    """Return the design matrix of week numbers: level and, with the season, two harmonics of the year."""
    angle = 2 * np.pi * weeks / YEAR_WEEKS
    columns = [np.ones_like(weeks)]
    if seasonal:
        columns += [f(k * angle) for k in (1, 2) for f in (np.cos, np.sin)]
    return np.column_stack(columns)


def fit_counts(x: Floats, y: Floats, weight: Floats, seasonal: bool = False) -> Fit:
    """Fit a negative binomial regression with log link (a Poisson one where nothing is overdispersed).

    Parameters
    ----------
    x, y, weight
        Shapes (n, k), (n,), (n,); weights of a mean of 1 or less.
    """
    ridge = 1e-6 * np.eye(x.shape[1])
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(max(float(np.average(y, weights=weight)), 0.1))
    dispersion = 0.0
    for _ in range(20):
        before = dispersion
        beta, information = _irls(x, y, weight, beta, dispersion, ridge)
        dispersion = _dispersion(y, np.exp(x @ beta), weight, x.shape[1])
        if abs(dispersion - before) < 1e-8:
            break
    return Fit(beta, np.asarray(np.linalg.inv(information), float), dispersion, seasonal)


def _irls(
    x: Floats, y: Floats, weight: Floats, beta: Floats, dispersion: float, ridge: Floats
) -> tuple[Floats, Floats]:
    for _ in range(100):
        eta = np.clip(x @ beta, -20.0, 20.0)
        mean = np.exp(eta)
        w = weight * mean / (1 + dispersion * mean)
        information = x.T @ (w[:, None] * x) + ridge
        step = np.linalg.solve(information, x.T @ (w * (eta + (y - mean) / mean))) - beta
        largest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / largest if largest > 0 else 1.0)
        if largest < 1e-10:
            break
    return beta, information


def _dispersion(y: Floats, mean: Floats, weight: Floats, terms: int) -> float:
    """Return the dispersion at which Pearson's chi-square equals its degrees of freedom; 0 if it is less anyhow."""
    freedom = weight.sum() * (1 - terms / len(y))

    def excess(a: float) -> float:
        return float((weight * (y - mean) ** 2 / (mean + a * mean**2)).sum() - freedom)

    if excess(0.0) <= 0:
        return 0.0
    top = 1.0
    while excess(top) > 0 and top < 1e6:
        top *= 4
    return float(brentq(excess, 0.0, top)) if excess(top) <= 0 else top


def draws(fit: Fit, x: Floats, seed: int, stream: str, count: int = DRAWS) -> Floats:
    """Return simulated counts of shape (count, weeks): unsure coefficients first, then the counts themselves."""
    rng = generator(seed, stream)
    root = np.linalg.cholesky(fit.covariance + 1e-12 * np.eye(len(fit.beta)))
    beta = fit.beta + rng.standard_normal((count, len(fit.beta))) @ root.T
    mean = np.exp(np.clip(beta @ x.T, -20.0, 20.0))
    if fit.dispersion > 0:
        mean = rng.gamma(1 / fit.dispersion, fit.dispersion * mean)
    return rng.poisson(mean).astype(np.float64)


def forecast(
    counts: pd.Series,
    *,
    ahead: int = 4,
    confidence: float = 0.9,
    held_out: int = 12,
    half_life: float = HALF_LIFE_WEEKS,
    seed: int = 1,
) -> Forecast:
    """Forecast weekly counts and score the method on held-out weeks.

    Parameters
    ----------
    counts
        By week (Mondays), as from :func:`hutong.sense.requests.weeks.weekly`; NaN is unknown.
    ahead
        How many weeks; the score is of forecasts 1 … ``ahead`` weeks ahead, made anew each week.

    Raises
    ------
    HutongError
        ``too-short`` with fewer than 16 known weeks beside those held out.
    """
    y = counts.to_numpy(dtype=float)
    known = int((~np.isnan(y)).sum())
    if known < LEAST_WEEKS + held_out:
        raise HutongError(
            "too-short",
            Text(
                f"只有 {known} 周记录，不足以预测。",
                f"{known} weeks of records are too few to forecast from.",
            ),
            Text(
                f"至少需要 {LEAST_WEEKS + held_out} 周。",
                f"At least {LEAST_WEEKS + held_out} weeks are needed.",
            ),
        )
    low, high = (1 - confidence) / 2, (1 + confidence) / 2
    errors, naive_errors, inside = [], [], []
    for origin in range(len(y) - held_out, len(y)):
        span = min(ahead, len(y) - origin)
        actual = y[origin : origin + span]
        sims = _ahead(y[:origin], span, half_life, seed, f"request backtest {origin}")[0]
        ok = ~np.isnan(actual)
        errors += list(np.abs(np.median(sims, axis=0) - actual)[ok])
        naive_errors += list(np.abs(_naive(y[:origin], span) - actual)[ok])
        bounds = np.quantile(sims, [low, high], axis=0)
        inside += list(((actual >= bounds[0]) & (actual <= bounds[1]))[ok])
    sims, fit = _ahead(y, ahead, half_life, seed, "request forecast")
    usual = float(np.nanmedian(y[-52:]))
    edge = max(SURGE_FACTOR * usual, usual + 1)
    start = counts.index[-1] + pd.Timedelta(days=7)
    weeks = pd.DataFrame(
        {
            "week": pd.date_range(start, periods=ahead, freq="7D"),
            "mean": sims.mean(axis=0),
            "low": np.quantile(sims, low, axis=0),
            "high": np.quantile(sims, high, axis=0),
            "surge": (sims > edge).mean(axis=0),
        }
    )
    return Forecast(
        weeks=weeks, confidence=confidence, usual=usual, seasonal=fit.seasonal, history_weeks=known,
        held_out=held_out, mae=float(np.mean(errors)), mae_naive=float(np.mean(naive_errors)),
        naive=_naive_name(len(y) - held_out), coverage=float(np.mean(inside)),
    )  # fmt: skip


def _ahead(y: Floats, span: int, half_life: float, seed: int, stream: str) -> tuple[Floats, Fit]:
    known = np.flatnonzero(~np.isnan(y))
    seasonal = len(y) >= TWO_YEARS
    weight = 0.5 ** ((len(y) - 1 - known) / (half_life * (4 if seasonal else 1)))
    fit = fit_counts(design(known.astype(float), seasonal), y[known], weight, seasonal)
    return draws(fit, design(len(y) + np.arange(span, dtype=float), seasonal), seed, stream), fit


def _naive(y: Floats, span: int) -> Floats:
    """Return the same weeks of last year, or the mean of the last four weeks where there is no such year."""
    recent = float(np.nanmean(y[-4:])) if (~np.isnan(y[-4:])).any() else float(np.nanmean(y))
    if len(y) < TWO_YEARS:
        return np.full(span, recent)
    last = np.array([y[len(y) + h - 52] for h in range(span)])
    return np.where(np.isnan(last), recent, last)


def _naive_name(weeks: int) -> Text:
    if weeks >= TWO_YEARS:
        return Text("“同去年同周”", "“the same week last year”")
    return Text("“最近四周平均”", "“the mean of the last four weeks”")
