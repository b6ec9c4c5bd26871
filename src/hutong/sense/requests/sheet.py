"""A table as text, from CSV or a spreadsheet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from hutong.city.text_table import plain, read_text_table
from hutong.errors import HutongError
from hutong.text import Text


def read_sheet(path: Path, encoding: str | None) -> pd.DataFrame:
    """Return a CSV (or tab-separated) file, or the first sheet of an .xlsx file, as text; empty cells are unknown.

    Raises
    ------
    HutongError
        ``no-file``, ``unreadable``, ``empty-table``; and as :func:`~hutong.city.text_table.read_text_table`.
    """
    kind = path.suffix.lower()
    if not path.is_file():
        raise HutongError(
            "no-file",
            Text(f"没有文件 {path}。", f"There is no file {path}."),
            Text("请检查路径。", "Check the path."),
        )
    if kind in (".xlsx", ".xlsm"):
        return _read_xlsx(path)
    if kind == ".xls":
        raise HutongError(
            "unreadable",
            Text(f"{path.name} 是旧版 .xls 文件。", f"{path.name} is an old .xls file."),
            Text("请另存为 .xlsx 或 CSV。", "Save it as .xlsx or CSV."),
        )
    return read_text_table(path, encoding, "\t" if kind in (".tsv", ".tab") else ",")


def _read_xlsx(path: Path) -> pd.DataFrame:
    """Return the first sheet as text, its first row as header."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as caught:
        raise HutongError(
            "unreadable",
            Text(f"{path.name} 不是可读的 .xlsx 文件。", f"{path.name} cannot be read as .xlsx."),
            Text("请用表格软件重新保存。", "Save it again from the spreadsheet program."),
        ) from caught
    try:
        rows = [r for r in book.worksheets[0].iter_rows(values_only=True) if any(c is not None for c in r)]
    finally:
        book.close()
    header = [str(c).strip() if c is not None else "" for c in rows[0]] if rows else []
    twice = [name for name, n in Counter(h for h in header if h).items() if n > 1]
    if len(rows) < 2 or twice:
        raise HutongError(
            "unreadable" if twice else "empty-table",
            Text(f"{path.name} 的表头重复或没有数据。", f"{path.name} repeats a column name or has no rows."),
            Text("第一行须为不重复的列名。", "The first row must hold column names, each once."),
            [f"row 1: column {name!r} stands twice" for name in twice],
        )
    keep = [i for i, name in enumerate(header) if name]
    cells = [[_cell(row[i]) if i < len(row) else None for i in keep] for row in rows[1:]]
    return pd.DataFrame(cells, columns=[header[i] for i in keep], dtype=object)


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
    return plain(text) or None
