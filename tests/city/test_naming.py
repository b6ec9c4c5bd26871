"""What buildings, estates and blocks are called: by name, told apart by place, never by an id alone."""

import pandas as pd
import pytest

from hutong.city import City, make_quarter
from hutong.city.naming import NEAR_M, titles, told_apart
from hutong.text import Text


@pytest.fixture(scope="module")
def quarter():
    return make_quarter(dwellings=1200, seed=4)


def without(city, table, rows=slice(None)):
    """Return a city in which rows of a table have no name."""
    frame = city[table].copy()
    names = frame["name"].astype(object)
    names.iloc[rows] = pd.NA
    frame["name"] = names
    return City(city.meta, {**city.tables, table: frame}, city.provenance)


def test_a_shared_name_is_told_apart_by_its_estate(quarter):
    said = titles(quarter, "buildings")
    names = quarter["buildings"]["name"].astype(object)
    shared = names[names.duplicated(keep=False) & names.notna()]
    assert len(shared) > 1
    assert len({said[row] for row in shared.index}) > len(set(shared))
    row = shared.index[0]
    plot = quarter.positions("buildings", "plot_id")[row]
    estate = quarter["estates"]["name"].iloc[quarter.positions("plots", "estate_id")[plot]]
    assert said[row] == Text(f"{estate} {names[row]}", f"{names[row]}, {estate}")


def test_what_has_no_name_is_said_to_have_none_and_where_it_is(quarter):
    city = without(quarter, "buildings", slice(0, 1))
    plot = city.positions("buildings", "plot_id")[0]
    estate = city["estates"]["name"].iloc[city.positions("plots", "estate_id")[plot]]
    kind = "courtyard" if city["buildings"]["form"].iloc[0] == "courtyard" else "building"
    assert titles(city, "buildings")[0].en == f"unnamed {kind}, {estate}"
    first = str(city["estates"]["estate_id"].iloc[0])
    assert titles(without(quarter, "estates"), "estates")[0] == Text(
        f"未命名小区（{first}）", f"unnamed estate ({first})"
    )


def test_without_an_estate_what_is_near_says_where(quarter):
    city = without(without(quarter, "estates"), "buildings", slice(0, 1))
    said = titles(city, "buildings")[0].en
    near = said.removeprefix("unnamed courtyard near ").removeprefix("unnamed building near ")
    others = city["buildings"][city["buildings"]["name"].astype(object) == near]
    assert others.distance(city["buildings"].geometry.iloc[0]).min() <= NEAR_M


def test_titles_that_are_the_same_carry_their_ids():
    same, other = Text("甲", "a"), Text("乙", "b")
    assert [t.en for t in told_apart([same, other, same], ["1", "2", "3"])] == ["a (1)", "b", "a (3)"]
