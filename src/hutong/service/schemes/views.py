"""The public pages of schemes: the library of a place, and a version as anyone may see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hutong.act.schemes import scheme_machine
from hutong.service.schemes import selectors
from hutong.service.web.access import permitted, public

#: The order of the shelves.
SHELVES = ("consultation", "adopted", "reviewed", "advised", "draft", "superseded", "withdrawn")


@public
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes that the reader may see, by where they stand."""
    rows = [_row(request, s) for s in selectors.visible(request.user)[:300]]
    states = scheme_machine().states
    shelves = [{"title": states[s].title, "rows": [r for r in rows if r["s"].state == s]} for s in SHELVES]
    return render(request, "schemes/library.html", {"shelves": shelves, "any": bool(rows)})


def _row(request: HttpRequest, found: Any) -> dict[str, Any]:
    inside = selectors.inside(request.user, found)
    shown = selectors.head(found) if inside else selectors.published_version(found)
    return {
        "s": found,
        "inside": inside,
        "v": shown,
        "turn": selectors.at_turn(found),
        "state": selectors.state_title(found),
    }


@permitted("schemes.see", load=selectors.version)
def version(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what a version does."""
    return render(request, "schemes/version.html", {"v": found, "s": found.scheme})
