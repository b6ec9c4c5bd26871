"""Spatial weights: which places are neighbours, as a sparse matrix (row i: the neighbours of place i)."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from hutong.errors import HutongError
from hutong.text import Text


def contiguity(areas: ArrayLike, gap_m: float = 0.0, corners: bool = True) -> Any:
    """Return 1 for areas that touch or overlap (binary, symmetric), shape (n, n).

    Parameters
    ----------
    areas
        Polygons in a metric CRS, shape (n,).
    gap_m
        Areas up to this far apart count as touching: estates are often divided by a street.
    corners
        Whether touching in one point is enough (queen), or an edge must be shared (rook; with ``gap_m`` 0 only).
    """
    shapes = np.asarray(areas, dtype=object)
    tree = shapely.STRtree(shapes)
    i, j = (
        tree.query(shapes, predicate="dwithin", distance=gap_m) if gap_m else tree.query(shapes, "intersects")
    )
    apart = i != j
    if not corners and not gap_m:
        shared = shapely.intersection(shapes[i], shapes[j])
        apart &= (shapely.length(shared) > 0) | (shapely.area(shared) > 0)
    return _matrix(i[apart], j[apart], np.ones(int(apart.sum())), len(shapes))


def nearest_neighbours(points: ArrayLike, k: int) -> Any:
    """Return 1 for the k nearest other points of each (binary, not symmetric); of equally near ones the first.

    Parameters
    ----------
    points
        Coordinates in metres, shape (n, 2), n > k.
    """
    xy = _points(points)
    n = len(xy)
    if not 1 <= k < n:
        raise _invalid(
            f"k must be at least 1 and below the number of places ({n})", f"k 须不小于 1 且小于地点数（{n}）"
        )
    # As far as the k-th neighbour, then by position among those equally far.
    far = cKDTree(xy).query(xy, k=k + 1)[0][:, -1] if k + 1 <= n else np.full(n, np.inf)
    rows = [np.asarray(near, np.int64) for near in cKDTree(xy).query_ball_point(xy, far * (1 + 1e-12))]
    i = np.repeat(np.arange(n), [len(near) for near in rows])
    j = np.concatenate(rows)
    apart = i != j
    i, j = i[apart], j[apart]
    metres = np.hypot(*(xy[i] - xy[j]).T)
    order = np.lexsort((j, metres, i))
    i, j = i[order], j[order]
    place = np.arange(len(i)) - np.searchsorted(i, i, side="left")
    near = place < k
    return _matrix(i[near], j[near], np.ones(int(near.sum())), n)


def within_distance(points: ArrayLike, reach_m: float, power: float = 0.0) -> Any:
    """Return 1 / dᵖ for other points up to ``reach_m`` away (``power`` 0: binary), symmetric.

    Raises
    ------
    HutongError
        ``invalid-neighbours`` where two points coincide and ``power`` is above 0.
    """
    xy = _points(points)
    pairs = cKDTree(xy).query_pairs(reach_m, output_type="ndarray").astype(np.int64).reshape(-1, 2)
    metres = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    if power and (metres == 0).any():
        raise _invalid(
            "two places lie at one point, and 1/d has no value", "有两处地点重合，距离倒数没有意义"
        )
    weight = np.ones(len(pairs)) if not power else metres**-power
    i, j = np.concatenate([pairs, pairs[:, ::-1]]).T if len(pairs) else np.zeros((2, 0), np.int64)
    return _matrix(i, j, np.concatenate([weight, weight]), len(xy))


def row_standardised(weights: Any) -> Any:
    """Return weights whose rows sum to 1; a place without neighbours keeps an empty row."""
    w = csr_array(weights, dtype=np.float64)
    total = np.asarray(w.sum(axis=1)).ravel()
    scale = np.where(total > 0, 1.0 / np.where(total > 0, total, 1.0), 0.0)
    return csr_array((w.data * np.repeat(scale, np.diff(w.indptr)), w.indices, w.indptr), shape=w.shape)


def _matrix(i: np.ndarray, j: np.ndarray, weight: np.ndarray, n: int) -> Any:
    matrix = csr_array((weight, (i, j)), shape=(n, n))
    matrix.sort_indices()
    return matrix


def _points(points: ArrayLike) -> np.ndarray:
    xy = np.asarray(points, np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all():
        raise _invalid("points are pairs of finite coordinates", "点须为有限坐标对")
    return xy


def _invalid(en: str, zh: str) -> HutongError:
    return HutongError(
        "invalid-neighbours",
        Text(f"{zh}。", f"{en[0].upper()}{en[1:]}."),
        Text("请检查坐标、k 值与距离。", "Check coordinates, k and distance."),
    )
