"""The packages that wait for a person's decision, for the desk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

import rules
from hutong.service.exchange import selectors
from hutong.service.web.stage import DeskItem
from hutong.text import Text


def waiting_items(user: Any) -> list[DeskItem]:
    """Return what came from other sites and nobody has decided on."""
    rows = selectors.visible(user).filter(state="waiting")[:100]
    return [
        DeskItem(
            stage=Text("站点交换", "Exchange"),
            what=Text(f"{r.called.zh}：{r.title.zh}（{r.site}）", f"{r.called.en}: {r.title.en} ({r.site})"),
            where=r.place.title,
            url=reverse("exchange_received", args=[r.pk]),
            since=r.came,
            mine=bool(rules.has_perm("exchange.decide", user, r)),
        )
        for r in rows
    ]
