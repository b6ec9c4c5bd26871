"""Forms as .xlsx or .csv: written with ids, Chinese and English headers and drop-downs, read back cell by cell.

A form has three header rows (column ids, Chinese, English), then one row per object. The CSV is UTF-8 with a mark, so
that Excel shows Chinese; what Excel saves in GBK is read all the same.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hutong.city.text_table import FORMULA, decode, harmless, plain
from hutong.errors import HutongError
from hutong.text import Text

HEADER_ROWS = 3
#: Largest workbook that is read, unpacked, in bytes.
MOST_UNPACKED = 1_000_000_000
GUIDE = "说明 Read me"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form: its columns with headers, its rows of texts, and the answers offered per column."""

    id: str
    title: Text
    columns: Mapping[str, Text]
    rows: Sequence[Sequence[str]]
    choices: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: the columns, and per row its number in the file and its cells (blank: empty text)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def csv_bytes(sheet: Sheet) -> bytes:
    """Return a form as CSV (UTF-8 with a mark)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerow([t.zh for t in sheet.columns.values()])
    writer.writerow([t.en for t in sheet.columns.values()])
    writer.writerows([[harmless(c) for c in row] for row in sheet.rows])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Sequence[Sheet], guide: Sequence[Text]) -> bytes:
    """Return forms as a workbook: a page of instructions, then one page per form with drop-downs."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook(write_only=True)
    page = book.create_sheet(GUIDE)
    page.column_dimensions["A"].width = 70
    page.column_dimensions["B"].width = 90
    for text in guide:
        page.append([text_cell(page, text.zh), text_cell(page, text.en)])
    grey, fill = Font(color="888888", size=9), PatternFill("solid", fgColor="EFEDE8")
    for sheet in sheets:
        page = book.create_sheet(sheet.title.zh)
        page.freeze_panes = f"B{HEADER_ROWS + 1}"
        last = HEADER_ROWS + max(len(sheet.rows), 1)
        for at, name in enumerate(sheet.columns, 1):
            letter = get_column_letter(at)
            page.column_dimensions[letter].width = 16
            if name in sheet.choices:
                rule = DataValidation(
                    type="list", formula1=f'"{",".join(sheet.choices[name])}"', allow_blank=True
                )
                rule.error, rule.errorTitle = (
                    "请从列表中选择 / choose from the list",
                    sheet.columns[name].zh[:30],
                )
                rule.showErrorMessage = True
                rule.add(f"{letter}{HEADER_ROWS + 1}:{letter}{last}")
                page.data_validations.append(rule)
        for words, font in (
            (list(sheet.columns), grey),
            ([t.zh for t in sheet.columns.values()], Font(bold=True)),
            ([t.en for t in sheet.columns.values()], Font(italic=False, color="555555")),
        ):
            cells = []
            for word in words:
                cell = WriteOnlyCell(page, value=word)
                cell.font, cell.fill = font, fill
                cells.append(cell)
            page.append(cells)
        for row in sheet.rows:
            page.append([text_cell(page, c) for c in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_cell(page: Any, value: str) -> Any:
    """Return a cell that is text whatever it starts with."""
    if not value.startswith(FORMULA):
        return harmless(value) or None
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page, value=value)
    cell.data_type = "s"
    return cell


def read_sheets(path: Path) -> dict[str, Table]:
    """Return the forms in a file by title (of a CSV its file name), whatever they hold.

    Raises
    ------
    HutongError
        ``unreadable`` for a file that is missing, no form, or no text; ``wrong-encoding``.
    """
    if not path.is_file():
        raise _unreadable(path, Text("没有这个文件", "there is no such file"))
    if path.suffix.lower() == ".csv":
        text = decode(path.read_bytes(), None, path.name)
        grids = {path.stem: list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))}
    elif path.suffix.lower() == ".xlsx":
        grids = _workbook(path)
    else:
        raise _unreadable(path, Text("只读 .csv 和 .xlsx", "only .csv and .xlsx are read"))
    return {title: _table(path, title, grid) for title, grid in grids.items()}


def _workbook(path: Path) -> dict[str, list[list[str]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _small_enough(path)
        book = load_workbook(path, read_only=True)
        pages = [p for p in book.worksheets if p.title != GUIDE]
        grids, formulas = {}, []
        for page in pages:
            rows = list(page.iter_rows())
            formulas += [f"{page.title} {c.coordinate}" for row in rows for c in row if c.data_type == "f"]
            grids[page.title] = [[_word(c.value) for c in row] for row in rows]
    except (OSError, InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as caught:
        raise _unreadable(path, Text(str(caught), str(caught))) from caught
    if formulas:
        raise HutongError(
            "formula-in-form",
            Text(
                f"{path.name} 的 {len(formulas)} 个单元格是公式。",
                f"{len(formulas)} cells of {path.name} hold formulas.",
            ),
            Text(
                "请改成数值或文字（选择性粘贴为值）再读入。",
                "Turn them into values (paste as values), then read the form again.",
            ),
            formulas[:100],
        )
    return grids


def _small_enough(path: Path) -> None:
    """Refuse a workbook that unpacks to more than any form holds, before it is unpacked."""
    with zipfile.ZipFile(path) as archive:
        if sum(i.file_size for i in archive.infolist()) > MOST_UNPACKED:
            raise _unreadable(path, Text("展开后太大", "it is too large once unpacked"))


def _word(cell: Any) -> str:
    """Return a cell as text: whole numbers without a point, days as ISO, TRUE and FALSE as yes and no."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "strftime"):
        return str(cell.strftime("%Y-%m-%d"))
    return str(cell).strip()


def _table(path: Path, title: str, grid: list[list[str]]) -> Table:
    if len(grid) < HEADER_ROWS:
        raise _unreadable(path, Text(f"“{title}”缺少三行表头", f"{title!r} lacks its three header rows"))
    header = [c.strip() for c in grid[0]]
    while header and not header[-1]:
        header.pop()
    twice = {c for c in header if header.count(c) > 1}
    if twice or not all(header):
        what = "、".join(sorted(twice)) or "空"
        raise _unreadable(
            path, Text(f"“{title}”的表头有重复或空列：{what}", f"{title!r} has doubled or blank headers")
        )
    rows = []
    for line, cells in enumerate(grid[HEADER_ROWS:], HEADER_ROWS + 1):
        words = [c.strip() for c in cells]
        if any(words[len(header) :]):
            longer = Text(
                f"“{title}”第 {line} 行比表头长", f"row {line} of {title!r} is longer than its header"
            )
            raise _unreadable(path, longer)
        padded = (words + [""] * len(header))[: len(header)]
        if any(padded):
            rows.append((line, {k: plain(v) for k, v in zip(header, padded, strict=True)}))
    return Table(tuple(header), tuple(rows))


def _unreadable(path: Path, why: Text) -> HutongError:
    return HutongError(
        "unreadable",
        Text(f"{path.name} 无法读取：{why.zh}。", f"{path.name} cannot be read: {why.en}."),
        Text(
            "请使用本系统给出的表格（网页下载或 hutong survey template），不要改动前三行。",
            "Use a form as it was downloaded or made by hutong survey template, and leave its first three rows as they are.",
        ),
    )
