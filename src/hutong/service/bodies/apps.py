"""The app ``bodies``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Bodies(Stage):
    """Standing bodies with their meetings."""

    name = "hutong.service.bodies"
    label = "bodies"
    prefix = "bodies/"
    menu = (MenuItem(Text("会议", "Meetings"), "bodies", order=30, group="say"),)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.bodies.datasets import DATASETS

        return DATASETS

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return what a person promised at a meeting, and what is overdue at the bodies whose record they keep."""
        from hutong.service.bodies.waiting import waiting_items

        return waiting_items(user, now)
