"""Layers of any format by a mapping, in any datum and encoding."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hutong.city import City, components, read_mapping
from hutong.city.coords import wgs84_to_bd09, wgs84_to_gcj02
from hutong.city.text_table import decode, read_text_table

LON, LAT, STEP = 117.0, 40.5, 0.001

HEAD = """
    [city]
    name = "lane"
    title = {zh = "青砖里", en = "Grey Brick Lane"}
    date = 2026-03-01

    [[source]]
    id = "survey"
    title = "A survey"
    licence = "CC0-1.0"

    [[source]]
    id = "shops"
    title = "A list of shops"
    licence = "CC0-1.0"
"""

BUILDINGS = """
    [tables.buildings]
    file = "houses.geojson"
    columns = {building_id = "ID", name = "名称"}
"""


def houses(n: int = 4) -> gpd.GeoDataFrame:
    west = LON + STEP * np.arange(n)
    return gpd.GeoDataFrame(
        {
            "ID": np.arange(1, n + 1),
            "名称": [f"{i}号楼" for i in range(1, n + 1)],
            "用途": ["住宅", "住宅", "商铺", None][:n],
            "H_CM": [1800.0, np.nan, 350.0, 900.0][:n],
            "电梯": ["是", "否", "否", None][:n],
        },
        geometry=[shapely.box(x, LAT, x + STEP / 2, LAT + STEP / 4) for x in west],
        crs="EPSG:4326",
    )


def write_mapping(folder: Path, body: str) -> Path:
    file = folder / "map.toml"
    file.write_text(textwrap.dedent(HEAD) + textwrap.dedent(body), "utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    houses().to_file(tmp_path / "houses.geojson")
    return tmp_path


def test_buildings_alone_are_a_city(folder: Path) -> None:
    city = read_mapping(write_mapping(folder, BUILDINGS))
    assert list(city["buildings"]["building_id"]) == ["1", "2", "3", "4"]
    assert list(city["buildings"]["plot_id"].unique()) == ["rest-b001"]
    assert city.meta.crs == "EPSG:4548"
    assert city.meta.date == "2026-03-01"
    assert city.provenance["buildings"]["name"].source == "survey"
    assert city.provenance["plots"]["geometry"].origin == "imputed"
    assert City.load(city.save(folder / "lane")).hash == city.hash


def test_columns_are_translated_scaled_and_set(folder: Path) -> None:
    body = """
        [tables.buildings]
        file = "houses.geojson"
        [tables.buildings.columns]
        building_id = "ID"
        use = {from = "用途", map = {"住宅" = "residential"}, otherwise = "other"}
        height_m = {from = "H_CM", scale = 0.01}
        lift = "电梯"
        structure = {value = "brick_concrete"}
        heating = {value = "central", origin = "observed"}
    """
    buildings = (city := read_mapping(write_mapping(folder, body)))["buildings"]
    assert list(buildings["use"].astype(object).fillna("?")) == ["residential", "residential", "other", "?"]
    assert buildings["height_m"].tolist()[0] == 18.0
    assert np.isnan(buildings["height_m"].iloc[1])
    assert buildings["lift"].tolist()[:3] == [True, False, False]
    assert pd.isna(buildings["lift"].iloc[3])
    assert city.provenance["buildings"]["structure"].origin == "assumed"
    assert city.provenance["buildings"]["heating"].origin == "observed"


def test_layers_in_other_datums_land_on_the_same_ground(folder: Path) -> None:
    plain = houses()
    for name, shift in (("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)):
        moved = plain.set_geometry(
            plain.geometry.transform(lambda c, s=shift: np.column_stack(s(c[:, 0], c[:, 1])))
        )
        moved.to_file(folder / f"{name}.geojson")
        body = f'[tables.buildings]\nfile = "{name}.geojson"\ndatum = "{name}"\n'
        there = read_mapping(write_mapping(folder, body))["buildings"].geometry
        here = read_mapping(write_mapping(folder, BUILDINGS))["buildings"].geometry
        assert here.hausdorff_distance(there).max() < 0.01
    body = (
        HEAD.replace('name = "lane"', 'name = "lane"\n    datum = "gcj02"')
        + '[tables.buildings]\nfile = "gcj02.geojson"\n'
    )
    (folder / "map.toml").write_text(textwrap.dedent(body).replace("[tables", "\n[tables"), "utf-8")
    there = read_mapping(folder / "map.toml")["buildings"].geometry
    assert here.hausdorff_distance(there).max() < 0.01


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("declared", [True, False])
def test_csv_in_every_encoding(folder: Path, encoding: str, declared: bool) -> None:
    rows = f"店名,lon,lat,cap\n街口小店,{LON},{LAT},\n槐荫便利店,{LON + STEP},{LAT},3\n"
    (folder / "shops.csv").write_bytes(rows.encode(encoding))
    body = (
        BUILDINGS
        + f"""
        [tables.facilities]
        file = "shops.csv"
        source = "shops"
        x = "lon"
        y = "lat"
        datum = "wgs84"
        {f'encoding = "{encoding}"' if declared else ""}
        columns = {{name = "店名", kind = {{value = "convenience", origin = "observed"}}, capacity = "cap"}}
    """.replace("\n        ", "\n    ")
    )
    shops = (city := read_mapping(write_mapping(folder, body)))["facilities"]
    assert list(shops["name"]) == ["街口小店", "槐荫便利店"]
    assert np.isnan(shops["capacity"].iloc[0])
    assert list(shops["facility_id"]) == ["facilities-1", "facilities-2"]
    assert city.provenance["facilities"]["name"].source == "shops"


@pytest.mark.parametrize("form", ["houses.gpkg", "houses.shp", "houses.parquet", "houses.fgb"])
def test_every_format_says_the_same(folder: Path, form: str) -> None:
    frame = houses().to_crs("EPSG:4548")
    if form.endswith(".parquet"):
        frame.to_parquet(folder / form)
    else:
        frame.to_file(folder / form, engine="pyogrio")
    (folder / "houses.geojson").unlink()
    body = BUILDINGS.replace("houses.geojson", form)
    buildings = read_mapping(write_mapping(folder, body))["buildings"]
    # FlatGeobuf stores its features in the order of their places
    assert sorted(buildings["name"]) == ["1号楼", "2号楼", "3号楼", "4号楼"]
    assert buildings.area.sum() == pytest.approx(frame.area.sum(), rel=1e-6)


def test_a_shapefile_in_gbk_without_a_note_of_it(folder: Path) -> None:
    houses().to_file(folder / "houses.shp", encoding="GB18030")
    (folder / "houses.cpg").unlink()
    names = BUILDINGS.replace("houses.geojson", "houses.shp").replace(', name = "名称"', "")
    frame = gpd.read_file(folder / "houses.shp", encoding="GB18030")
    theirs = next(c for c in frame.columns if frame[c].astype(str).str.contains("号楼").any())
    body = names.replace("{building_id", f'{{name = "{theirs}", building_id')
    assert next(iter(read_mapping(write_mapping(folder, body))["buildings"]["name"])) == "1号楼"


def test_streets_estates_and_two_layers_for_one_table(folder: Path) -> None:
    line = gpd.GeoDataFrame(
        {"类": ["路", "巷"]},
        geometry=[
            shapely.MultiLineString([[(LON, LAT + STEP), (LON + 3 * STEP, LAT + STEP)]]),
            shapely.LineString([(LON + STEP, LAT), (LON + STEP, LAT + 2 * STEP)]),
        ],
        crs="EPSG:4326",
    )
    line.to_file(folder / "streets.geojson")
    estate = gpd.GeoDataFrame(
        {"n": ["青砖里"]},
        geometry=[shapely.box(LON - STEP, LAT - STEP, LON + 1.6 * STEP, LAT + STEP)],
        crs="EPSG:4326",
    )
    estate.to_file(folder / "estates.gpkg", layer="estates")
    park = gpd.GeoDataFrame(
        {"k": ["公园"]}, geometry=[shapely.box(LON, LAT - STEP, LON + STEP, LAT - STEP / 2)], crs="EPSG:4326"
    )
    park.to_file(folder / "parks.geojson")
    (folder / "people.csv").write_text("编号,楼,户\nd1,1,3\nd2,4,\n", "utf-8")
    (folder / "wkt.csv").write_text(f'name,shape\n小店,"POINT ({LON} {LAT})"\n', "utf-8")
    body = (
        BUILDINGS
        + """
    [tables.estates]
    file = "estates.gpkg"
    columns = {name = "n"}
    [tables.streets]
    file = "streets.geojson"
    columns = {kind = {from = "类", map = {"路" = "street", "巷" = "lane"}}}
    [[tables.facilities]]
    file = "parks.geojson"
    columns = {kind = {from = "k", map = {"公园" = "park"}}, facility_id = {value = "park-1"}}
    [[tables.facilities]]
    file = "wkt.csv"
    wkt = "shape"
    datum = "wgs84"
    columns = {name = "name", kind = {value = "convenience"}, facility_id = {value = "shop-1"}}
    [tables.dwellings]
    file = "people.csv"
    columns = {dwelling_id = "编号", building_id = "楼", residents = "户"}
    """
    )
    city = read_mapping(write_mapping(folder, body))
    assert len(city["streets"]) == 4
    assert components(city).share == 1.0
    assert city["streets"]["kind"].value_counts().to_dict()["lane"] == 2
    facilities = city["facilities"]
    assert set(facilities["kind"]) == {"park", "convenience"}
    assert facilities.set_index("kind")["area_m2"]["park"] == pytest.approx(4700, rel=0.02)
    assert list(city.positions("dwellings", "building_id")) == [0, 3]
    plots = city["plots"].iloc[city.positions("buildings", "plot_id")]
    assert plots["estate_id"].notna().tolist() == [True, True, False, False]


def test_requests_may_have_no_place(folder: Path) -> None:
    (folder / "requests.csv").write_text("id,时间,内容\n1,2026-01-02 08:00,楼道灯不亮\n", "utf-8")
    body = (
        BUILDINGS
        + """
    [tables.requests]
    file = "requests.csv"
    columns = {request_id = "id", time = "时间", text = "内容"}
    """
    )
    requests = read_mapping(write_mapping(folder, body))["requests"]
    assert requests["text"].iloc[0] == "楼道灯不亮"
    assert requests.geometry.isna().all()


def test_the_same_files_give_the_same_snapshot_and_others_do_not(folder: Path) -> None:
    file = write_mapping(folder, BUILDINGS)
    first = read_mapping(file)
    assert read_mapping(file).hash == first.hash
    raw = json.loads((folder / "houses.geojson").read_text("utf-8"))
    raw["features"][0]["properties"]["名称"] = "甲楼"
    (folder / "houses.geojson").write_text(json.dumps(raw), "utf-8")
    assert read_mapping(file).hash != first.hash


def test_an_outline_that_crosses_itself_is_mended_and_told(folder: Path) -> None:
    frame = houses()
    w, s, e, n = frame.geometry.iloc[0].bounds
    frame.loc[0, "geometry"] = shapely.Polygon([(w, s), (e, n), (e, s), (w, n)])
    frame.to_file(folder / "houses.geojson")
    city = read_mapping(write_mapping(folder, BUILDINGS))
    assert city["buildings"].geometry.is_valid.all()
    assert any("1 outlines" in note for note in city.meta.notes)


def test_utf8_with_rare_characters_is_not_taken_for_gbk() -> None:
    assert decode("囍,𠮷\n".encode(), None, "x.csv") == "囍,𠮷\n"
    assert decode("名称,地址\n喆家,堃路\n".encode("gb18030"), None, "x.csv").startswith("名称")


def test_tabs_part_cells_of_a_tsv(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("x\ty\n1\t\n", "utf-8")
    frame = read_text_table(tmp_path / "a.tsv", separator="\t")
    assert frame["x"].iloc[0] == "1"
    assert frame["y"].iloc[0] is None
