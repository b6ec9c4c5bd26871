"""The factors of the carbon account: from the rules where they say, else assumptions; each with range and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hutong.city.schema import read_yaml
from hutong.rules import Rules
from hutong.text import Text

#: id here -> parameter of the rules, or the pair of parameters that bounds it; factor to the unit used here.
_FROM_RULES: Mapping[str, tuple[tuple[str, ...], float, str]] = {
    "grid": (("carbon.grid_kg_per_kwh",), 1.0, "kgCO2/kWh"),
    "district_heat": (("carbon.heat_t_per_gj",), 1000.0, "kgCO2/GJ"),
    "gas": (("carbon.gas_kg_per_m3",), 1.0, "kgCO2/m3"),
    "heat_old": (("carbon.heat_demand.old_low", "carbon.heat_demand.old_high"), 1.0, "GJ/m2/year"),
    "heat_65": (("carbon.heat_demand.saving65_low", "carbon.heat_demand.saving65_high"), 1.0, "GJ/m2/year"),
    "heat_75": (("carbon.heat_demand.saving75_low", "carbon.heat_demand.saving75_high"), 1.0, "GJ/m2/year"),
    "retrofit_saving": (("carbon.retrofit_saving_low", "carbon.retrofit_saving_high"), 1.0, "ratio"),
    "embodied_rebuild": (("carbon.embodied.rebuild_low", "carbon.embodied.rebuild_high"), 1.0, "kgCO2e/m2"),
    "embodied_retrofit": (
        ("carbon.embodied.retrofit_low", "carbon.embodied.retrofit_high"),
        1.0,
        "kgCO2e/m2",
    ),
    "demolition": (("carbon.embodied.demolition_low", "carbon.embodied.demolition_high"), 1.0, "kgCO2e/m2"),
    "design_life": (("carbon.design_life_years",), 1.0, "year"),
}
_ORDER = ("U", "D-", "K", "D")  # least sure first


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor; ``low`` and ``high`` differ where it is a range. ``confidence`` as in the rules, U: an assumption."""

    id: str
    title: Text
    low: float
    high: float
    unit: str
    source: str
    confidence: str

    def at(self, upper: int) -> float:
        """Return the lower (0) or the upper (1) bound."""
        return self.high if upper else self.low

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.low + self.high) / 2


def load_factors(rules: Rules) -> dict[str, Factor]:
    """Return all factors by id.

    Raises
    ------
    HutongError
        ``unknown-rule`` or ``rule-not-in-force`` if the jurisdiction lacks a factor on its date.
    """
    out = {}
    for name, (ids, scale, unit) in _FROM_RULES.items():
        found = [rules[i] for i in ids]
        values = sorted(rules.number(i) * scale for i in ids)
        out[name] = Factor(
            name, _without_bound(found[0].title), values[0], values[-1], unit, found[0].source or "假设",
            least_sure(p.confidence for p in found),
        )  # fmt: skip
    return out | _assumptions()


def _without_bound(title: Text) -> Text:
    return Text(title.zh.removesuffix("（低）"), title.en.removesuffix(", low"))


@cache
def _assumptions() -> dict[str, Factor]:
    raw: Any = read_yaml(files(__package__).joinpath("carbon.yaml").read_text("utf-8"))["values"]
    return {
        name: Factor(
            name,
            Text.of(v["title"]),
            float(v["low"]),
            float(v["high"]),
            v["unit"],
            v["source"],
            v["confidence"],
        )
        for name, v in raw.items()
    }


def least_sure(confidences: Any) -> str:
    """Return the least sure of some confidences."""
    return min(confidences, key=_ORDER.index)
