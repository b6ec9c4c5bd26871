"""The page of topics (每月一题): what rose lately, for everyone; where it comes from and what is ahead, for the office."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hutong.few import FEWEST_THINGS
from hutong.sense.requests.analyse import LIKELY
from hutong.sense.requests.taxonomy import load_taxonomy
from hutong.service.requests import selectors
from hutong.service.requests.orders.views import scopes
from hutong.service.web.access import public


@public
def topics(request: HttpRequest) -> HttpResponse:
    """Show the topics of a subdistrict or district; whoever works there sees more."""
    known = selectors.outlooks()
    asked = request.GET.get("place", "")
    own = scopes(request.user) if request.user.is_authenticated else []
    first = next((p for p in known if p.path in own), known[0] if known else None)
    place = next((p for p in known if str(p.pk) == asked), first)
    found = selectors.outlook([place.path]) if place is not None else None
    inside = found is not None and request.user.has_perm("requests.outlook", found.place)
    context = {
        "known": known,
        "outlook": found,
        "topics": told_topics(found.data["topics"]) if found is not None else [],
        "quiet": found is not None and bool(found.data["topics"]),
        "fewest": FEWEST_THINGS,
        "office": office_parts(found) if inside else None,
    }
    return render(request, "requests/topics.html", context)


def told_topics(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return topics as they are shown, those with few requests left out."""
    few = FEWEST_THINGS
    return [{**row, "title": load_taxonomy().title(row["category"])} for row in rows if row["recent"] >= few]


def office_parts(found: Any) -> dict[str, Any]:
    """Return what an office sees of an outlook: repeat places, requests that read alike, surges ahead."""
    data, title = found.data, load_taxonomy().title
    places = selectors.places_by([row["place"] for row in data["places"]])
    numbers = selectors.numbers_of([pk for row in data["alike"] for pk in row["requests"]])
    return {
        "place": found.place,
        "made": found.made,
        "places": [
            {**row, "at": places[row["place"]], "kinds": [(title(kind), n) for kind, n in row["kinds"]]}
            for row in data["places"]
            if row["place"] in places
        ],
        "alike": [
            {
                "title": title(row["kind"]),
                "requests": [(pk, numbers[pk]) for pk in row["requests"] if pk in numbers],
            }
            for row in data["alike"]
        ],
        "surges": [
            {**row, "title": title(row["category"])} for row in data["surges"] if row["surge"] >= LIKELY
        ],
        "forecast": len(data["surges"]),
    }
