"""The app ``schemes``."""

from __future__ import annotations

from hutong.service.web.stage import Stage


class Schemes(Stage):
    """Renewal schemes."""

    name = "hutong.service.schemes"
    label = "schemes"
    prefix = "schemes/"
