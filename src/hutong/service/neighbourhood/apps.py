"""The app ``neighbourhood``."""

from __future__ import annotations

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Neighbourhood(Stage):
    """Spaces of neighbours, belonging, memories."""

    name = "hutong.service.neighbourhood"
    label = "neighbourhood"
    prefix = "neighbourhood/"
    menu = (MenuItem(Text("邻里", "Neighbours"), "neighbourhood", order=40, group="say"),)
