"""The app ``ledger``."""

from __future__ import annotations

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Ledger(Stage):
    """The public ledger."""

    name = "hutong.service.ledger"
    label = "ledger"
    prefix = "ledger/"
    menu = (MenuItem(Text("台账", "Ledger"), "ledger", order=70),)
