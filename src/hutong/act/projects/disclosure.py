"""What a project must make public, and when: counted from its own steps by the rules of the place and the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from hutong.act.machine import Deed
from hutong.act.standing import Standing
from hutong.rules import Parameter, Rules, WorkCalendar
from hutong.rules.procedure import Clock
from hutong.text import Text

#: How a disclosure stands.
STANDINGS = {
    "done": Text("已公开", "public"),
    "due": Text("待公开", "to be published"),
    "late": Text("逾期未公开", "overdue"),
    "running": Text("公示中", "public for now"),
    "unknown": Text("本地规则未载期限", "no rule of the place sets a limit"),
}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A kind of disclosure: on which steps or events, under which limit, and whether again and again."""

    id: str
    title: Text
    on: tuple[str, ...]
    parameter: str
    bound: str
    every: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """One disclosure of a project: what called for it, the day it counts from and the day it ends, and how it stands.

    ``day`` is None where no rule gives the limit; ``assumed`` says that holidays or the limit itself are assumptions.
    """

    kind: Disclosure
    since: dt.date
    day: dt.date | None
    parameter: Parameter | None
    assumed: bool
    published: dt.date | None
    standing: str


@cache
def disclosures() -> Mapping[str, Disclosure]:
    """Return the kinds of disclosure (``disclosures.yaml``)."""
    raw = yaml.safe_load(
        resources.files(__package__).joinpath("disclosures.yaml").read_text(encoding="utf-8")
    )
    return {
        k: Disclosure(k, Text.of(v["title"]), tuple(v["when"]), v["parameter"], v["bound"], v.get("every", False))
        for k, v in raw.items()
    }  # fmt: skip


def owed(
    project: Standing,
    published: Sequence[tuple[str, dt.date]],
    today: dt.date,
    rules: Rules,
    calendar: WorkCalendar,
) -> tuple[Owed, ...]:
    """Return what a project owes the public until a day, the earliest first.

    Parameters
    ----------
    published
        What was made public so far: kind and day. Each counts once, for the oldest duty of its kind that it can meet.
    """
    left = sorted(published, key=lambda p: p[1])
    out = []
    for kind in disclosures().values():
        for since, until in _moments(kind, project, today, rules):
            first = next((p for p in left if p[0] == kind.id and since <= p[1] <= until), None)
            if first is not None:
                left.remove(first)
            out.append(_owed(kind, since, first[1] if first else None, today, rules, calendar))
    return tuple(sorted(out, key=lambda o: (o.day or dt.date.max, o.kind.id)))


def _owed(
    kind: Disclosure, since: dt.date, at: dt.date | None, today: dt.date, rules: Rules, calendar: WorkCalendar
) -> Owed:
    parameter = rules.parameters.get(kind.parameter)
    day = Clock(kind.parameter, kind.bound, parameter).ends(since, calendar)
    assumed = parameter is not None and parameter.assumed
    if day is not None and parameter is not None and parameter.unit == "working day":
        assumed = assumed or calendar.assumed(since, day)
    if day is None:
        standing = "done" if at else "unknown"
    elif kind.bound == "at_least":
        standing = ("running" if today <= day else "done") if at else "due" if today <= since else "late"
    else:
        standing = ("done" if at <= day else "late") if at else "due" if today <= day else "late"
    return Owed(kind, since, day, parameter, assumed, at, standing)


def _moments(
    kind: Disclosure, project: Standing, today: dt.date, rules: Rules
) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield from which day each duty counts, and until when it can be met."""
    for begin, end in _triggers(kind, project):
        last = today if end is None else min(end, today)
        if not kind.every:
            yield begin, dt.date.max
            continue
        step = Clock(kind.parameter, kind.bound, rules.parameters.get(kind.parameter))
        since = begin
        while since <= last:
            following = step.ends(since, WorkCalendar())
            yield since, following or dt.date.max
            if following is None or following <= since:
                break
            since = following


def _triggers(kind: Disclosure, project: Standing) -> Iterator[tuple[dt.date, dt.date | None]]:
    """Yield when a step was entered and left, or an event happened."""
    zone = project.opened.tzinfo
    if project.machine.start in kind.on:
        left = project.history[0].at if project.history else None
        yield project.opened.date(), left.astimezone(zone).date() if left else None
    deeds: Sequence[Deed] = project.history
    for i, deed in enumerate(deeds):
        to = project.machine.events[deed.event].to
        after = deeds[i + 1].at.astimezone(zone).date() if i + 1 < len(deeds) else None
        if deed.event in kind.on or to in kind.on:
            yield deed.at.astimezone(zone).date(), after
