"""The app ``operation``."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Operation(Stage):
    """Contracts and operation."""

    name = "hutong.service.operation"
    label = "operation"
    prefix = "operation/"
    menu = (MenuItem(Text("运营", "Operation"), "contracts", order=20, group="works"),)

    def ready(self) -> None:
        """Register the background work."""
        super().ready()
        import_module("hutong.service.operation.work")

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return the contracts that follow from a project."""
        from hutong.service.operation.following import following

        return following(user, subject)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the contracts that lack a return or lie outside their band, where the person acts."""
        from hutong.service.operation.waiting import waiting

        return waiting(user, now)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.operation.datasets import DATASETS

        return DATASETS
