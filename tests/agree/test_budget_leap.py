"""Leaps of the completion end where steps of one yuan would, and few voters with large sums end at all."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import budget
from hutong.agree.budget import BudgetProject, BudgetVote, equal_shares
from hutong.agree.budget_leap import run_if_same
from hutong.agree.budget_shares import Supporters, share_run
from tests.agree.test_budget import make


@st.composite
def dear_votes(draw: st.DrawFn) -> BudgetVote:
    """Few people, sums large beside them; often two projects are alike in price, supporters or both."""
    projects, people = draw(st.integers(1, 6)), draw(st.integers(1, 7))
    costs = draw(st.lists(st.integers(1, 400), min_size=projects, max_size=projects))
    cells = draw(st.lists(st.booleans(), min_size=projects * people, max_size=projects * people))
    approvals = np.reshape(cells, (people, projects))
    if projects > 1 and draw(st.booleans()):
        approvals[:, 1] = approvals[:, 0]
    if projects > 1 and draw(st.booleans()):
        costs[1] = costs[0]
    return make(costs, approvals, draw(st.integers(1, 1200)))


@settings(max_examples=120, deadline=None)
@given(dear_votes(), st.sampled_from([1, 1, 1, 7]))
def test_leaps_end_where_single_steps_do(vote: BudgetVote, unit: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "_TRIED", 1)
        leapt = equal_shares(vote, unit=unit)
        patch.setattr(budget, "_TRIED", 10**9)
        stepped = equal_shares(vote, unit=unit)
    assert leapt == stepped == equal_shares(vote, unit=unit)


@settings(max_examples=120, deadline=None)
@given(dear_votes(), st.integers(1, 300), st.integers(1, 64), st.data())
def test_what_is_proved_holds_at_every_share_between(
    vote: BudgetVote, low: int, width: int, data: st.DataObject
):
    who = Supporters.of(vote.approvals)
    run = share_run(vote.costs, who, Fraction(low))
    high = Fraction(low + width)
    proved = run_if_same(vote.costs, who, run, high)
    if proved is not None:
        assert proved == share_run(vote.costs, who, high)
        between = data.draw(st.fractions(low, high, max_denominator=97))
        assert share_run(vote.costs, who, between).projects == run.projects


def test_a_leap_is_proved_and_refused_by_hand():
    # two people want a work of 60, one of them another of 50: with 30 each the first is bought, and until the
    # second person's rest pays 50 - that is until a share of 80 - nothing changes
    who = Supporters.of(np.array([[1, 1], [1, 0]], bool))
    run = share_run([60, 50], who, Fraction(30))
    assert run.projects == (0,)
    further = run_if_same([60, 50], who, run, Fraction(79))
    assert further is not None
    assert (further.share, further.projects) == (79, (0,))
    assert run_if_same([60, 50], who, run, Fraction(80)) is None


def test_alike_projects_whose_rates_fall_together_do_not_stop_the_leaps(monkeypatch: pytest.MonkeyPatch):
    # v0 and v2 pay 30,000 each for p0 first. p1 and p2 have the same price and people, v0 and v1: one can be paid from
    # a share of 60,000, and up to 75,000 v0 is poor, so that both their rates fall with every yuan; both from 105,000
    approvals = np.zeros((8, 3), bool)
    approvals[[0, 2], 0] = True
    approvals[:2, 1:] = True
    vote = make([60_000, 90_000, 90_000], approvals, 240_000)
    monkeypatch.setattr(budget, "_run", _counted := _Counted(budget._run))
    outcome = equal_shares(vote, fill=False)
    assert (outcome.funded, outcome.share) == (("p0", "p1", "p2"), 105_000)
    assert _counted.runs < 100


class _Counted:
    def __init__(self, run) -> None:
        self.run, self.runs = run, 0

    def __call__(self, *given):
        self.runs += 1
        return self.run(*given)


def test_fifty_voters_and_five_million_end_soon(monkeypatch: pytest.MonkeyPatch):
    draw = np.random.Generator(np.random.Philox(5))
    approvals = draw.random((50, 20)) < 0.2
    costs = (draw.integers(200, 15_000, 20) * 100).tolist()
    vote = BudgetVote(
        tuple(BudgetProject(f"p{i}", c) for i, c in enumerate(costs)),
        tuple(f"v{i}" for i in range(50)),
        approvals,
        5_000_000,
    )
    monkeypatch.setattr(budget, "_run", _counted := _Counted(budget._run))
    outcome = equal_shares(vote)
    assert outcome.cost <= 5_000_000
    assert outcome.share is not None
    assert outcome.first_share is not None
    steps = int(outcome.share - outcome.first_share)
    assert steps > 20_000
    assert _counted.runs < 2_000
    # one yuan more would overspend, or nothing more fits
    more = share_run(vote.costs, vote.supporters, outcome.share + 1)
    spent = sum(vote.costs[i] for i in more.projects)
    left = min(
        (c for p, c in zip(vote.projects, costs, strict=True) if p.id not in outcome.funded), default=0
    )
    assert spent > vote.budget or left > outcome.unspent
