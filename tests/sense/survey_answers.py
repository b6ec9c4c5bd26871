"""A filled survey: every item of every form answered, as a field team would bring it back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hutong.city import City
from hutong.sense.sheets import Sheet, xlsx_bytes
from hutong.sense.survey import survey_guide, survey_sheets
from hutong.sense.survey_items import survey_forms

BY_KIND = {"yes_no": ("是", "否"), "grade": tuple("ABCD"), "count": ("1", "3"), "year": ("1990", "2010")}


def filled(city: City, tables: list[str] | None = None) -> list[Sheet]:
    out = []
    for sheet in survey_sheets(city, tables):
        names = list(sheet.columns)
        rows = []
        for k, row in enumerate(sheet.rows):
            cells = list(row)
            for item in survey_forms()[sheet.id].items:
                answers = BY_KIND[item.kind]
                cells[names.index(item.name)] = answers[k % len(answers)]
            cells[names.index("survey_date")] = "2026-05-31"
            cells[names.index("surveyed_by")] = "街道办事处"
            rows.append(cells)
        out.append(replace(sheet, rows=rows))
    return out


def answered(sheet: Sheet, row: int, **cells: str) -> Sheet:
    """Return a form with some cells of one row written."""
    names = list(sheet.columns)
    rows = [list(r) for r in sheet.rows]
    for name, value in cells.items():
        rows[row][names.index(name)] = value
    return replace(sheet, rows=rows)


def saved(path: Path, city: City, sheets: list[Sheet]) -> Path:
    path.write_bytes(xlsx_bytes(sheets, survey_guide(city)))
    return path
