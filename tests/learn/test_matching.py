"""The effect of works: known answers, coverage of the interval, and what cannot be told."""

import numpy as np
import pytest

from hutong.learn.matching import matched_effect
from hutong.rng import generator


def world(seed, n=400, effect=-1.0, drift=0.3):
    """Older buildings are worse, worsen faster, and get works more often: a plain before-after would mislead."""
    random = generator(seed, "test matching")
    age = random.uniform(10, 60, n)
    before = 1 + age / 20 + random.normal(0, 0.3, n)
    works = random.uniform(size=n) < 1 / (1 + np.exp(-(age - 40) / 8))
    after = before + drift * age / 30 + random.normal(0, 0.3, n) + effect * works
    earlier = before - drift * age / 30 + random.normal(0, 0.3, n)
    return before, after, works, age, earlier


def slow_att(change, works, x, matches):
    """The same by definition, one unit at a time."""
    treated, others = np.flatnonzero(works), np.flatnonzero(~works)
    used = dict.fromkeys(others, 0)
    gains = []
    for i in treated:
        near = sorted(others, key=lambda j: ((x[i] - x[j]) ** 2).sum())[:matches]
        for j in near:
            used[j] += 1
        gains.append(change[i] - np.mean([change[j] for j in near]))
    tau = np.mean(gains)
    variance = sum((g - tau) ** 2 for g in gains)
    for j in others:
        near = sorted(others, key=lambda k: ((x[j] - x[k]) ** 2).sum())[:3]
        variance += used[j] * (used[j] - 1) / matches**2 * np.var([change[k] for k in near], ddof=1)
    return tau, np.sqrt(variance) / len(treated)


def test_equal_to_the_definition():
    before, after, works, age, _ = world(1, n=80)
    found = matched_effect(before, after, works, age)
    x = np.column_stack([age, before])
    tau, se = slow_att(after - before, works, (x - x.mean(0)) / x.std(0), 3)
    assert found.estimate == pytest.approx(tau, rel=1e-12)
    assert found.se == pytest.approx(se, rel=1e-12)


def test_it_finds_the_effect_that_a_plain_comparison_misses():
    before, after, works, age, earlier = world(2, n=2000)
    found = matched_effect(before, after, works, age, earlier=earlier)
    change = after - before
    plain = change[works].mean() - change[~works].mean()
    assert abs(found.estimate + 1) < 0.06
    assert abs(plain + 1) > 0.15
    assert found.known
    assert found.placebo is not None
    assert np.abs(found.balance).max() < 0.25


def test_the_interval_holds_what_it_says():
    """About 95 in 100 intervals hold the truth (effects drawn per world)."""
    inside = 0
    for seed in range(200):
        before, after, works, age, _ = world(seed, n=300, drift=0.0)
        found = matched_effect(before, after, works, age)
        inside += found.low <= -1.0 <= found.high
    assert 180 <= inside <= 198


def test_nothing_done_nothing_found():
    inside = 0
    for seed in range(60):
        before, after, works, age, _ = world(seed, n=300, effect=0.0, drift=0.0)
        found = matched_effect(before, after, works, age)
        inside += found.low <= 0 <= found.high
    assert inside >= 52


def test_a_difference_before_the_works_casts_doubt():
    before, after, works, age, earlier = world(3)
    spoiled = earlier - 1.0 * works
    assert matched_effect(before, after, works, age, earlier=spoiled).doubtful
    assert not matched_effect(before, after, works, age, earlier=before).doubtful


def test_unknown_cells_are_left_out_and_counted():
    before, after, works, age, _ = world(4)
    after = after.copy()
    after[:50] = np.nan
    found = matched_effect(before, after, works, age)
    assert found.left_out == 50
    assert found.treated + found.compared == 350


@pytest.mark.parametrize("few", ["treated", "others"])
def test_too_few_is_unknown_and_says_why(few):
    before, after, works, age, _ = world(5, n=60)
    works = np.zeros(60, bool) if few == "treated" else np.ones(60, bool)
    found = matched_effect(before, after, works, age)
    assert not found.known
    assert np.isnan(found.estimate)
    assert "too few" in found.reason.en
