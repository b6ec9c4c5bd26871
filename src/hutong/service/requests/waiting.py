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
    rows = list(selectors.desk(user).prefetch_related("steps")[:500])
    titles, acts_for = selectors.unit_titles(rows), selectors.acts_for(user)
    for r in rows:
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
                whom=titles.get(r.pk),
                since=r.changed,
                due=due.ends if due else None,
                status=selectors.status_of(due),
                mine=bool(selectors.may_do(user, r, acts_for)),
            )
        )
    return out
