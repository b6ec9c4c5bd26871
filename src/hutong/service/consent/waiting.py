"""What waits in consent, for the desk: motions for their second person, objections without an answer, papers to be checked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from hutong.service.consent.models import Ballot, Objection
from hutong.service.consent.motions.selectors import waiting_for
from hutong.service.consent.offices import OFFER, RUN
from hutong.service.consent.surrender.improving import waiting
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("表决与签约", "Votes")
#: After so many days a second person should have looked (confidence U).
SOON, LATE = 1, 3


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return what waits for a person in votes, signings and rolls; no choice of anybody."""
    here = Q(pk=None)
    for role, path in user.held:
        if role in RUN:
            here |= Q(place__path__startswith=path)
    motions = [
        _item(m.title, m.place.title, reverse("motions"), m.proposed, now, Text("第二人", "a second person"))
        for m in waiting_for(user)[:100]
    ]
    at_rolls = Q(pk=None)
    for role, path in user.held:
        if role in RUN:
            at_rolls |= Q(roll__place__path__startswith=path)
    objections = [
        _item(
            Text("有人对名册提出异议", "somebody objects to a roll"), o.roll.place.title, reverse("roll", args=[o.roll_id]), o.at,
            now, Text("经办人", "an officer"),
        )
        for o in Objection.objects.filter(at_rolls, upheld=None).select_related("roll__place")[:100]
    ]  # fmt: skip
    papers = [
        _item(
            Text(f"{b.waiting} 张纸质票待核对", f"{b.waiting} papers to be read anew"), b.place.title, reverse("sheets", args=[b.pk]),
            b.opened or now, now, Text("第二人", "a second person"),
        )
        for b in Ballot.objects.filter(here).annotate(waiting=Count("sheets", filter=Q(sheets__state="waiting") & ~Q(sheets__entered_by=user)))
        .filter(waiting__gt=0).select_related("place")
    ]  # fmt: skip
    return [*motions, *objections, *papers, *_improvements(user, now)]


def _improvements(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return what households that stay asked for and the person answers or builds, by its day."""
    paths = [path for role, path in user.held if role in OFFER]
    out = []
    for i in waiting(paths):
        due = timezone.make_aware(dt.datetime.combine(i.due, dt.time(23, 59, 59))) if i.due else None
        out.append(
            DeskItem(
                STAGE, Text(f"改善申请：{i.standing.zh}", f"Improvement: {i.standing.en}"), i.place.title,
                reverse("surrender", args=[i.project_id]), since=i.asked, due=due,
                status="unknown" if due is None else "alarm" if due < now else "good",
            )
        )  # fmt: skip
    return out


def _item(what: Text, where: Text, url: str, since: dt.datetime, now: dt.datetime, whom: Text) -> DeskItem:
    days = (now - since).days
    return DeskItem(
        stage=STAGE, what=what, where=where, url=url, whom=whom, since=since, due=since + dt.timedelta(days=LATE),
        status="alarm" if days >= LATE else "watch" if days >= SOON else "good",
    )  # fmt: skip
