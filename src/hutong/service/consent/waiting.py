"""What waits in consent, for the desk: motions for their second person, objections, papers to be checked, and the announced clocks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from hutong.service.consent.improving.services import waiting
from hutong.service.consent.models import Ballot, Motion, Objection, Roll, Signing
from hutong.service.consent.models.motions import LATE
from hutong.service.consent.motions.selectors import waiting_for
from hutong.service.consent.offices import OFFER, RUN
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("表决与签约", "Votes")
#: After so many days a second person should look soon (confidence U).
SOON = 1
#: What is announced for later than this is not shown yet (confidence U).
AHEAD = 7
#: What is to be done with a vote in a state, and by which moment.
BALLOT_DUE = {
    "noticed": ("opens", Text("按公告时间开始", "to be opened as announced")),
    "open": ("closes", Text("到期结束", "to be closed at its end")),
    "closed": ("closed", Text("待计票", "to be counted")),
}


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return what waits for a person in votes, signings and rolls; no choice of anybody."""
    here = Q(pk=None)
    for role, path in user.held:
        if role in RUN:
            here |= Q(place__path__startswith=path)
    motions = [_motion(m, now) for m in waiting_for(user)]
    at_rolls = Q(pk=None)
    for role, path in user.held:
        if role in RUN:
            at_rolls |= Q(roll__place__path__startswith=path)
    objections = [
        _item(
            Text(f"{o.roll.title.zh}：有人提出异议", f"{o.roll.title.en}: somebody objects"), o.roll.place.title, reverse("roll", args=[o.roll_id]), o.at,
            now, Text("经办人", "an officer"),
        )
        for o in Objection.objects.filter(at_rolls, upheld=None).select_related("roll__place")[:100]
    ]  # fmt: skip
    papers = [
        _item(
            Text(f"{b.title.zh}：{b.waiting} 张纸质票待核对", f"{b.title.en}: {b.waiting} papers to be read anew"), b.place.title, reverse("sheets", args=[b.pk]),
            b.opened or now, now, Text("第二人", "a second person"),
        )
        for b in Ballot.objects.filter(here).annotate(waiting=Count("sheets", filter=Q(sheets__state="waiting") & ~Q(sheets__entered_by=user)))
        .filter(waiting__gt=0).select_related("place")
    ]  # fmt: skip
    return [*motions, *objections, *papers, *_improvements(user, now), *_clocks(here, now)]


def _motion(m: Motion, now: dt.datetime) -> DeskItem:
    """Return what one officer proposed: for which vote, roll or signing, from which office, and by when to decide."""
    of, done = m.about.title, m.title
    zh, en = "、".join(t.zh for t in m.offices), ", ".join(t.en for t in m.offices)
    return DeskItem(
        stage=STAGE, what=Text(f"{of.zh}：{done.zh}", f"{of.en}: {done.en}"), where=m.place.title, url=reverse("motions"),
        whom=Text(f"第二人（{zh}提出）", f"a second person (proposed by: {en})") if zh else Text("第二人", "a second person"),
        since=m.proposed, due=m.due,
        status="alarm" if m.due <= now else "watch" if (now - m.proposed).days >= SOON else "good",
    )  # fmt: skip


def _clocks(here: Q, now: dt.datetime) -> list[DeskItem]:
    """Return the votes, signings and rolls whose announced time has come or comes soon, with what is to be done then."""
    out = []
    for b in Ballot.objects.filter(here, state__in=BALLOT_DUE).select_related("place").defer("document"):
        field, what = BALLOT_DUE[b.state]
        out.append(
            _clock(b.title, what, b.place.title, reverse("ballot", args=[b.pk]), getattr(b, field), now)
        )
    for s in Signing.objects.filter(here, state="open").select_related("place").defer("terms"):
        url = reverse("signing", args=[s.pk])
        out.append(
            _clock(s.title, Text("到期确认结果", "to be settled"), s.place.title, url, s.deadline, now)
        )
    for r in Roll.objects.filter(here, state="published").select_related("place"):
        url = reverse("roll", args=[r.pk])
        what = Text("公示期满后冻结", "to be frozen after its time for objections")
        out.append(_clock(r.title, what, r.place.title, url, r.objections_until, now))
    return [item for item in out if item.due is None or item.due - now < dt.timedelta(days=AHEAD)]


def _clock(
    title: Text, what: Text, where: Text, url: str, due: dt.datetime | None, now: dt.datetime
) -> DeskItem:
    """Return a deed whose moment is announced: late a day after it, soon two days before."""
    gone = None if due is None else now - due
    return DeskItem(
        stage=STAGE, what=Text(f"{title.zh}：{what.zh}", f"{title.en}: {what.en}"), where=where, url=url,
        whom=Text("两名经办人", "two officers"), due=due,
        status="unknown" if gone is None else "alarm" if gone.days >= 1 else "watch" if gone.days >= -2 else "good",
    )  # fmt: skip


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
