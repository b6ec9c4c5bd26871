"""The app ``lettings``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Lettings(Stage):
    """Rooms to let and who asks for them."""

    name = "hutong.service.lettings"
    label = "lettings"
    prefix = "lettings/"
    menu = (MenuItem(Text("可租用房屋", "Rooms to let"), "lettings", order=60, group="works"),)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the interest that waits for an answer of the reader's office."""
        from hutong.service.lettings.waiting import waiting_items

        return waiting_items(user, now)

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show the rooms to let of a building to those who may read them."""
        from hutong.service.lettings.selectors import rooms_of_building

        rooms = rooms_of_building(request.user, building.place)
        return [{"template": "lettings/of_building.html", "rooms": rooms, "order": 55}] if rooms else []
