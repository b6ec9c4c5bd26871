"""The app ``budgets``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Budgets(Stage):
    """Small-works budgets."""

    name = "hutong.service.budgets"
    label = "budgets"
    prefix = "budgets/"
    menu = (MenuItem(Text("点单", "Small works"), "budgets", order=20, group="say"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show the budgets on which the reader may have a say now."""
        from hutong.service.budgets.selectors import open_for

        return [{"template": "budgets/home.html", "budget": b} for b in open_for(request.user)]

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.budgets.datasets import DATASETS

        return DATASETS
