"""Something that lives by a machine: where it stands after the deeds done to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hutong.act.clock import Due, Limit
from hutong.act.machine import Deed, Machine, admit, refusal
from hutong.text import Text

CODE = "act-event"


@dataclass(frozen=True)
class Standing:
    """A permit, a defect, a change order, a contract or an asset after its deeds.

    ``said`` holds the last word on each matter, what it was opened with first.
    """

    machine: Machine
    id: str
    opened: dt.datetime
    state: str
    since: dt.datetime
    said: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Deed, ...] = ()

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something."""
        return not self.machine.states[self.state].end

    def after(self, deed: Deed) -> Standing:
        """Return how it stands after a deed; nothing changes if it may not happen.

        Raises
        ------
        HutongError
            ``act-event`` saying what may happen instead, or what is missing.
        """
        last = self.history[-1].at if self.history else self.opened
        kind = admit(self.machine, self.state, deed, last, self.machine.title, CODE)
        for name in kind.needs:
            options = self.machine.fields[name].options
            if options and deed.said[name] not in options:
                raise refusal(
                    CODE,
                    Text(f"没有“{deed.said[name]}”这一项", f"There is no “{deed.said[name]}”"),
                    Text(f"可选：{'、'.join(options)}。", f"Choose one of {', '.join(options)}."),
                )
        for guard in kind.guards:
            found = self.machine.guards[guard](self, deed)
            if found is not None:
                raise refusal(CODE, found, Text("请核对当前情况。", "Look at it as it stands."))
        return replace(
            self,
            state=kind.to,
            since=self.since if kind.to == self.state else deed.at,
            said={**self.said, **deed.said},
            history=(*self.history, deed),
        )

    def due(self, limit: Limit, now: dt.datetime) -> Due | None:
        """Return the clock that runs on it now; None where none runs or no rule gives it.

        What was promised (``until``) ends a clock where the state has none by rule.
        """
        clock = self.machine.states[self.state].clock
        ends = None
        if clock == "until" and self.said.get("until"):
            ends = end_of_day(self.said["until"], now)
        elif clock and clock != "until":
            ends = limit(clock, self.since)
        if ends is None or ends <= self.since:
            return None
        return Due(self.since, ends, (now - self.since) / (ends - self.since))


def end_of_day(day: dt.date | str, like: dt.datetime) -> dt.datetime:
    """Return the last second of a day in the time zone of ``like``."""
    date = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return dt.datetime.combine(date, dt.time(23, 59, 59), like.tzinfo)


def begin(machine: Machine, name: str, at: dt.datetime, said: Mapping[str, Any] | None = None) -> Standing:
    """Return something new under a machine; it raises ``act-event`` for a time without a zone."""
    if at.tzinfo is None:
        raise refusal(
            CODE,
            Text("时间缺少时区", "The time has no zone"),
            Text("请写明时区。", "Say in which zone."),
        )
    return Standing(machine, name, at, machine.start, at, dict(said or {}))


def live(standing: Standing, deeds: Iterable[Deed]) -> Standing:
    """Return how something stands after several deeds, in their order."""
    for deed in deeds:
        standing = standing.after(deed)
    return standing
