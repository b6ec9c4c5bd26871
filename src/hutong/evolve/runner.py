"""Jobs of an ensemble and where they run: a pool of threads here, or the workers of a Dask cluster.

A job is some runs of one setting. It needs nothing but its own row of parameters and seeds, so neither the order, nor
the number of threads or workers, nor a job that is run twice changes a digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hutong.errors import HutongError
from hutong.evolve.dials import as_floats
from hutong.evolve.households import World
from hutong.evolve.kernel import RAW, as_record, new_state, simulate, source_digest
from hutong.evolve.parameters import parameter_names
from hutong.evolve.results import Setting
from hutong.text import Text

Progress = Callable[[int, int, Text], None]
SIMULATING = Text("推演未来", "Running the futures")
#: Household-months that make a job worth its while, and the most runs in one.
WORTH_A_JOB, MOST_RUNS = 2e7, 64


@dataclass(frozen=True)
class Job:
    """Runs ``first`` to ``last`` (not included) of one setting."""

    place: int
    setting: Setting
    first: int
    last: int
    parameters: np.ndarray  # (runs, parameters)
    seeds: np.ndarray  # uint64 (runs,)
    months: int


class Pool(Protocol):
    """Where jobs run."""

    def run(self, world: World, jobs: Sequence[Job]) -> Iterator[tuple[Job, np.ndarray]]:
        """Yield each job with its ``RAW``, shape (runs, len(RAW), months + 1), in any order."""
        ...


def make_jobs(
    world: World, settings: Sequence[Setting], parameters: np.ndarray, months: int, seeds: np.ndarray
) -> list[Job]:
    """Return the jobs of an ensemble; all settings of a run come soon after one another."""
    runs = len(seeds)
    each = int(
        np.clip(WORTH_A_JOB / max(len(world.building) * months, 1), 1, min(MOST_RUNS, max(runs // 4, 1)))
    )
    jobs = []
    for first in range(0, runs, each):
        last = min(first + each, runs)
        for place, setting in enumerate(settings):
            table = changed(parameters[first:last], setting)
            jobs.append(Job(place, setting, first, last, table, seeds[first:last], months))
    return jobs


def changed(parameters: np.ndarray, setting: Setting) -> np.ndarray:
    """Return the parameters with those that a setting holds at a value of its own."""
    if not setting.changes:
        return parameters
    out = parameters.copy()
    names = parameter_names()
    for name, value in setting.changes.items():
        out[:, names.index(name)] = value
    return out


def run_job(world: World, job: Job) -> tuple[str, np.ndarray]:
    """Return the digest of the model that ran and the ``RAW`` of a job's runs."""
    out = np.empty((len(job.seeds), len(RAW), job.months + 1))
    dials = as_floats(job.setting.dials)
    for r, seed in enumerate(job.seeds):
        simulate(world, *new_state(world), as_record(job.parameters[r]), dials, seed, out[r])
    return source_digest(), out


class Threads:
    """Threads of this process: the kernels hold no lock."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def run(self, world: World, jobs: Sequence[Job]) -> Iterator[tuple[Job, np.ndarray]]:
        """Yield each job with its result; on an error or Ctrl-C drop what has not begun."""
        pool = ThreadPoolExecutor(self.threads)
        try:
            waiting: dict[Future[tuple[str, np.ndarray]], Job] = {
                pool.submit(run_job, world, job): job for job in jobs
            }
            while waiting:
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield waiting.pop(future), future.result()[1]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def check_model(digest: str) -> None:
    """Refuse the results of a worker that runs another model.

    Raises
    ------
    HutongError
        ``other-model``.
    """
    if digest != source_digest():
        raise HutongError(
            "other-model",
            Text("集群上的模型与本机的不是同一版本。", "The workers run another version of the model."),
            Text("请在所有节点安装同一版本。", "Install the same version on every machine."),
        )
