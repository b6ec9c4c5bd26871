"""From what an OpenStreetMap file says to the tables of a snapshot, in metres."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hutong.city.coords import metric_crs, to_metric
from hutong.city.facilities import big_enough, drawn_twice
from hutong.city.osm_raw import Lines, RawMap
from hutong.city.shapes import Shapes, array, inside, repair
from hutong.city.streets import street_graph

_BUILDING_COLUMNS = ("use", "form", "heritage_grade", "name", "storeys", "height_m", "built_year")

_LEAST_AREA_M2 = 1.0


@dataclass(frozen=True)
class Built:
    """The tables of one file, and what blocks and plots are made from.

    Parameters
    ----------
    covered
        The area that the data cover, in metres.
    borders
        Major roads, in metres.
    lands
        Areas of known use other than estates: plot_id, land_use, geometry.
    lost
        What could not be used, counted.
    """

    crs: str
    tables: dict[str, pd.DataFrame]
    covered: shapely.Polygon
    borders: Shapes
    lands: gpd.GeoDataFrame
    lost: Counter[str]


def build_tables(raw: RawMap, what: str) -> Built:
    """Make buildings, estates, facilities and streets from a file's objects.

    Parameters
    ----------
    raw
        The objects; at least one building.
    what
        The file's name, for messages.
    """
    lost = Counter(raw.dropped)
    west, south, east, north = raw.box or raw.outlines.bounds()
    crs = metric_crs((west + east) / 2.0, (south + north) / 2.0)
    outlines, mended = repair(to_metric(raw.outlines.shapes(), "wgs84", crs, what))
    outlines[~(shapely.area(outlines) >= _LEAST_AREA_M2)] = None
    lost["mended"] += mended
    lost["unusable"] += int(np.count_nonzero(shapely.is_missing(outlines)))
    ids = array(raw.outlines.ids)
    buildings = _buildings(raw, ids, outlines, crs, lost)
    estates, lands = _lands(raw, ids, outlines, crs)
    nodes, streets, borders = _streets(raw.lines, crs, what)
    covered = _covered(raw, buildings, estates, crs)
    tables: dict[str, pd.DataFrame] = {
        "buildings": buildings,
        "estates": _within(estates, covered),
        "facilities": _facilities(raw, outlines, crs, lost, what),
        "street_nodes": nodes,
        "streets": streets,
    }
    return Built(crs, tables, covered, borders, _within(lands, covered), lost)


def _frame(columns: dict[str, object], shapes: Shapes, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _within(frame: gpd.GeoDataFrame, covered: shapely.Polygon) -> gpd.GeoDataFrame:
    here = shapely.intersects(frame.geometry.to_numpy(), covered)
    return frame[here].reset_index(drop=True)


def _buildings(raw: RawMap, ids: Shapes, outlines: Shapes, crs: str, lost: Counter[str]) -> gpd.GeoDataFrame:
    place = np.array([row[0] for row in raw.buildings], np.int64)
    columns: dict[str, object] = {"building_id": ids[place]}
    for number, column in enumerate(_BUILDING_COLUMNS, start=1):
        columns[column] = [row[number] for row in raw.buildings]
    frame = _frame(columns, outlines[place], crs)
    frame = frame[frame.geometry.notna()]
    repeats = _repeats(frame.geometry.to_numpy())
    lost["same_outline"] += int(repeats.sum())
    return frame[~repeats].reset_index(drop=True)


def _repeats(shapes: Shapes) -> NDArray[np.bool_]:
    """Return which outlines are the same as an earlier one."""
    out = pd.DataFrame(shapely.bounds(shapes)).duplicated(keep=False).to_numpy(copy=True)
    alike = np.flatnonzero(out)
    out[alike] = (
        pd.Series(shapely.to_wkb(shapely.normalize(shapes[alike])), dtype=object).duplicated().to_numpy()
    )
    return np.asarray(out, bool)


def _lands(raw: RawMap, ids: Shapes, outlines: Shapes, crs: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    place = np.array([row[0] for row in raw.lands], np.int64)
    columns = {
        "id": ids[place],
        "land_use": [row[1] for row in raw.lands],
        "name": [row[2] for row in raw.lands],
    }
    lands = _frame(columns, outlines[place], crs)
    lands = lands[lands.geometry.notna()]
    homes = (lands["land_use"] == "residential").to_numpy(bool)
    estates = lands[homes].drop(columns="land_use").rename(columns={"id": "estate_id"})
    others = lands[~homes].drop(columns="name").rename(columns={"id": "plot_id"})
    return estates.reset_index(drop=True), others.reset_index(drop=True)


def _facilities(raw: RawMap, outlines: Shapes, crs: str, lost: Counter[str], what: str) -> gpd.GeoDataFrame:
    place = np.array([row[4] for row in raw.spots], np.int64)
    point = place < 0
    shapes = array([None] * len(place))
    shapes[~point] = outlines[place[~point]]
    where = inside(shapes)
    lonlat = np.array([row[5:7] for row in raw.spots], np.float64).reshape(-1, 2)
    where[point] = to_metric(shapely.points(lonlat[point]), "wgs84", crs, what)
    columns: dict[str, object] = {
        column: [row[number] for row in raw.spots]
        for number, column in enumerate(("facility_id", "kind", "name", "capacity"))
    }
    frame = _frame(columns | {"area_m2": shapely.area(shapes)}, where, crs)
    usable = frame.geometry.notna().to_numpy()
    large = big_enough(frame["kind"].to_numpy(object), frame["area_m2"].to_numpy(float))
    lost["too_small"] += int(np.count_nonzero(usable & ~large))
    frame, shapes = frame[usable & large], shapes[usable & large]
    twice = drawn_twice(frame, shapes)
    lost["drawn_twice"] += int(twice.sum())
    return frame[~twice].reset_index(drop=True)


def _streets(lines: Lines, crs: str, what: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Shapes]:
    """Return the walking graph, and the roads that part blocks."""
    count = np.array(lines.count, np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    lonlat = np.frombuffer(lines.xy, "<f8").reshape(-1, 2)
    ways = shapely.linestrings(lonlat, indices=owner) if len(count) else array([])
    ways = to_metric(ways, "wgs84", crs, what)
    kind = array(lines.kind)
    walked = np.array([k is not None for k in lines.kind], bool)
    on = walked[owner] if len(count) else np.empty(0, bool)
    first: NDArray[np.int64] = np.concatenate([[0], np.cumsum(count[walked])]).astype(np.int64)
    xy = shapely.get_coordinates(ways)
    nodes, streets = street_graph(np.array(lines.node, np.int64)[on], xy[on], first, kind[walked], crs)
    return nodes, streets, ways[np.array(lines.border, bool)]


def _covered(
    raw: RawMap, buildings: gpd.GeoDataFrame, estates: gpd.GeoDataFrame, crs: str
) -> shapely.Polygon:
    """Return the area that the data cover: the file's box and every building, else a box around all."""
    shapes = buildings.geometry.to_numpy()
    if raw.box is None:
        return shapely.box(*shapely.total_bounds(np.concatenate([shapes, estates.geometry.to_numpy()])))
    box = to_metric([shapely.box(*raw.box)], "wgs84", crs)[0]
    beyond = shapes[~shapely.covers(box, shapes)]
    return shapely.convex_hull(shapely.GeometryCollection([box, *shapely.envelope(beyond)]))
