"""Surveys, comparisons and trends on the command line."""

from __future__ import annotations

import contextlib
import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hutong.city import City, make_quarter
from hutong.cli.check import app as check_app
from hutong.cli.compare import app as compare_app
from hutong.cli.survey import app as survey_app


def run(app, *args, cwd: Path, lang: str = "en"):
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, [str(a) for a in args], env={"HUTONG_LANG": lang, "COLUMNS": "200"})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("survey")
    city = make_quarter(300, seed=1)
    for year in (2026, 2027, 2028):
        buildings = city["buildings"].copy()
        if year == 2028:
            buildings["cond_structure"] = 4.0
        dated = City.build(
            replace(city.meta, date=f"{year}-01-01"), {**city.tables, "buildings": buildings}, city.provenance
        )
        dated.save(folder / str(year))
    return folder


def test_a_form_is_written_filled_and_read(place: Path, tmp_path: Path) -> None:
    made = run(survey_app, "template", place / "2026", "--out", "s.csv", "--table", "estates", cwd=tmp_path)
    assert made.exit_code == 0, made.stderr
    again = run(survey_app, "template", place / "2026", "--out", "s.csv", "--table", "estates", cwd=tmp_path)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    rows = list(csv.reader((tmp_path / "s.csv").open(encoding="utf-8-sig", newline="")))
    names = rows[0]
    for row in rows[3:]:
        row[names.index("waste_unsorted")] = "是"
        row[names.index("survey_date")], row[names.index("surveyed_by")] = "2026-05-31", "甲"
    with (tmp_path / "s.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    read = run(survey_app, "read", place / "2026", "s.csv", "--out", "new", cwd=tmp_path)
    assert read.exit_code == 0, read.stderr
    assert "estates.waste_unsorted: 5" in read.stdout
    assert set(City.load(tmp_path / "new")["survey"]["item"]) == {"waste_unsorted"}
    told = json.loads(run(survey_app, "read", place / "2026", "s.csv", "--json", cwd=tmp_path).stdout)
    assert len(told["answers"]) == 5
    rows[3][names.index("waste_unsorted")] = "?"
    with (tmp_path / "s.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    broken = run(survey_app, "read", place / "2026", "s.csv", "--out", "other", cwd=tmp_path, lang="zh")
    assert broken.exit_code == 2
    assert "第 4 行" in broken.stderr
    assert not (tmp_path / "other").exists()


def test_one_csv_for_each_kind_or_one_workbook(place: Path, tmp_path: Path) -> None:
    assert run(survey_app, "template", place / "2026", "--out", "s.csv", cwd=tmp_path).exit_code == 0
    assert {p.name for p in tmp_path.iterdir()} == {
        "s-buildings.csv", "s-estates.csv", "s-streets.csv", "s-blocks.csv",
    }  # fmt: skip
    assert run(survey_app, "template", place / "2026", cwd=tmp_path).exit_code == 0
    assert (
        run(survey_app, "template", place / "2026", "--city", "--out", "c.xlsx", cwd=tmp_path).exit_code == 0
    )
    assert {"survey.xlsx", "c.xlsx"} <= {p.name for p in tmp_path.iterdir()}
    wrong = run(survey_app, "template", place / "2026", "--out", "s.pdf", cwd=tmp_path)
    assert wrong.exit_code == 2
    assert ".xlsx" in wrong.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_compare_says_what_changed(place: Path, lang: str) -> None:
    shown = run(compare_app, "compare", "2026", "2028", cwd=place, lang=lang)
    assert shown.exit_code == 0, shown.stderr
    assert {"zh": "变差", "en": "worse"}[lang] in shown.stdout
    told = json.loads(run(compare_app, "compare", "2026", "2028", "--places", "--json", cwd=place).stdout)
    assert told["tally"]["worse"] >= 1
    assert {r["scale"] for r in told["rows"]} >= {"quarter", "estate"}


def test_trends_need_three_snapshots_in_order(place: Path) -> None:
    shown = run(compare_app, "trend", "2026", "2027", "2028", cwd=place)
    assert shown.exit_code == 0, shown.stderr
    assert "warnings" in shown.stdout
    told = json.loads(
        run(compare_app, "trend", "2026", "2027", "2028", "--json", cwd=place, lang="zh").stdout
    )
    assert {"slope_per_year", "warning"} <= set(told[0])
    few = run(compare_app, "trend", "2026", "2027", cwd=place)
    assert few.exit_code == 2
    assert "no trend" in few.stderr


def test_a_check_with_a_past_ranks_by_trend_and_names_measures(place: Path) -> None:
    """Structures are the worst in the last year: what fell is named with its trend, and comes before what stood still."""
    past = ["2028", "--before", "2026", "--before", "2027"]
    told = json.loads(run(check_app, *past, "--measures", "--json", cwd=place).stdout)
    order = [f["priority"] for f in told["findings"]]
    assert order == sorted(order, reverse=True)
    hazards = [f for f in told["findings"] if f["indicator"] == "structure_hazard"]
    assert hazards
    worse = [f for f in hazards if "over 3 snapshots it rises" in f["trend"]["en"]]
    assert worse
    assert all((f["trend_weight"] > 1) == (f in worse) for f in hazards)  # some had no sound building before
    assert any(m["cost_yuan"] > 0 for f in hazards for m in f["measures"])
    plain = json.loads(run(check_app, "2028", "--json", cwd=place).stdout)
    assert plain["trends"] == []
    assert all(f["trend_weight"] == 1 and "measures" not in f for f in plain["findings"])
    shown = run(check_app, *past, cwd=place, lang="zh").stdout
    assert "预警：三年内将越过标准" in shown
    assert "趋势：" in shown
    few = run(check_app, "2028", "--before", "2026", cwd=place)
    assert few.exit_code == 2
    assert "no trend" in few.stderr


def test_a_check_by_a_rule_file_of_ones_own(place: Path, tmp_path: Path) -> None:
    (tmp_path / "our.yaml").write_text(
        "jurisdiction: ours\nextends: beijing\ntitle: {zh: 本区, en: Ours}\nchecked: 2026-11-01\nparameters:\n"
        "  access.radius.clinic:\n"
        "    values: [{from: 2020-01-01, value: 1, source: 分区规划, article: 第13条, confidence: D}]\n",
        "utf-8",
    )
    asked = ["2026", "--json", "--jurisdiction"]
    ours, usual = (
        {v["indicator"]: v["value"] for v in json.loads(run(check_app, *asked, where, cwd=place).stdout)["values"] if v["scale"] == "quarter"}
        for where in (str(tmp_path / "our.yaml"), "beijing")
    )  # fmt: skip
    assert ours["reach_clinic"] == 0 < usual["reach_clinic"]
    assert ours["structure_hazard"] == usual["structure_hazard"]
    missing = run(check_app, "2026", "--jurisdiction", "none.yaml", cwd=place)
    assert missing.exit_code == 2
