"""The app ``twin``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Twin(Stage):
    """Snapshots of quarters."""

    name = "hutong.service.twin"
    label = "twin"
    prefix = "twin/"
    menu = (MenuItem(Text("片区", "Quarters"), "quarters", order=10, group="quarter"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show each quarter's latest snapshot that the reader may see."""
        from hutong.service.twin.selectors import latest

        return [{"template": "twin/home.html", "snapshot": s} for s in latest(request.user)]

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.twin.datasets import DATASETS

        return DATASETS
