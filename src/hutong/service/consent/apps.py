"""The app ``consent``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import DeskItem, MenuItem, Stage
from hutong.text import Text


class Consent(Stage):
    """Rolls, votes, signing, surrender and offers."""

    name = "hutong.service.consent"
    label = "consent"
    prefix = "consent/"
    menu = (MenuItem(Text("表决与签约", "Votes"), "consent", order=15, group="say"),)

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show the votes that are open: a resident's own, to others the latest."""
        from hutong.service.consent.ballots import selectors

        ballots = selectors.open_for(request.user)
        return [{"template": "consent/home.html", "ballots": ballots}] if ballots else []

    def follows(self, user: Any, subject: Any) -> list[DeskItem]:
        """Return the next deed of a roll, a vote, a surrender or an application, and whose it is."""
        from hutong.service.consent.following import following

        return following(user, subject)

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the motions, objections and papers that wait for a person."""
        from hutong.service.consent.waiting import waiting_items

        return waiting_items(user, now)

    def home_verified(self, user: Any, building: Any, dwelling_id: str) -> None:
        """Link the account to its home on every roll that holds it."""
        from hutong.service.consent.rolls import services

        services.link(user, building, dwelling_id)

    def home_ended(self, user: Any, building: Any, dwelling_id: str) -> None:
        """End the link; what was cast stays cast."""
        from hutong.service.consent.rolls import services

        services.unlink_home(user, building, dwelling_id)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.consent.datasets import DATASETS

        return DATASETS
