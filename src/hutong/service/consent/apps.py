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

    def home_verified(self, user: Any, building: Any, dwelling_id: str) -> None:
        """Link the account to its home on every roll that holds it."""
        from hutong.service.consent.rolls.services import link

        link(user, building, dwelling_id)

    def home_ended(self, user: Any, building: Any, dwelling_id: str) -> None:
        """End the link; what was cast stays cast."""
        from hutong.service.consent.models import Link
        from hutong.service.consent.rolls.services import unlink

        for found in Link.objects.filter(user=user, building=building, dwelling_id=dwelling_id, until=None):
            unlink(found)
