"""Time limits: when they end by the rules of a place, and how much of them is used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hutong.errors import HutongError
from hutong.rules import Rules, WorkCalendar, official_calendar
from hutong.rules.workdays import add_months
from hutong.text import Text

_HOURS = {"h": 1, "day": 24}
_MONTHS = {"month": 1, "year": 12}
#: Gives the end of a limit from the parameter that sets it and its start; None where no rule in force sets it.
Limit = Callable[[str, dt.datetime], dt.datetime | None]


def limit_end(rules: Rules, calendar: WorkCalendar | None = None, zone: str = "Asia/Shanghai") -> Limit:
    """Return how limits end by the rules of a place.

    Hours and days run through (the rules say 小时 and 天); working days, months and years end with the last minute of
    the last day, working days by the calendar. A day is one of ``zone``. The function returned raises ``case-limit``
    for a parameter that is no time limit.
    """
    days, here = calendar or official_calendar(), ZoneInfo(zone)

    def end(name: str, start: dt.datetime) -> dt.datetime | None:
        if name not in rules:
            return None
        amount, unit = rules.number(name), rules[name].unit
        first = start.astimezone(here).date()
        if unit == "working day":
            return _last_minute(days.add(first, int(amount)), here)
        if unit in _MONTHS:
            return _last_minute(add_months(first, int(amount) * _MONTHS[unit]), here)
        if unit not in _HOURS:
            raise HutongError(
                "case-limit",
                Text(f"{name} 的单位是 {unit}，不是时限。", f"{name} is in {unit}; it is no time limit."),
                Text(
                    "时限的单位为 h、day、working day、month 或 year。",
                    "A time limit is in h, day, working day, month or year.",
                ),
            )
        return start + dt.timedelta(hours=amount * _HOURS[unit])

    return end


def _last_minute(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59, 59), zone)


def extended_to(
    due: dt.datetime, working_days: int, zone: str = "Asia/Shanghai"
) -> tuple[dt.datetime, Text | None]:
    """Return the end of a limit that is extended by working days, and the assumption in it if there is one.

    The days are those after the day on which the limit ends, by the State Council's calendar; the limit then ends with the
    last minute of the last of them. Beyond the years that were announced, holidays are not known: an assumption.
    """
    here, days = ZoneInfo(zone), official_calendar()
    day = due.astimezone(here).date()
    last = days.add(day, working_days)
    ends = _last_minute(last, here)
    return ends, days.note(day, last) if days.assumed(day, last) else None


@dataclass(frozen=True)
class Due:
    """A clock at a moment: when it began and ends, and the share of its time that is used."""

    began: dt.datetime
    ends: dt.datetime
    used: float

    @property
    def overdue(self) -> bool:
        """Whether the limit has passed."""
        return self.used > 1


def until_day(began: dt.datetime, day: dt.date, now: dt.datetime, zone: str = "Asia/Shanghai") -> Due:
    """Return a clock that ends with the last minute of a day."""
    ends = _last_minute(day, ZoneInfo(zone))
    return Due(began, ends, (now - began) / (ends - began))
