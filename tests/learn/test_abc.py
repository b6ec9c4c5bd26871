"""Calibration: a posterior known in closed form, held-out patterns, and what cannot be fitted."""

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.learn.abc import Range, calibrate, weighted_quantile
from hutong.learn.patterns import Pattern, load_patterns
from hutong.rng import generator
from hutong.text import Text

T = Text("甲", "a")


def pattern(name, value, spread, use="fit"):
    return Pattern(name, T, name, "ratio", value, spread, use, T, "D")


def noisy(seed=1, noise=0.5):
    """A mean μ observed as the average of ten draws of spread ``noise``, and twice μ, held out."""
    random = generator(seed, "noisy")

    def simulate(theta):
        mean = theta[:, 0] + random.normal(0, noise / np.sqrt(10), len(theta))
        return np.column_stack([mean, 2 * theta[:, 0] + random.normal(0, 0.05, len(theta))])

    return simulate


def test_a_posterior_known_in_closed_form():
    """Flat prior, mean of ten draws: posterior N(value, noise/√10), up to the tolerance that remains."""
    fit = calibrate(
        noisy(), [Range("mu", -3, 5), Range("idle", 0, 1)], [pattern("m", 1.0, 0.02), pattern("twice", 2.0, 0.1, "hold")],
        particles=400, first=4000, waves=6, most_runs=100_000,
    )  # fmt: skip
    mean = np.average(fit.sample[:, 0], weights=fit.weights)
    sd = np.sqrt(np.average((fit.sample[:, 0] - mean) ** 2, weights=fit.weights))
    truth = 0.5 / np.sqrt(10)
    assert mean == pytest.approx(1.0, abs=4 * truth / np.sqrt(400))
    assert sd == pytest.approx(truth, rel=0.2)
    assert fit.narrowed[0] > 0.9
    assert fit.narrowed[1] < 0.15
    assert all(c.inside for c in fit.checks)
    low, high = fit.interval(0)
    assert low < 1.0 < high
    wide = fit.checks[1].before
    assert wide[1] - wide[0] > 3 * (fit.checks[1].high - fit.checks[1].low)


def test_a_held_pattern_that_does_not_follow_is_said():
    fit = calibrate(
        noisy(), [Range("mu", -3, 5)], [pattern("m", 1.0, 0.1), pattern("twice", 7.0, 0.1, "hold")], particles=100, first=1000
    )  # fmt: skip
    assert fit.checks[0].inside
    assert not fit.checks[1].inside


def test_nothing_plausible_is_said():
    fit = calibrate(
        noisy(),
        [Range("mu", -3, 5)],
        [pattern("m", 50.0, 0.1), pattern("b", 1, 1, "hold")],
        particles=50,
        first=500,
    )
    assert fit.plausible == 0
    assert fit.distance > 100
    assert not fit.checks[0].inside


def test_the_same_seed_gives_the_same_bytes():
    asked = ([Range("mu", -3, 5)], [pattern("m", 1.0, 0.1), pattern("b", 2, 1, "hold")])
    a, b = (calibrate(noisy(), *asked, particles=50, first=300) for _ in "ab")
    assert a.sample.tobytes() == b.sample.tobytes()
    assert calibrate(noisy(), *asked, particles=50, first=300, seed=2).sample.tobytes() != a.sample.tobytes()


def test_runs_are_bounded():
    fit = calibrate(noisy(), [Range("mu", -3, 5)], [pattern("m", 1.0, 0.001), pattern("b", 2, 1, "hold")],
                    particles=50, first=300, waves=50, most_runs=2000)  # fmt: skip
    assert fit.runs <= 2000


def test_runs_that_fail_are_far_away():
    def simulate(theta):
        return np.where(theta < 0, np.nan, theta)

    fit = calibrate(simulate, [Range("mu", -3, 5)], [pattern("m", 1.0, 0.1)], particles=50, first=500)
    assert (fit.sample >= 0).all()


@pytest.mark.parametrize(
    ("ranges", "patterns"),
    [
        ([Range("mu", 0, 1)], [pattern("m", 1, 1, "hold")]),
        ([], [pattern("m", 1, 1)]),
        ([Range("mu", 1, 1)], [pattern("m", 1, 1)]),
        ([Range("mu", 0, 1)], [pattern("m", 1, 1), pattern("n", 1, 1)]),
    ],
)
def test_bad_input(ranges, patterns):
    with pytest.raises(HutongError, match="cannot be calibrated"):
        calibrate(lambda theta: theta[:, :1], ranges, patterns, particles=20, first=50)


def test_weighted_quantiles_are_plain_ones_of_equal_weights():
    x = generator(1, "q").normal(size=1001)
    assert weighted_quantile(x, np.full(1001, 1 / 1001), (0.5,))[0] == np.sort(x)[500]


def test_documented_patterns():
    patterns = {p.id: p for p in load_patterns()}
    assert {p.use for p in patterns.values()} == {"fit", "hold"}
    assert patterns["surrender_share"].value == pytest.approx(1103 / 2394, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["patterns: {}", "patterns: {a: {title: {zh: x, en: x}}}", "patterns:\n  a: {title: {zh: x, en: x}, quantity: q, unit: u, value: 1, spread: 0, use: fit, source: {zh: x, en: x}, confidence: D}"]
)  # fmt: skip
def test_broken_patterns_are_named(tmp_path, text):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(HutongError, match="faulty"):
        load_patterns(tmp_path / "p.yaml")
