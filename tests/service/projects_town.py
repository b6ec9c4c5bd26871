"""Projects for tests: applied for, and taken through their steps as fast as the rules allow."""

from __future__ import annotations

import datetime as dt
import uuid

PDF = b"%PDF-1.4\n"
#: Days from one step to the next: twenty working days of publicity fit in, with the longest holidays beside them.
PACE = 40
#: Long enough ago that a project has come to its works by now.
START = dt.datetime.now(dt.UTC).replace(hour=1, minute=0) - dt.timedelta(days=16 * PACE)


def apply(town, person, types=("comprehensive",), tenures=("reform",), procedure="estate", place=None):
    from hutong.service.projects import services
    from hutong.text import Text

    new = services.NewProject(
        place or town.estate,
        Text("七巷改造", "Lane 7"),
        procedure,
        types,
        tenures,
        person,
        uuid.uuid4(),
        START,
    )
    return services.apply(new)


def step(project, person, day):
    """Take the first step that leads on, with every paper it asks for, on a day after the start."""
    from hutong.service.projects import selectors, services
    from hutong.service.web.papers import of_bytes

    at = project.opened + dt.timedelta(days=day)
    course = selectors.course_for(project)
    event = next(e for e in course.machine.allowed(project.state) if course.forward(e))
    _, rows, _ = selectors.gate_rows(project, at)
    for row in rows:
        if row["status"] == "alarm":
            file = of_bytes(PDF + f"{row['asked'].id} {day}".encode(), "paper.pdf")
            services.hand_in(project, row["asked"].id, file, person, at=at)
    if project.state == course.steps("reviewed"):
        project.reviews.create(
            lead="x", departments=["x"], asked=at, due=at.date(), concluded="passed", person=person
        )
    return services.move(project, event.id, event.by[0], person, at=at)


def to_works(project, person, until="works", days=PACE):
    day = (project.changed - project.opened).days
    while project.state != until:
        day += days
        project = step(project, person, day)
    return project
