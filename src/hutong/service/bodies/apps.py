"""The app ``bodies``."""

from __future__ import annotations

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import MenuItem, Stage
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
