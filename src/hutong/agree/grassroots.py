"""How a place governs itself at the grass roots: each measure with its interval, places alike, and what went before a gain.

There is no total and no rank: a measure is a count of the place's own record, small counts have wide intervals, and a
difference is told only where its interval leaves out zero. What helped elsewhere is what came before a sure gain in a
similar place, which is no proof that it was the cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from scipy.stats import chi2

from hutong.city.schema import read_yaml
from hutong.sense.requests.rates import wilson
from hutong.text import Text

#: A place is compared with at most so many others, and with none that lies farther off than this on average, in spreads.
MOST, FARTHEST = 5, 1.5
#: Below this many counts behind a share its interval is shown but it is in no comparison (a convention, confidence U).
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: a ``share`` (yes of n) or a ``rate`` (events per exposure ``n``, shown ``scale`` times, ``per``)."""

    id: str
    title: Text
    group: str
    kind: str
    of: Text
    per: Text
    scale: float


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted of a measure in a place and period: ``yes`` of ``n``."""

    yes: int
    n: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; NaN where nothing was counted."""

    value: float
    low: float
    high: float

    @property
    def known(self) -> bool:
        """Whether anything was counted."""
        return not np.isnan(self.value)


@dataclass(frozen=True, slots=True)
class Helped:
    """A similar place whose measure surely rose, by how much, and which tools it took up before."""

    place: str
    measure: str
    gain: Estimate
    tools: tuple[str, ...]


@cache
def _book() -> Mapping[str, Mapping]:
    read: Mapping[str, Mapping] = read_yaml(
        files(__package__).joinpath("data", "grassroots.yaml").read_text("utf-8")
    )
    return read


@cache
def measures() -> Mapping[str, Measure]:
    """Return the measures (``data/grassroots.yaml``)."""
    return {
        k: Measure(k, Text.of(r), r["group"], r["kind"], Text.of(r["of"]), Text.of(r.get("per", {"zh": "", "en": ""})), float(r.get("scale", 1)))
        for k, r in _book()["measures"].items()
    }  # fmt: skip


@cache
def groups() -> Mapping[str, Text]:
    """Return the groups of measures."""
    return {k: Text.of(r) for k, r in _book()["groups"].items()}


@cache
def tools() -> Mapping[str, Text]:
    """Return the tools that a place may use."""
    return {k: Text.of(r) for k, r in _book()["tools"].items()}


def estimate(measure: Measure, count: Count) -> Estimate:
    """Return a measure with its 95 % interval, in the unit in which it is shown.

    Wilson's (1927) of a share; the exact one of a Poisson rate (Garwood 1936).
    """
    if count.n <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    if measure.kind == "share":
        low, high = wilson([count.yes], [count.n])
        return Estimate(count.yes / count.n, float(low[0]), float(high[0]))
    least = chi2.ppf(0.025, 2 * count.yes) / 2 if count.yes else 0.0
    most = chi2.ppf(0.975, 2 * count.yes + 2) / 2
    unit = measure.scale / count.n
    return Estimate(count.yes * unit, float(least) * unit, float(most) * unit)


def difference(before: Estimate, after: Estimate) -> Estimate:
    """Return after − before with its 95 % interval, from the two intervals (Newcombe 1998, method 10; Zou & Donner 2008)."""
    d = after.value - before.value
    low = d - float(np.hypot(after.value - after.low, before.high - before.value))
    high = d + float(np.hypot(after.high - after.value, before.value - before.low))
    return Estimate(d, low, high)


def similar(
    features: pd.DataFrame, place: str, most: int = MOST, farthest: float = FARTHEST
) -> list[tuple[str, float]]:
    """Return the places most like one, nearest first, each with its distance.

    Parameters
    ----------
    features
        A row for each place (index), a column for each feature; NaN where unknown.

    The distance is the root mean square of the differences in the features that both know, each divided by its standard
    deviation over all places; a place that shares fewer than half of the features is not compared.
    """
    spread = features.std(ddof=0)
    scaled = features / spread.where(spread > 0, 1.0)
    apart = scaled - scaled.loc[place]
    shared = apart.notna().sum(axis=1)
    distance = np.sqrt((apart**2).mean(axis=1))
    near = distance[(shared * 2 >= features.shape[1]) & (distance <= farthest)].drop(
        index=place, errors="ignore"
    )
    near = near.sort_index().sort_values(kind="stable")
    return [(str(k), float(v)) for k, v in near.head(most).items()]


def helped(
    measure: Measure,
    places: Sequence[str],
    before: Mapping[str, Count],
    after: Mapping[str, Count],
    took_up: Mapping[str, Sequence[str]],
) -> list[Helped]:
    """Return the places whose measure surely rose from one period to the next, in the order given, with what came before.

    Parameters
    ----------
    before, after
        Counts by place; a place with fewer than ``FEWEST`` behind a share in either period tells nothing.
    took_up
        By place, the tools that it first used before the later period ended and after the earlier one began.
    """
    out = []
    for place in places:
        first, second = before.get(place), after.get(place)
        if first is None or second is None or not (enough(measure, first) and enough(measure, second)):
            continue
        gain = difference(estimate(measure, first), estimate(measure, second))
        if gain.low > 0:
            out.append(Helped(place, measure.id, gain, tuple(sorted(took_up.get(place, ())))))
    return out


def enough(measure: Measure, count: Count) -> bool:
    """Return whether a count says enough to be compared."""
    return count.n >= FEWEST if measure.kind == "share" else count.n > 0


def beside(measure: Measure, mine: Count, others: Sequence[Count]) -> str:
    """Return how a place stands to similar ones together: ``above``, ``below``, ``unclear``, or ``few`` where too little is known."""
    kept = [c for c in others if enough(measure, c)]
    if not kept or not enough(measure, mine):
        return "few"
    theirs = estimate(measure, Count(sum(c.yes for c in kept), sum(c.n for c in kept)))
    apart = difference(theirs, estimate(measure, mine))
    return "above" if apart.low > 0 else "below" if apart.high < 0 else "unclear"
