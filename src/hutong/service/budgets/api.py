"""The API of budgets: those that are open or decided, with their works; while one is open, nobody learns how it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.service.budgets import selectors
from hutong.service.web.rest import Both, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class WorkOut(Schema):
    """A work that can be approved."""

    id: int
    title: Both
    yuan: int
    label: str


class BudgetOut(Schema):
    """Money for small works at a place."""

    id: int
    title: Both
    place: Both
    path: str
    yuan: int
    phase: Literal["open", "closed"]
    closed: dt.datetime | None
    entry: int | None
    works: list[WorkOut]
    url: str


def _out(of: Any) -> dict[str, Any]:
    works = [
        {"id": p.pk, "title": both(p.title), "yuan": p.cost, "label": p.label} for p in of.projects.all()
    ]
    return {
        "id": of.pk, "title": both(of.title), "place": both(of.place.title), "path": of.place.path, "yuan": of.yuan,
        "phase": of.phase, "closed": of.closed, "entry": of.entry, "works": works, "url": reverse("budget", args=[of.pk]),
    }  # fmt: skip


@route(router, "/budgets", "api_budgets", Text("点单", "Small-works budgets"), Listed[BudgetOut])
def budgets(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the budgets that are open or decided, the newest first; ``entry`` is the decision's number in the ledger."""
    return listed(selectors.public_budgets(), page, size, _out)
