"""The app ``neighbourhood``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Neighbourhood(Stage):
    """Spaces of neighbours, belonging, memories."""

    name = "hutong.service.neighbourhood"
    label = "neighbourhood"
    prefix = "neighbourhood/"
    menu = (MenuItem(Text("邻里", "Neighbours"), "neighbourhood", order=40, group="say"),)

    def map_layers(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Colour the map by the stories that are told of buildings."""
        from django.urls import reverse

        from hutong.service.neighbourhood.selectors import story_layer, told_at
        from hutong.service.twin.layers import layer_data

        if not told_at(snapshot).exists():
            return []
        return [
            {
                "id": "stories",
                "title": Text("记忆", "Memories"),
                "url": reverse("memory_layer", args=[snapshot.pk]),
                "load": lambda: layer_data(story_layer(snapshot)),
            }
        ]

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show the stories of a building."""
        from hutong.service.neighbourhood.selectors import shown_memories

        found = list(shown_memories().filter(at_place=building.place)[:10])
        return [{"template": "neighbourhood/of_building.html", "stories": found}] if found else []
