"""Chances of passing: right where the answer is known, the same whatever is counted beside."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import NO, NONE, YES, pass_probability, pass_probability_groups, signing_rule, vote_rule
from hutong.agree.probability import CONSENT_STREAM, draw_ballots, share_in_favour
from hutong.errors import HutongError
from hutong.rng import uniform
from hutong.rules import load_rules

RULES = load_rules("beijing")
SPECIAL = vote_rule(RULES, 7)
AREA = np.full(12, 600_000)


def test_it_agrees_with_the_binomial_law():
    # all take part: 9 of 12 equal owners must consent
    exact = sum(math.comb(12, k) * 0.8**k * 0.2 ** (12 - k) for k in range(9, 13))
    drawn = pass_probability(AREA, 0.8, 1.0, SPECIAL, 20_000, seed=1)
    assert drawn == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 20_000))


def test_certain_cases():
    assert pass_probability(AREA, 1.0, 1.0, SPECIAL, 50, seed=1) == 1.0
    assert pass_probability(AREA, 0.0, 1.0, SPECIAL, 50, seed=1) == 0.0
    assert pass_probability(AREA, 1.0, 0.0, SPECIAL, 50, seed=1) == 0.0


def test_the_draws_are_those_of_the_named_uniform():
    ballots = np.empty((3, 4), np.int8)
    keys = np.array([7, 1, 900, 3])
    draw_ballots(5, CONSENT_STREAM, keys, 10, np.full(4, 0.8), np.full(4, 0.5), ballots)
    for d in range(3):
        for h in range(4):
            u = uniform(5, CONSENT_STREAM, keys[h], 10 + d)
            assert ballots[d, h] == (YES if u < 0.4 else NO if u < 0.8 else NONE)


def test_a_roll_fares_the_same_alone_in_any_order_and_in_chunks(monkeypatch):
    rng = np.random.default_rng(3)
    group, area = rng.integers(0, 6, 60), rng.integers(300_000, 900_000, 60)
    p_yes, p_part, keys = rng.random(60), 0.5 + rng.random(60) / 2, rng.permutation(1000)[:60]
    p_yes = 0.6 + 0.4 * p_yes
    together = pass_probability_groups(group, area, p_yes, p_part, 6, SPECIAL, 97, seed=2, entities=keys)
    assert 0 < together.mean() < 1
    order = rng.permutation(60)
    again = pass_probability_groups(
        group[order], area[order], p_yes[order], p_part[order], 6, SPECIAL, 97, seed=2, entities=keys[order]
    )
    assert np.array_equal(together, again)
    for g in range(6):
        m = group == g
        alone = pass_probability(area[m], p_yes[m], p_part[m], SPECIAL, 97, seed=2, entities=keys[m])
        assert alone == together[g]
    monkeypatch.setattr("hutong.agree.probability._CHUNK", 300)
    chunked = pass_probability_groups(group, area, p_yes, p_part, 6, SPECIAL, 97, seed=2, entities=keys)
    assert np.array_equal(together, chunked)
    other = pass_probability_groups(group, area, p_yes, p_part, 6, SPECIAL, 97, seed=3, entities=keys)
    assert not np.array_equal(together, other)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_better_offer_never_lowers_the_chance(seed, low, high, part):
    low, high = sorted((low, high))
    rule = signing_rule(RULES, "presigning")
    chance = [pass_probability(AREA, p, part, rule, 30, seed=seed) for p in (low, high)]
    assert chance[0] <= chance[1]


@pytest.mark.parametrize(
    "change",
    [
        {"p_yes": 1.1},
        {"p_yes": -0.1},
        {"p_yes": np.nan},
        {"p_take_part": [0.5, 0.5]},
        {"draws": 0},
        {"entities": np.arange(3)},
    ],
)
def test_chances_that_are_none_are_refused(change):
    given = {"p_yes": 0.5, "p_take_part": 0.5, "draws": 10, "entities": None, **change}
    with pytest.raises(HutongError) as caught:
        pass_probability(AREA, rule=SPECIAL, seed=1, **given)
    assert caught.value.code == "bad-draws"


def test_the_share_in_favour_has_the_mean_and_spread_of_its_draws():
    """Every outcome of seven heads with its probability; and the boundaries where nothing is left to chance."""
    area, chance = np.array([30, 45, 60, 60, 75, 90, 240]), np.array([0.2, 0.9, 0.5, 0.7, 1.0, 0.0, 0.6])
    for weight in (area, np.ones(7)):
        shares, odds = [], []
        for said in itertools.product((0, 1), repeat=7):
            shares.append(float(np.dot(weight, said) / weight.sum()))
            odds.append(float(np.prod(np.where(said, chance, 1 - chance))))
        mean = np.dot(shares, odds)
        found = share_in_favour(weight, chance)
        assert found == pytest.approx((mean, np.sqrt(np.dot((shares - mean) ** 2, odds))), abs=1e-12)
    assert share_in_favour([1, 1], [1.0, 0.0]) == (0.5, 0.0)
    for weight, p in (([], []), ([0.0], [0.5]), ([-1.0, 3.0], [0.5, 0.5]), ([1.0], [1.5]), ([np.inf], [0.5])):
        with pytest.raises(HutongError) as caught:
            share_in_favour(weight, p)
        assert caught.value.code == "bad-draws"
