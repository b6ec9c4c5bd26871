"""The app ``budgets``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.found import Findable, FoundKind
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

    @property
    def found_kinds(self) -> tuple[FoundKind, ...]:  # type: ignore[override]
        """What search finds of it."""
        from hutong.service.budgets.findable import KINDS

        return KINDS

    def findables(self) -> Iterator[Findable]:
        """Return all that can be found of it."""
        from hutong.service.budgets.findable import everything

        return everything()
