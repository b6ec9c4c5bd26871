"""Field surveys: forms for the teams, answers read whole or not at all, and a snapshot that holds them as observed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hutong.city import City, Provenance, Source, schema
from hutong.city.meta import MIXED
from hutong.city.schema import ORIGIN_SUFFIX, ORIGINS
from hutong.city.snapshot import OBSERVED
from hutong.errors import HutongError
from hutong.sense.sheets import Sheet, Table, read_sheets
from hutong.sense.survey_items import Form, Item, survey_forms
from hutong.text import Text

#: Columns of :attr:`Survey.answers`; ``table`` is that of the object, ``value`` a number (yes 1, no 0; grades 1 to 4).
ANSWER_COLUMNS = ("table", "object", "item", "value", "date", "source")
SURVEY_SOURCE = "survey"
_SHOWN = {
    "name": Text("名称", "name"),
    "form": Text("形态", "form"),
    "kind": Text("类别", "kind"),
    "length_m": Text("长度（米）", "length (m)"),
    "lon": Text("经度（WGS 84）", "longitude (WGS 84)"),
    "lat": Text("纬度（WGS 84）", "latitude (WGS 84)"),
}
_LAST = {
    "survey_date": Text("调查日期（2026-05-31）", "day of survey (2026-05-31)"),
    "surveyed_by": Text("调查单位", "surveyed by"),
    "note": Text("备注（不读入）", "note (not read)"),
}


@dataclass(frozen=True)
class Survey:
    """What field teams found: one row per object and item in ``answers`` (``ANSWER_COLUMNS``)."""

    answers: pd.DataFrame
    files: tuple[str, ...]

    @property
    def until(self) -> str:
        """The last day of the survey (ISO)."""
        return str(self.answers["date"].max())


def survey_sheets(city: City, tables: Sequence[str] | None = None) -> list[Sheet]:
    """Return the forms of a city: one row per object, with its id, name and position filled in.

    Raises
    ------
    HutongError
        ``unknown-survey-table`` for a table that has no form.
    """
    wanted = list(survey_forms()) if tables is None else list(tables)
    strange = [t for t in wanted if t not in survey_forms()]
    if strange:
        raise HutongError(
            "unknown-survey-table",
            Text(f"没有 {'、'.join(strange)} 的调查表。", f"There is no form for {', '.join(strange)}."),
            Text(f"可选：{'、'.join(survey_forms())}。", f"There are forms for {', '.join(survey_forms())}."),
        )
    return [_sheet(city, survey_forms()[table]) for table in wanted if len(city[table])]


def _sheet(city: City, form: Form) -> Sheet:
    key, frame = str(schema().tables[form.table].key), city[form.table]
    columns = {key: Text("编号（勿改）", "id (leave as it is)")}
    columns |= {name: _SHOWN[name] for name in (*form.shown, "lon", "lat")}
    columns |= {i.name: _header(i) for i in form.items} | _LAST
    points = frame.geometry.representative_point().to_crs("EPSG:4326")
    blank = [""] * (len(form.items) + len(_LAST))
    shown = [[_shown(v) for v in frame[name].astype(object)] for name in form.shown]
    rows = [
        [str(i), *cells, f"{x:.6f}", f"{y:.6f}", *blank]
        for i, *cells, x, y in zip(frame[key], *shown, points.x, points.y, strict=True)
    ]
    choices = {i.name: i.choices for i in form.items if i.choices}
    return Sheet(form.table, form.title, columns, rows, choices)


def _header(item: Item) -> Text:
    answers = "/".join(item.choices)
    mark = f"［{answers}］" if answers else ""
    return Text(f"{item.title.zh}{mark}", f"{item.title.en}{f' [{answers}]' if answers else ''}")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.1f}"
    return "" if value is None or value is pd.NA else str(value)


def survey_guide(city: City) -> list[Text]:
    """Return the instructions that go with the forms, one line each."""
    lines = [
        Text(f"{city.meta.title.zh} 现场调查表（{city.meta.date} 快照）", f"Field survey of {city.meta.title.en} (snapshot of {city.meta.date})"),
        Text("每行是一个对象；编号、名称、经纬度已填好，请勿改动前三行表头和编号列。", "One row per object; ids, names and positions are filled in. Leave the three header rows and the ids as they are."),
        Text("不知道的留空，不要填 0 或“否”；留空表示未知。", "Leave blank what is not known, never 0 or no: blank means unknown."),
        Text("填了任何一项的行，都要写调查日期和调查单位。", "A row with any answer needs the day of the survey and who surveyed."),
        Text("等级：A 完好，B 一般，C 局部危险或明显破损，D 整体危险（参照 JGJ 125-2016）。", "Grades: A sound, B fair, C partly dangerous or clearly worn, D dangerous as a whole (after JGJ 125-2016)."),
    ]  # fmt: skip
    for form in survey_forms().values():
        for item in form.items:
            served = f"（指标 {'、'.join(map(str, item.national))}）" if item.national else ""
            serves = f" (indicator {', '.join(map(str, item.national))})" if item.national else ""
            lines.append(
                Text(
                    f"{form.title.zh} · {item.title.zh}{served}：{item.help.zh}",
                    f"{form.title.en} · {item.title.en}{serves}: {item.help.en}",
                )
            )
    return lines


def read_survey(city: City, paths: Sequence[Path]) -> Survey:
    """Read filled forms and check every cell against the city; nothing is read unless all is well.

    Raises
    ------
    HutongError
        ``invalid-survey`` with file, row, id and column of every fault; ``unreadable``; ``empty-survey``.
    """
    answers: list[tuple[Any, ...]] = []
    faults: list[str] = []
    seen: dict[tuple[str, str, str], str] = {}
    for path in paths:
        for title, table in read_sheets(path).items():
            where = path.name if len(table.rows) == 0 or path.suffix == ".csv" else f"{path.name} “{title}”"
            form = form_of(table)
            if form is None:
                faults.append(f"{where}: no form begins with these columns / 表头不是调查表")
                continue
            for answer, line in _answers(city, form, table, where, faults):
                place = f"{where} row {line}"
                before = seen.setdefault(answer[:3], place)
                if before != place:
                    faults.append(
                        f"{place} (id {answer[1]}), {answer[2]}: answered already in {before} / 重复填报"
                    )
                answers.append(answer)
    if faults:
        raise HutongError(
            "invalid-survey",
            Text(f"调查表有 {len(faults)} 处不合格。", f"The survey has {len(faults)} faults."),
            Text(
                "请改正所列各处后重试；没有读入任何数据。",
                "Mend what is listed and try again; nothing was read.",
            ),
            faults,
        )
    if not answers:
        raise HutongError(
            "empty-survey",
            Text("调查表里没有填写任何一项。", "The survey has no answers."),
            Text("请填写后再读入。", "Fill it in, then read it."),
        )
    return Survey(pd.DataFrame(answers, columns=list(ANSWER_COLUMNS)), tuple(p.name for p in paths))


def form_of(table: Table) -> Form | None:
    """Return the form to which a table belongs: its first column is the key of the form's objects."""
    for form in survey_forms().values():
        if table.columns and table.columns[0] == schema().tables[form.table].key:
            return form
    return None


def _answers(
    city: City, form: Form, table: Table, where: str, faults: list[str]
) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Yield the answers of one table with their rows; faults are added to the list."""
    key = table.columns[0]
    items = {i.name: i for i in form.items}
    allowed = {key, *form.shown, "lon", "lat", *items, *_LAST}
    faults += [f"{where}: there is no column {c!r} / 没有这一列" for c in table.columns if c not in allowed]
    ids = set(city[form.table][key].astype(str))
    for line, cells in table.rows:
        filled = {n: cells[n] for n in items if cells.get(n)}
        place = f"{where} row {line} (id {cells[key] or '?'})"
        if cells[key] not in ids:
            faults.append(f"{place}, {key}: there is no such id in {form.table} / 没有这个编号")
            continue
        if not filled:
            continue
        day, by = cells.get("survey_date", ""), cells.get("surveyed_by", "").strip()
        fault = _day_fault(day)
        if fault:
            faults.append(f"{place}, survey_date: {fault}")
        if not by:
            faults.append(f"{place}, surveyed_by: missing / 缺调查单位")
        for name, word in filled.items():
            try:
                value = items[name].read(word)
            except ValueError as caught:
                why: Text = caught.args[0]
                faults.append(f"{place}, {name}: {word!r} {why.en} / {why.zh}")
                continue
            yield (form.table, cells[key], name, value, day, by), line


def _day_fault(day: str) -> str:
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return f"{day!r} is no day such as 2026-05-31 / 日期应写成 2026-05-31"
    return ""


def apply_survey(city: City, survey: Survey, title: str = "") -> City:
    """Return a new snapshot that holds the answers as observed; what they contradict is replaced.

    Answers that are columns of the snapshot go there, the others into its table ``survey``. The snapshot's day
    becomes the last day of the survey if that is later.

    Raises
    ------
    HutongError
        ``invalid-data`` where an answer is outside a column's limits.
    """
    tables = dict(city.tables)
    provenance = {k: dict(v) for k, v in city.provenance.items()}
    own = {(i.table, i.name): i.column for f in survey_forms().values() for i in f.items}
    into_columns = np.array(
        [own[t, i] for t, i in zip(survey.answers["table"], survey.answers["item"], strict=True)], bool
    )
    for (table, item), rows in survey.answers[into_columns].groupby(["table", "item"], sort=True):
        _into_column(city, tables, provenance, str(table), str(item), rows)
    rest = survey.answers[~into_columns]
    if len(rest):
        tables["survey"] = _into_survey(tables["survey"], rest)
        provenance["survey"] = {
            c: Provenance("observed", SURVEY_SOURCE) for c in schema().tables["survey"].columns
        }
    by = "、".join(sorted(set(survey.answers["source"])))
    source = Source(
        SURVEY_SOURCE, title or f"现场调查 field survey: {by} ({', '.join(survey.files)})", "own data"
    )
    sources = (*(s for s in city.meta.sources if s.id != SURVEY_SOURCE), source)
    meta = replace(city.meta, date=max(city.meta.date, survey.until), sources=sources)
    return City.build(meta, tables, provenance, what="survey")


def _into_column(
    city: City,
    tables: dict[str, pd.DataFrame],
    provenance: dict[str, dict[str, Provenance]],
    table: str,
    column: str,
    rows: pd.DataFrame,
) -> None:
    """Put answers into a column of a table; their cells become observed."""
    frame = tables[table].copy()
    key = pd.Index(frame[str(schema().tables[table].key)].astype(str))
    at = key.get_indexer(pd.Index(rows["object"]))
    codes = city.origin(table, column).copy()
    if schema().tables[table].columns[column].kind == "bool":
        values = frame[column].copy()
        values.iloc[at] = rows["value"].to_numpy() == 1
    else:
        values = frame[column].astype("float64").copy()
        values.iloc[at] = rows["value"].to_numpy(np.float64)
    frame[column] = values
    codes[at] = OBSERVED
    cell = column + ORIGIN_SUFFIX
    kinds = np.unique(codes[codes >= 0])
    old = provenance.get(table, {}).get(column)
    known = [] if old is None or not (city.origin(table, column) >= 0).any() else old.source.split("+")
    joined = "+".join(dict.fromkeys([*known, SURVEY_SOURCE]))
    if len(kinds) == 1:
        frame = frame.drop(columns=[cell], errors="ignore")
        provenance.setdefault(table, {})[column] = Provenance(ORIGINS[int(kinds[0])], joined)
    else:
        frame[cell] = pd.Categorical.from_codes(codes, categories=list(ORIGINS))
        provenance.setdefault(table, {})[column] = Provenance(MIXED, joined)
    tables[table] = frame


def _into_survey(old: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the table of surveys with new answers in the place of old ones for the same object and item."""
    new = pd.DataFrame(
        {
            "object_table": rows["table"],
            "object_id": rows["object"],
            "item": rows["item"],
            "value": rows["value"],
            "time": pd.to_datetime(rows["date"], utc=True),
            "source": rows["source"],
        }
    )
    known = pd.concat([old, new], ignore_index=True) if len(old) else new
    last = ~known.duplicated(["object_table", "object_id", "item"], keep="last")
    order = ["object_table", "item", "object_id"]
    return known[last].sort_values(order, kind="stable").reset_index(drop=True)
