"""Read a file of law in YAML and collect every fault of it, each with its line and the form expected."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

CONFIDENCE = ("D", "D-", "K", "U")
NAME = re.compile(r"[a-z0-9_]+")
AUTHORITY_KEYS = frozenset({"source", "article", "confidence", "note"})


@dataclass(frozen=True, slots=True)
class Authority:
    """What a statement rests on: document, article, confidence (D, D-, K, U) and, for an assumption, why."""

    source: str
    article: str
    confidence: str
    note: Text | None = None

    @property
    def assumed(self) -> bool:
        """Whether no document stands behind it, so that it must be shown as an assumption."""
        return self.confidence == "U"


def open_law(path: Path) -> tuple[Any, dict[tuple[Any, ...], int]]:
    """Return what a YAML file says and the line of every key and item, by its path from the root.

    Raises
    ------
    HutongError
        If it cannot be read, is not YAML, or writes a key twice.
    """
    text = _read_text(path)
    try:
        return read_yaml(text), key_lines(text)
    except yaml.YAMLError as caught:
        mark = getattr(caught, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(caught, "problem", None) or "cannot be read as YAML"
        raise broken(path, [f"{path.name}:{line}: {problem}"]) from caught


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


def key_lines(text: str) -> dict[tuple[Any, ...], int]:
    """Return the line of every key and item of a YAML text, by its path from the root."""
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

    walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return found


def broken(path: Path, rows: list[str]) -> HutongError:
    """Return the error that lists the faults of a file."""
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


class Reader:
    """Collect every fault of one file before giving up, so that they can be mended at once."""

    def __init__(self, path: Path, lines: Mapping[tuple[Any, ...], int]) -> None:
        self.path = path
        self.lines = lines
        self.rows: list[str] = []

    def fault(self, where: tuple[Any, ...], said: str) -> None:
        """Note a fault at the nearest line known."""
        place = where
        while place and place not in self.lines:
            place = place[:-1]
        self.rows.append(f"{self.path.name}:{self.lines.get(place, 1)}: {said}")

    def keys(self, raw: Mapping[str, Any], allowed: frozenset[str], where: tuple[Any, ...]) -> None:
        """Note every key that is not expected."""
        for key in raw:
            if key not in allowed:
                self.fault(
                    (*where, str(key)), f"unknown key {key!r}; expected one of {', '.join(sorted(allowed))}"
                )

    def name(self, raw: Any, key: str) -> str:
        """Return a name of lower-case letters, digits and _, or "" with a fault."""
        if isinstance(raw, str) and NAME.fullmatch(raw):
            return raw
        self.fault((key,), f"{key} is {raw!r}; expected a name such as beijing")
        return ""

    def date(self, raw: Any, where: tuple[Any, ...]) -> dt.date:
        """Return a date, or the first of all with a fault."""
        if type(raw) is dt.date:
            return raw
        self.fault(where, f"{where[-1]} is {raw!r}; expected a date such as 2023-03-01")
        return dt.date.min

    def text(self, raw: Any, where: tuple[Any, ...]) -> Text | None:
        """Return a text in both languages, or None with a fault."""
        if (
            isinstance(raw, dict)
            and set(raw) == {"zh", "en"}
            and all(isinstance(v, str) and v for v in raw.values())
        ):
            return Text.of(raw)
        self.fault(where, f"{where[-1]} is {raw!r}; expected {{zh: 文字, en: words}}")
        return None

    def word(self, raw: Mapping[str, Any], key: str, where: tuple[Any, ...]) -> str | None:
        """Return a text of one language, None where the key is not given."""
        value = raw.get(key)
        if value is None or isinstance(value, str):
            return value
        self.fault((*where, key), f"{key} is {value!r}; expected text")
        return None

    def authority(self, raw: Mapping[str, Any], where: tuple[Any, ...]) -> Authority:
        """Return what a statement rests on; an assumption must say why, anything else names its document."""
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
        return Authority(source, article, str(confidence), note)

    def mapping(self, raw: Any, where: tuple[Any, ...], expected: str) -> dict[str, Any]:
        """Return a mapping, or an empty one with a fault."""
        if isinstance(raw, dict):
            return {str(k): v for k, v in raw.items()}
        self.fault(where, f"{raw!r}; expected {expected}")
        return {}

    def items(self, raw: Any, where: tuple[Any, ...], expected: str) -> list[Any]:
        """Return a list, empty where it is not given, or with a fault where it is something else."""
        if raw is None or isinstance(raw, list):
            return raw or []
        self.fault(where, f"{raw!r}; expected {expected}")
        return []

    def names(self, raw: Any, where: tuple[Any, ...], known: frozenset[str] | None = None) -> tuple[str, ...]:
        """Return a list of names, each of which must be in ``known`` where that is given."""
        found = []
        for i, item in enumerate(self.items(raw, where, "a list of names")):
            if not isinstance(item, str):
                self.fault((*where, i), f"{item!r}; expected a name")
            elif known is not None and item not in known:
                self.fault((*where, i), f"{item!r} is not known; expected one of {', '.join(sorted(known))}")
            else:
                found.append(item)
        return tuple(found)

    def done(self) -> None:
        """Raise all faults at once, if there are any."""
        if self.rows:
            raise broken(self.path, self.rows)
