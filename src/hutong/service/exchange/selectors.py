"""Reading exchange: offers, what was received with what taking it would do, known sites."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.service.exchange.models import Offer, Partner, Received
from hutong.service.exchange.package import Opened, open_package
from hutong.service.exchange.policies import OFFICE
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain
from hutong.text import Text


def offers() -> QuerySet[Offer]:
    """Return what this site offers, the newest first."""
    return Offer.objects.select_related("place").defer("data")


def offer(pk: int) -> Offer:
    """Return an offer, or raise ``Http404``."""
    found = Offer.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def received(pk: int) -> Received:
    """Return a package from elsewhere, or raise ``Http404``."""
    found = Received.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Received]:
    """Return the packages that a reader may see: those taken in, and all at their places for the office."""
    seen = Q(state="taken")
    for role, path in getattr(viewer, "held", ()):
        if role in (*OFFICE, "planner", "auditor"):
            seen |= Q(place__path__startswith=path)
    return Received.objects.filter(seen).select_related("place").defer("data")


def places_for(viewer: Any, roles: tuple[str, ...]) -> list[Place]:
    """Return the places at which a person holds one of some roles."""
    paths = {path for role, path in getattr(viewer, "held", ()) if role in roles}
    return list(Place.objects.filter(path__in=paths).order_by("path"))


def partners(place: Place) -> list[Partner]:
    """Return the known sites at a place and at those that it lies in."""
    return list(Partner.objects.filter(place__in=chain(place), until=None))


def partner(pk: int) -> Partner:
    """Return a known site, or raise ``Http404``."""
    found = Partner.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def partners_of(viewer: Any) -> list[Partner]:
    """Return the known sites at the places where a person keeps them."""
    rows = Partner.objects.filter(place__in=places_for(viewer, ("district", "city")), until=None)
    return list(rows.select_related("place"))


def known(place: Place, key: str) -> Partner | None:
    """Return the known site of a key at a place."""
    return next((p for p in partners(place) if p.key == key), None)


def opened(of: Received) -> Opened:
    """Open a received package again: it is checked each time that it is shown."""
    return open_package(bytes(of.data))


def effects(found: Opened) -> list[Text]:
    """Return in sentences what taking a package in would do, and what it would not."""
    c: Any = found.content
    if found.manifest.kind == "indicators":
        known_rows = sum(r.value is not None for r in c.rows)
        first = Text(
            f"收入 {len(c.rows)} 项指标（{known_rows} 项有值），作为别处 {c.date} 的数据单独显示。",
            f"{len(c.rows)} indicators ({known_rows} with a value) are shown by themselves as another place’s of {c.date}.",
        )
    elif found.manifest.kind == "case":
        first = Text(
            f"收入一个案例：经过 {len(c.passed)} 步、{len(c.tasks)} 项工程，可供查阅。",
            f"One case with {len(c.passed)} steps and {len(c.tasks)} tasks can be read.",
        )
    else:
        first = Text(
            f"收入一份方案（{len(c.document)} 字），可供查阅和下载。",
            f"One scheme ({len(c.document)} characters) can be read and downloaded.",
        )
    rest = Text(
        "不改动本站的任何快照、体检、项目、方案、台账以外的记录，不计入任何统计。",
        "No snapshot, checkup, project or scheme of this site changes, and it counts in no statistics.",
    )
    return [
        first,
        Text("台账记一条：收入了谁的、哪一个哈希。", "The ledger records whose it is and its hash."),
        rest,
    ]
