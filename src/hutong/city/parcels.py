"""Blocks and plots where the source has none, so that every building stands on a plot in a block."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hutong.city.schema import ORIGIN_SUFFIX
from hutong.city.shapes import Shapes, array, inside, polygons_only, smallest_holder

#: A block narrower than this, or smaller than this, is a strip between carriageways: it joins a neighbour.
STRIP_WIDTH_M = 40.0
LEAST_BLOCK_M2 = 10_000.0
_LEAST_PLOT_M2 = 1.0


def cut_blocks(covered: shapely.Polygon, borders: Shapes) -> Shapes:
    """Cut the covered area into blocks along border lines.

    Strips between the carriageways of one road join the neighbour with the longest common edge. Without
    borders that enclose anything, the covered area is one block.

    Parameters
    ----------
    covered
        The area the data cover, in metres.
    borders
        LineStrings (major roads), in metres.
    """
    # Not clipped first: a clipped end lies beside the edge by rounding, and would enclose nothing.
    network = shapely.union_all([*array(borders), covered.exterior])
    faces = shapely.get_parts(shapely.polygonize([network]))
    faces = faces[shapely.contains(covered, shapely.point_on_surface(faces))]
    if len(faces) < 2:
        return array([covered])
    group = _join_strips(faces)
    parts = [shapely.union_all(faces[group == g]) for g in np.unique(group)]
    blocks = polygons_only(array(parts))
    centre = shapely.get_coordinates(shapely.centroid(blocks))
    return np.asarray(blocks[np.lexsort((centre[:, 0].round(3), -centre[:, 1].round(3)))], dtype=object)


def _join_strips(faces: Shapes) -> NDArray[np.int64]:
    """Return the group of each face, after strips have joined neighbours (smallest first)."""
    a, b = shapely.STRtree(faces).query(faces, predicate="intersects")
    pair = a < b
    a, b = a[pair], b[pair]
    edge = shapely.length(shapely.intersection(shapely.boundary(faces[a]), shapely.boundary(faces[b])))
    border: list[dict[int, float]] = [{} for _ in faces]
    for i, j, length in zip(a.tolist(), b.tolist(), edge.tolist(), strict=True):
        if length > 0:
            border[i][j] = border[j][i] = length
    area = shapely.area(faces)
    strip = (area < LEAST_BLOCK_M2) | shapely.is_empty(shapely.buffer(faces, -STRIP_WIDTH_M / 2.0))
    group = np.arange(len(faces))
    for face in np.argsort(area, kind="stable"):
        me = int(group[face])
        if not strip[face] or (me != face) or not border[me]:
            continue
        into = max(sorted(border[me]), key=lambda other: border[me][other])
        group[group == me] = into
        for other, length in border[me].items():
            del border[other][me]
            if other != into:
                border[into][other] = border[other][into] = border[into].get(other, 0.0) + length
        border[me] = {}
    return group


def partition(areas: Shapes) -> Shapes:
    """Cut smaller areas out of the larger ones that they overlap, so that no two overlap; ``None`` if nothing is left."""
    out = array(areas)
    size = np.nan_to_num(shapely.area(out))
    rank = np.empty(len(out), np.int64)
    rank[np.lexsort((np.arange(len(out)), size))] = np.arange(len(out))
    big, small = shapely.STRtree(areas).query(areas, predicate="intersects")
    keep = rank[small] < rank[big]
    big, small = big[keep], small[keep]
    for row in np.unique(big):
        cut = shapely.difference(areas[row], shapely.union_all(areas[small[big == row]]))
        out[row] = cut
    return _worth_keeping(out)


def _worth_keeping(areas: Shapes) -> Shapes:
    out = polygons_only(areas)
    out[~(shapely.area(out) >= _LEAST_PLOT_M2)] = None
    return out


def lay_ground(
    tables: Mapping[str, pd.DataFrame],
    covered: shapely.Polygon,
    borders: Shapes,
    crs: str,
    lands: gpd.GeoDataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Fill in blocks and plots, and the references to them, where the source gives none.

    Blocks are cut from the covered area. Estates and plots fall to the block that holds them. Without plots,
    each estate and each land becomes one plot (smaller cut out of larger), and the rest of each block one
    more; with plots, a rest plot is added only in blocks where a building stands on none. A building stands
    on the smallest plot that holds it. What the source gives is kept.

    Parameters
    ----------
    tables
        Tables in the metric CRS: any of blocks, estates, plots and buildings, with or without references.
    covered
        The area that the data cover.
    borders
        LineStrings that part blocks.
    lands
        Areas of known use, for the plots: plot_id, land_use, geometry.

    Returns
    -------
    The tables, with those four complete. Shapes made here have the origin ``imputed``.
    """
    out = dict(tables)
    if "blocks" not in out:
        shapes = cut_blocks(covered, borders)
        out["blocks"] = _frame(shapes, crs, block_id=[f"b{n:03d}" for n in range(1, len(shapes) + 1)])
    blocks = out["blocks"]
    if "estates" in out:
        out["estates"] = _with_block(out["estates"], blocks)
    if "plots" in out:
        plots = _with_block(_with_estate(out["plots"], out.get("estates")), blocks)
        bare = _bare_blocks(plots, blocks, out.get("buildings"))
        rest = _rest(plots, blocks.iloc[bare], crs)
    else:
        plots = _with_block(_plots_of(out.get("estates"), lands, covered, crs), blocks)
        rest = _rest(plots, blocks, crs)
    out["plots"] = pd.concat([plots, rest], ignore_index=True) if len(rest) else plots
    buildings = out.get("buildings")
    if buildings is not None and "plot_id" not in buildings:
        ids = out["plots"]["plot_id"].to_numpy(object)
        out["buildings"] = buildings.assign(plot_id=ids[_holder(buildings, out["plots"])])
    return out


def _frame(shapes: Shapes, crs: str, **columns: object) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)
    frame["geometry" + ORIGIN_SUFFIX] = "imputed"
    return frame


def _holder(frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the row of the smallest area that holds a point inside each shape, else of the nearest area."""
    held = array(areas.geometry)
    points = inside(array(frame.geometry))
    row = smallest_holder(points, held)
    lost = np.flatnonzero(row < 0)
    if len(lost):
        row[lost] = shapely.STRtree(held).nearest(points[lost])
    return row


def _with_block(frame: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "block_id" in frame:
        return frame
    ids = blocks["block_id"].to_numpy(object)
    return frame.assign(block_id=ids[_holder(frame, blocks)] if len(frame) else [])


def _with_estate(plots: gpd.GeoDataFrame, estates: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if estates is None or "estate_id" in plots:
        return plots
    row = smallest_holder(inside(array(plots.geometry)), array(estates.geometry))
    ids = array([*estates["estate_id"], None])
    return plots.assign(estate_id=ids[row])


def _plots_of(
    estates: gpd.GeoDataFrame | None, lands: gpd.GeoDataFrame | None, covered: shapely.Polygon, crs: str
) -> gpd.GeoDataFrame:
    parts = []
    if estates is not None and len(estates):
        ids = estates["estate_id"].to_numpy(object)
        part = _frame(array(estates.geometry), crs, plot_id=ids, estate_id=ids, land_use="residential")
        parts.append(part)
    if lands is not None and len(lands):
        parts.append(
            _frame(
                array(lands.geometry), crs, **{c: lands[c].to_numpy(object) for c in ("plot_id", "land_use")}
            )
        )
    if not parts:
        return _frame(array([]), crs, plot_id=[], estate_id=[], land_use=[])
    plots = pd.concat(parts, ignore_index=True)
    plots["geometry" + ORIGIN_SUFFIX] = "observed"
    shapes = partition(_worth_keeping(shapely.intersection(array(plots.geometry), covered)))
    plots = plots.set_geometry(gpd.GeoSeries(shapes, crs=crs))
    return plots[~shapely.is_missing(shapes)].reset_index(drop=True)


def _bare_blocks(
    plots: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None
) -> NDArray[np.int64]:
    """Return the rows of the blocks where some building stands on no plot."""
    if buildings is None or "plot_id" in buildings:
        return np.empty(0, np.int64)
    points = inside(array(buildings.geometry))
    bare = points[smallest_holder(points, array(plots.geometry)) < 0]
    row = smallest_holder(bare, array(blocks.geometry))
    return np.unique(row[row >= 0])


def _rest(plots: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Return, for each block, what no plot covers."""
    left = array(blocks.geometry)
    block, plot = shapely.STRtree(array(plots.geometry)).query(left, predicate="intersects")
    taken = array(plots.geometry)
    for row in np.unique(block):
        left[row] = shapely.difference(left[row], shapely.union_all(taken[plot[block == row]]))
    left = _worth_keeping(left)
    some = ~shapely.is_missing(left)
    ids = blocks["block_id"].to_numpy(object)[some]
    return _frame(left[some], crs, plot_id=[f"rest-{b}" for b in ids], block_id=ids)
