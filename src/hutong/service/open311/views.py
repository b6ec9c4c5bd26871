"""GeoReport v2 (docs: Open311 GeoReport API v2.1): discovery, services, requests. Reading is public and shows no words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from hutong.errors import HutongError
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.open311.forms import answer, refusal
from hutong.service.places.selectors import named, nearest
from hutong.service.requests import selectors
from hutong.service.requests import services as filing
from hutong.service.web.access import public
from hutong.service.words import error_words, spoken
from hutong.text import Text

#: The most requests in one answer, and the longest span, as the specification says.
MOST, SPAN = 1000, dt.timedelta(days=90)


@public
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    """Say where the interface is and in which forms."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": request.build_absolute_uri("/open311/v2"),
        "changeset": "2026-11-26T00:00:00Z",
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    told = {
        "changeset": "2026-11-26T00:00:00Z",
        "contact": request.build_absolute_uri("/"),
        "key_service": "HUTONG_OPEN311_KEYS",
        "endpoints": [endpoint],
    }
    return answer(form, "discovery", told)


@public
def services(request: HttpRequest, form: str) -> HttpResponse:
    """List the classes of requests."""
    rows = [
        {
            "service_code": c.id,
            "service_name": spoken(c.title),
            "description": spoken(c.department),
            "metadata": False,
            "type": "realtime",
            "keywords": ",".join(c.keywords[:8]),
            "group": spoken(c.department),
        }
        for c in load_taxonomy().classes
    ]
    return answer(form, "services", rows)


@public
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """Say what must be told beside the usual of a class: nothing."""
    found = load_taxonomy().find(code)
    if found is None or found.id != code:
        return refusal(form, 404, f"service_code {code} is not known")
    return answer(form, "service_definition", {"service_code": code, "attributes": []})


@public
@csrf_exempt
def requests(request: HttpRequest, form: str) -> HttpResponse:
    """List requests, or file one with a key."""
    given = request.POST if request.method == "POST" else request.GET
    if any("\x00" in value for value in given.values()):
        return refusal(form, 400, "a value holds a zero character")
    if request.method == "POST":
        return _file(request, form)
    try:
        rows = _chosen(request)
    except ValueError as caught:
        return refusal(form, 400, str(caught))
    return answer(form, "service_requests", _all_told(list(rows[:MOST])))


@public
def request_one(request: HttpRequest, form: str, number: str) -> HttpResponse:
    """Show one request."""
    found = selectors.public_list().filter(number=number).first()
    if found is None:
        return refusal(form, 404, f"service_request_id {number} is not known")
    return answer(form, "service_requests", _all_told([found]))


def _chosen(request: HttpRequest) -> Any:
    given = request.GET
    rows = selectors.public_list()
    if given.get("service_request_id"):
        return rows.filter(number__in=given["service_request_id"].split(",")[:MOST])
    start, end = (_time(given.get(name, ""), name) for name in ("start_date", "end_date"))
    end = end or dt.datetime.now(dt.UTC)
    start = start or end - SPAN
    if end - start > SPAN:
        raise ValueError("the span from start_date to end_date is at most 90 days")
    rows = rows.filter(filed__range=(start, end))
    if given.get("service_code"):
        rows = selectors.of_kinds(rows, given["service_code"].split(","))
    status = given.get("status", "")
    if status not in ("", "open", "closed", "open,closed", "closed,open"):
        raise ValueError("status is open or closed")
    return selectors.by_status(rows, status) if status in ("open", "closed") else rows


def _time(text: str, name: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError(f"{name} is a time in W3C form with a zone, such as 2026-03-01T08:00:00+08:00")
    return found


def _all_told(rows: list[Any]) -> list[dict[str, Any]]:
    titles = selectors.unit_titles(rows)
    return [_told(r, titles.get(r.pk)) for r in rows]


def _told(r: Any, unit: Text | None) -> dict[str, Any]:
    """Return a request as the public may see it: the estate, not the building; the class, not the words."""
    at = selectors.rough_place(r)
    return {
        "service_request_id": r.number,
        "status": "open" if r.open else "closed",
        "status_notes": spoken(r.standing),
        "service_name": spoken(r.kind),
        "service_code": r.category or r.suggested,
        "description": spoken(r.kind),
        "agency_responsible": spoken(unit) if unit else "",
        "service_notice": "",
        "requested_datetime": r.filed.isoformat(timespec="seconds"),
        "updated_datetime": r.changed.isoformat(timespec="seconds"),
        "expected_datetime": r.due.isoformat(timespec="seconds") if r.due else "",
        "address": spoken(at.title),
        "lat": at.lat,
        "long": at.lon,
    }


def _file(request: HttpRequest, form: str) -> HttpResponse:
    given = request.POST
    key = given.get("api_key", "")
    if not any(constant_time_compare(key, known) for known in settings.ENVIRONMENT.open311_keys):
        return refusal(form, 403, "api_key is missing or not known")
    kind = load_taxonomy().find(given.get("service_code", ""))
    if kind is None:
        return refusal(form, 400, "service_code is missing or not known")
    place = _place(given)
    if place is None:
        return refusal(form, 400, "no place here at lat and long, or by address_string")
    try:
        filed = filing.file(
            filing.NewRequest(
                place=place, words=given.get("description", ""), channel="open311", contact=given.get("phone", "")[:60],
                lon=place.lon, lat=place.lat,
            )
        )  # fmt: skip
    except HutongError as caught:
        return refusal(form, 400, error_words(caught))
    told = {"service_request_id": filed.request.number, "service_notice": "", "account_id": ""}
    return answer(form, "service_requests", [told], status=201)


def _place(given: Any) -> Any:
    try:
        near = nearest(float(given.get("long", "")), float(given.get("lat", "")), most=1)
    except ValueError:
        near = named(given["address_string"][:60], most=1) if given.get("address_string") else []
    return near[0] if near else None
