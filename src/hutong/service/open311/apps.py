"""The app ``open311``."""

from __future__ import annotations

from hutong.service.web.stage import Stage


class Open311(Stage):
    """GeoReport v2 over the requests of the site; it has no tables of its own."""

    name = "hutong.service.open311"
    label = "open311"
    prefix = "open311/v2/"
