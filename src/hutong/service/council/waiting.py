"""What waits in the council, for the desk: answers that are owed, with their clock, and statements nobody has looked at."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from hutong.service.accounts.roles import OFFICE
from hutong.service.council import selectors
from hutong.service.council.models import Owed, Process
from hutong.service.council.phases import OPEN
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("议事", "Council")
#: An answer that ends within so many days is shown as soon (confidence U); so is a statement as old as this.
SOON, LOOKED_AT_WITHIN = 7, 3
MOST = 300


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return what a person's unit owes, what is overdue at the places of their office, and what is to be moderated."""
    mine = selectors.units_of(user)
    office, moderates = Q(pk=None), Q(pk=None)
    for role, path in user.held:
        if role in OFFICE:
            office |= Q(statement__process__place__path__startswith=path)
        if role in ("subdistrict", "committee"):
            moderates |= Q(place__path__startswith=path)
    rows = selectors.owed_of().filter(Q(unit__in=mine) | office, answered=None)[:MOST]
    told = selectors.owed_rows(rows, timezone.localdate(now))
    owed = [
        _owed(r, r["o"].unit_id in mine) for r in told if r["o"].unit_id in mine or r["state"] == "overdue"
    ]
    return owed + _to_moderate(moderates, now)


def _owed(row: dict[str, Any], mine: bool) -> DeskItem:
    o: Owed = row["o"]
    late, said = row["state"] == "overdue", o.statement.words[:40]
    return DeskItem(
        stage=STAGE,
        what=Text(
            f"{'答复超期' if late else '待书面答复'}：{said}",
            f"{'Answer overdue' if late else 'To be answered in writing'}: {said}",
        ),
        where=o.place.title,
        url=reverse("council_answer" if mine else "council_owed", args=[o.pk] if mine else []),
        whom=o.unit.title,
        since=_at(o.since, dt.time()),
        due=_at(row["due"], dt.time(23, 59)),
        status="alarm" if late else "watch" if row["left"] <= SOON else "good",
        mine=mine,
    )


def _to_moderate(here: Q, now: dt.datetime) -> list[DeskItem]:
    """Return one item per open process in which statements wait for a moderator."""
    unseen = Q(statements__moderated=None, statements__hidden=False)
    rows = Process.objects.filter(here, phase__in=OPEN).filter(unseen).annotate(n=Count("statements"))
    out = []
    for of in rows.select_related("place")[:MOST]:
        first = of.statements.filter(moderated=None, hidden=False).order_by("at").first()
        if first is None:
            continue
        due = first.at + dt.timedelta(days=LOOKED_AT_WITHIN)
        out.append(
            DeskItem(
                stage=STAGE,
                what=Text(
                    f"{of.title.zh}：{of.n} 条待查看",
                    f"{of.title.en}: nobody has looked at {of.n} statements",
                ),
                where=of.place.title,
                url=reverse("council_moderate", args=[of.pk]),
                whom=Text("街道、居委会", "subdistrict, residents’ committee"),
                since=first.at,
                due=due,
                status="alarm" if due < now else "good",
            )
        )
    return out


def _at(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=timezone.get_current_timezone())
