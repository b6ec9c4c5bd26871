"""What must hold beside the state for an event to happen; each guard says in words what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hutong.text import Text

if TYPE_CHECKING:
    from hutong.act.cases.case import Case, CaseEvent


def _inquiry(case: Case, _event: CaseEvent, _misses: int) -> Text | None:
    if case.nature == "inquiry":
        return None
    return Text(
        "只有咨询可以直接答复，诉求应当派单", "Only an inquiry is answered at once; a request is dispatched"
    )


def _first_extension(case: Case, _event: CaseEvent, _misses: int) -> Text | None:
    return Text("已经延期过一次", "It was extended once already") if case.extended else None


def _later_and_in_time(case: Case, event: CaseEvent, _misses: int) -> Text | None:
    if case.due is None or event.at > case.due:
        return Text("时限已过，不能再延期", "Its time has run out; it cannot be extended any more")
    if event.said["until"] <= case.due:
        return Text("新时限不晚于原时限", "The new limit is no later than the old one")
    return None


def _not_called_yet(case: Case, event: CaseEvent, _misses: int) -> Text | None:
    again = sorted({*event.said["units"]} & {*case.whistles} | {*event.said["units"]} & {case.unit})
    if again:
        return Text(f"已在办理：{'、'.join(again)}", f"Already at it: {', '.join(again)}")
    return None if event.said["units"] else Text("没有写明吹哨单位", "No unit is called")


def _was_called(case: Case, event: CaseEvent, _misses: int) -> Text | None:
    if event.unit in case.whistles:
        return None
    return Text(f"{event.unit} 未被吹哨", f"{event.unit} was not called")


def _not_reported_yet(case: Case, event: CaseEvent, _misses: int) -> Text | None:
    if case.whistles[event.unit].reported is None:
        return None
    return Text(f"{event.unit} 已经报到", f"{event.unit} has reported in already")


def _has_reported(case: Case, event: CaseEvent, _misses: int) -> Text | None:
    whistle = case.whistles.get(event.unit)
    if whistle is None or whistle.reported is None:
        return Text(f"{event.unit} 尚未报到", f"{event.unit} has not reported in")
    return Text(f"{event.unit} 已经办结", f"{event.unit} has finished already") if whistle.done else None


def _missed_enough(case: Case, _event: CaseEvent, misses: int) -> Text | None:
    if case.missed >= misses:
        return None
    return Text(
        f"未接通 {case.missed} 次，满 {misses} 次方可办结",
        f"Missed {case.missed} times; it may be closed after {misses}",
    )


GUARDS: dict[str, Callable[[Case, CaseEvent, int], Text | None]] = {
    "inquiry": _inquiry,
    "first_extension": _first_extension,
    "later_and_in_time": _later_and_in_time,
    "not_called_yet": _not_called_yet,
    "was_called": _was_called,
    "not_reported_yet": _not_reported_yet,
    "has_reported": _has_reported,
    "missed_enough": _missed_enough,
}
