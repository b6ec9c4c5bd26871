"""The app ``lessons``."""

from __future__ import annotations

from hutong.service.web.stage import Stage


class Lessons(Stage):
    """Lessons and forecasts."""

    name = "hutong.service.lessons"
    label = "lessons"
    pages = False
