"""Beliefs: order does not matter, nothing known changes nothing, and simulated truth is found."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.learn.belief import NormalBelief, RatioBelief, ShareBelief
from hutong.rng import generator


def test_normal_by_hand():
    """Prior 0 ± 2 and an estimate 3 ± 1: weights 1 : 4."""
    after = NormalBelief(0, 2).learn(3, 1)
    assert after.mean == pytest.approx(2.4)
    assert after.sd == pytest.approx(math.sqrt(0.8))
    assert after.interval()[0] < 2.4 < after.interval()[1]
    assert NormalBelief(1, 1).learn(float("nan"), 1) == NormalBelief(1, 1)
    assert NormalBelief(1, 1).learn(5, float("nan")) == NormalBelief(1, 1)


@given(st.lists(st.floats(0.2, 5), min_size=1, max_size=8), st.integers(0, 8))
def test_all_at_once_or_one_after_the_other(ratios, cut):
    prior = RatioBelief.from_range(0.7, 1.0, 1.6)
    whole, parts = prior.learn(ratios), prior.learn(ratios[:cut]).learn(ratios[cut:])
    for name in ("mean", "weight", "shape", "scale"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-12)


def test_costs_that_run_over():
    random = generator(1, "belief")
    prior = RatioBelief.from_range(180, 320, 500)
    after = prior.learn(np.exp(random.normal(math.log(1.4), 0.2, 200)))
    assert after.ratio == pytest.approx(1.4, rel=0.04)
    low, high = after.interval()
    wide = after.interval(of_next=True)
    assert wide[0] < low < after.ratio < high < wide[1]
    assert prior.learn([float("nan"), 0.0]) == prior


def test_shares():
    prior = ShareBelief.from_share(0.25)
    after = prior.learn(1103, 2394)
    assert after.share == pytest.approx((2.5 + 1103) / (10 + 2394))
    assert after.interval()[0] < 0.46 < after.interval()[1]
    assert ShareBelief.from_share(0.0).yes == 1.0
