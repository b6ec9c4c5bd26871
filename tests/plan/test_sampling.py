"""Draws: strata, marginals and rank correlations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hutong.errors import HutongError
from hutong.plan.sampling import latin_hypercube, quantiles, rank_correlate, triangular, waiting_years


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 200), st.integers(1, 4), st.integers(0, 9))
def test_each_part_of_each_column_is_drawn_once(draws: int, columns: int, seed: int) -> None:
    u = latin_hypercube(draws, columns, seed)
    assert (np.sort(np.floor(u * draws), axis=0) == np.arange(draws)[:, None]).all()
    assert (u == latin_hypercube(draws, columns, seed)).all()


def test_rank_correlations_come_close_and_values_stay() -> None:
    target = np.array([[1, 0.7, 0], [0.7, 1, -0.4], [0, -0.4, 1.0]])
    u = latin_hypercube(20_000, 3, 1)
    out = rank_correlate(u, target, 1)
    assert (np.sort(out, axis=0) == np.sort(u, axis=0)).all()
    found = stats.spearmanr(out).statistic
    pearson_to_rank = 6 / np.pi * np.arcsin(target / 2)  # scores are normal
    assert np.abs(found - pearson_to_rank).max() < 0.01
    assert np.abs(found - target).max() < 0.03
    assert (rank_correlate(u[:, :1], np.eye(1), 1).shape) == (20_000, 1)


def test_impossible_correlations_are_refused() -> None:
    for target in (
        np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]),
        np.array([[1, 0.2], [0.4, 1]]),
        np.diag([1.0, 2.0]),
    ):
        with pytest.raises(HutongError) as caught:
            rank_correlate(latin_hypercube(50, len(target), 1), target, 1)
        assert caught.value.code == "bad-correlation"


def test_triangular_is_scipy_s() -> None:
    u = np.linspace(0.001, 0.999, 50)
    assert triangular(u, -1, 0, 3) == pytest.approx(stats.triang(0.25, -1, 4).ppf(u))
    assert triangular(u, -1, -1, 3) == pytest.approx(stats.triang(0, -1, 4).ppf(u))
    assert (triangular(u, 2, 2, 2) == 2).all()


def test_events_happen_as_often_as_said_and_rise_with_u() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    loss = quantiles(u, {"probability": 0.15, "low": -0.2, "mode": -0.1, "high": 0})
    assert (loss < 0).mean() == pytest.approx(0.15)
    assert (np.diff(loss) >= 0).all()
    extra = quantiles(u, {"probability": 0.2, "low": 1, "mode": 2, "high": 3})
    assert (extra >= 1).mean() == pytest.approx(0.2)
    assert (np.diff(extra) >= 0).all()


def test_waiting_years_have_the_chance_of_each_year() -> None:
    years = waiting_years(latin_hypercube(50_000, 1, 2)[:, 0], 0.1)
    assert (years < 1).mean() == pytest.approx(0.1, abs=1e-3)
    assert (years < 2).mean() == pytest.approx(1 - 0.9**2, abs=1e-3)
