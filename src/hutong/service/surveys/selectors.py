"""Reading surveys."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from hutong.sense.survey_items import Form, survey_forms
from hutong.service.accounts.models import User
from hutong.service.accounts.roles import OFFICE
from hutong.service.places.models import Place
from hutong.service.surveys.models import OPEN, Round, Sending, Task
from hutong.service.twin.models import Building, Snapshot


def round_by(pk: int) -> Round:
    """Return a round, or raise ``Http404``."""
    found = Round.objects.select_related("snapshot__place", "made").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def task_by(pk: int) -> Task:
    """Return a task, or raise ``Http404``."""
    found = Task.objects.select_related("round__snapshot__place", "at", "user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def rounds(user: Any) -> QuerySet[Round]:
    """Return the rounds of the quarters where a person does the office's work."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in OFFICE:
            inside |= Q(snapshot__place__path__startswith=path)
    rows = Round.objects.filter(inside).select_related("snapshot__place")
    return rows.annotate(n=Count("tasks"), finished=Count("tasks", filter=Q(tasks__done=True)))


def snapshots(user: Any) -> list[Snapshot]:
    """Return the snapshots of which a person may open a survey, the newest first."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in OFFICE:
            inside |= Q(place__path__startswith=path)
    return list(Snapshot.objects.filter(inside).select_related("place").order_by("-date"))


def mine(user: User) -> QuerySet[Task]:
    """Return what a person is to survey in open rounds, what is left first."""
    rows = Task.objects.filter(user=user, round__phase=OPEN).select_related("round", "at__parent")
    return rows.order_by("done", "round", "table", "at__path", "object_id")


def form_of(task: Task) -> Form:
    """Return the form of a task's object."""
    return survey_forms()[task.table]


def known(task: Task) -> dict[str, list[Any]]:
    """Return what the snapshot knows of a building: column to value and origin; nothing of other objects."""
    if task.table != "buildings":
        return {}
    found = Building.objects.filter(snapshot=task.round.snapshot, building_id=task.object_id).first()
    return {} if found is None else dict(found.facts)


def last_answers(task: Task) -> dict[str, float]:
    """Return what was sent about an object, the latest of each item."""
    out: dict[str, float] = {}
    for sending in task.sendings.all():
        out |= sending.answers
    return out


def sendings(of: Round) -> QuerySet[Sending]:
    """Return what was sent in a round, the earliest day first."""
    return (
        Sending.objects.filter(task__round=of)
        .select_related("task__at", "by")
        .order_by("day", "received", "pk")
    )


def parts_of(of: Round) -> list[Place]:
    """Return the places by which the tasks of a round are given out: the quarter, and the estates and blocks in it."""
    paths = {t.at.path for t in of.tasks.select_related("at")}
    rows = Place.objects.filter(path__startswith=of.place.path, kind__in=("quarter", "block", "estate"))
    return [p for p in rows if any(path.startswith(p.path) for path in paths)]


def people_of(of: Round) -> list[dict[str, Any]]:
    """Return who surveys in a round, with how much is done and left."""
    rows = of.tasks.exclude(user=None).values("user", "user__username", "user__display_name")
    return list(
        rows.annotate(n=Count("pk"), finished=Count("pk", filter=Q(done=True))).order_by("user__username")
    )


def counts(of: Round) -> dict[str, int]:
    """Return how far a round has come."""
    tasks = of.tasks.all()
    return {
        "all": tasks.count(),
        "done": tasks.filter(done=True).count(),
        "unassigned": tasks.filter(user=None).count(),
        "sendings": Sending.objects.filter(task__round=of).count(),
    }
