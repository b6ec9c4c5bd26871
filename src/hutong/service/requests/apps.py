"""The app ``requests``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.few import FEWEST_THINGS
from hutong.service.web.datasets import Dataset
from hutong.service.web.stage import Chore, DeskItem, MenuItem, Stage
from hutong.text import Text


class Requests(Stage):
    """Requests and their cases."""

    name = "hutong.service.requests"
    label = "requests"
    prefix = "requests/"
    menu = (
        MenuItem(Text("诉求", "Requests"), "requests", order=10, group="requests"),
        MenuItem(
            Text("办件", "Desk"), "request_desk", permission="requests.desk", order=20, group="requests"
        ),
        MenuItem(
            Text("承办单位", "Units"), "units", permission="requests.see_units", order=20, group="office"
        ),
    )
    simple = (
        MenuItem(
            Text("家里或门口有问题，要反映", "Something is wrong: report it"), "request_where", order=10
        ),
        MenuItem(Text("看我反映的事办得怎么样", "See what came of my report"), "request_find", order=20),
    )

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Offer to report a problem, the one thing most people come for."""
        return [{"template": "requests/home.html"}]

    def dossier_parts(self, request: HttpRequest, building: Any) -> list[dict[str, Any]]:
        """Show what is public of the requests at a building and around it."""
        from hutong.service.requests.selectors import public_counts

        here, around = public_counts(building.place)
        return [
            {
                "template": "requests/of_building.html",
                "order": 20,
                "here": here,
                "around": around,
                "called": building.place.parent.title if building.place.parent else None,
                "fewest": FEWEST_THINGS,
            }
        ]

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return what waits for the person's office."""
        from hutong.service.requests.waiting import waiting_items

        return waiting_items(user, now)

    def chores(self) -> list[Chore]:
        """Remove the pictures of filings that were cut off; reckon what the requests lead one to expect."""
        from hutong.service.requests.services import look_ahead, sweep_photos

        return [
            Chore(
                "requests.photos",
                600.0,
                sweep_photos,
                Text("清理未提交成的照片", "Remove pictures of filings that were cut off"),
            ),
            Chore(
                "requests.outlook",
                900.0,
                look_ahead,
                Text("推算诉求走势", "Reckon what requests lead one to expect"),
            ),
        ]

    def finds_as(self, user: Any) -> list[tuple[str, str]]:
        """Let the people of a unit find the cases that it holds, where they may open them."""
        from hutong.service.requests.findable import unit_name
        from hutong.service.requests.selectors import acts_for

        here = [path for role, path in user.held if role == "department"]
        return [
            (unit_name(code), max(path, served, key=len))
            for code, served in (acts_for(user) if here else ())
            for path in here
            if path.startswith(served) or served.startswith(path)
        ]

    def datasets(self) -> tuple[Dataset, ...]:
        """Return what of it is open data."""
        from hutong.service.requests.datasets import DATASETS

        return DATASETS
