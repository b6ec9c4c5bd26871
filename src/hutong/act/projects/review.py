"""Joint review 联合审查: several departments are asked, one leads, each gives its opinion by a day; the lead concludes.

No opinion counts as agreement before it is given, and an objection is never passed over in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hutong.errors import HutongError
from hutong.text import Text

VERDICTS = {
    "agree": Text("同意", "agrees"),
    "conditions": Text("附条件同意", "agrees on conditions"),
    "object": Text("不同意", "objects"),
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a department says, and when."""

    department: str
    verdict: str
    at: dt.datetime


@dataclass(frozen=True)
class Review:
    """A review: who leads, who is asked, by when, what they said, and how it was concluded ("": not yet)."""

    lead: str
    departments: tuple[str, ...]
    asked: dt.datetime
    due: dt.date
    opinions: tuple[Opinion, ...] = ()
    concluded: str = ""

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who has not answered."""
        answered = {o.department for o in self.opinions}
        return tuple(d for d in self.departments if d not in answered)

    def late(self, today: dt.date) -> tuple[str, ...]:
        """Return who has not answered although the day has passed."""
        return self.waiting if today > self.due and not self.concluded else ()

    def answered(self, opinion: Opinion) -> Review:
        """Return the review with an opinion; it raises ``review`` for one that nobody asked for, or a second one."""
        if self.concluded:
            raise _error("审查已有结论", "The review is concluded")
        if opinion.department not in self.departments:
            raise _error(f"未征求 {opinion.department} 的意见", f"{opinion.department} was not asked")
        if opinion.department not in self.waiting:
            raise _error(f"{opinion.department} 已提出意见", f"{opinion.department} has answered already")
        if opinion.verdict not in VERDICTS:
            raise _error(f"没有“{opinion.verdict}”这种意见", f"There is no verdict “{opinion.verdict}”")
        return replace(self, opinions=(*self.opinions, opinion))

    def conclude(self, by: str, outcome: str) -> Review:
        """Return the review concluded by its lead as ``passed`` or ``returned``.

        Raises
        ------
        HutongError
            ``review`` if another department concludes, if opinions are missing, or if it is passed over an objection.
        """
        if self.concluded:
            raise _error("审查已有结论", "The review is concluded")
        if by != self.lead:
            raise _error(f"由牵头部门 {self.lead} 作出结论", f"{self.lead} leads and concludes")
        if outcome == "passed":
            if self.waiting:
                raise _error(
                    f"尚未答复：{'、'.join(self.waiting)}；未答复不视为同意",
                    f"Not answered yet: {', '.join(self.waiting)}; silence is no agreement",
                )
            against = [o.department for o in self.opinions if o.verdict == "object"]
            if against:
                raise _error(f"{'、'.join(against)} 不同意", f"{', '.join(against)} objects")
        elif outcome != "returned":
            raise _error(f"没有“{outcome}”这种结论", f"There is no outcome “{outcome}”")
        return replace(self, concluded=outcome)


def begin_review(lead: str, departments: Sequence[str], asked: dt.datetime, due: dt.date) -> Review:
    """Return a new review; it raises ``review`` if nobody is asked, the lead is not among them, or the day is past."""
    named = tuple(dict.fromkeys(departments))
    if not named or lead not in named:
        raise _error("牵头部门应在征求意见的部门之中", "The lead is one of the departments that are asked")
    if due <= asked.date():
        raise _error("答复期限应晚于今天", "The day for opinions lies after today")
    return Review(lead, named, asked, due)


def _error(zh: str, en: str) -> HutongError:
    return HutongError(
        "review",
        Text(f"{zh}。", f"{en}."),
        Text("请核对联合审查当前情况。", "Look at the review as it stands."),
    )
