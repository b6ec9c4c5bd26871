"""Reading the tree of places."""

from __future__ import annotations

import math

from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Length
from django.http import Http404

from hutong.errors import HutongError
from hutong.service.places.models import Place
from hutong.text import Text


def place(pk: int) -> Place:
    """Return a place, or raise ``Http404``."""
    found = Place.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def at(path: str) -> Place:
    """Return the place of a path.

    Raises
    ------
    HutongError
        ``no-such-place``.
    """
    found = Place.objects.filter(path=path).first()
    if found is None:
        raise HutongError(
            "no-such-place",
            Text(f"没有地点 {path}。", f"There is no place {path}."),
            Text(
                "请用 hutong service place 建立；路径以 / 开头和结尾。",
                "Make it with hutong service place; a path begins and ends with /.",
            ),
        )
    return found


def within(top: Place, kind: str | None = None) -> QuerySet[Place]:
    """Return the places in ``top``, itself included, of one kind or all."""
    rows = Place.objects.filter(path__startswith=top.path)
    return rows if kind is None else rows.filter(kind=kind)


def of_kind(*kinds: str) -> QuerySet[Place]:
    """Return all places of these kinds."""
    return Place.objects.filter(kind__in=kinds)


def paths_to(lowest: Place) -> list[str]:
    """Return the paths of a place and of all it lies in, the largest first."""
    parts = lowest.path.strip("/").split("/")
    return ["/" + "/".join(parts[: i + 1]) + "/" for i in range(len(parts))]


def chain(lowest: Place) -> list[Place]:
    """Return a place and all it lies in, the largest first."""
    return list(Place.objects.filter(path__in=paths_to(lowest)).order_by("path"))


def named(words: str, most: int = 12) -> list[Place]:
    """Return places whose name holds all the words; cities and districts are no place to go to.

    What is called just so stands first, then whose name holds the words as they were said, each the largest first.
    """
    rows = Place.objects.exclude(kind__in=("city", "district"))
    said = " ".join(words.split())
    for word in words.split()[:5]:
        rows = rows.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word))
    like = Case(
        When(Q(name_zh__iexact=said) | Q(name_en__iexact=said), then=0),
        When(Q(name_zh__icontains=said) | Q(name_en__icontains=said), then=1),
        default=2,
    )
    rows = rows.select_related("parent").annotate(like=like, depth=Length("path"))
    return list(rows.order_by("like", "depth", "path")[:most])


def nearest(lon: float, lat: float, most: int = 5, within: str = "") -> list[Place]:
    """Return the buildings nearest to a position (WGS 84 degrees), within about 300 m; of those in a path."""
    span = 0.003
    rows = Place.objects.filter(
        kind="building",
        path__startswith=within,
        lon__range=(lon - span, lon + span),
        lat__range=(lat - span, lat + span),
    ).select_related("parent")
    shrink = math.cos(math.radians(lat))

    def away(place: Place) -> float:
        return math.hypot(((place.lon or 0) - lon) * shrink, (place.lat or 0) - lat)

    return sorted(rows, key=away)[:most]


def listed(kind: str = "", path: str = "", words: str = "") -> QuerySet[Place]:
    """Return places of one kind or all, within a path, whose name holds all the words, in order of their paths."""
    rows = Place.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    if path:
        rows = rows.filter(path__startswith=path)
    for word in words.split()[:5]:
        rows = rows.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word))
    return rows.order_by("path")


def coded(kind: str, code: str) -> QuerySet[Place]:
    """Return the places of a kind with this code, in any quarter."""
    return Place.objects.filter(kind=kind, code=code)
