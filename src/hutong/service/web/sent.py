"""A file that somebody sends: of a bounded size, told apart by what it is, and gone when it was read."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.text import Text

#: Largest table that is taken as sent and, being a zip, unpacked; in bytes.
MOST_BYTES, MOST_UNPACKED = 10_000_000, 100_000_000


@contextmanager
def sent_file(sent: Any) -> Iterator[Path]:
    """Yield a table that was sent as a file named by what it is, .xlsx or .csv; it is removed afterwards.

    Raises
    ------
    HutongError
        ``too-large``; ``unreadable`` for what is neither.
    """
    if sent.size > MOST_BYTES:
        raise too_large()
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
            raise unreadable()
        yield path


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(i.file_size for i in archive.infolist()) > MOST_UNPACKED:
                raise too_large()
            if "xl/workbook.xml" not in archive.namelist():
                raise unreadable()
    except zipfile.BadZipFile as caught:
        raise unreadable() from caught


def too_large() -> HutongError:
    """Return why a table is not taken."""
    return HutongError(
        "too-large",
        Text("文件太大。", "The file is too large."),
        Text(f"最大 {MOST_BYTES // 1_000_000} MB；请分几次导入。", f"It may have {MOST_BYTES // 1_000_000} MB; import less at once."),
    )  # fmt: skip


def unreadable() -> HutongError:
    """Return why a file is no table."""
    return HutongError(
        "unreadable",
        Text("这个文件不是 CSV 或 .xlsx 表格。", "The file is no CSV or .xlsx table."),
        Text("请用表格软件另存为 CSV 或 .xlsx。", "Save it as CSV or .xlsx from the spreadsheet program."),
    )
