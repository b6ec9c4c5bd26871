"""The walkable graph of a synthetic quarter: streets around cells, lanes and paths through them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.quarter_layout import Layout


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
    cells = len(layout.kind)
    cross_u = np.empty(cells)
    cross_u[crossing["cell"]] = crossing["at"].to_numpy() / layout.width_m[crossing["cell"]]
    cross_kind = np.empty(cells, object)
    cross_kind[crossing["cell"]] = crossing["kind"]
    cell = ways["cell"].to_numpy()
    v = ways["at"].to_numpy() / layout.height_m[cell]
    # every line is cut at its points: a line is a street edge of the grid, a way or a crossing way
    columns, rows = layout.crossings.shape[0] - 1, layout.crossings.shape[1] - 1
    h_line = lambda i, j: j * columns + i  # noqa: E731
    base_v = columns * (rows + 1)
    v_line = lambda i, j: base_v + i * rows + j  # noqa: E731
    base_way = base_v + (columns + 1) * rows
    base_cross = base_way + len(ways)
    corner = lambda i, j: i * (rows + 1) + j  # noqa: E731
    i, j = layout.column, layout.row
    n_corner = (columns + 1) * (rows + 1)
    n_way = len(ways)
    west, middle, east = (
        n_corner + np.arange(n_way),
        n_corner + n_way + np.arange(n_way),
        n_corner + 2 * n_way + np.arange(n_way),
    )
    south = n_corner + 3 * n_way + np.arange(cells)
    north = south + cells
    coords = np.concatenate(
        [
            layout.crossings.reshape(-1, 2),
            layout.place(cell, np.zeros(n_way), v),
            layout.place(cell, cross_u[cell], v),
            layout.place(cell, np.ones(n_way), v),
            layout.place(np.arange(cells), cross_u, np.zeros(cells)),
            layout.place(np.arange(cells), cross_u, np.ones(cells)),
        ]
    )
    through = (ways["kind"] != "footpath_east").to_numpy()
    zero, one = np.zeros(cells), np.ones(cells)
    on_line = [
        (h_line(i, j), zero, corner(i, j)), (h_line(i, j), one, corner(i + 1, j)), (h_line(i, j), cross_u, south),
        (h_line(i, j + 1), zero, corner(i, j + 1)), (h_line(i, j + 1), one, corner(i + 1, j + 1)),
        (h_line(i, j + 1), cross_u, north),
        (v_line(i, j), zero, corner(i, j)), (v_line(i, j), one, corner(i, j + 1)),
        (v_line(i + 1, j), zero, corner(i + 1, j)), (v_line(i + 1, j), one, corner(i + 1, j + 1)),
        (v_line(i[cell], j[cell])[through], v[through], west[through]),
        (v_line(i[cell] + 1, j[cell]), v, east),
        ((base_way + np.arange(n_way))[through], np.zeros(int(through.sum())), west[through]),
        (base_way + np.arange(n_way), np.full(n_way, 0.5), middle),
        (base_way + np.arange(n_way), np.ones(n_way), east),
        (base_cross + np.arange(cells), zero, south), (base_cross + np.arange(cells), one, north),
        (base_cross + cell, v, middle),
    ]  # fmt: skip
    line, at, node = (np.concatenate(part) for part in zip(*on_line, strict=True))
    order = np.lexsort((node, at, line))
    line, node = line[order], node[order]
    step = (line[1:] == line[:-1]) & (node[1:] != node[:-1])
    start, end, on = node[:-1][step], node[1:][step], line[:-1][step]
    kinds = np.full(base_cross + cells, "street", object)
    kinds[base_way:base_cross] = ways["kind"].str.removesuffix("_east").to_numpy()
    kinds[base_cross:] = cross_kind
    used, position = np.unique(np.concatenate([start, end]), return_inverse=True)
    start, end = position[: len(start)], position[len(start) :]
    xy = coords[used]
    length = np.hypot(*(xy[start] - xy[end]).T)
    lines = shapely.linestrings(np.stack([xy[start], xy[end]], axis=1))
    return {
        "street_nodes": gpd.GeoDataFrame(
            {"node_id": np.arange(len(used))}, geometry=shapely.points(xy), crs=crs
        ),
        "streets": gpd.GeoDataFrame(
            {
                "street_id": np.arange(len(start)),
                "from_node": start,
                "to_node": end,
                "length_m": length,
                "kind": kinds[on],
            },
            geometry=lines,
            crs=crs,
        ),
    }
