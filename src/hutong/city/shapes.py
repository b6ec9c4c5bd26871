"""Outlines that can be used: repaired where they cross themselves, polygons only, each with a point inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]


def array(shapes: Any) -> Shapes:
    """Return geometries as a NumPy object array."""
    out = np.empty(len(shapes), dtype=object)
    out[:] = list(shapes)
    return out


def polygons_only(shapes: Shapes) -> Shapes:
    """Keep the polygon parts of each shape; ``None`` where there are none."""
    out = array(shapes)
    kinds = shapely.get_type_id(out)
    for row in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = [p for p in shapely.get_parts(out[row]) if p.geom_type in ("Polygon", "MultiPolygon")]
        out[row] = shapely.union_all(parts) if parts else None
    kinds = shapely.get_type_id(out)
    areal = (kinds == shapely.GeometryType.POLYGON) | (kinds == shapely.GeometryType.MULTIPOLYGON)
    out[~areal | ~(shapely.area(out) > 0)] = None
    return out


def repair(shapes: Shapes) -> tuple[Shapes, int]:
    """Return usable outlines, and how many had to be mended.

    An outline that crosses itself is mended (``shapely.make_valid``) if polygons of some area are left;
    what cannot be mended is ``None``.
    """
    out = array(shapes)
    bad = ~shapely.is_missing(out) & ~shapely.is_valid(out)
    out[bad] = shapely.make_valid(out[bad], method="structure", keep_collapsed=False)
    out = polygons_only(out)
    return out, int(np.count_nonzero(bad & ~shapely.is_missing(out)))


def inside(shapes: Shapes) -> Shapes:
    """Return one point surely inside each shape: the centroid where it is inside, else a point on the surface."""
    points = shapely.centroid(shapes)
    away = ~shapely.is_missing(shapes) & ~shapely.intersects(shapes, points)
    points[away] = shapely.point_on_surface(shapes[away])
    return np.asarray(points, dtype=object)


def smallest_holder(points: Shapes, areas: Shapes) -> NDArray[np.int64]:
    """Return, for each point, the row of the smallest area that holds it (-1 where none does)."""
    out = np.full(len(points), -1, np.int64)
    if not len(points) or not len(areas):
        return out
    held_by, point = shapely.STRtree(points).query(areas, predicate="intersects")
    order = np.lexsort((held_by, -shapely.area(areas)[held_by]))
    out[point[order]] = held_by[order]
    return out
