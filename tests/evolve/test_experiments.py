"""The experiments: designs, verdicts, tables and answers, on known cases and on a small quarter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.evolve.dials import DIGITAL, MECHANISMS, make_dials
from hutong.evolve.experiments import (
    EXPERIMENTS,
    Bench,
    Experiment,
    experiment_named,
    policy,
    sensitivity,
    tipping,
)
from hutong.evolve.experiments import early_warning as warning
from hutong.evolve.experiments.claims import GROUPS, ask, breadth, claims_table, load_claims, verdict
from hutong.evolve.experiments.designs import (
    digital_settings,
    main_effect,
    mechanism_settings,
    mechanisms,
    single_steps,
)
from hutong.evolve.phases import BARGAINING, COLLABORATING, FRAGMENTED, phases
from hutong.evolve.results import PARTS, SERIES, Ensemble
from hutong.report import experiment_page


@pytest.fixture(scope="module")
def bench(quarter, scheme, rules) -> Bench:
    return Bench(quarter, scheme, rules, runs=2, months=24)


def made(settings, series=None, parts=None, runs=6, months=24) -> Ensemble:
    """Return an ensemble at one half throughout, but for what is given as a function of (setting, run, month)."""
    shape = (len(settings), runs, months + 1)
    full = {name: np.full(shape, 0.5) for name in SERIES}, {name: np.full(shape, 0.5) for name in PARTS}
    for target, given in zip(full, (series or {}, parts or {}), strict=True):
        for name, values in given.items():
            target[name] = np.broadcast_to(values, shape).copy()
    return Ensemble(tuple(settings), months, runs, full[0], {"months": months}, (), full[1])


def test_the_designs_are_factorial_and_begin_with_nothing():
    corners = mechanism_settings()
    assert len({s.dials for s in corners}) == 16
    assert corners[0].id == "none"
    assert corners[-1].id == "all"
    assert all(getattr(corners[0].dials, k) == 0 for k in (*MECHANISMS, *DIGITAL))
    assert mechanisms((0, 0, 1, 0))["sensing"] == 1.0
    assert len({s.dials for s in digital_settings()}) == 16
    ids = [s.id for s in (*corners, *digital_settings(), *single_steps())]
    assert len(ids) == len(set(ids))


def test_every_claim_names_settings_that_are_run_and_compares():
    ids = {s.id for s in (*mechanism_settings(), *digital_settings(), *single_steps())}
    for claim in load_claims():
        assert set(claim.weights) <= ids, claim.id
        assert sum(claim.weights.values()) == pytest.approx(0.0, abs=1e-12)
        assert claim.group in GROUPS
        assert claim.title.zh
        assert claim.title.en


def test_a_main_effect_is_found_and_the_others_are_nil():
    """y = 0.1·structure + 0.04·environment·results: main effects 0.1, 0.02, 0.02 and 0."""
    corners = mechanism_settings()
    y = {s.id: 0.1 * s.dials.structure + 0.04 * s.dials.environment * s.dials.results for s in corners}
    for name, expected in (("structure", 0.1), ("environment", 0.02), ("results", 0.02), ("means", 0.0)):
        weights = main_effect(MECHANISMS, name, "m", {"0000": "none", "1111": "all"})
        assert sum(w * y[k] for k, w in weights.items()) == pytest.approx(expected)


def test_verdicts_can_go_either_way():
    settings = (*mechanism_settings(), *digital_settings(), *single_steps())
    by = {s.id: k for k, s in enumerate(settings)}
    value = np.full((len(settings), 6, 1), 0.5)
    value[by["all"]] += 0.1  # value rises
    part = np.full((len(settings), 6, 1), 0.5)
    part[by["all"]] -= 0.2  # and participation falls
    done = np.full((len(settings), 6, 1), 0.5)
    done[by["clear"]] += np.array([1, -1, 1, -1, 1, -1])[:, None] * 0.1
    found = made(settings, {"value": value, "done": done}, {"participation": part})
    table = claims_table(found).set_index("id")
    assert table.loc["value", "verdict"].en == "holds"
    assert table.loc["participation", "verdict"].en == "the opposite"
    assert table.loc["mixed", "verdict"].en == "open"
    assert table.loc["value", "mean"] == pytest.approx(0.1)
    row = {"mean_low": 0.01, "mean_high": 0.05, "share_positive": 0.7, "share_negative": 0.3}
    assert verdict(row, 1) == "leans"
    assert verdict(row, -1) == "against"


def test_breadth_counts_the_kinds_of_value_that_gain():
    time = np.linspace(0, 0.2, 25)
    one = made(mechanism_settings()[:1], parts={"economic": 0.5 + time})
    two = made(mechanism_settings()[:1], parts={"economic": 0.5 + time, "social": 0.5 + time})
    assert breadth(one)[..., -1] == pytest.approx(0.0)
    assert breadth(two)[..., -1] == pytest.approx(1 / 3)


def test_phases_follow_their_rule():
    def of(trust, conflict, participation):
        found = made(
            mechanism_settings()[:1], {"trust": trust}, {"conflict": conflict, "participation": participation}
        )
        return phases(found)[0, 0, 0]

    assert of(0.4, 0.3, 0.3) == of(0.4, 0.1, 0.1) == FRAGMENTED
    assert of(0.4, 0.1, 0.3) == of(0.6, 0.4, 0.3) == of(0.6, 0.1, 0.1) == BARGAINING
    assert of(0.6, 0.1, 0.3) == COLLABORATING


def test_a_jump_is_a_tipping_point_and_a_slope_is_not():
    runs = np.zeros((tipping.LEVELS, 8))
    phase = np.zeros((tipping.LEVELS, 8), np.int8)
    jump = np.where(np.arange(tipping.LEVELS)[:, None] > 6, 0.8, 0.2) + runs
    row = tipping.row_of("structure", jump, phase)
    assert row["tips"].en == "yes"
    assert row["steepest_at"] == pytest.approx(0.65)
    slope = np.linspace(0.2, 0.8, tipping.LEVELS)[:, None] + runs
    assert tipping.row_of("structure", slope, phase)["tips"].en == "no"


def test_recovery_is_how_much_comes_back_and_how_fast():
    month, time = 10, np.arange(61)
    calm = np.full((2, 71), 0.6)
    hit = calm.copy()
    hit[:, month:] -= 0.2 * 0.5 ** (time / 24)  # half is gone after two years
    most, back, half = tipping.recovery(hit, calm, month)
    assert most == pytest.approx(0.2)
    assert half == pytest.approx(2.0, rel=0.01)
    assert back == pytest.approx(1 - 0.5 ** (54.5 / 24), abs=0.01)
    hit[:, month:] = 0.4
    assert tipping.recovery(hit, calm, month)[1:] == (pytest.approx(0.0), np.inf)
    hit[:, -3] = 0.39  # it is largest at the very end
    assert tipping.recovery(hit, calm, month)[2] == np.inf
    assert np.isnan(tipping.recovery(calm, calm, month)[1])
    hit[:, month + 20 :] = 0.7  # better than without it
    assert tipping.recovery(hit, calm, month)[1:] == (pytest.approx(1.5), 0.0)
    for case in ((0.2, 0.4, 3.0), (0.2, 0.0, np.inf), (0.2, 1.5, 0.0), (0.0, np.nan, np.nan)):
        line = tipping.said(tipping.TODAY.title, tipping.SHOCKS["trust"][0], *case)
        assert line.zh
        assert line.en
    slow = tipping.said(tipping.TODAY.title, tipping.SHOCKS["trust"][0], 0.2, 0.0, 169.0)
    assert "169" not in slow.en
    assert "30 years" in slow.en


def test_warning_skill_is_one_half_for_noise_and_one_for_a_sure_sign():
    rng = np.random.default_rng(1)
    noise = warning.skill(rng.random(200), rng.random(200), 1)
    assert noise["auc_low"] < 0.5 < noise["auc_high"]
    assert noise["false_alarms"] == pytest.approx(0.8, abs=0.1)
    sure = warning.skill(1 + rng.random(50), rng.random(50), 1)
    assert sure["auc"] == 1.0
    assert sure["false_alarms"] == 0.0
    few = rng.random(warning.ENOUGH - 1)
    assert np.isnan(warning.skill(few, rng.random(50), 1)["auc"])  # too few to say anything


def test_a_growing_swing_has_a_rising_variance():
    time = np.arange(80)
    swing = 5 + np.sin(time) * np.linspace(0.1, 3.0, 80)
    variance, _ = warning.trends(swing, 80)
    assert variance > 0.8
    assert warning.crossing(np.r_[np.zeros(10), np.full(8, 20.0)]) == 10
    assert warning.crossing(np.r_[np.zeros(10), np.full(4, 20.0), np.zeros(9)]) == -1


def test_policy_regrets_are_those_of_the_plan(bench):
    found = policy.ask(bench)
    ensemble = bench.run(policy.cross())
    values = (
        ensemble.series["done"][..., -12:].mean(-1).reshape(len(policy.SCENARIOS), len(policy.LEVERS), -1)
    )
    regret = values.max(axis=1, keepdims=True) - values
    table = found.table[found.table["group"].map(lambda t: t.en) == "share completed"].set_index("id")
    for k, lever in enumerate(policy.LEVERS):
        assert table.loc[lever.id, "mean"] == pytest.approx(regret[:, k].mean())
        assert table.loc[lever.id, "most"] == pytest.approx(regret[:, k].max())
        low, middle, high = found.bands["done"][lever.id]
        of_lever = ensemble.series["done"].reshape(*regret.shape[:2], *ensemble.series["done"].shape[1:])[
            :, k
        ]
        assert middle == pytest.approx(np.median(of_lever.reshape(-1, of_lever.shape[-1]), axis=0))
        assert (low <= middle).all()
        assert (middle <= high).all()


def test_claims_give_a_table_bands_and_a_page_and_read_back(bench, tmp_path):
    found = ask(bench)
    assert len(found.table) == len(load_claims())
    assert found.bands["coupling"]["all"].shape == (3, 25)
    assert found.recipe["settings"]["more_structure"]["structure"] == 1.0
    path = tmp_path / "result.json"
    path.write_text(found.to_json(), "utf-8")
    again = Experiment.from_json(path)
    assert again.answer == found.answer
    assert again.table["mean"].tolist() == pytest.approx(found.table["mean"].tolist())
    page = experiment_page(again)
    assert "for comparison: " in page
    assert page == experiment_page(found)
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert found.table["claim"].iloc[0].zh in page
    path.write_text("{}", "utf-8")
    with pytest.raises(HutongError) as caught:
        Experiment.from_json(path)
    assert caught.value.code == "not-an-experiment"


def test_sensitivity_ranks_every_parameter_and_shares_the_variance_of_a_few(bench, monkeypatch):
    """With the model replaced by a sum, the parameters in the sum come first and in their order."""
    from hutong.evolve.parameters import parameter_infos, parameter_names

    names = parameter_names()
    low = np.array([i.low for i in parameter_infos()])
    span = np.array([i.high - i.low for i in parameter_infos()])
    weight = {"temptation": 3.0, "penalty": 2.0}

    def plain_sum(_bench, table):
        unit = (table - low) / span
        return sum(w * unit[:, names.index(k)] for k, w in weight.items())

    monkeypatch.setattr(sensitivity, "effects", plain_sum)
    found = sensitivity.ask(bench)
    assert found.table["parameter"].tolist()[:2] == ["temptation", "penalty"]
    assert len(found.table) == len(names)
    assert found.table["mu_star"].iloc[0] == pytest.approx(3.0)
    assert found.table["total"].iloc[0] == pytest.approx(9 / 13, abs=0.15)
    assert found.table["total"].iloc[2:6].to_numpy(float) == pytest.approx(0.0, abs=1e-9)


def test_the_whole_of_the_rest_runs_on_a_small_quarter(quarter, scheme, rules):
    small = Bench(quarter, scheme, rules, runs=2, months=60)
    for name in ("tipping", "early-warning"):
        found = experiment_named(name)(small)
        assert isinstance(found.table, pd.DataFrame)
        assert len(found.table)
        assert all(t.zh and t.en for t in found.answer)
        assert experiment_page(found)
    effect = sensitivity.effects(
        small, np.stack([np.array([i.value for i in sensitivity.parameter_infos()])] * 2)
    )
    assert effect[0] == effect[1]


def test_unknown_names_are_refused():
    with pytest.raises(HutongError) as caught:
        experiment_named("claim")
    assert caught.value.code == "no-such-experiment"
    assert set(EXPERIMENTS) == {"levers", "claims", "sensitivity", "policy", "tipping", "early-warning"}
    for wrong, code in (
        ({"stucture": 1.0}, "no-such-dial"),
        ({"structure": 1.5}, "bad-dial"),
        ({"budget": -1.0}, "bad-dial"),
    ):
        with pytest.raises(HutongError) as caught:
            make_dials(**wrong)
        assert caught.value.code == code


def test_the_map_shows_the_futures_of_the_chart(bench):
    """Condition by building, weighted by who lives there, is the condition that the ensemble counts."""
    from hutong.evolve.by_building import by_building

    today = policy.LEVERS[0]
    seen = by_building(
        bench.city, bench.scheme, bench.rules, today, (1, 2), runs=bench.runs, seed=bench.seed, threads=2
    )
    assert seen.condition.shape == (2, 3, len(seen.rows))
    assert (np.diff(seen.condition, axis=1) >= 0).all()
    assert (np.diff(seen.renewed, axis=0) >= 0).all()
    assert ((seen.renewed >= 0) & (seen.renewed <= 1)).all()
    counted = bench.run((today,)).parts["condition"][0][:, [12, 24]].T  # of those who still live there
    assert seen.quarter == pytest.approx(counted, abs=0.02)
    again = by_building(bench.city, bench.scheme, bench.rules, today, (2,), runs=bench.runs, seed=bench.seed)
    assert np.array_equal(again.condition[0], seen.condition[1])
    with pytest.raises(HutongError) as caught:
        by_building(bench.city, bench.scheme, bench.rules, today, (2, 1), runs=2, seed=1)
    assert caught.value.code == "bad-years"
