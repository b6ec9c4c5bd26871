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
from hutong.service.projects.things import services as things
from hutong.service.web.one_page import one_page
from hutong.service.web.papers import Document, of_bytes
from hutong.text import Text

#: Days between two steps of the demo's project, and how long ago it was applied for.
PACE, AGO = 25, 300
#: Disclosures that the demo leaves open, and after how many days the others are made.
LEFT_OPEN, SOON = ("listing",), 3


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
    _publish(project, operator, today)
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
            paper = _paper(row["asked"].title, timezone.localdate(at), row["asked"].id)
            public = row["asked"].id not in personal_papers()
            services.hand_in(project, row["asked"].id, paper, office, public=public, at=at)
    if project.state == found.steps("reviewed"):
        _review(project, office, at)
    return services.move(project, event.id, event.by[0], office, at=at)


def _publish(project: Project, person: User, today: dt.date) -> None:
    """Make public what the project owes, each soon after it was owed."""
    for o in selectors.duties(project, today):
        day = o.since + dt.timedelta(days=SOON)
        if o.kind.id not in LEFT_OPEN and day <= today:
            services.disclose(project, o.kind.id, _paper(o.kind.title, day, o.kind.id), person, day)


def _paper(title: Text, day: dt.date, name: str) -> Document:
    """Return a made-up paper of one page."""
    lines = (
        f"示例文件：{title.zh}", f"A made-up paper: {title.en}", f"示例小区综合整治，{day.year}年{day.month}月{day.day}日",
        "这是示例站点的虚构文件，没有任何效力。", "It belongs to a fictional project and has no effect.",
    )  # fmt: skip
    return of_bytes(one_page(lines), f"{name}.pdf")


def _review(project: Project, office: User, at: dt.datetime) -> None:
    due = timezone.localdate() + dt.timedelta(days=1)
    asked = services.ask(project, "district", ("district",), due, office, at=at)
    services.give_opinion(asked, "district", "agree", "", office)
    services.conclude(asked, "district", "passed", office)
