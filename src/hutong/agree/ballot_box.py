"""Ballots on paper and online: named, signed, changeable until the close, and sealed until then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hutong.agree.roll_book import RollBook
from hutong.agree.rule import Rule
from hutong.agree.tally import ABSTAIN, NO, NONE, YES, Tally, tally
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

CHANNELS = ("paper", "online")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot as handed in.

    ``signer`` acts for ``head``; ``signature`` refers to the signed sheet or the electronic signature; ``at`` is when
    it was handed in, not when it was entered; ``number`` is its place in order of arrival, given by the box.
    ``official`` marks an online ballot that came through the official voting system.
    """

    head: str
    signer: str
    choice: int
    at: dt.datetime
    channel: str
    signature: str
    official: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class BoxResult:
    """The count after the close, and the willingness that only a survey showed.

    ``conflicts`` are heads whose co-owners, none being named to decide, handed in different ballots: they count as not
    having voted. ``survey`` counts the heads whose last unofficial online ballot was yes, no or abstention.
    """

    tally: Tally
    conflicts: int
    survey: tuple[int, int, int]


@dataclass(frozen=True)
class BallotBox:
    """One vote: its roll, its rule, when it opens and closes, and the ballots so far.

    ``official_online_only`` says that online ballots count only if they came through the official system; the others
    are a survey of willingness. ``opened_with`` is the hash of the roll at the opening.
    """

    id: str
    book: RollBook
    rule: Rule
    opens: dt.datetime
    closes: dt.datetime
    official_online_only: bool
    opened_with: str
    ballots: tuple[Ballot, ...] = ()

    def cast(self, ballot: Ballot) -> BallotBox:
        """Return the box with one more ballot; the latest of each decider counts.

        A paper ballot counts by when it was handed in, so it may be entered after the close.

        Raises
        ------
        HutongError
            ``ballot-refused``, saying why: not on the roll, no right to decide for the head, outside the time, no
            signature, or no such choice.
        """
        wrong = self._refused(ballot)
        if wrong is not None:
            raise HutongError(
                "ballot-refused",
                Text(f"选票未收：{wrong.zh}。", f"The ballot was not taken: {wrong.en}."),
                Text("请更正后在截止前重新提交。", "Correct it and hand it in again before the close."),
            )
        return replace(self, ballots=(*self.ballots, replace(ballot, number=len(self.ballots) + 1)))

    def with_book(self, book: RollBook) -> BallotBox:
        """Return the box with a corrected roll; ballots of heads struck off fall away, none is lost from the record.

        Raises
        ------
        HutongError
            If the book is not this one with logged changes.
        """
        if not book.follows(self.book):
            raise HutongError(
                "not-this-roll",
                Text(
                    "该名册不是本次表决名册的更正本。",
                    "This roll is not a correction of the roll of the vote.",
                ),
                Text("请用 correct 逐条更正原名册。", "Correct the roll of the vote line by line."),
            )
        return replace(self, book=book)

    def turnout(self) -> tuple[int, int]:
        """Return how many heads have handed in a ballot that counts, and how many there are; it shows no choice."""
        voted = {b.head for b in self.ballots if self._counts(b)} & set(self.book.roll.heads)
        return len(voted), len(self.book.roll)

    def counted(self, now: dt.datetime) -> NDArray[np.int8]:
        """Return the ballot of each head of the roll, int8 (heads,), after the close; see :meth:`result`."""
        self._open_seal(now)
        return self._choices[0]

    def standing(self, now: dt.datetime) -> tuple[Ballot, ...]:
        """Return the ballots that count, after the close: the latest of each decider; raises as :meth:`result`."""
        self._open_seal(now)
        last = self._last([b for b in self.ballots if self._counts(b)])
        standing = {b.number: b for b in last.values() if b.head in self.book.holders}
        return tuple(standing[n] for n in sorted(standing))

    def result(self, now: dt.datetime) -> BoxResult:
        """Return the count; before the close nobody may see it.

        Raises
        ------
        HutongError
            ``sealed`` before the close.
        """
        self._open_seal(now)
        choices, conflicts = self._choices
        unofficial = [b for b in self.ballots if not self._counts(b)]
        said = [c for c in self._latest(unofficial).values() if c is not None]
        return BoxResult(
            tally(self.book.roll, choices, self.rule),
            conflicts,
            (said.count(YES), said.count(NO), said.count(ABSTAIN)),
        )

    def _open_seal(self, now: dt.datetime) -> None:
        if now.tzinfo is None or now < self.closes:
            raise HutongError(
                "sealed",
                Text(
                    f"{self.closes:%Y-%m-%d %H:%M} 截止前不得开票。",
                    f"The ballots are sealed until {self.closes:%Y-%m-%d %H:%M}.",
                ),
                Text("截止前只公布参与人数。", "Until then only the turnout is shown."),
            )

    @cached_property
    def _choices(self) -> tuple[NDArray[np.int8], int]:
        latest = self._latest([b for b in self.ballots if self._counts(b)])
        heads = self.book.roll.heads
        choices = np.array([latest.get(h) or NONE for h in heads], np.int8)
        return choices, sum(h in latest and latest[h] is None for h in heads)

    def _counts(self, ballot: Ballot) -> bool:
        return ballot.channel == "paper" or ballot.official or not self.official_online_only

    def _latest(self, ballots: list[Ballot]) -> dict[str, int | None]:
        """Return the choice of each head that voted: None where its co-owners contradict each other."""
        said: dict[str, set[int]] = {}
        for (head, _), ballot in self._last(ballots).items():
            said.setdefault(head, set()).add(ballot.choice)
        return {head: choices.pop() if len(choices) == 1 else None for head, choices in said.items()}

    def _last(self, ballots: list[Ballot]) -> dict[tuple[str, str], Ballot]:
        """Return the latest ballot in the name of each holder, by head and holder."""
        last: dict[tuple[str, str], Ballot] = {}
        for ballot in ballots:
            for holder in self.book.deciders(ballot.signer, ballot.head, ballot.at):
                before = last.get((ballot.head, holder))
                if before is None or (before.at, before.number) < (ballot.at, ballot.number):
                    last[ballot.head, holder] = ballot
        return last

    def _refused(self, ballot: Ballot) -> Text | None:
        if ballot.at.tzinfo is None or not self.opens <= ballot.at < self.closes:
            return Text("不在表决期内", "it was handed in outside the time of the vote")
        if ballot.channel not in CHANNELS or ballot.choice not in (YES, NO, ABSTAIN):
            return Text("渠道或选项不合格", "the channel or the choice is none of those offered")
        if not ballot.signer.strip() or not ballot.signature.strip():
            return Text("没有署名或签字", "it is not named and signed")
        if ballot.head not in self.book.holders:
            return Text("不在名册上", "it is of nobody on the roll")
        if not self.book.deciders(ballot.signer, ballot.head, ballot.at):
            return Text("签字人无权代表该户", "the signer may not decide for this head")
        return None


def open_box(
    box_id: str, book: RollBook, rule: Rule, rules: Rules, opens: dt.datetime, closes: dt.datetime
) -> BallotBox:
    """Open a vote on a frozen roll.

    Where the law keeps online votes of owners to an official system (Beijing: 《北京市物业管理条例》 art. 35), other
    online ballots in a vote of owners are a survey.

    Raises
    ------
    HutongError
        If the moments have no time zone or are not in order, or nobody is on the roll.
    """
    if opens.tzinfo is None or closes.tzinfo is None or opens >= closes or not len(book.roll):
        raise HutongError(
            "bad-vote",
            Text(
                "表决不能开始：时间不合格或名册为空。",
                "The vote cannot open: its times or its roll do not fit.",
            ),
            Text(
                "起止时间须带时区且先后有序，名册至少一人。",
                "Give opening and close with a time zone, in order, and a roll with somebody on it.",
            ),
        )
    flag = "vote.online_official_only"
    official = rule.id.startswith("vote.") and flag in rules and rules.flag(flag)
    return BallotBox(box_id, book, rule, opens, closes, official, book.hash)
