"""How property fees were collected around a room: added up over an estate, so that no household and no building shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hutong.act.rooms.cells import number_fault, word_fault
from hutong.errors import HutongError
from hutong.sense.sheets import HEADER_ROWS, Sheet, read_sheets
from hutong.text import Text

#: Fewer households than this in an estate, and its year is not shown. Larger than the five of other counts: a share of
#: few could say that one neighbour does not pay.
LEAST_HOUSEHOLDS = 20
#: Shares are told in steps of so many hundredths, for the same reason.
STEP = 5
_COLUMNS = {
    "building_id": Text("楼栋或院落编号", "id of the building or courtyard"),
    "year": Text("年度", "year"),
    "households": Text("应缴户数", "households that owe"),
    "due_yuan": Text("应收 元", "due, ¥"),
    "paid_yuan": Text("实收 元", "paid, ¥"),
    "source": Text("数据来源", "source"),
}


@dataclass(frozen=True, slots=True)
class FeeLine:
    """The fees of one building in one year, as the property manager reports them."""

    building_id: str
    year: int
    households: int
    due_yuan: float
    paid_yuan: float
    source: str


@dataclass(frozen=True, slots=True)
class FeeYear:
    """The fees of an estate in a year: the share collected in steps of 5 %, None where too few households owe."""

    year: int
    buildings: int
    share_percent: int | None
    sources: tuple[str, ...]


def fees_form(buildings: Iterable[str]) -> Sheet:
    """Return the form of fees, a row a building."""
    rows = [[b, "", "", "", "", ""] for b in buildings]
    return Sheet("fees", Text("物业费收缴", "Property fees"), _COLUMNS, rows, {})


def read_fees(path: Path, buildings: Iterable[str]) -> list[FeeLine]:
    """Read a filled form; rows of a building without figures are left out.

    Raises
    ------
    HutongError
        ``bad-fees`` naming row and column of every fault; ``unreadable``; ``formula-in-form``.
    """
    table = next(iter(read_sheets(path).values()), None)
    if table is None or not set(_COLUMNS) <= set(table.columns):
        raise HutongError(
            "bad-fees",
            Text("这不是收缴表。", "This is not the form of fees."),
            Text("请用本页下载的表格填写。", "Fill in the form that this page offers."),
        )
    known, seen, faults = set(buildings), set(), []
    rows = [(line, c) for line, c in table.rows if any(c[k] for k in _COLUMNS if k != "building_id")]
    for line, c in rows:
        faults += [f"row {line}, {fault}" for fault in _faults(c, known)]
        if (key := (c["building_id"], c["year"])) in seen:
            faults.append(f"row {line}, year: {c['year']} stands twice for {c['building_id']} / 同楼同年重复")
        seen.add(key)
    if faults or not rows:
        raise HutongError(
            "bad-fees",
            Text(f"收缴表有 {len(faults)} 处不合格。", f"The form of fees has {len(faults)} faults.")
            if faults
            else Text("表里没有数据。", "The form holds no figures."),
            Text(
                f"请改正所列各处（从第 {HEADER_ROWS + 1} 行起填写）；没有存入任何数据。",
                f"Mend what is listed (rows begin at {HEADER_ROWS + 1}); nothing was stored.",
            ),
            faults,
        )
    return [
        FeeLine(c["building_id"], int(c["year"]), int(c["households"]), float(c["due_yuan"]), float(c["paid_yuan"]), c["source"])
        for _, c in rows
    ]  # fmt: skip


def _faults(c: Mapping[str, str], buildings: set[str]) -> Iterator[str]:
    found = {
        "building_id": "" if c["building_id"] in buildings else f"{c['building_id']!r}; no such building here / 这里没有这栋楼",
        "year": number_fault(c["year"], 2000, 2100, whole=True, blank=False),
        "households": number_fault(c["households"], 1, 100_000, whole=True, blank=False),
        "due_yuan": number_fault(c["due_yuan"], 1, 10**10, blank=False),
        "paid_yuan": number_fault(c["paid_yuan"], 0, 10**10, blank=False),
        "source": word_fault(c["source"], 2, 120),
    }  # fmt: skip
    yield from (f"{column}: {fault}" for column, fault in found.items() if fault)
    if not found["due_yuan"] and not found["paid_yuan"] and float(c["paid_yuan"]) > float(c["due_yuan"]):
        yield "paid_yuan: more than is due / 实收多于应收"


def fees_by_estate(lines: Iterable[FeeLine]) -> list[FeeYear]:
    """Return the years of one estate, the latest first, from the lines of its buildings."""
    years: dict[int, list[FeeLine]] = {}
    for line in lines:
        years.setdefault(line.year, []).append(line)
    out = []
    for year in sorted(years, reverse=True):
        part = years[year]
        enough = sum(x.households for x in part) >= LEAST_HOUSEHOLDS
        share = 100 * sum(x.paid_yuan for x in part) / sum(x.due_yuan for x in part)
        out.append(
            FeeYear(
                year, len(part), round(share / STEP) * STEP if enough else None, tuple(dict.fromkeys(x.source for x in part))
            )
        )  # fmt: skip
    return out
