"""Read the planner's own data: measures, offers, assumptions and acceptance, each checked before use."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.plan.condition import read_condition
from hutong.plan.planner_file import near, open_planner_file
from hutong.plan.results import Measure
from hutong.text import Text

GROUPS = (
    "basic", "improving", "upgrading", "courtyard", "heritage", "public_space", "digital", "operation", "industrial",
)  # fmt: skip
KINDS = ("building", "courtyard", "estate")
MATTERS = ("ordinary", "special", "signing", "surrender", "none")
CARBON = ("", "insulation", "retrofit", "rebuild", "lift")
UNITS = ("m2", "dwelling", "staircase", "piece", "space")
CONFIDENCES = ("D", "D-", "K", "U")
#: Terms of what a measure is worth to a household (``acceptance.yaml``).
GAINS = ("base", "elder", "child", "storey", "storey_elder", "lacking")
#: What a measure may change, beyond the condition grades: each is a need of the checkup or a quality.
EFFECTS = (
    "cond_structure", "cond_envelope", "cond_pipes", "cond_fire", "cond_access", "pipe_year", "lift", "insulated",
    "accessible", "own_kitchen", "own_toilet", "digital", "heritage", "crowding", "environment", "illegal",
    "property_managed", "parking", "charging", "park", "elderly_care", "canteen", "nursery", "convenience",
    "solar", "upkeep", "reuse",
)  # fmt: skip
_REQUIRED = ("title", "group", "applies_to", "condition", "quantity", "unit", "capital", "life_years", "disruption", "matter", "effects", "source", "confidence")  # fmt: skip
_DEFAULTS: Mapping[str, Any] = {
    "running": 0.0, "revenue": 0.0, "saving": 0.0, "carbon": "", "carbon_kg": 0.0, "culture": 0.0, "green_m2": 0.0, "space_m2": 0.0,
    "floor_factor": 1.0, "income_to": "none", "owners_pay": False, "operator_may": False, "voluntary": False,
    "demolishes": False, "relocates": False, "takes_rest": False, "rents_rooms": False, "beside": False, "excludes": (), "requires": (),
    "effect_spread": math.nan, "gain": None,
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


def _read(file: str) -> Any:
    return read_yaml(files(__package__).joinpath(file).read_text("utf-8"))


def load_measures(path: Path | None = None) -> tuple[Measure, ...]:
    """Return the measures of the catalogue (``measures.yaml``, or another file of the same layout).

    Raises
    ------
    HutongError
        ``invalid-catalogue`` naming each broken entry with its line: missing or unknown keys, negative or unordered
        costs, unknown effects, measures that exclude or require one that does not exist.
    """
    return _shipped_measures() if path is None else tuple(_read_measures(path, ()).values())


@cache
def _shipped_measures() -> tuple[Measure, ...]:
    return tuple(_read_measures(None, ()).values())


def with_own(measures: Sequence[Measure], path: Path) -> tuple[Measure, ...]:
    """Return measures with those of a city's own file: an id that is there already is replaced, others are added.

    Every measure of such a file says what it is worth to a household (``gain``).

    Raises
    ------
    HutongError
        ``invalid-catalogue`` or ``cannot-read``, as for :func:`load_measures`.
    """
    own = _read_measures(path, [m.id for m in measures])
    return tuple({**{m.id: m for m in measures}, **own}.values())


def _read_measures(path: Path | None, others: Sequence[str]) -> dict[str, Measure]:
    shipped = files(__package__).joinpath("measures.yaml")
    at = Path(str(shipped)) if path is None else path
    text = shipped.read_text("utf-8") if path is None else None
    file = open_planner_file(at, invalid_catalogue, text)
    entries = file.raw.get("measures")
    if not isinstance(entries, Mapping):
        file.fault((), "expected `measures:` with one entry each under it")
        file.stop(invalid_catalogue)
    for name, entry in entries.items():
        if not isinstance(entry, Mapping):
            file.fault(("measures", name), f"{name}: expected keys with values")
            continue
        own = path is not None and bool(others)
        for key, said in _measure_problems(entry, [*entries, *others], own):
            file.fault(("measures", name, *([key] if key else [])), f"{name}: {said}")
    file.stop(invalid_catalogue)
    return {name: _measure(name, entry) for name, entry in entries.items()}


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    spec = {**_DEFAULTS, **entry}
    low, capital, high = (float(v) for v in spec.pop("capital"))
    running = spec["running"] if isinstance(spec["running"], list) else [spec["running"]] * 3
    for key, default in _DEFAULTS.items():
        if isinstance(default, float) and key != "running":
            spec[key] = float(spec[key])
    gain = spec["gain"]
    return Measure(
        id=name,
        **{
            **spec,
            "title": Text.of(spec["title"]),
            "capital_low": low,
            "capital": capital,
            "capital_high": high,
            "running_low": float(running[0]),
            "running": float(running[1]),
            "running_high": float(running[2]),
            "life_years": float(spec["life_years"]),
            "disruption": float(spec["disruption"]),
            "effects": {k: float(v) for k, v in spec["effects"].items()},
            "gain": None if gain is None else {k: float(v) for k, v in gain.items()},
            "excludes": tuple(spec["excludes"]),
            "requires": tuple(spec["requires"]),
            "source": Text.of(spec["source"]),
        },
    )


def _measure_problems(entry: Mapping[str, Any], known: Sequence[str], own: bool) -> Iterator[tuple[str, str]]:
    """Yield everything wrong with a measure, with the key that it is about ("" for the whole)."""
    missing = [("", f"{k} is missing") for k in (*_REQUIRED, *(["gain"] if own else [])) if k not in entry]
    missing += [
        (k, f"there is no key {k!r}{near(str(k), [*_REQUIRED, *_DEFAULTS])}")
        for k in entry
        if k not in _REQUIRED and k not in _DEFAULTS
    ]
    for key in ("title", "source"):
        missing += [(key, said) for said in _text_problems(key, entry.get(key))]
    if missing:
        yield from missing
        return
    for key, words in (
        ("group", GROUPS), ("applies_to", KINDS), ("matter", MATTERS), ("unit", UNITS), ("confidence", CONFIDENCES),
        ("carbon", CARBON),
    ):  # fmt: skip
        if entry.get(key, "") not in words:
            yield key, f"{key} is {entry[key]!r}, must be one of {', '.join(words)}"
    if entry.get("carbon") and "carbon_kg" in entry:
        yield "carbon", "carbon and carbon_kg are both given; the account counts it once"
    income = entry.get("income_to", "none")
    if income not in ("operator", "owners", "none"):
        yield "income_to", f"income_to is {income!r}, must be operator, owners or none"
    yield from _range_problems("capital", entry["capital"])
    if isinstance(entry.get("running"), list):
        yield from _range_problems("running", entry["running"])
    for key in (*_AMOUNTS, "life_years", "effect_spread"):
        value = entry.get(key, 0)
        if not isinstance(value, list) and not (_is_number(value) and value >= 0):
            yield key, f"{key} is {value!r}, must be a number of at least 0"
    if not (_is_number(entry["disruption"]) and 0 <= entry["disruption"] <= 1):
        yield "disruption", f"disruption is {entry['disruption']!r}, must lie in [0, 1]"
    if entry.get("revenue", 0) and income == "none":
        yield "revenue", "it has a revenue but income_to names nobody"
    yield from _effect_problems(entry)
    for key in ("excludes", "requires"):
        for other in entry.get(key) or ():
            if other not in known:
                yield key, f"{key} names {other!r}, which is no measure{near(str(other), known)}"


_AMOUNTS = ("running", "revenue", "saving", "space_m2", "floor_factor", "green_m2", "culture")


def _effect_problems(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, words, values in (
        ("effects", EFFECTS, entry["effects"]),
        ("gain", GAINS, entry.get("gain") or {}),
    ):
        if not isinstance(values, Mapping):
            yield key, f"{key} is {values!r}, must be names with numbers"
            continue
        for name, value in values.items():
            if name not in words:
                yield (
                    key,
                    f"{'effect' if key == 'effects' else key} {name!r} is unknown{near(str(name), words)}",
                )
            elif not _is_number(value):
                yield key, f"{name} is {value!r}, must be a number"
    try:
        read_condition(str(entry["condition"]))
    except HutongError as caught:
        yield "condition", caught.what.en


def _range_problems(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if not (isinstance(value, list) and len(value) == 3 and all(_is_number(v) for v in value)):
        yield key, f"{key} must be [low, mid, high]"
    elif min(value) < 0:
        yield key, f"{key} {value} has a negative cost"
    elif sorted(value) != value:
        yield key, f"{key} {value} must go from low to high"


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
    entries: Mapping[str, Any] = _read(file)[key]
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
    raw: Mapping[str, Any] = _read("acceptance.yaml")
    known = {m.id for m in load_measures()}
    rows = [f"gains: {m} has no gain" for m in sorted(known - set(raw["gains"]))]
    rows += [f"gains: {m} is no measure" for m in sorted(set(raw["gains"]) - known)]
    if rows:
        raise invalid_catalogue("acceptance.yaml", rows)
    return raw
