"""The app ``ledger``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Ledger(Stage):
    """The public ledger."""

    name = "hutong.service.ledger"
    label = "ledger"
    prefix = "ledger/"
    menu = (MenuItem(Text("台账", "Ledger"), "ledger", group="record"),)

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show what was recorded of a building, and of the places that it lies in."""
        from hutong.service.ledger.selectors import about

        here, around = about(building.place)
        return [{"template": "ledger/of_building.html", "order": 90, "here": here, "around": around}]

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.ledger.datasets import DATASETS

        return DATASETS
