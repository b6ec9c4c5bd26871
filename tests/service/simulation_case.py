"""A finished simulation made without running the model: its files and pages are real, its futures are made up."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from tests.evolve.test_experiments import made as ensemble_of


def fake_run(bench, settings, **_changes):
    """Return an ensemble in which each lever raises support by 0.1 and changes nothing else."""
    months = bench.months
    if bench.progress is not None:
        from hutong.evolve.runner import SIMULATING

        bench.progress(1, 2, SIMULATING)
    support = 0.5 + 0.1 * np.minimum(np.arange(len(settings)), 1)[:, None, None]
    noise = (
        0.001 * np.arange(bench.runs)[None, :, None] * np.minimum(np.arange(len(settings)), 1)[:, None, None]
    )
    found = ensemble_of(settings, {"support": support + noise}, runs=bench.runs, months=months)
    recipe = {
        "months": months, "runs": bench.runs, "seed": bench.seed, "model_version": 0, "city": bench.city.hash, "scheme": "balanced",
    }  # fmt: skip
    from dataclasses import replace

    return replace(found, recipe=recipe)


def fake_buildings(city, _scheme, _rules, setting, years, *, runs, seed, threads=1, progress=None):
    """Return buildings that decay from 0.6 by 0.05 a year, a tenth of which are renewed each year."""
    from hutong.evolve.by_building import Buildings

    n, rows = len(city["buildings"]), np.arange(0, len(city["buildings"]), 2)
    assert n > 2
    middle = np.array([0.6 - 0.05 * y for y in years])
    condition = middle[:, None, None] + np.array([-0.1, 0.0, 0.1])[None, :, None] + np.zeros(len(rows))
    renewed = np.array([0.1 * y for y in years])[:, None] + np.zeros(len(rows))
    quarter = middle[:, None] + 0.01 * np.arange(runs)[None, :]
    return Buildings(setting, tuple(years), rows, condition, renewed, quarter, 0.6, runs)


def without_model(monkeypatch):
    """Put what is made up in the place of the plan and the model."""
    from hutong.evolve.experiments.base import Bench
    from hutong.service.simulation import compute

    monkeypatch.setattr(Bench, "run", fake_run)
    monkeypatch.setattr(compute, "by_building", fake_buildings)
    monkeypatch.setattr(compute, "scheme_of", lambda *_: SimpleNamespace(id="balanced"))
    monkeypatch.setattr(compute, "version_scheme", lambda *_: SimpleNamespace(id="by hand"))


def finished(snapshot, published=False, by=None):
    """Return a simulation of two years that ended, a draft or open to everyone."""
    import uuid

    import pytest

    from hutong.service.simulation import services
    from hutong.service.simulation.compute import Question

    with pytest.MonkeyPatch.context() as patched:
        without_model(patched)
        found = services.ask(
            snapshot, Question("levers", ("councils",), 4, 2, 1), "balanced", by, uuid.uuid4()
        )
        services.run(found, lambda *_: None, lambda _kept: None)
    found.refresh_from_db()
    if published:
        type(found).objects.filter(pk=found.pk).update(state="published")
    return found
