"""The only writes to surveys."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.city import City
from hutong.city.schema import schema
from hutong.sense.survey import ANSWER_COLUMNS, Survey
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.surveys import refusals, selectors
from hutong.service.surveys.models import CLOSED, MERGED, OPEN, Round, Sending, Task
from hutong.service.surveys.policies import FIELD
from hutong.service.twin.changed import import_changed
from hutong.service.twin.models import Building, Snapshot

MOST_TASKS = 20_000
BATCH = 1000


@transaction.atomic
def open_round(
    snapshot: Snapshot, title: str, tables: Sequence[str], until: dt.date, by: User | None
) -> Round:
    """Open a survey of every object of some kinds; the same one that is open already is returned.

    Raises
    ------
    HutongError
        ``bad-round`` if that is nothing, or too much.
    """
    objects = list(_objects(snapshot, tables))
    if not 0 < len(objects) <= MOST_TASKS:
        raise refusals.bad_round(MOST_TASKS)
    asked = {
        "snapshot": snapshot,
        "title": title.strip(),
        "tables": list(tables),
        "until": until,
        "opened_by": by,
    }
    same = Round.objects.filter(**asked, phase=OPEN).first()
    if same is not None:
        return same
    made = Round.objects.create(**asked)
    Task.objects.bulk_create(
        (Task(round=made, table=t, object_id=i, called=c, at=p) for t, i, c, p in objects), batch_size=BATCH
    )
    return made


def _objects(snapshot: Snapshot, tables: Sequence[str]) -> Any:
    """Yield table, id, name and place of every object; what is no place of its own lies in the quarter."""
    city = None
    for table in tables:
        if table == "buildings":
            for b in Building.objects.filter(snapshot=snapshot).select_related("place"):
                yield table, b.building_id, b.called.zh, b.place
            continue
        city = city or City.load(snapshot.folder / "city")
        frame, key = city[table], str(schema().tables[table].key)
        names = frame["name"].astype(object) if "name" in frame else frame[key].astype(object)
        kind = {"estates": "estate", "blocks": "block"}.get(table)
        places = {} if kind is None else _places(snapshot.place, kind)
        for i, name in zip(frame[key].astype(str), names, strict=True):
            yield table, i, name if isinstance(name, str) else i, places.get(i, snapshot.place)


def _places(quarter: Place, kind: str) -> dict[str, Place]:
    return {p.code: p for p in Place.objects.filter(path__startswith=quarter.path, kind=kind)}


@transaction.atomic
def assign(of: Round, part: Place, user: User) -> int:
    """Give what nobody was sent to within a place to a person; return how much.

    Raises
    ------
    HutongError
        ``nobody-there`` if they hold no role by which they could survey there.
    """
    if not any(role in FIELD and part.path.startswith(path) for role, path in user.held):
        raise refusals.nobody_there()
    return of.tasks.filter(user=None, done=False, at__path__startswith=part.path).update(user=user)


@transaction.atomic
def take_back(of: Round, user: User) -> int:
    """Take back from a person what they have not done yet; return how much."""
    return of.tasks.filter(user=user, done=False).update(user=None)


def send(
    task: Task, user: User, token: uuid.UUID, day: str, words: Mapping[str, str]
) -> tuple[Sending, bool]:
    """Store what somebody sent about an object; return it, and whether it is new. Sending it again changes nothing.

    Raises
    ------
    HutongError
        ``bad-answers`` naming each item; ``nothing-said``; ``bad-day``.
    """
    known = Sending.objects.filter(token=token).first()
    if known is not None:
        return known, False
    when = _day(task, day)
    answers = _read(task, words)
    try:
        with transaction.atomic():
            made = Sending.objects.create(token=token, task=task, by=user, day=when, answers=answers)
            Task.objects.filter(pk=task.pk).update(done=True)
    except IntegrityError:  # the same form came twice at the same moment
        return Sending.objects.get(token=token), False
    return made, True


def _day(task: Task, day: str) -> dt.date:
    try:
        when = dt.date.fromisoformat(day)
    except ValueError:
        raise refusals.bad_day(day[:20]) from None
    first = timezone.localtime(task.round.opened).date() - dt.timedelta(days=1)
    if not first <= when <= timezone.localdate() + dt.timedelta(days=1):
        raise refusals.bad_day(day)
    return when


def _read(task: Task, words: Mapping[str, str]) -> dict[str, float]:
    items = {i.name: i for i in selectors.form_of(task).items}
    answers, faults = {}, []
    for name, word in words.items():
        if name not in items:
            faults.append(f"{name[:40]}: 没有这一项 / there is no such item")
        elif str(word).strip():
            try:
                answers[name] = items[name].read(str(word))
            except ValueError as caught:
                why = caught.args[0]
                faults.append(f"{name}: {why.zh} / {why.en}")
    if faults:
        raise refusals.bad_answers(faults)
    if not answers:
        raise refusals.nothing_said()
    return answers


def close(of: Round) -> None:
    """Close a round: nothing more is taken in."""
    Round.objects.filter(pk=of.pk, phase=OPEN).update(phase=CLOSED)


def merge(of: Round, by: User | None, step: Any) -> Snapshot:
    """Put what was found into a new draft snapshot; of several answers to one item the latest counts.

    Persons stay in the round: the snapshot, which is published, names the round as the source.

    Raises
    ------
    HutongError
        ``nothing-to-merge``; what the import raises.
    """
    latest: dict[tuple[str, str, str], tuple[float, str]] = {}
    for sending in selectors.sendings(of):
        for item, value in sending.answers.items():
            latest[sending.task.table, sending.task.object_id, item] = (value, sending.day.isoformat())
    if not latest or of.phase == MERGED:
        raise refusals.nothing_to_merge()
    rows = [(t, o, i, value, day, of.title) for (t, o, i), (value, day) in latest.items()]
    survey = Survey(pd.DataFrame(rows, columns=list(ANSWER_COLUMNS)), (of.title,))
    made = import_changed(of.snapshot, survey, by, step)
    Round.objects.filter(pk=of.pk).update(phase=MERGED, made=made)
    return made
