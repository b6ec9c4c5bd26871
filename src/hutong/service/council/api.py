"""The API of the council: the questions put to the people, and the written answers that are owed or given."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.service.council import selectors
from hutong.service.web.rest import Both, Listed, PageNumber, PageSize, both, listed, route
from hutong.text import Text

router = Router()


class ProcessOut(Schema):
    """A question put to the people of a place, as anyone may read it."""

    id: int
    title: Both
    about: Both
    place: Both
    path: str
    phase: str
    standing: Both
    unit: Both
    answer_days: int
    made: dt.datetime
    url: str


class AnswerOut(Schema):
    """A written answer that a unit owes to a statement: until when, and how it stands."""

    statement: int
    process: int
    words: str
    unit: Both
    since: dt.date
    due: dt.date
    answered: dt.date | None
    state: Literal["on_time", "late", "overdue", "not_due"]
    url: str


def _process(of: Any) -> dict[str, Any]:
    return {
        "id": of.pk, "title": both(of.title), "about": both(of.about), "place": both(of.place.title), "path": of.place.path,
        "phase": of.phase, "standing": both(of.standing), "unit": both(of.unit.title), "answer_days": of.answer_days,
        "made": of.made, "url": reverse("council_process", args=[of.pk]),
    }  # fmt: skip


def _answer(o: Any) -> dict[str, Any]:
    row = selectors.owed_rows([o])[0]
    return {
        "statement": o.statement_id, "process": o.statement.process_id, "words": o.statement.words,
        "unit": both(o.unit.title), "since": o.since, "due": row["due"], "answered": o.answered, "state": row["state"],
        "url": reverse("council_statement", args=[o.statement_id]),
    }  # fmt: skip


@route(router, "/processes", "api_processes", Text("议题", "Questions put to the people"), Listed[ProcessOut])
def processes(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the questions put to the people, the newest first; drafts are left out."""
    return listed(selectors.public_processes(), page, size, _process)


@route(router, "/answers", "api_answers", Text("书面答复", "Written answers"), Listed[AnswerOut])
def answers(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the written answers that are owed or were given, the oldest first; nothing that moderators hid."""
    return listed(selectors.owed_of(), page, size, _answer)
