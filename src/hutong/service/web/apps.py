"""The app ``web``."""

from __future__ import annotations

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Web(Stage):
    """Design and shared pages."""

    name = "hutong.service.web"
    label = "web"
    menu = (MenuItem(Text("首页", "Home"), "home", order=0),)
