"""Reading a district's floor-area account."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone

from hutong.act.floor import Booking, FloorBook, FloorStatement, booked, open_book, statement
from hutong.service.operation.models import FloorEntry
from hutong.service.places.models import Place
from hutong.service.projects.selectors import rules_on

LEVELS = ("district", "subdistrict", "quarter")


def place(pk: int) -> Place:
    """Return a place that has an account, or raise ``Http404``."""
    found = Place.objects.filter(pk=pk, kind__in=LEVELS).first()
    if found is None:
        raise Http404
    return found


def district_of(found: Place) -> Place:
    """Return the district of a place, or raise ``Http404``."""
    top = next((p for p in _chain(found) if p.kind == "district"), None)
    if top is None:
        raise Http404
    return top


def _chain(found: Place | None) -> list[Place]:
    return [] if found is None else [found, *_chain(found.parent)]


def districts() -> list[Place]:
    """Return the districts."""
    return list(Place.objects.filter(kind="district"))


def places_of(district: Place) -> list[Place]:
    """Return the district, its subdistricts and its quarters, in the order of the tree."""
    return list(Place.objects.filter(path__startswith=district.path, kind__in=LEVELS).order_by("path"))


def entries(district: Place) -> list[FloorEntry]:
    """Return the entries of a district's account, in order."""
    return list(district.floor_entries.select_related("place", "to"))


def key(found: Place) -> str:
    """Return how a place is named in the account and the ledger."""
    return f"place-{found.pk}"


def book(district: Place) -> FloorBook:
    """Return the account, from its entries; each was judged by the rules of its day."""
    rows = places_of(district)
    known = {p.pk for p in rows}
    parents = {key(p): f"place-{p.parent_id}" if p.parent_id in known else "" for p in rows}
    out = open_book(parents)
    for e in entries(district):
        out = booked(out, [booking(e)], rules_on(e.day))
    return out


def booking(e: FloorEntry) -> Booking:
    """Return an entry as what was booked."""
    to = "" if e.to is None else key(e.to)
    return Booking(e.kind, e.day, key(e.place), e.cm2, e.approval, to, e.uncounted, e.of)


def statements(district: Place) -> list[tuple[Place, FloorStatement]]:
    """Return the statement of every place of a district."""
    found, rules = book(district), rules_on(timezone.localdate())
    return [(p, statement(found, key(p), rules)) for p in places_of(district)]


def entries_at(found: Place, viewer: Any = None) -> list[FloorEntry]:
    """Return the entries that touch a place or what lies in it, newest first."""
    rows = entries(district_of(found))
    mine = [e for e in rows if e.place.path.startswith(found.path) or (e.to is not None and e.to.path.startswith(found.path))]  # fmt: skip
    return mine[::-1]
