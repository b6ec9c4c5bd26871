"""The demo's neighbours: a door with posts on it, memories of the quarter with a picture, a year of the survey of belonging; all made up."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Mapping

from django.utils import timezone
from PIL import Image, ImageDraw

from hutong.rng import generator
from hutong.service.accounts.models import User
from hutong.service.neighbourhood import selectors, services
from hutong.service.neighbourhood.models import Tally
from hutong.service.neighbourhood.words import AGES, ITEMS, TENURES
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.service.requests.photos import Picture, picture

#: What stands on the door: kind, words, days from today.
POSTS = (
    ("notice", "周六上午九点清洗水箱，停水两小时，请提前接水。", None),
    ("help", "下周要去医院，想请邻居帮忙收一下快递。", None),
    ("event", "院里的葡萄熟了，周日下午一起摘，老人孩子都来。", 5),
    ("help", "谁家有梯子？想借用半天换走廊的灯泡。", None),
)
#: Memories, the square root of how far along the list of buildings each lies, and whether it is of a spot beside that building.
MEMORIES = (
    ("小时候夏天在院里大槐树下乘凉，听老人讲故事，一条街的孩子都在。", 0.3, False),
    ("这口井早就不用了，井台上的绳印还在，小时候天天来打水。", 0.6, True),
    ("一层的小铺开了三十年，记账本上写着半个院子的名字。", 0.8, False),
)
#: Degrees of longitude from a building to a spot beside it.
BESIDE = 1e-4
#: So many answers a group, of ages and tenures (made up); small groups are never shown apart.
SHEETS = {("under_35", "resident_tenant"): 7, ("35_59", "resident_owner"): 12, ("60_up", "resident_owner"): 16, ("60_up", "resident_tenant"): 6}  # fmt: skip
SEED = 5


def load(quarter: Place, people: Mapping[str, User]) -> None:
    """Fill the door of the demo's owner, let memories be told and shown, and count last year's survey."""
    owner, tenant = people["resident-owner"], people["resident-tenant"]
    here = Place.objects.get(path=max(path for path, _ in selectors.doors(owner)))
    stair = max((stair for path, stair in selectors.doors(owner) if path == here.path), default="")
    door = services.open_space(here, stair)
    made = [
        services.write(door, owner, kind, words, _day(days), _token(quarter, words))
        for kind, words, days in POSTS
    ]
    services.settle(made[-1])
    buildings = list(within(quarter, "building").order_by("path"))
    for n, (words, along, apart) in enumerate(MEMORIES):
        at, by = buildings[int(along**2 * len(buildings))], (owner, tenant)[n % 2]
        spot = (at.lon + BESIDE, at.lat) if apart and at.lon is not None and at.lat is not None else None
        drawn = _courtyard() if n == 0 else None
        memory = services.remember(quarter if spot else at, by, words, drawn, _token(quarter, words), spot)
        if n + 1 < len(MEMORIES):  # the last waits for the committee
            services.show(memory)
    _survey(quarter, timezone.localdate().year - 1)


def _courtyard() -> Picture:
    """Return a picture, drawn here: a great tree in a courtyard, and a bench under it."""
    drawn = Image.new("RGB", (960, 640), "#f3ead6")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 430, 960, 640), fill="#cbb994")  # the ground
    pen.polygon(((40, 250), (300, 130), (560, 250)), fill="#5b6166")  # the roof
    pen.rectangle((70, 250, 530, 470), fill="#b9a48c")
    for left in (110, 270, 430):
        pen.rectangle((left, 310, left + 60, 400), fill="#7d3b2c")
    pen.polygon(((640, 520), (668, 260), (712, 260), (740, 520)), fill="#6b4a2f")  # the tree
    for x, y, r in ((690, 190, 150), (580, 240, 100), (800, 240, 105), (690, 110, 95)):
        pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill="#4d7a46")
    pen.rectangle((560, 500, 860, 516), fill="#8a6a48")  # the bench
    for left in (580, 824):
        pen.rectangle((left, 516, left + 14, 560), fill="#8a6a48")
    file = io.BytesIO()
    drawn.save(file, "PNG")
    file.seek(0)
    return picture(file)


def _survey(quarter: Place, year: int) -> None:
    """Count made-up answers: the demo has three residents, and a tally keeps no person."""
    draw = generator(SEED, "demo belonging")
    counts: dict[str, dict[str, dict[str, list[int]]]] = {}
    for (age, tenure), n in SHEETS.items():
        if age not in AGES or tenure not in TENURES:
            raise ValueError((age, tenure))
        cell = counts.setdefault(age, {}).setdefault(tenure, {})
        for k, item in enumerate(ITEMS):
            scores = (1 + 5 * draw.random(n) ** (0.5 + 0.25 * k)).astype(int).clip(1, 5)
            cell[item] = [int((scores == s).sum()) for s in range(1, 6)]
    Tally.objects.update_or_create(quarter=quarter, year=year, defaults={"counts": counts})


def _day(days: int | None) -> dt.date | None:
    return None if days is None else timezone.localdate() + dt.timedelta(days=days)


def _token(quarter: Place, words: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{quarter.path}{words}")
