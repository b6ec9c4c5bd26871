"""The app ``jobs``."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from hutong.service.web.stage import Chore, DeskItem, MenuItem, Stage
from hutong.text import Text

#: Every worker looks for what dead ones left this often.
RECOVER_S = 2.0


class Jobs(Stage):
    """Background work."""

    name = "hutong.service.jobs"
    label = "jobs"
    prefix = "jobs/"
    menu = (MenuItem(Text("后台任务", "Jobs"), "jobs", permission="jobs.see_all", order=40, group="office"),)

    def ready(self) -> None:
        """Load every stage's work, so that the worker knows it by name."""
        super().ready()
        for stage in apps.get_app_configs():
            if isinstance(stage, Stage) and find_spec(f"{stage.name}.work"):
                import_module(f"{stage.name}.work")

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return what waits for the person's office."""
        from hutong.service.jobs.waiting import waiting_items

        return waiting_items(user, now)

    def chores(self) -> list[Chore]:
        """Pick up what dead workers left, within seconds."""
        from hutong.service.jobs.services import recover

        return [
            Chore(
                "jobs.recover",
                RECOVER_S,
                recover,
                Text("接手中断的后台任务", "Take up what dead workers left"),
            )
        ]
