"""What follows in evaluation: from a project that is built to what came of it, and from an evaluation to the next round."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

import rules
from hutong.service.evaluation import selectors
from hutong.service.evaluation.models import Evaluation
from hutong.service.projects.models import Project
from hutong.service.twin.models import DRAFT
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("效果评估", "Evaluation")
OFFICE = Text("街道或区更新专班", "the subdistrict or the district renewal office")
PLANNER = Text("责任规划师", "the responsible planner")


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return the evaluations of an ended project's place, or who makes one; of an evaluation, what the next round takes from it."""
    if isinstance(subject, Project) and subject.library == "ended":
        return _of_project(user, subject)
    if isinstance(subject, Evaluation) and subject.result is not None:
        return _of_evaluation(user, subject)
    return []


def _of_project(user: Any, project: Project) -> list[DeskItem]:
    found = [
        e
        for e in selectors.visible(user)
        if e.place.covers(project.place) and e.after.date >= project.changed.date()
    ]
    if found:
        return [
            DeskItem(STAGE, Text(f"效果评估 {e.number}", f"Evaluation {e.number}"), e.place.title, reverse("evaluation", args=[e.pk]), status="watch")
            for e in found[:3]
        ]  # fmt: skip
    may = rules.has_perm("evaluation.make", user, project)
    url = reverse("evaluation_new") if may else ""
    what = Text("有了下一份快照后，评估效果", "Evaluate what came of it, once a later snapshot is there")
    return [DeskItem(STAGE, what, project.place.title, url, PLANNER, mine=may)]


def _of_evaluation(user: Any, found: Evaluation) -> list[DeskItem]:
    at = reverse("evaluation", args=[found.pk])
    if found.state == DRAFT:
        may = rules.has_perm("evaluation.publish", user, found)
        return [DeskItem(STAGE, Text("公开评估", "Publish the evaluation"), found.place.title, at if may else "", OFFICE, status="watch", mine=may)]  # fmt: skip
    out = []
    if n := selectors.undecided(found):
        may = rules.has_perm("evaluation.decide", user, found)
        what = Text(
            f"决定 {n} 条经验要不要用于下一轮",
            f"Decide whether the next round takes {n} {'lesson' if n == 1 else 'lessons'}",
        )
        out.append(
            DeskItem(STAGE, what, found.place.title, f"{at}#lessons", OFFICE, status="watch", mine=may)
        )
    what = Text("下一次体检与下一个方案", "The next checkup, and the next scheme")
    out.append(
        DeskItem(
            Text("体检", "Checkup"),
            what,
            found.place.title,
            reverse("snapshot", args=[found.after_id]),
            PLANNER,
            mine=False,
        )
    )
    return out
