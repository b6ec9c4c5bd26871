"""Tables that an office sends: CSV or .xlsx, of a bounded size, told apart by what they are and not by their name."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.sense.requests.sheet import read_sheet
from hutong.text import Text

#: Largest file that is taken, as sent and (a spreadsheet is a zip) unpacked, in bytes.
MOST_BYTES, MOST_UNPACKED = 10_000_000, 100_000_000


def read_upload(sent: Any) -> pd.DataFrame:
    """Return the table of an uploaded file as text.

    Raises
    ------
    HutongError
        ``too-large``; ``unreadable`` for what is neither; and as :func:`~hutong.sense.requests.sheet.read_sheet`.
    """
    if sent.size > MOST_BYTES:
        raise _too_large()
    start = sent.read(8)
    sent.seek(0)
    kind = ".xlsx" if start.startswith(b"PK\x03\x04") else ".csv"
    with tempfile.TemporaryDirectory(prefix="hutong-table-") as folder:
        path = Path(folder) / f"table{kind}"
        with path.open("wb") as file:
            for part in sent.chunks():
                file.write(part)
        if kind == ".xlsx":
            _check_zip(path)
        elif b"\x00" in path.read_bytes()[:4096] and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _unreadable()
        return read_sheet(path, None)


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(i.file_size for i in archive.infolist()) > MOST_UNPACKED:
                raise _too_large()
            if "xl/workbook.xml" not in archive.namelist():
                raise _unreadable()
    except zipfile.BadZipFile as caught:
        raise _unreadable() from caught


def _too_large() -> HutongError:
    return HutongError(
        "too-large",
        Text("文件太大。", "The file is too large."),
        Text(f"最大 {MOST_BYTES // 1_000_000} MB；请分楼栋导入。", f"It may have {MOST_BYTES // 1_000_000} MB; import fewer buildings at once."),
    )  # fmt: skip


def _unreadable() -> HutongError:
    return HutongError(
        "unreadable",
        Text("这个文件不是 CSV 或 .xlsx 表格。", "The file is no CSV or .xlsx table."),
        Text("请用表格软件另存为 CSV 或 .xlsx。", "Save it as CSV or .xlsx from the spreadsheet program."),
    )
