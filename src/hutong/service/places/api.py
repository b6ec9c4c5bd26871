"""The API of places: the tree from the city down to the building."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from hutong.service.places import selectors
from hutong.service.web.rest import Both, Key, Listed, Name, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()
Kind = Literal["", "city", "district", "subdistrict", "quarter", "block", "estate", "building"]


class PlaceOut(Schema):
    """A place; ``path`` names all that it lies in."""

    id: int
    kind: str
    code: str
    path: str
    title: Both
    lon: float | None
    lat: float | None


def place_out(place: Any) -> dict[str, Any]:
    """Return a place as :class:`PlaceOut`."""
    return {
        "id": place.pk, "kind": place.kind, "code": place.code, "path": place.path, "title": both(place.title),
        "lon": place.lon, "lat": place.lat,
    }  # fmt: skip


def _place(pk: Key) -> Any:
    return selectors.place(pk)


@route(router, "/places", "api_places", Text("地点", "Places"), Listed[PlaceOut])
def places(
    request: HttpRequest,
    kind: Kind = "",
    within: Name = "",
    q: Name = "",
    page: PageNumber = 1,
    size: PageSize = 100,
) -> Any:
    """List places: of one kind, within a path, by words of their names."""
    return listed(selectors.listed(kind, within, q), page, size, place_out)


@route(router, "/places/{pk}", "api_place", Text("一个地点", "One place"), PlaceOut, load=_place)
def place(request: HttpRequest, found: Any) -> Any:
    """Return one place."""
    return place_out(found)
