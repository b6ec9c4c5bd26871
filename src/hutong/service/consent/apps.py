"""The app ``consent``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Consent(Stage):
    """Rolls, votes, signing, surrender and offers."""

    name = "hutong.service.consent"
    label = "consent"
    prefix = "consent/"
    menu = (MenuItem(Text("表决与签约", "Votes"), "consent", order=40),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show what the reader is asked now."""
        return []
