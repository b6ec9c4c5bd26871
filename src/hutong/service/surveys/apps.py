"""The app ``surveys``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Surveys(Stage):
    """Field surveys."""

    name = "hutong.service.surveys"
    label = "surveys"
    prefix = "surveys/"
    menu = (
        MenuItem(Text("现场调查", "Surveys"), "surveys", permission="surveys.see", order=40, group="quarter"),
    )

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return what is left to survey, and the rounds that wait for the office."""
        from hutong.service.surveys.waiting import waiting_items

        return waiting_items(user, now)
