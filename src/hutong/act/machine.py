"""Machines: states and events as a table that anyone can read; nothing else changes what the table describes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from hutong.errors import HutongError
from hutong.text import Text

OURS = "ours"
#: What may be asked for with an event, and what a form makes of it.
FIELD_KINDS = ("text", "id", "date", "count", "yuan", "document", "choice")


@dataclass(frozen=True)
class State:
    """A state: its name, the parameter of its clock (empty: none), whether it ends."""

    id: str
    title: Text
    clock: str = ""
    end: bool = False


@dataclass(frozen=True)
class Field:
    """Something that is said with an event: its name, its kind (:data:`FIELD_KINDS`), and what may be chosen."""

    id: str
    title: Text
    kind: str
    options: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """What may happen: from where, to where, by whom, with what said, under which guards, by which article."""

    id: str
    title: Text
    origin: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    needs: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    article: str = OURS
    source: str = ""
    confidence: str = ""

    @property
    def assumed(self) -> bool:
        """Whether no article stands behind it."""
        return self.article == OURS or self.confidence == "U"

    @property
    def basis(self) -> str:
        """The text and article that it rests on; empty for an assumption of ours."""
        return "" if self.assumed else f"{self.source}{self.article}"


@dataclass(frozen=True)
class Machine:
    """States and events, who may act, and what is said; ``guards`` are what else must hold, by name."""

    states: Mapping[str, State]
    events: Mapping[str, Event]
    id: str = ""
    title: Text = Text("", "")  # noqa: RUF009 (frozen)
    start: str = ""
    actors: Mapping[str, Text] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=dict)
    guards: Mapping[str, Guard] = field(default_factory=dict)

    def allowed(self, state: str, actor: str | None = None) -> tuple[Event, ...]:
        """Return the events that may follow in a state (for one kind of actor, if given)."""
        return tuple(
            e for e in self.events.values() if state in e.origin and (actor is None or actor in e.by)
        )


@dataclass(frozen=True)
class Deed:
    """What happened: which event, when (with a time zone), by which kind of actor, what was said."""

    event: str
    at: dt.datetime
    by: str
    said: Mapping[str, Any] = field(default_factory=dict)


#: Says what is missing for a deed, or nothing.
Guard = Callable[["Any", Deed], Text | None]


def read_machine(package: str, name: str, guards: Mapping[str, Guard] | None = None) -> Machine:
    """Return the machine of ``NAME.yaml`` beside a package's code; it raises ``ValueError`` as :func:`build` does."""
    raw = yaml.safe_load(resources.files(package).joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    actors = {k: Text.of(v) for k, v in raw["actors"].items()}
    fields = {
        k: Field(
            k, Text.of(v), v.get("kind", "text"), {o: Text.of(t) for o, t in v.get("options", {}).items()}
        )
        for k, v in raw.get("fields", {}).items()
    }
    known = dict(guards or {})
    states, events = build(raw, actors, known)
    odd = {n for e in events.values() for n in e.needs} - {*fields} | {
        f"{f.id} of kind {f.kind}" for f in fields.values() if f.kind not in FIELD_KINDS
    }
    if odd:
        raise ValueError(f"{name}: {', '.join(sorted(odd))} is not known")
    return Machine(states, events, name, Text.of(raw["title"]), next(iter(states)), actors, fields, known)


def build(
    raw: Mapping[str, Any], actors: Collection[str], guards: Collection[str]
) -> tuple[dict[str, State], dict[str, Event]]:
    """Return states and events of a table; the first state is where everything begins.

    Raises
    ------
    ValueError
        Naming what does not fit together: what is not known, never reached, or has no way out.
    """
    states = {
        name: State(name, Text.of(s["title"]), s.get("clock", ""), s.get("end", False))
        for name, s in raw["states"].items()
    }
    events = {name: _event(name, e, raw.get("source", "")) for name, e in raw["events"].items()}
    for e in events.values():
        odd = {*e.origin, e.to} - {*states} | {*e.by} - {*actors} | {*e.guards} - {*guards}
        if odd:
            raise ValueError(f"event {e.id} names {', '.join(sorted(odd))}, which is not known")
    whole(states, events, next(iter(states)))
    return states, events


def whole(states: Mapping[str, State], events: Mapping[str, Event], start: str) -> None:
    """Raise ``ValueError`` for a state that is never reached from ``start`` or has no way out."""
    reached, grown = {start}, True
    while grown:
        more = {e.to for e in events.values() if reached & {*e.origin}} | reached
        grown, reached = more != reached, more
    for state in states.values():
        if state.id not in reached:
            raise ValueError(f"state {state.id} is never reached")
        if not state.end and not any(state.id in e.origin and e.to != state.id for e in events.values()):
            raise ValueError(f"state {state.id} has no way out")


def _event(name: str, e: Mapping[str, Any], source: str) -> Event:
    return Event(
        name,
        Text.of(e["title"]),
        tuple(e["from"]),
        e["to"],
        tuple(e["by"]),
        tuple(e.get("needs", ())),
        tuple(e.get("guards", ())),
        str(e["article"]),
        e.get("source", source),
        e.get("confidence", ""),
    )


def admit(table: Machine, state: str, deed: Any, last: dt.datetime, noun: Text, code: str) -> Event:
    """Return the kind of a deed that may happen now.

    Parameters
    ----------
    state, last
        Where it stands, and when the step before happened.
    deed
        Has ``event``, ``at``, ``by`` and ``said``.
    noun, code
        What it is called in the message, and the code of the error.

    Raises
    ------
    HutongError
        Saying what may happen instead, who may do it, or what is missing.
    """
    kind = table.events.get(deed.event)
    if kind is None or state not in kind.origin:
        raise _refused(table, state, deed, noun, code)
    title = kind.title
    if deed.by not in kind.by:
        named = [table.actors.get(a, Text(a, a)) if isinstance(table.actors, Mapping) else Text(a, a) for a in kind.by]  # fmt: skip
        raise refusal(
            code,
            Text(f"“{title.zh}”不由 {deed.by} 办理", f"“{title.en}” is not for {deed.by}"),
            Text(
                f"由 {'、'.join(n.zh for n in named)} 办理。",
                f"It is for {', '.join(n.en for n in named)}.",
            ),
        )
    lacking = [n for n in kind.needs if n not in deed.said or deed.said[n] in ("", [])]
    if lacking:
        words = [table.fields[n].title if n in table.fields else Text(n, n) for n in lacking]
        raise refusal(
            code,
            Text(
                f"“{title.zh}”缺少 {'、'.join(w.zh for w in words)}",
                f"“{title.en}” lacks {', '.join(w.en for w in words)}",
            ),
            Text("请补充后再提交。", "Add it and send again."),
        )
    if deed.at.tzinfo is None or deed.at < last:
        raise refusal(
            code,
            Text("时间早于上一步，或缺少时区", "The time lies before the step before it, or has no zone"),
            Text("请检查时钟。", "Check the clock."),
        )
    return kind


def _refused(table: Machine, state: str, deed: Any, noun: Text, code: str) -> HutongError:
    now, may, asked = table.states[state], table.allowed(state), table.events.get(deed.event)
    name = asked.title if asked else Text(deed.event, deed.event)
    return refusal(
        code,
        Text(
            f"{noun.zh}“{now.title.zh}”时不能“{name.zh}”",
            f"“{name.en}” cannot follow “{now.title.en}”",
        ),
        Text(
            f"现在可以：{'、'.join(e.title.zh for e in may) or '无'}。",
            f"What may follow: {', '.join(e.title.en for e in may) or 'nothing'}.",
        ),
    )


def refusal(code: str, what: Text, hint: Text) -> HutongError:
    """Return the error for a deed that may not happen."""
    return HutongError(code, Text(f"{what.zh}。", f"{what.en}."), hint)
