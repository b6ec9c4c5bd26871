"""The app ``council``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Council(Stage):
    """Processes with their statements, votes and answers."""

    name = "hutong.service.council"
    label = "council"
    prefix = "council/"
    menu = (MenuItem(Text("议事", "Council"), "council", order=10, group="say"),)

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return what residents are asked about a finding, or how they are asked."""
        from hutong.service.council.following import following

        return following(user, subject)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show the processes that ask the reader something now."""
        from hutong.service.council.selectors import running

        return [{"template": "council/home.html", "process": p} for p in running(request.user)[:3]]

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.council.datasets import DATASETS

        return DATASETS

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the answers that a person’s unit owes, and the statements that nobody has looked at."""
        from hutong.service.council.waiting import waiting_items

        return waiting_items(user, now)
