"""Bad input: each a clear error in both languages, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from hutong.city import read_mapping, read_osm
from hutong.errors import HutongError

from .small_map import MapFile, quarter_map, to_pbf
from .test_layers import BUILDINGS, HEAD, LAT, LON, STEP, houses, write_mapping


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with houses, and see that reading leaves nothing new in it."""
    houses().to_file(tmp_path / "houses.geojson")
    yield tmp_path
    made_by_hutong = [f.name for f in tmp_path.iterdir() if f.name.startswith(".") or f.is_dir()]
    assert made_by_hutong == []


def refuse_osm(file: Path, code: str) -> HutongError:
    return _refused(lambda: read_osm(file, "bad"), code)


def refuse(folder: Path, body: str, code: str) -> HutongError:
    file = write_mapping(folder, body)
    before = sorted(f.name for f in folder.iterdir())
    error = _refused(lambda: read_mapping(file), code)
    assert sorted(f.name for f in folder.iterdir()) == before
    return error


def _refused(read, code: str) -> HutongError:  # type: ignore[no-untyped-def]
    with pytest.raises(HutongError) as caught:
        read()
    error = caught.value
    assert error.code == code, error.render()
    for lang in ("zh", "en"):
        assert error.what.get(lang)
        assert error.hint.get(lang)
    assert "Traceback" not in error.render()
    return error


def test_a_file_that_is_not_there(folder: Path) -> None:
    refuse_osm(folder / "nowhere.osm", "no-file")
    refuse_osm(folder, "no-file")
    _refused(lambda: read_mapping(folder / "nowhere.toml"), "no-file")
    refuse(folder, BUILDINGS.replace("houses", "nowhere"), "no-file")


def test_a_file_that_is_no_map(folder: Path) -> None:
    (folder / "map.txt").write_text("hello", "utf-8")
    refuse_osm(folder / "map.txt", "unknown-format")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_a_pbf_cut_short(folder: Path, share: float) -> None:
    whole = to_pbf(quarter_map().write(folder / "m.osm"), folder / "m.osm.pbf").read_bytes()
    (folder / "cut.osm.pbf").write_bytes(whole[: int(len(whole) * share)])
    error = refuse_osm(folder / "cut.osm.pbf", "unreadable")
    assert "Download" in error.hint.en


@pytest.mark.parametrize(
    "text", ["", "<osm", "<osm version='0.6'><node id='1'", "<html></html>", "not xml at all"]
)
def test_xml_that_is_not_well_formed(folder: Path, text: str) -> None:
    (folder / "bad.osm").write_text(text, "utf-8")
    refuse_osm(folder / "bad.osm", "unreadable")


def test_xml_cut_short(folder: Path) -> None:
    whole = quarter_map().xml()
    (folder / "cut.osm").write_text(whole[: len(whole) // 2], "utf-8")
    refuse_osm(folder / "cut.osm", "unreadable")


def test_an_empty_map(folder: Path) -> None:
    refuse_osm(MapFile().write(folder / "empty.osm"), "empty-map")
    m = MapFile()
    m.node(1.0, 1.0)
    refuse_osm(m.write(folder / "nodes.osm"), "empty-map")


def test_a_map_without_buildings(folder: Path) -> None:
    m = MapFile()
    m.way([(0.0, 0.0), (100.0, 0.0)], highway="residential")
    assert "--map" in refuse_osm(m.write(folder / "streets.osm"), "no-buildings").hint.en
    m.way([(0.0, 0.0), (10.0, 0.0), (5.0, 0.0), (0.0, 0.0)], building="yes")
    refuse_osm(m.write(folder / "flat.osm"), "no-buildings")


def test_an_id_that_stands_twice_in_a_map(folder: Path) -> None:
    m = quarter_map()
    place, slab = next((i, line) for i, line in enumerate(m.lines["way"]) if "1号楼" in line)
    m.lines["way"].insert(place, slab)
    error = refuse_osm(m.write(folder / "twice.osm"), "duplicate-id")
    assert "osmium merge" in error.hint.zh
    m = quarter_map()
    m.lines["node"].append(next(line for line in m.lines["node"] if "bus_stop" in line))
    assert "stands twice" in refuse_osm(m.write(folder / "twice.osm"), "invalid-data").rows[0]


def test_a_map_that_is_not_sorted(folder: Path) -> None:
    m = quarter_map()
    m.lines["way"].append(next(line for line in m.lines["way"] if "1号楼" in line))
    assert "osmium sort" in refuse_osm(m.write(folder / "unsorted.osm"), "unsorted").hint.zh


def test_a_date_that_is_none(folder: Path) -> None:
    file = quarter_map().write(folder / "m.osm")
    _refused(lambda: read_osm(file, "bad", date="last spring"), "bad-date")


def test_a_mapping_that_is_no_toml(folder: Path) -> None:
    (folder / "map.toml").write_text("[city\n", "utf-8")
    _refused(lambda: read_mapping(folder / "map.toml"), "bad-mapping")


def test_every_fault_of_a_mapping_is_named(folder: Path) -> None:
    body = """
    [tables.buildings]
    file = "houses.geojson"
    x = "lon"
    datum = "pz90"
    crs = "EPSG:4548"
    source = "gossip"
    colour = "red"
    """
    error = refuse(folder, body, "bad-mapping")
    assert any("colour" in row for row in error.rows)
    error = refuse(folder, body.replace('colour = "red"', ""), "bad-mapping")
    text = " ".join(error.rows)
    for word in ("datum", "not both", "x and y", "gossip"):
        assert word in text
    error = refuse(folder, "[tables.buildings]\nfile = 3\n", "bad-mapping")
    assert "right kind" in error.rows[0]
    rule = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {use = {from = "a", value = "b"}}\n'
    assert "either" in refuse(folder, rule, "bad-mapping").rows[0]
    rule = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {use = {value = "b", origin = "heard"}}\n'
    assert "origin" in refuse(folder, rule, "bad-mapping").rows[0]


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("date = 2026-03-01", 'date = "spring"', "city.date"),
        ('name = "lane"', "", "city.name"),
        ('{zh = "青砖里", en = "Grey Brick Lane"}', '{zh = "青砖里"}', "city.title"),
        ('licence = "CC0-1.0"', "", "licence"),
    ],
)
def test_a_mapping_lacks_what_a_city_needs(folder: Path, old: str, new: str, row: str) -> None:
    file = write_mapping(folder, BUILDINGS)
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    error = _refused(lambda: read_mapping(file), "bad-mapping")
    assert any(row in line for line in error.rows)


def test_a_mapping_without_sources_or_tables(folder: Path) -> None:
    (folder / "map.toml").write_text('[city]\nname = "a"\ndate = "2026-01-01"\n', "utf-8")
    error = _refused(lambda: read_mapping(folder / "map.toml"), "bad-mapping")
    assert len(error.rows) == 2
    (folder / "map.toml").write_text("tables = 3\n", "utf-8")
    _refused(lambda: read_mapping(folder / "map.toml"), "bad-mapping")


def test_unknown_tables_and_columns(folder: Path) -> None:
    assert (
        "dwellings" in refuse(folder, '[tables.houses]\nfile = "houses.geojson"\n', "unknown-table").hint.en
    )
    refuse(folder, '[tables.street_nodes]\nfile = "houses.geojson"\n', "unknown-table")
    body = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {floors = "F"}\n'
    assert "storeys" in refuse(folder, body, "unknown-column").hint.en
    body = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {storeys = "F"}\n'
    assert "H_CM" in refuse(folder, body, "no-column").hint.en


def test_a_mapping_without_buildings(folder: Path) -> None:
    refuse(folder, '[tables.estates]\nfile = "houses.geojson"\n', "no-buildings")


def test_values_that_the_schema_does_not_know(folder: Path) -> None:
    body = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {use = "用途"}\n'
    error = refuse(folder, body, "invalid-data")
    assert "buildings.use row 1: '住宅' must be one of residential" in error.rows[0]
    body = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {use = {from = "用途", map = {"住宅" = "residential"}}}\n'
    error = refuse(folder, body, "invalid-data")
    assert error.rows == ("buildings.use row 3: the map has no '商铺'",)
    body = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {storeys = "名称"}\n'
    assert "not a number" in refuse(folder, body, "invalid-data").rows[0]
    body = '[tables.buildings]\nfile = "houses.geojson"\ncolumns = {lift = "名称"}\n'
    assert "true or false" in refuse(folder, body, "invalid-data").rows[0]
    body = (
        BUILDINGS
        + '    [tables.facilities]\n    file = "houses.geojson"\n    columns = {kind = {value = "casino"}}\n'
    )
    assert "must be one of kindergarten" in refuse(folder, body, "invalid-data").rows[0]


def test_ids_that_stand_twice_in_a_layer(folder: Path) -> None:
    houses().assign(ID=[7, 8, 7, 9]).to_file(folder / "houses.geojson")
    error = refuse(folder, BUILDINGS, "invalid-data")
    assert error.rows == ("buildings.building_id row 3 (id 7): the id stands twice",)


def _shops(folder: Path, text: str | bytes, more: str = "") -> str:
    data = text.encode() if isinstance(text, str) else text
    (folder / "shops.csv").write_bytes(data)
    return (
        BUILDINGS
        + f"""
    [tables.facilities]
    file = "shops.csv"
    x = "lon"
    y = "lat"
    {more}
    columns = {{name = "name", kind = {{value = "convenience"}}}}
    """
    )


WGS = 'datum = "wgs84"'


def test_a_csv_declared_in_the_wrong_encoding(folder: Path) -> None:
    text = f"name,lon,lat\nshop,{LON},{LAT}\n街口小店,{LON},{LAT}\n"
    error = refuse(
        folder, _shops(folder, text.encode("gbk"), WGS + '\n    encoding = "utf-8"'), "wrong-encoding"
    )
    assert "row 3, column 1" in error.what.en
    assert "encoding" in error.hint.zh
    refuse(folder, _shops(folder, text.encode(), WGS + '\n    encoding = "gbk"'), "wrong-encoding")
    refuse(folder, _shops(folder, text.encode(), WGS + '\n    encoding = "klingon"'), "wrong-encoding")


def test_a_csv_in_no_encoding_that_is_tried(folder: Path) -> None:
    garbled = f"name,lon,lat\nshop,{LON},{LAT}\nб".encode("koi8-r") + b"\xff\xff\x80,1,2\n"
    error = refuse(folder, _shops(folder, garbled, WGS), "wrong-encoding")
    assert "row 3" in error.what.en
    broken = f"name,lon,lat\n街口小店街口小店,{LON},{LAT}\n".encode() + "街".encode()[:2] + b",1,1\n"
    error = refuse(folder, _shops(folder, broken, WGS), "wrong-encoding")
    assert "column 1" in error.what.en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-table"),
        ("name,lon,lat\n", "empty-table"),
        ("name,lon,lat\na,1\n", "unreadable"),
        ("name,lon,lat,lon\na,1,2,3\n", "unreadable"),
        ('name,lon,lat\n"a,1,2\n', "unreadable"),
        (f"name,lon,lat\na,{LON},\n", "invalid-data"),
        (f"name,lon,lat\na,nan,{LAT}\n", "invalid-data"),
        (f"name,lon,lat\na,{LON},north\n", "invalid-data"),
        (f"name,x,lat\na,{LON},{LAT}\n", "no-column"),
    ],
)
def test_a_csv_with_something_missing(folder: Path, text: str, code: str) -> None:
    refuse(folder, _shops(folder, text, WGS), code)


def test_a_csv_without_places(folder: Path) -> None:
    body = _shops(folder, f"name,lon,lat\na,{LON},{LAT}\n", WGS)
    error = refuse(folder, body.replace('    x = "lon"\n', "").replace('    y = "lat"\n', ""), "no-shapes")
    assert "wkt" in error.hint.en
    (folder / "shops.csv").write_text("name,shape\na,POINT (1\n", "utf-8")
    body = body.replace('    x = "lon"\n', "").replace('    y = "lat"\n', '    wkt = "shape"\n')
    assert "not WKT" in refuse(folder, body, "invalid-data").rows[0]


def test_a_crs_that_is_missing(folder: Path) -> None:
    error = refuse(folder, _shops(folder, f"name,lon,lat\na,{LON},{LAT}\n"), "missing-crs")
    assert "EPSG:4548" in error.hint.en
    assert "gcj02" in error.hint.zh
    gpd.GeoDataFrame(houses().drop(columns="geometry"), geometry=list(houses().geometry)).to_file(
        folder / "h.shp"
    )
    refuse(folder, '[tables.buildings]\nfile = "h.shp"\n', "missing-crs")


@pytest.mark.parametrize(
    ("more", "row", "code"),
    [
        ('crs = "EPSG:4548"', f"{LON},{LAT}", "wrong-crs"),  # degrees where metres are claimed
        (WGS, "500000,4485000", "wrong-crs"),  # metres where degrees are claimed
        (WGS, f"{LAT},{LON}", "wrong-crs"),  # latitude first
        (WGS, "2.35,48.85", "wrong-crs"),  # another country
        ('crs = "EPSG:4548"', "4485000,500000", "wrong-crs"),  # northing first
        ('crs = "EPSG:4547"', "500000,4485000", "wrong-crs"),  # the next zone: 250 km away
        ('crs = "EPSG:1"', f"{LON},{LAT}", "unknown-crs"),
    ],
)
def test_a_crs_that_cannot_be(folder: Path, more: str, row: str, code: str) -> None:
    error = refuse(folder, _shops(folder, f"name,lon,lat\na,{row}\n", more), code)
    assert "datum" in error.hint.en


def test_a_city_crs_that_is_not_metric(folder: Path) -> None:
    file = write_mapping(folder, BUILDINGS)
    text = file.read_text("utf-8")
    file.write_text(text.replace('name = "lane"', 'name = "lane"\ncrs = "EPSG:4326"'), "utf-8")
    _refused(lambda: read_mapping(file), "wrong-crs")
    file.write_text(text.replace('name = "lane"', 'name = "lane"\ncrs = "EPSG:0"'), "utf-8")
    _refused(lambda: read_mapping(file), "unknown-crs")


def test_shapes_that_cannot_be_used(folder: Path) -> None:
    frame = houses()
    nan = shapely.Polygon([(LON, LAT), (LON + STEP, np.nan), (LON, LAT + STEP)])
    frame["geometry"] = [nan, None, shapely.Point(LON, LAT), frame.geometry.iloc[3]]
    frame.to_parquet(folder / "h.parquet")
    error = refuse(folder, '[tables.buildings]\nfile = "h.parquet"\n', "invalid-data")
    assert error.rows == ("buildings row 1: a coordinate is not a number",)
    frame.iloc[1:].to_parquet(folder / "h.parquet")
    error = refuse(folder, '[tables.buildings]\nfile = "h.parquet"\n', "invalid-data")
    assert error.rows == ("buildings row 1: the shape is missing",)
    frame.iloc[2:].to_parquet(folder / "h.parquet")
    error = refuse(folder, '[tables.buildings]\nfile = "h.parquet"\n', "invalid-data")
    assert error.rows == ("buildings row 1: the shape is no area that can be used",)
    frame.iloc[1:2].to_parquet(folder / "h.parquet")
    refuse(folder, '[tables.buildings]\nfile = "h.parquet"\n', "invalid-data")
    body = BUILDINGS + '    [tables.streets]\n    file = "houses.geojson"\n'
    assert "must be a line" in refuse(folder, body, "invalid-data").rows[0]


def test_layers_that_cannot_be_read(folder: Path) -> None:
    (folder / "bad.geojson").write_text('{"type": "FeatureCollection", "features": [', "utf-8")
    refuse(folder, '[tables.buildings]\nfile = "bad.geojson"\n', "unreadable")
    (folder / "bad.parquet").write_bytes(b"PAR1")
    refuse(folder, '[tables.buildings]\nfile = "bad.parquet"\n', "unreadable")
    (folder / "bad.gpkg").write_bytes(b"SQLite format 3\0")
    refuse(folder, '[tables.buildings]\nfile = "bad.gpkg"\n', "unreadable")
    (folder / "none.geojson").write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    refuse(folder, '[tables.buildings]\nfile = "none.geojson"\n', "empty-table")
    houses().to_file(folder / "two.gpkg", layer="a")
    houses().to_file(folder / "two.gpkg", layer="b")
    assert "a, b" in refuse(folder, '[tables.buildings]\nfile = "two.gpkg"\n', "no-layer").hint.en
    refuse(folder, '[tables.buildings]\nfile = "two.gpkg"\nlayer = "c"\n', "no-layer")


def test_the_head_of_the_mapping_is_good_by_itself(folder: Path) -> None:
    assert len(read_mapping(write_mapping(folder, BUILDINGS))["buildings"]) == 4
    assert "[[source]]" in HEAD
