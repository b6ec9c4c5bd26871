"""The title register and vacated space on the command line."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hutong.city import City, make_quarter
from hutong.cli.space import app as space_app
from hutong.cli.titles import app as titles_app
from hutong.errors import HutongError
from hutong.sense.space_table import read_spaces


def run(app, *args, cwd: Path, lang: str = "en"):
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, [str(a) for a in args], env={"HUTONG_LANG": lang, "COLUMNS": "220"})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("space")
    make_quarter(1200, seed=1).save(folder / "q")
    return folder


def test_gaps_by_courtyard_and_the_cases_that_clear_them(place: Path) -> None:
    shown = run(titles_app, "check", "q", "--out", "yards.csv", cwd=place)
    assert shown.exit_code == 0, shown.stderr
    yards = pd.read_csv(place / "yards.csv")
    form = City.load(place / "q")["buildings"].set_index("building_id")["form"]
    assert set(form[yards["place_id"]]) == {"courtyard"}
    assert "▲ warn" in shown.stdout
    cases = json.loads(run(titles_app, "cases", "q", "--json", cwd=place).stdout)
    in_yards = pd.DataFrame([c for c in cases if c["courtyard"]])
    # every home that a courtyard lacks has a case there, and names papers and who acts
    lacking = yards.set_index("place_id").filter(like="gap_").sum(axis=1)
    assert set(lacking[lacking > 0].index) <= set(in_yards["building_id"])
    assert all(c["documents_zh"] and c["who_en"] for c in cases)
    assert f"{len(cases)} cases" in run(titles_app, "cases", "q", cwd=place).stdout
    assert run(titles_app, "check", "q", "--level", "street", cwd=place).exit_code == 2
    assert "承租人" in run(titles_app, "register", "q", cwd=place, lang="zh").stdout


def test_no_table_written_holds_a_formula_and_it_is_read_back(tmp_path: Path) -> None:
    from hutong.city.text_table import FORMULA, read_text_table

    city = make_quarter(300, seed=1)
    units = city["titles"].assign(managing_unit='=HYPERLINK("http://x.example","管房")')
    City.build(city.meta, {**city.tables, "titles": units}, city.provenance).save(tmp_path / "q")
    done = run(titles_app, "register", "q", "--out", "register.csv", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    raw = pd.read_csv(tmp_path / "register.csv", dtype=str, keep_default_na=False)
    assert not any(cell.startswith(FORMULA) for column in raw for cell in raw[column])
    again = read_text_table(tmp_path / "register.csv")
    assert set(again["managing_unit"].dropna()) == set(units["managing_unit"])


def test_a_gap_is_filled_by_what_the_office_knows_to_be_free(place: Path) -> None:
    before = json.loads(run(space_app, "match", "q", "--json", cwd=place).stdout)["matched"]
    gap = next(row for row in before if row["kind"] == "nursery")
    assert gap["space_id"] == ""
    homes = City.load(place / "q")["buildings"]
    office = homes.loc[homes["use"] == "office", "building_id"].iloc[0]
    told = f"楼栋编号,状态,空置面积,租期止\n{office},空置,800,\n"
    (place / "spaces.csv").write_bytes(told.encode("gbk"))
    rows = json.loads(run(space_app, "register", "q", "--table", "spaces.csv", "--json", cwd=place).stdout)
    mine = next(r for r in rows if r["space_id"] == office)
    assert (mine["status"], mine["floor_area_m2"], mine["stated"]) == ("vacant", 800, True)
    found = json.loads(
        run(space_app, "match", "q", "--table", "spaces.csv", "--uses", "--json", cwd=place).stdout
    )
    reasons = {row["kind"]: row["reason_en"] for row in found["matched"]}
    assert reasons["nursery"] != gap["reason_en"]  # there is room now, and its use is judged
    assert office in {u["space_id"] for u in found["uses"]} | {r["space_id"] for r in found["matched"]}
    shown = run(space_app, "match", "q", "--uses", cwd=place, lang="zh")
    assert "处缺口" in shown.stdout


def test_faults_name_the_row_of_the_sheet(place: Path) -> None:
    (place / "bad.csv").write_text("楼栋编号,状态,空置面积,租期止\nnone,空置,-1,明年\n", "utf-8")
    shown = run(space_app, "register", "q", "--table", "bad.csv", cwd=place)
    assert shown.exit_code == 2
    for word in ("row 2: no building 'none'", "row 2: lease_end is '明年'", "row 2: vacant_m2"):
        assert word in shown.stderr
    (place / "odd.csv").write_text("楼栋编号,颜色\nb1,红\n", "utf-8")
    with pytest.raises(HutongError) as caught:
        read_spaces(place / "odd.csv")
    assert caught.value.code == "no-columns"
