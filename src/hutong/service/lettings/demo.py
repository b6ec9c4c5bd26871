"""Rooms to let of the demo: fictional rooms in emptied buildings, fees of two years, and an operator who asks for one."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.act.rooms import FeeLine, Room
from hutong.service.accounts.models import User
from hutong.service.lettings import selectors, services
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.text import Text

BASIS, HOLDER = "虚构示例", "示例区房屋管理中心"
#: Where, what it is, area, rent per m² a month (none: unknown), fire acceptance, defects.
ROOMS = (
    (Text("北房两间", "north wing, two rooms"), "vacated_room", 38.5, 82.0, "accepted", "无"),
    (Text("东厢房", "east wing"), "vacated_room", 21.0, 75.0, "not_accepted", "屋面渗漏，须先修"),
    (Text("临街一间", "one room on the street"), "shop", 46.0, 110.0, "accepted", "无"),
    (Text("后院库房", "store in the back yard"), "other_space", 64.0, None, "unknown", "未检测"),
    (Text("西厢房", "west wing"), "vacated_room", 19.5, 75.0, "not_needed", "门窗破损"),
    (Text("南房", "south wing"), "vacated_room", 24.0, 78.0, "accepted", "无"),
    (Text("耳房", "side room"), "vacated_room", 12.5, 70.0, "not_accepted", "无下水"),
)


def load(quarter: Place, office: User, operator: User) -> None:
    """Publish a list of rooms in the first courtyards of the quarter, with fees, and let the operator ask for two."""
    today = timezone.localdate()
    buildings = list(within(quarter, "building").order_by("path"))
    rooms = [_room(n, buildings[n * 5 % len(buildings)].code, today) for n in range(len(ROOMS))]
    made = services.publish(services.enter(quarter, rooms, {b.code: b for b in buildings}, office), office)
    lines = [
        FeeLine(b.code, today.year - back, 24 + n % 9, 30_000.0, 30_000.0 * (0.62 + 0.05 * (2 - back) + 0.02 * (n % 4)), BASIS)
        for n, b in enumerate(buildings)
        for back in (2, 1)
    ]  # fmt: skip
    services.store_fees(lines, {b.code: b for b in buildings})
    first, second = list(made.rooms.all())[:2]
    services.ask(first, "culture", "想办一间社区阅览室，修好即可进场。（示例）", operator, uuid.uuid4())
    asked = services.ask(
        second, "convenience", "想开便民菜店，早七点到晚八点。（示例）", operator, uuid.uuid4()
    )
    services.answer(asked, "viewing", "可以看房，请带经营方案。（示例）", office)
    if not selectors.rooms_for(operator):
        raise ValueError("the demo's operator sees no rooms")


def _room(n: int, building: str, today: dt.date) -> Room:
    where, kind, area, rent, fire, defects = ROOMS[n]
    known = rent is not None
    return Room(
        f"R{n + 1:03d}", building, where, kind, "", area, "unit", HOLDER, HOLDER, defects, fire,
        today - dt.timedelta(days=90) if fire == "accepted" else None,
        {"water": True, "drain": n != 6, "gas": None, "heating": n % 2 == 0}, 8.0 if known else None,
        today + dt.timedelta(days=30 * (n + 1)) if known else None, 5.0 if known else None, rent, BASIS if known else "",
        3.0 if known else None, 50.0 if n % 3 == 0 else None, 2.0 if known else None,
        "便民商业补贴（示例）" if n == 2 else "", 30_000 if n == 2 else None, today if n == 2 else None,
        today + dt.timedelta(days=120) if n == 2 else None, BASIS if n == 2 else "",
    )  # fmt: skip
