"""What search finds of requests: the class and rough place for all; the words for whoever filed it and who handles it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from hutong.service.requests.models import Request
from hutong.service.requests.policies import SEES
from hutong.service.requests.selectors import OFFICES, rough_place
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (
    FoundKind("own_request", Text("我的诉求", "My requests"), 1),
    FoundKind("case", Text("办件", "Cases"), 2),
    FoundKind("unit_case", Text("本单位的办件", "Cases of my unit"), 3),
    FoundKind("request", Text("公开的诉求", "Requests in public"), 60),
)
EXCERPT = 60


def everything() -> Iterator[Findable]:
    """Return what can be found of all requests."""
    for request in Request.objects.select_related("place__parent").order_by("pk").iterator(chunk_size=1000):
        yield from of_request(request)


def of_places(places: Sequence[int]) -> Iterator[Findable]:
    """Return the requests that name one of some places: those there, and at a building of an estate there."""
    at = Q(place__in=places) | Q(place__kind="building", place__parent__in=places)
    for request in Request.objects.filter(at).select_related("place__parent").iterator(chunk_size=1000):
        yield from of_request(request)


def of_request(r: Request) -> Iterator[Findable]:
    """Return a request as anyone finds it, as its owner does, and as the offices do that see its words."""
    at = rough_place(r)
    title = Text(f"{r.kind.zh} · {r.number}", f"{r.kind.en} · {r.number}")
    yield Findable(
        "request",
        r.number,
        title,
        f"{reverse('requests')}?{urlencode({'number': r.number})}",
        at.title,
        public=True,
    )
    excerpt = Text(r.words[:EXCERPT], r.words[:EXCERPT])
    if r.owner_id is not None:
        url = reverse("request_own", args=[r.pk])
        yield Findable("own_request", r.number, title, url, excerpt, r.words, owner=r.owner_id)
    url = reverse("request_case", args=[r.pk])
    yield Findable("case", r.number, title, url, excerpt, r.words, roles=SEES, path=r.place.path)
    for code in _units(r):
        key, roles = f"{r.number}/{code}", (unit_name(code),)
        yield Findable("unit_case", key, title, url, excerpt, r.words, roles=roles, path=r.place.path)


def _units(r: Request) -> list[str]:
    """Return the units that see the words of a case: that which holds it, and those called to it."""
    return sorted({r.unit, *r.called_units} - {"", *OFFICES})


def unit_name(code: str) -> str:
    """Return the name under which the people of a unit find its cases."""
    return f"unit:{code}"


def of_units(r: Request) -> list[str]:
    """Return the keys of a case as its units find it."""
    return [f"{r.number}/{code}" for code in _units(r)]
