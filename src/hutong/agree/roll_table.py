"""A roll from a table: a row per holder of a home, entered whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import pandas as pd

from hutong.agree.roll_book import HELD_BACK, Entry, HeldBack, RollBook, head_of
from hutong.city.schema import schema
from hutong.errors import HutongError
from hutong.text import Text

ACTS = ("owners", "lessees")
#: The columns by their names in both languages; the last five may be left out.
COLUMNS = {
    "building": ("building", "building_id", "楼栋", "楼号", "院落"),
    "dwelling_id": ("dwelling_id", "dwelling", "房屋编号", "住房编号"),
    "holder": ("holder", "权利人", "权利人代号"),
    "area_m2": ("area_m2", "面积", "专有面积", "计租面积", "面积m2"),
    "share": ("share", "份额", "共有份额"),
    "representative": ("representative", "代表", "共有人代表"),
    "tenure": ("tenure", "产权类型"),
    "held_back": ("held_back", "暂不列入"),
    "unit": ("unit", "管理单位", "产权单位"),
}
NEEDED = ("building", "dwelling_id", "holder", "area_m2")
_YES = ("1", "yes", "true", "是")
_CODE = re.compile(r"[\w.:+-]{1,60}")
#: Larger homes than this (m²) are taken for a slip of the pen.
LARGEST_M2 = 100_000


@dataclass(frozen=True, slots=True)
class RollRow:
    """One holder of one home as the table gives it; ``holder`` is a token, ``share`` what of the home is theirs."""

    building: str
    dwelling_id: str
    holder: str
    share: Fraction


@dataclass
class _Home:
    building: str
    area_cm2: int | None
    tenure: str
    reason: str
    unit: str
    line: int
    holders: list[str] = field(default_factory=list)
    shares: list[Fraction | None] = field(default_factory=list)
    representative: list[str] = field(default_factory=list)


def roll_from_table(
    table: pd.DataFrame,
    act: str,
    place: str,
    as_of: str,
    buildings: Iterable[str],
    token: Callable[[str], str],
) -> tuple[RollBook, tuple[RollRow, ...]]:
    """Return the book of a roll, and who holds what share of which home.

    Parameters
    ----------
    table
        As text, by :data:`COLUMNS`: a row per holder of a home; the homes of one holder are one head, the holders of one
        home another. ``area_m2`` has up to four digits behind the point. ``held_back`` is a code of
        :data:`~hutong.agree.roll_book.HELD_BACK`.
    act, place, as_of
        As in :class:`~hutong.agree.roll_book.RollBook`.
    buildings
        The codes that a home may lie in.
    token
        Gives the token that stands for a holder; what the table calls them goes no further.

    Raises
    ------
    HutongError
        ``bad-roll-table`` naming each row and column that does not fit; nothing is entered.
    """
    if act not in ACTS:
        raise ValueError(act)
    named = {name: next((c for c in table.columns if str(c).strip().lower() in all_), None) for name, all_ in COLUMNS.items()}  # fmt: skip
    faults = [f"column {name} is missing" for name in NEEDED if named[name] is None]
    if faults or table.empty:
        raise _bad(faults or ["the table has no rows"])
    known, homes = set(buildings), dict[str, _Home]()
    for number, row in enumerate(table.to_dict("records"), start=2):
        cell = {name: _text(row[column]) if column is not None else "" for name, column in named.items()}
        wrong = [f"row {number}: {said}" for said in _cell_faults(cell, known)]
        faults += wrong or [f"row {number}: {said}" for said in _enter(homes, cell, number)]
    faults += [
        f"row {home.line}: {said}" for code, home in homes.items() for said in _home_faults(code, home)
    ]
    if faults:
        raise _bad(faults)
    tokens = {name: token(name) for home in homes.values() for name in home.holders}
    area_from = "lease" if act == "lessees" else "deed"
    lines = [_line(code, home, tokens, area_from) for code, home in homes.items()]
    book = RollBook(
        act=act, place=place, as_of=as_of,
        entries=tuple(x for x in lines if isinstance(x, Entry)),
        held_back=tuple(x for x in lines if isinstance(x, HeldBack)),
    )  # fmt: skip
    rows = tuple(
        RollRow(home.building, code, tokens[name], share or Fraction(1, len(home.holders)))
        for code, home in homes.items()
        for name, share in zip(home.holders, home.shares, strict=True)
    )
    return book, rows


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _cell_faults(cell: Mapping[str, str], known: set[str]) -> Iterable[str]:
    if cell["building"] not in known:
        yield f"building: there is no building {cell['building']!r} here"
    if not _CODE.fullmatch(cell["dwelling_id"]):
        yield f"dwelling_id: {cell['dwelling_id']!r} is no code of letters, digits and . : + - _"
    held = cell["held_back"]
    if held and held not in HELD_BACK:
        yield f"held_back: {held!r} is not one of {', '.join(HELD_BACK)}"
    if not held and (not cell["holder"] or len(cell["holder"]) > 100 or not cell["holder"].isprintable()):
        yield "holder: is missing, or is no reference of up to 100 characters"
    if _area(cell["area_m2"]) is None and not (held and not cell["area_m2"]):
        yield f"area_m2: {cell['area_m2']!r} is no area in m² above 0, with up to four digits behind the point"
    if cell["share"] and _share(cell["share"]) is None:
        yield f"share: {cell['share']!r} is no share such as 1/2 or 50%"
    if cell["tenure"] and cell["tenure"] not in _tenures():
        yield f"tenure: {cell['tenure']!r} is not one of {', '.join(_tenures())}"


def _tenures() -> tuple[str, ...]:
    return schema().tables["dwellings"].columns["tenure"].enum


def _area(said: str) -> int | None:
    """Return an area in whole cm², None if it is none."""
    try:
        cm2 = Decimal(said) * 10_000
    except InvalidOperation:
        return None
    fits = cm2.is_finite() and 0 < cm2 <= LARGEST_M2 * 10_000 and cm2 == cm2.to_integral_value()
    return int(cm2) if fits else None


def _share(said: str) -> Fraction | None:
    try:
        share = Fraction(said[:-1]) / 100 if said.endswith("%") else Fraction(said)
    except (ValueError, ZeroDivisionError):
        return None
    return share if 0 < share <= 1 and share.denominator <= 10**6 else None


def _enter(homes: dict[str, _Home], cell: Mapping[str, str], number: int) -> Iterable[str]:
    code, area = cell["dwelling_id"], _area(cell["area_m2"])
    home = homes.setdefault(
        code, _Home(cell["building"], area, cell["tenure"], cell["held_back"], cell["unit"], number)
    )
    said = {
        "building": (cell["building"], home.building), "area_m2": (area, home.area_cm2), "tenure": (cell["tenure"], home.tenure),
        "held_back": (cell["held_back"], home.reason), "unit": (cell["unit"], home.unit),
    }  # fmt: skip
    for name, (here, before) in said.items():
        if here != before:
            yield f"{name}: home {code} says otherwise in row {home.line}"
    if cell["holder"] in home.holders:
        yield f"holder: stands twice for home {code}"
    if cell["holder"]:
        home.holders.append(cell["holder"])
        home.shares.append(_share(cell["share"]) if cell["share"] else None)
        if cell["representative"].lower() in _YES:
            home.representative.append(cell["holder"])


def _home_faults(code: str, home: _Home) -> Iterable[str]:
    given = [s for s in home.shares if s is not None]
    if given and (len(given) < len(home.shares) or sum(given) != 1):
        yield f"share: the shares of home {code} are not all given, or do not add up to 1"
    if len(home.representative) > 1:
        yield f"representative: home {code} names {len(home.representative)}"


def _line(code: str, home: _Home, tokens: Mapping[str, str], area_from: str) -> Entry | HeldBack:
    if home.reason:
        return HeldBack(code, home.reason, home.area_cm2)
    everyone = tuple(tokens[h] for h in home.holders)
    deciding = tuple(tokens[h] for h in home.representative) or everyone
    area = home.area_cm2
    if area is None:
        raise AssertionError("an entry without an area passed the checks")
    return Entry(code, head_of(everyone), deciding, area, home.tenure, area_from, home.unit)


def _bad(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-roll-table",
        Text(f"名册表有 {len(rows)} 处不合格，整份未导入。", f"{len(rows)} places of the table do not fit; nothing was entered."),
        Text(
            f"必需的列：{'、'.join(COLUMNS[n][-1] for n in NEEDED)}；请更正所列各行后重新上传。",
            f"It needs the columns {', '.join(NEEDED)}; correct the rows listed and send it again.",
        ),
        rows,
    )  # fmt: skip
