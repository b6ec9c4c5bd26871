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
    features = []
    columns = [c for c in table.columns if c != "geometry"]
    rows = table[columns].astype(object).where(table[columns].notna(), None)
    for values, shape in zip(rows.itertuples(index=False), table.geometry, strict=True):
        features.append(
            {
                "type": "Feature",
                "id": values[0],
                "properties": {c: plain(v) for c, v in zip(columns, values, strict=True)},
                "geometry": shapely.geometry.mapping(shapely.set_precision(shape, 1e-7)),
            }
        )
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def cityjson(city: City) -> dict[str, Any]:
    """Return the buildings as CityJSON 2.0 solids at level of detail 1: footprints raised to the drawn height.

    Source of the form: OGC 20-072r5, CityJSON 2.0 community standard. Vertices are whole millimetres from an origin.
    """
    buildings = city["buildings"]
    heights = drawn_height(city)
    west, south, _, _ = buildings.total_bounds if len(buildings) else (0.0, 0.0, 0.0, 0.0)
    vertices: dict[tuple[int, int, int], int] = {}

    def at(x: float, y: float, z: float) -> int:
        key = (round((x - west) * 1000), round((y - south) * 1000), round(z * 1000))
        return vertices.setdefault(key, len(vertices))

    objects = {}
    known = buildings["height_m"].notna().to_numpy()
    for row, (building_id, shape) in enumerate(
        zip(buildings["building_id"], buildings.geometry, strict=True)
    ):
        objects[str(building_id)] = {
            "type": "Building",
            "attributes": {
                "function": plain(buildings["use"].astype(object).iloc[row]),
                "storeysAboveGround": plain(buildings["storeys"].iloc[row]),
                "yearOfConstruction": plain(buildings["built_year"].iloc[row]),
                "heightIsStandIn": not bool(known[row]),
            },
            "geometry": [
                {"type": "Solid", "lod": "1.2", "boundaries": [_shell(part, float(heights[row]), at)]}
                for part in shapely.get_parts(shape)
            ],
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
        "vertices": [list(v) for v in vertices],
    }


def _shell(polygon: shapely.Polygon, height: float, at: Any) -> list[list[list[int]]]:
    """Return the outer shell of a raised footprint: ground facing down, roof facing up, walls facing out."""
    oriented = shapely.orient_polygons(polygon, exterior_cw=False)
    rings = [list(r.coords)[:-1] for r in (oriented.exterior, *oriented.interiors)]
    roof = [[at(x, y, height) for x, y, *_ in ring] for ring in rings]
    ground = [[at(x, y, 0.0) for x, y, *_ in reversed(ring)] for ring in rings]
    walls = []
    for ring in rings:
        for (x0, y0, *_), (x1, y1, *_) in zip(ring, ring[1:] + ring[:1], strict=True):
            walls.append([[at(x0, y0, 0.0), at(x1, y1, 0.0), at(x1, y1, height), at(x0, y0, height)]])
    return [ground, roof, *walls]
