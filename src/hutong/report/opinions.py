"""A conversation as the page shows it: the public view of its votes, its statements and where they come from.

``opinions_from_files`` reads Hutong's own tables and what Polis exports; docs/report.md lists the columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree import Opinions, PublicOpinions, Votes, find_opinions, public_view
from hutong.city.text_table import decode, read_text_table
from hutong.errors import HutongError
from hutong.report.format import same
from hutong.text import Text

#: Names a column may have: ours first, then those of a Polis export.
VOTE_COLUMNS = {
    "participant": ("participant", "voter-id"),
    "statement": ("statement", "comment-id"),
    "vote": ("vote",),
    "time": ("time", "timestamp"),
}
STATEMENT_COLUMNS = {
    "statement": ("statement", "comment-id"),
    "text": ("text", "comment-body"),
    "hidden": ("hidden", "moderated"),
}
#: How a vote may be written.
VOTE_WORDS = {
    **dict.fromkeys(("1", "agree", "赞成", "同意"), 1),
    **dict.fromkeys(("-1", "disagree", "反对", "不同意"), -1),
    **dict.fromkeys(("0", "pass", "弃权", "不表态"), 0),
}
#: How "hidden" may be written; Polis marks a rejected statement -1, an accepted one 1, an unread one 0.
HIDDEN_WORDS = {
    "hidden": {**dict.fromkeys(("1", "yes", "true", "是"), True), **dict.fromkeys(("0", "no", "false", "否"), False)},
    "moderated": {"-1": True, "0": False, "1": False},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AxisEnd:
    """What most draws people to one end of an axis: agreeing (1) or disagreeing (-1) with a statement."""

    statement: Any
    vote: int


@dataclass(frozen=True, eq=False)
class ReportOpinions:
    """A conversation for the page: nothing here is about fewer people than the public view allows.

    ``texts`` are the statements that may be shown, by id, in the words of those who wrote them; ``ends`` the low and
    the high end of each axis of the map; ``source`` the line that the licence of the data asks for; ``files`` the options of
    ``hutong report`` that give the same again.
    """

    view: PublicOpinions
    texts: Mapping[Any, str]
    ends: Mapping[str, tuple[AxisEnd, AxisEnd]]
    title: Text
    source: str = ""
    hidden: int = 0
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, opinions: Opinions, texts: Mapping[Any, str], title: Text, source: str = ""
    ) -> ReportOpinions:
        """Return the public view of opinions with the words of the statements that are not hidden."""
        view = public_view(opinions)
        hidden = opinions.statements["hidden"].to_numpy(dtype=bool)
        shown = opinions.statements.index[~hidden]
        words = {name: texts[name] for name in shown if name in texts}
        return cls(view, words, _ends(opinions, view, words), title, source, int(hidden.sum()))


def _ends(
    opinions: Opinions, view: PublicOpinions, texts: Mapping[Any, str]
) -> dict[str, tuple[AxisEnd, AxisEnd]]:
    """Return what lies at both ends of each axis, among statements whose answers every group shown gives away.

    Who agrees moves along the loading, who disagrees against it. The low end names a statement of its own where one
    pulls at least half as hard as that of the high end; else it is the same statement, disagreed with.
    """
    complete = view.statements["bridge"].notna().to_numpy(dtype=bool)
    may = complete & opinions.statements.index.isin(list(texts))
    rows = opinions.statements[may]
    out: dict[str, tuple[AxisEnd, AxisEnd]] = {}
    for axis in ("x", "y"):
        pull = rows[axis]
        if not len(pull) or not np.any(pull.to_numpy()):
            continue
        high, low = pull.idxmax(), pull.idxmin()
        if pull[high] >= -pull[low]:
            top = AxisEnd(high, 1)
            bottom = AxisEnd(low, 1) if -pull[low] >= pull[high] / 2 else AxisEnd(high, -1)
        else:
            bottom = AxisEnd(low, 1)
            top = AxisEnd(high, 1) if pull[high] >= -pull[low] / 2 else AxisEnd(low, -1)
        out[axis] = (bottom, top)
    return out


def opinions_from_files(
    votes: Path, statements: Path, seed: int = 1, *, title: str | None = None, source: str = ""
) -> ReportOpinions:
    """Read votes and statements from CSV files and find the opinion groups.

    Parameters
    ----------
    votes
        Columns ``participant``, ``statement``, ``vote`` (1, -1, 0 or the words for them) and, if known, ``time``; or
        ``voter-id``, ``comment-id``, ``vote``, ``timestamp`` as Polis exports them. The last vote counts.
    statements
        Columns ``statement``, ``text`` and, if known, ``hidden`` (1 or 0); or ``comment-id``, ``comment-body``,
        ``moderated`` (-1 hides).
    title
        Name of the conversation; by default the topic in a ``summary.csv`` beside the votes, as Polis exports it,
        else the name of the votes' file.
    source
        The line the data's licence asks for.

    Raises
    ------
    HutongError
        ``votes-columns`` or ``votes-rows``, naming each row that cannot be read.
    """
    words, hidden = _statements(statements)
    ids = _ids(words)
    counted = Votes.from_table(_votes(votes, ids), statements=list(ids.values()))
    opinions = find_opinions(counted, hidden=[ids[name] for name in hidden], seed=seed)
    texts = {ids[name]: said for name, said in words.items()}
    name = title or _topic(votes.parent / "summary.csv") or votes.stem
    given = {
        "votes": votes.name,
        "statements": statements.name,
        "votes-title": title or "",
        "votes-source": source,
    }
    return replace(ReportOpinions.of(opinions, texts, same(name), source), files=given)


def _ids(names: Iterable[str]) -> dict[str, Any]:
    """Return each name as an id: whole numbers where all are, so that 2 stands before 10."""
    named = list(dict.fromkeys(names))
    plain = all(n.isascii() and n.isdigit() and str(int(n)) == n for n in named)
    return {n: int(n) if plain else n for n in named}


def _columns(
    table: pd.DataFrame, known: Mapping[str, tuple[str, ...]], optional: str, file: Path
) -> dict[str, str]:
    found = {ours: next((c for c in names if c in table.columns), None) for ours, names in known.items()}
    missing = [
        " / ".join(known[name]) for name, column in found.items() if column is None and name != optional
    ]
    if missing:
        raise HutongError(
            "votes-columns",
            Text(
                f"{file.name} 缺少列：{'、'.join(missing)}。",
                f"{file.name} lacks the columns {', '.join(missing)}.",
            ),
            Text(
                "列名可用本平台的，也可用 Polis 导出的。",
                "Use our names of columns or those of a Polis export.",
            ),
            [f"{file.name} row 1: {', '.join(map(str, table.columns))}"],
        )
    return {ours: column for ours, column in found.items() if column is not None}


def _broken(file: Path, rows: list[str]) -> HutongError:
    return HutongError(
        "votes-rows",
        Text(f"{file.name} 有 {len(rows)} 行读不懂。", f"{len(rows)} rows of {file.name} cannot be read."),
        Text(
            "请更正所列各行；投票写 1（赞成）、-1（反对）或 0（不表态），没有投票的不要写行。",
            "Correct the rows listed; a vote is 1 (agree), -1 (disagree) or 0 (pass), and no vote is no row.",
        ),
        rows,
    )


def _cells(table: pd.DataFrame, column: str) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in table[column]]


def _statements(file: Path) -> tuple[dict[str, str], list[str]]:
    """Return the words by id, and the ids that are hidden."""
    table = read_text_table(file)
    columns = _columns(table, STATEMENT_COLUMNS, "hidden", file)
    marks = HIDDEN_WORDS.get(columns.get("hidden", ""), {})
    hides = _cells(table, columns["hidden"]) if "hidden" in columns else [""] * len(table)
    words: dict[str, str] = {}
    hidden, faults = [], []
    rows = zip(_cells(table, columns["statement"]), _cells(table, columns["text"]), hides, strict=True)
    for number, (name, said, mark) in enumerate(rows, start=2):
        where = f"{file.name} row {number}"
        if not name or not said:
            faults.append(f"{where}: the statement or its text is missing")
        elif name in words:
            faults.append(f"{where}: statement {name} stands twice")
        elif mark and mark.lower() not in marks:
            faults.append(f"{where}: {columns['hidden']} {mark!r}; expected one of {', '.join(marks)}")
        else:
            words[name] = " ".join(said.split())
            if mark and marks[mark.lower()]:
                hidden.append(name)
    if faults:
        raise _broken(file, faults)
    return words, hidden


def _votes(file: Path, known: Mapping[str, Any]) -> pd.DataFrame:
    """Return the votes in long form, in the order of the file."""
    table = read_text_table(file)
    columns = _columns(table, VOTE_COLUMNS, "time", file)
    people, named, cast = (_cells(table, columns[c]) for c in ("participant", "statement", "vote"))
    votes = [VOTE_WORDS.get(word.lower()) for word in cast]
    faults = []
    for number, (who, what, word, vote) in enumerate(zip(people, named, cast, votes, strict=True), start=2):
        where = f"{file.name} row {number}"
        if not who:
            faults.append(f"{where}: the participant is missing")
        if what not in known:
            faults.append(f"{where}: statement {what!r} is not among the statements")
        if vote is None:
            faults.append(f"{where}: vote {word!r} is not 1, -1 or 0")
    out: dict[str, Any] = {"participant": people, "statement": named, "vote": votes}
    if "time" in columns:
        out["time"], broken = _times(_cells(table, columns["time"]))
        faults += [f"{file.name} row {at + 2}: time {said!r} is no date and no number" for at, said in broken]
    if faults:
        raise _broken(file, faults)
    frame = pd.DataFrame(out)
    frame["participant"] = frame["participant"].map(_ids(people))
    frame["statement"] = frame["statement"].map(known)
    return frame


def _times(said: list[str]) -> tuple[Any, list[tuple[int, str]]]:
    """Return times as whole numbers, and those that are neither a number nor a date."""
    if all(cell.isascii() and cell.isdigit() for cell in said):
        return np.array(said, dtype=np.int64), []
    times = pd.to_datetime(pd.Series(said, dtype=object), utc=True, errors="coerce", format="ISO8601")
    broken = [(int(at), said[at]) for at in np.flatnonzero(times.isna().to_numpy())]
    return times, broken


def _topic(file: Path) -> str | None:
    """Return the topic in the summary that Polis writes beside its votes, if there is one."""
    if not file.is_file():
        return None
    text = decode(file.read_bytes(), None, file.name)
    rows = csv.reader(io.StringIO(text, newline=""))
    return next((row[1].strip() for row in rows if len(row) > 1 and row[0].strip() == "topic"), None) or None
