"""How a check says what it found: a violation that quotes its text, or what it could not know."""

from __future__ import annotations

from hutong.rules.book import Rules
from hutong.rules.results import Unchecked, Violation
from hutong.text import Text

#: Limits that may be passed with a recorded reason: those that 建科〔2021〕63号 sets "in principle", and the band of
#: micro-profit, which is a principle without a documented figure.
IN_PRINCIPLE = (
    "unit.demolition_share_max",
    "unit.new_to_demolished_max",
    "unit.local_rehousing_min",
    "operator.return_low",
    "operator.return_high",
)

Note = Violation | Unchecked


def violation(
    rules: Rules, rule: str, message: Text, value: float, limit: float, objects: tuple[str, ...] = ()
) -> Violation:
    """Return a violation that quotes the rule's source and article."""
    p = rules[rule]
    # an assumption has no document: its note says what it rests on
    source = p.source or (p.note.zh if p.note is not None else "")
    rigid = rule not in IN_PRINCIPLE
    return Violation(rule, message, value, limit, objects, source, p.article, rigid)


def unknown(rules: Rules, rule: str, missing: Text, objects: tuple[str, ...] = ()) -> Unchecked:
    """Return the note that a rule cannot be checked; ``missing`` ends in its verb in English."""
    title = rules[rule].title
    message = Text(
        f"无法核对“{title.zh}”：{missing.zh}未知。", f"Cannot check “{title.en}”: {missing.en} unknown."
    )
    return Unchecked(rule, message, objects)
