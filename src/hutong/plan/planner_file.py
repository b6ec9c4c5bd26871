"""A planner's own YAML file, read with the line of every key, and its faults collected before giving up."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.rules.reading import key_lines
from hutong.text import Text


@dataclass
class PlannerFile:
    """What a file says, where it says it, and what is wrong with it."""

    name: str
    raw: Any
    lines: Mapping[tuple[Any, ...], int]
    rows: list[str] = field(default_factory=list)

    def fault(self, where: Sequence[Any], said: str) -> None:
        """Note a fault at the nearest line known."""
        place = tuple(str(w) if not isinstance(w, int) else w for w in where)
        while place and place not in self.lines:
            place = place[:-1]
        self.rows.append(f"{self.name}:{self.lines.get(place, 1)}: {said}")

    def stop(self, error: Callable[[str, list[str]], HutongError]) -> None:
        """Raise the error of this kind of file if any fault was noted."""
        if self.rows:
            raise error(self.name, self.rows)


def open_planner_file(
    path: Path, error: Callable[[str, list[str]], HutongError], text: str | None = None
) -> PlannerFile:
    """Return a file that is read but not yet judged; ``text`` stands for what is on disk.

    Raises
    ------
    HutongError
        ``cannot-read``; or the error of this kind of file, for what is no YAML, writes a key twice or is no mapping.
    """
    if text is None:
        text = read_text(path)
    try:
        raw, lines = read_yaml(text), key_lines(text)
    except yaml.YAMLError as caught:
        mark = getattr(caught, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(caught, "problem", None) or "cannot be read as YAML"
        raise error(path.name, [f"{path.name}:{line}: {problem}"]) from caught
    file = PlannerFile(path.name, raw, lines)
    if not isinstance(raw, Mapping):
        file.fault((), "expected keys with values, as in `objects:`")
        file.stop(error)
    return file


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    HutongError
        ``cannot-read`` where the file is missing, no file, or not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as caught:
        why = caught.strerror if isinstance(caught, OSError) else "not UTF-8"
        raise HutongError(
            "cannot-read",
            Text(f"无法读取 {path}：{why}。", f"Cannot read {path}: {why}."),
            Text("请检查路径，并以 UTF-8 编码保存该文件。", "Check the path and save the file in UTF-8."),
        ) from caught


def near(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known words nearest to one, "" where none is near."""
    found = difflib.get_close_matches(word, list(known), 3, 0.5)
    return f"; near it: {', '.join(found)}" if found else ""
