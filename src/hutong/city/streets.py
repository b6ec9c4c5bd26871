"""Lines into a walking graph: split where they meet, with lengths in metres; and how connected it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hutong.city.shapes import Shapes
from hutong.city.snapshot import City

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Connectivity:
    """Connected parts of the street network.

    Parameters
    ----------
    label
        The part of each street, shape (streets,); part 0 is the longest.
    length_m
        The length of each part, longest first, shape (parts,).
    """

    label: Ints
    length_m: NDArray[np.float64]

    @property
    def share(self) -> float:
        """The share of all length that lies in the longest part (NaN without streets)."""
        return float(self.length_m[0] / self.length_m.sum()) if len(self.length_m) else float("nan")


def components(city: City | Mapping[str, pd.DataFrame]) -> Connectivity:
    """Return the connected parts of a street network, the longest first.

    Parameters
    ----------
    city
        A snapshot, or the tables ``street_nodes`` and ``streets``.
    """
    streets, nodes = city["streets"], pd.Index(city["street_nodes"]["node_id"])
    start, end = nodes.get_indexer(streets["from_node"]), nodes.get_indexer(streets["to_node"])
    return _components(start, end, streets["length_m"].to_numpy(), len(nodes))


def _components(start: Ints, end: Ints, length: NDArray[np.float64], nodes: int) -> Connectivity:
    if not len(start):
        return Connectivity(np.empty(0, np.int64), np.empty(0))
    graph = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(nodes, nodes))
    _, part = connected_components(graph, directed=False)
    total = np.bincount(part[start], weights=length, minlength=int(part.max()) + 1)
    used = np.unique(part[start])
    ranked = used[np.argsort(-total[used], kind="stable")]
    rank = np.full(len(total), -1, np.int64)
    rank[ranked] = np.arange(len(ranked))
    return Connectivity(rank[part[start]], total[ranked])


def street_graph(
    key: Ints, xy: NDArray[np.float64], first: Ints, kind: NDArray[np.object_], crs: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Split lines where they share a vertex and return the tables ``street_nodes`` and ``streets``.

    Junctions are line ends and vertices met more than once. A line that returns to its own junction is split
    once more half-way, so that no street begins and ends at the same node.

    Parameters
    ----------
    key
        Identity of each vertex, shape (n,): equal keys are the same place. They become node ids.
    xy
        Metric coordinates of the vertices, shape (n, 2).
    first
        Where each line begins in ``key``, and the end of the last, shape (lines + 1,).
    kind
        Street kind of each line, shape (lines,).
    """
    key, xy, first, kind = _without_repeats(key, xy, first, kind)
    unique, place, met = np.unique(key, return_inverse=True, return_counts=True)
    cut = met[place] > 1
    cut[first[:-1]] = True
    cut[first[1:] - 1] = True
    line = np.repeat(np.arange(len(kind)), np.diff(first))
    _cut_loops(cut, place, line)
    stops = np.flatnonzero(cut)
    same = line[stops[:-1]] == line[stops[1:]]
    start, end = stops[:-1][same], stops[1:][same]
    count = end - start + 1
    owner = np.repeat(np.arange(len(start)), count)
    vertex = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(start, count)
    shapes = shapely.linestrings(xy[vertex], indices=owner) if len(start) else np.empty(0, object)
    streets = gpd.GeoDataFrame(
        {
            "street_id": np.arange(len(start), dtype=np.int64),
            "from_node": unique[place[start]],
            "to_node": unique[place[end]],
            "length_m": shapely.length(shapes),
            "kind": kind[line[start]],
        },
        geometry=gpd.GeoSeries(shapes, crs=crs),
    )
    used = np.unique(np.concatenate([place[start], place[end]]))
    where = np.zeros(len(unique), np.int64)
    where[place[::-1]] = np.arange(len(key))[::-1]
    nodes = gpd.GeoDataFrame(
        {"node_id": unique[used]}, geometry=gpd.GeoSeries(shapely.points(xy[where[used]]), crs=crs)
    )
    return nodes, streets


def _without_repeats(
    key: Ints, xy: NDArray[np.float64], first: Ints, kind: NDArray[np.object_]
) -> tuple[Ints, NDArray[np.float64], Ints, NDArray[np.object_]]:
    """Drop a vertex that repeats the one before it on the same line, then lines of fewer than two."""
    line = np.repeat(np.arange(len(kind)), np.diff(first))
    keep = np.ones(len(key), bool)
    keep[1:] = (key[1:] != key[:-1]) | (line[1:] != line[:-1])
    count = np.bincount(line[keep], minlength=len(kind))
    keep &= count[line] >= 2
    long = count >= 2
    ends = np.concatenate([[0], np.cumsum(count[long])]).astype(np.int64)
    return key[keep], xy[keep], ends, kind[long]


def _cut_loops(cut: NDArray[np.bool_], place: Ints, line: Ints) -> None:
    """Mark a middle vertex of each piece that begins and ends at the same place."""
    stops = np.flatnonzero(cut)
    if len(stops) < 2:
        return
    a, b = stops[:-1], stops[1:]
    loop = (line[a] == line[b]) & (place[a] == place[b]) & (b - a > 2)
    cut[(a[loop] + b[loop]) // 2] = True


def lines_to_graph(
    lines: Shapes, kind: NDArray[np.object_], crs: str, crossings: bool = True, snap_m: float = 0.01
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Split a plain line layer into a walking graph.

    Parameters
    ----------
    lines
        LineStrings in metres, shape (n,).
    kind
        Street kind of each line, shape (n,).
    crossings
        Whether lines that cross without a shared vertex meet there. Right for centre lines drawn in a plane;
        wrong where bridges are drawn, for which give the lines shared vertices and state ``False``.
    snap_m
        Vertices nearer than about this are the same place.
    """
    if crossings:
        lines = _with_crossings(lines, snap_m)
    xy = shapely.get_coordinates(lines)
    count = shapely.get_num_coordinates(lines)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    cell = np.round(xy / snap_m).astype(np.int64)
    _, key = np.unique(cell, axis=0, return_inverse=True)
    return street_graph(key.reshape(-1).astype(np.int64), xy, first, kind, crs)


def _with_crossings(lines: Shapes, snap_m: float) -> Shapes:
    """Return the lines with a vertex added wherever another line meets them."""
    out = np.array(lines, dtype=object)
    tree = shapely.STRtree(out)
    a, b = tree.query(out, predicate="dwithin", distance=snap_m)
    other = a != b
    a, b = a[other], b[other]
    # Crossings, and ends that stop on (or within snap_m of) the other line.
    meets = shapely.intersection(out[a], out[b])
    points = [shapely.get_coordinates(meets), shapely.get_coordinates(shapely.get_point(out[b], 0))]
    points.append(shapely.get_coordinates(shapely.get_point(out[b], -1)))
    owner = [np.repeat(a, shapely.get_num_coordinates(meets)), a, a]
    xy, line = np.concatenate(points), np.concatenate(owner)
    near = shapely.distance(shapely.points(xy), out[line]) <= snap_m
    xy, line = xy[near], line[near]
    for row in np.unique(line):
        out[row] = _insert(out[row], xy[line == row])
    return out


def _insert(line: shapely.LineString, xy: NDArray[np.float64]) -> shapely.LineString:
    old = shapely.get_coordinates(line)
    along_old = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(old, axis=0).T))])
    along_new = shapely.line_locate_point(line, shapely.points(xy))
    everything = pd.DataFrame(np.vstack([old, xy]), columns=["x", "y"])
    everything["along"] = np.concatenate([along_old, along_new])
    ordered = everything.sort_values("along", kind="stable")
    return shapely.LineString(ordered[["x", "y"]].to_numpy())
