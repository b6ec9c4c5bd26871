"""What a run of the co-evolution model gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hutong.evolve.dials import DIGITAL, Dials
from hutong.text import Text

#: Series kept per setting, run and month. The first three are the dimensions of the paper.
SERIES = ("value", "governance", "space", "coupling", "support", "trust", "done", "requests_open")
#: What the dimensions are made of, and the ledgers: people here and rehoused, public yuan received, spent on works and paid for operation (less than 0: it brings money in).
PARTS = (
    "economic", "social", "ecological", "cultural",
    "participation", "rates", "response", "resolution", "satisfied", "trust_government", "trust_operator",
    "conflict", "condition", "service", "coverage", "faith", "residents", "rehoused", "spent", "received", "upkeep",
    "polycentricity", "openness", "skill", "whistle", "lever", "surveyed", "heritage", "floor",
    "income", "kept", "shared", "bids", "no_bids", "low_income_share", "given_up",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One policy setting: its dials, and parameters that it holds at a value of its own."""

    id: str
    title: Text
    dials: Dials
    changes: Mapping[str, float] = field(default_factory=dict)  # parameters held at a value of its own

    @property
    def digital(self) -> bool:
        """Whether there is a digital platform, in whole or in part."""
        return any(getattr(self.dials, name) > 0.0 for name in DIGITAL)

    @property
    def deliberation(self) -> bool:
        """Whether there are councils."""
        return self.dials.structure > 0.0


@dataclass(frozen=True)
class Ensemble:
    """Many seeded runs of each setting.

    ``series[name]`` has shape (settings, runs, months + 1), all in [0, 1] except ``requests_open`` (count per
    100 households). Run r of every setting meets the same chance and the same parameters. ``parts`` holds what
    the dimensions are made of (``PARTS``); ``parameters`` the values of each run (runs, parameters), in the
    order of ``recipe["parameters"]``.
    """

    settings: tuple[Setting, ...]
    months: int
    runs: int
    series: Mapping[str, np.ndarray]
    recipe: Mapping[str, Any]
    assumptions: tuple[Text, ...]
    parts: Mapping[str, np.ndarray] = field(default_factory=dict)
    parameters: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def band(self, name: str, setting: int, quantiles: tuple[float, ...] = (0.05, 0.5, 0.95)) -> np.ndarray:
        """Return quantiles over runs, shape (quantiles, months + 1)."""
        values = self.series[name] if name in self.series else self.parts[name]
        return np.quantile(values[setting], quantiles, axis=0)

    def to_xarray(self) -> Any:
        """Return every series and part as an xarray dataset over setting, run and month, with the recipe."""
        import json

        import xarray as xr

        dims = ("setting", "run", "month")
        return xr.Dataset(
            {name: (dims, values) for name, values in {**self.series, **self.parts}.items()},
            coords={
                "setting": [s.id for s in self.settings],
                "run": np.arange(self.runs),
                "month": np.arange(self.months + 1),
            },
            attrs={"recipe": json.dumps(self.recipe, ensure_ascii=False, default=str)},
        )
