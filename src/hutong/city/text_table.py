"""Read a table of text (CSV) in whatever encoding it was saved, or say plainly why not; write one that no spreadsheet computes.

What is written is read back as it was: :func:`plain` undoes :func:`harmless`.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.text import Text

#: Signs by which a spreadsheet takes a text for a formula (OWASP, CSV injection); full-width forms are taken too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of Chinese text nearly every character is among the 6,763 of GB 2312; of text decoded wrongly, few are.
_LEAST_COMMON_SHARE = 0.6


def harmless(cell: str) -> str:
    """Return a cell of a CSV that no spreadsheet takes for a formula: an apostrophe before one that begins like it."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def plain(cell: str) -> str:
    """Return what a cell was before :func:`harmless` guarded it."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def harmless_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are guarded (:func:`harmless`), those of its index too; figures stay figures."""
    out = table.copy()
    for name, column in table.items():
        if _words(column.dtype):
            out[name] = column.map(lambda v: harmless(v) if isinstance(v, str) else v)
    if _words(out.index.dtype):
        out.index = out.index.map(lambda v: harmless(v) if isinstance(v, str) else v)
    return out


def _words(dtype: Any) -> bool:
    """Return whether a column of a kind can hold texts."""
    return isinstance(dtype, pd.CategoricalDtype | pd.StringDtype) or pd.api.types.is_object_dtype(dtype)


def csv_text(table: pd.DataFrame, *, index: bool = False) -> str:
    """Return a table as CSV whose texts are guarded; :func:`read_text_table` reads them back as they were.

    Lines end as in RFC 4180, so that a line break inside a text stands in quotes.
    """
    return str(harmless_table(table).to_csv(index=index, lineterminator="\r\n"))


def read_text_table(file: Path, encoding: str | None = None, separator: str = ",") -> pd.DataFrame:
    """Read a CSV file as text; empty cells are unknown.

    Parameters
    ----------
    encoding
        Its encoding; if not given, UTF-8 (with or without a mark), UTF-16 with a mark, or GB 18030 (GBK).

    Raises
    ------
    HutongError
        ``wrong-encoding`` with the row and column that cannot be read; ``unreadable`` if the rows do not
        have one cell per column; ``empty-table``.
    """
    text = decode(file.read_bytes(), encoding, file.name, separator)
    csv.field_size_limit(1 << 27)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row
        ]
    except csv.Error as caught:
        raise _ragged(file.name, [str(caught)]) from caught
    if len(rows) < 2:
        raise HutongError(
            "empty-table",
            Text(f"{file.name} 没有数据行。", f"{file.name} has no rows."),
            Text("请检查文件内容。", "Check what the file contains."),
        )
    header = [name.strip() for name in rows[0]]
    problems = [
        f"{file.name} row 1: column {name!r} stands twice" for name, n in Counter(header).items() if n > 1
    ]
    problems += [
        f"{file.name} row {number}: {len(row)} cells for {len(header)} columns"
        for number, row in enumerate(rows[1:], start=2)
        if len(row) != len(header)
    ]
    if problems:
        raise _ragged(file.name, problems)
    frame = pd.DataFrame([[plain(c) for c in row] for row in rows[1:]], columns=header, dtype=object)
    return frame.where(frame != "", None)


def _ragged(name: str, rows: list[str]) -> HutongError:
    return HutongError(
        "unreadable",
        Text(f"{name} 的行列不齐。", f"The rows of {name} do not fit its columns."),
        Text(
            "请改正所列各行，或用 separator 注明分隔符。",
            "Mend the rows listed, or state what parts the cells with separator.",
        ),
        rows,
    )


def decode(data: bytes, encoding: str | None, name: str, separator: str = ",") -> str:
    """Return the text of a file.

    Raises
    ------
    HutongError
        ``wrong-encoding`` if the bytes are not text in the encoding stated, or in any that is tried.
    """
    if encoding is not None:
        return _declared(data, encoding, name, separator)
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return _strict(data, codec, name, separator)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _plausible(_strict(data, "gb18030", name, separator), "gb18030", name, separator)


def _declared(data: bytes, encoding: str, name: str, separator: str) -> str:
    try:
        codec = codecs.lookup(encoding).name
    except LookupError as caught:
        raise HutongError(
            "wrong-encoding",
            Text(f"不认识编码“{encoding}”（{name}）。", f"{encoding!r} is not an encoding ({name})."),
            Text("常用 utf-8 或 gb18030。", "Usual ones are utf-8 and gb18030."),
        ) from caught
    if codec == "utf-8":
        return _strict(data, "utf-8-sig", name, separator)
    if codec in ("gbk", "gb2312", "gb18030"):
        if not data.isascii() and _is_utf8(data):
            raise _wrong(name, encoding, 1, 1, "utf-8")
        return _plausible(_strict(data, "gb18030", name, separator), encoding, name, separator)
    return _strict(data, codec, name, separator)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, codec: str, name: str, separator: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as caught:
        before = data[: caught.start]
        line = before[before.rfind(b"\n") + 1 :]
        row = before.count(b"\n") + 1
        raise _wrong(name, codec, row, line.count(separator.encode()) + 1) from caught


def _plausible(text: str, encoding: str, name: str, separator: str) -> str:
    """Refuse text that decodes but is no Chinese."""
    foreign = Counter(c for c in text if not c.isascii())
    odd = {c for c in foreign if not _in_gb2312(c)}
    total = foreign.total()
    if total and 1.0 - sum(foreign[c] for c in odd) / total < _LEAST_COMMON_SHARE:
        at = next(i for i, c in enumerate(text) if c in odd)
        line = text[text.rfind("\n", 0, at) + 1 : at]
        raise _wrong(name, encoding, text.count("\n", 0, at) + 1, line.count(separator) + 1)
    return text


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _wrong(name: str, encoding: str, row: int, column: int, rather: str | None = None) -> HutongError:
    zh = f"{name} 第 {row} 行第 {column} 列不是 {encoding} 编码的文字"
    en = f"{name} row {row}, column {column} is not text in {encoding}"
    if rather is not None:
        zh, en = (
            f"{name} 注明编码为 {encoding}，实为 {rather}",
            f"{name} is stated to be {encoding} but is {rather}",
        )
    return HutongError(
        "wrong-encoding",
        Text(f"{zh}。", f"{en}."),
        Text(
            '请在映射文件中用 encoding 注明编码，例如 encoding = "gb18030"，或另存为 UTF-8。',
            'State the encoding in the mapping, such as encoding = "gb18030", or save the file as UTF-8.',
        ),
    )
