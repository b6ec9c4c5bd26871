from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from hutong.errors import HutongError
from hutong.sense.neighbours import contiguity, nearest_neighbours, row_standardised, within_distance

AREAS = [box(x, y, x + 1, y + 1) for y in range(3) for x in range(4)]


def pysal(name, *arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import libpysal

        return getattr(libpysal.weights, name).from_array(*arguments, **options).sparse.toarray()


@pytest.mark.parametrize("corners", [True, False])
def test_contiguity_equals_libpysal(corners):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from libpysal.weights import Queen, Rook

        frame = gpd.GeoDataFrame(geometry=AREAS)
        want = (Queen if corners else Rook).from_dataframe(frame, use_index=False).sparse.toarray()
    np.testing.assert_array_equal(contiguity(AREAS, corners=corners).toarray(), want)


def test_areas_across_a_street_are_neighbours():
    apart = [box(0, 0, 10, 10), box(25, 0, 35, 10), box(80, 0, 90, 10)]
    assert contiguity(apart).nnz == 0
    assert contiguity(apart, gap_m=15.0).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_nearest_and_within_equal_libpysal():
    points = np.random.default_rng(2).uniform(0, 100, (40, 2))
    np.testing.assert_array_equal(nearest_neighbours(points, 5).toarray(), pysal("KNN", points, k=5))
    want = pysal("DistanceBand", points, threshold=20.0, binary=True)
    np.testing.assert_array_equal(within_distance(points, 20.0).toarray(), want)
    inverse = pysal("DistanceBand", points, threshold=20.0, binary=False, alpha=-1.0)
    np.testing.assert_allclose(within_distance(points, 20.0, power=1.0).toarray(), inverse, atol=1e-12)


def test_of_equally_near_ones_the_first():
    square = [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]
    assert nearest_neighbours(square, 2).toarray()[0].tolist() == [0, 1, 1, 0, 0]
    together = [[0, 0], [0, 0], [0, 0], [5, 5]]
    assert nearest_neighbours(together, 1).toarray().tolist() == [
        [0, 1, 0, 0],
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [1, 0, 0, 0],
    ]
    assert nearest_neighbours(square, 4).toarray().sum() == 20


def test_rows_sum_to_one_or_stay_empty():
    got = row_standardised(within_distance([[0, 0], [1, 0], [2, 0], [50, 0]], 1.5))
    assert got.sum(axis=1).tolist() == [1, 1, 1, 0]
    assert got.toarray()[1].tolist() == [0.5, 0, 0.5, 0]
    assert within_distance([[0, 0], [9, 9]], 1.0).nnz == 0


@pytest.mark.parametrize(
    "call",
    [lambda: nearest_neighbours([[0, 0], [1, 1]], 2), lambda: nearest_neighbours([[0, 0], [1, 1]], 0),
     lambda: within_distance([[0, 0], [0, 0]], 1, power=1), lambda: within_distance([[np.nan, 0]], 1)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(HutongError):
        call()
