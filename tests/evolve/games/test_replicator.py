from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.evolve.games import equilibria, growth, jacobian, make_game, path

RPS = make_game([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
whole = st.integers(-5, 5)


@given(a=whole, b=whole, c=whole, d=whole)
def test_two_by_two_has_its_closed_form(a, b, c, d):
    """Zeeman 1980: the mixed point is (b − d)/(b − d + c − a), stable where each strategy invades the other."""
    found = {e.support[0]: e for e in equilibria(make_game([[a, b], [c, d]])).points}
    assert found[(0,)].kind == ("stable" if a > c else "unstable" if a < c else "neutral")
    assert found[(1,)].kind == ("stable" if d > b else "unstable" if d < b else "neutral")
    inside = (c > a and b > d) or (c < a and b < d)
    assert ((0, 1) in found) == inside
    if inside:
        mixed = found[(0, 1)]
        share = (b - d) / (b - d + c - a)
        assert mixed.state[0] == pytest.approx([share, 1 - share])
        assert mixed.kind == ("stable" if c > a else "unstable")
        slope = -share * (1 - share) * (b - d + c - a)
        assert mixed.eigenvalues == pytest.approx([slope])


def test_small_orbits_of_zero_sum_rock_paper_scissors_take_two_pi_root_three():
    middle = equilibria(RPS).points[-1]
    assert middle.kind == "neutral"
    assert 2 * math.pi / abs(middle.eigenvalues[0].imag) == pytest.approx(10.882796, abs=1e-6)
    times = np.linspace(0, 12, 24_001)
    (shares,) = path(RPS, (np.array([1 / 3 + 1e-4, 1 / 3, 1 / 3 - 1e-4]),), times)
    off = shares[:, 0] - shares[:, 1]  # one phase of the orbit; its second rise through zero is one period on
    rises = times[1:][(off[:-1] < 0) & (off[1:] >= 0)]
    falls = times[1:][(off[:-1] > 0) & (off[1:] <= 0)]
    assert abs(rises[0] - falls[0]) * 2 == pytest.approx(2 * math.pi * math.sqrt(3), abs=2e-3)


def test_zero_sum_rock_paper_scissors_keeps_its_product():
    (shares,) = path(RPS, (np.array([0.6, 0.3, 0.1]),), np.linspace(0, 50, 101))
    products = shares.prod(axis=1)
    assert np.ptp(products) < 1e-8 * products[0]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_the_jacobian_is_the_derivative_of_growth(seed, sizes):
    rng = np.random.default_rng(seed)
    shape = (sizes[0], sizes[0]) if len(sizes) == 1 else tuple(sizes)
    game = make_game(*rng.normal(size=(len(sizes), *shape)))
    state = [rng.dirichlet(np.ones(s)) for s in sizes]
    exact = jacobian(game, state)
    columns = []
    for i, s in enumerate(sizes):
        for k in range(s - 1):
            shifted = []
            for sign in (1, -1):
                other = [x.copy() for x in state]
                other[i][k] += sign * 1e-6
                other[i][-1] -= sign * 1e-6
                shifted.append(np.concatenate([g[:-1] for g in growth(game, other)]))
            columns.append((shifted[0] - shifted[1]) / 2e-6)
    numeric = np.array(columns).T if columns else np.zeros((0, 0))
    assert np.allclose(exact, numeric, atol=1e-7)


def test_logistic_growth_of_a_dominant_strategy():
    game = make_game([[2.0, 2.0], [1.0, 1.0]])
    times = np.linspace(0, 5, 6)
    (shares,) = path(game, (np.array([0.1, 0.9]),), times)
    odds = 0.1 / 0.9 * np.exp(times)
    assert shares[:, 0] == pytest.approx(odds / (1 + odds), abs=1e-9)


@pytest.mark.parametrize("start", [[0.5, 0.6, -0.1], [0.5, 0.4, 0.0], [1.0, 0.0]])
def test_a_start_off_the_simplex_is_an_error(start):
    with pytest.raises(HutongError, match="add up to 1"):
        path(RPS, (np.array(start),), np.array([0.0, 1.0]))
