"""The app ``checkup``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class CheckupStage(Stage):
    """Checkups of snapshots."""

    name = "hutong.service.checkup"
    label = "checkup"
    prefix = "checkup/"
    menu = (MenuItem(Text("体检", "Checkup"), "checkups", order=20, group="quarter"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show what matters most in each quarter's latest checkup."""
        from hutong.service.checkup.selectors import latest

        return [
            {"template": "checkup/home.html", "run": run, "findings": run.findings.all()[:3]}
            for run in latest(request.user)
        ]

    def snapshot_parts(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Show the checkups of a snapshot, and the button that makes one."""
        from hutong.service.checkup.selectors import before, of_snapshot

        runs = of_snapshot(request.user, snapshot)
        part = {"template": "checkup/of_snapshot.html", "runs": runs, "snapshot": snapshot}
        return [{**part, "before": before(snapshot, request.user)}]

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return what comes after a checkup."""
        from hutong.service.checkup.following import following

        return following(user, subject)

    def map_layers(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Colour the map by the findings and indicators of the newest checkup."""
        from hutong.service.checkup.selectors import layers_of

        return layers_of(request.user, snapshot)

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show the findings that name a building."""
        from hutong.service.checkup.selectors import findings_of

        run, findings = findings_of(request.user, building)
        return (
            []
            if run is None
            else [{"template": "checkup/of_building.html", "order": 10, "run": run, "findings": findings}]
        )

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.checkup.datasets import DATASETS

        return DATASETS
