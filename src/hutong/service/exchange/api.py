"""The API of exchange: packages that this site offers, and sending one here by token; a person decides on what was sent."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from hutong.errors import HutongError
from hutong.service.exchange import selectors, services
from hutong.service.exchange.format import schema
from hutong.service.exchange.package import LARGEST
from hutong.service.places.selectors import at as place_at
from hutong.service.web.access import require
from hutong.service.web.rest import Both, Key, Listed, Name, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()
Kind = Literal["case", "scheme", "indicators"]


class OfferOut(Schema):
    """A package that this site offers."""

    id: int
    kind: Kind
    title: Both
    place: str
    sha256: str
    made: dt.datetime


class PackageOut(OfferOut):
    """A package in base64."""

    package: str


class SentIn(Schema):
    """A package in base64, for a place; ``dry`` only says what would come of it."""

    place: Name
    package: Annotated[str, Field(max_length=LARGEST * 4 // 3 + 100)]
    dry: bool = False


class SentOut(Schema):
    """What was read of a package: whose it is, whether its key is known here, what taking it in would do, and where it stands."""

    id: int | None
    state: Literal["tried", "waiting", "taken", "refused"]
    kind: Kind
    title: Both
    site: str
    key: str
    known: bool
    sha256: str
    effects: list[Both]


def _out(o: Any) -> dict[str, Any]:
    return {
        "id": o.pk,
        "kind": o.kind,
        "title": both(o.title),
        "place": o.place.path,
        "sha256": o.digest,
        "made": o.made,
    }


@route(router, "/exchange/schema", "api_exchange_schema", Text("交换格式", "The format"), dict[str, Any])
def form(request: HttpRequest) -> Any:
    """Return the format of packages as JSON Schema."""
    return schema()


@route(router, "/exchange/offers", "api_offers", Text("可交换的内容", "Offers"), Listed[OfferOut])
def offers(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the packages that this site offers, the newest first."""
    return listed(selectors.offers(), page, size, _out)


def _offer(pk: Key) -> Any:
    return selectors.offer(pk)


@route(
    router, "/exchange/offers/{pk}", "api_offer", Text("一个交换包", "One package"), PackageOut, load=_offer
)
def offer(request: HttpRequest, found: Any) -> Any:
    """Return one package."""
    return {**_out(found), "package": base64.b64encode(bytes(found.data)).decode()}


@route(
    router,
    "/exchange/received",
    "api_send",
    Text("发送交换包", "Send a package"),
    SentOut,
    "exchange.send",
    method="POST",
)
def send(request: HttpRequest, sent: SentIn) -> Any:
    """Send a package here; it waits until a person decides. ``dry`` writes nothing."""
    place = place_at(sent.place)
    require(request, "exchange.send", place)
    try:
        data = base64.b64decode(sent.package, validate=True)
    except (binascii.Error, ValueError) as caught:
        raise HutongError(
            "package-broken",
            Text("不是 base64。", "This is no base64."),
            Text("请把整个 zip 编成 base64。", "Send the whole zip in base64."),
        ) from caught
    found = services.look(data)
    kept = None if sent.dry else services.receive(place, data, request.user.get_full_name())
    return {
        "id": None if kept is None else kept.pk,
        "state": "tried" if kept is None else kept.state,
        "kind": found.manifest.kind,
        "title": {"zh": found.manifest.title.zh, "en": found.manifest.title.en},
        "site": found.manifest.origin.site,
        "key": str(found.signer),
        "known": selectors.known(place, str(found.signer)) is not None,
        "sha256": found.digest,
        "effects": [both(t) for t in selectors.effects(found)],
    }
