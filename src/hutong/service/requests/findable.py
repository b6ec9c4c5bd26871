"""What search finds of requests: the class and rough place for all; the words for whoever filed it and who handles it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from hutong.service.requests.models import Request
from hutong.service.requests.policies import SEES
from hutong.service.requests.selectors import rough_place
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (
    FoundKind("own_request", Text("我的诉求", "My requests"), 1),
    FoundKind("case", Text("办件", "Cases"), 2),
    FoundKind("request", Text("公开的诉求", "Requests in public"), 60),
)
EXCERPT = 60


def everything() -> Iterator[Findable]:
    """Return what can be found of all requests."""
    for request in Request.objects.select_related("place__parent").order_by("pk").iterator(chunk_size=1000):
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
