from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.city import complete, read_osm
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.sense import checkup
from hutong.sense.city_scale import city_sheet, read_city_figures
from hutong.sense.metrics import UNITS, metrics, places_geojson
from hutong.sense.national import NATIONAL_COLUMNS, CityFigure, level, national, national_table
from hutong.sense.registry import registry
from hutong.sense.sheets import csv_bytes, xlsx_bytes
from hutong.sense.survey import apply_survey, read_survey

from .survey_answers import filled, saved


def row(table, number):
    return table[table["number"] == number].iloc[0]


def whole(table):
    """Every row has a value or a reason, never both."""
    assert list(table.columns) == list(NATIONAL_COLUMNS)
    assert table["number"].tolist() == list(range(1, 62))
    known = table["status"] == "known"
    assert table["value"].notna().equals(known)
    for r in table.to_dict("records"):
        told = bool(r["reason_zh"]) and bool(r["reason_en"])
        assert told == (r["status"] != "known"), r["number"]
        assert (r["confidence"] == "unknown") == (r["status"] != "known")
        assert all((r["formula_zh"], r["formula_en"]))
    return table


def test_the_sixty_one():
    basics = national()
    assert [b.number for b in basics] == list(range(1, 62))
    counts = {s: sum(b.scale == s for b in basics) for s in ("dwelling", "estate", "block", "city")}
    assert counts == {"dwelling": 10, "estate": 11, "block": 10, "city": 30}
    ids = {i.id for i in registry()}
    for b in basics:
        assert all((b.title.zh, b.title.en, b.definition.zh, b.definition.en, b.aspect.zh))
        assert b.unit.zh
        assert b.metric in UNITS
        assert b.direction in ("lower", "higher")
        assert b.confidence in ("D", "D-", "K", "U")
        assert b.source
        assert {a.indicator for a in b.answers} <= ids
        assert bool(b.answers) == (b.number <= 31)


def test_a_made_quarter_answers_what_it_can(quarter, rules):
    table = whole(national_table(checkup(quarter, rules)))
    known = table["status"] == "known"
    assert known.head(31).sum() == 20  # the other eleven must be surveyed
    assert not known.tail(30).any()
    assert "never derived from one quarter" in row(table, 38)["reason_en"]
    assert "not surveyed" in row(table, 7)["reason_en"]


def test_a_complete_snapshot_answers_all_below_city_scale(quarter, rules, tmp_path):
    survey = read_survey(quarter, [saved(tmp_path / "s.xlsx", quarter, filled(quarter))])
    table = whole(national_table(checkup(apply_survey(quarter, survey), rules)))
    assert (table["status"] == "known").head(31).all()
    assert row(table, 19)["confidence"] == "high"
    assert row(table, 2)["assumption_en"] == ""  # surveyed, no longer stood in for


def test_counts_by_hand(street, rules):
    table = whole(national_table(checkup(street, rules)))
    structure = row(table, 1)
    assert (structure["value"], structure["grade"], structure["confidence"]) == (1.0, "watch", "medium")
    assert structure["assumption_en"] == "of 3, 1 are unknown and left out"
    assert row(table, 5)["value"] == 1  # d4; d3 and d5 are unknown
    assert row(table, 9)["status"] == "known"
    assert row(table, 9)["value"] == 1  # b1; of b2 and b3 the entrance is unknown
    assert row(table, 15)["value"] == 1  # three dwellings, two spaces
    assert row(table, 20)["value"] == 1
    assert row(table, 22)["status"] == "unknown"
    assert "none is mapped" in row(table, 22)["reason_en"]


def test_none_found_among_few_is_not_none(rebuilt, rules):
    some = rebuilt(buildings=lambda t: t.assign(cond_structure=[1.0, None, None, None]))
    found = row(whole(national_table(checkup(some, rules))), 1)
    assert found["status"] == "unknown"
    assert found["reason_en"] == "none among the 1 that are known; 2 more are unknown"
    every = rebuilt(buildings=lambda t: t.assign(cond_structure=1.0))
    assert row(national_table(checkup(every, rules)), 1)["value"] == 0


def test_what_does_not_apply_is_not_zero(rebuilt, rules):
    none = rebuilt(estates=lambda t: t.iloc[:0], plots=lambda t: t.assign(estate_id=None))
    table = whole(national_table(checkup(none, rules)))
    assert row(table, 20)["status"] == "not_applicable"
    assert row(table, 15)["status"] == "not_applicable"
    early = national_table(checkup(none, load_rules("beijing", on=dt.date(2022, 1, 1))))
    assert "not in force" in row(whole(early), 25)["reason_en"]


def test_how_sure_a_figure_is():
    assert [level(c, 1.0) for c in ("D", "D-", "K", "U")] == ["high", "medium", "medium", "low"]
    assert [level("D", c) for c in (0.95, 0.94, 0.5, 0.49, math.nan)] == [
        "high", "medium", "medium", "low", "low",
    ]  # fmt: skip


def given_figures(**values):
    """Return the city's form with values written: v38='8.2' puts 8.2 in row 38."""
    sheet = city_sheet()
    names = list(sheet.columns)
    rows = []
    for cells in sheet.rows:
        cells = list(cells)
        written = values.get(f"v{cells[0]}")
        if written is not None:
            for name, value in zip(("value", "year", "source"), written, strict=True):
                cells[names.index(name)] = value
        rows.append(cells)
    rows += values.get("more", [])
    return type(sheet)(sheet.id, sheet.title, sheet.columns, rows, {})


OK = ("8.2", "2025", "统计年鉴 2025")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_figures_of_the_city_name_their_source(street, rules, tmp_path, kind):
    own = ["own:胡同", "胡同风貌保持率", "%", "61", "2025", "市规自委", ""]
    sheet = given_figures(v38=OK, v32=("85%", "2024", "市水务局"), v33=("0", "2025", "市水务局"), more=[own])
    path = tmp_path / f"city.{kind}"
    path.write_bytes(csv_bytes(sheet) if kind == "csv" else xlsx_bytes([sheet], []))
    figures = read_city_figures(path)
    assert figures.national[38] == CityFigure(38, 8.2, 2025, "统计年鉴 2025", path.name)
    assert figures.own[0].id == "own:胡同"
    table = whole(national_table(checkup(street, rules), figures.national))
    assert (row(table, 38)["value"], row(table, 38)["grade"]) == (8.2, "good")
    assert row(table, 38)["source"] == "统计年鉴 2025"
    assert row(table, 38)["file"] == path.name
    assert row(table, 32)["value"] == pytest.approx(0.85)
    assert (row(table, 33)["value"], row(table, 33)["grade"]) == (0, "good")
    assert "does not give it" in row(table, 34)["reason_en"]
    told = metrics(street, checkup(street, rules), figures.national)["metrics"]["national_32"]
    assert (told["status"], told["unit"], told["source_files"]) == ("known", "ratio", [path.name])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"v38": ("8.2", "2025", "")}, "source: a value needs its source"),
        ({"v38": ("8.2", "", "年鉴")}, "year: '' is no year"),
        ({"v38": ("many", "2025", "年鉴")}, "value: 'many' is no number"),
        ({"v38": ("-1", "2025", "年鉴")}, "value: '-1' must be 0 or more"),
        ({"v38": ("inf", "2025", "年鉴")}, "value: 'inf' must be 0 or more"),
        ({"v32": ("185", "2025", "年鉴")}, "185% is more than 100%"),
        ({"more": [["15", "", "", "3", "2025", "年鉴", ""]]}, "15 is computed from the snapshot"),
        ({"more": [["77", "", "", "3", "2025", "年鉴", ""]]}, "'77' is none of the 61"),
        ({"more": [["own:x", "", "", "3", "2025", "年鉴", ""]]}, "an own indicator needs title and unit"),
        ({"v38": OK, "more": [["38", "", "", "3", "2025", "年鉴", ""]]}, "38 stands twice"),
    ],
)
def test_a_figure_that_cannot_be_read_is_named(tmp_path, values, said):
    path = tmp_path / "city.csv"
    path.write_bytes(csv_bytes(given_figures(**values)))
    with pytest.raises(HutongError) as caught:
        read_city_figures(path)
    assert caught.value.code == "invalid-city-figures"
    (told,) = caught.value.rows
    assert said in told
    assert "row " in told


def test_a_file_without_the_columns(tmp_path, street):
    (tmp_path / "x.csv").write_text("a\nb\nc\n", "utf-8")
    with pytest.raises(HutongError) as caught:
        read_city_figures(tmp_path / "x.csv")
    assert any("column source is missing" in r for r in caught.value.rows)
    sheets = [city_sheet(), city_sheet()]
    (tmp_path / "two.xlsx").write_bytes(xlsx_bytes(sheets, []))
    with pytest.raises(HutongError):
        read_city_figures(tmp_path / "two.xlsx")


def well_formed(told):
    assert set(told) == {"schema_version", "units", "metrics"}
    assert told["schema_version"] == "0.1.0"
    assert told["units"] == {"length": "m", "area": "sqm"}
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    keys = {"status", "value", "unit", "source_files", "formula", "confidence", "assumptions", "reason"}
    for name, metric in told["metrics"].items():
        assert set(metric) == keys, name
        assert metric["unit"] in UNITS
        assert metric["status"] in ("known", "unknown", "not_applicable")
        assert (metric["value"] is not None) == (metric["status"] == "known"), name
        assert bool(metric["reason"]) == (metric["status"] != "known"), name
        assert metric["confidence"] in ("high", "medium", "low", "unknown")
        assert metric["formula"]


def test_every_figure_is_a_metric(quarter, street, rules):
    for city in (quarter, street):
        check = checkup(city, rules)
        told = metrics(city, check)
        well_formed(told)
        assert set(told["metrics"]) >= {b.id for b in national()} | {i.id for i in check.indicators}
    found = told["metrics"]
    assert found["national_01"]["value"] == 1
    assert found["site_area"]["value"] == pytest.approx(1200 * 400)
    assert (found["street_length"]["value"], found["street_length"]["unit"]) == (1000.0, "m")
    assert found["resident_count"]["status"] == "unknown"  # one dwelling's residents are
    assert any("m2/person" in a for a in found["green_space"]["assumptions"])
    assert found["green_space"]["source_files"] == ["test"]


def test_geometry_leaves_in_degrees(street, rules):
    told = places_geojson(street, checkup(street, rules))
    json.dumps(told, allow_nan=False)
    assert [f["properties"]["place_id"] for f in told["features"]] == ["e1", "k1"]
    estate = told["features"][0]
    assert estate["properties"]["structure_hazard"] == 0.5
    assert estate["properties"]["gas_hazard"] is None
    lon, lat = estate["geometry"]["coordinates"][0][0]
    assert 116 < lon < 118
    assert 39 < lat < 40


@given(st.floats(0, 1), st.sampled_from(["D", "D-", "K", "U"]))
def test_more_observation_never_makes_less_sure(coverage, confidence):
    order = ("low", "medium", "high")
    assert order.index(level(confidence, coverage)) <= order.index(level(confidence, 1.0))


@pytest.mark.shared
def test_the_haidian_extract_is_checked_whole(shared):
    city = read_osm(shared / "data" / "osm_beijing_cau" / "beijing_haidian_cau.osm", name="cau")
    city = complete(city, seed=1, district="110108")
    check = checkup(city, load_rules("beijing", on=dt.date.fromisoformat(city.meta.date)))
    table = whole(national_table(check))
    assert (table["status"] == "known").head(31).sum() >= 10
    assert "地图可能不全" in row(table, 12)["reason_zh"]
    well_formed(metrics(city, check))
    for finding in check.findings:
        assert finding.place.zh != finding.place_id
        told = finding.reason.en.split(" Source: ")[0].removeprefix(finding.place.en)
        assert not any("\u4e00" <= c <= "\u9fff" for c in told)
    assert np.isfinite([f.severity for f in check.findings]).all()
