"""The phases of a process 意见征集—方案协商—实施监督: what each is called and what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase: its name, and in one sentence what happens in it."""

    id: str
    title: Text
    what: Text


DRAFT = "draft"
PHASES = {
    p.id: p
    for p in (
        Phase("collect", Text("征集", "Collect"), Text("大家提意见，对别人的意见表态。", "Everyone says what matters and answers what others say.")),
        Phase("discuss", Text("协商", "Discuss"), Text("看清分歧和共识，对方案文稿逐段提意见，继续表态。", "See what divides and what is shared; comment on drafts; go on answering.")),
        Phase("answer", Text("答复", "Answer"), Text("主管单位对每条共识和建议书面答复。", "The units in charge answer every consensus and proposal in writing.")),
        Phase("decide", Text("决定", "Decide"), Text("依法表决或作出决定，说明采纳了什么、为什么。", "It is voted on or decided by law, saying what was taken up and why.")),
        Phase("build", Text("实施", "Build"), Text("按决定实施，居民监督。", "What was decided is built, under the residents’ eyes.")),
        Phase("review", Text("评议", "Review"), Text("对照承诺看结果，经验用到下一次。", "The result is held against what was promised.")),
    )
}  # fmt: skip
ORDER = tuple(PHASES)
#: Phases in which statements are written and voted on.
OPEN = ("collect", "discuss")


def after(phase: str) -> str | None:
    """Return the phase that follows, None after the last."""
    order = (DRAFT, *ORDER)
    at = order.index(phase) + 1
    return order[at] if at < len(order) else None
