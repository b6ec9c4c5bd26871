"""Open data of standing bodies: public minutes, and what was promised at meetings with what came of it; offices, not people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hutong.service.accounts.roles import roles
from hutong.service.bodies.models import KINDS, Commitment, Meeting
from hutong.service.web.datasets import Column, Dataset
from hutong.text import Text

MEETING = (
    Column("body_zh", "text", Text("机构（中文）", "the body in Chinese")),
    Column("body_en", "text", Text("机构（英文）", "the body in English")),
    Column("body_kind", "text", Text("哪一种机构", "which kind of body"), values=KINDS),
    Column("place", "text", Text("地点路径", "path of the place")),
    Column("meeting", "whole", Text("会议编号", "number of the meeting")),
)


def _head(m: Meeting) -> tuple[Any, ...]:
    return (m.body.title.zh, m.body.title.en, m.body.kind, m.body.place.path, m.pk)


def _meetings(city: Any, until: dt.datetime) -> Any:
    rows = Meeting.objects.filter(published__lte=until, body__place__path__startswith=city.path)
    return rows.select_related("body__place").order_by("pk")


def _minutes(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    for m in _meetings(city, until).prefetch_related("attendance__seat"):
        came = sorted({a.seat.office for a in m.attendance.all()})
        yield (
            *_head(m),
            timezone.localtime(m.at).date(),
            m.agenda,
            m.minutes,
            ";".join(came),
            m.guests,
            m.entry,
        )


def _commitments(city: Any, until: dt.datetime) -> Iterator[tuple[Any, ...]]:
    last = timezone.localtime(until).date()
    rows = Commitment.objects.filter(meeting__in=_meetings(city, until)).select_related(
        "meeting__body__place", "seat"
    )
    for c in rows.order_by("pk"):
        done = c.done if c.done is not None and c.done <= last else None
        yield (*_head(c.meeting), c.pk, c.seat.office, c.words, c.due, done)


DATASETS = (
    Dataset(
        "minutes",
        Text("会议纪要", "Minutes of meetings"),
        Text("议事会、专班、五方联动会议公开的纪要；到会的只写职务。", "Public minutes of councils, task forces and round tables; who came is told by office."),
        (
            *MEETING,
            Column("day", "day", Text("会议日期", "day of the meeting")),
            Column("agenda", "text", Text("议程", "agenda")),
            Column("minutes", "text", Text("纪要", "minutes")),
            Column("offices", "text", Text("到会的职务，分号分开", "offices that came, with semicolons between"), values={k: r.title for k, r in roles().items()}),
            Column("guests", "whole", Text("旁听人数", "guests")),
            Column("ledger_entry", "whole", Text("台账条目", "entry of the ledger")),
        ),
        _minutes,
        Text("会议机构", "standing bodies"),
    ),
    Dataset(
        "commitments",
        Text("会上的承诺", "Commitments at meetings"),
        Text("哪个职务答应了什么、到哪天、何时做完。", "Which office promised what, by when, and when it was done."),
        (
            *MEETING,
            Column("commitment", "whole", Text("承诺编号", "number of the commitment")),
            Column("office", "text", Text("职务", "the office"), values={k: r.title for k, r in roles().items()}),
            Column("words", "text", Text("承诺什么", "what was promised")),
            Column("due", "day", Text("到哪天", "by")),
            Column("done", "day", Text("做完日期；未做完为空", "done on; empty while it is not")),
        ),
        _commitments,
        Text("会议机构", "standing bodies"),
    ),
)  # fmt: skip
