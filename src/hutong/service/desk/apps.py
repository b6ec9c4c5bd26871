"""The app ``desk``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

import rules
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Desk(Stage):
    """Where work starts."""

    name = "hutong.service.desk"
    label = "desk"
    prefix = "desk/"
    menu = (MenuItem(Text("工作台", "To do"), "desk", permission="desk.see", order=2),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show whoever has a desk how much waits there, before all else."""
        if not rules.has_perm("desk.see", request.user, None):
            return []
        return [{"template": "desk/home.html", "order": 0}]

    def snapshot_parts(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Offer the tables and the titles of a snapshot to those who work on it."""
        if not rules.has_perm("desk.tables", request.user, snapshot):
            return []
        return [{"template": "desk/of_snapshot.html", "snapshot": snapshot}]

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the findings without an answer, the answers that are overdue, and the tables not yet applied."""
        from hutong.service.desk.waiting import waiting_items

        return waiting_items(user, now)
