"""The questions of households on the desk of the office that owes the answer; no words, no names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from hutong.act.clock import Due, until_day
from hutong.service.my_home import selectors
from hutong.service.my_home.models import Question
from hutong.service.requests.selectors import status_of
from hutong.service.web.stage import DeskItem
from hutong.text import Text


def due_of(question: Question, now: dt.datetime) -> Due:
    """Return the clock of a question that waits."""
    return until_day(question.asked, question.due, now)


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the questions that wait for the units a person acts for, and the quarters whose homes have nobody to ask."""
    out = [
        DeskItem(
            stage=Text("我的家", "My home"), what=Text("住户没有联系人可问，请指定", "households have nobody to ask: name a contact"),
            where=place.title, url=reverse("home_contacts"), status="warn",
        )
        for place in selectors.without_contact(user)
    ]  # fmt: skip
    for q in selectors.waiting(user)[:200]:
        due = due_of(q, now)
        out.append(
            DeskItem(
                stage=Text("我的家", "My home"), what=Text("居民提问待答复", "a household waits for an answer"), where=q.place.title,
                url=reverse("home_question", args=[q.pk]), whom=q.unit.title, since=q.asked, due=due.ends, status=status_of(due),
            )
        )  # fmt: skip
    return out
