"""Pages of a workbook: cells with their style, print set-up, and a file that is the same for the same input."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from hutong.plan.results import Scheme
from hutong.text import Text

YUAN = '#,##0;[Red]-#,##0;"–"'
RATE, RATIO = "0.00%", "0.00"
#: What a formula shows where there is no figure.
NONE = '"无 none"'
#: Height of a line of text, points.
LINE_POINTS = 16
#: Headers of the two columns that name a row.
ITEM = (Text("项目", "Item in Chinese"), Text("项目（英文）", "Item"))
#: Days of a file that carries no date of its own.
_DAY = (1980, 1, 1, 0, 0, 0)


class Page:
    """One page: text is always text, figures a person may change are blue on yellow, headers stay in view."""

    def __init__(self, book: Any, title: str, widths: Sequence[float], pages_across: int = 1) -> None:
        from openpyxl.utils import get_column_letter

        self.sheet = book.create_sheet(title)
        self.title = title
        for at, width in enumerate(widths, 1):
            self.sheet.column_dimensions[get_column_letter(at)].width = width
        setup = self.sheet.page_setup
        setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = (
            "landscape",
            9,
            pages_across,
            0,
        )
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.sheet.oddFooter.center.text = f"{title}  &P / &N"
        self.sheet.sheet_view.showGridLines = False

    def freeze(self, cell: str, header_row: int) -> None:
        """Keep what is above and left of ``cell`` in view, and repeat the header row in print."""
        self.sheet.freeze_panes = cell
        self.sheet.print_title_rows = f"{header_row}:{header_row}"

    def text(self, row: int, column: int, value: str, *, bold: bool = False, wrap: bool = False) -> None:
        """Write text, whatever sign it starts with."""
        from openpyxl.styles import Alignment
        from openpyxl.utils import get_column_letter

        cell = self.sheet.cell(row, column, value)
        cell.data_type = "s"
        if bold:
            cell.font = _font(bold=True)
        if wrap:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            width = self.sheet.column_dimensions[get_column_letter(column)].width
            height = LINE_POINTS * ceil(cells_wide(value) / (width * 0.9))
            self.sheet.row_dimensions[row].height = max(height, self.sheet.row_dimensions[row].height or 0)

    def words(self, row: int, column: int, value: Text, *, bold: bool = False, wrap: bool = False) -> None:
        """Write a text in two cells, Chinese then English."""
        self.text(row, column, value.zh, bold=bold, wrap=wrap)
        self.text(row, column + 1, value.en, bold=bold, wrap=wrap)

    def figure(self, row: int, column: int, value: float, style: str, *, given: bool = False) -> None:
        """Write a figure; one that may be changed is marked as given. Unknown stays empty."""
        from openpyxl.styles import PatternFill

        cell = self.sheet.cell(row, column, None if value != value else value)
        cell.number_format = style
        if given:
            cell.font, cell.fill = _font(color="0000FF"), PatternFill("solid", fgColor="FFF8DC")

    def formula(self, row: int, column: int, value: str, style: str, *, bold: bool = False) -> None:
        """Write a formula."""
        cell = self.sheet.cell(row, column, f"={value}")
        cell.number_format = style
        if bold:
            cell.font = _font(bold=True)

    def header(self, row: int, words: Sequence[Text | int], first: int = 1) -> None:
        """Write a header: Chinese above English in one cell, or a year as a number."""
        from openpyxl.styles import Alignment, PatternFill

        for at, word in enumerate(words, first):
            cell = self.sheet.cell(row, at, word if isinstance(word, int) else f"{word.zh}\n{word.en}")
            cell.font, cell.fill = _font(bold=True), PatternFill("solid", fgColor="D9D6CF")
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        self.sheet.row_dimensions[row].height = 32

    def rule(self, row: int, columns: int) -> None:
        """Draw a line above a row of sums."""
        from openpyxl.styles import Border, Side

        for column in range(1, columns + 1):
            self.sheet.cell(row, column).border = Border(top=Side(style="thin"))

    def at(self, row: int, column: int) -> str:
        """Return the fixed address of a cell, for formulas of any page."""
        from openpyxl.utils import get_column_letter

        return f"'{self.title}'!${get_column_letter(column)}${row}"

    def across(self, row: int, first: int, last: int) -> str:
        """Return the fixed address of part of a row."""
        from openpyxl.utils import get_column_letter

        return f"'{self.title}'!${get_column_letter(first)}${row}:${get_column_letter(last)}${row}"

    def down(self, column: int, first: int, last: int) -> str:
        """Return the fixed address of part of a column."""
        from openpyxl.utils import get_column_letter

        letter = get_column_letter(column)
        return f"'{self.title}'!${letter}${first}:${letter}${last}"


def _font(**style: Any) -> Any:
    """Return the workbook's own font in another style (a font without a name is drawn in whatever the reader has)."""
    from openpyxl.styles import Font

    return Font(name="Calibri", size=11, **style)


def cells_wide(text: str) -> int:
    """Return the width of a text in digits: a Chinese character is as wide as two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


@dataclass(frozen=True)
class Frame:
    """What every page needs: the pages made so far, years across from column ``first``, and addresses of figures."""

    book: Any
    scheme: Scheme
    years: int
    inputs: dict[str, str]
    multipliers: tuple[str, str]  # columns of lines and of their levels
    loan_rate: float
    first: int = 4

    @property
    def last(self) -> int:
        """Column of the last year."""
        return self.first + self.years - 1

    def columns(self) -> range:
        """Columns of the years."""
        return range(self.first, self.last + 1)


def key(text: Text) -> str:
    """Return the name by which formulas find a party or a line."""
    return f"{text.zh} {text.en}"


def file_bytes(book: Any) -> bytes:
    """Return the workbook as a file without the time of writing: same content, same bytes."""
    raw, out = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, _DAY), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
