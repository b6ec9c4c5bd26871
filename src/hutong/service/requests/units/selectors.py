"""Reading units: what a reader administers, who works where, what each takes."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from hutong.act.cases import machine
from hutong.service.accounts.selectors import places_for
from hutong.service.places.models import Place
from hutong.service.requests.models import Dispatch, Member, Request, Unit

#: The kinds of places that a unit serves.
SERVED = ("city", "district", "subdistrict")


def unit(pk: int) -> Unit:
    """Return a unit, or raise ``Http404``."""
    found = Unit.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def member(pk: int) -> Member:
    """Return a membership, or raise ``Http404``."""
    found = Member.objects.select_related("unit__place", "user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def row(pk: int) -> Dispatch:
    """Return a row of the office's dispatch catalogue, or raise ``Http404``."""
    found = Dispatch.objects.select_related("place", "unit").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def listed(viewer: Any) -> QuerySet[Unit]:
    """Return the units in and around the places where a viewer holds a role, those that serve before those that are retired."""
    inside = Q(pk=None)
    for _role, path in viewer.held:
        steps = [at for at, sign in enumerate(path) if sign == "/"][1:]
        inside |= Q(place__path__startswith=path) | Q(place__path__in=[path[: at + 1] for at in steps])
    return (
        Unit.objects.filter(inside)
        .select_related("place")
        .annotate(
            people=Count("members", filter=Q(members__until=None), distinct=True),
            kinds=Count("takes", filter=Q(takes__until=None), distinct=True),
        )
        .order_by("until", "place__path", "code")
    )


def places_served(viewer: Any) -> QuerySet[Place]:
    """Return where a viewer may set up units."""
    return places_for(viewer, "administrator").filter(kind__in=SERVED)


def taken_by(of: Unit) -> QuerySet[Dispatch]:
    """Return the rows of the catalogue that send to a unit and have not ended."""
    return of.takes.filter(until=None).select_related("place")


def people_of(of: Unit) -> QuerySet[Member]:
    """Return who acts for a unit now."""
    return of.members.filter(until=None).select_related("user").order_by("user__username")


def cases_of(of: Unit) -> QuerySet[Request]:
    """Return the open cases that a unit holds, or was whistled to, at the places that it serves."""
    ended = [s.id for s in machine().states.values() if s.end]
    held = Q(unit=of.code) | Q(called__contains=f";{of.code};")
    return Request.objects.filter(held, place__path__startswith=of.place.path).exclude(state__in=ended)


def inside(of: Unit) -> QuerySet[Place]:
    """Return the places within what a unit serves that a row may name; estates and buildings are too many to list."""
    kinds = ("city", "district", "subdistrict", "quarter")
    return Place.objects.filter(path__startswith=of.place.path, kind__in=kinds)
