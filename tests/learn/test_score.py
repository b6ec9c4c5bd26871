"""Scores against plain definitions and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.learn.score import brier, calibration, crps, crps_normal, skill
from hutong.rng import generator


def slow_crps(x, y):
    return np.mean([abs(a - y) for a in x]) - 0.5 * np.mean([abs(a - b) for a in x for b in x])


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12), st.floats(-1e3, 1e3))
def test_equal_to_the_double_loop(x, y):
    assert crps([x], [y])[0] == pytest.approx(slow_crps(x, y), abs=1e-9)


def test_one_member_is_the_absolute_error():
    assert crps([[3.0]], [5.0]).tolist() == [2.0]


def test_the_normal_in_closed_form():
    """Gneiting and Raftery: at the mean, σ(√2 − 1)/√π."""
    assert crps_normal(0, 2, 0) == pytest.approx(2 * (np.sqrt(2) - 1) / np.sqrt(np.pi), rel=1e-12)
    many = generator(1, "crps").normal(1.0, 2.0, (1, 200_000))
    assert crps(many, [2.5])[0] == pytest.approx(float(crps_normal(1.0, 2.0, 2.5)), abs=0.01)


def test_brier():
    assert brier([1.0, 0.5, 0.2], [1, 0, np.nan]) == 0.125
    assert np.isnan(brier([0.5], [np.nan]))


def test_calibration_of_honest_and_of_narrow_forecasts():
    random = generator(2, "calibration")
    centre = random.normal(size=(400, 1))
    y = (centre + random.normal(size=(400, 1)))[:, 0]
    honest = calibration(centre + random.normal(size=(400, 500)), y)
    narrow = calibration(centre + 0.3 * random.normal(size=(400, 500)), y)
    assert ((honest.low <= honest.stated) & (honest.stated <= honest.high)).all()
    assert (narrow.high < narrow.stated).all()
    assert honest.forecasts == 400
    assert np.isnan(calibration(np.zeros((2, 3)), [np.nan, np.nan]).inside).all()


def test_skill_beside_a_plain_reference():
    random = generator(3, "skill")
    signal = random.normal(size=(60, 1))
    y = (signal + 0.3 * random.normal(size=(60, 1)))[:, 0]
    good, plain = signal + 0.3 * random.normal(size=(60, 200)), random.normal(size=(60, 200))
    found = skill(good, plain, y)
    assert found.low > 0.3
    assert found.low < found.skill < found.high
    assert skill(plain, plain, y).skill == 0
    late = skill(good, plain, np.where(np.arange(60) < 57, np.nan, y))
    assert (late.forecasts, late.waiting) == (3, 57)
    assert np.isnan(late.low)
    assert np.isnan(skill(good, plain, np.full(60, np.nan)).skill)
    with pytest.raises(HutongError, match="differ in number"):
        skill(good, plain[:5], y)
