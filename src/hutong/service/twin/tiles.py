"""The map of a snapshot: vector tiles made once, and a small drawing for cards."""

from __future__ import annotations

import base64
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city import City

WGS84 = "EPSG:4326"
ZOOMS = (10, 15)
#: Up to this zoom a large quarter is drawn by one building per cell, the largest, as a square: a phone then draws
#: thousands of shapes instead of a hundred thousand that are smaller than its pixels.
FAR = 12
FEW, CELL_M = 5000, 60.0
#: The file beside the tiles that says which buildings are drawn from afar.
AFAR = "afar.txt"
#: Metres per storey where only the storeys are known, and the height drawn where neither is (assumptions, map only).
STOREY_M, FLAT_M = 3.0, 3.0
#: Beyond so many buildings the drawing shows blocks alone.
MOST_DRAWN = 4000


def drawn_height(city: City) -> np.ndarray:
    """Return the height at which each building is drawn, in metres; a stand-in where it is unknown."""
    buildings = city["buildings"]
    height = buildings["height_m"].to_numpy(float)
    storeys = buildings["storeys"].to_numpy(float) * STOREY_M
    return np.where(np.isnan(height), np.where(np.isnan(storeys), FLAT_M, storeys), height)


def make_tiles(city: City, to: Path) -> np.ndarray:
    """Write the map of a snapshot as one PMTiles file; ``i`` of a building is its row.

    Return whether each building is drawn from afar.
    """
    from freestiler import freestile, freestile_layer

    buildings = city["buildings"]
    afar = far_roofs(buildings)
    layers = {
        "buildings": gpd.GeoDataFrame(
            {"i": np.arange(len(buildings)), "h": drawn_height(city).round(1)}, geometry=buildings.geometry
        ),
        "roofs": afar,
        "blocks": city["blocks"][["block_id", "geometry"]],
        "estates": _named(city["estates"], "estate_id"),
        "plots": city["plots"][["land_use", "geometry"]].astype({"land_use": str}),
        "streets": city["streets"][["kind", "geometry"]].astype({"kind": str}),
        "facilities": city["facilities"][["kind", "geometry"]].astype({"kind": str}),
    }
    lowest = {"buildings": FAR + 1, "plots": FAR + 1, "facilities": FAR + 1, "streets": FAR}
    given = {
        name: freestile_layer(
            gpd.GeoDataFrame(frame).to_crs(WGS84),
            min_zoom=lowest.get(name, ZOOMS[0]),
            max_zoom=FAR if name == "roofs" else ZOOMS[1],
        )
        for name, frame in layers.items()
        if len(frame)
    }
    freestile(
        given,
        to,
        min_zoom=ZOOMS[0],
        max_zoom=ZOOMS[1],
        simplification=False,
        generate_ids=False,
        quiet=True,
    )
    drawn = np.zeros(len(buildings), bool)
    drawn[afar["i"]] = True
    return drawn


def write_afar(drawn: np.ndarray, to: Path) -> None:
    """Write which buildings are drawn from afar, a bit each from the lowest on, as base64; nothing where all are."""
    if not drawn.all():
        to.write_bytes(base64.b64encode(np.packbits(drawn, bitorder="little").tobytes()))


def far_roofs(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what is drawn of the buildings from afar, ``i`` being their rows.

    All of them where they are few; else the largest in each cell of ``CELL_M`` metres, as a square of the cell.
    """
    rows = np.arange(len(buildings))
    if len(buildings) <= FEW:
        return gpd.GeoDataFrame({"i": rows}, geometry=buildings.geometry)
    at = buildings.geometry.representative_point()
    cell = np.floor(np.column_stack([at.x, at.y]) / CELL_M).astype(np.int64)
    order = np.lexsort((rows, -buildings.geometry.area.to_numpy(), cell[:, 1], cell[:, 0]))
    first = np.ones(len(rows), bool)
    first[1:] = (np.diff(cell[order], axis=0) != 0).any(axis=1)
    kept = order[first]
    west, south = (cell[kept] * CELL_M + CELL_M / 8).T
    side = CELL_M * 3 / 4
    squares = shapely.box(west, south, west + side, south + side)
    return gpd.GeoDataFrame({"i": kept}, geometry=gpd.GeoSeries(squares, crs=buildings.crs))


def _named(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    out = frame[[key, "name", "geometry"]].copy()
    out["name"] = out["name"].astype(object).where(out["name"].notna(), "")
    return out


def bounds(city: City) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the blocks, or of the buildings where there are none, in degrees."""
    frame = city["blocks"] if len(city["blocks"]) else city["buildings"]
    west, south, east, north = gpd.GeoDataFrame(frame).to_crs(WGS84).total_bounds
    return float(west), float(south), float(east), float(north)


def drawing(city: City, width: int = 640) -> str:
    """Return a plain SVG of the quarter: blocks, and buildings unless they are too many."""
    blocks, buildings = city["blocks"], city["buildings"]
    west, south, east, north = (blocks if len(blocks) else buildings).total_bounds
    scale = width / max(east - west, north - south, 1.0)

    def path(shape: shapely.Geometry) -> str:
        parts = []
        for polygon in shapely.get_parts(shape):
            xy = shapely.get_coordinates(polygon.exterior)
            at = np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale]).round(1)
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in at[:-1]) + "Z")
        return "".join(parts)

    ground = "".join(path(g) for g in blocks.geometry)
    houses = "".join(path(g) for g in buildings.geometry) if len(buildings) <= MOST_DRAWN else ""
    w, h = (east - west) * scale, (north - south) * scale
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:.0f} {h:.0f}">'
        f'<path fill="#ECE9E2" stroke="#B9B5AC" d="{ground}"/><path fill="#6B7075" d="{houses}"/></svg>\n'
    )
