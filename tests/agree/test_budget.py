"""Budgets: the published example, hand cases, and random votes against plain fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import budget_shares
from hutong.agree.budget import BudgetProject, BudgetVote, equal_shares, greedy_budget
from hutong.agree.budget_shares import Supporters, share_run
from hutong.errors import HutongError


def plain_run(costs: list[int], approvals: np.ndarray, share: Fraction) -> list[tuple[int, Fraction]]:
    """Equal shares as it is defined, in fractions, without any short cut: (project, ρ · cost) in order."""
    money = [share] * len(approvals)
    left = [p for p in range(len(costs)) if approvals[:, p].any()]
    out = []
    while True:
        best = None
        for p in left:
            who = [v for v in range(len(approvals)) if approvals[v, p]]
            if sum((money[v] for v in who), Fraction(0)) < costs[p]:
                continue
            rest, rich = Fraction(costs[p]), sorted(who, key=lambda v: money[v])
            while money[rich[0]] * len(rich) < rest:
                rest -= money[rich.pop(0)]
            pays = rest / len(rich)
            key = (pays / costs[p], costs[p], -len(who), p)
            if best is None or key < best[0]:
                best = (key, p, pays, who)
        if best is None:
            return out
        _, p, pays, who = best
        for v in who:
            money[v] -= min(money[v], pays)
        left.remove(p)
        out.append((p, pays))


def plain_equal_shares(vote: BudgetVote) -> list[int]:
    """Add1 completion and greedy filling, plainly."""
    costs = list(vote.costs)
    share = Fraction(vote.budget, len(vote.voters))
    got = [p for p, _ in plain_run(costs, vote.approvals, share)]
    wanted = {p for p in range(len(costs)) if vote.votes[p]}
    while wanted - set(got):
        left = vote.budget - sum(costs[p] for p in got)
        if all(costs[p] > left for p in wanted - set(got)):
            break
        share += 1
        more = [p for p, _ in plain_run(costs, vote.approvals, share)]
        if sum(costs[p] for p in more) > vote.budget:
            break
        got = more
    left = vote.budget - sum(costs[p] for p in got)
    for p in sorted(wanted - set(got), key=lambda p: (-vote.votes[p], costs[p], p)):
        if costs[p] <= left:
            got.append(p)
            left -= costs[p]
    return got


def make(costs: list[int], approvals: np.ndarray, budget: int) -> BudgetVote:
    projects = tuple(BudgetProject(f"p{i}", c) for i, c in enumerate(costs))
    return BudgetVote(
        projects, tuple(f"v{i}" for i in range(len(approvals))), np.asarray(approvals, bool), budget
    )


#: The authors' worked example (equalshares.net, Explanation, example 1): 11 voters, 1,100 to spend.
EXAMPLE = {
    "bike path": (700, (0, 1, 2, 3, 4, 5, 10)),
    "outdoor gym": (400, (0, 1, 2, 3, 4, 5)),
    "new park": (250, (1, 3, 4, 6, 9)),
    "new playground": (200, (6, 7, 8, 9)),
    "library for kids": (100, (6, 8, 9)),
}


def example() -> BudgetVote:
    ballots: dict[str, list[str]] = {f"v{i}": [] for i in range(11)}
    for name, (_, who) in EXAMPLE.items():
        for i in who:
            ballots[f"v{i}"].append(name)
    return BudgetVote.from_ballots([BudgetProject(n, c) for n, (c, _) in EXAMPLE.items()], ballots, 1100)


def test_the_authors_worked_example():
    vote = example()
    outcome = equal_shares(vote, complete=False, fill=False)
    assert outcome.funded == ("bike path", "new playground", "library for kids")
    assert [p.pays for p in outcome.purchases] == [100, 50, Fraction(100, 3)]
    assert [(p.payers, p.poor) for p in outcome.purchases] == [(7, 0), (4, 0), (3, 0)]
    assert (outcome.first_share, outcome.cost, outcome.unspent) == (100, 1000, 100)
    assert greedy_budget(vote).funded == ("bike path", "outdoor gym")


def test_the_example_printed_in_the_paper():
    # Peters, Pierczyński and Skowron (2021), example 4, as the tests of abcvoting give it: 22 people, 11 works of one
    # price each. 0-3 are wanted by fifteen, who pay 1/15 each time and keep 1/2 - 4/15 = 7/30; 4-6 by six, who pay 1/6
    # three times and have nothing left; so of 7-11 three people's 7/30 remain, 7/10, which does not buy one.
    fifteen = [[0, 1, 2, 3, own] for own in (7, 8, 9, 10, 11) for _ in range(3)]
    ballots = fifteen + [list(range(4, 12))] * 3 + [[4, 5, 6]] * 3 + [[12, 13, 14, 15, 16]]
    approvals = np.zeros((22, 17), bool)
    for voter, wanted in enumerate(ballots):
        approvals[voter, wanted] = True
    vote = make([1] * 17, approvals, 11)
    outcome = equal_shares(vote, complete=False, fill=False)
    assert outcome.first_share == Fraction(1, 2)
    assert outcome.funded == tuple(f"p{i}" for i in range(7))
    assert [p.pays for p in outcome.purchases] == [Fraction(1, 15)] * 4 + [Fraction(1, 6)] * 3
    assert all(p.poor == 0 for p in outcome.purchases)
    # what the example is about (the rule lacks full justified representation): eighteen people could buy nine works,
    # five of which each of them approves; here none of them gets more than four
    nine = [0, 1, 2, 3, 7, 8, 9, 10, 11]
    assert Fraction(18 * 11, 22) == len(nine)
    got = approvals[:, :7].sum(axis=1)
    assert approvals[:18][:, nine].sum(axis=1).min() == 5
    assert got[:18].max() == 4


def test_poor_supporters_by_hand():
    # with equal rates the cheaper goes first
    approvals = np.array([[1, 1], [1, 1]], bool)
    assert share_run([30, 20], Supporters.of(approvals), Fraction(100)).projects == (1, 0)
    # six pay 40 of 50 for the first; two of them have 10 left for the second, so three pay (90 - 20) / 3
    approvals = np.zeros((9, 2), bool)
    approvals[:6, 0] = True
    approvals[4:, 1] = True
    run = share_run([240, 90], Supporters.of(approvals), Fraction(50))
    assert [(p.project, p.pays, p.payers, p.poor) for p in run.purchases] == [
        (0, 40, 6, 0),
        (1, Fraction(70, 3), 3, 2),
    ]


def test_ties_go_to_the_cheaper_then_to_the_list():
    two = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1]], bool)
    vote = make([300, 200, 200], two, 400)
    assert equal_shares(vote, complete=False).funded == ("p1", "p2")
    assert greedy_budget(vote).funded == ("p1", "p2")
    vote = make([200, 200], np.array([[1, 1], [1, 1]]), 200)
    assert equal_shares(vote).funded == greedy_budget(vote).funded == ("p0",)


def test_what_was_saved_from_a_majority_that_votes_alike():
    # 51 people want five red works, 49 five blue ones; there is money for five
    approvals = np.zeros((100, 10), bool)
    approvals[:51, :5] = True
    approvals[51:, 5:] = True
    vote = make([200] * 10, approvals, 1000)
    assert greedy_budget(vote).funded == ("p0", "p1", "p2", "p3", "p4")
    funded = equal_shares(vote).funded
    assert sum(p in ("p0", "p1", "p2", "p3", "p4") for p in funded) == 3
    assert len(funded) == 5


def test_completion_raises_the_share_by_units_and_stops_before_it_overspends():
    # each camp of 2 could buy 30 with 15 each; with 60 for 6 people the first share is 10
    approvals = np.zeros((6, 3), bool)
    for p in range(3):
        approvals[2 * p : 2 * p + 2, p] = True
    vote = make([30, 30, 30], approvals, 60)
    outcome = equal_shares(vote, fill=False)
    assert outcome.funded == ()  # at 15 all three are bought at once, which is too much
    assert outcome.share == 14
    assert equal_shares(vote).funded == ("p0", "p1")
    assert equal_shares(vote).filled == ("p0", "p1")
    vote = make([30, 30, 32], approvals, 60)
    outcome = equal_shares(vote, fill=False)
    assert (outcome.funded, outcome.share) == (("p0", "p1"), 15)
    assert equal_shares(vote, unit=6, fill=False).funded == ()


def test_exact_where_floats_would_fail():
    # a supporter of the second has exactly what the third payment asks after paying thirds and sevenths
    approvals = np.zeros((21, 3), bool)
    approvals[:7, 0] = True
    approvals[:3, 1] = True
    approvals[:1, 2] = True
    share = Fraction(10, 7) + Fraction(4, 3) + 5
    run = share_run([10, 4, 5], Supporters.of(approvals), share)
    assert [p.pays for p in run.purchases] == [Fraction(10, 7), Fraction(4, 3), 5]
    run = share_run([10, 4, 5], Supporters.of(approvals), share - Fraction(1, 10**30))
    assert run.projects == (0, 1)


@st.composite
def votes(draw: st.DrawFn) -> BudgetVote:
    projects = draw(st.integers(1, 6))
    people = draw(st.integers(1, 12))
    costs = draw(st.lists(st.integers(1, 30), min_size=projects, max_size=projects))
    cells = draw(st.lists(st.booleans(), min_size=projects * people, max_size=projects * people))
    return make(costs, np.reshape(cells, (people, projects)), draw(st.integers(0, 90)))


@settings(max_examples=150, deadline=None)
@given(votes())
def test_random_votes_against_plain_fractions(vote):
    outcome = equal_shares(vote)
    assert [int(p[1:]) for p in outcome.funded] == plain_equal_shares(vote)
    share = Fraction(vote.budget, len(vote.voters))
    run = share_run(vote.costs, vote.supporters, share)
    assert [(p.project, p.pays) for p in run.purchases] == plain_run(list(vote.costs), vote.approvals, share)
    assert outcome.cost <= vote.budget
    for step in run.purchases:  # each project is paid for in full, by payers and poor together
        assert step.pays * step.payers <= vote.costs[step.project]


@pytest.mark.parametrize("seed", range(4))
def test_a_town_against_plain_fractions(seed):
    draw = np.random.default_rng(seed)
    approvals = draw.random((120, 14)) < draw.uniform(0.05, 0.5, 14)
    vote = make([int(c) for c in draw.integers(50, 900, 14)], approvals, 3000)
    for share in (Fraction(3000, 120), Fraction(3000, 120) + 13):
        run = share_run(vote.costs, vote.supporters, share)
        assert [(p.project, p.pays) for p in run.purchases] == plain_run(list(vote.costs), approvals, share)
        assert len(run.purchases) > 2


@settings(max_examples=60, deadline=None)
@given(votes())
def test_groups_that_agree_get_their_due(vote):
    """EJR up to one project (Peters et al. 2021, theorem 2): checked over every group and set of projects."""
    n = len(vote.voters)
    run = share_run(vote.costs, vote.supporters, Fraction(vote.budget, n))
    bought = set(run.projects)
    costs = np.array(vote.costs)
    has = [sum(costs[p] for p in bought if vote.approvals[v, p]) for v in range(n)]
    for size in range(1, min(3, len(costs)) + 1):
        for wanted in combinations(range(len(costs)), size):
            group = [v for v in range(n) if vote.approvals[v, list(wanted)].all()]
            due = int(costs[list(wanted)].sum())
            if not group or due * n > len(group) * vote.budget:
                continue
            missing = [costs[p] for p in wanted if p not in bought]
            assert not missing or any(has[v] + max(missing) > due or has[v] >= due for v in group)


def test_nobody_votes_and_nothing_is_approved():
    nobody = BudgetVote((BudgetProject("a", 5),), (), np.zeros((0, 1), bool), 10)
    assert equal_shares(nobody).funded == greedy_budget(nobody).funded == ()
    silent = make([5], np.zeros((3, 1)), 10)
    assert equal_shares(silent).funded == greedy_budget(silent).funded == ()
    assert equal_shares(make([5], np.ones((3, 1)), 0)).funded == ()


def test_broken_votes_name_every_row():
    projects = [BudgetProject("a", 5), BudgetProject("a", 0), BudgetProject("b", 2.5)]  # type: ignore[arg-type]
    with pytest.raises(HutongError) as caught:
        BudgetVote(tuple(projects), ("x", "x"), np.zeros((1, 3), bool), -1)
    assert caught.value.code == "bad-budget-vote"
    assert len(caught.value.rows) == 6
    with pytest.raises(HutongError, match="broken in 2 places") as caught:
        BudgetVote.from_ballots([BudgetProject("a", 5)], {"x": ["a", "q"], "y": ["z"]}, 5)
    assert caught.value.rows == ("ballot of x: no project 'q'", "ballot of y: no project 'z'")
    with pytest.raises(HutongError) as caught:
        BudgetVote.from_table([BudgetProject("a", 5)], pd.DataFrame({"voter": ["x"]}), 5)
    assert caught.value.rows == ("column project is missing",)
    with pytest.raises(HutongError) as caught:
        BudgetVote.from_table(
            [BudgetProject("a", 5)], pd.DataFrame({"voter": ["x", None], "project": ["a", "a"]}), 5
        )
    assert caught.value.rows == ("row 1: empty",)
    with pytest.raises(HutongError):
        equal_shares(example(), unit=0)


def test_ballots_in_long_form_are_the_same():
    rows = [(f"v{i}", name) for name, (_, who) in EXAMPLE.items() for i in who]
    table = pd.DataFrame(rows, columns=["voter", "project"])
    vote = BudgetVote.from_table([BudgetProject(n, c) for n, (c, _) in EXAMPLE.items()], table, 1100)
    assert set(equal_shares(vote).funded) == set(equal_shares(example()).funded)


def test_sums_too_large_are_refused():
    vote = make([10**15], np.ones((10, 1)), 10**16)
    with pytest.raises(HutongError, match="too large"):
        equal_shares(vote)


@pytest.mark.parametrize("bits", [0, 1, 3])
@pytest.mark.parametrize("seed", range(8))
def test_bounds_too_wide_to_settle_anything_leave_it_to_exact_integers(monkeypatch, bits, seed):
    # with hardly a digit after the point nearly every comparison is open; the answer must not change
    monkeypatch.setattr(budget_shares, "_LEAST_BITS", 0)
    draw = np.random.default_rng(seed)
    approvals = draw.random((40, 9)) < draw.uniform(0.1, 0.6, 9)
    costs = [int(c) for c in draw.integers(20, 120, 9)]
    for share in (Fraction(500, 40), Fraction(700, 37), Fraction(25)):
        size = (int(40 * share) + 40).bit_length()
        monkeypatch.setattr(budget_shares, "_BITS", size + bits)
        run = share_run(costs, Supporters.of(approvals), share)
        assert [(p.project, p.pays) for p in run.purchases] == plain_run(costs, approvals, share)
