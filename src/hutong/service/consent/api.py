"""The API of votes: what is asked, when, by which rule, and whether it passed; never a choice, and no count while it runs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.service.consent.ballots import selectors
from hutong.service.web.rest import Both, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class VoteOut(Schema):
    """A vote from its notice on; ``passed`` and ``digest`` (of what the result rests on) once there is one.

    ``official`` is true where the result is the official system's and was not counted here.
    """

    code: str
    title: Both
    asked: Both
    place: Both
    path: str
    matter: str
    rule: str
    state: str
    standing: Both
    opens: dt.datetime | None
    closes: dt.datetime | None
    passed: bool | None
    digest: str
    official: bool
    url: str


def _out(b: Any) -> dict[str, Any]:
    result = b.result or {}
    return {
        "code": b.code, "title": both(b.title), "asked": both(b.asked), "place": both(b.place.title), "path": b.place.path,
        "matter": b.matter, "rule": b.rule.get("id", ""), "state": b.state, "standing": both(b.standing), "opens": b.opens,
        "closes": b.closes, "passed": result.get("passed"), "digest": result.get("digest", ""), "official": "official" in result,
        "url": reverse("ballot", args=[b.pk]),
    }  # fmt: skip


@route(router, "/votes", "api_votes", Text("表决", "Votes"), Listed[VoteOut])
def votes(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the votes from their notice on, the newest first."""
    return listed(selectors.public_ballots(), page, size, _out)
