"""The small language of ``condition`` in ``measures.yaml``: comparisons joined by ``&``, ``|``, ``~`` and brackets.

A condition is read once into a tree; what it says of columns and what it says in words are read off the same tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from hutong.errors import HutongError
from hutong.text import Text

_TOKEN = re.compile(
    r"\s*(?:(?P<op>>=|<=|==|!=|>|<|&|\||~|\(|\))|(?P<num>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*))"
)
_COMPARE: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {
    ">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal, ">": np.greater, "<": np.less,
}  # fmt: skip

_OPPOSITE = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Compared:
    """A column compared with a number; with no operator, whether it is so (known and not 0)."""

    column: str
    operator: str = ""
    number: float = 0.0


@dataclass(frozen=True, slots=True)
class Not:
    """What holds where its part surely does not."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts of which all (``&``) or any (``|``) must hold."""

    operator: str
    parts: tuple[Condition, ...]


Condition = Compared | Not | Joined


@dataclass(frozen=True, slots=True)
class Truth:
    """Kleene logic: surely true, surely false, else unknown; arrays of one length."""

    yes: np.ndarray
    no: np.ndarray


def bad_condition(text: str, reason: Text) -> HutongError:
    """Return the error for a condition that cannot be read."""
    return HutongError(
        "bad-condition",
        Text(f"条件“{text}”无法理解：{reason.zh}。", f"The condition {text!r} cannot be read: {reason.en}."),
        Text(
            "请写成如 cond_structure >= 3 & ~lift 的形式。",
            "Write it like: cond_structure >= 3 & ~insulated.",
        ),
    )


def truth_of(text: str, columns: Mapping[str, np.ndarray]) -> Truth:
    """Return where a condition is surely true and where surely false (an unknown value makes a comparison unknown).

    Parameters
    ----------
    text
        The condition: ``name``, ``name >= number``, ``~``, ``&``, ``|``, brackets.
    columns
        Arrays of one length; NaN is unknown.

    Raises
    ------
    HutongError
        ``bad-condition`` for a text that cannot be read or names no column.
    """
    condition = read_condition(text)
    for name in names_in(text):
        if name not in columns:
            raise bad_condition(text, Text(f"没有“{name}”这一列", f"there is no column {name!r}"))
    return _truth(condition, columns)


def evaluate(text: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return where a condition is surely true, as :func:`truth_of` says."""
    return truth_of(text, columns).yes


def _truth(condition: Condition, columns: Mapping[str, np.ndarray]) -> Truth:
    if isinstance(condition, Not):
        inner = _truth(condition.part, columns)
        return Truth(inner.no, inner.yes)
    if isinstance(condition, Joined):
        parts = [_truth(p, columns) for p in condition.parts]
        yes, no = np.stack([p.yes for p in parts]), np.stack([p.no for p in parts])
        if condition.operator == "&":
            return Truth(np.all(yes, axis=0), np.any(no, axis=0))
        return Truth(np.any(yes, axis=0), np.all(no, axis=0))
    values = np.asarray(columns[condition.column], float)
    known = ~np.isnan(values)
    so = holds(condition, values)
    return Truth(known & so, known & ~so)


def holds(test: Compared, values: np.ndarray) -> np.ndarray:
    """Return where a comparison holds of known values."""
    return _COMPARE[test.operator or "!="](values, test.number)


def names_in(text: str) -> tuple[str, ...]:
    """Return the columns that a condition asks about, in its order."""
    return tuple(dict.fromkeys(t for t in _tokens(text) if _is_name(t)))


@cache
def read_condition(text: str) -> Condition:
    """Return a condition as a tree.

    Raises
    ------
    HutongError
        ``bad-condition`` for a text that cannot be read, whatever the columns are.
    """
    parser = _Parser(text, _tokens(text))
    condition = parser.joined("|")
    if parser.at != len(parser.tokens):
        left = parser.tokens[parser.at]
        raise bad_condition(text, Text(f"多出“{left}”", f"{left!r} is left over"))
    return condition


def plain(condition: Condition, deny: bool = False) -> Compared | Joined:
    """Return a condition without ``~``: denied comparisons are turned round, which leaves the unknown unknown."""
    if isinstance(condition, Not):
        return plain(condition.part, not deny)
    if isinstance(condition, Joined):
        operator = {"&": "|", "|": "&"}[condition.operator] if deny else condition.operator
        return Joined(operator, tuple(plain(p, deny) for p in condition.parts))
    operator = condition.operator or "!="
    return Compared(condition.column, _OPPOSITE[operator] if deny else operator, condition.number)


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise bad_condition(text, Text(f"第 {at + 1} 个字符", f"character {at + 1}"))
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text, self.tokens, self.at = text, tokens, 0

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def joined(self, operator: str) -> Condition:
        """Read parts joined by ``|``, or by ``&``, which binds closer."""
        parts = [self.joined("&") if operator == "|" else self.one()]
        while self.peek() == operator:
            self.at += 1
            parts.append(self.joined("&") if operator == "|" else self.one())
        return parts[0] if len(parts) == 1 else Joined(operator, tuple(parts))

    def one(self) -> Condition:
        word = self.take()
        if word == "~":
            return Not(self.one())
        if word == "(":
            inner = self.joined("|")
            if self.take() != ")":
                raise bad_condition(self.text, Text("括号不配对", "a bracket is not closed"))
            return inner
        if not _is_name(word):
            raise bad_condition(self.text, Text(f"没有“{word}”这一列", f"there is no column {word!r}"))
        operator = self.peek()
        if operator not in _COMPARE:
            return Compared(word)
        self.at += 1
        try:
            return Compared(word, operator, float(self.take()))
        except ValueError:
            raise bad_condition(
                self.text, Text(f"“{operator}”后应为数字", f"a number must follow {operator!r}")
            ) from None
