"""Requests of the demo quarter: made-up words, spread over half a year and brought as far as their turn says."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.act.cases import default_catalogue
from hutong.rng import generator
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.service.requests import services
from hutong.service.requests.models import Request

HOW_MANY, DAYS, SEED = 48, 180, 1
#: Made up for the demo; one per class of the taxonomy that is common in a quarter.
SENTENCES = (
    "楼上卫生间漏水，天花板一直滴水", "一层下水道堵塞，污水外溢到院里", "冬天暖气不热，室温不到十八度", "院门口堆放杂物，垃圾没有人清运",
    "老人上下楼困难，希望加装电梯", "胡同里乱停车，急救车进不来", "楼道堆满纸箱，担心着火", "夜里施工噪音大，孩子睡不着",
    "邻居私搭一间房，挡住窗户", "路灯坏了，晚上看不清台阶",
)  # fmt: skip
#: How far every request of a turn has come: an event, who does it, days after it was filed.
STEPS = (
    ("take_in", "intake", 0.1), ("dispatch", "intake", 0.2), ("sign_for", "unit", 0.5), ("reply", "unit", 4.0),
    ("confirm", "caller", 6.0),
)  # fmt: skip
REACHED = (5, 5, 4, 5, 3, 2, 5, 0)


def load(quarter: Place, owner: User | None = None) -> list[Request]:
    """File the demo's requests at buildings of a quarter, and bring them as far as their turn says.

    ``owner`` gets the first of them, so that somebody's own page shows one.
    """
    buildings = list(within(quarter, "building").order_by("path"))
    draw = generator(SEED, "demo-requests")
    # few places report much, most little: the square of a uniform draw
    at = (draw.random(HOW_MANY) ** 2 * len(buildings)).astype(int)
    ages = sorted((draw.random(HOW_MANY) * DAYS + 0.5).tolist(), reverse=True)
    now = timezone.now()
    out = []
    for n, age in enumerate(ages):
        filed = now - dt.timedelta(days=age)
        new = services.NewRequest(
            buildings[at[n]],
            SENTENCES[n % len(SENTENCES)],
            channel=("web", "counter")[n % 2],
            owner=owner if n == 0 else None,
            token=uuid.uuid5(uuid.NAMESPACE_OID, f"{quarter.path}{n}"),
            filed=filed,
        )
        out.append(_brought(services.file(new).request, REACHED[n % len(REACHED)], now))
    return out


def _brought(request: Request, reached: int, now: dt.datetime) -> Request:
    kind = next(k for k in load_taxonomy().classes if k.id == request.suggested)
    day = timezone.localtime(request.filed).date()
    unit = default_catalogue().find(kind.id, request.place.path, day).unit
    said = {
        "take_in": {"category": kind.id, "limit": kind.deadline},
        "dispatch": {"unit": unit},
        "reply": {"reply": "已到现场处理，并告知反映人"},
        "confirm": {"satisfied": True},
    }
    for event, by, days in STEPS[:reached]:
        when = request.filed + dt.timedelta(days=days)
        if when > now:
            break
        request = services.step(
            request, event, by, unit=unit if by == "unit" else "", said=said.get(event), at=when
        )
    return request
