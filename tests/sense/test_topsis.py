from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense.topsis import ranks, topsis


@pytest.mark.parametrize("seed", range(5))
def test_equals_pymcdm(seed):
    from pymcdm.methods import TOPSIS
    from pymcdm.normalizations import vector_normalization

    rng = np.random.default_rng(seed)
    matrix = rng.uniform(0, 10, (12, 5))
    matrix[3, 1] = matrix[5, 2] = 0.0
    matrix[:, 4] = 2.5  # constant
    weights, benefit = rng.dirichlet(np.ones(5)), rng.random(5) < 0.5
    want = TOPSIS(vector_normalization)(matrix, weights, np.where(benefit, 1, -1))
    np.testing.assert_allclose(topsis(matrix, weights, benefit), want, rtol=0, atol=1e-9)


def test_by_hand():
    # Norms 5 and 1: v = (.3, 0), (.4, .5); best (.4, 0), worst (.3, .5) as the second is a cost.
    got = topsis([[3, 0], [4, 1]], [0.5, 0.5], [True, False])
    np.testing.assert_allclose(got, [0.5 / 0.6, 0.1 / 0.6])


def test_zeros_constants_and_unknowns():
    got = topsis([[0, 1, 7], [0, 2, 7], [0, np.nan, 7], [0, 3, 7]], [1, 1, 1])
    np.testing.assert_allclose(got, [0, 0.5, np.nan, 1])
    assert topsis([[2, 2], [2, 2]], [1, 3]).tolist() == [0.5, 0.5]
    assert np.isnan(topsis([[np.nan]], [1])).all()
    np.testing.assert_allclose(topsis([[1e200], [2e200], [3e200]], [1]), [0, 0.5, 1])


@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_units_do_not_matter_and_dominance_holds(seed, scale):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (6, 3))
    x[0] = x.max(axis=0)
    got = topsis(x, [1, 2, 3])
    assert got[0] == pytest.approx(1)
    np.testing.assert_allclose(topsis(x * scale, [10, 20, 30]), got, atol=1e-9)


@pytest.mark.parametrize(
    ("matrix", "weights", "benefit"),
    [([1, 2], [1], None), ([[1, np.inf]], [1, 1], None), ([[1, 2]], [1], None), ([[1, 2]], [0, 0], None),
     ([[1, 2]], [1, -1], None), ([[1, 2]], [1, 1], [True])],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(matrix, weights, benefit):
    with pytest.raises(HutongError):
        topsis(matrix, weights, benefit)


def test_equal_ones_share_the_smaller_rank():
    np.testing.assert_array_equal(ranks([0.2, 0.9, np.nan, 0.2, 0.1]), [2, 1, np.nan, 2, 4])
