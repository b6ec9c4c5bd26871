"""What waits in projects for an officer, planner or operator, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from hutong.service.projects import selectors
from hutong.service.projects.models import Project, ReviewRound
from hutong.service.projects.offices import WORKERS
from hutong.service.projects.things import selectors as things
from hutong.service.requests.selectors import units_of
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("项目", "Projects")
#: A disclosure is shown on the desk from this many days before it is due.
SOON_DAYS = 10


def waiting(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return what waits for a person: opinions they owe, matters they can move, duties to publish."""
    inside = Q(pk=None)
    for role, path in getattr(user, "held", ()):
        if role in WORKERS:
            inside |= Q(place__path__startswith=path)
    out: list[DeskItem] = []
    for project in Project.objects.filter(inside).exclude(library="ended").select_related("place")[:200]:
        out += _step(user, project, now)
        out += _matters(user, project, now)
        out += _duties(user, project, now)
    return out + _opinions(user, now)


def _step(user: Any, project: Project, now: dt.datetime) -> list[DeskItem]:
    """Return the project's next step where the person takes it; with no clock of its own."""
    mine = [e for e, _, on in selectors.moves(user, project) if on]
    if not mine:
        return []
    _, _, missing = selectors.gate_rows(project, now)
    step = selectors.state_title(project)
    lacks = (
        (f"还缺 {len(missing)} 项", f"{len(missing)} still missing") if missing else ("齐备", "all is there")
    )
    what = Text(f"{step.zh}（{lacks[0]}）", f"{step.en} ({lacks[1]})")
    url = f"{reverse('project_office', args=[project.pk])}#gate"
    return [
        DeskItem(
            STAGE, what, project.title, url, since=project.changed, status="unknown" if missing else "good"
        )
    ]


def _matters(user: Any, project: Project, now: dt.datetime) -> list[DeskItem]:
    out = []
    for found in things.open_things(project).select_related("project__place"):
        if things.may_do(user, found):
            status = "alarm" if found.due and found.due < now else "good" if found.due else "unknown"
            out.append(
                DeskItem(
                    STAGE, things.title(found), project.title, reverse("thing", args=[found.pk]),
                    since=found.changed, due=found.due, status=status,
                )
            )  # fmt: skip
    return out


def _duties(user: Any, project: Project, now: dt.datetime) -> list[DeskItem]:
    if not selectors.roles_manage(user, project):
        return []
    today = timezone.localtime(now).date()
    out = []
    for o in selectors.duties(project, today):
        if o.standing in ("due", "late") and o.published is None and o.day is not None and (o.day - today).days <= SOON_DAYS:  # fmt: skip
            due = timezone.make_aware(dt.datetime.combine(o.day, dt.time(23, 59, 59)))
            status = "alarm" if o.standing == "late" else "watch"
            what = Text(f"应公开：{o.kind.title.zh}", f"To be published: {o.kind.title.en}")
            url = f"{reverse('project_office', args=[project.pk])}#disclosures"
            out.append(DeskItem(STAGE, what, project.title, url, since=None, due=due, status=status))
    return out


def _opinions(user: Any, now: dt.datetime) -> list[DeskItem]:
    mine = set(units_of(user)) if user.is_authenticated else set()
    out = []
    for found in ReviewRound.objects.filter(concluded="").select_related("project__place"):
        owing = mine & set(selectors.review_of(found).waiting)
        if owing and any(found.place.path.startswith(path) for _, path in user.held):
            due = timezone.make_aware(dt.datetime.combine(found.due, dt.time(23, 59, 59)))
            status = "alarm" if due < now else "good"
            url = f"{reverse('project_office', args=[found.project_id])}#review"
            out.append(DeskItem(STAGE, Text("联合审查意见", "Opinion for a joint review"), found.project.title, url, since=found.asked, due=due, status=status))  # fmt: skip
    return out
