"""The table of cases: its machine, and the lists that its events draw on."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from hutong.act.cases.guards import GUARDS
from hutong.act.machine import OURS, Event, Machine, State, build
from hutong.text import Text

__all__ = ["ACTORS", "OURS", "CaseMachine", "Escalation", "Event", "State", "build_machine", "machine"]

#: Who may do what; the service says which of its users is which.
ACTORS = ("resident", "intake", "unit", "review", "called", "caller")


@dataclass(frozen=True)
class Escalation:
    """From which share of its time a case is told to whom."""

    share: float
    to: str
    title: Text


@dataclass(frozen=True)
class CaseMachine(Machine):
    """The machine of cases, with grounds, kinds of whistle, escalation, and how many misses end a call-back.

    The clock of a state may be ``class``: that of the case.
    """

    grounds: Mapping[str, Text] = field(default_factory=dict)
    whistles: Mapping[str, Text] = field(default_factory=dict)
    escalation: tuple[Escalation, ...] = ()
    misses: int = 0


@functools.cache
def machine() -> CaseMachine:
    """Return the machine of ``machine.yaml``."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("machine.yaml").read_text(encoding="utf-8"))
    return build_machine(raw)


def build_machine(raw: Mapping[str, Any]) -> CaseMachine:
    """Return the machine of a table; it raises ``ValueError`` naming what does not fit together."""
    states, events = build(raw, ACTORS, GUARDS)
    return CaseMachine(
        states,
        events,
        id="case",
        title=Text("工单", "Case"),
        start=next(iter(states)),
        grounds={k: Text.of(v) for k, v in raw["grounds"].items()},
        whistles={k: Text.of(v) for k, v in raw["whistles"].items()},
        escalation=tuple(Escalation(e["share"], e["to"], Text.of(e["title"])) for e in raw["escalation"]),
        misses=raw["misses"],
    )
