"""The walkable graph of a synthetic quarter: streets around cells, lanes and paths through them.

Every straight line (a side of a cell, a lane, a crossing way) is a list of nodes at positions along it; sorted
by line and position, neighbours in the list are the ends of a street.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.quarter_layout import Layout


@dataclass
class _Graph:
    """Nodes and the lines they lie on, gathered before the lines are cut."""

    xy: list[np.ndarray] = field(default_factory=list)
    on: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    kinds: list[np.ndarray] = field(default_factory=list)

    def nodes(self, xy: np.ndarray) -> np.ndarray:
        """Add nodes and return their numbers."""
        start = sum(len(part) for part in self.xy)
        self.xy.append(xy)
        return np.arange(start, start + len(xy))

    def lines(self, kinds: np.ndarray) -> np.ndarray:
        """Add lines and return their numbers."""
        start = sum(len(part) for part in self.kinds)
        self.kinds.append(kinds)
        return np.arange(start, start + len(kinds))

    def put(self, line: np.ndarray, at: np.ndarray | float, node: np.ndarray) -> None:
        """Put nodes on lines at a position in [0, 1]."""
        self.on.append((line, np.broadcast_to(np.asarray(at, dtype=np.float64), line.shape), node))

    def edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return start node, end node and line of each street."""
        line, at, node = (np.concatenate(part) for part in zip(*self.on, strict=True))
        order = np.lexsort((node, at, line))
        line, at, node = line[order], at[order], node[order]
        beside = line[1:] == line[:-1]
        # ways of two cells that meet a street at the same point meet in one node
        same = beside & (at[1:] - at[:-1] < 1e-6)
        one = np.arange(sum(len(part) for part in self.xy))
        for first, second in zip(node[:-1][same], node[1:][same], strict=True):
            one[second] = one[first]
        node = one[node]
        step = beside & (node[1:] != node[:-1])
        return node[:-1][step], node[1:][step], line[:-1][step]


def make_streets(
    layout: Layout, ways: pd.DataFrame, crossing: pd.DataFrame, crs: str
) -> dict[str, pd.DataFrame]:
    """Return ``street_nodes`` and ``streets`` (lengths in m), connected, with a node at every crossing.

    Parameters
    ----------
    ways
        East–west lanes and paths: cell, at (m north of the cell's south edge), kind. ``footpath_east`` runs
        only from the crossing to the east.
    crossing
        The one north–south way of each cell: cell, at (m east of the cell's west edge), kind.
    """
    graph = _Graph()
    across, along = _sides(graph, layout)
    cross = crossing.sort_values("cell")
    cells = cross["cell"].to_numpy()
    u = cross["at"].to_numpy() / layout.width_m[cells]
    i, j = layout.column[cells], layout.row[cells]
    south = graph.nodes(layout.place(cells, u, np.zeros(len(cells))))
    north = graph.nodes(layout.place(cells, u, np.ones(len(cells))))
    graph.put(across[i, j], u, south)
    graph.put(across[i, j + 1], u, north)
    crossings = graph.lines(cross["kind"].to_numpy(dtype=object))
    graph.put(crossings, 0.0, south)
    graph.put(crossings, 1.0, north)
    _ways(graph, layout, ways, along, crossings, u)
    return _tables(graph, crs)


def _sides(graph: _Graph, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Add the sides of the cells; return their line numbers by column and row (-1 where no cell lies)."""
    i, j = layout.column, layout.row
    nx, ny = layout.crossings.shape[0] - 1, layout.crossings.shape[1] - 1
    across, along = np.full((nx, ny + 1), -1), np.full((nx + 1, ny), -1)
    across[i, j] = across[i, j + 1] = along[i, j] = along[i + 1, j] = 0
    corner = graph.nodes(layout.crossings.reshape(-1, 2)).reshape(nx + 1, ny + 1)
    for table, step in ((across, (1, 0)), (along, (0, 1))):
        a, b = np.nonzero(table == 0)
        lines = graph.lines(np.full(len(a), "street", object))
        table[a, b] = lines
        graph.put(lines, 0.0, corner[a, b])
        graph.put(lines, 1.0, corner[a + step[0], b + step[1]])
    return across, along


def _ways(
    graph: _Graph, layout: Layout, ways: pd.DataFrame, along: np.ndarray, crossings: np.ndarray, u: np.ndarray
) -> None:
    """Add the lanes and paths; those to the east start at the crossing way."""
    for half in (False, True):
        part = ways[(ways["kind"] == "footpath_east") == half]
        cell = part["cell"].to_numpy()
        v = part["at"].to_numpy() / layout.height_m[cell]
        i, j = layout.column[cell], layout.row[cell]
        lines = graph.lines(part["kind"].str.removesuffix("_east").to_numpy(dtype=object))
        middle = graph.nodes(layout.place(cell, u[cell], v))
        east = graph.nodes(layout.place(cell, np.ones(len(cell)), v))
        graph.put(lines, 0.5, middle)
        graph.put(crossings[cell], v, middle)
        graph.put(lines, 1.0, east)
        graph.put(along[i + 1, j], v, east)
        if not half:
            west = graph.nodes(layout.place(cell, np.zeros(len(cell)), v))
            graph.put(lines, 0.0, west)
            graph.put(along[i, j], v, west)


def _tables(graph: _Graph, crs: str) -> dict[str, pd.DataFrame]:
    start, end, line = graph.edges()
    used, position = np.unique(np.concatenate([start, end]), return_inverse=True)
    start, end = position[: len(start)], position[len(start) :]
    xy = np.concatenate(graph.xy)[used]
    columns = {
        "street_id": np.arange(len(start)),
        "from_node": start,
        "to_node": end,
        "length_m": np.hypot(*(xy[start] - xy[end]).T),
        "kind": np.concatenate(graph.kinds)[line],
    }
    lines = shapely.linestrings(np.stack([xy[start], xy[end]], axis=1))
    return {
        "street_nodes": gpd.GeoDataFrame(
            {"node_id": np.arange(len(used))}, geometry=shapely.points(xy), crs=crs
        ),
        "streets": gpd.GeoDataFrame(columns, geometry=lines, crs=crs),
    }
