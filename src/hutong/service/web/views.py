"""The home page, the reader's choices, and the pages for what went wrong."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.web.access import public
from hutong.service.web.context import SIZES, THEMES, chosen, simple
from hutong.service.web.stage import stages
from hutong.service.words import spoken, spoken_rows

YEAR_S = 365 * 24 * 3600


@public
def home(request: HttpRequest) -> HttpResponse:
    """Show what each stage has for this reader."""
    parts = [part for stage in stages() for part in stage.home_parts(request)]
    parts.sort(key=lambda part: part.get("order", 50))  # what waits for the reader comes first
    few = simple(request) if chosen(request, "size", SIZES) == "elder" else []
    return render(request, "web/home.html", {"parts": parts, "few": few})


@public
@csrf_exempt  # it stands on every page, and a token of the visitor's own would let none be kept for others
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep a choice of language, text size or theme, and go back to where it was made; nothing else changes."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    choices = {
        "language": (settings.LANGUAGE_COOKIE_NAME, tuple(code for code, _ in settings.LANGUAGES)),
        "size": ("hutong-size", SIZES),
        "theme": ("hutong-theme", THEMES),
    }
    for name, (cookie, allowed) in choices.items():
        value = request.POST.get(name)
        if value in allowed:
            response.set_cookie(cookie, value, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
    return response


def told(request: HttpRequest, error: HutongError, status: int = 400) -> HttpResponse:
    """Show an error that the reader can mend: what is wrong, the rows, what to do."""
    shown = {
        "what": spoken(error.what),
        "hint": spoken(error.hint),
        "rows": spoken_rows(error),
        "back": came_from(request),
    }
    return render(request, "web/told.html", shown, status=status)


def came_from(request: HttpRequest) -> str:
    """Return the page of this site from which the reader came; empty where that is not known, or is this very page."""
    back = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if ours and back != request.build_absolute_uri() else ""


@public
def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that the reader may not open a page, and what they can do."""
    return render(request, "web/forbidden.html", status=403)


@public
def missing(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that there is no such page."""
    return render(request, "web/missing.html", status=404)


@public
def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Say that the request could not be understood."""
    return render(request, "web/missing.html", {"bad": True}, status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours; nothing is read from the database here."""
    return render(request, "web/broken.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was too old or came from elsewhere."""
    return render(request, "web/stale.html", status=403)
