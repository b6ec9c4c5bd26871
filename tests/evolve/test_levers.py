"""Levers of one's own choice: what is found is said with its interval, and nothing found is said as such."""

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve.experiments.levers import DRAWN, FOUND, chosen, told, verdict
from hutong.report import experiment_page

from .test_experiments import made


def test_levers_stand_beside_today():
    assert [s.id for s in chosen(["platform", "councils"])] == ["today", "councils", "platform"]
    for names, code in ((["luck"], "no-such-lever"), ([], "no-lever"), (["today"], "no-lever")):
        with pytest.raises(HutongError) as caught:
            chosen(names)
        assert caught.value.code == code


def test_verdicts():
    assert (verdict(0.01, 0.02), verdict(-0.02, -0.01), verdict(-0.01, 0.01)) == ("more", "less", "none")
    assert verdict(0.0, 0.01) == "none"


def test_an_effect_is_found_with_its_interval_and_none_where_there_is_none():
    """Councils raise support by 0.1 in each of 30 paired runs give or take 0.02, and nothing else."""
    noise = np.linspace(-0.02, 0.02, 30)[None, :, None]
    support = np.array([0.5, 0.6])[:, None, None] + noise * np.array([0, 1])[:, None, None]
    found = told(made(chosen(["councils"]), {"support": support}, runs=30))
    table = found.table.assign(name=[t.en for t in found.table["outcome"]]).set_index("name")
    row = table.loc["support"]
    assert row["mean"] == pytest.approx(0.1)
    assert row["mean_low"] < 0.1 < row["mean_high"]
    assert (row["found"].en, table.loc["value", "found"].en) == (FOUND["more"].en, FOUND["none"].en)
    (line,) = found.answer
    assert "support +0.100 (" in line.en
    assert "no effect found on" in line.en
    assert "没有发现对" in line.zh
    assert set(found.bands) == set(DRAWN)
    assert "Councils" in experiment_page(found)


def test_few_runs_say_so():
    found = told(made(chosen(["councils"]), runs=6))
    assert "Only 6 runs" in found.answer[-1].en
