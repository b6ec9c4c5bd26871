from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve import SETTINGS, Ensemble, contrast, drivers, explain, one_at_a_time, run_ensemble
from hutong.evolve.contrast import CONTRAST_COLUMNS, OUTCOMES


def made(effects: dict[str, tuple[float, float, float]], runs: int = 40, noise: float = 0.0) -> Ensemble:
    """Return an ensemble whose outcomes have known effects: digital, deliberation, interaction."""
    rng = np.random.default_rng(1)
    luck = 0.1 * rng.random(runs)
    series, parts = {}, {}
    for name in ("value", "governance", "space", "coupling", "support", "trust", "done", "requests_open"):
        d, talk, both = effects.get(name, (0.0, 0.0, 0.0))
        rows = [
            0.4 + luck + d * s.digital + talk * s.deliberation + both * (s.digital and s.deliberation)
            for s in SETTINGS
        ]
        series[name] = np.repeat(np.array(rows)[:, :, None], 25, axis=2) + noise * rng.standard_normal(
            (4, runs, 1)
        )
    for name in ("condition", "service"):
        parts[name] = np.full((4, runs, 25), 0.5)
    return Ensemble(
        SETTINGS,
        24,
        runs,
        series,
        {"parameters": ("a", "b", "c")},
        (),
        parts,
        np.stack([luck, rng.random(runs), np.ones(runs)], axis=1),
    )


def test_known_effects_are_found_and_luck_cancels():
    table = contrast(made({"value": (0.1, -0.05, 0.02), "trust": (-0.2, 0.0, 0.0)})).set_index(
        ["effect", "outcome"]
    )
    assert tuple(table.reset_index().columns) == CONTRAST_COLUMNS
    # A main effect is the mean of its effect without and with the other factor.
    assert table.loc[("digital", "value"), "mean"] == pytest.approx(0.1 + 0.02 / 2)
    assert table.loc[("deliberation", "value"), "mean"] == pytest.approx(-0.05 + 0.02 / 2)
    assert table.loc[("interaction", "value"), "mean"] == pytest.approx(0.02)
    assert table.loc[("digital", "trust"), ["low", "high"]].tolist() == pytest.approx([-0.2, -0.2])
    assert table.loc[("digital", "trust"), "share_positive"] == 0.0
    assert table.loc[("digital", "fabric"), "mean"] == 0.0
    assert len(table) == 3 * len(OUTCOMES)


def test_pairing_is_worth_what_it_says():
    noisy = contrast(made({}, runs=400, noise=0.01)).set_index(["effect", "outcome"])
    row = noisy.loc[("digital", "value")]
    assert row["mean_low"] < 0 < row["mean_high"]
    assert row["low"] < row["mean_low"]
    assert row["high"] > row["mean_high"]
    # Luck of variance 0.1²/12 is shared by the runs of a pair, noise of variance 0.01² is not.
    assert row["variance_ratio"] == pytest.approx((0.01 / 12 + 0.0001) / 0.0001, rel=0.25)


def test_missing_settings_are_an_error():
    whole = made({})
    with pytest.raises(HutongError) as caught:
        contrast(dataclasses.replace(whole, settings=SETTINGS[:2]))
    assert caught.value.code == "no-contrast"


def test_sentences_say_the_sign_and_the_doubt():
    lines = explain(made({"value": (0.1, -0.1, 0.0), "governance": (0.02, 0.0, 0.0)}, noise=0.02))
    texts = [line.en for line in lines]
    assert any(t.startswith("The digital layer: value up (mean +0.1") for t in texts)
    assert any(t.startswith("Deliberation: value down (mean −0.1") for t in texts)
    assert any(t.startswith("The digital layer: governance probably up") for t in texts)
    assert any("no clear effect" in t for t in texts)
    assert any("unclear whether more or less than their sum" in t for t in texts)
    overlap = [line.en for line in explain(made({"done": (0.2, 0.2, -0.15), "value": (0.1, 0.1, 0.1)}))]
    assert any(t.startswith("Both together on share completed: less than their sum") for t in overlap)
    assert any(t.startswith("Both together on value: more than their sum") for t in overlap)
    assert all(line.zh and "{" not in line.zh for line in lines)


def test_drivers_rank_what_the_effect_goes_with():
    whole = made({})
    series = dict(whole.series)
    series["coupling"] = series["coupling"].copy()
    series["coupling"][1] += whole.parameters[:, 1][:, None]
    ranked = drivers(dataclasses.replace(whole, series=series))
    assert ranked["parameter"].tolist()[0] == "b"
    assert ranked["rank_correlation"].iloc[0] == pytest.approx(1.0)
    assert "c" not in set(ranked["parameter"])  # it never moved


def test_one_at_a_time_reports_the_sign_at_both_ends(quarter, scheme, rules):
    table = one_at_a_time(quarter, scheme, rules, names=("rumour_rate", "digital_cost"), runs=2, months=24)
    assert table["parameter"].tolist() == ["rumour_rate", "digital_cost"]
    assert table["effect"].nunique() == 1
    signs = np.sign(table[["effect_low", "effect", "effect_high"]].to_numpy())
    assert table["same_sign"].tolist() == [len(set(row)) == 1 for row in signs]


def test_the_effects_of_a_real_run_are_not_fixed_by_construction(quarter, scheme, rules):
    """Where digital tools teach nothing, find nothing, speed nothing and cost money, they do not help."""
    useless = {
        "information_digital": 0.0, "ask_digital": 0.0, "sense_rate": 0.0, "resolve_digital": 0.0, "rumour_digital": -1.0,
        "detection_digital": 0.0, "digital_cost": 0.4, "preparation_digital": 0.0, "vote_digital": 0.0, "meet_digital": 0.0,
    }  # fmt: skip
    done = run_ensemble(quarter, scheme, rules, runs=12, months=96, parameters=useless)
    table = contrast(done).set_index(["effect", "outcome"])
    assert table.loc[("digital", "support"), "mean"] < 0
    assert table.loc[("digital", "done"), "mean"] < 0
