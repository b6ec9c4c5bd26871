"""Reading the tree of places."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from hutong.service.places.models import Place


def place(pk: int) -> Place:
    """Return a place, or raise ``Http404``."""
    found = Place.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def within(top: Place, kind: str | None = None) -> QuerySet[Place]:
    """Return the places in ``top``, itself included, of one kind or all."""
    rows = Place.objects.filter(path__startswith=top.path)
    return rows if kind is None else rows.filter(kind=kind)


def of_kind(*kinds: str) -> QuerySet[Place]:
    """Return all places of these kinds."""
    return Place.objects.filter(kind__in=kinds)


def chain(lowest: Place) -> list[Place]:
    """Return a place and all it lies in, the largest first."""
    parts = lowest.path.strip("/").split("/")
    paths = ["/" + "/".join(parts[: i + 1]) + "/" for i in range(len(parts))]
    return list(Place.objects.filter(path__in=paths).order_by("path"))
