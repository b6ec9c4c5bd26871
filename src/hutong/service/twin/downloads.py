"""Files that anyone may take away: buildings as GeoJSON, CSV and GeoParquet, and CityJSON with heights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city import City
from hutong.city.text_table import harmless_table
from hutong.service.twin.records import COLUMNS, homes_of, origin_words, plain, plain_column
from hutong.service.twin.tiles import WGS84, drawn_height

#: File names and what they are.
FILES = {
    "buildings.geojson": "application/geo+json",
    "buildings.csv": "text/csv; charset=utf-8",
    "buildings.parquet": "application/vnd.apache.parquet",
    "city.city.json": "application/city+json",
}


def buildings_table(city: City) -> gpd.GeoDataFrame:
    """Return the buildings with every value's origin in a column ``NAME_origin`` and their homes as counts."""
    source = city["buildings"]
    out: dict[str, Any] = {
        "building_id": source["building_id"].astype(str).to_numpy(),
        "name": source["name"].astype(object).where(source["name"].notna(), None).to_numpy(),
    }
    for column in COLUMNS:
        out[column] = plain_column(source[column])
        out[f"{column}_origin"] = origin_words(city, column)
    homes = homes_of(city)
    out["dwellings"] = [homes.get(row, {}).get("dwellings", 0) for row in range(len(source))]
    return gpd.GeoDataFrame(pd.DataFrame(out), geometry=source.geometry.to_numpy(), crs=source.crs)


def write_downloads(city: City, folder: Path) -> None:
    """Write every file of :data:`FILES` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = buildings_table(city)
    degrees = table.to_crs(WGS84)
    (folder / "buildings.geojson").write_text(_geojson(degrees), "utf-8")
    plain_table = pd.DataFrame(degrees.drop(columns="geometry"))
    centre = table.geometry.representative_point().to_crs(WGS84)
    plain_table["lon"], plain_table["lat"] = centre.x.round(7), centre.y.round(7)
    # Excel reads it as UTF-8; lines end as in RFC 4180, so that a line break inside a name stands in quotes
    harmless_table(plain_table).to_csv(
        folder / "buildings.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n"
    )
    degrees.to_parquet(folder / "buildings.parquet", index=False, compression="zstd")
    (folder / "city.city.json").write_text(json.dumps(cityjson(city), ensure_ascii=False), "utf-8")


def _geojson(table: gpd.GeoDataFrame) -> str:
    names = _column_json(table["building_id"])
    known = [_column_json(table[c], f"{json.dumps(c)}: ") for c in table.columns if c != "geometry"]
    shapes = shapely.to_geojson(shapely.transform(table.geometry.to_numpy(), lambda xy: xy.round(7)))
    features = [
        f'{{"type":"Feature","id":{name},"properties":{{{", ".join(of)}}},"geometry":{shape}}}'
        for name, of, shape in zip(names, zip(*known, strict=True), shapes, strict=True)
    ]
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def _column_json(values: pd.Series, before: str = "") -> list[str]:
    """Return each value of a column as JSON after some text; each distinct value is written once."""
    codes, distinct = pd.factorize(values)
    written = [before + json.dumps(plain(v), ensure_ascii=False) for v in [*distinct, None]]
    return [written[code] for code in codes.tolist()]


def cityjson(city: City) -> dict[str, Any]:
    """Return the buildings as CityJSON 2.0 solids at level of detail 1: footprints raised to the drawn height.

    Source of the form: OGC 20-072r5, CityJSON 2.0 community standard. Vertices are whole millimetres from an origin.
    """
    buildings = city["buildings"]
    west, south, _, _ = buildings.total_bounds if len(buildings) else (0.0, 0.0, 0.0, 0.0)
    shells, vertices = solids(buildings.geometry.to_numpy(), drawn_height(city), (west, south))
    known = buildings["height_m"].notna().tolist()
    columns = [plain_column(buildings[c]) for c in ("use", "storeys", "built_year")]
    objects = {}
    for row, building_id in enumerate(buildings["building_id"].astype(str)):
        use, storeys, year = (column[row] for column in columns)
        objects[building_id] = {
            "type": "Building",
            "attributes": {
                "function": use,
                "storeysAboveGround": storeys,
                "yearOfConstruction": year,
                "heightIsStandIn": not known[row],
            },
            "geometry": [{"type": "Solid", "lod": "1.2", "boundaries": [shell]} for shell in shells[row]],
        }
    return {
        "type": "CityJSON",
        "version": "2.0",
        "metadata": {
            "title": city.meta.title.zh,
            "referenceDate": city.meta.date,
            "referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{city.meta.crs.rsplit(':', 1)[-1]}",
        },
        "transform": {"scale": [0.001] * 3, "translate": [float(west), float(south), 0.0]},
        "CityObjects": objects,
        "vertices": vertices,
    }


Shell = list[list[list[int]]]


def _distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows of whole numbers in order, and which of them each row is."""
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), bool)
    for column in columns:
        new[1:] |= np.diff(column[order]) != 0
    new[:1] = True
    at = np.empty(len(order), np.int64)
    at[order] = np.cumsum(new) - 1
    return np.column_stack([column[order][new] for column in columns]), at


def solids(
    shapes: np.ndarray, heights: np.ndarray, origin: tuple[float, float]
) -> tuple[list[list[Shell]], list[list[int]]]:
    """Return footprints raised to a height: per shape the outer shell of each of its parts, and the vertices in millimetres.

    Of a shell the ground faces down, the roof up, the walls out: every edge is walked once each way.
    """
    parts, of = shapely.get_parts(shapes, return_index=True)
    rings, part_of = shapely.get_rings(shapely.orient_polygons(parts, exterior_cw=False), return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    closing = np.append(ring_of[1:] != ring_of[:-1], True)  # a ring ends where it began
    xy, ring_of = xy[~closing], ring_of[~closing]
    flat = np.rint((xy - np.asarray(origin)) * 1000).astype(np.int64)
    top = np.rint(heights[of][part_of][ring_of] * 1000).astype(np.int64)
    vertices, at = _distinct(
        np.tile(flat[:, 0], 2), np.tile(flat[:, 1], 2), np.append(np.zeros_like(top), top)
    )
    low, high = at[: len(flat)], at[len(flat) :]
    first = np.searchsorted(ring_of, np.arange(len(rings) + 1))
    onward = np.arange(1, len(flat) + 1)
    onward[first[1:] - 1] = first[:-1]
    walls = np.stack([low, low[onward], high[onward], high], axis=1)[:, None, :].tolist()
    out: list[list[Shell]] = [[] for _ in range(len(shapes))]
    bounds = np.searchsorted(part_of, np.arange(len(parts) + 1))
    for part, shape in enumerate(of):
        spans = [(first[r], first[r + 1]) for r in range(bounds[part], bounds[part + 1])]
        ground = [low[a:b][::-1].tolist() for a, b in spans]
        roof = [high[a:b].tolist() for a, b in spans]
        out[shape].append([ground, roof, *(w for a, b in spans for w in walls[a:b])])
    return out, vertices.tolist()
