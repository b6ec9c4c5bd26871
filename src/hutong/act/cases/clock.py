"""The clock of a case: how much of it is used, who is to be told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hutong.act.cases.machine import Escalation, machine
from hutong.act.clock import Due, Limit, extended_to, limit_end

if TYPE_CHECKING:
    from hutong.act.cases.case import Case

__all__ = ["Due", "Limit", "due_of", "escalated", "extended_to", "limit_end"]

CLASS_CLOCK = "class"


def due_of(case: Case, now: dt.datetime, limit: Limit) -> Due | None:
    """Return the clock that runs on a case now; None where none runs or no rule gives it."""
    clock = machine().states[case.state].clock
    began, ends = case.began, case.due
    if clock != CLASS_CLOCK:
        began = case.since if clock else None
        ends = limit(clock, began) if began is not None else None
    if began is None or ends is None:
        return None
    return Due(began, ends, (now - began) / (ends - began))


def escalated(case: Case, now: dt.datetime, limit: Limit) -> tuple[Escalation, ...]:
    """Return who is to be told of a case by now, by the shares of ``machine.yaml`` (ours)."""
    due = due_of(case, now, limit)
    return tuple(e for e in machine().escalation if due is not None and due.used >= e.share)
