"""Interest of operators on the desk of the office that answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from hutong.act.clock import Due, until_day
from hutong.service.lettings import selectors
from hutong.service.lettings.models import Interest
from hutong.service.requests.selectors import status_of
from hutong.service.web.stage import DeskItem
from hutong.text import Text


def due_of(interest: Interest, now: dt.datetime) -> Due:
    """Return the clock of an interest that waits."""
    return until_day(interest.asked, interest.due, now)


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the interest that waits for an answer at a person's places."""
    out = []
    for i in selectors.waiting(user)[:200]:
        due = due_of(i, now)
        out.append(
            DeskItem(
                stage=Text("可租用房屋", "Rooms to let"), what=Text("经营意向待答复", "an operator waits for an answer"),
                where=i.place.title, url=reverse("interest", args=[i.pk]), since=i.asked, due=due.ends, status=status_of(due),
            )
        )  # fmt: skip
    return out
