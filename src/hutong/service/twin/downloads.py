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
from hutong.city.schema import ORIGINS
from hutong.service.twin.records import COLUMNS, homes_of, plain
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
    words = np.array([*ORIGINS, "unknown"], dtype=object)
    for column in COLUMNS:
        values = source[column].astype(object).to_numpy()
        out[column] = [plain(v) for v in values]
        out[f"{column}_origin"] = words[city.origin("buildings", column)]
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
    plain_table.to_csv(folder / "buildings.csv", index=False, encoding="utf-8-sig")  # Excel reads it as UTF-8
    degrees.to_parquet(folder / "buildings.parquet", index=False, compression="zstd")
    (folder / "city.city.json").write_text(json.dumps(cityjson(city), ensure_ascii=False), "utf-8")


def _geojson(table: gpd.GeoDataFrame) -> str:
    columns = [c for c in table.columns if c != "geometry"]
    rows = table[columns].astype(object).where(table[columns].notna(), None)
    shapes = shapely.to_geojson(shapely.set_precision(table.geometry.to_numpy(), 1e-7))
    features = []
    for values, shape in zip(rows.itertuples(index=False), shapes, strict=True):
        known = json.dumps({c: plain(v) for c, v in zip(columns, values, strict=True)}, ensure_ascii=False)
        name = json.dumps(values[0], ensure_ascii=False)
        features.append(f'{{"type":"Feature","id":{name},"properties":{known},"geometry":{shape}}}')
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def cityjson(city: City) -> dict[str, Any]:
    """Return the buildings as CityJSON 2.0 solids at level of detail 1: footprints raised to the drawn height.

    Source of the form: OGC 20-072r5, CityJSON 2.0 community standard. Vertices are whole millimetres from an origin.
    """
    buildings = city["buildings"]
    west, south, _, _ = buildings.total_bounds if len(buildings) else (0.0, 0.0, 0.0, 0.0)
    shells, vertices = solids(buildings.geometry.to_numpy(), drawn_height(city), (west, south))
    known = buildings["height_m"].notna().tolist()
    columns = [[plain(v) for v in buildings[c].astype(object)] for c in ("use", "storeys", "built_year")]
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
    points = np.concatenate([np.column_stack([flat, np.zeros_like(top)]), np.column_stack([flat, top])])
    vertices, at = np.unique(points, axis=0, return_inverse=True)
    low, high = at.ravel()[: len(flat)], at.ravel()[len(flat) :]
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
