from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from hutong.city import City
from hutong.errors import HutongError
from hutong.files import write_bytes
from hutong.sense import checkup
from hutong.sense.cells import cells
from hutong.sense.sheets import csv_bytes, read_sheets
from hutong.sense.survey import apply_survey, read_survey, survey_guide, survey_sheets
from hutong.sense.survey_items import Item, survey_forms, survey_item
from hutong.text import Text

from .survey_answers import answered, filled, saved

DONE = {"survey_date": "2026-05-31", "surveyed_by": "街道办事处"}


def one(city: City, table: str):
    return survey_sheets(city, [table])[0]


def csv_file(path, sheet, encoding=None):
    data = csv_bytes(sheet)
    path.write_bytes(data if encoding is None else data.decode("utf-8-sig").encode(encoding))
    return path


def test_every_item_serves_or_corrects_something():
    served = {n for f in survey_forms().values() for i in f.items for n in i.national}
    assert {2, 7, 10, 18, 19, 21, 26, 27, 28, 29, 30, 31} <= served
    for form in survey_forms().values():
        for item in form.items:
            assert all((item.title.zh, item.title.en, item.help.zh, item.help.en))
    assert survey_item("buildings", "gas_hazard") is not None
    assert survey_item("buildings", "cond_structure") is None  # a column of the snapshot
    assert survey_item("requests", "gas_hazard") is None


def test_a_form_has_ids_names_and_places_filled_in(street):
    sheet = one(street, "buildings")
    assert list(sheet.columns)[:5] == ["building_id", "name", "form", "lon", "lat"]
    assert [row[0] for row in sheet.rows] == ["b1", "b2", "b3", "b4"]
    lon, lat = float(sheet.rows[0][3]), float(sheet.rows[0][4])
    assert 116 < lon < 118
    assert 39 < lat < 40
    assert sheet.choices["gas_hazard"] == ("是", "否")
    assert sheet.choices["cond_structure"] == ("A", "B", "C", "D")
    assert {s.id for s in survey_sheets(street)} == {"buildings", "estates", "streets", "blocks"}
    with pytest.raises(HutongError) as caught:
        survey_sheets(street, ["moon"])
    assert caught.value.code == "unknown-survey-table"


def test_the_workbook_has_instructions_headers_and_drop_downs(street, tmp_path):
    book = load_workbook(saved(tmp_path / "s.xlsx", street, survey_sheets(street)))
    assert book.sheetnames[0] == "说明 Read me"
    assert len(list(book.worksheets[0].iter_rows())) == len(survey_guide(street))
    page = book["楼栋（院）"]
    assert page.freeze_panes == "B4"
    assert [c.value for c in page[1]][:1] == ["building_id"]
    assert "结构安全等级" in [c.value for c in page[2]][5]
    assert "Structure" in [c.value for c in page[3]][5]
    rules = page.data_validations.dataValidation
    assert {r.formula1 for r in rules} == {'"A,B,C,D"', '"是,否"'}
    assert all(str(r.sqref).endswith("7") for r in rules)  # four buildings below three header rows


def test_both_kinds_of_file_say_the_same(street, tmp_path):
    sheets = filled(street)
    book = read_survey(street, [saved(tmp_path / "s.xlsx", street, sheets)])
    files = [csv_file(tmp_path / f"{s.id}.csv", s) for s in sheets]
    assert files[0].read_bytes().startswith(b"\xef\xbb\xbf")
    pd.testing.assert_frame_equal(book.answers, read_survey(street, files).answers)
    gbk = [csv_file(tmp_path / f"g{s.id}.csv", s, "gb18030") for s in sheets]
    pd.testing.assert_frame_equal(book.answers, read_survey(street, gbk).answers)
    assert book.until == "2026-05-31"


def test_answers_become_observed_and_what_was_there_is_replaced(rebuilt, tmp_path):
    city = rebuilt(origin="assumed")
    sheet = answered(one(city, "buildings"), 0, cond_structure="A", insulated="是", gas_hazard="是", **DONE)
    sheet = answered(sheet, 2, gas_hazard="no", **DONE)
    new = apply_survey(city, read_survey(city, [saved(tmp_path / "s.xlsx", city, [sheet])]))
    assert new["buildings"]["cond_structure"].tolist()[:2] == [1.0, 2.0]
    assert new.origin("buildings", "cond_structure").tolist() == [0, 2, -1, 2]
    assert bool(new["buildings"]["insulated"].iloc[0]) is True
    got = cells(new, "buildings", "survey.gas_hazard")
    np.testing.assert_array_equal(got.values, [1, np.nan, 0, np.nan])
    assert got.origin.tolist() == [0, -1, 0, -1]
    assert new.meta.date == "2026-05-31"
    assert "街道办事处" in next(s.title for s in new.meta.sources if s.id == "survey")
    assert city["buildings"]["cond_structure"].iloc[0] == 3.0  # the old snapshot is what it was
    loaded = City.load(new.save(tmp_path / "new"))
    assert loaded.hash == new.hash


def test_a_second_survey_replaces_the_first(street, tmp_path):
    def surveyed(city, day, answer):
        sheet = answered(one(city, "blocks"), 0, old_block=answer, survey_date=day, surveyed_by="甲")
        return apply_survey(city, read_survey(city, [saved(tmp_path / f"{day}.xlsx", city, [sheet])]))

    twice = surveyed(surveyed(street, "2026-03-01", "是"), "2026-09-01", "否")
    assert twice["survey"]["value"].tolist() == [0.0]
    assert twice.meta.date == "2026-09-01"
    assert sum(s.id == "survey" for s in twice.meta.sources) == 1


def test_what_was_surveyed_is_checked(street, tmp_path, rules):
    city = apply_survey(street, read_survey(street, [saved(tmp_path / "s.xlsx", street, filled(street))]))
    check = checkup(city, rules)
    gas = check.overall("gas_hazard")
    assert (gas["value"], gas["n"], gas["coverage"]) == (pytest.approx(2 / 3), 3, 1.0)  # b4 is an office
    finding = next(f for f in check.findings if f.indicator == "gas_hazard" and f.scale == "estate")
    assert finding.objects == ("b1",)
    assert check.overall("footpath_unfit")["value"] == pytest.approx(0.6)  # streets 0, 2, 4 of 200 m
    assert check.overall("manholes_faulty")["value"] == 1 + 3 + 1 + 3 + 1
    before = checkup(street, rules).overall("gas_hazard")
    assert before["status"] == "unknown"
    assert before["reason_en"] == "not surveyed yet"


def test_part_of_a_count_without_faults_is_unknown(street, tmp_path, rules):
    sheet = answered(one(street, "streets"), 0, manholes_faulty="0", **DONE)
    city = apply_survey(street, read_survey(street, [saved(tmp_path / "s.xlsx", street, [sheet])]))
    row = checkup(city, rules).overall("manholes_faulty")
    assert row["status"] == "unknown"
    assert row["reason_en"] == "only 1 of 5 are known; it is at least 0"


FAULTS = [
    ({"cond_structure": "E", **DONE}, "cond_structure: 'E' must be A, B, C or D"),
    ({"gas_hazard": "maybe", **DONE}, "gas_hazard: 'maybe' must be 是 (yes) or 否 (no)"),
    ({"storeys": "2.5", **DONE}, "storeys: '2.5' must be a whole number"),
    ({"storeys": "0", **DONE}, "storeys: '0' must be at least 1"),
    ({"built_year": "3001", **DONE}, "built_year: '3001' must be at most 2100"),
    ({"storeys": "nan", **DONE}, "storeys: 'nan' must be a whole number"),
    ({"gas_hazard": "是", "surveyed_by": "甲"}, "survey_date: '' is no day"),
    ({"gas_hazard": "是", "surveyed_by": "甲", "survey_date": "31.5."}, "survey_date: '31.5.' is no day"),
    ({"gas_hazard": "是", "survey_date": "2026-05-31"}, "surveyed_by: missing"),
    ({"building_id": "x9", "gas_hazard": "是", **DONE}, "building_id: there is no such id in buildings"),
]


@pytest.mark.parametrize(("written", "said"), FAULTS)
def test_a_fault_is_named_by_row_and_column(street, tmp_path, written, said):
    sheet = answered(one(street, "buildings"), 1, **written)
    with pytest.raises(HutongError) as caught:
        read_survey(street, [csv_file(tmp_path / "s.csv", sheet)])
    assert caught.value.code == "invalid-survey"
    (row,) = caught.value.rows
    assert f"s.csv row 5 (id {written.get('building_id', 'b2')})" in row
    assert said in row


def test_all_faults_are_told_at_once_and_nothing_is_read(street, tmp_path):
    sheet = answered(one(street, "buildings"), 0, gas_hazard="是", **DONE)
    sheet = answered(sheet, 1, gas_hazard="?", **DONE)
    sheet = answered(sheet, 2, cond_fire="Z", **DONE)
    with pytest.raises(HutongError) as caught:
        read_survey(street, [saved(tmp_path / "s.xlsx", street, [sheet])])
    assert len(caught.value.rows) == 2


def test_an_object_answered_twice_is_a_fault(street, tmp_path):
    sheet = answered(one(street, "buildings"), 0, gas_hazard="是", **DONE)
    files = [csv_file(tmp_path / f"{k}.csv", sheet) for k in "ab"]
    with pytest.raises(HutongError) as caught:
        read_survey(street, files)
    assert "answered already in a.csv row 4" in caught.value.rows[0]


def test_files_that_are_no_forms(street, tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n甲,乙\nx,y\n1,2\n", "utf-8")
    (tmp_path / "b.csv").write_text("only\none\n", "utf-8")
    (tmp_path / "c.csv").write_text("x,x\n甲,乙\nx,y\n", "utf-8")
    (tmp_path / "d.csv").write_text("x\n甲\nx\n1,2\n", "utf-8")
    (tmp_path / "e.xlsx").write_bytes(b"no workbook")
    (tmp_path / "f.pdf").write_bytes(b"")
    codes = {"a.csv": "invalid-survey", "missing.csv": "unreadable"}
    for name in ("a.csv", "b.csv", "c.csv", "d.csv", "e.xlsx", "f.pdf", "missing.csv"):
        with pytest.raises(HutongError) as caught:
            read_survey(street, [tmp_path / name])
        assert caught.value.code == codes.get(name, "unreadable"), name
    with pytest.raises(HutongError) as caught:
        read_survey(street, [csv_file(tmp_path / "blank.csv", one(street, "buildings"))])
    assert caught.value.code == "empty-survey"
    strange = one(street, "buildings")
    more = {**strange.columns, "colour": Text("颜色", "colour")}
    sheet = type(strange)(strange.id, strange.title, more, [[*r, ""] for r in strange.rows], {})
    with pytest.raises(HutongError) as caught:
        read_survey(street, [csv_file(tmp_path / "more.csv", sheet)])
    assert "there is no column 'colour'" in caught.value.rows[0]


def test_a_name_is_never_a_formula(rebuilt, tmp_path):
    city = rebuilt(buildings=lambda t: t.assign(name=["=1+1", "@x", "-2", "楼"]))
    sheet = answered(one(city, "buildings"), 0, gas_hazard="是", **DONE)
    page = load_workbook(saved(tmp_path / "s.xlsx", city, [sheet])).worksheets[1]
    assert (page["B4"].value, page["B4"].data_type) == ("=1+1", "s")
    path = csv_file(tmp_path / "s.csv", sheet)
    assert ",'=1+1," in path.read_text("utf-8-sig")
    assert read_sheets(path)["s"].rows[0][1]["name"] == "=1+1"


def test_output_is_not_overwritten(tmp_path):
    write_bytes(tmp_path / "x", b"1")
    with pytest.raises(HutongError) as caught:
        write_bytes(tmp_path / "x", b"2")
    assert caught.value.code == "exists"
    with pytest.raises(HutongError) as caught:
        write_bytes(tmp_path / "no" / "x", b"2")
    assert caught.value.code == "cannot-write"
    assert (tmp_path / "x").read_bytes() == b"1"


@given(st.text(max_size=6), st.sampled_from(["yes_no", "grade", "count", "number", "year"]))
def test_an_answer_is_a_number_within_limits_or_refused(word, kind):
    item = Item("t", "i", kind, Text("", ""), Text("", ""), (), False, 0.0, 50.0)
    with contextlib.suppress(ValueError):
        value = item.read(word)
        assert 0 <= value <= 50
        assert value == round(value) or kind == "number"
