"""What went wrong and what to do about it, in both languages."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from importlib import resources

import yaml

from hutong.text import Lang, Text


class Row(str):
    """A line about a broken row: its English as a string, with the Chinese beside it."""

    zh: str

    def __new__(cls, zh: str, en: str) -> Row:
        """Make a line in both languages."""
        made = super().__new__(cls, en)
        made.zh = zh
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """Return what makes it again, for work in other processes."""
        return self.zh, str(self)


def row_text(row: str) -> Text:
    """Return a line in both languages: a :class:`Row` as it says, another by ``row_words.yaml`` as far as that knows it."""
    zh = getattr(row, "zh", None)
    return Text(_in_chinese(str(row)) if zh is None else zh, str(row))


#: Where a line is: a file or table, its row, and what stands in brackets behind it (a column, an id).
_PLACE = re.compile(
    r"(?:(?P<where>\S.*?),? )?row (?P<row>\d+)(?: \((?P<part>[^()]*)\))?(?:, column (?P<column>\d+))?(?P<rest>[:,]? .*|)"
)


#: Where a line of a file that a person wrote is.
_LINE = re.compile(r"(?P<file>\S.*?\.\w+):(?P<line>\d+): (?P<rest>.+)", re.DOTALL)


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns, those with the most words of their own first."""
    raw = yaml.safe_load(resources.files("hutong").joinpath("row_words.yaml").read_text("utf-8"))
    ordered = sorted(raw.items(), key=lambda item: -len(item[0].replace("{}", "")))
    return tuple((re.compile("(.+)".join(map(re.escape, en.split("{}")))), zh) for en, zh in ordered)


def _in_chinese(line: str) -> str:
    """Return a line in Chinese: where it is, then what is wrong, part by part."""
    if at := _PLACE.fullmatch(line):
        before = "".join(
            f"{shape.format(at[name])}"
            for name, shape in (
                ("where", "{} "),
                ("row", "第 {} 行"),
                ("part", "（{}）"),
                ("column", "第 {} 列"),
            )
            if at[name]
        )
        rest = at["rest"].lstrip(":, ")
        return f"{before}：{_in_chinese(rest)}" if rest else before
    if at := _LINE.fullmatch(line):
        return f"{at['file']} 第 {at['line']} 行：{_in_chinese(at['rest'])}"
    if named := re.fullmatch(r"([\w.]+): (.+)", line):
        return f"{named[1]}：{_in_chinese(named[2])}"
    for pattern, zh in _patterns():
        if found := pattern.fullmatch(line):
            return zh.format(*found.groups())
    what, colon, said = line.partition(": ")
    return f"{_in_chinese(what)}：{said}" if colon else line


class HutongError(Exception):
    """An error that a user can act on.

    Parameters
    ----------
    code
        A stable kebab-case name, so that programs need not read the sentence.
    what
        One sentence: what is wrong.
    hint
        One sentence: what to do.
    rows
        For data: one short line per broken row (table, column, id, reason), a :class:`Row` where it has words.
    """

    def __init__(self, code: str, what: Text, hint: Text, rows: Sequence[str] = ()) -> None:
        super().__init__(what.en)
        self.code = code
        self.what = what
        self.hint = hint
        self.rows = tuple(rows)

    def render(self, lang: Lang = "en", most_rows: int = 20) -> str:
        """Return the message as shown to a person."""
        lines = [self.what.get(lang)]
        lines += [f"  {row_text(row).get(lang)}" for row in self.rows[:most_rows]]
        if len(self.rows) > most_rows:
            more = len(self.rows) - most_rows
            lines.append(f"  … 另有 {more} 行" if lang == "zh" else f"  … and {more} more rows")
        lines.append(self.hint.get(lang))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render("en")
