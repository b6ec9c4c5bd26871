"""What follows in operation: from a project that is built or in use to the contracts of its place."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

import rules
from hutong.act.contracts import contract_machine
from hutong.service.operation import selectors
from hutong.service.operation.models import Contract
from hutong.service.projects.models import Project
from hutong.service.projects.selectors import of_one_place
from hutong.service.projects.selectors import visible as projects
from hutong.service.schemes.models import Scheme, Version
from hutong.service.schemes.selectors import published_version
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("运营", "Operation")


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return the projects of a contract's place; the contracts of a project's place once it is built, or who enters one.

    For a scheme, the contracts drawn from it; once it is adopted, to the district, where one is drawn.
    """
    if isinstance(subject, Scheme | Version):
        return _of_scheme(user, subject)
    if isinstance(subject, Contract):
        return _next(user, subject) + [
            DeskItem(
                Text("项目", "Projects"), Text(f"项目“{p.title_zh}”", f"Project “{p.title_en}”"), p.place.title,
                reverse("project", args=[p.pk]), status="watch",
            )
            for p in projects(user)
            if of_one_place(p, subject) and p.library in ("implementation", "ended")
        ]  # fmt: skip
    if not isinstance(subject, Project) or subject.library not in ("implementation", "ended"):
        return []
    rows = selectors.visible(user).exclude(state="dropped")
    out = [_link(c) for c in rows if of_one_place(subject, c)]
    if out:
        return out
    may = rules.has_perm("operation.enter", user, subject)
    url = f"{reverse('contract_new')}?place={subject.place_id}" if may else ""
    whom = Text("区更新专班", "the district renewal office")
    return [
        DeskItem(
            STAGE, Text("签订运营合同", "The contract of operation"), subject.place.title, url, whom, mine=may
        )
    ]


def _link(found: Contract) -> DeskItem:
    state = contract_machine().states[found.state].title
    what = Text(f"运营合同“{found.title_zh}”（{state.zh}）", f"Contract “{found.title_en}” ({state.en})")
    return DeskItem(STAGE, what, found.place.title, reverse("contract", args=[found.pk]), status="watch")


def _of_scheme(user: Any, subject: Scheme | Version) -> list[DeskItem]:
    scheme = subject if isinstance(subject, Scheme) else subject.scheme
    out = [_link(c) for c in selectors.drawn_from(user, scheme)]
    adopted = published_version(scheme) if scheme.state == "adopted" else None
    if out or adopted is None or not rules.has_perm("operation.enter", user, adopted):
        return out
    url = f"{reverse('contract_new')}?version={adopted.pk}"
    what = Text("由通过的方案生成经营合同", "Draw the contract of operation from the adopted scheme")
    return [DeskItem(STAGE, what, scheme.place.title, url, mine=True)]


#: What leads a contract on from each state until it runs.
ONWARDS = {"drafted": "publish", "published": "sign", "signed": "start"}


def _next(user: Any, found: Contract) -> list[DeskItem]:
    """Return the next step of a contract and who is at turn; while it runs, the returns that are due and those to come."""
    machine, at = contract_machine(), found.place.title
    if found.state in ONWARDS:
        event = machine.events[ONWARDS[found.state]]
        names = [machine.actors[a] for a in event.by]
        whom = Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
        mine = any(e.id == event.id for e, _ in selectors.may_do(user, found))
        return [DeskItem(STAGE, event.title, at, "", whom, found.changed, status="watch", mine=mine)]
    if found.state not in ("running", "breached"):
        return []
    today, operator = timezone.localdate(), machine.actors["operator"]
    mine = rules.has_perm("operation.report", user, found)
    held = selectors.band(found, today)
    if held.missing:
        years = [str(y) for y in held.missing]
        what = Text(f"应报送：{'、'.join(years)} 年", f"Return due: {', '.join(years)}")
        return [DeskItem(STAGE, what, at, "", operator, status="warn", mine=mine)]
    what = Text(f"{today.year} 年的收支，年终后报送", f"The return of {today.year}, once the year has ended")
    return [DeskItem(STAGE, what, at, "", operator, mine=mine)]
