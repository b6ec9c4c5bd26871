"""A case and the one function that changes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hutong.act.cases.clock import Limit
from hutong.act.cases.guards import GUARDS
from hutong.act.cases.machine import CaseMachine, machine
from hutong.act.machine import Event, admit, refusal
from hutong.errors import HutongError
from hutong.text import Text

CODE = "case-event"
NATURES = ("inquiry", "help", "complaint", "report", "suggestion")


@dataclass(frozen=True)
class CaseEvent:
    """What happened: which event, when (with a time zone), by which kind of actor, for which unit, what was said.

    ``said`` holds what the event needs: ``category``, ``limit`` (a parameter of the rules), ``unit``, ``units``, ``kind``,
    ``reason``, ``reply``, ``ground``, ``until`` (a time), ``satisfied`` (True, False, or None: would not say).
    """

    event: str
    at: dt.datetime
    by: str
    unit: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Whistle:
    """A unit that was called: for what, since when, when it came, when it had done its part."""

    kind: str
    called: dt.datetime
    reported: dt.datetime | None = None
    done: dt.datetime | None = None


@dataclass(frozen=True)
class Case:
    """A case as it stands after its events.

    ``began`` and ``due`` are the ends of the clock of its class: it starts with the first dispatch, runs on through
    disputes, and starts anew when the case is sent back or reopened. ``signed`` and ``replied`` are the first
    signature and the last reply; ``disputes``, ``reopened`` and ``raised`` count what the three rates do not show.
    """

    id: str
    nature: str
    place_id: str
    filed: dt.datetime
    state: str = "filed"
    since: dt.datetime | None = None
    category: str = ""
    limit: str = ""
    unit: str = ""
    began: dt.datetime | None = None
    due: dt.datetime | None = None
    extended: bool = False
    whistles: Mapping[str, Whistle] = field(default_factory=dict)
    signed: dt.datetime | None = None
    replied: dt.datetime | None = None
    solved: bool | None = None
    satisfied: bool | None = None
    missed: int = 0
    disputes: int = 0
    reopened: int = 0
    raised: int = 0
    history: tuple[CaseEvent, ...] = ()

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return not machine().states[self.state].end

    def after(self, event: CaseEvent, limit: Limit) -> Case:
        """Return the case after an event; nothing changes if it may not happen.

        Parameters
        ----------
        event
            What happened.
        limit
            Gives the end of a time limit: ``limit(parameter, start)``, None where no rule gives one.

        Raises
        ------
        HutongError
            ``case-event`` saying what may happen instead, or what is missing.
        """
        table = machine()
        kind = self._admit(event, table)
        changed = replace(
            _EFFECTS.get(kind.id, _nothing)(self, event),
            state=kind.to,
            since=self.since if kind.to == self.state else event.at,
            history=(*self.history, event),
        )
        if kind.id == "send_back" or (kind.id == "dispatch" and self.began is None):
            changed = replace(changed, began=event.at, due=limit(changed.limit, event.at))
        return changed

    def _admit(self, event: CaseEvent, table: CaseMachine) -> Event:
        """Return the kind of an event that may happen now, or say why it may not."""
        last = self.history[-1].at if self.history else self.filed
        kind = admit(table, self.state, event, last, table.title, CODE)
        if event.by == "unit" and event.unit != self.unit:
            raise _error(
                Text(
                    f"工单在 {self.unit}，不在 {event.unit}",
                    f"The case is with {self.unit}, not {event.unit}",
                ),
                Text("由承办单位办理。", "Let the unit that holds it act."),
            )
        for name, known in (("ground", table.grounds), ("kind", table.whistles)):
            if name in kind.needs and event.said[name] not in known:
                raise _error(
                    Text(f"没有“{event.said[name]}”这一项", f"There is no “{event.said[name]}”"),
                    Text(f"可选：{'、'.join(known)}。", f"Choose one of {', '.join(known)}."),
                )
        for guard in kind.guards:
            found = GUARDS[guard](self, event, table.misses)
            if found is not None:
                raise _error(found, Text("请核对工单当前情况。", "Look at the case as it stands."))
        return kind


def open_case(case_id: str, nature: str, place_id: str, filed: dt.datetime) -> Case:
    """Return a new case; it raises ``case-event`` for an unknown nature or a time without a zone."""
    if nature not in NATURES or filed.tzinfo is None:
        raise _error(
            Text(
                f"诉求类型“{nature}”不对，或时间缺少时区", f"“{nature}” is no nature, or the time has no zone"
            ),
            Text(f"可选：{'、'.join(NATURES)}。", f"Choose one of {', '.join(NATURES)}."),
        )
    return Case(case_id, nature, place_id, filed, since=filed)


def _nothing(case: Case, _event: CaseEvent) -> Case:
    return case


def _called_back(case: Case, event: CaseEvent, solved: bool) -> Case:
    return replace(case, solved=solved, satisfied=event.said["satisfied"], missed=0)


def _whistle(case: Case, event: CaseEvent) -> Case:
    called = {u: Whistle(event.said["kind"], event.at) for u in event.said["units"]}
    return replace(case, whistles={**case.whistles, **called})


def _mark(case: Case, event: CaseEvent, what: str) -> Case:
    changed = replace(case.whistles[event.unit], **{what: event.at})  # type: ignore[arg-type]
    return replace(case, whistles={**case.whistles, event.unit: changed})


#: What an event changes beside the state.
_EFFECTS: dict[str, Callable[[Case, CaseEvent], Case]] = {
    "take_in": lambda c, e: replace(c, category=e.said["category"], limit=e.said["limit"]),
    "dispatch": lambda c, e: replace(c, unit=e.said["unit"]),
    "sign_for": lambda c, e: replace(c, signed=c.signed or e.at),
    "dispute": lambda c, _: replace(c, disputes=c.disputes + 1),
    "uphold": lambda c, e: replace(c, signed=c.signed or e.at),
    "extend": lambda c, e: replace(c, due=e.said["until"], extended=True),
    "whistle": _whistle,
    "report_in": lambda c, e: _mark(c, e, "reported"),
    "finish_part": lambda c, e: _mark(c, e, "done"),
    "raise": lambda c, _: replace(c, raised=c.raised + 1),
    "reply": lambda c, e: replace(c, replied=e.at),
    "confirm": lambda c, e: _called_back(c, e, solved=True),
    "send_back": lambda c, e: replace(
        _called_back(c, e, solved=False), limit=e.said["limit"], extended=False, reopened=c.reopened + 1
    ),
    "close_unsolved": lambda c, e: _called_back(c, e, solved=False),
    "miss": lambda c, _: replace(c, missed=c.missed + 1),
    "reopen": lambda c, _: replace(
        c,
        began=None,
        due=None,
        extended=False,
        solved=None,
        satisfied=None,
        missed=0,
        reopened=c.reopened + 1,
    ),
}


def _error(what: Text, hint: Text) -> HutongError:
    return refusal(CODE, what, hint)
