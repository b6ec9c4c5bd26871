"""A snapshot's answers as a table for the office: what is known today goes out, and what was changed in it comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.city.schema import ORIGINS, schema
from hutong.errors import HutongError
from hutong.sense.sheets import Sheet, Table, read_sheets
from hutong.sense.survey import ANSWER_COLUMNS, Survey, form_of, survey_sheets
from hutong.sense.survey_items import Form, Item, survey_forms
from hutong.text import Text

_DAY, _BY, _NOTE = "survey_date", "surveyed_by", "note"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs from the snapshot: what is known today (None: unknown) with its origin, and what comes."""

    table: str
    object: str
    item: str
    before: float | None
    origin: str
    after: float
    date: str
    source: str


def known_values(city: City, item: Item) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Return an item's value for every object of its table (NaN: unknown) and the origin of each ("": unknown)."""
    frame = city[item.table]
    if item.column:
        values = frame[item.name].to_numpy(dtype=float, na_value=np.nan)
        codes = city.origin(item.table, item.name).astype(np.int64)
        return values, np.array(["", *ORIGINS], dtype=object)[codes + 1]
    survey = city["survey"]
    mine = survey[
        (survey["object_table"].astype(str) == item.table) & (survey["item"].astype(str) == item.name)
    ]
    answers = pd.Series(mine["value"].to_numpy(float), index=mine["object_id"].astype(str))
    key = str(schema().tables[item.table].key)
    values = answers.reindex(frame[key].astype(str)).to_numpy(float)
    return values, np.where(np.isnan(values), "", "observed").astype(object)


def known_sheets(city: City, tables: Sequence[str] | None = None) -> list[Sheet]:
    """Return the survey forms of a city with what is known today filled in; blank means unknown.

    Raises
    ------
    HutongError
        ``unknown-survey-table``.
    """
    out = []
    for sheet in survey_sheets(city, tables):
        form = survey_forms()[sheet.id]
        names = list(sheet.columns)
        rows = [list(row) for row in sheet.rows]
        for item in form.items:
            at = names.index(item.name)
            for row, value in zip(rows, known_values(city, item)[0], strict=True):
                row[at] = "" if np.isnan(value) else item.write(value)
        out.append(Sheet(sheet.id, sheet.title, sheet.columns, rows, sheet.choices))
    return out


def read_changes(city: City, path: Path, day: str, source: str) -> list[Change]:
    """Read a table that came back, and return the cells that differ from the snapshot; blank cells change nothing.

    Parameters
    ----------
    day, source
        When and by whom it was found out (ISO day), for rows that do not say so themselves.

    Raises
    ------
    HutongError
        ``invalid-survey`` naming sheet, row, id and column of every fault; ``unreadable``, ``formula-in-form``;
        ``no-changes``.
    """
    faults: list[str] = []
    out: list[Change] = []
    seen: dict[tuple[str, str], str] = {}
    for title, table in read_sheets(path).items():
        form = form_of(table)
        if form is None:
            faults.append(f"“{title}”: no form begins with these columns / 表头不是调查表")
            continue
        faults += _strange(form, table, title)
        out += _changes(city, form, table, title, (day, source), seen, faults)
    if faults:
        raise HutongError(
            "invalid-survey",
            Text(f"表格有 {len(faults)} 处不合格。", f"The table has {len(faults)} faults."),
            Text(
                "请改正所列各处后重试；没有写入任何数据。",
                "Mend what is listed and try again; nothing was written.",
            ),
            faults,
        )
    if not out:
        raise HutongError(
            "no-changes",
            Text("表格与快照完全相同。", "The table says what the snapshot says."),
            Text(
                "没有需要写入的改动；空白格表示不改。",
                "There is nothing to apply; a blank cell changes nothing.",
            ),
        )
    return out


def _strange(form: Form, table: Table, title: str) -> list[str]:
    key = str(schema().tables[form.table].key)
    allowed = {key, *form.shown, "lon", "lat", _DAY, _BY, _NOTE, *(i.name for i in form.items)}
    return [f"“{title}”: there is no column {c!r} / 没有这一列" for c in table.columns if c not in allowed]


def _changes(
    city: City, form: Form, table: Table, title: str, default: tuple[str, str], seen: dict[tuple[str, str], str],
    faults: list[str],
) -> Iterator[Change]:  # fmt: skip
    """Yield the changes of one table; faults are added to the list."""
    key = str(schema().tables[form.table].key)
    at = {str(v): i for i, v in enumerate(city[form.table][key])}
    items = [i for i in form.items if i.name in table.columns]
    known = {i.name: known_values(city, i) for i in items}
    for line, cells in table.rows:
        place = f"“{title}” row {line} (id {cells[key] or '?'})"
        row = at.get(cells[key])
        if row is None:
            faults.append(f"{place}, {key}: there is no such id in {form.table} / 没有这个编号")
            continue
        before = seen.setdefault((form.table, cells[key]), place)
        if before != place:
            faults.append(f"{place}: stands already in {before} / 重复")
            continue
        found = list(_row(cells, items, known, row, place, faults))
        date, by = cells.get(_DAY) or default[0], cells.get(_BY) or default[1]
        if found and not _is_day(date):
            faults.append(f"{place}, {_DAY}: {date!r} is no day such as 2026-05-31 / 日期应写成 2026-05-31")
        if found and not by.strip():
            faults.append(f"{place}, {_BY}: missing / 缺调查单位")
        for item, old, origin, new in found:
            yield Change(form.table, cells[key], item, old, origin, new, date, by)


def _row(
    cells: dict[str, str], items: list[Item],
    known: dict[str, tuple[NDArray[np.float64], NDArray[np.object_]]], row: int, place: str, faults: list[str],
) -> Iterator[tuple[str, float | None, str, float]]:  # fmt: skip
    """Yield the answers of one row that differ: item, what stood there, its origin, what comes; faults are added."""
    for item in items:
        word = cells[item.name]
        if not word:
            continue
        try:
            new = item.read(word)
        except ValueError as caught:
            why: Text = caught.args[0]
            faults.append(f"{place}, {item.name}: {word!r} {why.en} / {why.zh}")
            continue
        old, origin = known[item.name][0][row], str(known[item.name][1][row])
        if np.isnan(old) or new != old:
            yield item.name, None if np.isnan(old) else float(old), origin, new


def _is_day(word: str) -> bool:
    try:
        dt.date.fromisoformat(word)
    except ValueError:
        return False
    return True


def survey_of(changes: Sequence[Change], name: str) -> Survey:
    """Return changes as the survey that :func:`~hutong.sense.survey.apply_survey` puts into a new snapshot."""
    rows = [(c.table, c.object, c.item, c.after, c.date, c.source) for c in changes]
    return Survey(pd.DataFrame(rows, columns=list(ANSWER_COLUMNS)), (name,))
