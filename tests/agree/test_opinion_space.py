"""The opinion plane against a full singular value decomposition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import opinion_space as module
from hutong.agree.opinion_space import gram, leading_axes, opinion_space, pair_counts
from hutong.agree.opinion_votes import Votes
from hutong.rng import generator


def crowd(people: int, statements: int, density: float, seed: int = 1) -> np.ndarray:
    draw = generator(seed, "test crowd")
    camp = draw.choice(3, size=people, p=[0.5, 0.3, 0.2])
    lean = draw.random((3, statements))
    votes = np.where(draw.random((people, statements)) < lean[camp], 1.0, -1.0)
    votes[draw.random((people, statements)) < 0.1] = 0
    votes[draw.random((people, statements)) > density] = np.nan
    votes[:, 0] = 1.0  # everyone votes on something; a statement all agree on has no spread
    return votes


def reference(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean imputation, full SVD, projection and √(n/m) scaling, as the paper writes them."""
    filled = np.where(np.isnan(matrix), np.nanmean(matrix, axis=0), matrix)
    centred = filled - filled.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=True)[2][:2].T
    axes = axes * np.sign(axes[np.argmax(np.abs(axes), axis=0), [0, 1]])
    voted = (~np.isnan(matrix)).sum(axis=1)
    return axes, centred @ axes * np.sqrt(matrix.shape[1] / voted)[:, None]


@pytest.mark.parametrize(("people", "statements", "density"), [(30, 12, 0.6), (400, 60, 0.2), (50, 120, 0.9)])
def test_plane_is_that_of_the_full_svd(people: int, statements: int, density: float) -> None:
    matrix = crowd(people, statements, density)
    space = opinion_space(Votes.from_matrix(matrix), np.zeros(statements, dtype=bool))
    axes, positions = reference(matrix)
    np.testing.assert_allclose(space.axes, axes, atol=1e-9)
    np.testing.assert_allclose(space.positions, positions, atol=1e-8)


def test_sparse_and_dense_counting_agree_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = Votes.from_matrix(crowd(90, 20, 0.5))
    live = np.arange(20) != 3
    expected = []
    matrix = votes.matrix()[:, live]
    mask, vote = ~np.isnan(matrix), np.nan_to_num(matrix)
    expected = [mask.astype(int).T @ mask, vote.T @ mask, vote.T @ vote]
    for dense, chunk in ((0.0, 8192), (2.0, 8192), (0.0, 7), (2.0, 7)):
        monkeypatch.setattr(module, "DENSE", dense)
        monkeypatch.setattr(module, "CHUNK", chunk)
        for found, wanted in zip(pair_counts(votes, live), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_gram_is_symmetric_to_the_last_bit() -> None:
    votes = Votes.from_matrix(crowd(200, 25, 0.4))
    means = np.nanmean(votes.matrix(), axis=0)
    matrix = gram(votes, np.ones(25, dtype=bool), means)
    np.testing.assert_array_equal(matrix, matrix.T)


def test_hidden_statements_shape_no_axis_but_count_as_passed_in_the_scale() -> None:
    matrix = crowd(60, 15, 0.5)
    hidden = np.arange(15) >= 12
    space = opinion_space(Votes.from_matrix(matrix), hidden)
    passed = matrix.copy()
    passed[:, hidden] = 0
    axes, positions = reference(passed)
    np.testing.assert_allclose(space.axes, axes, atol=1e-9)
    np.testing.assert_allclose(space.positions, positions, atol=1e-8)


def test_no_spread_gives_no_axis() -> None:
    alike = Votes.from_matrix(np.ones((8, 3)))
    space = opinion_space(alike, np.zeros(3, dtype=bool))
    assert not space.axes.any()
    assert not space.positions.any()
    one = np.ones((8, 3))
    one[:4, 1] = -1  # one question divides: one axis, the other empty
    space = opinion_space(Votes.from_matrix(one), np.zeros(3, dtype=bool))
    np.testing.assert_allclose(space.axes[:, 0], [0, 1, 0], atol=1e-12)
    assert not space.axes[:, 1].any()
    assert not opinion_space(alike, np.ones(3, dtype=bool)).axes.any()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 10), st.integers(0, 10**6))
def test_leading_axes_are_eigenvectors(size: int, rank: int, seed: int) -> None:
    factor = generator(seed, "factor").random((size, rank)) - 0.3
    matrix = factor @ factor.T
    matrix = 0.5 * (matrix + matrix.T)
    axes, values = leading_axes(matrix)
    exact = np.sort(np.linalg.eigvalsh(matrix))[::-1][:2]
    np.testing.assert_allclose(
        values[: len(exact)], np.where(exact > 1e-9 * exact[0], exact, 0), atol=1e-9 * exact[0]
    )
    np.testing.assert_allclose(matrix @ axes, axes * values, atol=1e-9 * exact[0])
    for axis in axes.T[values > 0]:
        assert axis[np.argmax(np.round(np.abs(axis), 9))] > 0


def test_equal_variances_still_give_two_axes_at_right_angles() -> None:
    axes, values = leading_axes(np.eye(30))
    np.testing.assert_allclose(values, 1)
    np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-12)
