"""Which pages an address of a year's site opens, and who may open them by the tables in ``access/``: read in a process of the site."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

from tests.service.crowd import FOREIGN, TABLE, expected, pages

#: A process of the council by its phase, as its table names it.
COUNCIL = {
    "draft": "draft",
    "collect": "open",
    "discuss": "open",
    "decide": "built",
    "build": "built",
    "review": "built",
}
#: A unit's own people answer for it: in a year the subdistrict's, who is one person; the walk of the tables has a department's.
ANSWERER = {"council_answer": "subdistrict", "home_question": "subdistrict"}
#: Pages that are the own of whoever a unit took on.
OF_UNITS = ("home_questions",)


def doors(file: str) -> str:
    """Return, for the addresses of a file, whether each of the people named there may open it, as JSON.

    The file holds ``{"paths": [...], "people": {name: role}}``; the answer is ``[[path, page, {name: may}]]``, and under
    ``"unknown"`` the addresses that no table names.
    """
    from hutong.service.requests.models import Member

    asked = json.loads(Path(file).read_text("utf-8"))
    members = set(Member.objects.values_list("user__username", flat=True))
    views, out, unknown = pages(), [], []
    for path in asked["paths"]:
        found = door(path, views)
        if found is None:
            continue
        page, row, owner = found
        if row is None:
            unknown.append(f"{path} ({page})")
            continue
        allowed, scope = row
        may = {
            who: who == ANSWERER[page]
            if page in ANSWERER
            else expected(allowed, role, False, scope)
            or ("own" in allowed and (who in members if page in OF_UNITS else who == owner))
            for who, role in asked["people"].items()
        }
        out.append([path, page, may])
    return json.dumps({"doors": out, "unknown": unknown}, ensure_ascii=False)


def door(path: str, views: dict):
    """Return the name of a page, who may open it at this object (and in which scope), and whose the object is; None for a file
    that is no page of ours."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(path.split("?")[0])
    except Resolver404:
        return None
    page = match.url_name
    if str(page).startswith(FOREIGN):
        return None
    if page not in TABLE:
        return page, None, None
    row = dict(TABLE[page])
    if row.pop("method", "GET") != "GET":
        return None
    scope = row.pop("scope", "place")
    subject = loaded(views[page], match.kwargs)
    owner = getattr(getattr(subject, "owner", None) or getattr(subject, "by", None), "username", None)
    variant = variant_of(set(row), page, subject)
    return page, None if variant is None else (row[variant], scope), owner


def loaded(view, kwargs):
    """Return the object that a guarded view shows, None where it shows none."""
    load = inspect.getclosurevars(view).nonlocals.get("load")
    return load(**kwargs) if load is not None else None


def variant_of(variants: set[str], page: str, subject) -> str | None:
    """Return which variant of its table an object is, by its phase; None if none fits."""
    if len(variants) == 1:
        return next(iter(variants))
    phase = str(getattr(subject, "phase", ""))
    if page.startswith("council_"):
        phase = COUNCIL.get(phase, "closed")
        phase = "closed" if phase == "built" and "built" not in variants else phase
    if phase in variants:
        return phase
    after = variants - {"draft", "office", "hidden"}
    if phase in ("draft", "office") or len(after) != 1:
        return None
    return after.pop()
