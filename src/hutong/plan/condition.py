"""The small language of ``condition`` in ``measures.yaml``: comparisons joined by ``&``, ``|``, ``~`` and brackets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hutong.errors import HutongError
from hutong.text import Text

_TOKEN = re.compile(
    r"\s*(?:(?P<op>>=|<=|==|!=|>|<|&|\||~|\(|\))|(?P<num>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*))"
)
_COMPARE: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {
    ">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal, ">": np.greater, "<": np.less,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Truth:
    """Kleene logic: surely true, surely false, else unknown."""

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


def evaluate(text: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return where a condition is surely true (an unknown value makes a comparison unknown, not true).

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
    tokens = _tokens(text)
    parser = _Parser(text, tokens, columns)
    truth = parser.either()
    if parser.at != len(tokens):
        raise bad_condition(text, Text(f"多出“{tokens[parser.at]}”", f"{tokens[parser.at]!r} is left over"))
    return truth.yes


def names_in(text: str) -> tuple[str, ...]:
    """Return the columns that a condition asks about."""
    return tuple(dict.fromkeys(t for t in _tokens(text) if t[0].isalpha() or t[0] == "_"))


def check_condition(text: str) -> None:
    """Raise ``bad-condition`` for a text that cannot be read, whatever the columns are."""
    evaluate(text, {name: np.zeros(1) for name in names_in(text)})


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

    def __init__(self, text: str, tokens: list[str], columns: Mapping[str, np.ndarray]) -> None:
        self.text, self.tokens, self.columns, self.at = text, tokens, columns, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def either(self) -> _Truth:
        left = self.both()
        while self.peek() == "|":
            self.at += 1
            right = self.both()
            left = _Truth(left.yes | right.yes, left.no & right.no)
        return left

    def both(self) -> _Truth:
        left = self.one()
        while self.peek() == "&":
            self.at += 1
            right = self.one()
            left = _Truth(left.yes & right.yes, left.no | right.no)
        return left

    def one(self) -> _Truth:
        word = self.peek()
        self.at += 1
        if word == "~":
            inner = self.one()
            return _Truth(inner.no, inner.yes)
        if word == "(":
            inner = self.either()
            if self.peek() != ")":
                raise bad_condition(self.text, Text("括号不配对", "a bracket is not closed"))
            self.at += 1
            return inner
        if word not in self.columns:
            raise bad_condition(self.text, Text(f"没有“{word}”这一列", f"there is no column {word!r}"))
        values = np.asarray(self.columns[word], float)
        known = ~np.isnan(values)
        operator = self.peek()
        if operator not in _COMPARE:
            return _Truth(known & (values != 0), known & (values == 0))
        self.at += 2
        number = self.tokens[self.at - 1] if self.at <= len(self.tokens) else ""
        try:
            limit = float(number)
        except ValueError:
            raise bad_condition(
                self.text, Text(f"“{operator}”后应为数字", f"a number must follow {operator!r}")
            ) from None
        holds = _COMPARE[operator](values, limit)
        return _Truth(known & holds, known & ~holds)
