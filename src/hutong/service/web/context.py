"""What every template knows: the reader's choices and the menu."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

import rules
from hutong.service.web.stage import GROUPS, stages
from hutong.service.words import lang, spoken

SIZES = ("normal", "elder")
THEMES = ("auto", "light", "dark")


def chosen(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> str:
    """Return what the reader chose and a cookie kept, else the first of ``allowed``."""
    value = request.COOKIES.get(f"hutong-{name}", "")
    return value if value in allowed else allowed[0]


def page(request: HttpRequest) -> dict[str, Any]:
    """Return language, text size, theme and the menu that this reader has."""
    return {
        "lang": lang(),
        "html_lang": "zh-Hans" if lang() == "zh" else "en",
        "size": chosen(request, "size", SIZES),
        "theme": chosen(request, "theme", THEMES),
        "menu": menu(request),
        "practice": settings.ENVIRONMENT.practice,
    }


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the main menu as this reader may open it: links, and groups of two and more (``within``), in order."""
    items = [
        item
        for stage in stages()
        for item in stage.menu
        if not item.permission or rules.has_perm(item.permission, request.user, None)
    ]
    urls = {item: reverse(item.url) for item in items}
    here = max((url for url in urls.values() if _within(request.path, url)), key=len, default="")
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in ("", *GROUPS)}
    for item in sorted(items, key=lambda item: item.order):
        one = {"title": spoken(item.title), "url": urls[item], "current": urls[item] == here}
        groups[item.group].append(one)
    out = groups.pop("")
    for name, within in groups.items():
        if len(within) == 1:
            out += within
        elif within:
            current = any(one["current"] for one in within)
            out.append({"title": spoken(GROUPS[name]), "within": within, "current": current})
    return out


def simple(request: HttpRequest) -> list[dict[str, str]]:
    """Return the few things that the home page offers in large letters, in order, as far as the reader may do them."""
    items = [
        item
        for stage in stages()
        for item in stage.simple
        if not item.permission or rules.has_perm(item.permission, request.user, None)
    ]
    return [
        {"title": spoken(i.title), "url": reverse(i.url)} for i in sorted(items, key=lambda item: item.order)
    ]


def _within(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))
