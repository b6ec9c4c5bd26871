"""Pieces of the model against known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from hutong.evolve import bodies, households, office, operators
from hutong.evolve.departments import lend
from hutong.evolve.kernel import RAW
from hutong.evolve.parameters import default_parameters

from .evolve_case import run_once


@njit
def call_fermi(mine, other, noise):
    return households.fermi(mine, other, noise)


@njit
def call_remember(good, bad, limit):
    return households.remember(good, bad, limit)


@njit
def call_nearer(mine, other, mixing, bound):
    return households.nearer(mine, other, mixing, bound)


@njit
def call_faith(faith, p, m):
    return operators.next_faith(faith, p, m)


@njit
def call_lend(capacity, waiting, share):
    lend(capacity, waiting, share)


@njit
def call_sort(order, keys):
    office.sort_by(order, keys)


@njit
def call_centres(values):
    return office.polycentricity(values)


def test_idle_capacity_is_lent_and_none_is_lost():
    for share in (0.0, 0.5, 1.0):
        capacity, waiting = np.array([10.0, 5.0, 3.0, 0.0]), np.array([4.0, 9.0, 3.0, 4.0])
        call_lend(capacity, waiting, share)
        # six idle, four and four missing: half of what is idle goes to each
        assert capacity == pytest.approx([10 - 6 * share, 5 + 3 * share, 3.0, 3 * share])
        assert capacity.sum() == pytest.approx(18.0)


def test_the_order_of_projects_is_that_of_a_stable_sort():
    rng = np.random.default_rng(2)
    for size in (0, 1, 2, 3, 17, 200):
        keys = rng.integers(0, 9, size).astype(float)
        order = np.empty(size, np.int64)
        call_sort(order, keys)
        assert order.tolist() == np.argsort(keys, kind="stable").tolist()


def test_polycentricity_counts_centres():
    def of(*acts):
        return call_centres(np.array([0.0] * bodies.ACTS + list(acts)))

    assert of(0.0, 0.0, 0.0, 0.0) == of(7.0, 0.0, 0.0, 0.0) == 0.0
    assert of(3.0, 3.0, 0.0, 0.0) == pytest.approx(1 / 3)  # two equal centres of four
    assert of(2.0, 2.0, 2.0, 2.0) == pytest.approx(1.0)


def test_fermi_is_the_logistic_of_the_difference():
    for mine, other, noise in [(0.5, 0.5, 0.1), (0.2, 0.7, 0.1), (0.9, 0.1, 0.3), (0.0, 1.0, 0.5)]:
        exact = 1.0 / (1.0 + math.exp((mine - other) / noise))
        assert call_fermi(mine, other, noise) == pytest.approx(exact, abs=1e-3)
    assert call_fermi(0.3, 0.6, 0.1) + call_fermi(0.6, 0.3, 0.1) == pytest.approx(1.0, abs=1e-12)


def test_the_table_is_within_a_thousandth_everywhere():
    x = np.linspace(-12, 12, 5001)
    table = np.array([call_fermi(0.0, v, 1.0) for v in x])
    assert np.abs(table - 1.0 / (1.0 + np.exp(-x))).max() < 1e-3
    assert np.all(np.diff(table) >= 0)


def test_decoupled_logit_households():
    """Costs c ~ U(0, 1), benefit p: the mean of 1 / (1 + exp((c − p) / K)) has a closed form."""
    p, noise = 0.3, 0.1
    exact = 1.0 - noise * (math.log1p(math.exp((1 - p) / noise)) - math.log1p(math.exp(-p / noise)))
    assert exact == pytest.approx(0.304767588512, abs=1e-11)
    costs = (np.arange(20_000) + 0.5) / 20_000
    mean = np.mean([call_fermi(c, p, noise) for c in costs])
    assert mean == pytest.approx(exact, abs=2e-4)


def test_belief_is_beta_updating_until_memory_is_full():
    good, bad = 2.0, 3.0
    for kept in (1, 0, 1, 1):
        good, bad = call_remember(good + kept, bad + 1 - kept, 100.0)
    assert (good, bad) == (5.0, 4.0)  # Beta(2, 3) after three kept and one broken
    good, bad = call_remember(30.0, 10.0, 20.0)
    assert (good, bad) == (15.0, 5.0)  # the mean stays, the weight is the memory


def test_bounded_confidence_meets_or_stays():
    assert call_nearer(0.2, 0.5, 0.5, 0.4) == pytest.approx(0.35)
    assert call_nearer(0.2, 0.9, 0.5, 0.4) == 0.2


def test_good_faith_follows_the_replicator_equation():
    """dx/dt = r·x·(1 − x)·g has the logistic solution; small steps come near it, and the corners are fixed."""
    p = np.array(
        [(0.001, 0.3, 0.2, 0.1, 0.4, 0.15)],
        [
            (n, float)
            for n in (
                "faith_rate",
                "detection_base",
                "detection_digital",
                "detection_deliberation",
                "penalty",
                "temptation",
            )
        ],
    )[0]
    month = households.Month(
        1, **{**dict.fromkeys(households.Month._fields[1:], 0.0), "open": 1.0, "structure": 1.0}
    )
    gain = (0.3 + 0.2 + 0.1) * 0.4 - 0.15
    x = 0.3
    for _ in range(50_000):
        x = call_faith(x, p, month)
    odds = 0.3 / 0.7 * math.exp(0.001 * gain * 50_000)
    assert x == pytest.approx(odds / (1 + odds), abs=1e-4)
    assert call_faith(0.0, p, month) == 0.0
    assert call_faith(1.0, p, month) == 1.0


def test_the_share_with_own_interest_in_favour_is_the_predicted_acceptance(world):
    """With full information at the start, support at month 0 is the acceptance of the plan, but for chance."""
    known = default_parameters({"first_information": 1.0, "first_trust": 0.0, "first_noise": 0.0})
    lean = world.lean[world.stake == 1].astype(float)
    predicted = np.mean(1 / (1 + np.exp(-lean)))
    shares = []
    for seed in range(20):
        out = dict(zip(RAW, run_once(world, known, seed=seed, months=1), strict=True))
        shares.append(out["support"][0] / out["stake"][0])
    assert np.mean(shares) == pytest.approx(predicted, abs=0.02)


def test_streams_are_told_apart():
    assert (
        len({int(s) for s in (households.START, households.HOUSEHOLD, households.REQUEST, households.VOTE)})
        == 4
    )
