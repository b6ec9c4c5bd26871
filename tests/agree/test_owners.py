"""Who owns: cleared titles, one head per holder, and the reason for everyone left out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from hutong.agree.homes import Holdings, homes_at, tenures
from hutong.agree.owners import owners_roll
from hutong.agree.roll_book import HELD_BACK
from hutong.city import City, make_quarter, schema
from hutong.errors import HutongError

PUBLIC = ["public_direct", "public_unit", "central"]
PRIVATE = {"tenure": "private", "occupancy": "owner", "deed_cm2": 500_000.0, "lease_cm2": 0.0}
CLEAR = {"state": "clear", "document": "ownership_certificate", "managing_unit": np.nan}


@pytest.fixture(scope="module")
def city() -> City:
    """A quarter whose first home is private and clear."""
    return changed(make_quarter(dwellings=300, seed=1), PRIVATE, CLEAR)


def changed(city: City, dwellings: dict | None = None, titles: dict | None = None) -> City:
    """Return the city with cells of its first home changed."""
    tables = {name: city[name].copy() for name in schema().tables}
    for name, cells in (("dwellings", dwellings), ("titles", titles)):
        row = tables[name].index[tables[name]["dwelling_id"] == "d00000001"][0]
        for column, value in (cells or {}).items():
            tables[name].loc[row, column] = value
    return City.build(city.meta, tables, city.provenance)


def only(city: City, holdings: list[tuple] | None = None, book=owners_roll):
    table = None
    if holdings is not None:
        table = pd.DataFrame(holdings, columns=["dwelling_id", "holder", "kind", "representative"])
    return book(city, np.array([0]), "home d00000001", table)


def test_every_home_is_on_the_roll_or_held_back_with_a_reason(city):
    book = owners_roll(city, np.arange(300), "all")
    assert len(book.entries) + len(book.held_back) == 300
    titles = city["titles"].set_index("dwelling_id")
    private = ~city["dwellings"].set_index("dwelling_id")["tenure"].isin(PUBLIC)
    faults = titles["state"][private.reindex(titles.index)].value_counts()
    expected = {"heirs_unnamed": "deceased_holder", "disputed": "disputed", "no_title": "missing"}
    assert Counter(h.reason for h in book.held_back) == Counter(
        {reason: int(faults[state]) for reason, state in expected.items() if faults[state]}
    )
    assert book.held_back
    assert all(h.area_cm2 for h in book.held_back)
    assert book.as_of == city.meta.date
    assert book.hash == owners_roll(city, np.arange(300)[::-1].copy(), "all").hash


def test_a_managing_unit_is_one_head_for_all_its_homes(city):
    book = owners_roll(city, np.arange(300), "all")
    units = {e.unit: e.head for e in book.entries if e.unit}
    assert len(units) == city["titles"]["managing_unit"].nunique()
    assert len(set(units.values())) == len(units)
    own = city["dwellings"]
    public = own[own["tenure"].isin(PUBLIC)]
    assert sum(bool(e.unit) for e in book.entries) == len(public)
    total = int(sum(e.area_cm2 for e in book.entries if e.unit))
    assert total == int(public["deed_cm2"].where(public["deed_cm2"] > 0, public["lease_cm2"]).sum())
    # whoever is unclear in the lease, the owner is not
    assert not {h.dwelling_id for h in book.held_back} & set(public["dwelling_id"])


def test_tenants_are_consulted_and_have_no_vote(city):
    book = owners_roll(city, np.arange(300), "all")
    rented = city["dwellings"]["occupancy"].isin(["tenant", "let"])
    assert set(book.consulted) == set(city["dwellings"]["dwelling_id"][rented])


def test_the_matter_of_a_staircase_has_the_roll_of_the_staircase(city):
    stair = city["staircases"]["staircase_id"].iloc[0]
    rows = homes_at(city, "staircase", stair)
    assert (city["dwellings"]["staircase_id"].to_numpy()[rows] == stair).all()
    assert len(rows) == int((city["dwellings"]["staircase_id"] == stair).sum())
    building = city["dwellings"]["building_id"].iloc[rows[0]]
    assert set(rows) <= set(homes_at(city, "building", building))
    plot = city["buildings"].set_index("building_id").loc[building, "plot_id"]
    estate = city["plots"].set_index("plot_id").loc[plot, "estate_id"]
    assert set(homes_at(city, "building", building)) <= set(homes_at(city, "estate", estate))


@pytest.mark.parametrize(("level", "place"), [("street", "x"), ("building", "nowhere")])
def test_a_place_without_homes_is_an_error(city, level, place):
    with pytest.raises(HutongError) as caught:
        homes_at(city, level, place)
    assert caught.value.code == "no-homes"


@pytest.mark.parametrize(
    ("dwelling", "title", "reason"),
    [
        ({"tenure": np.nan}, {}, "tenure_unknown"),
        ({"tenure": "military"}, {}, "own_procedure"),
        ({"tenure": "collective"}, {}, "own_procedure"),
        ({}, {"state": "disputed"}, "disputed"),
        ({}, {"state": "missing"}, "no_title"),
        ({}, {"state": np.nan}, "state_unknown"),
        ({}, {"state": "deceased_holder"}, "heirs_unnamed"),
        ({"deed_cm2": np.nan}, {}, "area_unknown"),
        ({"tenure": "public_direct"}, {"document": "lease_book"}, "unit_unknown"),
        (
            {"tenure": "public_direct", "deed_cm2": np.nan, "lease_cm2": np.nan},
            {"document": "lease_book", "managing_unit": "房管中心"},
            "area_unknown",
        ),
    ],
)
def test_reasons_to_hold_back(city, dwelling, title, reason):
    book = only(changed(city, dwelling, title))
    assert [h.reason for h in book.held_back] == [reason]
    assert reason in HELD_BACK
    assert not book.entries


@pytest.mark.parametrize("state", ["clear", "sublet"])
def test_subletting_does_not_touch_ownership(city, state):
    assert len(only(changed(city, titles={"state": state})).entries) == 1


def test_a_public_home_with_a_certificate_belongs_to_who_holds_it(city):
    book = only(
        changed(city, {"tenure": "central"}, {"document": "ownership_certificate", "managing_unit": "某部门"})
    )
    assert book.entries[0].unit == ""
    assert book.entries[0].area_from == "deed"


def test_the_worst_of_several_titles_decides(city):
    tables = {name: city[name].copy() for name in schema().tables}
    row = tables["titles"].iloc[[0]].assign(title_id="t2", state="disputed")
    row["state"] = row["state"].astype(tables["titles"]["state"].dtype)
    tables["titles"] = pd.concat([tables["titles"], row], ignore_index=True)
    two = City.build(city.meta, tables, city.provenance)
    assert only(two).held_back[0].reason == "disputed"


HOME = "d00000001"


def test_co_owners_heirs_and_developers(city):
    two = only(city, [(HOME, "li", "owner", False), (HOME, "wang", "owner", False)])
    assert two.entries[0].holders == ("li", "wang")
    named = only(city, [(HOME, "li", "owner", True), (HOME, "wang", "owner", False)])
    assert (named.entries[0].head, named.entries[0].holders) == (two.entries[0].head, ("li",))
    dead = changed(city, titles={"state": "deceased_holder"})
    heirs = only(dead, [(HOME, "old", "owner", False), (HOME, "a", "heir", False), (HOME, "b", "heir", True)])
    assert heirs.entries[0].holders == ("b",)
    assert only(dead, [(HOME, "old", "owner", False)]).held_back[0].reason == "heirs_unnamed"
    assert only(city, []).held_back[0].reason == "holder_unknown"


def test_unsold_flats_of_the_developer_are_one_head(city):
    rows = np.flatnonzero((city["dwellings"]["tenure"] == "commodity").to_numpy())[:3]
    names = city["dwellings"]["dwelling_id"].iloc[rows]
    table = pd.DataFrame({"dwelling_id": names, "holder": "dev", "kind": "developer"})
    book = owners_roll(city, rows, "unsold", table)
    assert book.roll.heads == ("dev",)
    assert book.roll.total_cm2 == int(city["dwellings"]["deed_cm2"].iloc[rows].sum())


def test_a_unit_may_be_named_by_its_own_token(city):
    public = changed(
        city, {"tenure": "public_direct", "lease_cm2": 5.0, "deed_cm2": 0.0}, {"document": "lease_book"}
    )
    entry = only(public, [(HOME, "u-1", "unit", False)]).entries[0]
    assert (entry.head, entry.area_cm2, entry.area_from) == ("u-1", 5, "lease")


def test_broken_holdings_are_named():
    table = pd.DataFrame(
        [("d9", "li", "owner", False), (HOME, "", "owner", False), (HOME, None, "king", True), (HOME, "li", "king", True)],
        columns=["dwelling_id", "holder", "kind", "representative"],
    )  # fmt: skip
    with pytest.raises(HutongError) as caught:
        Holdings.from_table(table, [HOME])
    assert caught.value.code == "bad-holdings"
    said = "\n".join(caught.value.rows)
    for part in ("row 0: no home 'd9'", "row 1: the holder", "row 2: kind 'king'", "second representative"):
        assert part in said
    with pytest.raises(HutongError) as caught:
        Holdings.from_table(table[["holder"]], [HOME])
    assert len(caught.value.rows) == 2


def test_every_tenure_of_the_schema_has_an_owner():
    assert set(tenures()) == set(schema().tables["dwellings"].columns["tenure"].enum)
    assert all(t["zh"] and t["en"] for t in tenures().values())
