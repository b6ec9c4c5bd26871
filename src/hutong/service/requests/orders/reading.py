"""A list of orders: what each row says, and everything that is wrong with it, before anything is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.sense.requests import by_keywords, read_requests
from hutong.sense.requests.read import FIELDS
from hutong.sense.requests.sheet import read_sheet
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.requests.services import LONGEST, SHORTEST
from hutong.text import Text

#: The most rows of one list.
MOST = 5000
#: Where a row without a unit of ours goes.
AT_HAND = "subdistrict"
#: Levels that an address may name, and the largest that a column names.
NAMED = ("subdistrict", "quarter", "block", "estate", "building")


@dataclass(frozen=True)
class Order:
    """One order: its number at the hotline, when it came, what it is about, where, and to whom it was given.

    ``solved`` and ``satisfied`` are what the hotline's call-back found, None where it has not.
    """

    number: str
    filed: dt.datetime
    words: str
    nature: str
    category: str
    place: Place
    unit: str
    solved: bool | None
    satisfied: bool | None


def read_orders(path: Path, scope: Place, now: dt.datetime) -> list[Order]:
    """Read a list of orders for a place; columns about the caller are not read.

    Raises
    ------
    HutongError
        What :func:`~hutong.sense.requests.read_requests` raises; ``no-columns`` without numbers; ``too-many-rows``;
        ``invalid-data`` with a line for each cell that is wrong.
    """
    try:
        read = read_requests(path, fields=FIELDS)
    except HutongError as caught:
        if caught.code != "invalid-data":
            raise
        raise _broken(path, caught.rows) from caught
    if "id" not in read.columns:
        raise HutongError(
            "no-columns",
            Text(f"{path.name} 没有工单编号一列。", f"{path.name} has no column of order numbers."),
            Text("请加上“工单编号”，回复要凭它送回。", "Add 工单编号; replies go back under it."),
        )
    if len(read.table) > MOST:
        raise HutongError(
            "too-many-rows",
            Text(f"{path.name} 超过 {MOST} 行。", f"{path.name} has more than {MOST} rows."),
            Text("请分成几个文件。", "Split it into several files."),
        )
    book, table, words = _Book(scope), read.table, read.words()
    numbers = read_sheet(path, None)[read.columns["id"]]
    guessed = by_keywords(words)["category"].tolist()
    wrong: list[str] = []
    out = []
    for i, row in enumerate(table.to_dict("records")):

        def fault(column: str, zh: str, en: str, at: int = i) -> None:
            named = read.columns.get(column, column)
            wrong.append(f"{path.name} 第 {at + 2} 行（{named}）：{zh} · row {at + 2}: {en}")

        if not isinstance(numbers.iloc[i], str) or not numbers.iloc[i].strip():
            fault("id", "缺少编号", "the number is missing")
        if len(str(row["id"])) > 60:
            fault("id", "编号超过 60 个字符", "longer than 60 characters")
        if not SHORTEST <= len(words[i]) <= LONGEST:
            fault(
                "text", f"应为 {SHORTEST} 到 {LONGEST} 个字", f"must have {SHORTEST} to {LONGEST} characters"
            )
        if row["time"] > now:
            fault("time", "时间在将来", "lies in the future")
        place = book.place(_said(row["subdistrict"]), _said(row["community"]), _said(row["address"]))
        if place is None:
            fault(
                "subdistrict",
                f"不是{scope.title.zh}的街道：{row['subdistrict']}",
                f"no subdistrict of {scope.title.en}: {row['subdistrict']!r}",
            )
        unit = book.unit(_said(row["unit"]))
        if unit is None:
            fault("unit", f"没有单位“{row['unit']}”", f"no unit here is called {row['unit']!r}")
        if place is not None and unit is not None:
            known = load_taxonomy().find(_said(row["category"]))
            out.append(
                Order(
                    number=str(row["id"]),
                    filed=row["time"].to_pydatetime(),
                    words=words[i],
                    nature="inquiry" if row["nature"] == "inquiry" else "help",
                    category=known.id if known is not None else guessed[i],
                    place=place,
                    unit=unit,
                    solved=_answer(row["resolved"]),
                    satisfied=_answer(row["satisfied"]),
                )
            )
    if wrong:
        raise _broken(path, wrong)
    return out


def _broken(path: Path, rows: Sequence[str]) -> HutongError:
    return HutongError(
        "invalid-data",
        Text(
            f"{path.name} 有 {len(rows)} 处不合格，什么也没有导入。",
            f"{path.name}: {len(rows)} broken cells; nothing was taken in.",
        ),
        Text("请改正所列各行后重新导入。", "Mend the rows listed and send it again."),
        rows,
    )


def _said(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _answer(value: Any) -> bool | None:
    return None if pd.isna(value) else bool(value)


class _Book:
    """Which place and unit a row names, within a place."""

    def __init__(self, scope: Place) -> None:
        from hutong.service.places.selectors import chain, within

        self.scope = scope
        inside = list(within(scope).filter(kind__in=NAMED).order_by("path"))
        self.levels = {p.name_zh: p for p in inside if p.kind == "subdistrict"}
        self.named = sorted((p for p in inside if p.kind != "subdistrict"), key=lambda p: -len(p.name_zh))
        units: Sequence[Unit] = Unit.objects.filter(place__in=[*chain(scope), *inside])
        self.units = {name: u.code for u in units for name in (u.code, u.name_zh, u.name_en)}
        self.units |= dict.fromkeys(("", *self.levels, AT_HAND), AT_HAND)

    def place(self, subdistrict: str, community: str, address: str) -> Place | None:
        """Return the smallest place that a row names; None if its subdistrict is none of ours."""
        top = self.levels.get(subdistrict) if subdistrict else self.scope
        if top is None:
            return None
        inside = [p for p in self.named if p.path.startswith(top.path)]
        exact = next((p for p in inside if p.name_zh == community), None)
        within = next((p for p in inside if len(p.name_zh) > 1 and p.name_zh in address), None)
        return within or exact or top

    def unit(self, name: str) -> str | None:
        """Return the code of the unit of a name."""
        return self.units.get(name)
