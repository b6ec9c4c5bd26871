"""The app ``projects``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Projects(Stage):
    """Renewal projects."""

    name = "hutong.service.projects"
    label = "projects"
    prefix = "projects/"
    menu = (MenuItem(Text("项目", "Projects"), "projects", order=10, group="works"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show the projects that are being built."""
        from hutong.service.projects.selectors import building

        found = building()[:3]
        return [{"template": "projects/home.html", "projects": found}] if found else []

    def map_layers(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Colour the map by how far works are."""
        from django.urls import reverse

        from hutong.service.projects.selectors import layer, visible
        from hutong.service.twin.layers import layer_data

        if not visible(request.user).filter(place__path__startswith=snapshot.place.path).exists():
            return []
        url = reverse("project_layer", args=[snapshot.pk])
        title = Text("更新项目", "Renewal projects")
        return [
            {
                "id": "works",
                "title": title,
                "url": url,
                "load": lambda: layer_data(layer(request.user, snapshot)),
            }
        ]

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show the projects that a building is part of."""
        from hutong.service.projects.selectors import covering

        found = covering(request.user, building.place)
        return [{"template": "projects/of_building.html", "projects": found}] if found else []

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return what follows in projects from a finding, a process, a vote or a project."""
        from hutong.service.projects.following import following

        return following(user, subject)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return what waits for the person: steps, opinions, defects, changes, duties to publish."""
        from hutong.service.projects.waiting import waiting

        return waiting(user, now)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.projects.datasets import DATASETS

        return DATASETS
