"""Where runs are made changes no digit: threads, stores, a cluster with a worker killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve import SETTINGS, run_ensemble
from hutong.evolve.cluster import Cluster
from hutong.evolve.runner import make_jobs, run_job
from hutong.evolve.store import Store


@pytest.fixture(scope="module")
def plain(quarter, scheme, rules):
    return run_ensemble(quarter, scheme, rules, runs=8, months=24, seed=3)


def same(one, other) -> None:
    for name, values in {**one.series, **one.parts}.items():
        assert values.tobytes() == {**other.series, **other.parts}[name].tobytes(), name


def test_jobs_cover_every_run_of_every_setting_once(world):
    seeds = np.arange(11, dtype=np.uint64)
    jobs = make_jobs(world, SETTINGS, np.zeros((11, 3)), 24, seeds)
    runs = sorted((job.place, int(seed)) for job in jobs for seed in job.seeds)
    assert runs == [(k, r) for k in range(4) for r in range(11)]


class Stops:
    """A pool that is stopped after some jobs, as by Ctrl-C."""

    def __init__(self, after: int) -> None:
        self.after = after

    def run(self, world, jobs):
        for k, job in enumerate(jobs):
            if k == self.after:
                raise KeyboardInterrupt
            yield job, run_job(world, job)[1]


def test_what_was_stopped_is_taken_up_and_changes_no_digit(quarter, scheme, rules, plain, tmp_path):
    folder = tmp_path / "runs"
    given = {"runs": 8, "months": 24, "seed": 3, "folder": folder}
    with pytest.raises(KeyboardInterrupt):
        run_ensemble(quarter, scheme, rules, pool=Stops(5), **given)
    assert len(list((folder / "runs").iterdir())) == 5
    seen = []
    again = run_ensemble(
        quarter, scheme, rules, resume=True, progress=lambda *told: seen.append(told[:2]), **given
    )
    same(plain, again)
    assert seen[0][0] > 5  # what was kept is not run again
    recipe = json.loads((folder / "recipe.json").read_text("utf-8"))
    assert recipe["city"] == quarter.hash
    assert recipe["settings"]["digital"]["sensing"] == 1.0
    with pytest.raises(HutongError) as caught:
        run_ensemble(quarter, scheme, rules, **given)
    assert caught.value.code == "exists"
    with pytest.raises(HutongError) as caught:
        run_ensemble(quarter, scheme, rules, resume=True, **{**given, "seed": 4})
    assert caught.value.code == "other-recipe"


def test_a_store_gives_back_what_it_was_given(world, tmp_path):
    store = Store.open(tmp_path / "s", {"a": 1}, resume=False)
    job = make_jobs(world, SETTINGS[:1], np.zeros((2, 3)), 4, np.arange(2, dtype=np.uint64))[0]
    assert store.load(job) is None
    from hutong.evolve.kernel import RAW

    raw = np.random.default_rng(1).random((len(job.seeds), len(RAW), 5))
    store.save(job, raw)
    assert np.array_equal(store.load(job), raw)


def test_xarray_holds_everything_and_the_recipe(plain):
    data = plain.to_xarray()
    assert data["coupling"].dims == ("setting", "run", "month")
    assert np.array_equal(data["coupling"].to_numpy(), plain.series["coupling"])
    assert json.loads(data.attrs["recipe"])["seed"] == 3


def test_no_scheduler_is_said_in_one_sentence(quarter, scheme, rules):
    with pytest.raises(HutongError) as caught:
        run_ensemble(quarter, scheme, rules, runs=1, months=1, pool=Cluster("tcp://127.0.0.1:9", 1.0))
    assert caught.value.code == "no-cluster"


@pytest.mark.slow
def test_a_killed_worker_costs_no_run_and_changes_no_digit(quarter, scheme, rules, plain, tmp_path):
    """A real scheduler, two worker processes, one killed half-way."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    at = tmp_path / "scheduler.json"

    def start(what: str, *more: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, *more]
        return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    scheduler = start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(at))
    workers = []
    try:
        for _ in range(300):
            if at.exists():
                break
            time.sleep(0.1)
        address = json.loads(at.read_text())["address"]
        plain_worker = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
        workers = [start("worker", address, *plain_worker) for _ in range(2)]
        seen = []

        def kill_one(done: int, total: int, _what: object) -> None:
            seen.append(done)
            if len(seen) == 6:
                workers[0].send_signal(signal.SIGKILL)

        again = run_ensemble(
            quarter, scheme, rules, runs=8, months=24, seed=3, pool=Cluster(address, 30.0), progress=kill_one
        )
        assert workers[0].wait(10) == -signal.SIGKILL
        assert seen[-1] == 32
        same(plain, again)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
