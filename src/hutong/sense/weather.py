"""Measured energy made comparable across winters, and set beside what was estimated.

Use = base load · days + slope · heating degree days (the PRISM model, Fels 1986; ASHRAE Guideline 14). The base
temperature is stated, or the one of a range that fits best; a normal year's degree days then give the use of a
normal year, with its interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from hutong.errors import HutongError
from hutong.text import Text, number

#: China's heating degree days are counted from 18 °C (JGJ 26; confidence K).
BASE_DEG_C = 18.0
#: A monthly model with more scatter than this says little (ASHRAE Guideline 14: CV(RMSE) 15 %; confidence K).
MOST_SCATTER = 0.15
LEAST_PERIODS = 6


def degree_days(daily_mean_deg_c: pd.Series, base_deg_c: float = BASE_DEG_C) -> pd.Series:
    """Return the heating degree days of each day, max(0, base − mean); unknown days stay unknown."""
    return (base_deg_c - daily_mean_deg_c).clip(lower=0)


@dataclass(frozen=True)
class WeatherFit:
    """Use of a period = ``base_load`` · days + ``slope`` · degree days below ``base_deg_c``.

    ``scatter`` is CV(RMSE); ``covariance`` that of (base_load, slope). ``usable`` is False where there is no heating
    signal or too much scatter, and ``verdict`` says why.
    """

    base_deg_c: float
    base_chosen: bool
    base_load: float
    slope: float
    covariance: np.ndarray
    residual: float
    r2: float
    scatter: float
    n: int
    usable: bool
    verdict: Text

    def normal_year(
        self, normal_degree_days: float, days: float = 365.0, confidence: float = 0.95
    ) -> tuple[float, float, float]:
        """Return the use of a normal year and its interval (from what the fit leaves unsure, and the scatter).

        Parameters
        ----------
        normal_degree_days
            Of a normal year, below the same base temperature; whose figure it is must be said by the caller.
        """
        x = np.array([days, normal_degree_days])
        middle = float(x @ [self.base_load, self.slope])
        share = days / 365.0 * 12
        spread = float(np.sqrt(x @ self.covariance @ x + share * self.residual**2))
        t = float(stats.t.ppf(0.5 + confidence / 2, self.n - 2))
        return middle, middle - t * spread, middle + t * spread


def fit_weather(
    use: pd.Series,
    daily_mean_deg_c: pd.Series,
    *,
    base_deg_c: float | None = BASE_DEG_C,
    until: pd.Timestamp | None = None,
) -> WeatherFit:
    """Fit energy use by period on heating degree days.

    Parameters
    ----------
    use
        Use of each period, by its first day; each lasts until the next begins. NaN is left out.
    daily_mean_deg_c
        Daily mean outdoor temperature by day. A period with an unknown day is left out, not filled.
    base_deg_c
        Base temperature; ``None``: the best fitting of 10 … 20 °C in half degrees.
    until
        The day after the last period; by default as the index's frequency has it, else the last period is left out.

    Raises
    ------
    HutongError
        ``too-short`` with fewer than six known periods.
    """
    bases = [base_deg_c] if base_deg_c is not None else list(np.arange(10.0, 20.25, 0.5))
    frames = {b: _periods(use, daily_mean_deg_c, b, until) for b in bases}
    n = len(next(iter(frames.values())))
    if n < LEAST_PERIODS:
        raise HutongError(
            "too-short",
            Text(f"只有 {n} 期既有用能又有气温。", f"Only {n} periods have both use and temperature."),
            Text(f"至少需要 {LEAST_PERIODS} 期。", f"At least {LEAST_PERIODS} are needed."),
        )
    fits = {b: _least_squares(f) for b, f in frames.items()}
    best = min(fits, key=lambda b: (fits[b][2], abs(b - BASE_DEG_C)))
    beta, covariance, residual, r2 = fits[best]
    scatter = residual / float(frames[best]["use"].mean())
    slope_error = float(np.sqrt(covariance[1, 1]))
    signal = beta[1] > 0 and beta[1] > 2 * slope_error
    if not signal:
        verdict = Text(
            "看不出随气温变化的用热，不能按气候修正。",
            "Use does not follow the weather: it cannot be normalised.",
        )
    elif scatter > MOST_SCATTER:
        verdict = Text(
            f"离散过大（CV(RMSE) {number(scatter * 100, 'zh')}%，应不超过 15%），修正值仅供参考。",
            f"Too much scatter (CV(RMSE) {number(scatter * 100)}%, should be 15% at most): indicative only.",
        )
    else:
        verdict = Text("拟合可用。", "The fit can be used.")
    return WeatherFit(
        float(best), base_deg_c is None, float(beta[0]), float(beta[1]), covariance, residual, r2, scatter, n,
        bool(signal and scatter <= MOST_SCATTER), verdict,
    )  # fmt: skip


def _periods(use: pd.Series, daily: pd.Series, base: float, until: pd.Timestamp | None) -> pd.DataFrame:
    starts = pd.DatetimeIndex(use.index)
    if until is None and len(starts):
        until = starts[-1] + starts.freq if starts.freq is not None else starts[-1]
    ends = [*starts[1:], until]
    cold = degree_days(daily, base)
    rows = []
    for start, end, amount in zip(starts, ends, use.to_numpy(dtype=float), strict=True):
        mine = cold[(cold.index >= start) & (cold.index < end)]
        days = (end - start) / pd.Timedelta(days=1)
        if 0 < days == len(mine) and mine.notna().all() and not np.isnan(amount):
            rows.append((amount, days, float(mine.sum())))
    return pd.DataFrame(rows, columns=["use", "days", "hdd"])


def _least_squares(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, float, float]:
    x, y = frame[["days", "hdd"]].to_numpy(), frame["use"].to_numpy()
    beta, *_ = np.linalg.lstsq(x, y, rcond=None)
    error = y - x @ beta
    residual = float(np.sqrt(error @ error / max(len(y) - 2, 1)))
    spread = float(((y - y.mean()) ** 2).sum())
    covariance = residual**2 * np.linalg.pinv(x.T @ x)
    return beta, covariance, residual, 1 - float(error @ error) / spread if spread > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Measured beside estimated: ``where`` is inside, above or below the estimated range, or unknown."""

    measured: float
    low: float
    high: float
    where: str
    ratio: float  # measured over the middle of the range
    text: Text


def beside_estimate(measured: float, low: float, high: float, unit: str) -> Comparison:
    """Set a measured figure (weather-normalised) beside an estimated range; unknown stays unknown."""
    if np.isnan([measured, low, high]).any():
        return Comparison(
            measured,
            low,
            high,
            "unknown",
            float("nan"),
            Text("未知：缺少实测或估算。", "Unknown: no measurement or no estimate."),
        )
    where = "below" if measured < low else "above" if measured > high else "inside"
    words = {
        "below": Text("低于估算区间", "below the estimated range"),
        "inside": Text("在估算区间内", "inside the estimated range"),
        "above": Text("高于估算区间", "above the estimated range"),
    }[where]
    return Comparison(
        measured, low, high, where, measured / ((low + high) / 2) if low + high else float("nan"),
        Text(
            f"实测 {number(measured, 'zh', 1)} {unit}，{words.zh} {number(low, 'zh', 1)}–{number(high, 'zh', 1)}。",
            f"Measured {number(measured, 'en', 1)} {unit}, {words.en} {number(low, 'en', 1)}–{number(high, 'en', 1)}.",
        ),
    )  # fmt: skip
