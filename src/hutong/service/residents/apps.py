"""The app ``residents``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Residents(Stage):
    """Homes and who lives in them."""

    name = "hutong.service.residents"
    label = "residents"
    prefix = "residents/"
    menu = (
        MenuItem(Text("我的住处", "Where I live"), "my_home", permission="residents.own", order=4),
        MenuItem(
            Text("居民核实", "Residents"), "residents", permission="residents.watch", order=10, group="office"
        ),
    )

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Ask whoever has an account but no home yet to verify it."""
        from hutong.service.residents.selectors import homes_of

        if not request.user.is_authenticated or request.user.held or homes_of(request.user):
            return []
        return [{"template": "residents/home_part.html"}]

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the residents who wait to be verified where the person acts at the counter."""
        from hutong.service.residents.waiting import waiting_items

        return waiting_items(user, now)
