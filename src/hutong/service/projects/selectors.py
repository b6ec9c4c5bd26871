"""Reading projects: where each stands by its steps, what its gate asks for, its works, and what it owes the public."""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.act.machine import Deed, Event
from hutong.act.projects import (
    LIBRARY,
    Course,
    Gate,
    Opinion,
    Owed,
    Report,
    Review,
    begin_project,
    course,
    gate,
    outlines,
    owed,
    paper_titles,
    progress,
    project_types,
)
from hutong.act.projects import (
    Paper as PaperAsked,
)
from hutong.act.projects import (
    Progress as Earned,
)
from hutong.act.projects import (
    Task as Planned,
)
from hutong.act.standing import Standing
from hutong.errors import HutongError
from hutong.report.map_layers import Layer
from hutong.rules import Rules, load_procedures, load_rules, official_calendar
from hutong.service.accounts.models import User
from hutong.service.consent.models import Ballot
from hutong.service.places.models import Place
from hutong.service.places.selectors import paths_to, within
from hutong.service.projects import votes
from hutong.service.projects.models import Inspection, Paper, Project, ReviewRound, SitePhoto
from hutong.service.projects.offices import WORKERS, actors, roles_at
from hutong.service.projects.policies import LISTED
from hutong.service.requests.selectors import JURISDICTION
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import published_versions
from hutong.text import Text

#: The paper that a scheme is to its project.
SCHEME = "scheme"
#: How far works are, for the map; the order of its classes.
STAGES = ("reserve", "implementation", "works", "ended")


@lru_cache(maxsize=64)
def rules_on(day: dt.date) -> Rules:
    """Return the rules that hold on a day."""
    return load_rules(JURISDICTION, day)


@lru_cache(maxsize=128)
def course_of(procedure: str, day: dt.date) -> Course:
    """Return a procedure as projects take it, by the rules that hold on a day."""
    return course(procedure, rules_on(day))


def course_for(project: Project) -> Course:
    """Return the course of a project, by the rules of the day on which it was applied for."""
    return course_of(project.procedure, timezone.localtime(project.opened).date())


def procedures() -> dict[str, Text]:
    """Return the procedures that projects go through, with their names."""
    return {n: course_of(n, timezone.localdate()).procedure.title for n in outlines()}


@cache
def tenures() -> dict[str, Text]:
    """Return the tenures that have a procedure, with its name."""
    found = load_procedures(load_rules(JURISDICTION)).values()
    return {t: p.title for p in found for t in p.tenures}


@cache
def papers_known() -> dict[str, Text]:
    """Return every paper that a project may hold."""
    return paper_titles(load_procedures(load_rules(JURISDICTION)).values())


def kinds_of(project: Project) -> list[Text]:
    """Return what kinds of project it is."""
    return [project_types()[t] for t in project.types]


def project(pk: int) -> Project:
    """Return a project, or raise ``Http404``."""
    found = Project.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def paper(pk: int) -> Paper:
    """Return a paper that is a file, or raise ``Http404``."""
    found = Paper.objects.select_related("project__place").filter(pk=pk).exclude(digest="").first()
    if found is None:
        raise Http404
    return found


def photo(pk: int) -> SitePhoto:
    """Return a picture of a site, or raise ``Http404``."""
    found = SitePhoto.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def review_round(pk: int) -> ReviewRound:
    """Return a review, or raise ``Http404``."""
    found = ReviewRound.objects.select_related("project__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Project]:
    """Return the projects that a reader may see: those in a list, and drafts where they work on projects."""
    seen = Q(library__in=LISTED)
    for role, path in getattr(viewer, "held", ()):
        if role in (*WORKERS, "auditor"):
            seen |= Q(place__path__startswith=path)
    return Project.objects.filter(seen).select_related("place__parent")


def building() -> QuerySet[Project]:
    """Return the projects of the implementation list."""
    return Project.objects.filter(library="implementation").select_related("place")


def covering(viewer: Any, place: Place) -> list[Project]:
    """Return the projects that a reader may see and that a place lies in."""
    return list(visible(viewer).filter(place__path__in=paths_to(place)))


def roles_manage(user: Any, project: Project) -> bool:
    """Return whether a person keeps the record of a project."""
    return bool(roles_at(user, project.place) & {"operator", "subdistrict", "district"})


def places_for(user: User, roles: tuple[str, ...]) -> list[Place]:
    """Return the places where a person may apply for a project: quarters, blocks and estates of theirs."""
    paths = [path for role, path in user.held if role in roles]
    inside = Q(pk=None)
    for path in paths:
        inside |= Q(path__startswith=path)
    return list(Place.objects.filter(inside, kind__in=("quarter", "block", "estate")).order_by("path")[:300])


def standing(project: Project) -> Standing:
    """Return where a project stands, from its steps."""
    found = course_for(project)
    said = {"types": tuple(project.types), "tenures": tuple(project.tenures)}
    out = begin_project(found, project.number, project.opened, said)
    for s in project.steps.all():
        out = out.after(Deed(s.event, s.at, s.by))
    return out


def held(project: Project) -> dict[str, dt.datetime]:
    """Return the papers that are files, each with the moment when it was last handed in."""
    return dict(project.papers.exclude(digest="").order_by("at").values_list("kind", "at"))


def settled(project: Project) -> dict[str, str]:
    """Return the papers that are not needed, each with the reason on record."""
    return dict(project.papers.filter(digest="").values_list("kind", "reason"))


def gate_rows(project: Project, now: dt.datetime) -> tuple[Gate | None, list[dict[str, Any]], list[Text]]:
    """Return the gate of the present step, its papers with how each stands, and what is still missing."""
    found, stands = course_for(project), standing(project)
    if not stands.open:
        return None, [], []
    door, have, waived = gate(found, stands), held(project), settled(project)
    latest = {p.kind: p for p in project.papers.exclude(digest="").order_by("at")}
    rows = [_row(door, a, have, waived, latest.get(a.id)) for a in door.papers]
    missing = door.missing(have, waived, stands.since, timezone.localtime(now), official_calendar())
    return door, rows, list(missing)


def _row(
    door: Gate, asked: PaperAsked, have: dict[str, dt.datetime], waived: dict[str, str], file: Paper | None
) -> dict[str, Any]:
    here = door.has(asked, have)
    status = "good" if here else "same" if asked.id in waived else "alarm"
    return {
        "asked": asked,
        "status": status,
        "file": file if here else None,
        "reason": waived.get(asked.id, ""),
    }


def moves(user: User, project: Project) -> list[tuple[Event, str, bool]]:
    """Return what a person may do with a project now: event, as whom, and whether it leads on."""
    found = course_for(project)
    out = []
    for event in found.machine.allowed(project.state):
        mine = actors(user, project.place, event.by)
        if mine:
            out.append((event, mine[0], found.forward(event)))
    return out


def waits(project: Project, event: Event, now: dt.datetime) -> list[Text]:
    """Return what keeps an event from happening now: papers and periods of the gate, a review without conclusion, a vote.

    What a counted vote files by itself is not lacking.
    """
    found = course_for(project)
    try:
        drawn = votes.papers_of(votes.settling(project, event.id))
    except HutongError as caught:
        return [Text(caught.what.zh.rstrip("。"), caught.what.en.rstrip("."))]
    if not found.forward(event):
        return []
    if not reviewed(project, event.id):
        return [Text("联合审查还没有“通过”的结论", "the joint review is not concluded as passed")]
    have = {**held(project), **{kind: now for kind, _ in drawn}}
    door, since = gate(found, standing(project)), standing(project).since
    return list(door.missing(have, settled(project), since, timezone.localtime(now), official_calendar()))


def reviewed(project: Project, event: str) -> bool:
    """Return whether an event may follow the joint review; only passing it asks for one, held since the step began and passed."""
    step = course_for(project).steps("reviewed")
    if not step or event != f"{step}.passed":
        return True
    newest = project.reviews.filter(asked__gte=standing(project).since).first()
    return newest is not None and newest.concluded == "passed"


def trail(project: Project) -> list[dict[str, Any]]:
    """Return the steps of a project's course in order: done, here, or to come."""
    found = course_for(project)
    at = found.order[project.state]
    return [
        {
            "title": s.title,
            "standing": "done" if found.order[n] < at else "here" if n == project.state else "later",
        }
        for n, s in found.machine.states.items()
        if not s.end or n == project.state
    ]


def state_title(project: Project) -> Text:
    """Return the step that a project is in."""
    return course_for(project).machine.states[project.state].title


def library_title(project: Project) -> Text:
    """Return the list that a project stands in."""
    return LIBRARY[project.library]


def review_of(found: ReviewRound) -> Review:
    """Return a review as the rules of :mod:`hutong.act.projects` judge it."""
    opinions = tuple(Opinion(o.department, o.verdict, o.at) for o in found.opinions.all())
    return Review(found.lead, tuple(found.departments), found.asked, found.due, opinions, found.concluded)


def earned(project: Project, day: dt.date) -> Earned | None:
    """Return schedule and budget against what happened on a day; None without tasks."""
    tasks = list(project.tasks.prefetch_related("reports"))
    if not tasks:
        return None
    planned = [Planned(str(t.pk), t.title, t.start, t.end, t.budget_yuan) for t in tasks]
    reports = [Report(str(t.pk), r.day, r.done, r.spent_yuan) for t in tasks for r in t.reports.all()]
    return progress(planned, reports, day)


def duties(project: Project, day: dt.date) -> tuple[Owed, ...]:
    """Return what a project owes the public until a day."""
    published = list(project.disclosed.values_list("kind", "day"))
    return owed(standing(project), published, day, course_for(project).rules, official_calendar())


def works_stage(project: Project) -> str:
    """Return how far a project is, as one of :data:`STAGES`, or ""."""
    if project.library == "implementation" and project.state == course_for(project).steps("works"):
        return "works"
    return project.library if project.library in STAGES else ""


def layer(viewer: Any, snapshot: Any) -> Layer:
    """Return a snapshot's buildings by how far the project is that they are part of."""
    rows = snapshot.buildings.order_by("row").values_list("place__path", flat=True)
    paths = list(rows)
    found = [p for p in visible(viewer).order_by("opened") if works_stage(p)]
    codes = np.full(len(paths), -1)
    for p in found:
        inside = np.array([path.startswith(p.place.path) for path in paths], bool)
        codes[inside] = STAGES.index(works_stage(p))
    return Layer(
        "works",
        Text("更新项目", "Renewal projects"),
        (*(LIBRARY[s] for s in STAGES[:2]), Text("施工中", "Being built"), LIBRARY["ended"]),
        codes,
        np.zeros(len(paths), bool),
        Text("不在项目内", "in no project"),
        Text("楼栋所在项目的进展；有几个项目的取最近申报的。", "How far the project of each building is; of several, the newest."),
        "works",
    )  # fmt: skip


def of_one_place(project: Project, other: Any) -> bool:
    """Return whether something else is of a project's place, or of a part of it or what it lies in."""
    return project.place.covers(other.place) or other.place.covers(project.place)


def asks_for_scheme(project: Project) -> bool:
    """Return whether the present step of a project asks for its scheme."""
    stands = standing(project)
    return stands.open and any(p.id == SCHEME for p in gate(course_for(project), stands).papers)


def versions_for(project: Project) -> list[Version]:
    """Return the versions before the public at a project's place that its record does not hold yet, those adopted first."""
    held_here = set(project.papers.filter(kind=SCHEME).values_list("digest", flat=True))
    found = [v for v in published_versions(project.place) if v.digest not in held_here]
    return sorted(found, key=lambda v: v.scheme.state != "adopted")


def with_scheme(version: Version) -> QuerySet[Project]:
    """Return the projects that have this very version as their scheme."""
    with_it = Project.objects.filter(papers__kind=SCHEME, papers__digest=version.digest)
    return with_it.distinct().order_by("pk")


def votes_for(project: Project) -> list[Ballot]:
    """Return the votes of a project's place that no project has yet."""
    found = (
        Ballot.objects.filter(vote_on=None, renews=None).exclude(state="cancelled").select_related("place")
    )
    return [b for b in found if of_one_place(project, b)]


def inspections(project: Project) -> QuerySet[Inspection]:
    """Return the visits to a site, newest first."""
    return project.inspections.prefetch_related("photos").select_related("defect")


def in_place(place: Place) -> QuerySet[Project]:
    """Return the projects in a place."""
    return Project.objects.filter(place__in=within(place)).select_related("place")
