"""The API of budgets: those that are open or decided, with their works; while one is open, nobody learns how it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.service.budgets import selectors
from hutong.service.budgets.telling import told
from hutong.service.web.rest import Both, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class WorkOut(Schema):
    """A work that can be approved; once it is decided, its votes (none where too few voted) and whether it is funded."""

    id: int
    title: Both
    yuan: int
    label: str
    votes: int | None
    funded: bool | None


class BudgetOut(Schema):
    """Money for small works at a place; ``voters`` once it is decided, none where they are too few."""

    id: int
    title: Both
    place: Both
    path: str
    yuan: int
    phase: Literal["open", "closed"]
    closed: dt.datetime | None
    entry: int | None
    voters: int | None
    works: list[WorkOut]
    url: str


def _out(of: Any) -> dict[str, Any]:
    result = None if of.result is None else told(of.result)
    works = [
        {
            "id": p.pk, "title": both(p.title), "yuan": p.cost, "label": p.label,
            "votes": None if result is None else result["votes"].get(str(p.pk)),
            "funded": None if result is None else str(p.pk) in result["equal_shares"]["funded"],
        }
        for p in of.projects.all()
    ]  # fmt: skip
    return {
        "id": of.pk, "title": both(of.title), "place": both(of.place.title), "path": of.place.path, "yuan": of.yuan,
        "phase": of.phase, "closed": of.closed, "entry": of.entry, "voters": None if result is None else result["voters"], "works": works, "url": reverse("budget", args=[of.pk]),
    }  # fmt: skip


@route(router, "/budgets", "api_budgets", Text("点单", "Small-works budgets"), Listed[BudgetOut])
def budgets(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the budgets that are open or decided, the newest first; ``entry`` is the decision's number in the ledger."""
    return listed(selectors.public_budgets(), page, size, _out)
