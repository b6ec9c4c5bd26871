"""The app ``simulation``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class SimulationStage(Stage):
    """Questions to the model."""

    name = "hutong.service.simulation"
    label = "simulation"
    prefix = "simulation/"
    menu = (MenuItem(Text("推演", "Simulation"), "simulations", order=50, group="quarter"),)

    def map_layers(self, request: HttpRequest, snapshot: Any) -> list[dict[str, Any]]:
        """Colour the map by what the newest simulation of a snapshot predicts."""
        from hutong.service.simulation.selectors import layers_of

        return layers_of(request.user, snapshot)
