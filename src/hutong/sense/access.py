"""Walking access: how far people walk on the street network to the nearest facility of each kind.

A building (by its centroid) or facility is joined to the nearest point of the nearest street: the walk is the
straight distance to that point, then along the street to either end, then over the network. Two places on the same
street may also walk straight along it. Parks count at their facility point, not at their edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from hutong.city import City
from hutong.sense.network import Graph, nearest_distance, street_graph
from hutong.sense.results import Access

#: A piece of the network shorter than this in total is no network (a mapped stub in a yard): nothing joins it,
#: unless it is the largest piece there is.
MIN_PIECE_M = 1000.0


@dataclass(frozen=True)
class Joins:
    """Where places join the network, one entry per place."""

    tail: np.ndarray  # node at the street's start (-1: there is no street)
    head: np.ndarray  # node at its end
    to_tail_m: np.ndarray  # along the street to the tail
    to_head_m: np.ndarray
    street: np.ndarray  # row position of the street (-1: none)
    metres: np.ndarray  # straight distance to the street (inf: none)

    def take(self, rows: np.ndarray) -> Joins:
        """Return the joins of some of the places."""
        return Joins(
            self.tail[rows],
            self.head[rows],
            self.to_tail_m[rows],
            self.to_head_m[rows],
            self.street[rows],
            self.metres[rows],
        )


def walking_access(city: City, kinds: Sequence[str], cutoff_m: float = 1200.0) -> Access:
    """Return the walking distance from each building to the nearest facility of each kind.

    Parameters
    ----------
    kinds
        Facility kinds (``facilities.kind``). A kind of which the city has none is reached from nowhere (inf).
    cutoff_m
        Longer walks are given as inf.
    """
    graph = street_graph(city)
    usable = usable_streets(city, graph)
    homes = join(city, city["buildings"].geometry, usable)
    facilities = city["facilities"]
    doors = join(city, facilities.geometry, usable)
    kind = facilities["kind"].to_numpy(dtype=object)
    distance = np.full((len(city["buildings"]), len(kinds)), np.inf)
    for column, name in enumerate(kinds):
        rows = np.flatnonzero(kind == name)
        if len(rows) and len(usable):
            distance[:, column] = walk(graph, doors.take(rows), homes, cutoff_m)
    return Access(tuple(kinds), distance, float(cutoff_m), homes.metres)


def walk(graph: Graph, doors: Joins, homes: Joins, cutoff_m: float) -> np.ndarray:
    """Return the walking distance from each home to the nearest door (inf beyond ``cutoff_m``)."""
    starts = np.concatenate([doors.tail, doors.head])
    first = np.concatenate([doors.metres + doors.to_tail_m, doors.metres + doors.to_head_m])
    at_node = nearest_distance(graph, starts, first, cutoff_m)
    far = np.minimum(at_node[homes.tail] + homes.to_tail_m, at_node[homes.head] + homes.to_head_m)
    # Along one street without passing an end: pair each door with the homes of its street.
    order = np.argsort(homes.street, kind="stable")
    low = np.searchsorted(homes.street[order], doors.street, side="left")
    count = np.searchsorted(homes.street[order], doors.street, side="right") - low
    door = np.repeat(np.arange(len(doors.street)), count)
    within = np.arange(len(door)) - np.repeat(np.cumsum(count) - count, count)
    home = order[low[door] + within]
    np.minimum.at(far, home, doors.metres[door] + np.abs(doors.to_tail_m[door] - homes.to_tail_m[home]))
    far = far + homes.metres
    far[far > cutoff_m] = np.inf
    return far


def usable_streets(city: City, graph: Graph) -> np.ndarray:
    """Return the row positions of the streets that belong to a real piece of network (``MIN_PIECE_M``)."""
    if not len(city["streets"]):
        return np.zeros(0, np.int64)
    matrix = csr_array(
        (np.ones(len(graph.heads), np.int8), graph.heads, graph.indptr), shape=(graph.nodes,) * 2
    )
    piece = connected_components(matrix, directed=False)[1][city.positions("streets", "from_node")]
    total = np.bincount(piece, weights=city["streets"]["length_m"].to_numpy(np.float64))
    good = total >= min(MIN_PIECE_M, total.max())
    return np.flatnonzero(good[piece])


def join(city: City, shapes: gpd.GeoSeries, streets: np.ndarray) -> Joins:
    """Join shapes (by their centroids) to the nearest of some streets; of equally near ones the first."""
    places = len(shapes)
    if not places or not len(streets):
        nowhere, far = np.full(places, -1), np.full(places, np.inf)
        return Joins(nowhere, nowhere, far, far, nowhere, far)
    table = city["streets"]
    lines = table.geometry.to_numpy()[streets]
    points = shapely.centroid(shapes.to_numpy())
    place, line = shapely.STRtree(lines).query_nearest(points, all_matches=True)
    nearest = pd.Series(line).groupby(place).min().reindex(range(places)).to_numpy()
    chosen = lines[nearest]
    row = streets[nearest]
    length = table["length_m"].to_numpy(np.float64)[row]
    tail = city.positions("streets", "from_node")[row]
    head = city.positions("streets", "to_node")[row]
    share = np.clip(shapely.line_locate_point(chosen, points, normalized=True), 0.0, 1.0)
    share = np.nan_to_num(share)  # a street of length 0 has one place on it
    nodes = city["street_nodes"].geometry.to_numpy()
    start = shapely.get_point(chosen, 0)
    drawn_backwards = shapely.distance(start, nodes[head]) < shapely.distance(start, nodes[tail])
    share = np.where(drawn_backwards & (tail != head), 1.0 - share, share)
    to_tail = share * length
    return Joins(tail, head, to_tail, length - to_tail, row, shapely.distance(chosen, points))
