"""Tables that people send: a CSV file in any of the usual encodings, as rows of text."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from hutong.city.text_table import read_text_table
from hutong.errors import HutongError
from hutong.text import Text

MOST_BYTES = 2_000_000
MOST_ROWS = 20_000


def sent_rows(sent: BinaryIO, columns: Sequence[str], rest: bool = False) -> list[dict[str, str]]:
    """Return the rows of a sent CSV file, an empty cell as an empty text; further columns only with ``rest``.

    Raises
    ------
    HutongError
        ``bad-sheet`` if it is too large or lacks a column; as :func:`~hutong.city.text_table.read_text_table` does.
    """
    raw = sent.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise _bad(Text("表格超过 2 MB。", "The table is larger than 2 MB."))
    with tempfile.TemporaryDirectory(prefix="hutong-sheet-") as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(raw)
        table = read_text_table(path)
    missing = [c for c in columns if c not in table]
    if missing or len(table) > MOST_ROWS:
        names = "、".join(missing)
        raise _bad(
            Text(f"表格缺少列：{names}。", f"The table lacks columns: {', '.join(missing)}.")
            if missing
            else Text(f"表格超过 {MOST_ROWS} 行。", f"The table has more than {MOST_ROWS} rows.")
        )
    return [
        {c: "" if v is None else str(v).strip() for c, v in row.items()}
        for row in (table if rest else table[list(columns)]).to_dict("records")
    ]


def _bad(what: Text) -> HutongError:
    return HutongError(
        "bad-sheet",
        what,
        Text("请按页面上的样表另存为 CSV。", "Save it as CSV with the columns of the sample."),
    )
