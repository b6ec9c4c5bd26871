"""Datums against published points, their inverses, and the choice of CRS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from hutong.city.coords import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    lonlat,
    metric_crs,
    to_metric,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from hutong.errors import HutongError

LON = st.floats(73.7, 135.0)
LAT = st.floats(3.9, 53.5)


def test_gcj02_matches_the_published_point() -> None:
    # wandergis/coordtransform README
    lon, lat = wgs84_to_gcj02(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # googollee/eviltransform tests; that code takes a slightly smaller ellipsoid (1e-7 degrees)
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_matches_three_cities(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert tuple(map(float, wgs84_to_gcj02(*wgs))) == pytest.approx(gcj, abs=5e-7)
    assert tuple(map(float, gcj02_to_wgs84(*gcj))) == pytest.approx(wgs, abs=5e-7)


def test_bd09_matches_the_published_points() -> None:
    # wandergis/coordtransform README; its inverse is good to 1e-6 degrees only
    assert tuple(map(float, gcj02_to_bd09(116.404, 39.915))) == pytest.approx(
        (116.41036949371029, 39.92133699351021), abs=1e-12
    )
    assert tuple(map(float, wgs84_to_bd09(116.404, 39.915))) == pytest.approx(
        (116.41662724378733, 39.922699552216216), abs=1e-12
    )
    assert tuple(map(float, bd09_to_gcj02(116.404, 39.915))) == pytest.approx(
        (116.39762729119315, 39.90865673957631), abs=5e-6
    )


@given(LON, LAT)
def test_the_inverses_undo_the_shifts(lon: float, lat: float) -> None:
    for there, back in (
        (wgs84_to_gcj02, gcj02_to_wgs84),
        (gcj02_to_bd09, bd09_to_gcj02),
        (wgs84_to_bd09, bd09_to_wgs84),
    ):
        x, y = back(*there(lon, lat))
        assert abs(float(x) - lon) < 1e-9
        assert abs(float(y) - lat) < 1e-9


@given(LON, LAT)
def test_the_shift_is_some_hundred_metres(lon: float, lat: float) -> None:
    x, y = wgs84_to_gcj02(lon, lat)
    shift_m = np.hypot((x - lon) * np.cos(np.radians(lat)), y - lat) * 111_000
    assert 1 < shift_m < 2000


@pytest.mark.parametrize("place", [(2.35, 48.85), (-70.6, -33.4), (139.69, 35.69)])
def test_outside_china_nothing_moves(place: tuple[float, float]) -> None:
    for datum in ("gcj02", "bd09", "wgs84", "cgcs2000"):
        assert tuple(map(float, to_wgs84(*place, datum))) == place
    assert tuple(map(float, wgs84_to_bd09(*place))) == place


def test_arrays_go_through_and_empty_ones_too() -> None:
    lon, lat = np.array([116.3, 2.35]), np.array([39.9, 48.85])
    x, _ = wgs84_to_gcj02(lon, lat)
    assert x[0] != lon[0]
    assert x[1] == lon[1]
    assert len(gcj02_to_wgs84(np.array([]), np.array([]))[0]) == 0


def test_the_metric_crs_of_a_place() -> None:
    assert metric_crs(116.35, 40.0) == "EPSG:4548"
    assert metric_crs(115.4, 39.5) == "EPSG:32650"
    assert metric_crs(121.47, 31.23) == "EPSG:32651"
    assert metric_crs(117.0, -33.0) == "EPSG:32750"
    assert metric_crs(180.0, 10.0) == "EPSG:32660"


def test_to_metric_equals_proj() -> None:
    x, y = to_metric([shapely.Point(116.35, 40.0)], "cgcs2000", "EPSG:4548")[0].coords[0]
    straight = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True).transform(116.35, 40.0)
    assert (x, y) == pytest.approx(straight, abs=1e-6)
    assert 444_000 < x < 445_000  # the meridian of EPSG:4548 is 117 degrees east


def test_gcj02_shapes_land_where_wgs84_ones_do() -> None:
    box = shapely.box(116.35, 39.99, 116.36, 40.0)
    moved = shapely.transform(box, lambda c: np.column_stack(wgs84_to_gcj02(c[:, 0], c[:, 1])))
    there = to_metric([box], "wgs84", "EPSG:4548")[0]
    back = to_metric([moved], "gcj02", "EPSG:4548")[0]
    assert there.hausdorff_distance(back) < 1e-3


def test_the_same_crs_changes_nothing_but_drops_heights() -> None:
    point = to_metric([shapely.Point(700_000, 4_428_000, 50.0), None], "EPSG:4548", "EPSG:4548")
    assert point[0].equals(shapely.Point(700_000, 4_428_000))
    assert not point[0].has_z
    assert point[1] is None


@pytest.mark.parametrize(
    ("xy", "frame", "says"),
    [
        ((116.35, 40.0), "EPSG:4548", "looks like degrees"),
        ((445_000.0, 4_428_000.0), "wgs84", "not a longitude and latitude"),
        ((40.0, 116.35), "gcj02", "not a longitude and latitude"),
        ((4_428_000.0, 445_000.0), "EPSG:4548", "outside its area of use"),
        ((39_445_000.0, 4_428_000.0), "EPSG:4548", "outside its area of use"),
    ],
)
def test_coordinates_that_cannot_be_in_the_crs(xy: tuple[float, float], frame: str, says: str) -> None:
    with pytest.raises(HutongError, match=says) as caught:
        lonlat(np.array([xy]), frame, "shops.csv")
    assert caught.value.code == "wrong-crs"
    assert "shops.csv" in caught.value.what.zh


@pytest.mark.parametrize("frame", ["beijing54?", "EPSG:999999"])
def test_an_unknown_crs(frame: str) -> None:
    with pytest.raises(HutongError) as caught:
        to_metric([shapely.Point(1, 1)], frame, "EPSG:4548")
    assert caught.value.code == "unknown-crs"


def test_an_unknown_datum() -> None:
    with pytest.raises(HutongError) as caught:
        to_wgs84(1.0, 1.0, "pz90")
    assert caught.value.code == "unknown-crs"
