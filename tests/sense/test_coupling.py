from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from hutong.errors import HutongError
from hutong.sense.coupling import coupling, coupling_degree, entropy_weights

KNOWN = [
    ((0.9, 0.5, 0.5), 0.78, 0.64),
    ((0.3, 0.3, 0.3), 0.55, 0.55),
    ((0.8, 0.2, 0.6), 0.68, 0.52),
    ((0.05, 0.9, 0.9), 0.59, 0.44),
]

unit = st.floats(0, 1, allow_nan=False, width=32)
score_tables = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=5), elements=unit)


def slow_degree(u, form):
    """The formulas as printed, one number at a time."""
    n = len(u)
    if max(u) == 0:
        return 0.0
    if form == "standard":
        c = n * math.prod(u) ** (1 / n) / sum(u)
    else:
        apart = sum(math.sqrt((u[i] - u[j]) ** 2) for i in range(n) for j in range(i))
        c = math.sqrt(
            max(0.0, 1 - apart / (n * (n - 1) / 2)) * math.prod(x / max(u) for x in u) ** (1 / (n - 1))
        )
    return math.sqrt(c * sum(u) / n)


@pytest.mark.parametrize(("u", "standard", "corrected"), KNOWN)
def test_published_table(u, standard, corrected):
    assert round(float(coupling_degree(u, form="standard")), 2) == standard
    assert round(float(coupling_degree(u)), 2) == corrected


def test_corrected_ranks_balance_above_imbalance():
    lopsided, balanced = (0.05, 0.9, 0.9), (0.3, 0.3, 0.3)
    assert coupling_degree(lopsided, form="standard") > coupling_degree(balanced, form="standard")
    assert coupling_degree(lopsided) < coupling_degree(balanced)


@given(score_tables, st.sampled_from(["standard", "corrected"]))
def test_equals_the_plain_formula_over_any_leading_axes(u, form):
    got = coupling_degree(u, form=form)
    assert got.shape == u.shape[:-1]
    want = np.reshape([slow_degree(list(row), form) for row in u.reshape(-1, u.shape[-1])], got.shape)
    np.testing.assert_allclose(got, want, atol=1e-6)
    assert np.all((got >= 0) & (got <= 1))


@given(score_tables)
def test_order_of_subsystems_does_not_matter(u):
    np.testing.assert_allclose(coupling_degree(u), coupling_degree(u[..., ::-1]), atol=1e-12)


def test_weights_enter_the_level_only():
    u = (0.8, 0.2, 0.6)
    w = np.array([2.0, 1.0, 1.0])
    level = (0.8 * 2 + 0.2 + 0.6) / 4
    assert coupling_degree(u, w) == pytest.approx(math.sqrt(float(coupling(u)) * level))


def test_extremes_and_unknown():
    assert coupling_degree((1, 1, 1)) == 1
    assert coupling_degree((0, 0, 0)) == 0
    assert coupling_degree((0, 1, 1), form="standard") == 0
    assert np.isnan(coupling_degree((0.5, np.nan, 0.5)))


@pytest.mark.parametrize(
    "call",
    [
        lambda: coupling_degree([0.5]),
        lambda: coupling_degree([0.5, 1.5]),
        lambda: coupling_degree([0.5, 0.5], weights=[1]),
        lambda: coupling_degree([0.5, 0.5], weights=[0, 0]),
        lambda: coupling([0.5, 0.5], form="other"),
        lambda: entropy_weights([[-1.0, 0.5]]),
        lambda: entropy_weights([0.5, 0.5]),
    ],
)
def test_refuses(call):
    with pytest.raises(HutongError) as caught:
        call()
    assert caught.value.code == "invalid-scores"


def test_entropy_weights_by_hand():
    # Column 1: p = (.5, .5, 0): e = ln2/ln3.  Column 2 is constant: e = 1, weight 0.  Column 3: one case only: e = 0.
    x = np.array([[0.5, 0.4, 0.0], [0.5, 0.4, 0.0], [0.0, 0.4, 1.0]])
    told = np.array([1 - math.log(2) / math.log(3), 0.0, 1.0])
    np.testing.assert_allclose(entropy_weights(x), told / told.sum(), atol=1e-12)


def test_entropy_weights_without_information_are_equal():
    np.testing.assert_allclose(entropy_weights(np.full((4, 3), 0.7)), 1 / 3)
    np.testing.assert_allclose(entropy_weights(np.zeros((4, 2))), 1 / 2)
    np.testing.assert_allclose(entropy_weights([[0.1, 0.9]]), 1 / 2)
