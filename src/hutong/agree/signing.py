"""Conditional signing (预签约、模拟征收): agreements that take effect for all, or for nobody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from hutong.agree.roll_book import RollBook
from hutong.agree.rule import Rule
from hutong.agree.steps import move
from hutong.agree.tally import NONE, YES, Tally, tally
from hutong.errors import HutongError
from hutong.text import Text

#: What may happen in each state, and where it leads. Nothing leads back: terms and deadline stand once published.
MOVES = {
    "draft": {"publish": "open"},
    "open": {"sign": "open", "withdraw": "open", "take_effect": "effective", "lapse": "void"},
    "effective": {"join": "effective"},
    "void": {},
}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened: what, by which head and signer ("" where it is the process itself), and when."""

    event: str
    head: str
    signer: str
    at: dt.datetime


@dataclass(frozen=True)
class Signing:
    """A conditional signing: the roll, the threshold, the deadline, and what has happened.

    ``terms`` is the hash of the published agreement. ``early`` says, as part of the terms, whether the agreements take
    effect as soon as the threshold is met instead of at the deadline.
    """

    book: RollBook
    rule: Rule
    terms: str
    deadline: dt.datetime
    early: bool = False
    state: str = "draft"
    log: tuple[Act, ...] = ()

    def publish(self, at: dt.datetime) -> Signing:
        """Return the signing opened; roll, terms, threshold and deadline stand from now on."""
        if at.tzinfo is None or self.deadline.tzinfo is None or at >= self.deadline or not self.terms:
            raise _refused(
                Text("缺协议文本，或时间不合格", "the terms are missing or the times do not fit"),
            )
        return self._with("publish", "", "", at)

    def sign(self, head: str, signer: str, at: dt.datetime) -> Signing:
        """Return the signing with a signature, which binds nobody until it takes effect for all."""
        self._in_time(at)
        self._may(head, signer, at)
        if head in self.signed:
            raise _refused(Text("该户已签约", "this head has signed already"))
        return self._with("sign", head, signer, at)

    def withdraw(self, head: str, signer: str, at: dt.datetime) -> Signing:
        """Return the signing without a head's signature: until it takes effect anyone may withdraw."""
        self._in_time(at)
        self._may(head, signer, at)
        if head not in self.signed:
            raise _refused(Text("该户尚未签约", "this head has not signed"))
        return self._with("withdraw", head, signer, at)

    def settle(self, now: dt.datetime) -> Signing:
        """Return the signing as effective for all who signed, or void for all.

        Raises
        ------
        HutongError
            Before the deadline, unless the terms let it take effect early and the threshold is met; or when settled.
        """
        met = self.count().passed
        over = now.tzinfo is not None and now >= self.deadline
        if self.state == "open" and not over and not (self.early and met and self._after_log(now)):
            raise _refused(Text("未到截止时间", "the deadline has not come"))
        return self._with("take_effect" if met else "lapse", "", "", now)

    def join(self, head: str, signer: str, at: dt.datetime) -> Signing:
        """Return the signing with a head that joins on the same terms after it has taken effect."""
        after = self._with("join", head, signer, at)
        self._may(head, signer, at)
        if head in self.signed or not self._after_log(at):
            raise _refused(
                Text("该户已签约，或时间早于生效", "this head has signed, or the moment is too early")
            )
        return after

    @property
    def signed(self) -> frozenset[str]:
        """The heads whose signature stands."""
        standing: set[str] = set()
        for act in self.log:
            if act.event in ("sign", "join"):
                standing.add(act.head)
            elif act.event == "withdraw":
                standing.discard(act.head)
        return frozenset(standing)

    def count(self) -> Tally:
        """Return the count of signatures on the whole roll; who has not signed has not agreed."""
        signed = self.signed
        ballots = np.array([YES if h in signed else NONE for h in self.book.roll.heads], np.int8)
        return tally(self.book.roll, ballots, self.rule)

    def standing(self, head: str) -> str:
        """Return what a head's agreement is: none, pending, effective or void."""
        if head not in self.signed:
            return "none"
        return {"effective": "effective", "void": "void"}.get(self.state, "pending")

    def _with(self, event: str, head: str, signer: str, at: dt.datetime) -> Signing:
        state = move(MOVES, self.state, event)
        return replace(self, state=state, log=(*self.log, Act(event, head, signer, at)))

    def _after_log(self, at: dt.datetime) -> bool:
        return at.tzinfo is not None and (not self.log or at >= self.log[-1].at)

    def _in_time(self, at: dt.datetime) -> None:
        if self.state == "open" and not (self._after_log(at) and at < self.deadline):
            raise _refused(
                Text("不在签约期内，或早于上一记录", "it is outside the time, or before the last act")
            )

    def _may(self, head: str, signer: str, at: dt.datetime) -> None:
        if set(self.book.deciders(signer, head, at)) != set(self.book.holders.get(head, ("",))):
            raise _refused(
                Text("签字人不能代表该户全体权利人", "the signer may not act for all who hold with this head")
            )


def _refused(why: Text) -> HutongError:
    return HutongError(
        "signing-refused",
        Text(f"未能办理：{why.zh}。", f"It was not done: {why.en}."),
        Text("请核对名册、委托和时间。", "Check the roll, the mandate and the time."),
    )
