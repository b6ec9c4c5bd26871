"""The machines of permits, defects and change orders, and what must hold beside their states."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from hutong.act.machine import Deed, Machine, read_machine
from hutong.text import Text


@cache
def permit_machine() -> Machine:
    """Return the machine of permits."""
    return read_machine(__package__, "permit", {"later": later, "in_time": _in_time, "ran_out": _ran_out})


@cache
def defect_machine() -> Machine:
    """Return the machine of defects."""
    return read_machine(__package__, "defect", {"later": later})


@cache
def change_machine() -> Machine:
    """Return the machine of change orders."""
    return read_machine(__package__, "change", {"asked_for": _asked_for, "all_given": _all_given})


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def later(standing: Any, deed: Deed) -> Text | None:
    """Say that a day that is set lies in the past, or no later than the one before where it is extended."""
    until = _day(deed.said["until"])
    if until <= deed.at.date():
        return Text("期限不晚于今天", "The day set is not after today")
    if deed.event == "extend" and until <= _day(standing.said["until"]):
        return Text("新期限不晚于原期限", "The new day is no later than the old one")
    return None


def _in_time(standing: Any, deed: Deed) -> Text | None:
    if deed.at.date() > _day(standing.said["until"]):
        return Text("许可已过有效期", "The permit has run out")
    return None


def _ran_out(standing: Any, deed: Deed) -> Text | None:
    if deed.at.date() <= _day(standing.said["until"]):
        return Text("许可仍在有效期内", "The permit has not run out yet")
    return None


def given(standing: Any) -> tuple[str, ...]:
    """Return the consents that were given to a change order, in order."""
    return tuple(d.said["consent"] for d in standing.history if d.event == "consent_given")


def _asked_for(standing: Any, deed: Deed) -> Text | None:
    if deed.said["consent"] not in standing.said.get("reopens", ()):
        return Text("这项变更不需要该项同意", "This change does not ask for that consent")
    if deed.said["consent"] in given(standing):
        return Text("该项同意已记录", "That consent is recorded already")
    return None


def _all_given(standing: Any, _deed: Deed) -> Text | None:
    titles = standing.machine.fields["consent"].options
    missing = [titles[c] for c in standing.said.get("reopens", ()) if c not in given(standing)]
    if not missing:
        return None
    return Text(
        f"尚缺：{'、'.join(t.zh for t in missing)}",
        f"Still lacking: {', '.join(t.en for t in missing)}",
    )
