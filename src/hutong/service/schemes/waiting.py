"""What waits for somebody in schemes: the next step of each, answers owed to experts, consultations that have ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from hutong.act.standing import end_of_day
from hutong.service.schemes import selectors
from hutong.service.schemes.models import Scheme
from hutong.service.schemes.offices import actors
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("方案", "Schemes")
#: The step that leads on from each state, who takes it, and what it is called on the desk.
NEXT = {
    "draft": ("planner", Text("对方案出具意见", "Give an opinion on a scheme")),
    "advised": ("district", Text("审查方案", "Review a scheme")),
    "reviewed": ("district", Text("公布方案征求意见", "Publish a scheme for consultation")),
    "consultation": ("district", Text("征求意见到期后作决定", "Decide once the consultation has ended")),
}
#: A scheme that is about to end its consultation is watched from so many days before.
SOON = dt.timedelta(days=3)


def waiting(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the schemes whose next step is the person's."""
    out = []
    for found in selectors.visible(user).filter(state__in=NEXT):
        if not selectors.inside(user, found):
            continue
        by, what = NEXT[found.state]
        newest = selectors.head(found)
        url = reverse("scheme", args=[found.pk])
        owed = 0 if newest is None else selectors.unanswered(newest)
        if owed and actors(user, found.place, ("implementer",)):
            said = Text(f"答复专家意见（{owed} 条）", f"Answer the experts ({owed} points)")
            out.append(DeskItem(STAGE, said, found.title, url, since=found.changed, status="watch"))
        ready = found.state != "draft" or (newest is not None and not selectors.unsaved(found))
        if ready and actors(user, found.place, (by,)):
            due = _due(found)
            status = "unknown" if due is None else "alarm" if due < now else "watch" if due - now < SOON else "good"  # fmt: skip
            out.append(DeskItem(STAGE, what, found.title, url, since=found.changed, due=due, status=status))
    return out


def _due(found: Scheme) -> dt.datetime | None:
    if found.state != "consultation":
        return None
    version = selectors.published_version(found)
    publication = None if version is None else selectors.publication(version)
    return None if publication is None else end_of_day(publication.until, timezone.localtime())
