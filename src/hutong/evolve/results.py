"""What a run of the co-evolution model gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hutong.text import Text

#: Series kept per setting, run and month. The first three are the dimensions of the paper.
SERIES = ("value", "governance", "space", "coupling", "support", "trust", "done", "requests_open")


@dataclass(frozen=True, slots=True)
class Setting:
    """One policy setting: is there a digital layer, is there deliberation."""

    id: str
    title: Text
    digital: bool
    deliberation: bool


@dataclass(frozen=True)
class Ensemble:
    """Many seeded runs of each setting.

    ``series[name]`` has shape (settings, runs, months + 1), all in [0, 1] except ``requests_open`` (count per
    100 households).
    """

    settings: tuple[Setting, ...]
    months: int
    runs: int
    series: Mapping[str, np.ndarray]
    recipe: Mapping[str, Any]
    assumptions: tuple[Text, ...]

    def band(self, name: str, setting: int, quantiles: tuple[float, ...] = (0.05, 0.5, 0.95)) -> np.ndarray:
        """Return quantiles over runs, shape (quantiles, months + 1)."""
        return np.quantile(self.series[name][setting], quantiles, axis=0)
