"""The app ``my_home``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from hutong.service.web.stage import Chore, DeskItem, MenuItem, Stage
from hutong.text import Text


class MyHome(Stage):
    """One page a home, and the questions of its household."""

    name = "hutong.service.my_home"
    label = "my_home"
    prefix = "home/"
    simple = (MenuItem(Text("看我的家", "My home"), "my_homes", permission="residents.own", order=30),)
    menu = (
        MenuItem(Text("我的家", "My home"), "my_homes", permission="residents.own", order=3),
        MenuItem(Text("居民来问", "Questions"), "home_questions", permission="my_home.desk", order=12, group="office"),
    )  # fmt: skip

    def chores(self) -> list[Chore]:
        """Prepare what households read, once a snapshot or a version of a scheme was published."""
        from hutong.service.my_home.prepared.services import prepare_all

        return [Chore("my_home.prepare", 60.0, prepare_all)]

    def home_parts(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Show a resident the way to their home, and what was answered since they looked."""
        from hutong.service.my_home.selectors import news_for

        news = news_for(request.user)
        return [{"template": "my_home/news.html", "homes": news, "order": 5}] if news else []

    def desk_items(self, user: Any, now: dt.datetime) -> list[DeskItem]:
        """Return the questions that wait for the units a person acts for."""
        from hutong.service.my_home.waiting import waiting_items

        return waiting_items(user, now)
