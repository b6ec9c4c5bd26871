"""The book of a roll: who may decide on which homes, who signs for them, who is held back and why, and every change.

A book is never altered. A correction gives a new book that carries the old one's hash, so that the roll a vote was
opened with can always be shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from hutong.agree.roll import Roll
from hutong.errors import HutongError
from hutong.sense.title_rule import gap_book
from hutong.text import Text

#: Why a home may stay off a roll: the words of :mod:`hutong.sense.title_rule`.
HELD_BACK = {name: gap.title for name, gap in gap_book().items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One home on a roll.

    ``head`` is the token counted once; ``holders`` are the tokens that decide for it: one person or body, a named
    representative, or all co-owners while none is named. ``area_from`` is ``deed`` or ``lease``; ``unit`` is the
    body that manages the home, and signs beside the lessee.
    """

    dwelling_id: str
    head: str
    holders: tuple[str, ...]
    area_cm2: int
    category: str
    area_from: str = "deed"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One home that is not on the roll, and why (:data:`HELD_BACK`); ``area_cm2`` is None where unknown."""

    dwelling_id: str
    reason: str
    area_cm2: int | None


@dataclass(frozen=True, slots=True)
class Mandate:
    """A holder lets an agent decide in its name from ``since`` until before ``until``; ``document`` says where."""

    holder: str
    agent: str
    document: str
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One logged correction: what stood, what stands now, why, who entered it, and the hash of the book before."""

    number: int
    dwelling_id: str
    before: Entry | HeldBack | None
    after: Entry | HeldBack | Mandate | None
    reason: str
    by: str
    at: dt.datetime
    book: str


Line = Entry | HeldBack


@dataclass(frozen=True)
class RollBook:
    """The roll of one act over one place.

    ``act`` is ``owners`` or ``lessees``; ``place`` names the homes asked; ``as_of`` is the date of the snapshot.
    ``consulted`` are homes whose occupants are asked but do not vote.

    Raises
    ------
    HutongError
        If a home stands twice, an entry lacks a holder or has no area, or a mandate is empty.
    """

    act: str
    place: str
    as_of: str
    entries: tuple[Entry, ...]
    held_back: tuple[HeldBack, ...] = ()
    consulted: tuple[str, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        rows = list(_broken(self))
        if rows:
            raise HutongError(
                "bad-roll",
                Text(f"名册有 {len(rows)} 处不合格。", f"The roll has {len(rows)} broken rows."),
                Text("请核对所列住房的权利人和面积。", "Check the holders and areas of the homes listed."),
                rows,
            )

    @cached_property
    def roll(self) -> Roll:
        """The heads and their areas, several homes of one head added up."""
        return Roll.from_units([e.head for e in self.entries], [e.area_cm2 for e in self.entries])

    @cached_property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """Who decides for each head; a representative named for any of its homes decides for the head."""
        named: dict[str, list[tuple[str, ...]]] = {}
        for entry in self.entries:
            named.setdefault(entry.head, []).append(entry.holders)
        return {
            head: tuple(sorted({h for of in homes if len(of) == min(map(len, homes)) for h in of}))
            for head, homes in named.items()
        }

    @cached_property
    def hash(self) -> str:
        """SHA-256 of every line of the book and its changes; what a vote is opened with."""
        lines = {
            "act": self.act,
            "place": self.place,
            "as_of": self.as_of,
            "entries": sorted(_row(e) for e in self.entries),
            "held_back": sorted(_row(h) for h in self.held_back),
            "consulted": sorted(self.consulted),
            "mandates": sorted(_row(m) for m in self.mandates),
            "changes": [_row(c) for c in self.changes],
        }
        return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()

    @property
    def held_area_cm2(self) -> int | None:
        """Area of the homes held back in cm², None if any of it is unknown."""
        areas = [h.area_cm2 for h in self.held_back]
        return None if None in areas else sum(a for a in areas if a is not None)

    def deciders(self, signer: str, head: str, at: dt.datetime) -> tuple[str, ...]:
        """Return in whose name ``signer`` may decide for ``head`` at a moment: itself, or those who sent it."""
        holders = self.holders.get(head, ())
        sent = {m.holder for m in self.mandates if m.agent == signer and m.since <= at < m.until}
        return tuple(h for h in holders if h == signer or h in sent)

    def correct(
        self,
        dwelling_id: str,
        after: Line | None,
        *,
        reason: str,
        by: str,
        at: dt.datetime,
    ) -> RollBook:
        """Return the book with one home entered, held back or struck off, and the change logged.

        Raises
        ------
        HutongError
            Without a reason or the one who entered it, for a moment before the last change, or if nothing changes.
        """
        lines: tuple[Line, ...] = (*self.entries, *self.held_back)
        before = next((x for x in lines if x.dwelling_id == dwelling_id), None)
        change = self._logged(Change(0, dwelling_id, before, after, reason, by, at, self.hash))
        kept = tuple(e for e in self.entries if e.dwelling_id != dwelling_id)
        held = tuple(h for h in self.held_back if h.dwelling_id != dwelling_id)
        return replace(
            self,
            entries=(*kept, after) if isinstance(after, Entry) else kept,
            held_back=(*held, after) if isinstance(after, HeldBack) else held,
            changes=(*self.changes, change),
        )

    def entrust(self, mandate: Mandate, *, by: str, at: dt.datetime) -> RollBook:
        """Return the book with a mandate added, logged as a change; an earlier ballot of the holder still counts."""
        change = self._logged(Change(0, "", None, mandate, mandate.document, by, at, self.hash))
        return replace(self, mandates=(*self.mandates, mandate), changes=(*self.changes, change))

    def _logged(self, change: Change) -> Change:
        wrong = _bad_change(self, change)
        if wrong is None:
            return replace(change, number=len(self.changes) + 1)
        raise HutongError(
            "bad-correction",
            Text(
                f"名册未更正（住房 {change.dwelling_id or '—'}）：{wrong.zh}。",
                f"The roll was not corrected (home {change.dwelling_id or '—'}): {wrong.en}.",
            ),
            Text("请写明理由、经办人、时间和更正内容。", "Say what changes, why, who enters it and when."),
        )

    def follows(self, earlier: RollBook) -> bool:
        """Return whether this book is ``earlier`` with its logged changes and nothing else."""
        book = earlier
        for change in self.changes[len(earlier.changes) :]:
            if change.book != book.hash:
                return False
            if isinstance(change.after, Mandate):
                book = book.entrust(change.after, by=change.by, at=change.at)
            else:
                book = book.correct(
                    change.dwelling_id, change.after, reason=change.reason, by=change.by, at=change.at
                )
        return book.hash == self.hash


def head_of(holders: Iterable[str]) -> str:
    """Return the token of a head: the holder's own, or one for a group of co-owners whatever their order.

    Notes
    -----
    The co-owners of a home are one head (confidence K: 最高人民法院 interpretation on condominium ownership, art. 9,
    counts one buyer of several units as one head). The same people holding several homes together are one head; who
    also holds a home alone is a head of its own for that.
    """
    names = sorted(set(holders))
    if len(names) == 1:
        return names[0]
    return "g-" + hashlib.sha256(json.dumps(names, ensure_ascii=False).encode()).hexdigest()[:16]


def held_back_words(book: RollBook) -> tuple[tuple[str, Text], ...]:
    """Return each home held back with the reason in words."""
    return tuple((h.dwelling_id, HELD_BACK[h.reason]) for h in book.held_back)


def _row(of: Entry | HeldBack | Mandate | Change) -> str:
    return json.dumps(asdict(of), ensure_ascii=False, default=str, sort_keys=True)


def _broken(book: RollBook) -> Iterable[str]:
    seen: set[str] = set()
    lines: tuple[Line, ...] = (*book.entries, *book.held_back)
    for line in lines:
        if line.dwelling_id in seen:
            yield f"home {line.dwelling_id}: stands twice"
        seen.add(line.dwelling_id)
    for entry in book.entries:
        if not entry.head or not entry.holders or not all(entry.holders):
            yield f"home {entry.dwelling_id}: the holder is missing"
        if type(entry.area_cm2) is not int or entry.area_cm2 <= 0:
            yield f"home {entry.dwelling_id}: area {entry.area_cm2!r} is not a whole number of cm² above 0"
    for held in book.held_back:
        if held.reason not in HELD_BACK:
            yield f"home {held.dwelling_id}: unknown reason {held.reason!r}"
    for m in book.mandates:
        if not (m.holder and m.agent and m.document) or not _moments(m.since, m.until) or m.since >= m.until:
            yield f"mandate of {m.holder or '?'}: needs agent, document, and moments with a time zone in order"


def _moments(*at: dt.datetime) -> bool:
    return all(a.tzinfo is not None for a in at)


def _bad_change(book: RollBook, change: Change) -> Text | None:
    if not change.reason.strip() or not change.by.strip():
        return Text("没有写明理由或经办人", "the reason or who enters it is missing")
    if not _moments(change.at) or any(change.at < earlier.at for earlier in book.changes[-1:]):
        return Text("时间缺时区或早于上次更正", "the moment has no time zone or lies before the last change")
    if change.before == change.after:
        return Text("内容没有变化", "nothing changes")
    if isinstance(change.after, Entry | HeldBack) and change.after.dwelling_id != change.dwelling_id:
        return Text("更正的是另一处住房", "the new line is of another home")
    return None
