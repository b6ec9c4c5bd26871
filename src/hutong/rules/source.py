"""Read a jurisdiction's file of dated figures, and say exactly where it is broken."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from hutong.rules.reading import NAME, Reader, broken, open_law
from hutong.text import Text

Value = Fraction | int | float | bool | str

COMBINE = ("nearest", "min", "max")
_FILE_KEYS = frozenset({"jurisdiction", "extends", "title", "checked", "parameters"})
_ENTRY_KEYS = frozenset({"title", "unit", "basis", "population", "combine", "values"})
_VALUE_KEYS = frozenset({"from", "value", "source", "article", "confidence", "note"})
_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_EXACT = re.compile(r"(\d+)/([1-9]\d*)|(\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One figure, and the day from which it holds; ``value`` None ends the local rule."""

    since: dt.date
    value: Value | None
    source: str
    article: str
    confidence: str
    note: Text | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter as a file has it; ``None`` fields are taken from the jurisdiction it extends."""

    id: str
    title: Text | None
    unit: str | None
    basis: str | None
    population: str | None
    combine: str
    values: tuple[DatedValue, ...]

    def on(self, date: dt.date) -> DatedValue | None:
        """Return the figure that held on ``date``, or None."""
        held = [v for v in self.values if v.since <= date]
        return held[-1] if held and held[-1].value is not None else None


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One jurisdiction as its file has it; ``checked`` is the day up to which it was kept."""

    jurisdiction: str
    extends: str | None
    title: Text
    checked: dt.date
    entries: Mapping[str, Entry]


def read_rule_file(path: Path) -> RuleFile:
    """Read one jurisdiction.

    Raises
    ------
    HutongError
        With one row per fault: file, line, what stands there and the form expected.
    """
    raw, lines = open_law(path)
    return _Reader(path, lines).file(raw)


class _Reader(Reader):
    """Collect every fault of one jurisdiction before giving up, so that they can be mended at once."""

    def file(self, raw: Any) -> RuleFile:
        if not isinstance(raw, dict) or not isinstance(raw.get("parameters"), dict):
            self.fault((), "expected keys jurisdiction, title, checked and parameters: {id: ...}")
            raise broken(self.path, self.rows)
        self.keys(raw, _FILE_KEYS, ())
        name = self.name(raw.get("jurisdiction"), "jurisdiction")
        extends = None if raw.get("extends") is None else self.name(raw["extends"], "extends")
        title = self.text(raw.get("title"), ("title",)) or Text(name, name)
        checked = self.date(raw.get("checked"), ("checked",))
        entries = {
            str(i): self.entry(str(i), entry, ("parameters", str(i)))
            for i, entry in raw["parameters"].items()
        }
        self.done()
        return RuleFile(name, extends, title, checked, entries)

    def entry(self, parameter: str, raw: Any, where: tuple[Any, ...]) -> Entry:
        if not _ID.fullmatch(parameter):
            self.fault(where, f"id {parameter!r}; expected dotted words such as vote.quorum.area")
        if not isinstance(raw, dict):
            self.fault(where, f"{parameter} is {raw!r}; expected title, unit and values")
            raw = {}
        self.keys(raw, _ENTRY_KEYS, where)
        title = self.text(raw["title"], (*where, "title")) if "title" in raw else None
        combine = raw.get("combine", "nearest")
        if combine not in COMBINE:
            self.fault((*where, "combine"), f"combine is {combine!r}; expected one of {', '.join(COMBINE)}")
        words = {key: self.word(raw, key, where) for key in ("unit", "basis", "population")}
        values = tuple(self.values(raw.get("values"), (*where, "values")))
        return Entry(
            parameter, title, words["unit"], words["basis"], words["population"], str(combine), values
        )

    def values(self, raw: Any, where: tuple[Any, ...]) -> Iterator[DatedValue]:
        if not isinstance(raw, list) or not raw:
            self.fault(
                where,
                "values is empty; expected a list such as [{from: 2023-03-01, value: ..., source: ...}]",
            )
            return
        before = dt.date.min
        for i, item in enumerate(raw):
            value = self.dated(item, (*where, i))
            if value is None:
                continue
            if value.since <= before and before != dt.date.min:
                self.fault(
                    (*where, i),
                    f"from {value.since} does not follow {before}; expected dates in order, each once",
                )
            before = value.since
            yield value

    def dated(self, raw: Any, where: tuple[Any, ...]) -> DatedValue | None:
        if not isinstance(raw, dict) or "value" not in raw:
            self.fault(where, f"{raw!r}; expected {{from, value, source, article, confidence}}")
            return None
        self.keys(raw, _VALUE_KEYS, where)
        since = self.date(raw.get("from"), (*where, "from"))
        value = self.figure(raw["value"], (*where, "value"))
        rests = self.authority(raw, where)
        return DatedValue(since, value, rests.source, rests.article, rests.confidence, rests.note)

    def figure(self, raw: Any, where: tuple[Any, ...]) -> Value | None:
        if raw is None or isinstance(raw, bool | int):
            return raw
        if isinstance(raw, float) and abs(raw) < float("inf"):
            return raw
        if isinstance(raw, str) and (exact := _EXACT.fullmatch(raw)):
            if exact[3] is not None:
                return Fraction(exact[3]) / 100
            return Fraction(int(exact[1]), int(exact[2]))
        if isinstance(raw, str) and NAME.fullmatch(raw) and not raw[0].isdigit():
            return raw
        self.fault(
            where,
            f'value is {raw!r}; expected a number, true, false, a word, or an exact share "2/3" or "95%"',
        )
        return None
