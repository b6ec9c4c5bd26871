"""Vacated and inefficient space: the register, and services first."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from hutong.city import City, make_quarter
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense.space_match import match_gaps, possible_uses
from hutong.sense.vacant_space import FREE, TABLE_COLUMNS, space_register

RULES = load_rules("beijing")
DAY = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def city() -> City:
    return make_quarter(dwellings=300, seed=1)


@pytest.fixture(scope="module")
def shop(city) -> str:
    buildings = city["buildings"]
    return str(buildings.loc[buildings["use"] == "commercial", "building_id"].iloc[0])


def test_the_register_holds_empty_homes_and_every_building_without_homes(city):
    spaces = space_register(city, DAY)
    homes = spaces[spaces["dwelling_id"] != ""]
    assert len(homes) == (city["dwellings"]["occupancy"] == "vacant").sum()
    assert (homes["status"] == "vacant").all()
    others = spaces[spaces["dwelling_id"] == ""]
    assert set(others["kind"]) <= {"shop", "office", "factory", "public_building", "other_space"}
    # what nobody has looked at is unknown, and not in use
    assert set(others["status"]) == {"unknown"}
    assert spaces["space_id"].is_unique
    assert not spaces["stated"].any()


def test_a_vacated_room_is_a_public_room_in_a_courtyard(city):
    tables = {name: frame.copy() for name, frame in city.tables.items()}
    homes = tables["dwellings"]
    yard = set(tables["buildings"].loc[tables["buildings"]["form"] == "courtyard", "building_id"])
    public = homes["building_id"].isin(yard) & (homes["tenure"] == "public_direct")
    homes.loc[public, "occupancy"] = "vacant"
    spaces = space_register(City.build(city.meta, tables, {}), DAY).set_index("dwelling_id")
    assert set(spaces.loc[homes.loc[public, "dwelling_id"], "kind"]) == {"vacated_room"}
    private = homes.loc[(homes["tenure"] == "commodity") & (homes["occupancy"] == "vacant"), "dwelling_id"]
    assert set(spaces.loc[private, "kind"]) == {"vacant_home"}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"lease_end": dt.date(2026, 10, 31)}, "lease_ended"),
        ({"lease_end": dt.date(2026, 11, 1)}, "lease_ending"),
        ({"lease_end": dt.date(2027, 11, 1)}, "lease_ending"),
        ({"lease_end": dt.date(2027, 11, 2)}, "in_use"),
        ({"status": "inefficient"}, "inefficient"),
        ({"status": "vacant", "lease_end": dt.date(2030, 1, 1)}, "vacant"),
        ({}, "unknown"),
    ],
)
def test_what_an_office_knows_decides_the_status(city, shop, told, status):
    table = pd.DataFrame(
        [{"building_id": shop, "holder": "某公司", "defects": "漏雨", "vacant_m2": 80.0, **told}]
    )
    row = space_register(city, DAY, table).set_index("space_id").loc[shop]
    assert row["status"] == status
    assert (row["holder"], row["defects"], row["floor_area_m2"], row["stated"]) == (
        "某公司",
        "漏雨",
        80.0,
        True,
    )


def test_a_sheet_may_give_moments_for_days(city, shop):
    table = pd.DataFrame({"building_id": [shop], "lease_end": pd.to_datetime(["2026-10-31 00:00"])})
    assert space_register(city, DAY, table).set_index("space_id").loc[shop, "status"] == "lease_ended"


def test_a_home_in_use_may_be_named(city):
    used = city["dwellings"].loc[city["dwellings"]["occupancy"] == "owner", "dwelling_id"].iloc[0]
    spaces = space_register(city, DAY, pd.DataFrame({"dwelling_id": [used]}))
    assert spaces.set_index("space_id").loc[used, "status"] == "unknown"


def test_a_broken_table_names_every_row(city, shop):
    table = pd.DataFrame(
        [
            {"building_id": "b-none"},
            {"building_id": shop, "dwelling_id": "d00000001"},
            {"building_id": shop, "lease_end": "soon"},
            {"dwelling_id": "d00000001", "status": "sleeping"},
            {"dwelling_id": "d00000002", "vacant_m2": -3},
            {"dwelling_id": "d00000002"},
            {"holder": "nobody"},
        ]
    )
    table["colour"] = "red"
    with pytest.raises(HutongError) as caught:
        space_register(city, DAY, table)
    assert caught.value.code == "bad-space-table"
    for said in (
        "column 'colour': expected one of building_id",
        "row 0: no building 'b-none'",
        "row 1: name either a building or a dwelling",
        "row 2: lease_end is 'soon'; expected a date",
        "row 3: status is 'sleeping'",
        "row 4: vacant_m2 is -3",
        "row 5: d00000002 stands twice",
        "row 6: name either a building or a dwelling",
    ):
        assert any(r.startswith(said) for r in caught.value.rows), (said, caught.value.rows)
    assert set(TABLE_COLUMNS) >= {"holder", "lease_end", "defects"}


def spaces_at(*rows: tuple[str, str, float, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["space_id", "kind", "x", "floor_area_m2", "status"])
    return frame.assign(y=0.0, zone="none")


def needs_at(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "people", "x"]).assign(y=0.0)


def test_the_gap_of_most_people_is_served_first_by_the_nearest_space_that_fits():
    spaces = spaces_at(
        ("near", "office", 10.0, 400.0, "vacant"),
        ("far", "office", 200.0, 400.0, "lease_ended"),
        ("used", "office", 5.0, 900.0, "in_use"),
    )
    found = match_gaps(spaces, needs_at(("elderly_care", 100, 0), ("elderly_care", 300, 0)), RULES)
    assert found["space_id"].tolist() == ["far", "near"]
    assert found["distance_m"].tolist() == [200.0, 10.0]
    assert found["floor_min_m2"].tolist() == [350.0, 350.0]
    assert set(found["verdict"]) == {"conditional"}
    assert found["conditions_zh"].str.contains("混合比例").all()


def test_what_is_left_of_a_space_serves_another_gap():
    spaces = spaces_at(("hall", "office", 0.0, 500.0, "vacant"))
    found = match_gaps(
        spaces, needs_at(("elderly_care", 300, 0), ("clinic", 200, 0), ("clinic", 100, 0)), RULES
    )
    assert found["space_id"].tolist() == ["hall", "hall", ""]  # 350 + 120 m² of 500


@pytest.mark.parametrize(
    ("space", "need", "said"),
    [
        (("a", "office", 400.0, 400.0, "vacant"), ("elderly_care", 1, 0), "No free space within 300 m"),
        (("a", "office", 0.0, 349.0, "vacant"), ("elderly_care", 1, 0), "under 350 m²"),
        (("a", "office", 0.0, np.nan, "vacant"), ("elderly_care", 1, 0), "its area is unknown"),
        (("a", "office", 0.0, 400.0, "unknown"), ("elderly_care", 1, 0), "No free space"),
        (("a", "vacant_home", 0.0, 400.0, "vacant"), ("elderly_care", 1, 0), "ask the planning department"),
        (("a", "office", 0.0, 400.0, "vacant"), ("rail_station", 1, 0), "is not documented"),
    ],
)
def test_why_a_gap_stays_open(space, need, said):
    (row,) = match_gaps(spaces_at(space), needs_at(need), RULES).to_dict("records")
    assert row["space_id"] == ""
    assert said in row["reason_en"]
    assert row["reason_zh"]


def test_an_own_radius_and_size_are_taken():
    spaces = spaces_at(("a", "office", 400.0, 100.0, "vacant"))
    needs = needs_at(("elderly_care", 1, 0)).assign(radius_m=500.0, floor_min_m2=100.0)
    assert match_gaps(spaces, needs, RULES)["space_id"].tolist() == ["a"]


def test_before_a_list_held_nothing_is_documented():
    spaces = spaces_at(("a", "office", 0.0, 400.0, "vacant"))
    (row,) = match_gaps(spaces, needs_at(("elderly_care", 1, 0)), RULES, dt.date(2022, 1, 1)).to_dict(
        "records"
    )
    assert row["space_id"] == ""


def test_needs_without_a_column_are_refused():
    with pytest.raises(HutongError) as caught:
        match_gaps(spaces_at(), pd.DataFrame({"kind": []}), RULES)
    assert caught.value.code == "bad-needs"


def test_no_needs_no_matches():
    assert match_gaps(spaces_at(("a", "office", 0.0, 400.0, "vacant")), needs_at(), RULES).empty


def test_other_uses_come_after_services(city):
    spaces = space_register(city, DAY)
    free = spaces[spaces["status"].isin(FREE)]
    taken = {free["space_id"].iloc[0]}
    uses = possible_uses(spaces, RULES, taken=taken)
    assert not set(uses["space_id"]) & taken
    assert set(uses["space_id"]) == set(free["space_id"]) - taken
    assert (uses.loc[uses["use"] == "commodity_housing", "verdict"] == "prohibited").all()
    assert (uses["lists"].str.len() > 0).all()
    assert possible_uses(spaces.iloc[:0], RULES).empty
