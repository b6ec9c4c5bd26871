"""Which classes of requests are about to surge, so that someone may act before people complain: 未诉先办."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.sense.requests.forecast import LEAST_WEEKS, forecast
from hutong.sense.requests.read import Requests
from hutong.sense.requests.weeks import weekly

SURGE_COLUMNS = ("category", "usual", "mean", "low", "high", "surge", "seasonal", "better", "coverage")
#: Fewer requests a week than this cannot be told from chance (a working convention, confidence U).
LEAST_PER_WEEK = 2.0


def surges(
    requests: Requests, category: pd.Series, *, ahead: int = 4, held_out: int = 12, seed: int = 1
) -> pd.DataFrame:
    """Return the forecast of each class over the coming weeks, the likeliest surge first.

    Returns
    -------
    ``SURGE_COLUMNS``: weekly figures averaged over the weeks ahead; ``surge`` is the mean chance that a week passes
    the usual by a quarter; ``better`` whether the method beat the naive forecast on held-out weeks of this class.
    Classes with under two requests a week, or too short a past, are not forecast.
    """
    rows = []
    for name in sorted(category.dropna().unique()):
        counts = weekly(requests, (category == name).to_numpy(dtype=bool, na_value=False))
        known = counts.dropna()
        if len(known) < LEAST_WEEKS + held_out or known.mean() < LEAST_PER_WEEK:
            continue
        found = forecast(counts, ahead=ahead, held_out=held_out, seed=seed)
        means = found.weeks[["mean", "low", "high", "surge"]].mean()
        rows.append((name, found.usual, *means, found.seasonal, found.better, found.coverage))
    frame = pd.DataFrame(rows, columns=list(SURGE_COLUMNS))
    order = np.argsort(-frame["surge"].to_numpy(dtype=float), kind="stable")
    return frame.iloc[order].reset_index(drop=True)
