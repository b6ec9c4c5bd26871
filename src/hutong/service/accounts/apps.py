"""The app ``accounts``."""

from __future__ import annotations

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Accounts(Stage):
    """People and their roles."""

    name = "hutong.service.accounts"
    label = "accounts"
    prefix = "people/"
    menu = (
        MenuItem(
            Text("人员", "People"), "people", permission="accounts.see_people", order=20, group="office"
        ),
        MenuItem(Text("地点", "Places"), "places", permission="accounts.grant", order=15, group="office"),
    )
