"""The model held against patterns: fitted ones shape it, held ones are predicted, what it cannot show is named."""

from dataclasses import replace

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve.calibrate import calibrate_model
from hutong.learn import load_patterns

SMALL = {"first": 120, "particles": 40, "waves": 2}


@pytest.fixture(scope="module")
def fit(quarter, scheme, rules):
    return calibrate_model(quarter, scheme, rules, **SMALL)


def test_every_pattern_is_fitted_predicted_or_named_as_absent(fit):
    shown = [c.pattern.id for c in fit.fit.checks] + [p.id for p in fit.absent]
    assert sorted(shown) == sorted(p.id for p in load_patterns())
    assert [p.id for p in fit.absent] == ["presigned_share", "rebuild_agreed_share"]
    assert {c.pattern.use for c in fit.fit.checks} == {"fit", "hold"}


def test_fitting_the_rates_narrows_what_drives_them(fit):
    narrowed = dict(zip([r.id for r in fit.fit.parameters], fit.fit.narrowed, strict=True))
    assert max(narrowed["resolve_digital"], narrowed["resolve_base"]) > 0.1
    for check in fit.fit.checks:
        assert check.low <= check.median <= check.high


def test_the_same_for_any_number_of_threads(quarter, scheme, rules, fit):
    again = calibrate_model(quarter, scheme, rules, threads=2, **SMALL)
    assert again.fit.sample.tobytes() == fit.fit.sample.tobytes()


def test_a_pattern_that_the_model_meets_exactly_is_found(quarter, scheme, rules):
    """Twin experiment: a rate within the prior's reach is reproduced."""
    easy = [replace(p, value=0.8, spread=0.02) for p in load_patterns() if p.quantity == "resolution_rate"]
    found = calibrate_model(quarter, scheme, rules, patterns=easy, first=200, particles=50, waves=2).fit
    assert found.checks[0].inside
    assert abs(found.checks[0].median - 0.8) < 0.04
    assert np.all(found.weights > 0)


def test_nothing_that_can_be_fitted(quarter, scheme, rules):
    strange = [replace(p, quantity="moon") for p in load_patterns()]
    with pytest.raises(HutongError, match="no pattern"):
        calibrate_model(quarter, scheme, rules, patterns=strange, **SMALL)
