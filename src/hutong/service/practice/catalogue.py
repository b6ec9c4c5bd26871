"""The exercises as data (``exercises.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hutong.city.schema import read_yaml
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class ExerciseStep:
    """A step: what is to be done, how, and whether somebody else does it."""

    id: str
    title: Text
    how: Text
    colleague: bool


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise: for whom, with which roles, and its steps in order."""

    id: str
    title: Text
    who: Text
    intro: Text
    roles: tuple[str, ...]
    steps: tuple[ExerciseStep, ...]


@cache
def exercises() -> Mapping[str, Exercise]:
    """Return the exercises by id, in their order."""
    raw = read_yaml(files(__package__).joinpath("exercises.yaml").read_text("utf-8"))
    return {k: _exercise(k, r) for k, r in raw.items()}


def _exercise(name: str, r: dict[str, Any]) -> Exercise:
    steps = tuple(
        ExerciseStep(k, Text.of(s), Text.of(s["how"]), bool(s.get("colleague")))
        for k, s in r["steps"].items()
    )
    return Exercise(name, Text.of(r), Text.of(r["who"]), Text.of(r["intro"]), tuple(r["roles"]), steps)
