"""What rose lately, tested against its own past: proposals for 每月一题."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from hutong.sense.requests.read import Requests
from hutong.sense.requests.weeks import weekly

TOPIC_COLUMNS = (
    "category", "recent", "expected", "rise", "p_past", "last_year", "p_last_year", "adjusted_p", "hot", "share",
    "unresolved",
)  # fmt: skip
#: Working conventions (confidence U): weeks that count as lately and as the past, error rate of the list, least rise.
RECENT_WEEKS, PAST_WEEKS, FALSE_SHARE, LEAST_RISE = 4, 26, 0.05, 1.2


def chance_of_rise(past: np.ndarray, weeks: int, count: float) -> float:
    """Return the chance of at least ``count`` in ``weeks`` weeks if nothing changed since the ``past`` weeks.

    The count ahead is negative binomial with mean m·w and variance φ·m·w·(1 + w/n): past weeks' mean m, their
    dispersion φ = max(1, variance/mean), and what n weeks leave unsure of the mean. With φ = 1 the chance is the
    exact conditional test of two Poisson rates (Przyborowski and Wilenski 1940). NaN with fewer than 8 weeks.
    """
    known = past[~np.isnan(past)]
    n = len(known)
    if n < 8 or np.isnan(count):
        return float("nan")
    total = float(known.sum())
    exact = float(stats.binom.sf(count - 1, count + total, weeks / (weeks + n))) if count > 0 else 1.0
    mean = total / n
    spread = float(np.var(known, ddof=1)) / mean if mean > 0 else 1.0
    if spread <= 1.0:
        return exact
    centre = mean * weeks
    variance = spread * centre * (1 + weeks / n)
    size = centre**2 / (variance - centre)
    return max(exact, float(stats.nbinom.sf(count - 1, size, size / (size + centre))))


def hot_topics(
    requests: Requests,
    category: pd.Series,
    *,
    recent_weeks: int = RECENT_WEEKS,
    past_weeks: int = PAST_WEEKS,
    false_share: float = FALSE_SHARE,
    least_rise: float = LEAST_RISE,
) -> pd.DataFrame:
    """Return each category's count in the last whole weeks beside what its own past leads one to expect.

    A topic is hot if it rose by ``least_rise`` and the rise is no chance: tested against the ``past_weeks`` before
    (:func:`chance_of_rise`), and where the file goes back so far, against the same weeks a year ago, give or take
    two (the highest of these), so that winter's heating is no news. The larger p counts; the list keeps the share of false
    alarms to ``false_share`` (Benjamini and Hochberg 1995).

    Returns
    -------
    ``TOPIC_COLUMNS``, hot ones first. ``unresolved``: share of the recent ones that were answered as not resolved.
    """
    rows = []
    weeks = weekly(requests).index
    since = weeks[-recent_weeks] if len(weeks) >= recent_weeks else None
    local = requests.local_time()
    until = weeks[-1] + pd.Timedelta(days=7) if len(weeks) else None
    for name in sorted(category.dropna().unique()):
        mine = (category == name).to_numpy(dtype=bool, na_value=False)
        counts = weekly(requests, mine).to_numpy()
        if since is None or len(counts) < recent_weeks + 8:
            continue
        recent = counts[-recent_weeks:]
        count = float(recent.sum())
        past = counts[-recent_weeks - past_weeks : -recent_weeks]
        expected = float(np.nanmean(past) * recent_weeks) if (~np.isnan(past)).any() else float("nan")
        year_ago = _year_ago(counts, recent_weeks)
        lately = mine & ((local >= since) & (local < until)).to_numpy()
        answers = requests.table["resolved"].to_numpy(dtype=float, na_value=np.nan)[lately]
        rows.append(
            {
                "category": name,
                "recent": count,
                "expected": expected,
                "rise": count / expected if expected > 0 else float("nan"),
                "p_past": chance_of_rise(past, recent_weeks, count),
                "last_year": float(np.nanmean(year_ago) * recent_weeks) if len(year_ago) else float("nan"),
                "p_last_year": _chance_by_year(year_ago, past, recent_weeks, count),
                "unresolved": 1 - float(np.nanmean(answers)) if (~np.isnan(answers)).any() else float("nan"),
            }
        )
    frame = pd.DataFrame(rows, columns=[c for c in TOPIC_COLUMNS if c not in ("adjusted_p", "hot", "share")])
    worse = frame[["p_past", "p_last_year"]].astype(float).max(axis=1, skipna=True)
    frame["adjusted_p"] = adjusted(worse.to_numpy(dtype=float))
    risen = (frame["rise"] >= least_rise) | ((frame["expected"] == 0) & (frame["recent"] > 0))
    frame["hot"] = risen & (frame["adjusted_p"] <= false_share) & ~(frame["last_year"] >= frame["recent"])
    total = frame["recent"].sum()
    frame["share"] = frame["recent"] / total if total else float("nan")
    frame = frame.sort_values(["hot", "adjusted_p", "category"], ascending=[False, True, True], kind="stable")
    return frame.reset_index(drop=True)[list(TOPIC_COLUMNS)]


def _year_ago(counts: np.ndarray, weeks: int) -> np.ndarray:
    """Return the busiest run of as many weeks a year ago, up to two weeks earlier or later; empty if not on file."""
    if len(counts) < weeks + 54:
        return np.array([])
    end = len(counts) - 52
    runs = [counts[end + shift - weeks : end + shift] for shift in (-2, -1, 0, 1, 2)]
    known = [r for r in runs if not np.isnan(r).any()]
    return max(known, key=np.sum) if known else np.array([])


def _chance_by_year(year_ago: np.ndarray, past: np.ndarray, weeks: int, count: float) -> float:
    """Return the chance of the count from last year's level, with the dispersion of the recent past."""
    known = year_ago[~np.isnan(year_ago)]
    if not len(known):
        return float("nan")
    total, n = float(known.sum()), len(known)
    exact = float(stats.binom.sf(count - 1, count + total, weeks / (weeks + n))) if count > 0 else 1.0
    spread = float(np.nanvar(past, ddof=1) / np.nanmean(past)) if np.nanmean(past) > 0 else 1.0
    centre = max(total / n, 0.5 / n) * weeks
    if spread <= 1.0:
        return exact
    variance = spread * centre * (1 + weeks / n)
    size = centre**2 / (variance - centre)
    return max(exact, float(stats.nbinom.sf(count - 1, size, size / (size + centre))))


def adjusted(p: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for looking at many (Benjamini and Hochberg 1995); NaN stays NaN."""
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    n = len(order)
    if n:
        stepped = p[order] * n / np.arange(1, n + 1)
        out[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return out
