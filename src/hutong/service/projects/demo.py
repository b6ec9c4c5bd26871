"""A fictional project for the demo: an old estate that is being built, with tasks, a visit, and a defect to be mended."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.act.projects import personal_papers
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.projects import selectors, services
from hutong.service.projects.models import Project
from hutong.service.projects.papers import of_bytes
from hutong.service.projects.things import services as things
from hutong.text import Text

#: Days between two steps of the demo's project, and how long ago it was applied for.
PACE, AGO = 25, 300
_PDF = b"%PDF-1.4\n% demo: a fictional paper of a fictional project\n%%EOF\n"


def load(estate: Place, operator: User, office: User, resident: User) -> Project:
    """Make a project that has come to its works, and another that was just applied for."""
    opened = timezone.now() - dt.timedelta(days=AGO)
    project = services.apply(
        services.NewProject(
            estate, Text("示例小区综合整治", "Renewal of the demo estate"), "estate", ("comprehensive", "pipes"),
            ("reform",), operator, uuid.uuid4(), opened,
        )
    )  # fmt: skip
    works = selectors.course_for(project).steps("works")
    for n in range(1, 20):
        if project.state == works:
            break
        project = _step(project, office, opened + dt.timedelta(days=PACE * n))
    today = timezone.localdate()
    for title, begin, end, budget, done, spent in (
        ("搭架与围挡 Scaffold", -24, -10, 300_000, 10_000, 320_000),
        ("换管 Pipes", -14, 20, 1_200_000, 3_500, 400_000),
        ("外墙保温 Insulation", 10, 60, 2_600_000, None, None),
    ):
        task = services.plan_task(
            project, title, today + dt.timedelta(begin), today + dt.timedelta(end), budget
        )
        if done is not None:
            services.report(task, today, done, spent, operator)
    things.inspect(project, today, "二单元新换的立管接口渗水。", resident, token=uuid.uuid4(), defect=True)
    services.apply(
        services.NewProject(
            estate, Text("示例小区加装电梯", "Lifts for the demo estate"), "estate", ("lift",), ("reform",), operator
        )
    )  # fmt: skip
    return project


def _step(project: Project, office: User, at: dt.datetime) -> Project:
    """Take the next step with the papers that it asks for."""
    found = selectors.course_for(project)
    event = next(e for e in found.machine.allowed(project.state) if found.forward(e))
    _, rows, _ = selectors.gate_rows(project, at)
    for row in rows:
        if row["status"] == "alarm":
            paper = of_bytes(_PDF + f"{row['asked'].id} {at:%Y%m%d}".encode(), f"{row['asked'].id}.pdf")
            public = row["asked"].id not in personal_papers()
            services.hand_in(project, row["asked"].id, paper, office, public=public, at=at)
    if project.state == found.steps("reviewed"):
        _review(project, office, at)
    return services.move(project, event.id, event.by[0], office, at=at)


def _review(project: Project, office: User, at: dt.datetime) -> None:
    due = timezone.localdate() + dt.timedelta(days=1)
    asked = services.ask(project, "district", ("district",), due, office, at=at)
    services.give_opinion(asked, "district", "agree", "", office)
    services.conclude(asked, "district", "passed", office)
