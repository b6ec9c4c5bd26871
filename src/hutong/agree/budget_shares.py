"""One run of the Method of Equal Shares with a given share, exact to the last fraction and fast.

What a voter has left is the share less the payments made, and a payment is one fraction for all who make it. So an
exact amount follows from *which* payments were made, and counting who made them is a matter of small integers. The
kernels keep each voter's money as a whole number of 1/scale yuan together with a bound on its error; a comparison is
settled there only if it holds for every value within the bounds, and by exact integers otherwise.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.text import Text

#: All money times the scale stays below 2**_BITS, so that sums of int64 cannot overflow.
_BITS = 61
#: Fewest binary digits after the point that leave the bounds useful.
_LEAST_BITS = 8
#: Keys of projects are rates in units of 2**-_RATE_BITS, rounded outwards.
_RATE_BITS = 96


@dataclass(frozen=True, eq=False)
class Supporters:
    """Approvers by project: ``voters[starts[p]:starts[p + 1]]`` approve project ``p``."""

    starts: NDArray[np.int64]
    voters: NDArray[np.int64]
    electorate: int

    @classmethod
    def of(cls, approvals: NDArray[np.bool_]) -> Supporters:
        """Read approvals of shape (voters, projects)."""
        _, voters = np.nonzero(approvals.T)
        starts = np.concatenate([[0], np.cumsum(approvals.sum(axis=0))]).astype(np.int64)
        return cls(starts, voters.astype(np.int64), approvals.shape[0])

    def of_project(self, project: int) -> NDArray[np.int64]:
        """Return the approvers of one project."""
        return self.voters[self.starts[project] : self.starts[project + 1]]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One step: the ``project`` (its position), what each supporter ``pays`` who has that much, how many do.

    ``poor`` supporters had less and paid all they had left.
    """

    project: int
    pays: Fraction
    payers: int
    poor: int


@dataclass(frozen=True, slots=True)
class ShareRun:
    """The purchases made with one share."""

    share: Fraction
    purchases: tuple[Purchase, ...]

    @property
    def projects(self) -> tuple[int, ...]:
        """Positions of the projects bought, in order."""
        return tuple(p.project for p in self.purchases)


def share_run(costs: Sequence[int], supporters: Supporters, share: Fraction) -> ShareRun:
    """Buy projects until none is affordable.

    Raises
    ------
    HutongError
        ``too-large-to-count`` if all shares together come to 2**53 yuan or more.
    """
    return RunState(costs, supporters, share).finish()


class RunState:
    """The state of a run; exact amounts are numerators over the common ``denominator``."""

    def __init__(self, costs: Sequence[int], supporters: Supporters, share: Fraction) -> None:
        self.costs, self.supporters, self.share = costs, supporters, share
        self.denominator = share.denominator
        self.given = share.numerator
        self.payments: list[int] = []
        self.purchases: list[Purchase] = []
        n = supporters.electorate
        self.bits = _BITS - (int(n * share) + n).bit_length()
        if self.bits < _LEAST_BITS:
            raise HutongError(
                "too-large-to-count",
                Text("金额过大，无法精确计算。", "The sums are too large to be counted exactly."),
                Text("请以万元为单位计价。", "Count the costs in units of 10,000 yuan."),
            )
        self.money = np.full(n, self._scaled(self.given), np.int64)
        self.alive = np.full(n, share > 0)
        self.paid = np.zeros((n, len(costs)), np.bool_)

    def _scaled(self, numerator: int) -> int:
        return (numerator << self.bits) // self.denominator

    @property
    def error(self) -> int:
        """How far a voter's scaled money may be from the truth: one for the share and one for each payment."""
        return len(self.payments) + 1

    def finish(self) -> ShareRun:
        """Buy until nothing is affordable."""
        queue = [(0, p) for p in range(len(self.costs)) if len(self.supporters.of_project(p))]
        while True:
            tied = self._cheapest(queue)
            if not tied:
                return ShareRun(self.share, tuple(self.purchases))
            self._buy(tied, queue)

    def _cheapest(self, queue: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
        """Return (project, low, high) of all that may have the least rate; the queue keeps bounds from below.

        Money only shrinks, so rates only rise: an old lower bound holds, and what can no longer be paid never can.
        """
        seen: list[tuple[int, int, int, int, int]] = []
        best = -1
        while queue and (best < 0 or queue[0][0] <= best):
            _, p = heapq.heappop(queue)
            cost = self.costs[p]
            low, high = self.bounds(p)
            if low < 0 or (high < 0 and not self.affordable(p)):
                continue
            least = (low << _RATE_BITS) // cost
            most = -((-high << _RATE_BITS) // cost) if high >= 0 else -1
            if most >= 0 and (best < 0 or most < best):
                best = most
            seen.append((least, most, p, low, high))
        for least, _, p, _, _ in seen:
            heapq.heappush(queue, (least, p))
        return [(p, low, high) for least, _, p, low, high in seen if best < 0 or least <= best]

    def affordable(self, project: int) -> bool:
        """Return whether the approvers together still have what the project costs."""
        who = self.supporters.of_project(project)
        who = who[self.alive[who]]
        return self._sum(who) >= self.costs[project] * self.denominator

    def _sum(self, who: NDArray[np.int64]) -> int:
        """Return the exact money of some living voters, over the denominator."""
        made = _count_paid(self.paid, who, len(self.payments))
        spent = sum(int(n) * pay for n, pay in zip(made, self.payments, strict=True))
        return len(who) * self.given - spent

    def _exact_level(self, project: int, low: int, high: int) -> tuple[int, int, NDArray[np.int64]]:
        """Return what each must pay who can, as (numerator, payers), and the poor.

        The amount is numerator / (payers · denominator). Those whose bounds leave it open are compared exactly,
        poorest first.
        """
        who = self.supporters.of_project(project)
        who = who[self.alive[who]]
        money = self.money[who]
        poor = money + self.error < low
        open_ = ~poor if high < 0 else ~poor & (money - self.error < high)
        left = self.costs[project] * self.denominator - self._sum(who[poor])
        payers = int((~poor).sum())
        if open_.any():
            at = np.flatnonzero(open_)
            made = self.paid[who[at], : len(self.payments)]
            if self.payments:
                kinds, of = np.unique(made, axis=0, return_inverse=True)
            else:
                kinds, of = made[:1], np.zeros(len(at), np.int64)
            worth = [
                self.given - sum(pay for pay, did in zip(self.payments, kind, strict=True) if did)
                for kind in kinds
            ]
            sizes = np.bincount(of.ravel(), minlength=len(kinds))
            for kind in sorted(range(len(kinds)), key=worth.__getitem__):
                if worth[kind] * payers >= left:
                    break
                left -= worth[kind] * int(sizes[kind])
                payers -= int(sizes[kind])
                poor[at[of.ravel() == kind]] = True
        return left, payers, who[poor]

    def bounds(self, project: int) -> tuple[int, int]:
        """Return bounds on what each pays who can, times the scale; low -1: surely too dear, high -1: perhaps."""
        if self.costs[project] > self.supporters.electorate * self.share:
            return -1, -1
        who = self.supporters.of_project(project)
        low, high = _level(who, self.money, self.alive, self.error, self.costs[project] << self.bits)
        return int(low), int(high)

    def exact(self, project: int) -> tuple[Fraction, int]:
        """Return what each pays who can for an affordable project, and how many are poor."""
        numerator, payers, poor = self._exact_level(project, *self.bounds(project))
        return Fraction(numerator, payers * self.denominator), len(poor)

    def order(self, project: int) -> tuple[int, int, int]:
        """Return what decides between equal rates: the cheaper, then more approvals, then the list."""
        return self.costs[project], -len(self.supporters.of_project(project)), project

    def _buy(self, tied: list[tuple[int, int, int]], queue: list[tuple[int, int]]) -> None:
        """Buy the project of least rate and take the money."""
        best = None
        for p, low, high in tied:
            numerator, payers, poor = self._exact_level(p, low, high)
            # rate = numerator / (payers · denominator · cost); the denominator is the same for all
            bottom, order = payers * self.costs[p], self.order(p)
            if (
                best is None
                or numerator * best[1] < best[0] * bottom
                or (numerator * best[1] == best[0] * bottom and order < best[2])
            ):
                best = (numerator, bottom, order, payers, poor)
        if best is None:
            raise ValueError("there is nothing to buy")
        numerator, _, (_, _, project), payers, poor = best
        queue[:] = [entry for entry in queue if entry[1] != project]
        heapq.heapify(queue)
        self._take(project, numerator, payers, poor)

    def buy(self, project: int) -> Purchase:
        """Buy an affordable project, be it of least rate or not."""
        self._take(project, *self._exact_level(project, *self.bounds(project)))
        return self.purchases[-1]

    def _take(self, project: int, numerator: int, payers: int, poor: NDArray[np.int64]) -> None:
        self.payments = [pay * payers for pay in self.payments]
        self.given *= payers
        self.denominator *= payers
        who = self.supporters.of_project(project)
        who = who[self.alive[who]]
        self.alive[poor] = False
        self.money[poor] = 0
        rich = who[self.alive[who]]
        self.money[rich] -= self._scaled(numerator)
        self.paid[rich, len(self.payments)] = True
        self.payments.append(numerator)
        self.purchases.append(Purchase(project, Fraction(numerator, self.denominator), payers, len(poor)))


@njit(cache=True)
def _level(who, money, alive, error, cost):  # type: ignore[no-untyped-def]
    """Return bounds (low, high) on what each approver pays who can; low -1: surely too dear, high -1: perhaps.

    The amount t solves Σ min(money, t) = cost. Starting from an equal split and taking out whoever has less, each
    value reached is at most t if divisions round down and money is taken at its most; where divisions round up and
    money is taken at its least, the value reached last is at least t.
    """
    low = high = np.int64(-1)
    rich = np.empty(len(who), np.int64)
    for side in range(2):
        shift = error if side == 0 else -error
        payers, left = 0, cost
        for i in who:
            if alive[i]:
                rich[payers] = money[i] + shift
                payers += 1
        t = np.int64(-1)
        while payers > 0:
            t = left // payers if side == 0 else -((-left) // payers)
            kept = 0
            for j in range(payers):
                if rich[j] < t:
                    left -= rich[j]
                else:
                    rich[kept] = rich[j]
                    kept += 1
            if kept == payers:
                break
            payers = kept
        if payers == 0:
            t = np.int64(-1)
        if side == 0:
            low = t
            if t < 0:
                break
        else:
            high = t
    return low, high


@njit(cache=True)
def _count_paid(paid, who, payments):  # type: ignore[no-untyped-def]
    out = np.zeros(payments, np.int64)
    for i in who:
        for k in range(payments):
            if paid[i, k]:
                out[k] += 1
    return out
