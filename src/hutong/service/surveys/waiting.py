"""What is left to survey, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from hutong.service.surveys import selectors
from hutong.service.surveys.models import OPEN, Round
from hutong.service.web.stage import DeskItem
from hutong.text import Text

_STAGE = Text("现场调查", "Surveys")


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the rounds in which a person has something left to survey, and those that wait for their office."""
    mine = Round.objects.filter(phase=OPEN, tasks__user=user, tasks__done=False).select_related(
        "snapshot__place"
    )
    out = [
        _item(
            of,
            Text(f"{of.title}：{of.n} 处待调查", f"{of.title}: {of.n} left to survey"),
            reverse("surveys_mine"),
            now,
        )
        for of in mine.annotate(n=Count("tasks"))
    ]
    for of in (
        selectors.rounds(user).filter(phase=OPEN).annotate(free=Count("tasks", filter=Q(tasks__user=None)))
    ):
        url = reverse("survey_round", args=[of.pk])
        if of.free:
            said = Text(f"{of.title}：{of.free} 处没有派人", f"{of.title}: nobody was sent to {of.free}")
            out.append(_item(of, said, url, now))
        elif of.n == of.finished:
            said = Text(f"{of.title}：已调查完，等待并入快照", f"{of.title}: done, waits to be merged")
            out.append(_item(of, said, url, now))
    return out


def _item(of: Round, what: Text, url: str, now: dt.datetime) -> DeskItem:
    due = dt.datetime.combine(of.until, dt.time(23, 59), tzinfo=timezone.get_current_timezone())
    status = "alarm" if due < now else "watch" if due - now < dt.timedelta(days=3) else "good"
    return DeskItem(
        stage=_STAGE, what=what, where=of.place.title, url=url, since=of.opened, due=due, status=status
    )
