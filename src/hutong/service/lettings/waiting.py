"""Interest of operators on the desk of the office that answers."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from hutong.act.clock import Due
from hutong.service.lettings import selectors
from hutong.service.lettings.models import Interest
from hutong.service.web.stage import DeskItem
from hutong.text import Text

HERE = ZoneInfo("Asia/Shanghai")
#: A clock of which this share is used is watched.
SOON = 0.6


def due_of(interest: Interest, now: dt.datetime) -> Due:
    """Return the clock of an interest: it ends with the last minute of its last day."""
    ends = dt.datetime.combine(interest.due, dt.time(23, 59, 59), HERE)
    return Due(interest.asked, ends, (now - interest.asked) / (ends - interest.asked))


def status_of(due: Due) -> str:
    """Return how a clock stands."""
    return "alarm" if due.overdue else "watch" if due.used >= SOON else "good"


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
