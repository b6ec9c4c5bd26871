"""The app ``open_data``."""

from __future__ import annotations

from importlib import import_module

from hutong.service.web.stage import Chore, MenuItem, Stage
from hutong.text import Text


class OpenData(Stage):
    """Open data."""

    name = "hutong.service.open_data"
    label = "open_data"
    prefix = "data/"
    menu = (MenuItem(Text("开放数据", "Open data"), "open_data", order=60, group="record"),)

    def ready(self) -> None:
        """Register the background work."""
        super().ready()
        import_module("hutong.service.open_data.work")

    def chores(self) -> list[Chore]:
        """Make each month's edition."""
        from hutong.service.open_data.services import monthly

        return [Chore("open_data.monthly", 3600.0, monthly)]
