"""The API of projects: those in a list of the library, and how far each is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.service.projects import selectors
from hutong.service.web.rest import Both, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class ProjectOut(Schema):
    """A renewal project as anyone may see it."""

    number: str
    title: Both
    place: Both
    path: str
    procedure: str
    types: list[str]
    tenures: list[str]
    library: str
    state: str
    opened: dt.datetime
    changed: dt.datetime
    url: str


def _out(p: Any) -> dict[str, Any]:
    return {
        "number": p.number, "title": both(p.title), "place": both(p.place.title), "path": p.place.path,
        "procedure": p.procedure, "types": p.types, "tenures": p.tenures, "library": p.library, "state": p.state,
        "opened": p.opened, "changed": p.changed, "url": reverse("project", args=[p.pk]),
    }  # fmt: skip


@route(router, "/projects", "api_projects", Text("更新项目", "Renewal projects"), Listed[ProjectOut])
def projects(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the projects that the reader may see: those of a list, others only where they work on projects."""
    return listed(selectors.visible(request.user), page, size, _out)
