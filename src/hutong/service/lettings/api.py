"""The API of rooms to let: counts for everyone; single rooms, as their pages show them, for who may take one on or works on them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from hutong.act.rooms import Room as Told
from hutong.act.rooms import licensable
from hutong.rules.uses import use_book
from hutong.service.consent.ballots.kept_rule import rules_on
from hutong.service.lettings import selectors
from hutong.service.web.rest import Both, Key, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class CountOut(Schema):
    """How many rooms of a kind are to let in a quarter."""

    path: str
    place: Both
    kind: Both | None = Field(description="null: the kinds of which there are few, together")
    rooms: int | None = Field(description="null: too few to be told")
    area_m2: float | None = Field(description="null: too few to be told")


class RoomOut(Schema):
    """A room of a published list; null is unknown."""

    id: int
    room_id: str
    path: str
    building: Both
    where: Both
    kind: str
    area_m2: float
    rent_yuan_m2_month: float | None
    lease_years: float | None
    free_from: dt.date | None
    url: str


class UseOut(Schema):
    """What dated lists say of a use: allowed, conditional or prohibited; a use that no list speaks of is not here."""

    use: str
    title: Both
    verdict: str
    conditions: list[Both]
    lists: list[Both]


class SubsidyOut(Schema):
    """A subsidy that may be asked for; null is unknown."""

    name: str
    yuan: int | None
    asked_from: dt.date | None
    asked_until: dt.date | None
    basis: str


class FeesOut(Schema):
    """The share of property fees collected in the estate, in steps of 5 %; null: too few households."""

    year: int
    share_percent: int | None
    sources: list[str]


class RoomWhole(RoomOut):
    """All that is known of a room; null is unknown, an empty text too."""

    zone: str
    holder_kind: str
    holder: str
    signer: str
    defects: str
    fire: str
    fire_day: dt.date | None
    utilities: dict[str, bool | None]
    power_kw: float | None
    rent_basis: str
    holder_ends_months: float | None = Field(
        description="months of rent the holder pays if it ends the lease early"
    )
    holder_ends_fit_out_percent: float | None = Field(
        description="share of the fit-out not yet written off that it pays then"
    )
    operator_leaves_months: float | None = Field(
        description="months of rent the operator pays if it leaves early"
    )
    subsidy: SubsidyOut | None = Field(description="null: none is entered; whether there is one is unknown")
    uses: list[UseOut]
    fees: list[FeesOut] = Field(description="of the estate by year; empty: none is entered")


def _room(pk: Key) -> Any:
    return selectors.room(pk)


def _count(row: dict[str, Any]) -> dict[str, Any]:
    place, kind = row["place"], row["title"]
    return {
        "path": place.path, "place": both(place.title), "kind": None if kind is None else both(kind),
        "rooms": row["rooms"], "area_m2": row["area_m2"],
    }  # fmt: skip


def _out(r: Any) -> dict[str, Any]:
    told: Told = r.told
    return {
        "id": r.pk, "room_id": r.room_id, "path": r.building.path, "building": both(r.building.title), "where": both(told.where),
        "kind": told.kind, "area_m2": told.area_m2, "rent_yuan_m2_month": told.rent_yuan_m2_month,
        "lease_years": told.lease_years, "free_from": told.free_from, "url": reverse("letting_room", args=[r.pk]),
    }  # fmt: skip


def _uses(told: Told) -> list[dict[str, Any]]:
    return [
        {
            "use": v.use, "title": both(use_book().uses[v.use].title), "verdict": v.verdict,
            "conditions": [both(c) for c in v.conditions], "lists": [both(one.title) for one in v.lists],
        }
        for v in licensable(told, rules_on(timezone.localdate()))
    ]  # fmt: skip


@route(
    router,
    "/rooms/counts",
    "api_room_counts",
    Text("可租用房屋有多少", "How many rooms are to let"),
    Listed[CountOut],
)
def counts(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """Count the rooms to let by quarter and kind, as everyone may know it: few are not counted out."""
    rows = [{"place": c["place"], **kind} for c in selectors.counts() for kind in c["kinds"]]
    return listed(rows, page, size, _count)


@route(router, "/rooms", "api_rooms", Text("可租用房屋", "Rooms to let"), Listed[RoomOut], "lettings.read")
def rooms(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the published rooms at the places of who asks."""
    return listed(selectors.rooms_for(request.user), page, size, _out)


@route(
    router, "/rooms/{pk}", "api_room", Text("一处可租用房屋", "One room to let"), RoomWhole, "lettings.see", _room
)  # fmt: skip
def room(request: HttpRequest, found: Any) -> Any:
    """Say all that is known of a room: who holds it and signs, its state, what it may become, its terms, fees around it."""
    told: Told = found.told
    return {
        **_out(found), "zone": told.zone, "holder_kind": told.holder_kind, "holder": told.holder, "signer": told.signer,
        "defects": told.defects, "fire": told.fire, "fire_day": told.fire_day, "utilities": dict(told.utilities),
        "power_kw": told.power_kw, "rent_basis": told.rent_basis, "holder_ends_months": told.end_months,
        "holder_ends_fit_out_percent": told.end_fit_out_percent, "operator_leaves_months": told.tenant_months,
        "subsidy": {
            "name": told.subsidy, "yuan": told.subsidy_yuan, "asked_from": told.subsidy_from, "asked_until": told.subsidy_until,
            "basis": told.subsidy_basis,
        } if told.subsidy else None,
        "uses": _uses(told),
        "fees": [
            {"year": f.year, "share_percent": f.share_percent, "sources": list(f.sources)}
            for f in selectors.fees(selectors.estate_of(found.building))
        ],
    }  # fmt: skip
