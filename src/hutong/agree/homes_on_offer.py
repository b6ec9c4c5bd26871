"""Homes that a surrender project offers: read from the office's form, with the price or rent of each and how far it is."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hutong.agree.home_statement import Line, Part
from hutong.agree.surrender import surrender_forms
from hutong.errors import HutongError
from hutong.sense.sheets import HEADER_ROWS, Sheet, read_sheets
from hutong.text import Text, number, written_day, yuan

_COLUMNS = {
    "name": Text("小区或地址", "estate or address"),
    "name_en": Text("英文名（可空）", "name in English (may be blank)"),
    "form": Text("方式［shared_ownership/public_rental］", "form [shared_ownership/public_rental]"),
    "area_m2": Text("每套面积 ㎡", "area of a home, m²"),
    "homes": Text("套数", "how many"),
    "price_yuan": Text("个人份额总价 元（共有产权）", "price of the household's share, ¥ (shared ownership)"),
    "share_percent": Text("个人份额 %（共有产权）", "the household's share, % (shared ownership)"),
    "rent_yuan_month": Text("月租 元（公租）", "rent a month, ¥ (public rental)"),
    "lon": Text("经度（WGS-84）", "longitude (WGS-84)"),
    "lat": Text("纬度（WGS-84）", "latitude (WGS-84)"),
    "until": Text("选房截止日 2026-12-31", "to be chosen by, 2026-12-31"),
    "source": Text("价格依据", "what the price rests on"),
}
FORMS = ("shared_ownership", "public_rental")
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class HomeOnOffer:
    """One kind of home on offer; money in whole yuan, coordinates in WGS-84 degrees."""

    name: Text
    form: str
    area_m2: float
    homes: int
    price_yuan: int | None
    share_percent: int | None
    rent_yuan_month: int | None
    lon: float
    lat: float
    until: dt.date | None
    source: str


def homes_form(offers: Sequence[HomeOnOffer] = ()) -> Sheet:
    """Return the form that an office fills in, with what is on offer now."""
    rows = [[_cell(v) for v in (o.name.zh, o.name.en, o.form, o.area_m2, o.homes, o.price_yuan, o.share_percent, o.rent_yuan_month, o.lon, o.lat, o.until, o.source)] for o in offers]  # fmt: skip
    return Sheet("homes", Text("安置房源", "Homes on offer"), _COLUMNS, rows, {"form": FORMS})


def _cell(value: object) -> str:
    return (
        ""
        if value is None
        else f"{value:g}"
        if isinstance(value, float) and value == int(value)
        else str(value)
    )


def read_homes_on_offer(path: Path) -> list[HomeOnOffer]:
    """Read a filled form.

    Raises
    ------
    HutongError
        ``bad-homes`` naming row and column of every fault; ``unreadable``; ``formula-in-form``.
    """
    table = next(iter(read_sheets(path).values()), None)
    if table is None or not set(_COLUMNS) <= set(table.columns):
        raise HutongError(
            "bad-homes",
            Text("这不是安置房源表。", "This is not the form of homes on offer."),
            Text("请用本页下载的表格填写。", "Fill in the form that this page offers."),
        )
    faults = [f"row {line}, {fault}" for line, cells in table.rows for fault in _faults(cells)]
    if faults or not table.rows:
        raise HutongError(
            "bad-homes",
            Text(
                f"安置房源表有 {len(faults)} 处不合格。",
                f"The form of homes on offer has {len(faults)} faults.",
            )
            if faults
            else Text("表里没有房源。", "The form lists no homes."),
            Text(
                f"请改正所列各处（从第 {HEADER_ROWS + 1} 行起填写）；没有存入任何数据。",
                f"Mend what is listed (rows begin at {HEADER_ROWS + 1}); nothing was stored.",
            ),
            faults,
        )
    return [_read(cells) for _, cells in table.rows]


def _read(c: dict[str, str]) -> HomeOnOffer:
    whole = {k: int(c[k]) if c[k] else None for k in ("price_yuan", "share_percent", "rent_yuan_month")}
    return HomeOnOffer(
        Text(c["name"], c["name_en"] or c["name"]), c["form"], float(c["area_m2"]), int(c["homes"]), **whole,
        lon=float(c["lon"]), lat=float(c["lat"]), until=dt.date.fromisoformat(c["until"]) if c["until"] else None, source=c["source"],
    )  # fmt: skip


def _faults(c: dict[str, str]) -> Iterator[str]:
    for column in ("name", "source"):
        if not 2 <= len(c[column]) <= 120:
            yield f"{column}: 2 to 120 characters / 2 至 120 字"
    if c["form"] not in FORMS:
        yield f"form: {c['form']!r}; one of {', '.join(FORMS)} / 方式不对"
    for column, low, high in (("area_m2", 5, 500), ("lon", 70, 140), ("lat", 15, 56)):
        if not _within(c[column], low, high):
            yield f"{column}: {c[column]!r}; a number from {low} to {high} / 应为 {low} 至 {high} 的数"
    needed = {"shared_ownership": ("price_yuan", "share_percent"), "public_rental": ("rent_yuan_month",)}.get(c["form"], ())  # fmt: skip
    for column, high in (("homes", 100_000), ("price_yuan", 10**8), ("share_percent", 100), ("rent_yuan_month", 10**6)):  # fmt: skip
        asked = column == "homes" or column in needed
        if (c[column] or asked) and not (c[column].isascii() and c[column].isdigit() and 0 < int(c[column]) <= high):  # fmt: skip
            yield f"{column}: {c[column]!r}; a whole number from 1 to {high} / 应为 1 至 {high} 的整数"
    if c["until"]:
        try:
            dt.date.fromisoformat(c["until"])
        except ValueError:
            yield f"until: {c['until']!r}; a date as 2026-12-31 / 日期写作 2026-12-31"


def _within(cell: str, low: float, high: float) -> bool:
    try:
        return low <= float(cell) <= high  # NaN is not
    except ValueError:
        return False


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return the distance of two points in metres along the great circle of a sphere (haversine; Sinnott 1984)."""
    a, b = math.radians(lat), math.radians(other_lat)
    h = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(h)))


def homes_part(
    offers: Sequence[HomeOnOffer], at: tuple[float, float] | None, today: dt.date, ask: Text
) -> Part:
    """Return the homes that can still be chosen, the nearest first, each with price or rent and how far it is.

    Parameters
    ----------
    at
        Longitude and latitude of the household's home, None where unknown.
    """
    left = [o for o in offers if o.until is None or o.until >= today]
    if not left:
        none = Text("可选的房源未知：还没有公布，或选房已结束。", "Which homes are on offer is unknown: none were published, or the choice has ended.")  # fmt: skip
        return Part("homes", (Line(none, "unknown", ask=ask),))
    far = [None if at is None else metres_between(*at, o.lon, o.lat) for o in left]
    order = sorted(range(len(left)), key=lambda i: (far[i] if far[i] is not None else 0.0, left[i].name.zh))
    return Part("homes", tuple(_one(left[i], far[i]) for i in order))


def _one(o: HomeOnOffer, metres: float | None) -> Line:
    form = surrender_forms()[o.form]
    if o.form == "public_rental":
        paid = Text(f"月租 {number(o.rent_yuan_month, 'zh')} 元", f"¥{number(o.rent_yuan_month)} a month")
    else:
        paid = Text(
            f"您出 {yuan(o.price_yuan, 'zh')}，占 {o.share_percent}%", f"you pay {yuan(o.price_yuan)} for {o.share_percent}%"
        )  # fmt: skip
    far = (
        Text("距离未知", "distance unknown")
        if metres is None
        else Text(
            f"离这里直线 {metres / 1000:.1f} 公里", f"{metres / 1000:.1f} km from here in a straight line"
        )
    )
    until = (
        Text("", "")
        if o.until is None
        else Text(f"，{written_day(o.until).zh}前选", f", to be chosen by {written_day(o.until).en}")
    )
    return Line(
        Text(
            f"{o.name.zh}：{form.zh}，{number(o.area_m2, 'zh')} ㎡，{paid.zh}，{far.zh}；{o.homes} 套{until.zh}。",
            f"{o.name.en}: {form.en}, {number(o.area_m2)} m², {paid.en}, {far.en}; {o.homes} homes{until.en}.",
        ),
        "offer",
        Text(o.source, o.source),
    )
