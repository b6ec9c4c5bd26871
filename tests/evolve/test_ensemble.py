from __future__ import annotations

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve import PARTS, SERIES, SETTINGS, run_ensemble
from hutong.evolve.ensemble import run_all, run_seeds
from hutong.evolve.parameters import default_parameters, parameter_infos
from hutong.evolve.runner import Threads
from hutong.sense import coupling_degree


@pytest.fixture(scope="module")
def ensemble(quarter, scheme, rules):
    return run_ensemble(quarter, scheme, rules, runs=8, months=60, seed=3)


def test_series_have_their_shape_and_range(ensemble):
    assert tuple(ensemble.series) == SERIES
    assert tuple(ensemble.parts) == PARTS
    for name, values in ensemble.series.items():
        assert values.shape == (4, 8, 61)
        assert np.all(values >= 0), name
        assert name == "requests_open" or np.all(values <= 1), name
    assert ensemble.band("value", 0).shape == (3, 61)
    assert ensemble.band("condition", 2, (0.5,)).shape == (1, 61)


def test_coupling_is_that_of_sense(ensemble):
    three = np.stack([ensemble.series[k] for k in ("value", "governance", "space")], axis=-1)
    assert np.array_equal(ensemble.series["coupling"], coupling_degree(three))


def test_all_settings_begin_alike_and_then_differ(ensemble):
    for name in SERIES:
        first = ensemble.series[name][:, :, 0]
        assert np.array_equal(first, np.broadcast_to(first[0], first.shape)), name
    last = ensemble.series["support"][:, :, -1]
    assert len(np.unique(last, axis=0)) == 4


def test_one_and_two_threads_give_the_same_bytes(quarter, scheme, rules, ensemble):
    again = run_ensemble(quarter, scheme, rules, runs=8, months=60, seed=3, threads=2)
    for name, values in {**ensemble.series, **ensemble.parts}.items():
        assert values.tobytes() == {**again.series, **again.parts}[name].tobytes(), name
    assert again.recipe == ensemble.recipe


def test_a_setting_or_run_does_not_depend_on_the_others(quarter, scheme, rules):
    every = run_ensemble(quarter, scheme, rules, runs=5, months=24, vary=False)
    alone = run_ensemble(quarter, scheme, rules, runs=3, months=24, vary=False, settings=SETTINGS[:1:-1])
    assert np.array_equal(alone.series["value"][0], every.series["value"][3, :3])
    assert np.array_equal(alone.series["trust"][1], every.series["trust"][2, :3])


def test_another_seed_gives_another_future(quarter, scheme, rules, ensemble):
    other = run_ensemble(quarter, scheme, rules, runs=8, months=60, seed=4)
    assert not np.array_equal(other.series["value"], ensemble.series["value"])


def test_common_chance_makes_differences_sharper(quarter, scheme, rules):
    done = run_ensemble(quarter, scheme, rules, runs=30, months=60, vary=False)
    before, after = done.series["trust"][0, :, -1], done.series["trust"][1, :, -1]
    assert (after - before).var() < before.var() + after.var()


def test_progress_counts_to_the_end(quarter, scheme, rules):
    seen = []
    run_ensemble(quarter, scheme, rules, runs=2, months=2, progress=lambda *told: seen.append(told[:2]))
    assert seen[-1] == (8, 8)
    assert seen == sorted(seen)


def test_every_parameter_is_listed_as_an_assumption(ensemble):
    lines = {text.en for text in ensemble.assumptions}
    for info in parameter_infos():
        assert info.assumption.en in lines
        assert ("assumed" in info.assumption.en) == (info.confidence == "U")
    assert all(text.zh and text.en for text in ensemble.assumptions)


def test_the_recipe_names_what_was_run(ensemble, quarter, rules):
    recipe = ensemble.recipe
    assert (recipe["city"], recipe["rules"], recipe["seed"]) == (quarter.hash, rules.hash, 3)
    assert len(recipe["parameters"]) == ensemble.parameters.shape[1]


@pytest.mark.parametrize("wrong", [{"runs": 0}, {"months": 0}, {"threads": 0}, {"settings": ()}])
def test_nothing_to_run_is_an_error(quarter, scheme, rules, wrong):
    with pytest.raises(HutongError) as caught:
        run_ensemble(quarter, scheme, rules, **wrong)
    assert caught.value.code == "bad-ensemble"


def test_a_failing_run_is_not_swallowed(world):
    with pytest.raises(ZeroDivisionError):
        run_all(
            world,
            SETTINGS,
            np.stack([default_parameters({"imitation_noise": 0.0})]),
            12,
            run_seeds(1, 1),
            Threads(2),
        )
