"""The schema: every kind of broken row is named; what can be read is brought to the right dtype."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from hutong.city import City, Meta, schema
from hutong.city.schema import conform, empty_table, read_yaml
from hutong.errors import HutongError
from hutong.text import Text

CRS = "EPSG:4548"
META = Meta("t", Text("试", "test"), "2026-01-01", CRS)


def square(x: float = 0.0, size: float = 10.0) -> shapely.Polygon:
    return shapely.box(x, 0, x + size, size)


def small(**changes: Any) -> dict[str, pd.DataFrame]:
    """One block, plot and building with two dwellings; ``table__column=[…]`` changes a column."""
    tables = {
        "blocks": gpd.GeoDataFrame({"block_id": ["k1"]}, geometry=[square(size=100)], crs=CRS),
        "plots": gpd.GeoDataFrame(
            {"plot_id": ["p1"], "block_id": ["k1"]}, geometry=[square(size=50)], crs=CRS
        ),
        "buildings": gpd.GeoDataFrame(
            {
                "building_id": ["b1", "b2"],
                "plot_id": ["p1", "p1"],
                "storeys": [6.0, 1.0],
                "lift": [True, None],
            },
            geometry=[square(), square(20)],
            crs=CRS,
        ),
        "dwellings": pd.DataFrame(
            {
                "dwelling_id": ["d1", "d2"],
                "building_id": ["b1", "b1"],
                "residents": [2.0, np.nan],
                "tenure": ["reform", None],
            }
        ),
    }
    for name, values in changes.items():
        table, column = name.split("__", 1)
        tables[table][column] = values
    return tables


def broken(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(HutongError) as caught:
        City.build(META, small(**changes), {})
    assert caught.value.code == "invalid-data"
    return caught.value.rows


def test_a_small_city_is_valid_and_has_every_table_and_column() -> None:
    city = City.build(META, small(), {})
    for name, table in schema().tables.items():
        assert set(table.columns) <= set(city[name].columns), name
        for column in table.columns.values():
            if not column.is_geometry:
                assert city[name][column.name].dtype == column.dtype, (name, column.name)
    assert city["buildings"]["lift"].isna().tolist() == [False, True]
    assert np.isnan(city["dwellings"]["residents"][1])


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"buildings__building_id": ["b1", "b1"]},
            "buildings.building_id row 2 (id b1): the id stands twice",
        ),
        ({"buildings__building_id": ["b1", None]}, "buildings.building_id row 2 (id nan): must not be empty"),
        (
            {"buildings__plot_id": ["p1", "p9"]},
            "buildings.plot_id row 2 (id b2): there is no such row in plots",
        ),
        ({"buildings__plot_id": ["p1", None]}, "buildings.plot_id row 2 (id b2): must not be empty"),
        ({"buildings__storeys": [0.0, 1.0]}, "buildings.storeys row 1 (id b1): 0.0 must be at least 1"),
        ({"buildings__storeys": [6.0, 999.0]}, "buildings.storeys row 2 (id b2): 999.0 must be at most 200"),
        ({"buildings__storeys": [np.inf, 1.0]}, "buildings.storeys row 1 (id b1): inf must be at most 200"),
        ({"dwellings__deed_cm2": [np.inf, 1.0]}, "dwellings.deed_cm2 row 1 (id d1): inf must be finite"),
        ({"dwellings__deed_cm2": [-1.0, 1.0]}, "dwellings.deed_cm2 row 1 (id d1): -1.0 must be at least 0"),
        ({"buildings__storeys": ["six", 1]}, "buildings.storeys row 1 (id b1): must be a number"),
        ({"buildings__lift": ["perhaps", True]}, "buildings.lift row 1 (id b1): must be true or false"),
        ({"buildings__use": ["palace", None]}, "buildings.use row 1 (id b1): must be one of residential"),
        ({"dwellings__tenure": ["owned", None]}, "dwellings.tenure row 1 (id d1): must be one of commodity"),
        ({"buildings__colour": ["red", "red"]}, "buildings.colour: the table has no such column"),
        ({"buildings__geometry": [square(), None]}, "buildings.geometry row 2 (id b2): the shape is missing"),
        (
            {"buildings__geometry": [square(), shapely.Polygon()]},
            "buildings.geometry row 2 (id b2): the shape is missing",
        ),
        (
            {"buildings__geometry": [square(), shapely.Point(0, 0)]},
            "buildings.geometry row 2 (id b2): must be MultiPolygon or Polygon",
        ),
        (
            {"buildings__geometry": [square(), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])]},
            "buildings.geometry row 2 (id b2): the outline crosses itself",
        ),
        (
            {"buildings__geometry": [square(), shapely.Polygon([(0, 0), (1, np.inf), (1, 0)])]},
            "buildings.geometry row 2 (id b2): coordinates must be finite",
        ),
        (
            {"buildings__geometry": [square(), shapely.Polygon([(0, 0), (1, np.nan), (1, 0)])]},
            "buildings.geometry row 2 (id b2): coordinates must be finite",
        ),
    ],
)
def test_each_broken_row_is_named(changes: dict[str, Any], line: str) -> None:
    assert any(row.startswith(line) for row in broken(**changes)), broken(**changes)


def test_every_broken_row_is_listed_not_only_the_first() -> None:
    rows = broken(buildings__storeys=[0.0, 999.0], dwellings__residents=[-1.0, -2.0])
    assert len(rows) == 4


def test_many_broken_rows_are_listed_quickly() -> None:
    homes = pd.DataFrame(
        {"dwelling_id": [f"d{k}" for k in range(30_000)], "building_id": "b1", "residents": -1.0}
    )
    with pytest.raises(HutongError) as caught:
        City.build(META, {**small(), "dwellings": homes}, {})
    assert len(caught.value.rows) == 30_000
    assert len(caught.value.render().splitlines()) == 23


def test_a_missing_required_column_and_an_unknown_table_are_named() -> None:
    tables = small()
    del tables["dwellings"]["building_id"]
    tables["palaces"] = pd.DataFrame({"palace_id": ["x"]})
    with pytest.raises(HutongError) as caught:
        City.build(META, tables, {})
    assert "palaces: there is no such table" in caught.value.rows
    assert "dwellings.building_id: the column is missing" in caught.value.rows


def test_provenance_of_an_unknown_column_or_table_is_refused() -> None:
    from hutong.city import Provenance

    for table, column in (("buildings", "colour"), ("palaces", "name")):
        with pytest.raises(HutongError) as caught:
            City.build(META, small(), {table: {column: Provenance("observed", "x")}})
        assert caught.value.code == "invalid-data"


def test_provenance_with_an_unknown_origin_is_refused() -> None:
    from hutong.city import Provenance

    with pytest.raises(HutongError) as caught:
        City.build(META, small(), {"buildings": {"storeys": Provenance("guessed", "x")}})
    assert caught.value.rows == (
        "buildings.storeys: 'guessed' is no origin (observed, imputed, assumed, mixed)",
    )


def test_mixed_provenance_needs_the_origin_of_each_cell() -> None:
    from hutong.city import Provenance

    with pytest.raises(HutongError) as caught:
        City.build(META, small(), {"buildings": {"storeys": Provenance("mixed", "x")}})
    assert "buildings.storeys" in caught.value.rows[0]


def test_cell_origins_must_be_known_words() -> None:
    rows = broken(buildings__storeys__origin=["observed", "guessed"])
    assert rows[0].startswith("buildings.storeys__origin row 2 (id b2): must be one of observed")


def test_words_and_numbers_are_read_as_meant() -> None:
    frame = pd.DataFrame(
        {
            "dwelling_id": [1, 2], "building_id": ["b", "b"], "storey": ["3", None], "own_toilet": ["true", 0],
            "tenure": ["reform", None],
        }
    )  # fmt: skip
    read, problems = conform("dwellings", frame, CRS)
    assert problems == []
    assert read["dwelling_id"].tolist() == ["1", "2"]
    assert read["storey"].tolist()[0] == 3.0
    assert np.isnan(read["storey"][1])
    assert read["own_toilet"].tolist() == [True, False]
    assert read["tenure"].isna().tolist() == [False, True]


def test_times_are_read_as_utc_and_bad_ones_named() -> None:
    frame = gpd.GeoDataFrame(
        {"request_id": ["r1", "r2"], "time": ["2025-05-01T08:00:00+08:00", "soon"]},
        geometry=[shapely.Point(0, 0), None],
        crs=CRS,
    )
    read, problems = conform("requests", frame, CRS)
    assert read["time"][0] == pd.Timestamp("2025-05-01", tz="UTC")
    assert problems == ["requests.time row 2 (id r2): must be a date and time"]


def test_whole_numbers_must_be_whole() -> None:
    frame = gpd.GeoDataFrame({"node_id": [1.0, 1.5, np.nan]}, geometry=[shapely.Point(0, 0)] * 3, crs=CRS)
    _, problems = conform("street_nodes", frame, CRS)
    assert len(problems) == 2
    assert problems[0].startswith("street_nodes.node_id row 2")


def test_frames_with_another_index_keep_their_rows() -> None:
    tables = small()
    tables["buildings"].index = [7, 3]
    tables["dwellings"].index = ["x", "x"]
    city = City.build(META, tables, {})
    assert city["buildings"]["storeys"].tolist() == [6.0, 1.0]
    assert city["buildings"].index.tolist() == [0, 1]
    assert city["dwellings"]["residents"].tolist()[0] == 2.0


def test_shapes_in_another_crs_are_refused() -> None:
    tables = small()
    tables["buildings"] = tables["buildings"].to_crs(4326)
    with pytest.raises(HutongError) as caught:
        City.build(META, tables, {})
    assert caught.value.code in ("invalid-data", "wrong-crs")


def test_a_table_without_rows_has_its_columns() -> None:
    for name, table in schema().tables.items():
        assert list(empty_table(name, CRS).columns) == [
            *(c for c in table.columns if not table.columns[c].is_geometry),
            *(["geometry"] if table.geometry else []),
        ]


def test_a_yaml_key_written_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="written twice"):
        read_yaml("a: 1\nb: 2\na: 3\n")
    assert read_yaml("a: {b: 1}\nc: [1, 2]") == {"a": {"b": 1}, "c": [1, 2]}
