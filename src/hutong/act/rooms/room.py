"""A room that may be let to an operator, read from an office's form; what it may become by the dated lists of uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hutong.act.rooms.cells import (
    choice_fault,
    day_fault,
    day_of,
    flag_of,
    number_fault,
    number_of,
    whole_of,
    word_fault,
)
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.rules.uses import ZONES, UseVerdict, use_book, use_verdict
from hutong.sense.sheets import HEADER_ROWS, Sheet, read_sheets
from hutong.text import Text

#: Who holds a room. Of a private holder no name is taken: the office names itself as who signs.
HOLDERS = {
    "unit": Text("产权（管理）单位", "managing unit"),
    "owners": Text("全体业主（共有部分）", "all owners (common parts)"),
    "private": Text("私人", "a private holder"),
}
#: Acceptance of fire safety.
FIRE = {
    "accepted": Text("已验收", "accepted"),
    "not_accepted": Text("未验收", "not accepted"),
    "not_needed": Text("无须验收", "not needed"),
    "unknown": Text("未知", "unknown"),
}
UTILITIES = {
    "water": Text("上水", "water"),
    "drain": Text("下水", "drain"),
    "gas": Text("燃气", "gas"),
    "heating": Text("供暖", "heating"),
}
_YES_NO = ("yes", "no")
_COLUMNS = {
    "room_id": Text("房屋编号", "number of the room"),
    "building_id": Text("楼栋或院落编号", "id of the building or courtyard"),
    "where_zh": Text("在楼里哪里（不写户号）", "where in the building, in Chinese (no number of a home)"),
    "where_en": Text("在楼里哪里（英文，可空）", "where in the building, in English (may be blank)"),
    "kind": Text("房屋种类", "kind of space"),
    "zone": Text("保护范围", "heritage zone"),
    "area_m2": Text("面积 ㎡", "area, m²"),
    "holder_kind": Text("谁持有", "who holds it"),
    "holder": Text("持有单位（私人不填）", "the unit that holds it (blank for a private holder)"),
    "signer": Text("由谁签约（单位）", "the office that signs"),
    "defects": Text("缺陷（没有写“无”）", "defects (write 无 for none)"),
    "fire": Text("消防验收", "fire acceptance"),
    "fire_day": Text("验收日期", "day of acceptance"),
    **{k: Text(f"{t.zh}［yes/no］", f"{t.en} [yes/no]") for k, t in UTILITIES.items()},
    "power_kw": Text("用电容量 kW", "power, kW"),
    "free_from": Text("可交付日期", "free from"),
    "lease_years": Text("租期 年", "years of the lease"),
    "rent_yuan_m2_month": Text("租金 元/㎡·月", "rent, ¥ per m² a month"),
    "rent_basis": Text("租金依据", "what the rent rests on"),
    "end_months": Text(
        "出租方提前收回补几个月租金", "months of rent the holder pays if it ends the lease early"
    ),
    "end_fit_out_percent": Text(
        "未摊完装修补偿比例 %", "share of the fit-out not yet written off that it pays, %"
    ),
    "tenant_months": Text(
        "承租方提前退租付几个月租金", "months of rent the operator pays if it leaves early"
    ),
    "subsidy": Text("补贴名称", "subsidy"),
    "subsidy_yuan": Text("补贴金额 元", "amount of the subsidy, ¥"),
    "subsidy_from": Text("补贴申请起", "subsidy may be asked for from"),
    "subsidy_until": Text("补贴申请止", "until"),
    "subsidy_basis": Text("补贴依据", "what the subsidy rests on"),
}


@dataclass(frozen=True, slots=True)
class Room:
    """One room; None and "" are unknown. Money in whole yuan but the rent per m², which has its cents."""

    room_id: str
    building_id: str
    where: Text
    kind: str
    zone: str
    area_m2: float
    holder_kind: str
    holder: str
    signer: str
    defects: str
    fire: str
    fire_day: dt.date | None
    utilities: Mapping[str, bool | None]
    power_kw: float | None
    free_from: dt.date | None
    lease_years: float | None
    rent_yuan_m2_month: float | None
    rent_basis: str
    end_months: float | None
    end_fit_out_percent: float | None
    tenant_months: float | None
    subsidy: str
    subsidy_yuan: int | None
    subsidy_from: dt.date | None
    subsidy_until: dt.date | None
    subsidy_basis: str

    def plain(self) -> dict[str, Any]:
        """Return the room as it is stored."""
        out = asdict(self)
        return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in out.items()}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Room:
        """Return a room from how it is stored."""
        days = ("fire_day", "free_from", "subsidy_from", "subsidy_until")
        read = {k: day_of(stored[k] or "") for k in days}
        return cls(**{**stored, **read, "where": Text.of(stored["where"])})

    @property
    def rent_yuan_month(self) -> float | None:
        """The rent of a month; None where unknown."""
        return None if self.rent_yuan_m2_month is None else self.rent_yuan_m2_month * self.area_m2


def rooms_form(rooms: Iterable[Mapping[str, str]] = ()) -> Sheet:
    """Return the form of rooms, filled with what is known of some (cells by column)."""
    rows = [[str(r.get(c, "")) for c in _COLUMNS] for r in rooms]
    choices: dict[str, Sequence[str]] = {
        "kind": list(use_book().spaces), "zone": sorted(ZONES), "holder_kind": list(HOLDERS), "fire": list(FIRE),
        **dict.fromkeys(UTILITIES, _YES_NO),
    }  # fmt: skip
    return Sheet("rooms", Text("可租用房屋", "Rooms to let"), _COLUMNS, rows, choices)


def cells_of(room: Room) -> dict[str, str]:
    """Return a room as cells of the form."""
    plain = room.plain()
    cells = {k: plain.get(k) for k in _COLUMNS}
    cells |= {"where_zh": room.where.zh, "where_en": room.where.en}
    cells |= {k: {True: "yes", False: "no", None: ""}[room.utilities[k]] for k in UTILITIES}
    return {k: "" if v is None else f"{v:g}" if isinstance(v, float) else str(v) for k, v in cells.items()}


def read_rooms(path: Path, buildings: Iterable[str]) -> list[Room]:
    """Read a filled form.

    Parameters
    ----------
    buildings
        The buildings and courtyards that rooms may lie in.

    Raises
    ------
    HutongError
        ``bad-rooms`` naming row and column of every fault; ``unreadable``; ``formula-in-form``.
    """
    table = next(iter(read_sheets(path).values()), None)
    if table is None or not set(_COLUMNS) <= set(table.columns):
        raise HutongError(
            "bad-rooms",
            Text("这不是房屋表。", "This is not the form of rooms."),
            Text("请用本页下载的表格填写。", "Fill in the form that this page offers."),
        )
    known, seen = set(buildings), set()
    faults = []
    for line, cells in table.rows:
        faults += [f"row {line}, {fault}" for fault in _faults(cells, known)]
        if cells["room_id"] in seen:
            faults.append(f"row {line}, room_id: {cells['room_id']!r} stands twice / 编号重复")
        seen.add(cells["room_id"])
    if faults or not table.rows:
        raise HutongError(
            "bad-rooms",
            Text(f"房屋表有 {len(faults)} 处不合格。", f"The form of rooms has {len(faults)} faults.")
            if faults
            else Text("表里没有房屋。", "The form lists no rooms."),
            Text(
                f"请改正所列各处（从第 {HEADER_ROWS + 1} 行起填写）；没有存入任何数据。",
                f"Mend what is listed (rows begin at {HEADER_ROWS + 1}); nothing was stored.",
            ),
            faults,
        )
    return [_read(cells) for _, cells in table.rows]


def _read(c: Mapping[str, str]) -> Room:
    return Room(
        c["room_id"], c["building_id"], Text(c["where_zh"], c["where_en"] or c["where_zh"]), c["kind"], c["zone"], float(c["area_m2"]),
        c["holder_kind"], c["holder"], c["signer"], c["defects"], c["fire"], day_of(c["fire_day"]),
        {k: flag_of(c[k]) for k in UTILITIES}, number_of(c["power_kw"]), day_of(c["free_from"]), number_of(c["lease_years"]),
        number_of(c["rent_yuan_m2_month"]), c["rent_basis"], number_of(c["end_months"]), number_of(c["end_fit_out_percent"]),
        number_of(c["tenant_months"]), c["subsidy"], whole_of(c["subsidy_yuan"]), day_of(c["subsidy_from"]), day_of(c["subsidy_until"]),
        c["subsidy_basis"],
    )  # fmt: skip


def _faults(c: Mapping[str, str], buildings: set[str]) -> Iterator[str]:
    private = c["holder_kind"] == "private"
    found = {
        "room_id": word_fault(c["room_id"], 1, 40),
        "building_id": "" if c["building_id"] in buildings else f"{c['building_id']!r}; no such building here / 这里没有这栋楼",
        "where_zh": word_fault(c["where_zh"], 1, 80), "where_en": word_fault(c["where_en"], 0, 80),
        "kind": choice_fault(c["kind"], tuple(use_book().spaces)), "zone": choice_fault(c["zone"], tuple(sorted(ZONES)), blank=True),
        "area_m2": number_fault(c["area_m2"], 1, 100_000, blank=False), "holder_kind": choice_fault(c["holder_kind"], tuple(HOLDERS)),
        "holder": "blank for a private holder / 私人持有的不填姓名" if private and c["holder"] else word_fault(c["holder"], 0 if private else 2, 80),
        "signer": word_fault(c["signer"], 2, 80), "defects": word_fault(c["defects"], 1, 300), "fire": choice_fault(c["fire"], tuple(FIRE)),
        "fire_day": day_fault(c["fire_day"], blank=c["fire"] != "accepted"), "power_kw": number_fault(c["power_kw"], 0, 10_000),
        **{k: choice_fault(c[k], _YES_NO, blank=True) for k in UTILITIES},
        "free_from": day_fault(c["free_from"]), "lease_years": number_fault(c["lease_years"], 0.25, 40),
        "rent_yuan_m2_month": number_fault(c["rent_yuan_m2_month"], 0, 10_000),
        "rent_basis": word_fault(c["rent_basis"], 2 if c["rent_yuan_m2_month"] else 0, 120),
        "end_months": number_fault(c["end_months"], 0, 60), "tenant_months": number_fault(c["tenant_months"], 0, 60),
        "end_fit_out_percent": number_fault(c["end_fit_out_percent"], 0, 100), "subsidy": word_fault(c["subsidy"], 0, 80),
        "subsidy_yuan": number_fault(c["subsidy_yuan"], 0, 10**9, whole=True), "subsidy_from": day_fault(c["subsidy_from"]),
        "subsidy_until": day_fault(c["subsidy_until"], blank=not c["subsidy"]),
        "subsidy_basis": word_fault(c["subsidy_basis"], 2 if c["subsidy"] else 0, 120),
    }  # fmt: skip
    yield from (f"{column}: {fault}" for column, fault in found.items() if fault)
    if not found["subsidy_from"] and c["subsidy_from"] > (c["subsidy_until"] or c["subsidy_from"]):
        yield "subsidy_until: before it begins / 早于开始日期"


def licensable(room: Room, rules: Rules) -> list[UseVerdict]:
    """Return what the dated lists say of each use in a room, for the uses of which a list speaks; the rest is unknown."""
    every = (use_verdict(use, room.kind, rules, room.zone) for use in use_book().uses)
    return [v for v in every if v.lists]
