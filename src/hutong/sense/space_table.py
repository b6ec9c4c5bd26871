"""What an office knows of vacated space, read from its sheet (CSV or .xlsx) with Chinese or English heads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.sense.requests.sheet import read_sheet
from hutong.sense.vacant_space import STATUSES, TABLE_COLUMNS
from hutong.text import Text

#: Heads of the sheet, and words of its column of states.
HEADS = {
    "building_id": ("楼栋编号", "建筑编号", "房屋编号"),
    "dwelling_id": ("住房编号", "房间编号"),
    "holder": ("产权单位", "持有人", "权利人"),
    "lease_end": ("租期止", "租约到期日", "到期日"),
    "status": ("状态", "使用状态"),
    "vacant_m2": ("空置面积", "可用面积"),
    "defects": ("缺陷", "房屋缺陷", "问题"),
}
STATUS_WORDS = dict(zip(("空置", "租约已到期", "租约将到期", "低效", "在用", "未知"), STATUSES, strict=True))


def read_spaces(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """Return the table for :func:`~hutong.sense.vacant_space.space_register`; its index is the row of the sheet.

    Dates are written 2026-05-31, areas as numbers; what cannot be read stays as it is, to be named by its row there.

    Raises
    ------
    HutongError
        ``no-columns`` for a head that is not known; and as :func:`~hutong.sense.requests.sheet.read_sheet`.
    """
    raw = read_sheet(path, encoding)
    known = {word: name for name, words in HEADS.items() for word in (name, *words)}
    strange = [str(c) for c in raw if str(c).strip() not in known]
    if strange:
        raise HutongError(
            "no-columns",
            Text(f"{path.name} 有不认识的列：{'、'.join(strange)}。", f"{path.name} has unknown columns: {', '.join(strange)}."),
            Text(f"可用：{'、'.join(w[0] for w in HEADS.values())}。", f"Use {', '.join(TABLE_COLUMNS)}."),
        )  # fmt: skip
    table = raw.rename(columns={c: known[str(c).strip()] for c in raw}).astype(object)
    table.index = pd.RangeIndex(2, len(table) + 2)
    for column, read in (("lease_end", _day), ("vacant_m2", _number), ("status", _status)):
        if column in table:
            table[column] = pd.Series(
                [read(cell) if pd.notna(cell) else None for cell in table[column]], table.index, dtype=object
            )
    return table


def _day(cell: str) -> Any:
    try:
        return dt.date.fromisoformat(cell.strip()[:10].replace("/", "-"))
    except ValueError:
        return cell


def _number(cell: str) -> Any:
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return cell


def _status(cell: str) -> str:
    return STATUS_WORDS.get(cell.strip(), cell.strip())
