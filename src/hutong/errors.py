"""What went wrong and what to do about it, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from hutong.text import Lang, Text


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
        For data: one short line per broken row (table, column, id, reason).
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
        lines += [f"  {row}" for row in self.rows[:most_rows]]
        if len(self.rows) > most_rows:
            more = len(self.rows) - most_rows
            lines.append(f"  … 另有 {more} 行" if lang == "zh" else f"  … and {more} more rows")
        lines.append(self.hint.get(lang))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render("en")
