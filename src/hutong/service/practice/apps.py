"""The app ``practice``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hutong.service.web.stage import Stage


class Practice(Stage):
    """Practice."""

    name = "hutong.service.practice"
    label = "practice"
    prefix = "practice/"

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Lead to the exercises, first of all, on a practice site; to that site, for officers, on a real one."""
        env = settings.ENVIRONMENT
        officer = bool(getattr(request.user, "held", ()))
        if not env.practice and not (env.practice_url and officer):
            return []
        return [
            {
                "template": "practice/home.html",
                "order": 1 if env.practice else 95,
                "here": env.practice,
                "url": env.practice_url,
            }
        ]
