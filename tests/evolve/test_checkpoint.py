from __future__ import annotations

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve import ensemble
from hutong.evolve.checkpoint import continue_run, load_checkpoint, save_checkpoint, start_run
from hutong.evolve.dials import make_dials, platform
from hutong.evolve.kernel import RAW
from hutong.evolve.parameters import default_parameters, draw_parameters

DIGITAL = make_dials(structure=1.0, **platform())
FIXED = default_parameters()


def test_a_run_put_down_and_taken_up_equals_one_that_never_stopped(world, tmp_path):
    values = draw_parameters(2, seed=9)[1]
    whole = start_run(world, values, DIGITAL, 2**63 + 5, 60)
    half = start_run(world, values, DIGITAL, 2**63 + 5, 23)
    save_checkpoint(half, tmp_path / "half")
    on = continue_run(world, load_checkpoint(tmp_path / "half", world), 60)
    assert on.raw.tobytes() == whole.raw.tobytes()
    twice = continue_run(world, continue_run(world, half, 24), 60)
    assert twice.raw.tobytes() == whole.raw.tobytes()
    assert on.state.stance.tobytes() == whole.state.stance.tobytes()
    assert on.projects.phase.tobytes() == whole.projects.phase.tobytes()
    assert whole.raw[RAW.index("finished"), -1] > 0


def test_the_same_past_branches_into_other_policies(world):
    past = start_run(world, FIXED, make_dials(), 3, 30)
    kept = past.state.stance.copy()
    plain = continue_run(world, past, 60)
    other = continue_run(world, past, 60, dials=DIGITAL)
    luck = continue_run(world, past, 60, seed=4)
    for branch in (other, luck):
        assert branch.raw[:, :31].tobytes() == past.raw.tobytes()
        assert not np.array_equal(branch.raw[:, 31:], plain.raw[:, 31:])
    assert past.state.stance.tobytes() == kept.tobytes()
    again = continue_run(world, past, 60, dials=DIGITAL)
    assert again.raw.tobytes() == other.raw.tobytes()


def test_what_does_not_belong_is_refused(world, tmp_path):
    past = start_run(world, FIXED, make_dials(), 3, 6)
    elsewhere = world._replace(area_cm2=world.area_cm2 + 1)
    save_checkpoint(past, tmp_path / "c")
    with pytest.raises(HutongError, match="another city"):
        load_checkpoint(tmp_path / "c", elsewhere)
    with pytest.raises(HutongError, match="exists already"):
        save_checkpoint(past, tmp_path / "c")
    with pytest.raises(HutongError, match="already stands at month 6"):
        continue_run(world, past, 6)
    (tmp_path / "broken").write_bytes((tmp_path / "c").read_bytes()[:900])
    for name in ("broken", "none"):
        with pytest.raises(HutongError, match="not a checkpoint"):
            load_checkpoint(tmp_path / name, world)


def test_the_first_run_says_that_it_compiles(quarter, scheme, rules, monkeypatch):
    told = []
    monkeypatch.setattr(ensemble, "compiled", lambda: False)
    ensemble.run_ensemble(quarter, scheme, rules, runs=1, months=1, progress=lambda *p: told.append(p[2]))
    assert told[0] == ensemble.COMPILING
    monkeypatch.undo()
    assert ensemble.compiled()
    told.clear()
    ensemble.run_ensemble(quarter, scheme, rules, runs=1, months=1, progress=lambda *p: told.append(p[2]))
    assert ensemble.COMPILING not in told
