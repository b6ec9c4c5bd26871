from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import box

from hutong.errors import HutongError
from hutong.sense import checkup, coupling_degree, registry
from hutong.sense.clusters import LEAST_PLACES, clustering
from hutong.sense.composite import NORMALISATION, score, scores, weighted_mean, weights_of
from hutong.sense.equity import equity_table
from hutong.sense.profile import level, profile, themes
from hutong.sense.topsis import topsis


@pytest.fixture(scope="module")
def check(quarter, rules):
    return checkup(quarter, rules)


def test_scores_are_one_at_the_standard_and_nothing_at_the_worst(rules):
    known = {i.id: i for i in registry(rules)}
    np.testing.assert_allclose(
        score(known["reach_park"], [0.9, 1.0, 0.45, 0.0, np.nan]), [1, 1, 0.5, 0, np.nan]
    )
    np.testing.assert_allclose(score(known["dangerous"], [0.0, 0.125, 0.25, 0.6]), [1, 0.5, 0, 0])


def test_scores_by_place(check):
    table = scores(check)
    rows = check.values[check.values["scale"] == "estate"].set_index(["place_id", "indicator"])["value"]
    for place in table.index:
        assert table.loc[place, "unmanaged"] == 1 - rows[place, "unmanaged"]
    values = table.to_numpy()
    assert np.nanmin(values) >= 0
    assert np.nanmax(values) <= 1


def test_weights(check):
    table = pd.DataFrame({"a": [0.1, 0.9, np.nan], "b": [0.5, 0.5, 0.5]})
    assert weights_of(table).tolist() == [0.5, 0.5]
    np.testing.assert_allclose(weights_of(table, "entropy"), [1, 0])
    assert weights_of(table.iloc[:1], "entropy").tolist() == [0.5, 0.5]
    assert weights_of(table, {"b": 3, "a": 1}).tolist() == [0.25, 0.75]
    for wrong in ("best", {"a": 1}, {"a": 1, "b": -1}, {"a": 1, "b": 1, "c": 1}, {"a": 0, "b": 0}):
        with pytest.raises(HutongError):
            weights_of(table, wrong)


def test_a_mean_needs_enough_that_is_known():
    table = pd.DataFrame({"a": [0.2, np.nan, np.nan], "b": [0.6, 0.6, np.nan]})
    mean, known = weighted_mean(table, pd.Series({"b": 1.0, "a": 3.0}), least_known=0.25)
    np.testing.assert_allclose(mean, [0.3, 0.6, np.nan])
    np.testing.assert_allclose(known, [1, 0.25, 0])
    assert np.isnan(weighted_mean(table, pd.Series({"b": 1.0, "a": 3.0}), least_known=0.3)[0].iloc[1])
    there = pd.DataFrame({"a": [True, False, False], "b": [True, True, False]})
    mean, known = weighted_mean(table, pd.Series({"b": 1.0, "a": 3.0}), 1.0, there)
    np.testing.assert_allclose(mean, [0.3, 0.6, np.nan])
    np.testing.assert_allclose(known, [1, 1, 0])


def test_themes_name_indicators_that_exist(rules):
    known = {i.id for i in registry(rules)}
    named = [name for theme in themes().values() for name in theme.indicators]
    assert set(named) <= known
    assert len(set(named)) == len(named)


def test_the_profile_is_made_of_its_parts(check, quarter):
    table = profile(check, quarter)
    names = list(themes())
    single, gravity = scores(check), {i.id: i.gravity for i in check.indicators}
    own = single[list(themes()["condition"].indicators)].iloc[0].dropna()
    want = sum(own[n] * gravity[n] for n in own.index) / sum(gravity[n] for n in own.index)
    assert table["condition"].iloc[0] == pytest.approx(want)
    u = table[names].to_numpy()
    np.testing.assert_allclose(table["closeness"], topsis(u, np.full(5, 0.2)))
    np.testing.assert_allclose(table["coordination"], coupling_degree(u))
    np.testing.assert_allclose(table["score"], u.mean(axis=1))
    assert table["rank"].min() == 1
    assert table["residents"].sum() <= quarter["dwellings"]["residents"].sum()
    assert table.attrs["normalisation"] is NORMALISATION
    for row in table.itertuples():
        degrees = [degree for _, degree in row.obstacles]
        assert degrees == sorted(degrees, reverse=True)
        assert 0 < sum(degrees) <= 1
        assert f"中排第 {row.rank:.0f}" in row.text.zh
        assert row.level.zh in row.text.zh
        assert row.observed == 0
        assert row.text.zh.endswith("数据为推算或假定，未经实测。")


def test_how_much_was_observed_is_told(check, quarter):
    half = replace(check, values=check.values.assign(coverage=0.5))
    table = profile(half, quarter)
    np.testing.assert_allclose(table["observed"], 0.5)
    assert table["text"].iloc[0].zh.endswith("数据的 50% 为实测。")
    assert table["text"].iloc[0].en.endswith("50% of the data were observed.")


def test_given_weights_change_the_rank(check, quarter):
    names = list(themes())
    only = {name: float(name == "services") for name in names}
    table = profile(check, quarter, only)
    best = table["services"].idxmax()
    assert table.loc[best, "rank"] == 1
    assert profile(check, quarter, "entropy").attrs["weights"] != profile(check, quarter).attrs["weights"]


def test_what_is_unknown_is_not_ranked(check, quarter):
    place = check.values.loc[check.values["scale"] == "estate", "place_id"].iloc[0]
    values = check.values.copy()
    at = (values["place_id"] == place) & values["indicator"].isin(themes()["services"].indicators)
    values.loc[at, "value"] = np.nan
    table = profile(replace(check, values=values), quarter)
    row = table.loc[place]
    assert np.isnan([row["services"], row["closeness"], row["rank"], row["coordination"], row["score"]]).all()
    assert row["services_known"] == 0
    assert row["level"] is None
    assert "公共服务的数据不足，未参加排名" in row["text"].zh
    assert "too little is known of services on foot" in row["text"].en
    assert table["rank"].max() == len(table) - 1


def test_levels_by_tenths():
    assert level(0.0).zh == "极度失调"
    assert level(0.55).zh == "勉强协调"
    assert level(1.0).zh == "优质协调"


def test_blocks_have_profiles_too_and_places_that_do_not_exist_none(check, quarter, street, rules):
    assert len(profile(check, quarter, scale="block"))
    own = checkup(street, rules)
    table = profile(own, street)
    assert table.index.tolist() == ["e1"]
    assert table["text"].iloc[0].zh.startswith("西里：")


def test_outcomes_by_estate_are_more_or_less_even(check, quarter):
    table = profile(check, quarter)
    kinds = quarter["estates"].set_index("estate_id")["kind"].astype(object).reindex(table.index)
    got = equity_table(table[list(themes())], table["residents"], kinds)
    assert got.index.tolist() == list(themes())
    assert (got["worst_off"] <= got["mean"] + 1e-12).all()
    np.testing.assert_allclose(got["theil"], got["within"] + got["between"], atol=1e-12)


def many(check, quarter, values):
    """The quarter's checkup as if its estates were squares of a grid eight wide, a street apart."""
    estates = quarter["estates"]
    n = len(values)
    repeated = estates.iloc[np.arange(n) % len(estates)].reset_index(drop=True)
    ids = [f"e{i}" for i in range(n)]
    moved = [
        box(120.0 * (i % 8), 120.0 * (i // 8), 120.0 * (i % 8) + 100, 120.0 * (i // 8) + 100)
        for i in range(n)
    ]
    table = repeated.assign(estate_id=ids, name=ids).set_geometry(moved, crs=estates.crs)
    rows = pd.DataFrame({"indicator": "reach_park", "scale": "estate", "place_id": ids, "value": values})
    return replace(check, values=rows), table


class City:
    """A stand-in that lends its estates to a quarter."""

    def __init__(self, city, estates):
        self.city, self.estates = city, estates

    def __getitem__(self, table):
        return self.estates if table == "estates" else self.city[table]

    def __getattr__(self, name):
        return getattr(self.city, name)


def test_a_cluster_is_named(check, quarter):
    south_west = [i for i in range(64) if i % 8 < 3 and i // 8 < 3]
    values = [0.0 if i in south_west else 0.9 for i in range(64)]
    own, estates = many(check, quarter, values)
    city = City(quarter, estates)
    city.positions = lambda table, _: np.zeros(len(city[table]), np.int64)
    got = clustering(own, city, "reach_park")
    assert got.unknown is None
    assert got.whole.p_permuted <= 0.05
    poor = got.places.loc[got.places["cluster"] == "low-low", "place_id"].tolist()
    assert poor
    assert set(poor) <= {f"e{i}" for i in south_west}
    assert "短板集中连片" in got.text.zh
    assert "places near each other are alike" in got.text.en


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([0.1, 0.2, 0.3], "needed"),
        ([0.5] * 12, "score the same"),
        ([0.1, np.nan] * 7, f"{LEAST_PLACES} are needed"),
    ],
)
def test_where_clustering_cannot_be_told(check, quarter, values, why):
    own, estates = many(check, quarter, values)
    city = City(quarter, estates)
    city.positions = lambda table, _: np.zeros(len(city[table]), np.int64)
    got = clustering(own, city, "reach_park")
    assert got.whole is None
    assert why in got.text.en


def test_an_indicator_without_scores_is_an_error(check, quarter):
    with pytest.raises(HutongError):
        clustering(check, quarter, "no_such")
    with pytest.raises(HutongError):
        clustering(check, quarter, "reach_park", scale="quarter")


def test_without_estates_the_profile_is_empty(rebuilt, rules):
    city = rebuilt(estates=lambda t: t.iloc[:0], plots=lambda t: t.assign(estate_id=None))
    table = profile(checkup(city, rules), city)
    assert table.empty
    assert {"rank", "coordination", "text", *themes()} <= set(table.columns)
