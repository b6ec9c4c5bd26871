"""The API of requests: what is public of them (class, rough place, progress) and how well they are handled."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from hutong.sense.requests.rates import RATE_TITLES
from hutong.service.requests import selectors
from hutong.service.web.rest import Both, Listed, Name, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class RequestOut(Schema):
    """A request as anyone may see it: the estate and not the building, the class and not the words."""

    number: str
    kind: Both
    kind_id: str
    place: Both
    state: str
    standing: Both
    open: bool
    filed: dt.datetime
    changed: dt.datetime
    due: dt.datetime | None


class Rate(Schema):
    """A rate of a unit (empty: of all) with its 95 % interval; unknown is null."""

    unit: str
    unit_title: Both
    rate: str
    title: Both
    requests: int
    known: int
    share: float | None
    low: float | None
    high: float | None


class KindCount(Schema):
    """How many requests there are of a class."""

    title: Both
    count: int


class Statistics(Schema):
    """How requests go, and what the rates hide."""

    official: bool
    rates: list[Rate]
    hidden: dict[str, int]
    kinds: list[KindCount]


def _out(r: Any) -> dict[str, Any]:
    at = selectors.rough_place(r)
    return {
        "number": r.number, "kind": both(r.kind), "kind_id": r.category or r.suggested, "place": both(at.title),
        "state": r.state, "standing": both(r.standing), "open": r.open, "filed": r.filed, "changed": r.changed, "due": r.due,
    }  # fmt: skip


def _figure(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


@route(router, "/requests", "api_requests", Text("诉求", "Requests"), Listed[RequestOut])
def requests(
    request: HttpRequest,
    status: Literal["", "open", "closed"] = "",
    kind: Name = "",
    page: PageNumber = 1,
    size: PageSize = 100,
) -> Any:
    """List requests as anyone may see them, the newest first."""
    rows = selectors.public_list()
    rows = selectors.by_status(rows, status) if status else rows
    rows = selectors.of_kinds(rows, [kind]) if kind else rows
    return listed(rows, page, size, _out)


@route(router, "/requests/by-number/{number}", "api_request", Text("一件诉求", "One request"), RequestOut)
def one(request: HttpRequest, number: Name) -> Any:
    """Return one request as anyone may see it."""
    found = selectors.public_list().filter(number=number).first()
    if found is None:
        raise Http404
    return _out(found)


@route(router, "/requests/statistics", "api_statistics", Text("诉求统计", "How requests go"), Statistics)
def statistics(request: HttpRequest, official: bool = False) -> Any:
    """Return the rates by unit with intervals, what they hide, and the classes; those with few requests are left out."""
    table = selectors.public_rates(official).to_dict("records")
    names = selectors.unit_names({row["place"] for row in table if row["place"]})
    rates = [
        {
            "unit": row["place"],
            "unit_title": both(names.get(row["place"], Text("全部", "All"))),
            "rate": row["rate"],
            "title": both(RATE_TITLES[row["rate"]]),
            "requests": row["requests"],
            "known": row["known"],
            **{name: _figure(row[name]) for name in ("share", "low", "high")},
        }
        for row in table
    ]
    kinds = [{"title": both(title), "count": n} for title, n in selectors.counts_by_kind()]
    return {"official": official, "rates": rates, "hidden": selectors.hidden_by_rates(), "kinds": kinds}
