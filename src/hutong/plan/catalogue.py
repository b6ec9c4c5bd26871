"""Read the planner's own data: measures, offers, assumptions and acceptance, each checked before use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.results import Measure
from hutong.text import Text

GROUPS = ("basic", "improving", "upgrading", "courtyard", "public")
KINDS = ("building", "courtyard", "estate")
MATTERS = ("ordinary", "special", "signing", "surrender", "none")
CARBON = ("", "insulation", "retrofit", "rebuild", "lift")
UNITS = ("m2", "dwelling", "staircase", "piece", "space")
CONFIDENCES = ("D", "D-", "K", "U")
#: What a measure may change, beyond the condition grades: each is a need of the checkup or a quality.
EFFECTS = (
    "cond_structure", "cond_envelope", "cond_pipes", "cond_fire", "cond_access", "pipe_year", "lift", "insulated",
    "accessible", "own_kitchen", "own_toilet", "digital", "heritage", "crowding", "environment", "illegal",
    "property_managed", "parking", "charging", "park", "elderly_care", "canteen", "nursery", "convenience",
)  # fmt: skip
_REQUIRED = ("title", "group", "applies_to", "condition", "quantity", "unit", "capital", "life_years", "disruption", "matter", "effects", "source", "confidence")  # fmt: skip
_DEFAULTS: Mapping[str, Any] = {
    "running": 0.0, "revenue": 0.0, "saving": 0.0, "carbon": "", "carbon_kg": 0.0, "culture": 0.0, "green_m2": 0.0, "space_m2": 0.0,
    "floor_factor": 1.0, "income_to": "none", "owners_pay": False, "operator_may": False, "voluntary": False,
    "demolishes": False, "relocates": False, "takes_rest": False, "excludes": (), "requires": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """The terms on which a package is put to the people (``offers.yaml``)."""

    id: str
    title: Text
    use: str  # household | free | surrender | estate
    owner_share: float = 0.0
    compensation: float = 0.0
    near: bool = False
    carrier: str = "public"  # public | operator | operator_all


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure of planning that no rule sets (``assumptions.yaml``)."""

    id: str
    title: Text
    value: float
    unit: str
    source: Text
    confidence: str


def invalid_catalogue(file: str, rows: list[str]) -> HutongError:
    """Return the error for a data file with broken entries."""
    return HutongError(
        "invalid-catalogue",
        Text(f"{file} 有 {len(rows)} 处不合格。", f"{file} has {len(rows)} broken entries."),
        Text("请改正所列各项后重试。", "Mend the entries listed and try again."),
        rows,
    )


def _read(file: str, path: str | Path | None) -> Any:
    if path is None:
        return read_yaml(files(__package__).joinpath(file).read_text("utf-8"))
    return read_yaml(Path(path).read_text("utf-8"))


def load_measures(path: str | Path | None = None) -> tuple[Measure, ...]:
    """Return the measures of the catalogue (``measures.yaml``, or another file of the same layout).

    Raises
    ------
    HutongError
        ``invalid-catalogue`` naming each broken entry: missing or unknown keys, negative or unordered
        costs, unknown effects, measures that exclude or require one that does not exist.
    """
    entries: Mapping[str, dict[str, Any]] = _read("measures.yaml", path)["measures"]
    rows = [row for name, entry in entries.items() for row in _measure_problems(name, entry, entries)]
    if rows:
        raise invalid_catalogue(str(path or "measures.yaml"), rows)
    measures = []
    for name, entry in entries.items():
        spec = {**_DEFAULTS, **entry}
        low, capital, high = (float(v) for v in spec.pop("capital"))
        for key, default in _DEFAULTS.items():
            if isinstance(default, float):
                spec[key] = float(spec[key])
        measures.append(
            Measure(
                id=name,
                **{
                    **spec,
                    "title": Text.of(spec["title"]),
                    "capital_low": low,
                    "capital": capital,
                    "capital_high": high,
                    "life_years": float(spec["life_years"]),
                    "disruption": float(spec["disruption"]),
                    "effects": {k: float(v) for k, v in spec["effects"].items()},
                    "excludes": tuple(spec["excludes"]),
                    "requires": tuple(spec["requires"]),
                    "source": Text.of(spec["source"]),
                },
            )
        )
    return tuple(measures)


def _measure_problems(name: str, entry: Mapping[str, Any], entries: Mapping[str, Any]) -> list[str]:
    """Return one line per thing wrong with a measure."""
    problems = [f"{k} is missing" for k in _REQUIRED if k not in entry]
    problems += [f"there is no key {k!r}" for k in entry if k not in _REQUIRED and k not in _DEFAULTS]
    problems += _text_problems("title", entry.get("title"))
    problems += _text_problems("source", entry.get("source"))
    if problems:
        return [f"{name}: {p}" for p in problems]
    for key, words in (
        ("group", GROUPS), ("applies_to", KINDS), ("matter", MATTERS), ("unit", UNITS), ("confidence", CONFIDENCES),
        ("carbon", CARBON),
    ):  # fmt: skip
        if entry.get(key, "") not in words:
            problems.append(f"{key} is {entry[key]!r}, must be one of {', '.join(words)}")
    if entry.get("carbon") and "carbon_kg" in entry:
        problems.append("carbon and carbon_kg are both given; the account counts it once")
    income = entry.get("income_to", "none")
    if income not in ("operator", "owners", "none"):
        problems.append(f"income_to is {income!r}, must be operator, owners or none")
    capital = entry["capital"]
    if not (isinstance(capital, list) and len(capital) == 3 and all(_is_number(v) for v in capital)):
        problems.append("capital must be [low, mid, high]")
    elif min(capital) < 0:
        problems.append(f"capital {capital} has a negative cost")
    elif sorted(capital) != capital:
        problems.append(f"capital {capital} must go from low to high")
    amounts = ("running", "revenue", "saving", "space_m2", "floor_factor", "green_m2", "culture")
    problems += [
        f"{key} is {entry[key]!r}, must be a number of at least 0"
        for key in (*amounts, "life_years")
        if key in entry and not (_is_number(entry[key]) and entry[key] >= 0)
    ]
    if not (_is_number(entry["disruption"]) and 0 <= entry["disruption"] <= 1):
        problems.append(f"disruption is {entry['disruption']!r}, must lie in [0, 1]")
    if entry.get("revenue", 0) and income == "none":
        problems.append("it has a revenue but income_to names nobody")
    problems += [f"effect {e!r} is unknown" for e in entry["effects"] if e not in EFFECTS]
    for key in ("excludes", "requires"):
        problems += [
            f"{key} names {o!r}, which is no measure" for o in entry.get(key, ()) if o not in entries
        ]
    return [f"{name}: {p}" for p in problems]


def _text_problems(key: str, title: Any) -> list[str]:
    """Return what is wrong with a text in both languages (a comma outside quotation marks splits a YAML text)."""
    if (
        isinstance(title, dict)
        and set(title) == {"zh", "en"}
        and all(isinstance(v, str) for v in title.values())
    ):
        return []
    return [f"{key} is {title!r}, must be {{zh: ..., en: ...}}, in quotation marks where it holds a comma"]


def _entries(file: str, key: str) -> Mapping[str, Any]:
    """Return the entries of one of our files, titles checked."""
    entries: Mapping[str, Any] = _read(file, None)[key]
    rows = [
        f"{name}: {p}" for name, entry in entries.items() for p in _text_problems("title", entry.get("title"))
    ]
    if rows:
        raise invalid_catalogue(file, rows)
    return entries


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@cache
def load_offers() -> tuple[Offer, ...]:
    """Return the offers of ``offers.yaml`` in file order."""
    out = []
    for name, spec in _entries("offers.yaml", "offers").items():
        out.append(
            Offer(
                id=name,
                title=Text.of(spec["title"]),
                use=spec["for"],
                owner_share=float(spec.get("owner_share", 0.0)),
                compensation=float(spec.get("compensation", 0.0)),
                near=bool(spec.get("near", False)),
                carrier=spec.get("carrier", "public"),
            )
        )
    return tuple(out)


@cache
def load_assumptions() -> Mapping[str, Assumption]:
    """Return the assumptions of ``assumptions.yaml`` by id."""
    return {
        name: Assumption(
            name, Text.of(s["title"]), float(s["value"]), s["unit"], Text.of(s["source"]), s["confidence"]
        )
        for name, s in _entries("assumptions.yaml", "values").items()
    }


@cache
def load_acceptance() -> Mapping[str, Any]:
    """Return the parameters of ``acceptance.yaml``; every measure has its gain.

    Raises
    ------
    HutongError
        ``invalid-catalogue`` when a measure has no gain, or a gain no measure.
    """
    raw: Mapping[str, Any] = _read("acceptance.yaml", None)
    known = {m.id for m in load_measures()}
    rows = [f"gains: {m} has no gain" for m in sorted(known - set(raw["gains"]))]
    rows += [f"gains: {m} is no measure" for m in sorted(set(raw["gains"]) - known)]
    if rows:
        raise invalid_catalogue("acceptance.yaml", rows)
    return raw
