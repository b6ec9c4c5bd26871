"""The app ``api``."""

from __future__ import annotations

from hutong.service.web.stage import MenuItem, Stage
from hutong.text import Text


class Api(Stage):
    """The API of the site and the tokens of machines."""

    name = "hutong.service.api"
    label = "api"
    prefix = "api/"
    menu = (
        MenuItem(
            Text("接口令牌", "API tokens"), "api_tokens", permission="api.tokens", order=30, group="office"
        ),
    )
