from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from hutong.city import City
from hutong.rules import load_rules
from hutong.sense import STATUSES, VALUE_COLUMNS, checkup
from hutong.sense.findings import severities
from hutong.sense.measure import grade
from hutong.sense.registry import registry
from hutong.text import Text

from .sense_street import build, tables


def row(check, indicator, scale="quarter", place=None):
    rows = check.values
    rows = rows[(rows["indicator"] == indicator) & (rows["scale"] == scale)]
    if place is not None:
        rows = rows[rows["place_id"] == place]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.fixture(scope="module")
def checked(rules):
    return checkup(build(tables()), rules)


#: indicator, scale: value, status, coverage, known cases, people concerned — worked out by hand from conftest.
BY_HAND = [
    ("structure_hazard", "quarter", 0.5, "alarm", 2 / 3, 2, 5),
    ("structure_hazard", "estate", 0.5, "alarm", 1, 2, 5),
    ("structure_hazard", "block", 0.5, "alarm", 2 / 3, 2, 5),
    ("structure_hazard", "rest", np.nan, "unknown", 0, 0, np.nan),
    ("dangerous", "quarter", 0, "good", 2 / 3, 2, 0),  # the D-grade building is an office
    ("not_insulated", "quarter", 0.5, "warn", 2 / 3, 2, 5),
    ("pipe_age", "quarter", 2 / 3, "alarm", 1, 3, 6),  # 26 years, 6 years, exactly 20 years
    ("no_lift", "quarter", 0.5, "warn", 1, 2, 5),
    ("elders_upstairs", "quarter", 0.5, "alarm", 1, 3, 2),
    ("not_self_contained", "quarter", 1 / 3, "alarm", 2 / 5, 3, 1),
    ("reach_clinic", "quarter", 0.9, "good", 1, 3, 1),
    ("reach_clinic", "rest", 0, "alarm", 1, 1, 1),
    ("reach_elderly_care", "quarter", 0, "alarm", 1, 2, 4),
    ("reach_canteen", "quarter", np.nan, "unknown", 0, 0, np.nan),
    ("parking_spaces", "quarter", 2 / 3, "watch", 1, 1, 9),
    ("unmanaged", "estate", 1, "alarm", 1, 1, 9),
    ("green_space", "quarter", 50, "good", 1, 1, 0),
    ("elderly_rooms", "quarter", np.nan, "unknown", 0, 0, np.nan),
    ("illegal_building", "quarter", np.nan, "unknown", 0, 0, np.nan),
    ("requests_unresolved", "quarter", 0.5, "alarm", 2 / 3, 2, 1),
]


@pytest.mark.parametrize(("indicator", "scale", "value", "status", "coverage", "n", "people"), BY_HAND)
def test_by_hand(checked, indicator, scale, value, status, coverage, n, people):
    got = row(checked, indicator, scale)
    assert got["value"] == pytest.approx(value, nan_ok=True)
    assert got["status"] == status
    assert got["coverage"] == pytest.approx(coverage)
    assert got["n"] == n
    assert got["people"] == pytest.approx(people, nan_ok=True)


def test_nothing_mapped_is_unknown_on_a_map_and_none_in_a_made_quarter(street, rules, rebuilt):
    seen = row(checkup(street, rules), "reach_canteen")
    assert seen["status"] == "unknown"
    assert "none is mapped" in seen["reason_en"]
    assert "地图上没有" in seen["reason_zh"]
    made = row(checkup(rebuilt(origin="assumed"), rules), "reach_canteen")
    assert (made["value"], made["status"], made["coverage"]) == (0.0, "alarm", 0.0)


def test_a_hospital_does_not_hide_that_no_clinic_is_mapped(rebuilt, rules):
    only_hospital = rebuilt(facilities=lambda t: t.assign(kind=["hospital", "park", "park"]))
    assert row(checkup(only_hospital, rules), "reach_clinic")["status"] == "unknown"
    beside = rebuilt(facilities=lambda t: t.assign(kind=["hospital", "park", "clinic"]))
    assert row(checkup(beside, rules), "reach_clinic")["value"] == pytest.approx(0.9)


def test_a_school_of_unknown_level_makes_the_primary_school_unknown(rebuilt, rules):
    def schools(kinds):
        return lambda t: t.assign(kind=kinds)

    unsure = row(
        checkup(rebuilt(facilities=schools(["school", "park", "primary_school"])), rules),
        "reach_primary_school",
    )
    # b1 (1 child) is 340 m, b2 (2 children) 70 m from the primary school; b3 has no children known.
    assert unsure["value"] == 1.0
    made = rebuilt(origin="assumed", facilities=schools(["school", "park", "fresh_market"]))
    circle = row(checkup(made, rules), "circle_10")
    assert (circle["value"], circle["n"]) == (
        0.0,
        3,
    )  # the school cannot be the cultural centre that is missing
    only = row(
        checkup(rebuilt(facilities=schools(["school", "park", "park"])), rules), "reach_primary_school"
    )
    assert only["status"] == "unknown"
    far = row(
        checkup(rebuilt(origin="assumed", facilities=schools(["park", "school", "park"])), rules),
        "reach_primary_school",
    )
    # The school stands at x=900: b1 is 900 m away and surely unserved, b2 600 m.
    assert far["value"] == 0.0


def test_partly_known_floor_area_is_a_lower_bound(rebuilt, rules):
    def rooms(first):
        return lambda t: t.assign(kind="elderly_care", floor_area_m2=[first, None, None])

    low = row(checkup(rebuilt(facilities=rooms(0.5)), rules), "elderly_rooms")
    assert low["status"] == "unknown"
    assert low["reason_en"] == "only 1 of 3 are known; it is at least 10"
    high = row(checkup(rebuilt(facilities=rooms(5.0)), rules), "elderly_rooms")
    assert (high["status"], high["value"]) == ("good", 100.0)


def test_a_place_to_which_nothing_applies_has_no_row(rebuilt, rules):
    flat = rebuilt(buildings=lambda t: t.assign(storeys=2.0), staircases=lambda t: t.assign(storeys=2.0))
    check = checkup(flat, rules)
    rows = check.values[check.values["indicator"] == "no_lift"]
    assert rows["scale"].tolist() == ["quarter"]
    assert rows["status"].tolist() == ["unknown"]
    assert rows["reason_zh"].tolist() == ["这里没有适用对象"]


def test_without_people_or_streets_all_is_unknown_and_nothing_is_zero(rebuilt, rules):
    def none(table):
        return table.iloc[:0]

    bare = rebuilt(
        dwellings=none, staircases=none, streets=none, street_nodes=none, facilities=none, requests=none
    )
    check = checkup(bare, rules)
    for indicator in check.indicators:
        got = check.overall(indicator.id)
        if "reach" in indicator.compute or "dwellings" in str(indicator.compute):
            assert got["status"] == "unknown", indicator.id
            assert np.isnan(got["value"])


def test_no_street_network_is_the_reason(rebuilt, rules):
    cut = rebuilt(streets=lambda t: t.iloc[:0], street_nodes=lambda t: t.iloc[:0])
    got = row(checkup(cut, rules), "reach_clinic")
    assert (got["status"], got["reason_zh"]) == ("unknown", "没有街道网络")


def test_table_and_findings_are_well_formed(quarter, rules):
    check = checkup(quarter, rules)
    assert list(check.values.columns) == list(VALUE_COLUMNS)
    assert not check.values.duplicated(["indicator", "scale", "place_id"]).any()
    assert set(check.values["status"]) <= set(STATUSES)
    known = check.values["status"] != "unknown"
    assert check.values["value"].notna().equals(known)
    assert check.values["coverage"].between(0, 1).all()
    assert (check.values["reason_zh"].str.len() > 0).all()
    assert (check.values["reason_en"].str.len() > 0).all()
    for indicator in check.indicators:
        assert check.overall(indicator.id)["scale"] == "quarter"
    ids = set(quarter["buildings"]["building_id"])
    assert check.findings
    for finding in check.findings:
        assert finding.status in ("warn", "alarm")
        assert 0 <= finding.severity <= 1
        assert set(finding.objects) <= ids
        assert finding.reason.zh.startswith(finding.place.zh)
        assert finding.reason.en.startswith(finding.place.en)
        assert finding.place.zh in finding.place_name
        assert "未经实测" in finding.reason.zh  # the quarter is made up, and says so
    weights = [f.severity * np.nan_to_num(f.people) for f in check.findings]
    assert weights == sorted(weights, reverse=True)
    assert all(note.zh and note.en for note in check.notes)


def test_a_finding_says_what_where_how_many_and_why(street, rules):
    check = checkup(street, rules)
    found = next(f for f in check.findings if f.indicator == "structure_hazard")
    assert (found.scale, found.place_id, found.objects) == ("estate", "e1", ("b1",))
    assert found.reason.zh == (
        "西里：2 栋（院）住宅中有 1 栋（院）存在结构安全隐患（C、D 级）（50%，应当没有）。"
        "依据：建科〔2023〕75号；JGJ 125-2016 指标 1。"
    )
    assert found.reason.en.startswith(
        "西里: 1 of 2 residential buildings has structural hazards (grade C or D) (50%; there should be none)."
    )
    unmanaged = next(f for f in check.findings if f.indicator == "unmanaged")
    assert unmanaged.reason.zh.startswith("西里：该小区没有物业管理")
    rest = [f for f in check.findings if f.scale == "rest"]
    assert {f.indicator for f in rest} >= {"reach_clinic", "pipe_age"}
    assert all(f.place == Text("东街小区以外的住宅", "homes outside estates in 东街") for f in rest)
    assert all(f.place_name == "东街小区以外的住宅 / homes outside estates in 东街" for f in rest)
    assert all(f.reason.en.startswith("homes outside estates in 东街: ") for f in rest)
    partly = next(f for f in check.findings if f.indicator == "not_self_contained" and f.scale == "rest")
    assert partly.coverage == 0
    assert "未经实测" in partly.reason.zh
    assert "实测" not in found.reason.zh
    assert not [f for f in check.findings if f.scale == "block"]


def test_a_place_without_a_name_is_called_by_words_in_both_languages(rebuilt, rules):
    nameless = rebuilt(estates=lambda t: t.assign(name=None), blocks=lambda t: t.assign(name=None))
    findings = checkup(nameless, rules).findings
    estate = next(f for f in findings if f.scale == "estate")
    assert (estate.place_id, estate.place_name) == ("e1", "未命名小区（e1） / unnamed estate (e1)")
    assert estate.reason.zh.startswith("未命名小区（e1）：")
    rest = next(f for f in findings if f.scale == "rest")
    assert rest.reason.en.startswith("homes outside estates in unnamed block (k1): ")
    for finding in findings:
        assert not any("\u4e00" <= c <= "\u9fff" for c in finding.reason.en.split(" Source: ")[0])


def test_a_block_without_estates_speaks_for_itself(rebuilt, rules):
    lanes = rebuilt(estates=lambda t: t.iloc[:0], plots=lambda t: t.assign(estate_id=None))
    check = checkup(lanes, rules)
    assert {f.scale for f in check.findings} == {"block"}
    assert set(check.values["scale"]) == {"quarter", "block"}


def test_notes_tell_of_map_edge_and_far_homes(rebuilt, street, rules):
    def moved(table):
        shapes = table.geometry.copy()
        shapes.iloc[2] = shapes.iloc[2].buffer(0)
        return table.set_geometry(shapes.translate(0, [0, 0, 120, 0][2]), crs=table.crs)

    notes = " ".join(note.en for note in checkup(street, rules).notes)
    assert "completeness is not verified" in notes
    assert "nearer to the map's edge" in notes
    assert "were not observed" not in notes
    far = " ".join(note.en for note in checkup(rebuilt(buildings=moved), rules).notes)
    assert "more than 100 m from any street" in far


def test_grades():
    indicator = next(i for i in registry() if i.id == "reach_park")  # standard .9, watch .7, warn .4
    words = [STATUSES[s] for s in grade(indicator, np.array([1, 0.9, 0.89, 0.7, 0.69, 0.4, 0.39, 0, np.nan]))]
    assert words == ["good", "good", "watch", "watch", "warn", "warn", "alarm", "alarm", "unknown"]
    lower = next(i for i in registry() if i.id == "structure_hazard")  # standard 0, watch .05, warn .2
    words = [STATUSES[s] for s in grade(lower, np.array([0, 0.01, 0.05, 0.06, 0.2, 0.21, 1]))]
    assert words == ["good", "watch", "watch", "warn", "warn", "alarm", "alarm"]


def test_severity_runs_from_the_standard_to_the_worst():
    indicator = next(i for i in registry() if i.id == "reach_park")
    got = severities(indicator, np.array([1.0, 0.9, 0.45, 0.0]))
    np.testing.assert_allclose(got, np.array([0, 0, 0.5, 1]) * indicator.gravity)


def slow_share(city, column, bad, group):
    """Share of residential buildings for which something is bad, with pandas, one group after another."""
    buildings = pd.DataFrame(city["buildings"].drop(columns="geometry"))
    plots = city["plots"].drop(columns="geometry")
    joined = buildings.merge(plots[["plot_id", "estate_id", "block_id"]], on="plot_id")
    lived = joined[joined["use"].isin(["residential", "dormitory"])]
    known = lived[lived[column].notna()]
    return known.groupby(group)[column].agg(lambda s: bad(s).mean())


@pytest.mark.parametrize("seed", range(3))
def test_shares_equal_a_plain_reference_with_unknown_cells(quarter, rules, seed):
    buildings = quarter["buildings"].copy()
    hidden = np.random.default_rng(seed).random(len(buildings)) < 0.4
    buildings.loc[hidden, "cond_pipes"] = np.nan
    city = City.build(quarter.meta, {**quarter.tables, "buildings": buildings}, quarter.provenance)
    values = checkup(city, rules).values
    for scale, group in (("estate", "estate_id"), ("block", "block_id")):
        rows = values[(values["indicator"] == "pipes_worn") & (values["scale"] == scale)]
        got = rows.set_index("place_id")["value"].dropna()
        want = slow_share(city, "cond_pipes", lambda s: s >= 3, group)
        assert sorted(got.index) == sorted(want.index)
        np.testing.assert_allclose(got.loc[want.index].to_numpy(float), want.to_numpy(float))


def test_the_same_city_gives_the_same_checkup(quarter, rules):
    one, two = checkup(quarter, rules), checkup(quarter, rules)
    pd.testing.assert_frame_equal(one.values, two.values)
    assert one.findings == two.findings


def test_before_a_figure_was_in_force_its_indicator_is_left_out(street):
    early = load_rules("beijing", on=dt.date(2022, 1, 1))
    ids = {i.id for i in checkup(street, early).indicators}
    assert "reach_park" not in ids
    assert "reach_clinic" in ids
