"""Votes on statements as tables: our own columns or those of a Polis export, read whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree.opinion_votes import Votes
from hutong.errors import HutongError
from hutong.sense.requests.sheet import read_sheet
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


@dataclass(frozen=True, eq=False)
class Conversation:
    """What a conversation's files hold: the votes that count, the words of each statement, and those hidden."""

    votes: Votes
    texts: Mapping[Any, str]
    hidden: tuple[Any, ...]


def read_conversation(votes: Path, statements: Path) -> Conversation:
    """Read votes and statements (CSV or .xlsx).

    Parameters
    ----------
    votes
        Columns ``participant``, ``statement``, ``vote`` (1, -1, 0 or the words for them) and, if known, ``time``; or
        ``voter-id``, ``comment-id``, ``vote``, ``timestamp`` as Polis exports them. The last vote counts.
    statements
        Columns ``statement``, ``text`` and, if known, ``hidden`` (1 or 0); or ``comment-id``, ``comment-body``,
        ``moderated`` (-1 hides).

    Raises
    ------
    HutongError
        ``votes-columns`` or ``votes-rows``, naming each row that cannot be read.
    """
    words, hidden = read_statements(statements)
    ids = _ids(words)
    counted = Votes.from_table(_votes(votes, ids), statements=list(ids.values()))
    return Conversation(
        counted, {ids[name]: said for name, said in words.items()}, tuple(ids[name] for name in hidden)
    )


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


def read_statements(file: Path) -> tuple[dict[str, str], list[str]]:
    """Return the words by id, and the ids that are hidden, as the file writes them.

    Raises
    ------
    HutongError
        ``votes-columns`` or ``votes-rows``, naming each row that cannot be read.
    """
    table = read_sheet(file, None)
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
    table = read_sheet(file, None)
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
