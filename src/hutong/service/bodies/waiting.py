"""What was promised at meetings, and matters whose time runs out, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

import rules
from hutong.service.bodies import selectors
from hutong.service.bodies.models import Commitment, Matter
from hutong.service.bodies.policies import KEEPS
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("会议", "Meetings")
#: What ends within so many days is shown as soon (confidence U).
SOON = 7
MOST = 200


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the open promises of a person's seats, and what is overdue at the bodies whose record they keep."""
    today = timezone.localdate(now)
    here, matters_here = Q(pk=None), Q(pk=None)
    for role, path in user.held:
        if role in KEEPS:
            here |= Q(meeting__body__place__path__startswith=path, due__lt=today)
            matters_here |= Q(body__place__path__startswith=path)
    rows = Commitment.objects.filter(here | Q(seat__user=user), done=None, meeting__published__isnull=False)
    promised = rows.select_related("seat", "meeting__body__place")[:MOST]
    out = [_promised(r, user) for r in selectors.clock(promised, today)]
    held = Matter.objects.filter(matters_here, settled=False, due__lt=today + dt.timedelta(days=SOON))
    return out + [_matter(r, user) for r in selectors.clock(held.select_related("body__place")[:MOST], today)]


def _promised(row: dict[str, Any], user: Any) -> DeskItem:
    c: Commitment = row["c"]
    late = row["state"] == "overdue"
    return DeskItem(
        stage=STAGE,
        what=Text(
            f"{'逾期未办' if late else '会上承诺'}：{c.words[:40]}",
            f"{'Overdue' if late else 'Promised at a meeting'}: {c.words[:40]}",
        ),
        where=c.place.title,
        url=reverse("commitment", args=[c.pk]),
        whom=c.seat.title,
        since=c.meeting.published,
        due=_end(c.due),
        status=_status(row),
        mine=c.seat.user_id == user.pk,
    )


def _matter(row: dict[str, Any], user: Any) -> DeskItem:
    m: Matter = row["c"]
    return DeskItem(
        stage=STAGE,
        what=Text(f"待议定：{m.words[:40]}", f"To be settled: {m.words[:40]}"),
        where=m.place.title,
        url=reverse("matter", args=[m.pk]),
        whom=m.body.title,
        due=_end(m.due),
        status=_status(row),
        mine=bool(rules.has_perm("bodies.keep", user, m)),
    )


def _status(row: dict[str, Any]) -> str:
    return "alarm" if row["state"] == "overdue" else "watch" if row["left"] <= SOON else "good"


def _end(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59), tzinfo=timezone.get_current_timezone())
