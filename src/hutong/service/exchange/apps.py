"""The app ``exchange``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Exchange(Stage):
    """Exchange between installations."""

    name = "hutong.service.exchange"
    label = "exchange"
    prefix = "exchange/"
    menu = (MenuItem(Text("站点交换", "Exchange"), "exchange", order=70, group="record"),)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the packages that wait for a decision at the person's places."""
        from hutong.service.exchange.waiting import waiting_items

        return waiting_items(user)
