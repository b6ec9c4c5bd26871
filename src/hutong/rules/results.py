"""What rules give: parameters with their legal source, and violations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from hutong.text import Text


@dataclass(frozen=True, slots=True)
class Parameter:
    """One figure of the law on a date.

    ``confidence`` is D (read in a document), D- (weak source), K (commonly known) or U (a placeholder).
    ``value`` is exact: a :class:`~fractions.Fraction` for ratios that votes count, else int, float, bool or str.
    """

    id: str
    title: Text
    value: Fraction | int | float | bool | str
    unit: str
    source: str
    article: str
    in_force: dt.date
    confidence: str
    jurisdiction: str
    basis: str = ""
    population: str = ""
    note: Text | None = None

    @property
    def assumed(self) -> bool:
        """Whether the figure is a guess and must be shown as an assumption."""
        return self.confidence == "U"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a scheme breaks: what, by how much, where, and the text it rests on.

    ``rigid`` limits can never be passed; the others only with a recorded justification.
    """

    rule: str
    message: Text
    value: float
    limit: float
    objects: tuple[str, ...]
    source: str
    article: str
    rigid: bool


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A rule that could not be checked, because something it needs is unknown."""

    rule: str
    message: Text
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Justification:
    """A recorded reason to pass a limit that holds in principle."""

    rule: str
    reason: Text


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check of a scheme gives.

    ``violations`` stand against the scheme; ``justified`` are limits in principle that it passes with a recorded
    reason; ``unchecked`` says what is not known. Only a scheme without violations and unchecked rules is clear.
    ``outside`` names rules that an account of its kind says nothing of: they stay to be checked elsewhere.
    """

    violations: tuple[Violation, ...]
    unchecked: tuple[Unchecked, ...]
    justified: tuple[tuple[Violation, Justification], ...] = ()
    outside: tuple[Unchecked, ...] = ()

    @property
    def clear(self) -> bool:
        """Whether every rule was checked and none is broken without a reason."""
        return not self.violations and not self.unchecked
