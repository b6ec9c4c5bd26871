"""From an OpenStreetMap file to a snapshot: on a map written here, and on the real neighbourhoods."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from hutong.city import City, components, read_osm
from hutong.city.facilities import facility_kinds
from hutong.city.schema import schema
from hutong.city.tags import TagRules, osm_rules
from hutong.text import Text

from .small_map import MapFile, quarter_map, to_pbf


@pytest.fixture(scope="module")
def map_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quarter_map().write(tmp_path_factory.mktemp("osm") / "quarter.osm")


@pytest.fixture(scope="module")
def city(map_file: Path) -> City:
    return read_osm(map_file, "lane", title=Text("青砖里", "Grey Brick Lane"))


def _row(city: City, table: str, **where: str):  # type: ignore[no-untyped-def]
    frame = city[table]
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, (table, where, len(frame))
    return frame.iloc[0]


def test_tags_become_columns(city: City) -> None:
    slab = _row(city, "buildings", name="1号楼")
    assert (slab["use"], slab["storeys"], slab["built_year"]) == ("residential", 6.0, 1985.0)
    assert np.isnan(slab["height_m"])
    court = city["buildings"][city["buildings"]["form"] == "courtyard"].iloc[0]
    assert (court["heritage_grade"], court["height_m"]) == ("protected", 5.0)
    assert slab.geometry.area == pytest.approx(60 * 12, rel=0.01)
    assert slab["building_id"].startswith("w")


def test_what_tags_do_not_tell_stays_unknown(city: City) -> None:
    buildings = city["buildings"]
    assert buildings["form"].notna().sum() == 1
    assert buildings[["structure", "lift", "cond_structure", "floor_area_m2"]].isna().all(axis=None)
    assert set(np.unique(city.origin("buildings", "storeys"))) == {-1, 0}
    assert city.coverage("buildings", "storeys") == pytest.approx(1 / len(buildings))


def test_values_that_are_no_figure_are_unknown_and_told(city: City) -> None:
    assert any("building:levels" in note and "1 values" in note for note in city.meta.notes)
    assert any("start_date" in note for note in city.meta.notes)
    assert city["buildings"]["height_m"].max() == 18.0


def test_a_building_with_a_yard_keeps_it(city: City) -> None:
    school = _row(city, "buildings", name="青砖里小学")
    assert school["building_id"].startswith("r")
    assert school["use"] == "education"
    assert school.geometry.area == pytest.approx(60 * 60 - 20 * 20, rel=0.01)
    # its outer way has building=yes too, and is not another building
    assert city["buildings"].geometry.intersects(school.geometry).sum() == 1


def test_outlines_are_mended_or_left_out_and_told(city: City) -> None:
    assert city["buildings"].geometry.is_valid.all()
    notes = " ".join(city.meta.notes)
    for words in ("crossed themselves", "enclose no area", "not closed", "incomplete", "roofs", "disused"):
        assert words in notes
    crossed = city["buildings"][city["buildings"]["use"] == "residential"]
    assert crossed.area.between(199, 202).sum() == 1  # both triangles of the bow tie


def test_buildings_stand_on_plots_of_estates_in_blocks(city: City) -> None:
    named = _row(city, "estates", name="青砖里小区")
    plot = city["plots"].iloc[city.positions("buildings", "plot_id")]
    on_estate = (plot["estate_id"] == named["estate_id"]).to_numpy()
    assert on_estate.sum() == 4
    assert _row(city, "buildings", name="1号楼")["plot_id"] == named["estate_id"]
    office = city["buildings"][city["buildings"]["use"] == "office"].iloc[0]
    assert office["plot_id"].startswith("rest-")
    assert city["estates"]["name"].isna().sum() == 1
    assert (city.positions("plots", "block_id") >= 0).all()
    assert city.provenance["plots"]["geometry"].origin == "mixed"
    assert set(city.origin("plots", "geometry")) == {0, 1}


def test_the_dual_carriageway_parts_two_blocks(city: City) -> None:
    # 20 m between the carriageways, and 20 m south of the motorway: strips, not blocks
    assert len(city["blocks"]) == 2
    areas = city["blocks"].area
    assert areas.min() > 350_000
    assert areas.sum() == pytest.approx(city["plots"].area.sum(), rel=1e-6)


def test_plots_do_not_overlap(city: City) -> None:
    shapes = city["plots"].geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[a[a < b]], shapes[b[a < b]]))
    assert shared.max() < 1e-6


def test_streets_are_what_people_may_walk(city: City) -> None:
    streets = city["streets"]
    assert streets["kind"].value_counts().to_dict() == {"street": 6, "lane": 2, "footpath": 3, "steps": 1}
    assert not any("trunk" in note for note in city.meta.notes)
    assert any("1 ways closed to walkers" in note for note in city.meta.notes)
    assert (streets["from_node"] != streets["to_node"]).all()
    service = streets[streets["kind"] == "lane"]["length_m"]
    assert service.max() == pytest.approx(200, rel=0.01)


def test_the_network_is_connected(city: City) -> None:
    parts = components(city)
    assert len(parts.length_m) == 2  # the lane of foot=yes begins where no street has a node
    assert parts.share == pytest.approx(1 - 20 / (3 * 900 - 900 + 540 + 20 + 200 + 200 + 14.1 + 20), abs=0.01)


def test_facilities_come_from_points_and_areas_once(city: City) -> None:
    kinds = city["facilities"]["kind"].value_counts().to_dict()
    assert kinds == {
        "kindergarten": 2,
        "park": 1,
        "primary_school": 1,
        "convenience": 2,
        "bus_stop": 1,
        "parking": 1,
    }
    park = _row(city, "facilities", kind="park")
    assert park["area_m2"] == pytest.approx(5000, rel=0.01)
    assert _row(city, "facilities", kind="parking")["capacity"] == 24
    assert np.isnan(_row(city, "facilities", kind="bus_stop")["area_m2"])
    notes = " ".join(city.meta.notes)
    for words in ("repeat an area", "too small", "private greens"):
        assert words in notes


def test_meta_names_the_source_and_the_file(city: City, map_file: Path) -> None:
    source = city.meta.sources[0]
    assert (source.licence, source.attribution) == ("ODbL-1.0", "© OpenStreetMap contributors")
    assert city.meta.date == "2026-02-03"
    assert city.meta.crs == "EPSG:4548"
    assert len(city.meta.recipe["file_sha256"]) == 64
    assert read_osm(map_file, "lane", date="2026-05-06").meta.date == "2026-05-06"


def test_the_same_file_gives_the_same_snapshot(city: City, map_file: Path) -> None:
    assert read_osm(map_file, "lane", title=city.meta.title).hash == city.hash


def test_pbf_says_what_xml_says(city: City, map_file: Path, tmp_path: Path) -> None:
    other = read_osm(to_pbf(map_file, tmp_path / "quarter.osm.pbf"), "lane", title=city.meta.title)
    for name, frame in city.tables.items():
        assert len(frame) == len(other[name]), name
        if len(frame):
            plain = frame.drop(columns="geometry", errors="ignore").astype(str)
            assert plain.equals(other[name].drop(columns="geometry", errors="ignore").astype(str)), name


def test_a_snapshot_survives_saving(city: City, tmp_path: Path) -> None:
    assert City.load(city.save(tmp_path / "lane")).hash == city.hash


def test_an_extract_that_cuts_ways_keeps_what_it_has(tmp_path: Path) -> None:
    m = quarter_map()
    lost = m.known[(200.0, 400.0)]
    m.lines["node"] = [line for line in m.lines["node"] if f'<node id="{lost}"' not in line]
    city = read_osm(m.write(tmp_path / "cut.osm"), "cut")
    lengths = city["streets"]["length_m"]
    assert len(city["streets"]) < 13
    assert np.isfinite(lengths).all()


def test_outlines_that_the_extract_cuts_are_left_out_and_told(tmp_path: Path) -> None:
    m = quarter_map()
    m.box(800, 600, 10, 10, building="yes")
    lost = m.known[(810, 600)]
    m.lines["node"] = [line for line in m.lines["node"] if f'<node id="{lost}"' not in line]
    city = read_osm(m.write(tmp_path / "cut.osm"), "cut")
    assert any("1 outlines lack nodes" in note for note in city.meta.notes)


def test_a_facility_drawn_as_a_line_is_a_point_on_it(tmp_path: Path) -> None:
    m = quarter_map()
    m.way([(20.0, 420.0), (30.0, 420.0), (40.0, 420.0)], public_transport="platform", name="槐荫路")
    m.box(800, 650, 20, 20, leisure="pitch", area="no")
    facilities = read_osm(m.write(tmp_path / "line.osm"), "line")["facilities"]
    stop = facilities[facilities["name"] == "槐荫路"].iloc[0]
    assert stop["kind"] == "bus_stop"
    assert np.isnan(stop["area_m2"])
    assert "sports" not in set(facilities["kind"])


def test_the_date_that_the_file_states_comes_first(tmp_path: Path) -> None:
    plain = quarter_map().write(tmp_path / "m.osm")
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-05-01T20:21:22Z")
    with osmium.SimpleWriter(str(tmp_path / "m.osm.pbf"), header=header) as writer:
        for thing in osmium.FileProcessor(str(plain)):
            writer.add(thing)
    assert read_osm(tmp_path / "m.osm.pbf", "m").meta.date == "2026-05-01"


def test_without_bounds_and_stamps_the_buildings_say_where_and_the_file_when(tmp_path: Path) -> None:
    m = MapFile(size_m=None, stamp=None)
    m.box(0, 0, 10, 10, building="yes")
    m.box(0, 0, 10, 10, building="yes")
    city = read_osm(m.write(tmp_path / "bare.osm"), "bare")
    assert len(city["buildings"]) == 1
    assert any("outline of another" in note for note in city.meta.notes)
    assert len(city["blocks"]) == 1
    assert city.meta.date >= "2026"
    assert any("no streets" in note for note in city.meta.notes)
    assert np.isnan(components(city).share)


def test_the_tag_rules_name_values_that_the_schema_has() -> None:
    rules, tables = osm_rules(), schema().tables
    for group, table, column in (
        (rules.building_use, "buildings", "use"),
        (rules.building_use_by_occupant, "buildings", "use"),
        (rules.building_form, "buildings", "form"),
        (rules.heritage_grade, "buildings", "heritage_grade"),
        (rules.land_use, "plots", "land_use"),
        (rules.street_kind, "streets", "kind"),
    ):
        assert {name for name, _ in group.rules} <= set(tables[table].columns[column].enum)
    assert facility_kinds()["park"].min_area_m2 == 400


def test_the_first_rule_that_holds_wins() -> None:
    rules = TagRules.of({"a": ["x=1&y~^ab"], "b": ["x=1|2", "z"]})
    assert rules.match({"x": "1", "y": "ABC"}) == "a"
    assert rules.match({"x": "1"}) == "b"
    assert rules.match({"x": "3; 2"}) == "b"
    assert rules.match({"z": "anything"}) == "b"
    assert rules.match({"x": "3"}) is None
    with pytest.raises(ValueError, match="not key=value"):
        TagRules.of({"a": ["x="]})


@pytest.mark.shared
def test_the_qinghua_east_road_quarter(shared: Path) -> None:
    file = shared / "data" / "osm_beijing_cau" / "beijing_haidian_cau.osm"
    start = time.process_time()
    city = read_osm(file, "cau")
    assert time.process_time() - start < 3
    assert len(city["buildings"]) >= 200
    names = set(city["estates"]["name"].dropna())
    assert {"富润家园", "农大小区-北区", "清华东路27号院", "中建壹品·学府公馆", "大华花园别墅"} <= names
    assert components(city).share > 0.9
    assert city.meta.date == "2026-03-22"
    assert (city.positions("buildings", "plot_id") >= 0).all()
    kinds = set(city["facilities"]["kind"])
    assert {"primary_school", "kindergarten", "park", "convenience", "hospital"} <= kinds
    assert len(city["blocks"]) > 1


@pytest.mark.shared
def test_the_bupt_quarter(shared: Path) -> None:
    file = shared / "data" / "osm_beijing_bupt" / "beijing_haidian_bupt.osm"
    city = read_osm(file, "bupt")
    assert 100 <= len(city["buildings"]) <= 115
    assert components(city).share > 0.98
    assert city["facilities"]["kind"].eq("charging").sum() == 7
