"""The app ``places``."""

from __future__ import annotations

from hutong.service.web.stage import Stage


class Places(Stage):
    """The tree of places; it has no pages of its own."""

    name = "hutong.service.places"
    label = "places"
    pages = False
