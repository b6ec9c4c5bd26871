"""The machine of schemes, and what must hold beside its states."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from hutong.act.machine import Deed, Machine, read_machine
from hutong.text import Text

#: Facts about the version that a deed is about, said with it by whoever keeps the record: rules broken without a reason
#: (None: not computed), points of experts that are not answered, what residents said in time that is not answered, the first
#: day on which a publication may end.
FACTS = ("violations", "unanswered", "owed", "not_before")


@cache
def scheme_machine() -> Machine:
    """Return the machine of schemes."""
    guards = {
        "saved": _saved,
        "lawful": _lawful,
        "answered": _answered,
        "heard": _heard,
        "long_enough": _long_enough,
        "over": _over,
    }
    return read_machine(__package__, "scheme", guards)


def _saved(_standing: Any, deed: Deed) -> Text | None:
    if deed.said.get("violations") is None:
        return Text("还没有存下并核算过的版本", "There is no saved version whose results are known")
    return None


def _lawful(_standing: Any, deed: Deed) -> Text | None:
    broken = deed.said.get("violations")
    if broken is None:
        return Text("这一版还没有核算", "The results of this version are not known yet")
    if broken:
        return Text(
            f"这一版有 {broken} 处违规，且没有记录理由",
            f"This version breaks {broken} rules without a recorded reason",
        )
    return None


def _answered(_standing: Any, deed: Deed) -> Text | None:
    open_points = deed.said.get("unanswered", 0)
    if open_points:
        return Text(
            f"专家意见还有 {open_points} 条没有答复",
            f"{open_points} points of the experts are not answered",
        )
    return None


def _heard(_standing: Any, deed: Deed) -> Text | None:
    owed = deed.said.get("owed", 0)  # deeds on record from before consultations were heard here do not say it
    if owed:
        return Text(
            f"居民的意见还有 {owed} 条没有书面答复",
            f"{owed} of the residents' opinions have no written answer yet",
        )
    return None


def _long_enough(_standing: Any, deed: Deed) -> Text | None:
    starts, until = _day(deed.said["starts"]), _day(deed.said["until"])
    if starts < deed.at.date():
        return Text("开始日期早于今天", "It would begin before today")
    least = _day(deed.said["not_before"])
    if until < least:
        return Text(
            f"公示太短：按规定不早于 {least.isoformat()} 结束",
            f"It would be too short: by rule it ends no earlier than {least.isoformat()}",
        )
    return None


def _over(standing: Any, deed: Deed) -> Text | None:
    until = _day(standing.said["until"])
    if deed.at.date() <= until:
        return Text(
            f"征求意见到 {until.isoformat()} 才结束", f"The consultation runs until {until.isoformat()}"
        )
    return None


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
