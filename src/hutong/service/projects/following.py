"""What follows in projects: from a finding, a council's process or a vote to a project, and from a project to its next step."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

import rules
from hutong.service.accounts.roles import roles
from hutong.service.checkup.models import Finding
from hutong.service.consent.models import Ballot
from hutong.service.consent.models import Project as Surrender
from hutong.service.consent.surrender.selectors import projects as surrenders
from hutong.service.council.models import Process
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain, within
from hutong.service.projects import selectors
from hutong.service.projects.models import Project
from hutong.service.projects.policies import APPLIES
from hutong.service.projects.votes import STEP, standing_vote
from hutong.service.schemes import selectors as schemes
from hutong.service.schemes.models import Scheme, Version
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("项目", "Projects")
SCHEMES = Text("方案", "Schemes")
#: The procedure of courtyards whose lessees may give up their leases.
SURRENDER = "courtyard_surrender"
#: Where projects are applied for.
LEVELS = ("estate", "block", "quarter")


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return what comes after an object, for its page."""
    if isinstance(subject, Finding):
        return of_finding(user, subject)
    if isinstance(subject, Process | Surrender):
        return _about(user, subject, subject.place)
    if isinstance(subject, Ballot):
        return of_ballot(user, subject)
    if isinstance(subject, Project):
        return of_project(user, subject)
    if isinstance(subject, Scheme | Version):
        return of_scheme(user, subject)
    return []


def place_of_finding(found: Finding) -> Place:
    """Return the place that a project about a finding is applied for: its estate, block or quarter."""
    named = within(found.run.place).filter(code=found.place_id).first()
    up = list(reversed(chain(named))) if named else []
    return next((p for p in up if p.kind in LEVELS), found.run.place)


def of_finding(user: Any, found: Finding) -> list[DeskItem]:
    """Return the projects about a finding; or how one is applied for, and by whom."""
    about = [_standing(user, p) for p in selectors.visible(user).filter(finding=found)]
    return about or _about(user, found, place_of_finding(found), f"&finding={found.pk}")


def _about(user: Any, subject: Any, place: Place, more: str = "") -> list[DeskItem]:
    """Return the projects of a place, and how another is applied for."""
    out = [
        _standing(user, p) for p in selectors.visible(user).filter(place=place).exclude(library="ended")[:5]
    ]
    mine = rules.has_perm("projects.apply", user, subject)
    whom = Text(
        "、".join(roles()[r].title.zh for r in APPLIES), ", ".join(roles()[r].title.en for r in APPLIES)
    )
    if out and not mine:
        return out
    url = f"{reverse('project_new')}?place={place.pk}{more}" if mine else ""
    return [
        *out,
        DeskItem(STAGE, Text("申报更新项目", "Apply for a project"), place.title, url, whom, mine=mine),
    ]


def of_ballot(user: Any, found: Ballot) -> list[DeskItem]:
    """Return the project that a vote is on; to who keeps its record, those that it may be on."""
    first = found
    while first.renews is not None:
        first = first.renews
    tied = Project.objects.filter(votes__ballot=first).select_related("place").first()
    if tied is not None:
        return [_standing(user, tied)] if rules.has_perm("projects.see", user, tied) else []
    waiting = Project.objects.filter(state=STEP).select_related("place")
    return [
        DeskItem(
            STAGE, Text(f"作为“{p.title_zh}”的表决", f"Let it be the vote on “{p.title_en}”"), p.place.title,
            f"{reverse('project_office', args=[p.pk])}#vote", Text("经办人", "an officer"), status="watch",
        )
        for p in waiting
        if selectors.of_one_place(p, found) and rules.has_perm("projects.manage", user, p)
    ]  # fmt: skip


def of_scheme(user: Any, subject: Scheme | Version) -> list[DeskItem]:
    """Return the projects of a scheme's place that are not built yet: it is drawn up for them."""
    found = subject.scheme if isinstance(subject, Version) else subject
    rows = selectors.visible(user).exclude(library="ended")
    return [_standing(user, p) for p in rows if selectors.of_one_place(p, found)]


def _standing(user: Any, project: Project) -> DeskItem:
    """Return a project with the step that it is in and who is at turn."""
    step, (whom, mine) = selectors.state_title(project), at_turn(user, project)
    what = Text(f"{project.title_zh}：{step.zh}", f"{project.title_en}: {step.en}")
    page = "project_office" if mine else "project"
    status = "unknown" if project.library == "ended" else "watch"
    return DeskItem(
        STAGE, what, project.place.title, reverse(page, args=[project.pk]), whom, project.changed, status=status, mine=mine
    )  # fmt: skip


def at_turn(user: Any, project: Project) -> tuple[Text | None, bool]:
    """Return who can take a project on from its step, and whether the reader is among them."""
    machine = selectors.course_for(project).machine
    forward = [e for e in machine.allowed(project.state) if selectors.course_for(project).forward(e)]
    who = list(dict.fromkeys(a for e in forward for a in e.by))
    if not who:
        return None, False
    names = [machine.actors[a] for a in who]
    mine = any(on for _, _, on in selectors.moves(user, project))
    return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names)), mine


def of_project(user: Any, project: Project) -> list[DeskItem]:
    """Return the next step of a project: what leads on, who is at turn, and what is still missing; once ended, the checkup."""
    if project.library == "ended":
        return _after(project)
    course = selectors.course_for(project)
    _, _, missing = selectors.gate_rows(project, timezone.now())
    whom, mine = at_turn(user, project)
    forward = [e for e in course.machine.allowed(project.state) if course.forward(e)]
    step = selectors.state_title(project)
    lacks = (
        (f"还缺 {len(missing)} 项", f"{len(missing)} still missing") if missing else ("齐备", "all is there")
    )
    then = [
        Text(f"{e.title.zh} → {t.zh}", f"{e.title.en} → {t.en}")
        for e in forward
        for t in [course.machine.states[e.to].title]
    ]
    what = Text(
        f"{step.zh}：{'、'.join(t.zh for t in then)}（{lacks[0]}）", f"{step.en}: {', '.join(t.en for t in then)} ({lacks[1]})"
    )  # fmt: skip
    may = rules.has_perm("projects.office", user, project)
    url = f"{reverse('project_office', args=[project.pk])}#gate" if may else ""
    out = [DeskItem(STAGE, what, project.place.title, url, whom, project.changed, status="watch" if missing else "good", mine=mine)]  # fmt: skip
    if project.procedure == SURRENDER:
        out += _surrendering(user, project)
    elif selectors.asks_for_scheme(project):
        out += _drawing(user, project)
    return out + (_voting(user, project) if project.state == STEP else [])


def _drawing(user: Any, project: Project) -> list[DeskItem]:
    """Return the schemes that are drawn up for a project's place, those furthest on first; to who drafts, how another is begun."""
    order = ("adopted", "consultation", "reviewed", "advised", "draft")
    rows = [s for s in schemes.visible(user).filter(state__in=order) if selectors.of_one_place(project, s)]
    rows = [s for s in rows if s.state == "adopted"] or rows  # what was drawn up beside it is settled
    out = []
    for found in sorted(rows, key=lambda s: order.index(s.state)):
        version = schemes.published_version(found)
        inside = reverse("scheme", args=[found.pk]) if schemes.inside(user, found) else ""
        url = inside or ("" if version is None else reverse("scheme_version", args=[version.pk]))
        if url:
            state, who = schemes.state_title(found), schemes.at_turn(found)
            whom = Text("、".join(w.zh for w in who), ", ".join(w.en for w in who)) if who else None
            out.append(
                DeskItem(SCHEMES, Text(f"方案“{found.title_zh}”：{state.zh}", f"Scheme “{found.title_en}”: {state.en}"), found.place.title,
                         url, whom, found.changed, status="good" if found.state == "adopted" else "watch", mine=False)
            )  # fmt: skip
    if rules.has_perm("schemes.draft", user, project) and not any(s.state == "adopted" for s in rows):
        url = f"{reverse('scheme_new')}?place={project.place_id}"
        what = Text("再编一个方案", "Draw up another scheme") if out else Text("编制方案", "Draw up a scheme")
        out.append(DeskItem(SCHEMES, what, project.place.title, url))
    elif not out:
        out.append(DeskItem(SCHEMES, Text("编制方案", "Draw up a scheme"), project.place.title, "", Text("实施主体", "the implementer"), mine=False))  # fmt: skip
    return out


def _surrendering(user: Any, project: Project) -> list[DeskItem]:
    """Return where the households of a project apply and sign, or where that is prepared."""
    found = [s for s in surrenders() if selectors.of_one_place(project, s)]
    if found:
        return [
            DeskItem(
                STAGE, Text(f"退租申请与签约：{s.name_zh}", f"Applications and signing: {s.name_en}"), s.place.title,
                reverse("surrender", args=[s.pk]), status="watch",
            )
            for s in found
        ]  # fmt: skip
    if not rules.has_perm("consent.run", user, project):
        return []
    title, at = project.place.title, f"?place={project.place_id}"
    return [
        DeskItem(STAGE, Text("导入承租人名册", "Import the roll of lessees"), title, reverse("roll_new") + at, status="watch"),
        DeskItem(STAGE, Text("公布退租项目", "Announce the surrender"), title, reverse("surrender_new"), status="watch"),
    ]  # fmt: skip


def _voting(user: Any, project: Project) -> list[DeskItem]:
    """Return where a project's vote is held, or where one is prepared."""
    found = standing_vote(project)
    if found is not None:
        if not rules.has_perm("consent.see", user, found):
            return []
        what = Text(
            f"表决：{found.name_zh}（{found.standing.zh}）",
            f"The vote: {found.name_en} ({found.standing.en})",
        )
        return [DeskItem(STAGE, what, found.place.title, reverse("ballot", args=[found.pk]), status="watch")]
    if not rules.has_perm("consent.run", user, project):
        return []
    return [
        DeskItem(STAGE, Text("导入名册", "Import a roll"), project.place.title, f"{reverse('roll_new')}?place={project.place_id}", status="watch"),
        DeskItem(STAGE, Text("发起表决", "Start a vote"), project.place.title, reverse("ballot_new"), status="watch"),
    ]  # fmt: skip


def _after(project: Project) -> list[DeskItem]:
    what = Text("下一次体检看效果", "Whether it helped: the next checkup")
    return [DeskItem(STAGE, what, project.place.title, reverse("checkups"), Text("责任规划师", "the responsible planner"), mine=False)]  # fmt: skip
