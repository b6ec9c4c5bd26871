"""What a household is told, as questions with lines: a line names what it rests on, and one that is unknown whom to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hutong.city.schema import read_yaml
from hutong.text import Text

#: What a line is: on record, said by a rule, part of an offer, a guess, or not known.
KINDS = ("fact", "rule", "offer", "assumed", "unknown")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: what kind it is, what it rests on, and whom to ask where it is not known.

    Raises
    ------
    ValueError
        For a line without a source, or an unknown one without anybody to ask: neither may reach a page.
    """

    said: Text
    kind: str
    source: Text | None = None
    ask: Text | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.ask if self.kind == "unknown" else self.source) is None:
            raise ValueError(f"{self.kind}: {self.said.en}")


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a household and the lines that answer it."""

    id: str
    lines: tuple[Line, ...]

    @property
    def title(self) -> Text:
        """The question."""
        return titles()[self.id]

    def plain(self) -> dict[str, Any]:
        """Return the part as it is stored."""
        return {"id": self.id, "lines": [asdict(line) for line in self.lines]}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Part:
        """Return a part from how it is stored."""

        def text(said: dict[str, str] | None) -> Text | None:
            return None if said is None else Text.of(said)

        lines = (
            Line(Text.of(x["said"]), x["kind"], text(x["source"]), text(x["ask"])) for x in stored["lines"]
        )
        return cls(stored["id"], tuple(lines))


@dataclass(frozen=True, slots=True)
class HomeStatement:
    """All that a household is told of its home, in the order in which it asks."""

    dwelling_id: str
    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """Return the answer to a question, None where nothing is said."""
        return next((p for p in self.parts if p.id == name), None)


def titles() -> dict[str, Text]:
    """Return the questions in their order, by id (``data/home.yaml``)."""
    return {name: Text.of(said) for name, said in home_words()["parts"].items()}


def in_order(dwelling_id: str, parts: Sequence[Part]) -> HomeStatement:
    """Return a statement: parts of the same question joined, in the order of the questions, none without lines."""
    joined = [Part(name, tuple(line for p in parts if p.id == name for line in p.lines)) for name in titles()]
    return HomeStatement(dwelling_id, tuple(p for p in joined if p.lines))


@cache
def home_words() -> dict[str, Any]:
    """Return the words of the statement (``data/home.yaml``)."""
    read: dict[str, Any] = read_yaml(files(__package__).joinpath("data", "home.yaml").read_text("utf-8"))
    return read
