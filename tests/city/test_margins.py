"""Margins: the published figures, and tables and cities that reproduce them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hutong.city import City, make_quarter
from hutong.city.margins import household_table, read_margins, size_shares
from hutong.errors import HutongError
from hutong.rng import generator

DISTRICTS = ("110101", "110102", "110108")


@pytest.mark.parametrize("district", DISTRICTS)
def test_margins_are_what_the_yearbook_says(district: str, shared: object) -> None:
    path = f"{shared}/data/census_china/beijing_districts_2020.csv"
    book = pd.read_csv(path, dtype={"区划代码": str})
    row = book[book["区划代码"].str.startswith(district)].iloc[0]
    margins = read_margins(district)
    expected = {
        "household_size": row["家庭户人口数"] / row["家庭户数"],
        "one_person_share": row["一人户数"] / row["家庭户数"],
        "one_elder_share": row["有一个老人"] / row["家庭户数"],
        "two_elders_share": row["有二个老人"] / row["家庭户数"],
        "three_elders_share": row["有三个及以上老人"] / row["家庭户数"],
        "elders_population_share": row["人口比重_65岁及以上"] / 100,
        "children_population_share": row["人口比重_0-14岁"] / 100,
        "floor_area_per_person_m2": row["人均住房建筑面积"],
        "own_kitchen_share": row["住房內有厨房"] / row["家庭户户数_长表"],
        "own_toilet_share": row["住房內有厕所"] / row["家庭户户数_长表"],
        "lift_share": row["住房所在建筑有电梯"] / row["家庭户户数_长表"],
        "car_share": row["拥有家用汽车"] / row["家庭户户数_长表"],
        "rented_share": row["住房来源_租赁"] / row["家庭户户数_长表"],
        "self_built_share": row["住房来源_自建"] / row["家庭户户数_长表"],
        "bought_share": row["住房来源_购买"] / row["家庭户户数_长表"],
    }
    assert set(expected) == set(margins.values)
    for name, value in expected.items():
        assert margins[name] == pytest.approx(value, abs=6e-5), name


@pytest.mark.parametrize("district", DISTRICTS)
def test_household_table_reproduces_the_margins_exactly(district: str) -> None:
    margins, table = read_margins(district), household_table(district)
    share = table.share
    assert share.sum() == pytest.approx(1)
    assert (share >= 0).all()
    assert share @ table.size == pytest.approx(margins["household_size"], abs=1e-9)
    assert share[table.size == 1].sum() == pytest.approx(margins["one_person_share"], abs=1e-9)
    for count, name in ((1, "one_elder_share"), (2, "two_elders_share"), (3, "three_elders_share")):
        assert share[table.elders == count].sum() == pytest.approx(margins[name], abs=1e-9)
    children = share @ table.children / (share @ table.size)
    assert children == pytest.approx(margins["children_population_share"], abs=1e-9)
    assert (table.elders + table.children <= table.size).all()
    adults = table.size - table.children
    assert (adults >= 1).all(), "no child lives alone"


def test_size_shares_by_hand() -> None:
    # nobody alone and a mean of four: sizes 2 to 6 in equal shares
    np.testing.assert_allclose(size_shares(4.0, 0.0), [0, 0.2, 0.2, 0.2, 0.2, 0.2], atol=1e-9)


def test_draws_follow_the_table() -> None:
    table = household_table("110102")
    size, elders, children = table.draw(generator(1, "test").random(200_000))
    assert size.mean() == pytest.approx(table.share @ table.size, abs=0.01)
    assert elders.mean() == pytest.approx(table.share @ table.elders, abs=0.006)
    assert children.mean() == pytest.approx(table.share @ table.children, abs=0.006)
    assert table.draw(np.array([0.0, np.nextafter(1, 0)]))[0].tolist() == [1, 6]


def test_unknown_district_is_refused() -> None:
    with pytest.raises(HutongError) as caught:
        read_margins("310101")
    assert caught.value.code == "unknown-district"
    assert "110108" in caught.value.hint.en


@pytest.fixture(scope="module")
def large() -> City:
    return make_quarter(60_000, seed=11, titles=False)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("household_size", 0.02),
        ("one_person_share", 0.008),
        ("one_elder_share", 0.007),
        ("two_elders_share", 0.006),
        ("three_elders_share", 0.001),
        ("children_population_share", 0.005),
        ("own_kitchen_share", 0.005),
        ("own_toilet_share", 0.006),
        ("rented_share", 0.012),
    ],
)
def test_a_quarter_reproduces_the_margins(large: City, name: str, tolerance: float) -> None:
    homes = large["dwellings"]
    lived = homes[homes["residents"] > 0]
    rented = lived["occupancy"].isin(["tenant", "let"])
    found = {
        "household_size": lived["residents"].mean(),
        "one_person_share": (lived["residents"] == 1).mean(),
        "one_elder_share": (lived["elders"] == 1).mean(),
        "two_elders_share": (lived["elders"] == 2).mean(),
        "three_elders_share": (lived["elders"] == 3).mean(),
        "children_population_share": lived["children"].sum() / lived["residents"].sum(),
        "own_kitchen_share": lived["own_kitchen"].mean(),
        "own_toilet_share": lived["own_toilet"].mean(),
        "rented_share": rented.mean(),
    }[name]
    assert found == pytest.approx(read_margins("110102")[name], abs=tolerance)


def test_share_of_elders_is_that_of_family_households(large: City) -> None:
    homes = large["dwellings"]
    share = homes["elders"].sum() / homes["residents"].sum()
    # the published 18.2 % counts everybody; people in family households are a little older
    assert share == pytest.approx(0.191, abs=0.004)
    assert abs(share - read_margins("110102")["elders_population_share"]) < 0.015


def test_floor_area_per_person_is_about_the_published_one(large: City) -> None:
    buildings, homes = large["buildings"], large["dwellings"]
    count = homes.groupby("building_id").size().reindex(buildings["building_id"])
    per_home = (buildings["floor_area_m2"].to_numpy() / count.to_numpy())[
        large.positions("dwellings", "building_id")
    ]
    lived = homes["residents"].to_numpy() > 0
    per_person = per_home[lived].sum() / homes["residents"].sum()
    # plans of buildings are invented; they are only chosen so that this comes out about right
    assert per_person == pytest.approx(read_margins("110102")["floor_area_per_person_m2"], rel=0.05)


def test_homes_with_a_lift_are_about_the_published_share(large: City) -> None:
    lift = large["buildings"]["lift"].to_numpy(dtype=bool)[large.positions("dwellings", "building_id")]
    assert lift.mean() == pytest.approx(read_margins("110102")["lift_share"], abs=0.05)
