from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense import services as module
from hutong.sense.circles import CIRCLE_COLUMNS, circles, weighted_median
from hutong.sense.services import kinds_of, reach_m, served, services, unknown_why
from hutong.sense.walks import walks


def test_by_hand(street, rules):
    table = circles(street, rules).set_index(["service", "who", "minutes"])
    # The clinic is 100, 300 and 650 m from homes of 5, 4 and 1 known residents, 3, 0 and 1 elders.
    assert table.loc[("clinic", "residents", 5), ["reach_m", "covered", "people"]].tolist() == [400, 9, 10]
    assert table.loc[("clinic", "residents", 10), "coverage"] == 1
    assert table.loc[("clinic", "elders", 5), ["reach_m", "coverage"]].tolist() == [300, 0.75]
    assert table.loc[("clinic", "elders", 10), "coverage"] == 0.75
    assert table.loc[("clinic", "elders", 15), "coverage"] == 1
    assert table.loc[("clinic", "residents", 5), "nearest_m"] == pytest.approx(100)
    assert table.loc[("clinic", "residents", 5), "choices"] == pytest.approx(0.9)
    assert tuple(table.reset_index().columns) == CIRCLE_COLUMNS


def test_a_kind_that_is_not_mapped_is_unknown_never_zero(street, rules):
    row = circles(street, rules).set_index(["service", "minutes"]).loc[("kindergarten", 15)]
    assert row["status"] == "unknown"
    assert np.isnan(row["coverage"])
    assert "幼儿园" in row["reason_zh"]
    assert "none is mapped" in row["reason_en"]


def test_where_all_is_made_up_what_is_missing_does_not_exist(quarter, rules):
    assert "canteen" not in set(quarter["facilities"]["kind"])
    rows = circles(quarter, rules, {"canteen": services()["canteen"]})
    assert rows["status"].eq("known").all()
    assert rows["coverage"].eq(0).all()
    assert np.isinf(rows["nearest_m"]).all()


def test_a_school_of_unknown_level_may_be_the_one(rebuilt, rules):
    city = rebuilt(facilities=lambda t: t.assign(kind=["school", "primary_school", "elderly_care"]))
    found = walks(city, kinds_of(), 400.0)
    got = served(found, services()["primary_school"], 400.0)
    np.testing.assert_array_equal(got, [np.nan, np.nan, 1, 1])


def test_nobody_and_no_streets_are_unknown(rebuilt, rules):
    some = {"clinic": services()["clinic"]}
    empty = rebuilt(dwellings=lambda t: t.assign(residents=np.nan, elders=np.nan))
    assert circles(empty, rules, some)["status"].eq("unknown").all()
    city = rebuilt(streets=lambda t: t.iloc[:0], street_nodes=lambda t: t.iloc[:0])
    assert circles(city, rules, some)["reason_en"].eq("there is no street network").all()
    assert unknown_why(city, some["clinic"]) is not None


def test_speeds_are_those_of_the_rules(rules):
    assert reach_m(rules, "elders", 15) == 15 * rules.number("access.speed_elder_m_min")
    assert reach_m(rules, "children", 5) == 5 * rules.number("access.speed_m_min")


def test_a_broken_service_is_an_error(monkeypatch):
    monkeypatch.setattr(module, "read_yaml", lambda _: {"x": {"kinds": ["no_such"], "for": "residents"}})
    services.cache_clear()
    with pytest.raises(HutongError, match="no_such"):
        services()
    services.cache_clear()


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5)), min_size=1, max_size=20))
def test_weighted_median_is_that_of_people_one_by_one(pairs):
    values, weights = (np.array(x, float) for x in zip(*pairs, strict=True))
    people = np.sort(np.repeat(values, weights.astype(int)))
    assert weighted_median(values, weights) == people[(len(people) - 1) // 2]


def test_median_of_nothing_is_unknown():
    assert np.isnan(weighted_median(np.zeros(0), np.zeros(0)))
