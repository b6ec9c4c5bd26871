"""The app ``lettings``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest

from hutong.service.web.found import Findable, FoundKind
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Lettings(Stage):
    """Rooms to let and who asks for them."""

    name = "hutong.service.lettings"
    label = "lettings"
    prefix = "lettings/"
    menu = (MenuItem(Text("可租用房屋", "Rooms to let"), "lettings", order=60, group="works"),)

    @property
    def found_kinds(self) -> tuple[FoundKind, ...]:  # type: ignore[override]
        """What search finds of it."""
        from hutong.service.lettings.findable import KINDS

        return KINDS

    def findables(self) -> Iterator[Findable]:
        """Return all that can be found of it."""
        from hutong.service.lettings.findable import everything

        return everything()

    def findables_of(self, places: Sequence[int]) -> Iterator[Findable]:
        """Return what can be found of it that names one of some places."""
        from hutong.service.lettings.findable import of_places

        return of_places(places)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the interest that waits for an answer of the reader's office."""
        from hutong.service.lettings.waiting import waiting_items

        return waiting_items(user, now)

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show the rooms to let of a building to those who may read them."""
        from hutong.service.lettings.selectors import rooms_of_building

        rooms = rooms_of_building(request.user, building.place)
        return [{"template": "lettings/of_building.html", "rooms": rooms, "order": 55}] if rooms else []
