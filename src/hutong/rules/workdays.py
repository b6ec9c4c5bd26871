"""Working days: Monday to Friday, less the holidays that a file names, plus the days worked in exchange.

China's holidays and the days worked in exchange are announced year by year. Without a file only the week is known, and
a clock in working days is then an assumption that :attr:`WorkCalendar.note` states.
"""

from __future__ import annotations

import calendar as calendars
import datetime as dt
import functools
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from hutong.errors import HutongError
from hutong.rules.reading import Reader, open_law
from hutong.text import Text


@dataclass(frozen=True)
class WorkCalendar:
    """The days on which offices work.

    Parameters
    ----------
    holidays
        Days from Monday to Friday that are not worked.
    worked
        Days of a weekend that are worked in exchange.
    known
        First and last day for which holidays were given; None: none were.
    """

    holidays: frozenset[dt.date] = frozenset()
    worked: frozenset[dt.date] = frozenset()
    known: tuple[dt.date, dt.date] | None = None

    def is_worked(self, day: dt.date) -> bool:
        """Return whether offices work on a day."""
        return day in self.worked or (day.weekday() < 5 and day not in self.holidays)

    def add(self, start: dt.date, days: int) -> dt.date:
        """Return the last day of a period of so many working days that begins on the day after ``start``.

        Raises
        ------
        HutongError
            ``bad-days`` for a number below 0.
        """
        if days < 0:
            raise HutongError(
                "bad-days",
                Text("工作日数不能为负。", "A number of working days cannot be below 0."),
                Text("请给出零或正整数。", "Give zero or a whole number above it."),
            )
        day = start
        while days > 0:
            day += dt.timedelta(days=1)
            days -= self.is_worked(day)
        return day

    def between(self, start: dt.date, end: dt.date) -> int:
        """Return how many working days lie after ``start`` up to and with ``end``."""
        return sum(self.is_worked(start + dt.timedelta(days=i)) for i in range(1, (end - start).days + 1))

    def assumed(self, start: dt.date, end: dt.date) -> bool:
        """Return whether the working days of a period rest on the assumption that there are no holidays in it."""
        return self.known is None or start < self.known[0] or end > self.known[1]

    def note(self, start: dt.date, end: dt.date) -> Text:
        """Return the sentence that says what a count of working days rests on."""
        if self.assumed(start, end):
            return Text(
                "假设：按周一至周五计，未扣除法定节假日及调休（节假日表未给出）。",
                "Assumption: Monday to Friday; public holidays and days worked in exchange are not known.",
            )
        return Text("按所给节假日表计。", "By the table of holidays given.")


def read_holidays(path: Path) -> WorkCalendar:
    """Read a calendar: YAML with ``from``, ``until``, ``holidays`` and ``worked`` (lists of dates).

    Raises
    ------
    HutongError
        ``rules-broken``, with file, line and the form expected.
    """
    raw, lines = open_law(path)
    return _Reader(path, lines).calendar(raw)


@functools.cache
def official_calendar() -> WorkCalendar:
    """Return the calendar of mainland China as far as the State Council has announced it (``holidays.yaml``)."""
    with resources.as_file(resources.files(__package__).joinpath("holidays.yaml")) as path:
        return read_holidays(path)


class _Reader(Reader):
    def calendar(self, raw: Any) -> WorkCalendar:
        top = self.mapping(raw, (), "keys from, until, holidays and worked")
        self.keys(top, frozenset({"from", "until", "holidays", "worked"}), ())
        first, last = (self.date(top.get(key), (key,)) for key in ("from", "until"))
        days = {
            key: [
                self.date(day, (key, i))
                for i, day in enumerate(self.items(top.get(key), (key,), "a list of dates"))
            ]
            for key in ("holidays", "worked")
        }
        for key, weekend in (("holidays", False), ("worked", True)):
            for i, day in enumerate(days[key]):
                if not first <= day <= last:
                    self.fault((key, i), f"{day} lies outside {first} to {last}")
                elif key == "worked" and (day.weekday() >= 5) != weekend:
                    self.fault((key, i), f"{day} is a weekday and is worked anyway; list only weekend days")
        self.done()
        return WorkCalendar(frozenset(days["holidays"]), frozenset(days["worked"]), (first, last))


def add_months(start: dt.date, months: int) -> dt.date:
    """Return the same day so many months later, or the last day of that month if it is shorter."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return dt.date(year, month, min(start.day, calendars.monthrange(year, month)[1]))
