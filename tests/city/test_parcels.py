"""Blocks from roads, plots from estates and lands, and shapes that must be mended first."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city.parcels import cut_blocks, lay_ground, partition
from hutong.city.shapes import array, inside, polygons_only, repair, smallest_holder

CRS = "EPSG:4548"
FIELD = shapely.box(0, 0, 1000, 1000)


def _frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)


def test_no_roads_one_block() -> None:
    assert list(cut_blocks(FIELD, array([]))) == [FIELD]
    dead_end = array([shapely.LineString([(500, -10), (500, 500)])])
    assert len(cut_blocks(FIELD, dead_end)) == 1


def test_a_cross_of_dual_carriageways_gives_four_blocks() -> None:
    roads = [shapely.LineString([(x, -50), (x, 1050)]) for x in (490, 510)]
    roads += [shapely.LineString([(-50, y), (1050, y)]) for y in (490, 510)]
    blocks = cut_blocks(FIELD, array(roads))
    assert len(blocks) == 4
    assert shapely.union_all(blocks).equals(FIELD)
    assert shapely.area(blocks).sum() == pytest.approx(FIELD.area)
    # from north to south, then west to east
    centres = shapely.get_coordinates(shapely.centroid(blocks))
    assert (np.diff(centres[:, 1]) < 1e-6).sum() == 3


def test_only_strips_is_one_block() -> None:
    strip = shapely.box(0, 0, 1000, 30)
    roads = array([shapely.LineString([(x, -5), (x, 35)]) for x in (200, 400, 600)])
    assert len(cut_blocks(strip, roads)) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 20)] * 2), min_size=1, max_size=8))
def test_a_partition_covers_the_same_ground_once(boxes: list[tuple[int, int, int, int]]) -> None:
    shapes = array([shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes])
    parts = partition(shapes)
    kept = parts[~shapely.is_missing(parts)]
    assert shapely.area(kept).sum() == pytest.approx(shapely.union_all(shapes).area)
    assert shapely.union_all(kept).area == pytest.approx(shapely.union_all(shapes).area)


def test_the_smaller_area_is_cut_out_of_the_larger() -> None:
    parts = partition(array([shapely.box(0, 0, 10, 10), shapely.box(2, 2, 4, 4)]))
    assert parts[0].area == pytest.approx(96)
    assert parts[1].area == pytest.approx(4)


def test_ground_for_buildings_alone() -> None:
    buildings = _frame(
        [shapely.box(10, 10, 20, 20), shapely.box(990, 990, 1100, 1010)], building_id=["a", "b"]
    )
    out = lay_ground({"buildings": buildings}, FIELD, array([]), CRS)
    assert list(out["blocks"]["block_id"]) == ["b001"]
    assert list(out["plots"]["plot_id"]) == ["rest-b001"]
    assert list(out["buildings"]["plot_id"]) == ["rest-b001"] * 2  # the second lies outside: the nearest


def test_estates_and_lands_become_plots_cut_to_what_is_covered() -> None:
    estates = _frame([shapely.box(-100, 0, 200, 200)], estate_id=["e"])
    lands = _frame([shapely.box(50, 50, 100, 100)], plot_id=["park"], land_use=["green"])
    buildings = _frame([shapely.box(10, 10, 20, 20), shapely.box(60, 60, 70, 70)], building_id=["a", "b"])
    out = lay_ground({"estates": estates, "buildings": buildings}, FIELD, array([]), CRS, lands)
    plots = out["plots"].set_index("plot_id")
    assert plots.loc["e"].geometry.area == pytest.approx(200 * 200 - 50 * 50)
    assert plots.loc["e", "land_use"] == "residential"
    assert plots.area.sum() == pytest.approx(FIELD.area)
    assert list(out["buildings"]["plot_id"]) == ["e", "park"]
    assert out["estates"]["geometry"].iloc[0].area == 300 * 200  # an estate keeps its outline


def test_given_plots_are_kept_and_rests_added_only_where_needed() -> None:
    plots = _frame([shapely.box(0, 0, 100, 100), shapely.box(600, 0, 700, 100)], plot_id=["p", "q"])
    estates = _frame([shapely.box(0, 0, 200, 200)], estate_id=["e"])
    buildings = _frame([shapely.box(10, 10, 20, 20), shapely.box(160, 160, 170, 170)], building_id=["a", "b"])
    road = array([shapely.LineString([(500, -10), (500, 1010)])])
    out = lay_ground({"estates": estates, "plots": plots, "buildings": buildings}, FIELD, road, CRS)
    assert list(out["plots"]["plot_id"]) == ["p", "q", "rest-b001"]
    assert out["plots"]["estate_id"].iloc[0] == "e"
    assert out["plots"]["estate_id"].isna().sum() == 2
    assert list(out["buildings"]["plot_id"]) == ["p", "rest-b001"]
    assert out["plots"]["geometry__origin"].iloc[2] == "imputed"


def test_given_references_are_not_touched() -> None:
    blocks = _frame([FIELD], block_id=["north"])
    plots = _frame([shapely.box(0, 0, 10, 10)], plot_id=["p"], block_id=["north"], estate_id=["x"])
    buildings = _frame([shapely.box(50, 50, 60, 60)], building_id=["a"], plot_id=["p"])
    out = lay_ground({"blocks": blocks, "plots": plots, "buildings": buildings}, FIELD, array([]), CRS)
    assert len(out["plots"]) == 1
    assert list(out["buildings"]["plot_id"]) == ["p"]


def test_shapes_are_mended_to_polygons_or_nothing() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    flat = shapely.Polygon([(0, 0), (10, 0), (5, 0)])
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)])
    out, mended = repair(array([bow, flat, mixed, None, shapely.Point(0, 0)]))
    assert mended == 1
    assert out[0].area == pytest.approx(50)
    assert out[2].equals(shapely.box(0, 0, 1, 1))
    assert [out[1], out[3], out[4]] == [None] * 3
    assert polygons_only(array([shapely.GeometryCollection([shapely.Point(0, 0)])]))[0] is None


def test_a_point_inside_and_the_smallest_holder() -> None:
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(1, 1, 9, 9))
    points = inside(array([ring, shapely.box(0, 0, 2, 2), None]))
    assert ring.intersects(points[0])
    assert points[1].equals(shapely.Point(1, 1))
    holders = array([shapely.box(0, 0, 100, 100), shapely.box(0, 0, 5, 5)])
    rows = smallest_holder(
        array([shapely.Point(1, 1), shapely.Point(50, 50), shapely.Point(500, 1)]), holders
    )
    assert rows.tolist() == [1, 0, -1]
    assert smallest_holder(array([]), holders).tolist() == []
