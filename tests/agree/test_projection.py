"""Projections: intervals with known answers, and what is settled is settled."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hutong.agree import NO, NONE, YES, Roll, signing_rule, tally, vote_rule
from hutong.agree.projection import ASSUMES, project, settled, wilson
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")
SPECIAL, SIGNING = vote_rule(RULES, "special"), signing_rule(RULES, "willingness")


def roll_of(n: int) -> Roll:
    return Roll(tuple(f"h{i}" for i in range(n)), np.full(n, 600_000, np.int64))


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (47, 200)])
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_wilson_is_the_published_interval(hits, n, level):
    theirs = stats.binomtest(hits, n).proportion_ci(level, method="wilson")
    assert wilson(hits, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_of_nobody_nothing_is_known():
    assert all(math.isnan(x) for x in wilson(0, 0))
    for wrong in ((2, 1, 0.9), (-1, 1, 0.9), (1, 2, 1.0)):
        with pytest.raises(ValueError, match="level"):
            wilson(*wrong)


def test_the_heads_follow_the_beta_binomial():
    ballots = np.array([YES] * 30 + [NO] * 10 + [NONE] * 60, np.int8)
    found = project(roll_of(100), ballots, SIGNING, turnout_of_rest=1, seed=3, draws=20_000)
    exact = stats.betabinom(60, 30.5, 10.5)
    for got, q in zip(found.yes_heads, (0.05, 0.5, 0.95), strict=True):
        assert abs(got - 30 - exact.ppf(q)) <= 1
    assert found.yes_area_cm2 == tuple(h * 600_000 for h in found.yes_heads)
    assert found.passes == pytest.approx(float(exact.sf(36)), abs=0.02)  # 67 of 100 must be willing
    assert (found.yes_share, found.returned, found.heads) == (0.75, 40, 100)
    assert found.yes_share_low < 0.75 < found.yes_share_high
    assert found.assumes is ASSUMES
    assert found.settled is None


def test_same_seed_same_projection():
    ballots = np.array([YES] * 5 + [NO] * 3 + [NONE] * 9, np.int8)
    args = {"turnout_of_rest": 0.7, "seed": 1, "draws": 300}
    assert project(roll_of(17), ballots, SPECIAL, **args) == project(roll_of(17), ballots, SPECIAL, **args)
    groups = ["a"] * 8 + ["b"] * 9  # nobody of b has answered: the chance of all is taken
    assert 0 <= project(roll_of(17), ballots, SPECIAL, groups=groups, **args).passes <= 1


def test_groups_are_projected_each_by_its_own_returns():
    ballots = np.array([YES] * 20 + [NONE] * 20 + [NO] * 20 + [NONE] * 20, np.int8)
    groups = ["a"] * 40 + ["b"] * 40
    found = project(roll_of(80), ballots, SIGNING, groups=groups, turnout_of_rest=1, seed=1)
    assert abs(found.yes_heads[1] - 40) <= 1
    assert found.yes_heads[2] - found.yes_heads[0] < 12
    nobody = project(roll_of(80), ballots, SIGNING, turnout_of_rest=0, seed=1)
    assert nobody.yes_heads == (20, 20, 20)
    assert nobody.passes == 0


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from([NONE, NONE, YES, YES, NO]), min_size=1, max_size=6),
    st.sampled_from([SPECIAL, SIGNING]),
)
def test_settled_means_that_nothing_can_change_it(said, rule):
    ballots, roll = np.array(said, np.int8), roll_of(len(said))
    where = np.flatnonzero(ballots == NONE)
    ends = set()
    for choice in itertools.product([NONE, YES, NO], repeat=len(where)):
        tried = ballots.copy()
        tried[where] = choice
        ends.add(tally(roll, tried, rule).passed)
    expected = {(True,): "passed", (False,): "failed"}.get(tuple(ends))
    assert settled(roll, ballots, rule) == expected
    if (ballots != NONE).any():
        found = project(roll, ballots, rule, turnout_of_rest=0.5, seed=2, draws=50)
        assert found.settled == expected
        if expected is not None:
            assert found.passes == (expected == "passed")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ballots": [NONE] * 3},
        {"ballots": [YES] * 2},
        {"turnout_of_rest": 1.5},
        {"level": 1.0},
        {"draws": 0},
        {"groups": ["a"]},
    ],
)
def test_without_a_return_nothing_is_projected(wrong):
    args = {"ballots": [YES, NO, NONE], "turnout_of_rest": 0.5, "seed": 1} | wrong
    with pytest.raises(HutongError) as caught:
        project(roll_of(3), np.array(args.pop("ballots"), np.int8), SPECIAL, **args)
    assert caught.value.code == "cannot-project"
