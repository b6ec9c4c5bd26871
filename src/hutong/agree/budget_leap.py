"""Proof that equal shares buys the same between two shares, so that a completion need not try every yuan between.

Fix the order of purchases and let the share rise. What a voter has left never falls, the amount t at which a project
can be paid (Σ min(money, t) = cost) never rises, and so those who have less than t only become fewer. Hence a rate at
the lower share is the highest of the interval and a rate at the upper share the lowest; and where nobody changes side,
all amounts are linear in the share, so that what holds at both ends holds between.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hutong.agree.budget_shares import Purchase, RunState, ShareRun, Supporters


def run_if_same(
    costs: Sequence[int], supporters: Supporters, run: ShareRun, share: Fraction
) -> ShareRun | None:
    """Return the run at a higher share if all shares from that of ``run`` make its purchases; None if that is not proved.

    Parameters
    ----------
    run
        The run at the lower share.
    share
        The upper end of the interval, included.
    """
    return _Leap(costs, supporters, run, share).proved()


class _Leap:
    """Both ends of the interval, bought in the same order."""

    def __init__(self, costs: Sequence[int], supporters: Supporters, run: ShareRun, share: Fraction) -> None:
        self.costs, self.supporters, self.run = costs, supporters, run
        self.low, self.high = RunState(costs, supporters, run.share), RunState(costs, supporters, share)
        self.linear = True
        #: What each project needed at the upper end when last looked at; it can only have risen since.
        self.known = [0] * len(costs)

    def proved(self) -> ShareRun | None:
        left = {p for p in range(len(self.costs)) if len(self.supporters.of_project(p))}
        for step in self.run.purchases:
            left.discard(step.project)
            if not all(self._loses(q, step) for q in left):
                return None
            self.linear &= self.high.buy(step.project).poor == step.poor
        if any(self.high.affordable(q) for q in left):
            return None
        return ShareRun(self.high.share, tuple(self.high.purchases))

    def _loses(self, q: int, step: Purchase) -> bool:
        """Return whether ``q`` surely comes after the project bought at this step, at every share."""
        low, high, p = self.low, self.high, step.project
        # the rate of p at its highest against that of q at its lowest, by bounds and then exactly
        asks, has = (step.pays.numerator * self.costs[q]) << high.bits, step.pays.denominator * self.costs[p]
        if asks < self.known[q] * has:
            return True
        least, _ = high.bounds(q)
        self.known[q] = max(self.known[q], least)
        if least < 0 or asks < least * has or not high.affordable(q):
            return True
        pays, poor = high.exact(q)
        if self._before(p, step.pays, q, pays):
            return True
        if not self.linear:
            return False
        for done in self.run.purchases[len(low.purchases) : len(high.purchases)]:
            low.buy(done.project)
        if not low.affordable(q) or low.exact(q)[1] != poor:
            return False
        mine, my_poor = high.exact(p)
        return my_poor == step.poor and self._before(p, mine, q, pays)

    def _before(self, p: int, pays: Fraction, q: int, asks: Fraction) -> bool:
        rates = pays / self.costs[p], asks / self.costs[q]
        return rates[0] < rates[1] or (rates[0] == rates[1] and self.high.order(p) < self.high.order(q))
