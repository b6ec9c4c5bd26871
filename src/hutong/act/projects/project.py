"""A project as it goes through a procedure of the rules: its steps are the procedure's, and so are its papers and clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from hutong.act.machine import Deed, Event, Machine, State, whole
from hutong.act.projects.gates import Gate, check_types, gate_of
from hutong.act.standing import Standing, begin
from hutong.errors import HutongError, Row
from hutong.rules import Procedure, Rules, WorkCalendar, load_procedure
from hutong.text import Text

LIBRARY = {
    "proposed": Text("申报前", "Before application"),
    "reserve": Text("储备项目库", "Reserve list"),
    "implementation": Text("实施项目库", "Implementation list"),
    "ended": Text("已结束", "Ended"),
}
REOPENED = "reopened"
_TITLE = Text("项目", "Project")


@cache
def outlines() -> Mapping[str, Mapping[str, Any]]:
    """Return how projects go through procedures (``project.yaml``), by procedure."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("project.yaml").read_text(encoding="utf-8"))
    return dict(raw)


@dataclass(frozen=True)
class Course:
    """A procedure as a project takes it: the procedure with its figures, the machine of it, and its rules."""

    procedure: Procedure
    machine: Machine
    rules: Rules

    @property
    def order(self) -> Mapping[str, int]:
        """The place of each step, ends last."""
        return {s: i for i, s in enumerate(self.machine.states)}

    def forward(self, event: Event) -> bool:
        """Return whether an event leads on, and not back or to an end where all stays as it was."""
        to = self.procedure.steps[event.to]
        if to.ends:
            return to.outcome == "settled"
        return self.order[event.to] > self.order[event.origin[0]]

    def library(self, state: str) -> str:
        """Return in which list of the project library a project in this state stands (:data:`LIBRARY`)."""
        if self.machine.states[state].end:
            return "ended"
        for name, steps in outlines()[self.procedure.id]["library"].items():
            if state in steps:
                return str(name)
        return "proposed"

    def steps(self, role: str) -> str:
        """Return the step of a role in the outline (``reviewed``, ``works``), or ""."""
        return str(outlines()[self.procedure.id].get(role, ""))


def course(procedure: str, rules: Rules) -> Course:
    """Return a procedure as a project takes it.

    Raises
    ------
    HutongError
        ``no-course`` for a procedure that no project goes through.
    """
    if procedure not in outlines():
        raise HutongError(
            "no-course",
            Text(
                f"没有项目按程序 {procedure} 推进。", f"No project goes through the procedure {procedure!r}."
            ),
            Text(f"可选：{'、'.join(outlines())}。", f"Choose one of {', '.join(outlines())}."),
        )
    found = load_procedure(procedure, rules)
    return Course(found, _machine(found), rules)


def _machine(procedure: Procedure) -> Machine:
    outline = outlines()[procedure.id]
    own = [s for s in procedure.steps if not procedure.steps[s].ends]
    if outline["steps"] != "all":
        own = list(outline["steps"])
    ends = [s.id for s in procedure.steps.values() if s.ends]
    events: dict[str, Event] = {}
    for name in own:
        step = procedure.steps[name]
        a = step.authority
        for e in step.events:
            if e.to in own or e.to in ends:
                events[f"{name}.{e.id}"] = Event(
                    f"{name}.{e.id}", e.title, (name,), e.to, tuple(w for w, _ in step.who),
                    article=a.article if a else "", source=a.source if a else "",
                    confidence=a.confidence if a else "U",
                )  # fmt: skip
    events |= _reopened(procedure, outline["reopened"])
    reached = {e.to for e in events.values()}
    states = {n: State(n, procedure.steps[n].title) for n in own}
    states |= {n: State(n, procedure.steps[n].title, end=True) for n in ends if n in reached}
    whole(states, events, procedure.start)
    actors = {w: words for n in own for w, words in procedure.steps[n].who}
    return Machine(states, events, procedure.id, _TITLE, procedure.start, actors)


def _reopened(procedure: Procedure, table: Mapping[str, Any]) -> dict[str, Event]:
    """Return the events by which a change order sends a project back to a consent that the law asks for anew."""
    out = {}
    for origin in table.get("from", ()):
        who = tuple(w for w, _ in procedure.steps["joint_review"].who)
        for consent in ("vote", "publicity"):
            to = table[consent]
            title = procedure.steps[to].title
            name = f"{origin}.{REOPENED}_{consent}"
            out[name] = Event(
                name, Text(f"变更后重新：{title.zh}", f"Changed, so again: {title.en}"), (origin,), to, who
            )
    return out


def begin_project(found: Course, name: str, at: dt.datetime, said: Mapping[str, Any]) -> Standing:
    """Return a new project; ``said`` holds its ``types`` and ``tenures``.

    Raises
    ------
    HutongError
        ``act-event`` for a time without a zone; ``no-type`` for a kind of project that is not known.
    """
    check_types(said.get("types", ()))
    return begin(found.machine, name, at, said)


def gate(found: Course, project: Standing) -> Gate:
    """Return what a project needs to leave the step it is in."""
    return gate_of(
        found.procedure,
        found.machine,
        project.state,
        tuple(project.said.get("types", ())),
        tuple(project.said.get("tenures", ())),
        found.rules,
        turned(found, project),
    )


def turned(found: Course, project: Standing) -> dt.datetime | None:
    """Return when a project was last sent back to an earlier step, or None."""
    moved = [d.at for d in project.history if not found.forward(found.machine.events[d.event])]
    return moved[-1] if moved else None


def advance(
    found: Course,
    project: Standing,
    deed: Deed,
    held: Mapping[str, dt.datetime],
    calendar: WorkCalendar,
    settled: Collection[str] = (),
) -> Standing:
    """Return the project after a deed; leading on asks for every paper of the gate and for every period to have run.

    Parameters
    ----------
    held, settled
        As of :meth:`~hutong.act.projects.gates.Gate.missing`.

    Raises
    ------
    HutongError
        ``act-event`` as of any machine; ``gate-closed`` listing what is missing, each with its source.
    """
    after = project.after(deed)
    event = found.machine.events[deed.event]
    if not found.forward(event):
        return after
    closed = gate(found, project).missing(held, settled, project.since, deed.at, calendar)
    if closed:
        step = found.machine.states[project.state].title
        raise HutongError(
            "gate-closed",
            Text(f"“{step.zh}”还缺 {len(closed)} 项，不能“{event.title.zh}”。", f"“{step.en}” lacks {len(closed)} thing{'s' if len(closed) > 1 else ''} for “{event.title.en}”."),
            Text("请补齐所列各项。", "Supply what is listed."),
            [Row(t.zh, t.en) for t in closed],
        )  # fmt: skip
    return after
