"""A series as a drawing that needs no script: lines where readings follow one another, nothing where there is a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.sense.measurements import GAP_STEPS, usual_step

WIDTH, HEIGHT = 720, 220
#: At most so many points are drawn; of more, the least and the most of each stretch.
MOST_DRAWN = 1500


@dataclass(frozen=True)
class Drawing:
    """The path of a series in a box of :data:`WIDTH` × :data:`HEIGHT`, and what its edges are."""

    path: str
    low: float
    high: float
    first: pd.Timestamp
    last: pd.Timestamp


def drawing(series: pd.Series) -> Drawing | None:
    """Return the drawing of readings by time (NaN: none); nothing where no reading has a value."""
    step = usual_step(pd.DatetimeIndex(series.index))
    known = thinned(series.dropna())
    if not len(known):
        return None
    times = pd.DatetimeIndex(known.index)
    seconds = (times - times[0]).total_seconds().to_numpy()
    values = known.to_numpy(dtype=float)
    low, high = float(values.min()), float(values.max())
    x = seconds / max(seconds[-1], 1.0) * WIDTH
    y = HEIGHT - (values - low) / ((high - low) or 1.0) * HEIGHT
    broken = np.zeros(len(values), bool)
    if pd.notna(step) and len(series) <= MOST_DRAWN:
        broken[1:] = np.diff(seconds) > GAP_STEPS * step.total_seconds()
    path = "".join(
        f"{'M' if cut or i == 0 else 'L'}{a:.1f} {b:.1f}"
        for i, (a, b, cut) in enumerate(zip(x, y, broken, strict=True))
    )
    return Drawing(path, low, high, times[0], times[-1])


def thinned(series: pd.Series) -> pd.Series:
    """Return a series of at most :data:`MOST_DRAWN` points that keeps the least and the most of each stretch."""
    if len(series) <= MOST_DRAWN:
        return series
    stretch = np.arange(len(series)) * (MOST_DRAWN // 2) // len(series)
    groups = pd.Series(series.to_numpy()).groupby(stretch)
    return series.iloc[np.unique(np.concatenate([groups.idxmin(), groups.idxmax()]))]
