"""What a checkup gives: values with status and coverage, and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from hutong.text import Text

STATUSES = ("good", "watch", "warn", "alarm", "unknown")

#: Columns of :attr:`Checkup.values`. ``scale`` is quarter, estate, block or rest (a block outside its estates);
#: ``coverage`` the share of cases that were observed; ``n`` the known cases; ``people`` those concerned by what falls
#: short (NaN: unknown).
VALUE_COLUMNS = (
    "indicator", "scale", "place_id", "place_name", "value", "status", "coverage", "n", "people",
    "reason_zh", "reason_en",
)  # fmt: skip

#: Columns of :attr:`Checkup.tally`: ``short`` counts the known cases that fall short, ``cases`` known and unknown ones.
TALLY_COLUMNS = ("indicator", "scale", "place_id", "short", "cases")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of the registry (``indicators.yaml``)."""

    id: str
    title: Text
    scale: str  # dwelling | estate | block | city
    unit: str  # ratio | count | m | index ...
    direction: str  # higher | lower (which is better)
    standard: float | None
    watch: float | None  # status bounds: at or beyond `standard` good, then watch, warn, alarm
    warn: float | None
    source: str
    article: str
    confidence: str
    formula: Text
    needs: tuple[str, ...]  # "table.column"
    worst: float = 1.0  # the value at which the shortfall is complete
    gravity: float = 1.0  # [0, 1]: how grave a complete shortfall is, beside the others
    bounds_confidence: str = "U"  # of watch and warn; U: a working convention
    scales: tuple[str, ...] = ("quarter", "estate", "block", "rest")
    finding: bool = True  # whether it makes findings (a summary of others does not)
    compute: Mapping[str, Any] = field(
        default_factory=dict
    )  # formula name -> what it counts, figures resolved
    phrase: Text = field(default=Text("", ""))  # what falls short, in a sentence
    noun: Text = field(default=Text("", ""))  # of what, where the table's own noun is too wide


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong in a place, and why we say so."""

    indicator: str
    scale: str
    place_id: str
    place_name: str  # a proper name, or words in both languages
    status: str  # watch | warn | alarm
    value: float
    standard: float
    people: float
    severity: float  # [0, 1]
    reason: Text
    objects: tuple[str, ...] = ()  # building ids concerned
    coverage: float = float("nan")  # share of the cases that were observed
    place: Text = field(default=Text("", ""))  # what the place is called, in words
    trend: Text = field(default=Text("", ""))  # how it moves over the snapshots, where there are enough
    trend_weight: float = 1.0  # what that weighs in the rank (:func:`hutong.sense.trend.trend_weights`)


@dataclass(frozen=True)
class Access:
    """Walking distance in metres from each building to the nearest facility of each kind (inf: none reached).

    ``distance`` has shape (buildings, kinds), in the row order of ``city["buildings"]``.
    """

    kinds: tuple[str, ...]
    distance: np.ndarray
    cutoff_m: float
    snapped_m: np.ndarray  # distance from the building to the street network


@dataclass(frozen=True)
class Checkup:
    """The checkup of one snapshot: one row per indicator and place in ``values`` (``VALUE_COLUMNS``).

    ``tally`` has the same rows: how many cases there are and how many of the known ones fall short (``TALLY_COLUMNS``).
    ``trends`` is empty unless earlier snapshots were given (:func:`hutong.sense.history.checkup_over`).
    """

    indicators: tuple[Indicator, ...]
    values: pd.DataFrame
    findings: tuple[Finding, ...]
    access: Access
    notes: tuple[Text, ...] = field(default=())
    tally: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TALLY_COLUMNS)))
    trends: pd.DataFrame = field(default_factory=pd.DataFrame)

    def overall(self, indicator: str) -> pd.Series:
        """Return the row of an indicator for the whole quarter (scale ``quarter``)."""
        rows = self.values
        return rows[(rows["indicator"] == indicator) & (rows["scale"] == "quarter")].iloc[0]

    def counts(self, indicator: str) -> tuple[int, int]:
        """Return how many known cases fall short in the whole quarter, and how many cases there are."""
        rows = self.tally
        row = rows[(rows["indicator"] == indicator) & (rows["scale"] == "quarter")].iloc[0]
        return int(row["short"]), int(row["cases"])
