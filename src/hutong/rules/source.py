"""Read a jurisdiction's file of dated figures, and say exactly where it is broken."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

Value = Fraction | int | float | bool | str

CONFIDENCE = ("D", "D-", "K", "U")
COMBINE = ("nearest", "min", "max")
_FILE_KEYS = frozenset({"jurisdiction", "extends", "title", "checked", "parameters"})
_ENTRY_KEYS = frozenset({"title", "unit", "basis", "population", "combine", "values"})
_VALUE_KEYS = frozenset({"from", "value", "source", "article", "confidence", "note"})
_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_NAME = re.compile(r"[a-z0-9_]+")
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
    text = _read_text(path)
    try:
        raw = read_yaml(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as caught:
        mark = getattr(caught, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(caught, "problem", None) or "cannot be read as YAML"
        raise _broken(path, [f"{path.name}:{line}: {problem}"]) from caught
    return _Reader(path, _lines(root)).file(raw)


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as caught:
        raise HutongError(
            "rules-unreadable",
            Text(f"规则文件 {path.name} 无法读取。", f"The rule file {path.name} cannot be read."),
            Text("请检查路径，并以 UTF-8 编码保存该文件。", "Check the path and save the file in UTF-8."),
            [f"{path.name}: {caught}"],
        ) from caught


def _lines(root: yaml.Node | None) -> dict[tuple[Any, ...], int]:
    """Return the line of every key and item, by its path from the root."""
    found: dict[tuple[Any, ...], int] = {}

    def walk(node: yaml.Node | None, path: tuple[Any, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*path, str(key.value))] = key.start_mark.line + 1
                walk(value, (*path, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                found[(*path, i)] = item.start_mark.line + 1
                walk(item, (*path, i))

    walk(root, ())
    return found


def _broken(path: Path, rows: list[str]) -> HutongError:
    n = len(rows)
    return HutongError(
        "rules-broken",
        Text(
            f"规则文件 {path.name} 有 {n} 处错误。",
            f"The rule file {path.name} has {n} fault{'s' * (n != 1)}.",
        ),
        Text(
            "请按所列行号和格式改正后重试。",
            "Mend the lines listed and try again; docs/rules.md shows the format.",
        ),
        rows,
    )


class _Reader:
    """Collect every fault of one file before giving up, so that they can be mended at once."""

    def __init__(self, path: Path, lines: Mapping[tuple[Any, ...], int]) -> None:
        self.path = path
        self.lines = lines
        self.rows: list[str] = []

    def fault(self, where: tuple[Any, ...], said: str) -> None:
        place = where
        while place and place not in self.lines:
            place = place[:-1]
        self.rows.append(f"{self.path.name}:{self.lines.get(place, 1)}: {said}")

    def keys(self, raw: Mapping[str, Any], allowed: frozenset[str], where: tuple[Any, ...]) -> None:
        for key in raw:
            if key not in allowed:
                self.fault(
                    (*where, str(key)), f"unknown key {key!r}; expected one of {', '.join(sorted(allowed))}"
                )

    def file(self, raw: Any) -> RuleFile:
        if not isinstance(raw, dict) or not isinstance(raw.get("parameters"), dict):
            self.fault((), "expected keys jurisdiction, title, checked and parameters: {id: ...}")
            raise _broken(self.path, self.rows)
        self.keys(raw, _FILE_KEYS, ())
        name = self.name(raw.get("jurisdiction"), "jurisdiction")
        extends = None if raw.get("extends") is None else self.name(raw["extends"], "extends")
        title = self.text(raw.get("title"), ("title",)) or Text(name, name)
        checked = self.date(raw.get("checked"), ("checked",))
        entries = {
            str(i): self.entry(str(i), entry, ("parameters", str(i)))
            for i, entry in raw["parameters"].items()
        }
        if self.rows:
            raise _broken(self.path, self.rows)
        return RuleFile(name, extends, title, checked, entries)

    def name(self, raw: Any, key: str) -> str:
        if isinstance(raw, str) and _NAME.fullmatch(raw):
            return raw
        self.fault((key,), f"{key} is {raw!r}; expected a name such as beijing")
        return ""

    def date(self, raw: Any, where: tuple[Any, ...]) -> dt.date:
        if type(raw) is dt.date:
            return raw
        self.fault(where, f"{where[-1]} is {raw!r}; expected a date such as 2023-03-01")
        return dt.date.min

    def text(self, raw: Any, where: tuple[Any, ...]) -> Text | None:
        if (
            isinstance(raw, dict)
            and set(raw) == {"zh", "en"}
            and all(isinstance(v, str) and v for v in raw.values())
        ):
            return Text.of(raw)
        self.fault(where, f"{where[-1]} is {raw!r}; expected {{zh: 文字, en: words}}")
        return None

    def word(self, raw: Mapping[str, Any], key: str, where: tuple[Any, ...]) -> str | None:
        value = raw.get(key)
        if value is None or isinstance(value, str):
            return value
        self.fault((*where, key), f"{key} is {value!r}; expected text")
        return None

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
        confidence = raw.get("confidence")
        if confidence not in CONFIDENCE:
            self.fault(
                (*where, "confidence"),
                f"confidence is {confidence!r}; expected one of {', '.join(CONFIDENCE)}",
            )
        source = self.word(raw, "source", where) or ""
        article = self.word(raw, "article", where) or ""
        note = self.text(raw["note"], (*where, "note")) if "note" in raw else None
        if confidence == "U" and "note" not in raw:
            self.fault(where, "an assumption (confidence U) must say in note: {zh, en} what it rests on")
        if confidence != "U" and not source:
            self.fault(
                where, "source is missing; expected the document that sets the figure, or confidence: U"
            )
        return DatedValue(since, value, source, article, str(confidence), note)

    def figure(self, raw: Any, where: tuple[Any, ...]) -> Value | None:
        if raw is None or isinstance(raw, bool | int):
            return raw
        if isinstance(raw, float) and abs(raw) < float("inf"):
            return raw
        if isinstance(raw, str) and (exact := _EXACT.fullmatch(raw)):
            if exact[3] is not None:
                return Fraction(exact[3]) / 100
            return Fraction(int(exact[1]), int(exact[2]))
        if isinstance(raw, str) and _NAME.fullmatch(raw) and not raw[0].isdigit():
            return raw
        self.fault(
            where,
            f'value is {raw!r}; expected a number, true, false, a word, or an exact share "2/3" or "95%"',
        )
        return None
