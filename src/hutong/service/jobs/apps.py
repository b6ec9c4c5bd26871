"""The app ``jobs``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Jobs(Stage):
    """Background work."""

    name = "hutong.service.jobs"
    label = "jobs"
    prefix = "jobs/"
    menu = (MenuItem(Text("后台任务", "Jobs"), "jobs", permission="jobs.see_all", order=80),)

    def ready(self) -> None:
        """Load every stage's work, so that the worker knows it by name."""
        super().ready()
        for stage in apps.get_app_configs():
            if isinstance(stage, Stage) and find_spec(f"{stage.name}.work"):
                import_module(f"{stage.name}.work")
