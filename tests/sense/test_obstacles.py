from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense.obstacles import main_obstacles, obstacle_degrees


def test_by_hand():
    # Lacking: .5 × .4, .3 × 1, .2 × 0 = .2, .3, 0.
    np.testing.assert_allclose(obstacle_degrees([[0.6, 0.0, 1.0]], [0.5, 0.3, 0.2]), [[0.4, 0.6, 0]])


def test_unknown_is_left_out_and_nothing_lacking_is_no_obstacle():
    got = obstacle_degrees([[0.5, np.nan, 0.5], [1, 1, 1]], [1, 5, 3])
    np.testing.assert_allclose(got, [[0.25, np.nan, 0.75], [0, 0, 0]])
    assert main_obstacles(got) == ((2, 0), ())


@given(st.lists(st.floats(0, 0.99), min_size=2, max_size=8))
def test_degrees_sum_to_one(scores):
    got = obstacle_degrees([scores], np.ones(len(scores)))
    assert got.sum() == pytest.approx(1)
    assert scores[main_obstacles(got)[0][0]] == pytest.approx(min(scores), abs=1e-12)


def test_at_most_so_many():
    assert main_obstacles([[0.1, 0.4, 0.3, 0.2]], most=2) == ((1, 2),)


@pytest.mark.parametrize(
    ("scores", "weights"), [([[1.1]], [1]), ([[0.1]], [-1]), ([[0.1]], [1, 1]), ([0.1], [1])]
)
def test_what_makes_no_sense_is_refused(scores, weights):
    with pytest.raises(HutongError):
        obstacle_degrees(scores, weights)
