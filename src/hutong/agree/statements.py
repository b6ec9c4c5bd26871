"""Statements people write: which two say the same, and what a moderator does with them.

A likely duplicate is a hint to a person, never merged. A statement is never deleted: it is hidden with a reason, in
a record that only grows.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.text import Text

Action = Literal["accept", "hide", "show"]
#: Cosine above which two statements are worth a moderator's look.
ALIKE = 0.35
#: Characters in a row that are compared: two are a Chinese word, three or four the stem of another.
GRAMS = (2, 3, 4)


def normalise(text: str) -> str:
    """Return letters, digits and ideographs alone: full width, case, spaces and punctuation make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM")


def similar_statements(
    texts: Mapping[Any, str], new: Mapping[Any, str] | None = None, threshold: float = ALIKE
) -> pd.DataFrame:
    """Return pairs of statements that may say the same, most alike first.

    Parameters
    ----------
    texts
        Words by statement id.
    new
        If given, only these are compared, with ``texts`` and with each other.
    threshold
        Least similarity, in (0, 1].

    Returns
    -------
    pandas.DataFrame
        ``statement``, ``other``, ``similarity``: the cosine of counts of two to four characters in a row, rare
        ones weighing more, which needs no dictionary and no language. Other words for the same are not found,
        nor is "not": it is a hint.
    """
    named = {**texts, **(new or {})}
    ids = list(named)
    grams = _grams([normalise(named[name]) for name in ids])
    dots = (grams @ grams.T).tocoo()
    keep = dots.row < dots.col
    row, col = dots.row[keep].astype(np.int64), dots.col[keep].astype(np.int64)
    cosine = np.round(dots.data[keep], 9)
    wanted = cosine >= threshold
    if new is not None:
        is_new = np.array([name in new for name in ids], dtype=bool)
        wanted &= is_new[row] | is_new[col]
        row, col = np.where(is_new[row], row, col), np.where(is_new[row], col, row)
    order = np.lexsort((col[wanted], row[wanted], -cosine[wanted]))
    first, second = row[wanted][order], col[wanted][order]
    return pd.DataFrame(
        {
            "statement": pd.Series([ids[i] for i in first], dtype=object if not len(first) else None),
            "other": pd.Series([ids[i] for i in second], dtype=object if not len(first) else None),
            "similarity": cosine[wanted][order],
        }
    )


def _grams(texts: list[str]) -> sparse.csr_array:
    """Return unit rows of n-gram counts weighted by rarity, log((1 + N) / (1 + n)) + 1, shape (texts, grams)."""
    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        padded = f"\x02{text}\x03" if text else ""  # so that a single character has neighbours too
        for n in GRAMS:
            for at in range(len(padded) - n + 1):
                rows.append(row)
                columns.append(vocabulary.setdefault(padded[at : at + n], len(vocabulary)))
    shape = (len(texts), max(len(vocabulary), 1))
    counts = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    counts.sum_duplicates()
    within = np.bincount(counts.indices, minlength=shape[1])
    counts.data *= (np.log((1 + len(texts)) / (1 + within)) + 1)[counts.indices]
    row_of = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    counts.data /= np.sqrt(np.bincount(row_of, counts.data**2, minlength=len(texts)))[row_of]
    return counts


@cache
def hide_reasons() -> Mapping[str, Text]:
    """Return the reasons for which a statement may be hidden, by code."""
    found = read_yaml(files("hutong.agree").joinpath("statement_reasons.yaml").read_text(encoding="utf-8"))
    return {code: Text.of(words) for code, words in found.items()}


@dataclass(frozen=True, slots=True)
class ModerationEntry:
    """One act of a moderator; ``digest`` seals it together with all entries before it."""

    statement: Any
    action: Action
    reason: str
    note: str
    by: str
    at: datetime
    digest: str = ""

    def sealed(self, before: str) -> ModerationEntry:
        """Return the entry with its digest: SHA-256 of the digest before and of every field."""
        fields = [
            before,
            str(self.statement),
            self.action,
            self.reason,
            self.note,
            self.by,
            self.at.isoformat(),
        ]
        return replace(
            self, digest=hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()
        )


@dataclass(frozen=True, slots=True)
class Moderation:
    """All acts on the statements of one process, oldest first; every change returns a new, longer record."""

    entries: tuple[ModerationEntry, ...] = ()

    def accept(self, statement: Any, *, by: str, at: datetime, note: str = "") -> Moderation:
        """Record that a statement has been read and stands."""
        return self._add(ModerationEntry(statement, "accept", "", note, by, at))

    def hide(self, statement: Any, *, reason: str, by: str, at: datetime, note: str = "") -> Moderation:
        """Hide a statement; ``reason`` is a code of :func:`hide_reasons`.

        Raises
        ------
        HutongError
            ``moderation-reason`` without a reason known; ``moderation-by`` without a name or a time zone.
        """
        if reason not in hide_reasons():
            raise HutongError(
                "moderation-reason",
                Text("隐藏观点须写明理由。", "A statement is hidden only for a stated reason."),
                Text(f"理由代码：{'、'.join(hide_reasons())}。", f"Reasons: {', '.join(hide_reasons())}."),
                [f"{statement}: {reason!r}"],
            )
        return self._add(ModerationEntry(statement, "hide", reason, note, by, at))

    def show(self, statement: Any, *, by: str, at: datetime, note: str) -> Moderation:
        """Show a hidden statement again; ``note`` says why.

        Raises
        ------
        HutongError
            ``moderation-not-hidden`` if it is not hidden; ``moderation-reason`` without a note.
        """
        if statement not in self.hidden:
            raise HutongError(
                "moderation-not-hidden",
                Text(f"观点 {statement} 没有被隐藏。", f"Statement {statement} is not hidden."),
                Text("请核对编号。", "Check the statement id."),
            )
        if not note.strip():
            raise HutongError(
                "moderation-reason",
                Text("恢复显示须写明理由。", "A statement is shown again only for a stated reason."),
                Text("请写明理由。", "Say why."),
            )
        return self._add(ModerationEntry(statement, "show", "", note, by, at))

    @property
    def status(self) -> Mapping[Any, Action]:
        """The last act on each statement; those never looked at are missing."""
        return {entry.statement: entry.action for entry in self.entries}

    @property
    def hidden(self) -> frozenset[Any]:
        """Statements hidden now."""
        return frozenset(name for name, action in self.status.items() if action == "hide")

    @property
    def table(self) -> pd.DataFrame:
        """The record as a table, oldest first."""
        names = ("statement", "action", "reason", "note", "by", "at", "digest")
        return pd.DataFrame([[getattr(e, n) for n in names] for e in self.entries], columns=list(names))

    def broken(self) -> int | None:
        """Return the position of the first entry whose seal does not hold, or None if the record is whole."""
        before = ""
        for position, entry in enumerate(self.entries):
            if entry.sealed(before).digest != entry.digest:
                return position
            before = entry.digest
        return None

    def _add(self, entry: ModerationEntry) -> Moderation:
        if not entry.by.strip() or entry.at.tzinfo is None:
            raise HutongError(
                "moderation-by",
                Text(
                    "处理记录缺少处理人，或时间没有时区。", "The act lacks a name, or its time a time zone."
                ),
                Text("请写明处理人和带时区的时间。", "Give the moderator and a time with its zone."),
            )
        before = self.entries[-1].digest if self.entries else ""
        return Moderation((*self.entries, entry.sealed(before)))


def moderation_queue(
    texts: Mapping[Any, str],
    moderation: Moderation,
    priority: Mapping[Any, float] | None = None,
    threshold: float = ALIKE,
) -> pd.DataFrame:
    """Return statements nobody has looked at yet, the most urgent first.

    Parameters
    ----------
    texts
        Words by statement id, in order of arrival.
    priority
        ``Opinions.statements["priority"]`` as a mapping: what residents would be shown next is read first. A
        statement without one comes before all: it has never been shown.

    Returns
    -------
    pandas.DataFrame
        ``statement``, ``text``, ``priority`` (NaN if unknown), ``similar_to`` (the most alike statement not
        hidden, or None), ``similarity``; at equal priority in order of arrival.
    """
    known = priority or {}
    status, hidden = moderation.status, moderation.hidden
    waiting = {name: words for name, words in texts.items() if name not in status}
    others = {name: words for name, words in texts.items() if name in status and name not in hidden}
    pairs = similar_statements(others, waiting, threshold)
    swapped = pairs[pairs["other"].isin(list(waiting))].rename(
        columns={"statement": "other", "other": "statement"}
    )
    best = pd.concat([pairs, swapped]).sort_values("similarity", ascending=False, kind="stable")
    best = best.drop_duplicates("statement").set_index("statement")
    rank = pd.Series({name: float(known.get(name, np.nan)) for name in waiting}, dtype=float)
    queue = pd.DataFrame(
        {"statement": list(waiting), "text": list(waiting.values()), "priority": rank.to_numpy()}
    )
    queue["similar_to"] = pd.Series([best["other"].get(name) for name in waiting], dtype=object)
    queue["similarity"] = [float(best["similarity"].get(name, np.nan)) for name in waiting]
    order = np.argsort(-queue["priority"].fillna(np.inf).to_numpy(), kind="stable")
    return queue.iloc[order].reset_index(drop=True)
