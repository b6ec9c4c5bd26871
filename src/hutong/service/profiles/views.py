"""The pages of profiles: all places in the order of the tree, and one place's profile."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hutong.agree.grassroots import FARTHEST, FEWEST
from hutong.service.profiles import selectors
from hutong.service.web.access import public


@public
def profiles(request: HttpRequest) -> HttpResponse:
    """List the places, never by how they do."""
    return render(request, "profiles/list.html", {"rows": selectors.profiled()})


@public
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a place's profile: what it does, how sure that is, places alike and what helped there."""
    found = selectors.of_place(pk)
    context = {
        "c": found,
        "groups": selectors.profile(found),
        "peers": [{"place": c.place, "distance": d} for c, d in selectors.peers(found)],
        "helped": selectors.what_helped(found),
        "tools": selectors.tools_of(found),
        "features": selectors.features_of(found),
        "network": selectors.has_bodies(found.place),
        "fewest": FEWEST,
        "farthest": FARTHEST,
        "period": found.data["periods"][-1],
    }
    return render(request, "profiles/profile.html", context)
