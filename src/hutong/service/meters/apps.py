"""The app ``meters``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import Chore, DeskItem, MenuItem, Stage
from hutong.text import Text


class Meters(Stage):
    """Live series and their alerts."""

    name = "hutong.service.meters"
    label = "meters"
    prefix = "meters/"
    menu = (
        MenuItem(Text("监测", "Sensors"), "meter_alerts", permission="meters.see", order=30, group="quarter"),
    )

    def chores(self) -> list[Chore]:
        """Notice sensors that have gone silent."""
        from hutong.service.meters.services import listen

        return [
            Chore("meters.listen", 60.0, listen, Text("查看传感器是否失联", "See which sensors fell silent"))
        ]

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the alerts that a person may see to and nobody has."""
        from hutong.service.meters.selectors import waiting_items

        return waiting_items(user)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show the open alerts of the reader's places."""
        from hutong.service.meters.selectors import open_alerts

        rows = list(open_alerts(request.user)[:4])
        return [{"template": "meters/home.html", "alerts": rows[:3], "more": len(rows) > 3}] if rows else []

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show the series and open alerts of a building, to who may see them."""
        from hutong.service.meters.selectors import of_place

        series, alerts = of_place(request.user, building.place)
        return [{"template": "meters/of_building.html", "series": series, "alerts": alerts}] if series else []
