"""Reading permits, defects and change orders: where each stands by its deeds, and what may be done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.act.clock import Due, Limit, limit_end
from hutong.act.machine import Deed, Event, Machine
from hutong.act.projects import begin_change, change_kinds, change_machine, defect_machine, permit_machine
from hutong.act.standing import Standing, begin
from hutong.service.projects.models import Project, Thing
from hutong.service.projects.offices import actors
from hutong.service.projects.selectors import papers_known, rules_on
from hutong.text import Text

MACHINES = {"permit": permit_machine, "defect": defect_machine, "change": change_machine}
#: Papers that are permits.
PERMITS = ("approval_document", "planning_permit", "construction_permit")


def machine_of(name: str) -> Machine:
    """Return the table of a kind of thing, or raise ``Http404``."""
    if name not in MACHINES:
        raise Http404
    return MACHINES[name]()


def thing(pk: int) -> Thing:
    """Return a thing, or raise ``Http404``."""
    found = Thing.objects.select_related("project__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def standing(found: Thing) -> Standing:
    """Return where a thing stands, from its deeds."""
    opened = timezone.localtime(found.opened)
    out = (
        begin_change(str(found.pk), found.kinds, opened)
        if found.machine == "change"
        else begin(machine_of(found.machine), str(found.pk), opened)
    )
    for d in found.deeds.all():
        out = out.after(Deed(d.event, timezone.localtime(d.at), d.by, d.said))
    return out


def limits(found: Thing) -> Limit:
    """Return how time limits end for a thing, by the rules of the day it was opened."""
    return limit_end(rules_on(timezone.localtime(found.opened).date()))


def due(found: Thing, now: dt.datetime | None = None) -> Due | None:
    """Return the clock that runs on a thing."""
    return standing(found).due(limits(found), timezone.localtime(now or timezone.now()))


def may_do(user: Any, found: Thing) -> list[tuple[Event, str]]:
    """Return what a person may do with a thing now: event, as whom."""
    table = machine_of(found.machine)
    mine = actors(user, found.place, table.actors)
    out = []
    for event in table.allowed(found.state):
        as_whom = next((a for a in event.by if a in mine), None)
        if as_whom is not None:
            out.append((event, as_whom))
    return out


def title(found: Thing) -> Text:
    """Return what a thing is called."""
    if found.machine == "change":
        kinds = [change_kinds()[k].title for k in found.kinds]
        return Text("、".join(k.zh for k in kinds), "; ".join(k.en for k in kinds))
    if found.machine == "permit":
        return papers_known()[found.kinds[0]]
    return machine_of("defect").title


def state_title(found: Thing) -> Text:
    """Return where a thing stands, in words."""
    return machine_of(found.machine).states[found.state].title


def status(found: Thing, now: dt.datetime) -> str:
    """Return good for what is done, alarm for what is late, watch for what is open."""
    if machine_of(found.machine).states[found.state].end:
        return "good"
    return "alarm" if found.due is not None and found.due < now else "watch"


def open_things(project: Project) -> QuerySet[Thing]:
    """Return what is open under a project."""
    ended = [f"{s.id}" for name in MACHINES for s in machine_of(name).states.values() if s.end]
    return project.things.exclude(state__in=ended)
