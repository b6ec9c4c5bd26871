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
    assert "row 4" in broken.stderr
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
