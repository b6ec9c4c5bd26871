"""The requests that wait for a person's office, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from hutong.service.requests import selectors
from hutong.service.web.stage import DeskItem
from hutong.text import Text


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the open requests of a person's office with the clock that runs on each."""
    out = []
    for r in selectors.desk(user).prefetch_related("steps")[:500]:
        due = selectors.clock(r, now)
        out.append(
            DeskItem(
                stage=Text("诉求", "Requests"),
                what=Text(
                    f"{r.kind.zh}（{r.number}）：{r.standing.zh}",
                    f"{r.kind.en} ({r.number}): {r.standing.en}",
                ),
                where=r.place.title,
                url=reverse("request_case", args=[r.pk]),
                whom=selectors.unit_title(r.unit, r.place) if r.unit else None,
                since=r.changed,
                due=due.ends if due else None,
                status=selectors.status_of(due),
                mine=bool(selectors.may_do(user, r)),
            )
        )
    return out
