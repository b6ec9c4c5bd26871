"""A building as the dossier shows it: every value with its origin, its homes as counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hutong.city import City
from hutong.city.schema import ORIGINS
from hutong.report.map_layers import worst_grade
from hutong.service.twin.tiles import WGS84

#: The columns of a dossier, in its order.
COLUMNS = (
    "use", "form", "storeys", "height_m", "floor_area_m2", "built_year", "structure", "heritage_grade", "lift",
    "insulated", "heating", "pipe_year", "illegal", "cond_structure", "cond_envelope", "cond_pipes", "cond_fire",
    "cond_access",
)  # fmt: skip


@dataclass(frozen=True)
class Record:
    """One building."""

    row: int
    building_id: str
    name: str
    estate_id: str | None
    block_id: str | None
    lon: float
    lat: float
    worst: float | None
    facts: dict[str, list[Any]]
    homes: dict[str, Any]


def plain(value: Any) -> Any:
    """Return a cell as JSON holds it; unknown is null."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        return float(value)
    return str(value)


def plain_column(values: pd.Series) -> list[Any]:
    """Return a column as JSON holds it, as :func:`plain` turns its cells; each distinct value is turned once."""
    codes, distinct = pd.factorize(values)
    turned = np.array([*map(plain, distinct), None], dtype=object)
    return list(turned[codes].tolist())  # the code of an unknown is -1: the last


def records(city: City) -> Iterator[Record]:
    """Return every building of a snapshot in its order."""
    buildings = city["buildings"]
    points = gpd.GeoSeries(buildings.geometry.representative_point()).to_crs(WGS84)
    lon, lat, worst = points.x.to_numpy(), points.y.to_numpy(), worst_grade(city)
    estate, block = places_of(city)
    columns = {c: plain_column(buildings[c]) for c in COLUMNS}
    origins = {c: origin_words(city, c) for c in COLUMNS}
    names = plain_column(buildings["name"])
    homes = homes_of(city)
    for row, building_id in enumerate(buildings["building_id"]):
        facts = {c: [columns[c][row], origins[c][row]] for c in COLUMNS}
        yield Record(
            row,
            str(building_id),
            names[row] or "",
            plain(estate[row]),
            plain(block[row]),
            float(lon[row]),
            float(lat[row]),
            plain(float(worst[row])),
            facts,
            homes.get(row, {"dwellings": 0}),
        )


def origin_words(city: City, column: str) -> list[str]:
    """Return where each building's value of a column came from, in a word."""
    words = np.array([*ORIGINS, "unknown"], dtype=object)  # the code of an unknown is -1: the last
    return list(words[city.origin("buildings", column)].tolist())


def places_of(city: City) -> tuple[np.ndarray, np.ndarray]:
    """Return the estate and block ids of each building (None: none)."""
    at = city.positions("buildings", "plot_id")
    plots = city["plots"]
    out = []
    for column in ("estate_id", "block_id"):
        values = plots[column].astype(object).to_numpy()
        out.append(np.array([values[i] if i >= 0 else None for i in at], dtype=object))
    return out[0], out[1]


def homes_of(city: City) -> dict[int, dict[str, Any]]:
    """Return, per row of a building with homes, counts by tenure and occupancy; nothing about any one home."""
    dwellings = city["dwellings"]
    if not len(dwellings):
        return {}
    at = city.positions("dwellings", "building_id")
    frame = pd.DataFrame({"at": at})
    for column in ("tenure", "occupancy"):
        frame[column] = (
            dwellings[column].astype(object).where(dwellings[column].notna(), "unknown").to_numpy()
        )
    out: dict[int, dict[str, Any]] = {
        int(row): {"dwellings": int(n)} for row, n in frame.groupby("at").size().items() if row >= 0
    }
    for column in ("tenure", "occupancy"):
        for (row, key), n in frame.groupby(["at", column]).size().items():
            if row >= 0:
                out[int(row)].setdefault(column, {})[str(key)] = int(n)
    residents = dwellings["residents"].to_numpy(float)
    known = pd.Series(residents).groupby(at).agg(["sum", "count", "size"])
    for row, (total, count, size) in zip(known.index, known.to_numpy(), strict=True):
        if row >= 0:
            out[int(row)]["residents"] = float(total) if count == size else None
    return out
