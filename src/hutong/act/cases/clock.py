"""Time limits of cases: when they end, how much is used, who is to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hutong.act.cases.machine import Escalation, machine
from hutong.errors import HutongError
from hutong.rules import Rules, WorkCalendar, official_calendar
from hutong.text import Text

if TYPE_CHECKING:
    from hutong.act.cases.case import Case

CLASS_CLOCK = "class"
_HOURS = {"h": 1, "day": 24}
#: Gives the end of a limit from the parameter that sets it and its start; None where no rule in force sets it.
Limit = Callable[[str, dt.datetime], dt.datetime | None]


def limit_end(rules: Rules, calendar: WorkCalendar | None = None, zone: str = "Asia/Shanghai") -> Limit:
    """Return how limits end by the rules of a place.

    Hours and days run through (the rules say 小时 and 天); working days end with the last minute of the last of
    them, by the calendar. A day is one of ``zone``. The function returned raises ``case-limit`` for a parameter that
    is no time limit.
    """
    days, here = calendar or official_calendar(), ZoneInfo(zone)

    def end(name: str, start: dt.datetime) -> dt.datetime | None:
        if name not in rules:
            return None
        amount, unit = rules.number(name), rules[name].unit
        if unit == "working day":
            last = days.add(start.astimezone(here).date(), int(amount))
            return dt.datetime.combine(last, dt.time(23, 59, 59), here)
        if unit not in _HOURS:
            raise HutongError(
                "case-limit",
                Text(f"{name} 的单位是 {unit}，不是时限。", f"{name} is in {unit}; it is no time limit."),
                Text("时限的单位为 h、day 或 working day。", "A time limit is in h, day or working day."),
            )
        return start + dt.timedelta(hours=amount * _HOURS[unit])

    return end


@dataclass(frozen=True)
class Due:
    """The clock of a case at a moment: when it began and ends, and the share of its time that is used."""

    began: dt.datetime
    ends: dt.datetime
    used: float

    @property
    def overdue(self) -> bool:
        """Whether the limit has passed."""
        return self.used > 1


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
