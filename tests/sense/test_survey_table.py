"""What is known goes out, what was changed comes back, and nothing else."""

import io

import numpy as np
import pytest
from openpyxl import load_workbook

from hutong.errors import HutongError
from hutong.sense.sheets import GUIDE, xlsx_bytes
from hutong.sense.survey import apply_survey
from hutong.sense.survey_items import survey_forms
from hutong.sense.survey_table import known_sheets, known_values, read_changes, survey_of
from hutong.text import Text


@pytest.fixture(scope="module")
def city():
    from hutong.city import make_quarter

    return make_quarter(dwellings=300, seed=1)


def book(city, tables=None):
    return load_workbook(io.BytesIO(xlsx_bytes(known_sheets(city, tables), [Text("说明", "Read me")])))


def put(page, row, column, value):
    names = [c.value for c in page[1]]
    page.cell(row, names.index(column) + 1).value = value


def back(made, tmp_path, city, day="2026-05-31", source="街道"):
    path = tmp_path / "back.xlsx"
    made.save(path)
    return read_changes(city, path, day, source)


def test_an_answer_written_is_the_answer_read():
    for form in survey_forms().values():
        for item in form.items:
            values = {"yes_no": (0, 1), "grade": (1, 2, 3, 4)}.get(item.kind, (item.min or 1, 1234567.0))
            for value in values:
                if item.max is None or value <= item.max:
                    assert item.read(item.write(value)) == value
                    assert item.read(item.told(value).en) == item.read(item.told(value).zh) == value


def test_a_table_sent_back_as_it_was_changes_nothing(city, tmp_path):
    with pytest.raises(HutongError) as caught:
        back(book(city), tmp_path, city)
    assert caught.value.code == "no-changes"


def test_changed_cells_come_back_with_what_stood_there(city, tmp_path):
    made = book(city, ["buildings"])
    page = made.worksheets[1]
    key = page.cell(5, 1).value
    items = {i.name: i for i in survey_forms()["buildings"].items}
    storeys, origin = known_values(city, items["storeys"])
    lift, lift_origin = known_values(city, items["lift"])
    put(page, 5, "storeys", int(storeys[1]) + 1)
    put(page, 5, "lift", "否" if lift[1] == 1 else "是")
    put(page, 6, "gas_hazard", "yes")
    put(page, 6, "survey_date", "2026-06-01")
    found = back(made, tmp_path, city)
    assert {(c.object, c.item, c.before, c.origin, c.after, c.date) for c in found} == {
        (key, "storeys", storeys[1], origin[1], storeys[1] + 1, "2026-05-31"),
        (key, "lift", lift[1], lift_origin[1], 1 - lift[1], "2026-05-31"),
        (page.cell(6, 1).value, "gas_hazard", None, "", 1.0, "2026-06-01"),
    }  # fmt: skip
    after = apply_survey(city, survey_of(found, "back.xlsx"))
    assert known_values(after, items["storeys"])[0][1] == storeys[1] + 1
    assert known_values(after, items["gas_hazard"])[0][2] == 1
    changed = [i.name for i in items.values() if not np.array_equal(
        known_values(city, i)[0], known_values(after, i)[0], equal_nan=True)]  # fmt: skip
    assert sorted(changed) == ["gas_hazard", "lift", "storeys"]
    assert {c.item for c in back(book(city, ["buildings"]), tmp_path, after)} == {"storeys", "lift"}


def test_faults_name_sheet_row_and_column_and_nothing_is_read(city, tmp_path):
    made = book(city, ["buildings"])
    page = made.worksheets[1]
    put(page, 4, "storeys", "many")
    put(page, 5, "building_id", "b-nowhere")
    put(page, 6, "cond_pipes", "E")
    put(page, 7, "building_id", page.cell(8, 1).value)
    put(
        page,
        9,
        "lift",
        "是" if page.cell(9, [c.value for c in page[1]].index("lift") + 1).value == "否" else "否",
    )
    put(page, 9, "survey_date", "31.5.2026")
    with pytest.raises(HutongError) as caught:
        back(made, tmp_path, city)
    rows = caught.value.rows
    assert len(rows) == 5
    for row, column in (
        (4, "storeys"),
        (5, "building_id"),
        (6, "cond_pipes"),
        (8, "stands already"),
        (9, "survey_date"),
    ):
        assert any(f"row {row} " in r and column in r for r in rows), rows


def test_formulas_are_refused_by_cell_and_texts_that_look_like_them_stay_text(city, tmp_path):
    made = book(city, ["buildings"])
    page = made.worksheets[1]
    put(page, 4, "note", '=HYPERLINK("http://x","y")')
    with pytest.raises(HutongError) as caught:
        back(made, tmp_path, city)
    assert caught.value.code == "formula-in-form"
    assert any("4" in row for row in caught.value.rows)
    sheet = known_sheets(city, ["buildings"])[0]
    rows = [list(sheet.rows[0])]
    rows[0][1] = "=1+1"
    evil = type(sheet)(sheet.id, sheet.title, sheet.columns, rows, sheet.choices)
    written = load_workbook(io.BytesIO(xlsx_bytes([evil], [Text("=1", "+1")])))
    assert {c.data_type for p in written for row in p.iter_rows() for c in row if c.value} <= {"s", "n"}
    assert written.worksheets[0].title == GUIDE
