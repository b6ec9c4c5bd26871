"""The app ``schemes``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Schemes(Stage):
    """Renewal schemes."""

    name = "hutong.service.schemes"
    label = "schemes"
    prefix = "schemes/"
    menu = (MenuItem(Text("方案", "Schemes"), "schemes", order=5, group="works"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show the schemes on which opinions are asked for."""
        from hutong.service.schemes.selectors import asked_for

        found = asked_for()[:3]
        return [{"template": "schemes/home.html", "publications": found, "order": 30}] if found else []

    def map_layers(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Colour the map by what the versions before the public do."""
        from functools import partial

        from django.urls import reverse

        from hutong.service.schemes.picture import layer_of
        from hutong.service.schemes.selectors import versions_on
        from hutong.service.twin.layers import layer_data

        return [
            {
                "id": f"scheme-{v.pk}", "title": Text(f"方案：{v.title.zh}", f"Scheme: {v.title.en}"),
                "url": reverse("scheme_layer", args=[v.pk]), "load": partial(lambda v: layer_data(layer_of(v)), v),
            }
            for v in versions_on(snapshot)
        ]  # fmt: skip

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show what the schemes before the public do at a building."""
        from hutong.service.schemes.selectors import doing

        found = doing(building.building_id, building.place)
        return [{"template": "schemes/of_building.html", "found": found}] if found else []

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return the next step of a scheme, and where people say something while it stands before the public."""
        from hutong.service.schemes.following import following

        return following(user, subject)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the schemes whose next step is the person's."""
        from hutong.service.schemes.waiting import waiting

        return waiting(user, now)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.schemes.datasets import DATASETS

        return DATASETS
