"""Ensembles on a Dask cluster: the same jobs on other machines (dask.distributed is loaded only here)."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence

import numpy as np

from hutong.errors import HutongError
from hutong.evolve.households import World
from hutong.evolve.runner import Job, check_model, run_job
from hutong.text import Text

#: How often a job is tried again elsewhere when its worker dies or its input is lost.
RETRIES = 5


class Cluster:
    """The workers of a scheduler, as ``tcp://host:port``."""

    def __init__(self, address: str, timeout_s: float = 10.0) -> None:
        self.address, self.timeout_s = address, timeout_s

    def run(self, world: World, jobs: Sequence[Job]) -> Iterator[tuple[Job, np.ndarray]]:
        """Yield each job with its result, in any order.

        The world is a task of its own, so that it can be made again where a worker takes it with it; a job whose
        worker dies is run by another. Neither changes a digit.

        Raises
        ------
        HutongError
            ``no-cluster`` where no scheduler answers; ``other-model`` where workers run another model.
        """
        from distributed import Client, as_completed

        try:
            client = Client(self.address, timeout=self.timeout_s, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TypeError) as caught:
            raise HutongError(
                "no-cluster",
                Text(f"连不上 {self.address} 的调度器。", f"No scheduler answers at {self.address}."),
                Text(
                    "请先运行 dask scheduler 和 dask worker，地址形如 tcp://主机:8786。",
                    "Start dask scheduler and dask worker; the address reads tcp://host:8786.",
                ),
            ) from caught
        with client:
            there = client.submit(pickle.loads, pickle.dumps(world), pure=False, retries=RETRIES)
            tasks = {
                client.submit(run_job, there, job, pure=False, retries=RETRIES): k
                for k, job in enumerate(jobs)
            }
            for future in as_completed(list(tasks), loop=client.loop):  # type: ignore[no-untyped-call]
                digest, raw = future.result()
                check_model(digest)
                yield jobs[tasks[future]], raw
                future.release()
