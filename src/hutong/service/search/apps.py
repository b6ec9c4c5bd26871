"""The app ``search``."""

from __future__ import annotations

from hutong.service.web.stage import Stage


class Search(Stage):
    """One box that finds what the reader may see."""

    name = "hutong.service.search"
    label = "search"
    prefix = "search/"
