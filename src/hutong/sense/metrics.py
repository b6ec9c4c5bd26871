"""Every figure of a checkup as a metric object: what is known, in what unit, from where, and how surely.

The form is that in which the figures of plans are exchanged: ``schema_version``, ``units``, ``metrics``. Metric ids
are ``national_01`` to ``national_61``, the ids of the registry and a few sizes of the place. JSON only: no NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from hutong.city import City
from hutong.city.snapshot import OBSERVED
from hutong.sense.national import (
    KNOWN,
    NOT_APPLICABLE,
    UNKNOWN_STATUS,
    CityFigure,
    level,
    national,
    national_table,
)
from hutong.sense.registry import registry
from hutong.sense.results import Checkup, Indicator
from hutong.sense.wording import NOTHING_HERE
from hutong.text import Text

SCHEMA_VERSION = "0.1.0"
UNITS = ("sqm", "m", "ratio", "count", "index", "none")
#: How units of the registry are exchanged: the unit and the factor. What is not listed has no exchange unit.
_EXCHANGED = {
    "ratio": ("ratio", 1.0),
    "count": ("count", 1.0),
    "places": ("count", 1.0),
    "spaces": ("count", 1.0),
    "chargers": ("count", 1.0),
    "spaces/dwelling": ("ratio", 1.0),
    "index": ("index", 1.0),
    "m": ("m", 1.0),
    "km": ("m", 1000.0),
    "m2": ("sqm", 1.0),
}


def metrics(city: City, check: Checkup, figures: Mapping[int, CityFigure] | None = None) -> dict[str, Any]:
    """Return all figures of a checkup as plain data for JSON.

    Parameters
    ----------
    figures
        The city's own figures by number; without them the 30 of city scale are unknown.

    Returns
    -------
    ``{"schema_version": "0.1.0", "units": {...}, "metrics": {id: metric}}``; a metric has ``status``, ``value``
    (null unless known), ``unit``, ``source_files``, ``formula``, ``confidence``, ``assumptions`` and ``reason``
    (null where known).
    """
    out: dict[str, Any] = {}
    table = national_table(check, figures)
    by_id = {i.id: i for i in check.indicators}
    for basic, row in zip(national(), table.to_dict("records"), strict=True):
        factor = 1000.0 if basic.metric == "m" else 1.0  # a length of the check is given in km
        notes = [_both(row["assumption_zh"], row["assumption_en"])]
        if basic.metric == "none":
            notes.append(_unit_note(basic.unit))
        if row["status"] == KNOWN:
            notes.append(_seen(row["coverage"]))
        indicator = by_id.get(str(row["answer"]).split(" of ")[-1])
        sources = [row["file"]] if row["file"] else [] if indicator is None else _sources(city, indicator)
        out[basic.id] = _metric(
            status=row["status"],
            value=row["value"] * factor,
            unit=basic.metric,
            sources=sources,
            formula=_both(row["formula_zh"], row["formula_en"]),
            confidence=row["confidence"],
            assumptions=notes,
            reason=_both(row["reason_zh"], row["reason_en"]),
        )
    for indicator in check.indicators:
        out[indicator.id] = _indicator(city, check, indicator)
    out |= _sizes(city)
    return {
        "schema_version": SCHEMA_VERSION,
        "units": {"length": "m", "area": "sqm"},
        "metrics": out,
    }


def _metric(
    *,
    status: str,
    value: float,
    unit: str,
    sources: Iterable[str],
    formula: str,
    confidence: str,
    assumptions: Iterable[str],
    reason: str,
) -> dict[str, Any]:
    known = status == KNOWN
    whole = unit == "count" and known and float(value).is_integer()
    return {
        "status": status,
        "value": (int(value) if whole else float(value)) if known else None,
        "unit": unit,
        "source_files": list(dict.fromkeys(sources)),
        "formula": formula,
        "confidence": confidence if known else "unknown",
        "assumptions": [a for a in assumptions if a],
        "reason": None if known else reason,
    }


def _indicator(city: City, check: Checkup, indicator: Indicator) -> dict[str, Any]:
    row = check.overall(indicator.id)
    value, coverage = float(row["value"]), float(row["coverage"])
    unit, factor = _EXCHANGED.get(indicator.unit, ("none", 1.0))
    status = KNOWN if not math.isnan(value) else UNKNOWN_STATUS
    if status != KNOWN and row["reason_zh"] == NOTHING_HERE.zh:
        status = NOT_APPLICABLE
    assumptions = []
    if unit == "none":
        assumptions.append(_unit_note(Text(indicator.unit, indicator.unit)))
    if indicator.confidence == "U":
        assumptions.append(_both("定义或标准含假设", "the definition or its standard rests on an assumption"))
    if status == KNOWN:
        assumptions.append(_seen(coverage))
    return _metric(
        status=status,
        value=value * factor,
        unit=unit,
        sources=_sources(city, indicator),
        formula=_both(indicator.formula.zh, indicator.formula.en),
        confidence=level(indicator.confidence, coverage),
        assumptions=assumptions,
        reason=_both(str(row["reason_zh"]), str(row["reason_en"])),
    )


def _seen(coverage: float) -> str:
    """Return how much of a figure was observed; nothing where all of it was, or where it comes from a file."""
    if not coverage < 1:
        return ""
    return _both(f"实测占比 {coverage:.0%}", f"{coverage:.0%} of the cases were observed")


def _sizes(city: City) -> dict[str, Any]:
    """Return the sizes of the place; areas and lengths are measured in the snapshot's metric CRS, never in degrees."""
    blocks, buildings, streets = city["blocks"], city["buildings"], city["streets"]
    seen = f"areas and lengths in {city.meta.crs}"
    out = {
        "site_area": ("sqm", shapely.area(blocks.geometry.to_numpy()).sum(), "blocks.geometry", "Σ 街区面积", "Σ area of the blocks"),
        "building_count": ("count", len(buildings), "buildings.building_id", "楼栋（院）数", "buildings and courtyards"),
        "dwelling_count": ("count", len(city["dwellings"]), "dwellings.dwelling_id", "住房套数", "dwellings"),
        "floor_area": ("sqm", _whole(buildings["floor_area_m2"]), "buildings.floor_area_m2", "Σ 建筑面积", "Σ floor area"),
        "resident_count": ("count", _whole(city["dwellings"]["residents"]), "dwellings.residents", "Σ 居住人数", "Σ residents"),
        "street_length": ("m", float(streets["length_m"].sum()), "streets.length_m", "Σ 路段长度", "Σ length of streets"),
    }  # fmt: skip
    found = {}
    for name, (unit, value, need, zh, en) in out.items():
        table, column = need.split(".")
        origin = city.origin(table, column)
        share = float(np.mean(origin == OBSERVED)) if len(origin) else 0.0
        found[name] = _metric(
            status=UNKNOWN_STATUS if math.isnan(value) or not len(origin) else KNOWN,
            value=float(value),
            unit=unit,
            sources=_provenance(city, [need]),
            formula=_both(zh, en),
            confidence=level("D", share),
            assumptions=[seen if unit in ("sqm", "m") else "", _seen(share)],
            reason=_both("有未知的行", "some rows are unknown"),
        )
    return found


def _whole(column: Any) -> float:
    """Return a sum, NaN where any cell is unknown."""
    return float(column.sum()) if column.notna().all() else math.nan


def _both(zh: str, en: str) -> str:
    return f"{zh} / {en}" if zh and en and zh != en else zh or en


def _unit_note(unit: Text) -> str:
    return _both(f"单位：{unit.zh}", f"unit: {unit.en}")


def _sources(city: City, indicator: Indicator) -> list[str]:
    """Return the sources of the columns that an indicator reads."""
    return _provenance(city, indicator.needs)


def _provenance(city: City, needs: Iterable[str]) -> list[str]:
    out: list[str] = []
    for need in needs:
        table, column = need.split(".", 1)
        known = city.provenance.get(table, {}).get(column)
        if known is not None and len(city[table]):
            out += known.source.split("+")
    titles = {s.id: s.title for s in city.meta.sources}
    return [f"{name}: {titles[name]}" if name in titles else name for name in dict.fromkeys(out)]


def places_geojson(city: City, check: Checkup) -> dict[str, Any]:
    """Return estates and blocks with the value of every indicator as GeoJSON in EPSG:4326 (RFC 7946)."""
    ids = [i.id for i in registry() if i.id in {j.id for j in check.indicators}]
    ids += [i.id for i in check.indicators if i.id not in ids]
    features = []
    for scale, table in (("estate", "estates"), ("block", "blocks")):
        rows = check.values[check.values["scale"] == scale]
        values = rows.pivot_table(index="place_id", columns="indicator", values="value", dropna=False)
        shapes = city[table].to_crs("EPSG:4326")
        for place, name, shape in zip(
            shapes[f"{scale}_id"], shapes["name"].astype(object), shapes.geometry, strict=True
        ):
            known = values.loc[place] if place in values.index else {}
            figures = {i: _json(known.get(i)) for i in ids}
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "scale": scale,
                        "place_id": place,
                        "name": name if isinstance(name, str) else None,
                        **figures,
                    },
                    "geometry": shapely.geometry.mapping(shape),
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _json(value: Any) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
