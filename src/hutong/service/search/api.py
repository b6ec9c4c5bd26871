"""The API of search."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from hutong.service.search import selectors
from hutong.service.web.rest import WRITABLE, Both, both, route
from hutong.text import Text

router = Router()
Words = Annotated[str, Field(min_length=1, max_length=100, pattern=WRITABLE)]


class Hit(Schema):
    """A result."""

    kind: str
    key: str
    title: Both
    detail: Both
    url: str


class Hits(Schema):
    """Results of a kind: the first of them, and how many there are (``more``: at least so many)."""

    kind: str
    title: Both
    hits: list[Hit]
    count: int
    more: bool


def _hit(d: Any) -> dict[str, Any]:
    return {"kind": d.kind, "key": d.key, "title": both(d.title), "detail": both(d.detail), "url": d.url}


@route(router, "/search", "api_search", Text("搜索", "Search"), list[Hits])
def search(request: HttpRequest, q: Words) -> Any:
    """Find by words what the reader may see, by kind; Chinese words of any length, Latin words by their beginning."""
    return [
        {
            "kind": f.kind.id, "title": both(f.kind.title), "hits": [_hit(d) for d in f.hits], "count": f.count,
            "more": f.more,
        }
        for f in selectors.search(request.user, q)
    ]  # fmt: skip
