"""The table of states and events, read once and checked to be whole."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from hutong.act.cases.guards import GUARDS
from hutong.text import Text

#: Who may do what; the service says which of its users is which.
ACTORS = ("resident", "intake", "unit", "review", "called", "caller")
OURS = "ours"


@dataclass(frozen=True)
class State:
    """A state: its name, the parameter of its clock ("class": that of the case; empty: none), whether it ends."""

    id: str
    title: Text
    clock: str
    end: bool


@dataclass(frozen=True)
class Event:
    """What may happen: from where, to where, by whom, with what said, under which guards, by which article."""

    id: str
    title: Text
    origin: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    needs: tuple[str, ...]
    guards: tuple[str, ...]
    article: str

    @property
    def assumed(self) -> bool:
        """Whether no article stands behind it."""
        return self.article == OURS


@dataclass(frozen=True)
class Escalation:
    """From which share of its time a case is told to whom."""

    share: float
    to: str
    title: Text


@dataclass(frozen=True)
class Machine:
    """States, events and the lists that events draw on."""

    states: Mapping[str, State]
    events: Mapping[str, Event]
    grounds: Mapping[str, Text]
    whistles: Mapping[str, Text]
    escalation: tuple[Escalation, ...]
    misses: int

    def allowed(self, state: str, actor: str | None = None) -> tuple[Event, ...]:
        """Return the events that may follow in a state (for one kind of actor, if given)."""
        return tuple(
            e for e in self.events.values() if state in e.origin and (actor is None or actor in e.by)
        )


@functools.cache
def machine() -> Machine:
    """Return the machine of ``machine.yaml``."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("machine.yaml").read_text(encoding="utf-8"))
    return build_machine(raw)


def build_machine(raw: Mapping[str, Any]) -> Machine:
    """Return a machine from its table; it raises ``ValueError`` naming what does not fit together."""
    states = {
        name: State(name, Text.of(s["title"]), s.get("clock", ""), s.get("end", False))
        for name, s in raw["states"].items()
    }
    events = {name: _event(name, e) for name, e in raw["events"].items()}
    for e in events.values():
        odd = {*e.origin, e.to} - {*states} | {*e.by} - {*ACTORS} | {*e.guards} - {*GUARDS}
        if odd:
            raise ValueError(f"event {e.id} names {', '.join(sorted(odd))}, which is not known")
    reached, grown = {"filed"}, True
    while grown:
        more = {e.to for e in events.values() if reached & {*e.origin}} | reached
        grown, reached = more != reached, more
    for state in states.values():
        if state.id not in reached:
            raise ValueError(f"state {state.id} is never reached")
        if not state.end and not any(state.id in e.origin and e.to != state.id for e in events.values()):
            raise ValueError(f"state {state.id} has no way out")
    return Machine(
        states,
        events,
        {k: Text.of(v) for k, v in raw["grounds"].items()},
        {k: Text.of(v) for k, v in raw["whistles"].items()},
        tuple(Escalation(e["share"], e["to"], Text.of(e["title"])) for e in raw["escalation"]),
        raw["misses"],
    )


def _event(name: str, e: Mapping[str, Any]) -> Event:
    return Event(
        name,
        Text.of(e["title"]),
        tuple(e["from"]),
        e["to"],
        tuple(e["by"]),
        tuple(e.get("needs", ())),
        tuple(e.get("guards", ())),
        e["article"],
    )
