"""Speed of ensembles: `python bench/ensemble.py [dwellings] [months] [runs] [threads]`.

The target is a quarter of 10,000 households × 240 months × 1,000 runs in five minutes on two cores. CPU-seconds are
printed beside the wall clock, because a busy machine stretches only the latter.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.evolve.evolve_case import write_scheme

from hutong.city import make_quarter
from hutong.evolve import run_ensemble
from hutong.evolve.experiments.base import ALL
from hutong.rules import load_rules


def main(dwellings: int = 10_500, months: int = 240, runs: int = 1000, threads: int = 2) -> None:
    city = make_quarter(dwellings=dwellings, seed=1)
    rules = load_rules("beijing", on=dt.date(2026, 11, 1))
    scheme = write_scheme(city)
    run_ensemble(city, scheme, rules, runs=1, months=1)  # compiles unless cached
    wall, cpu = time.perf_counter(), time.process_time()
    done = run_ensemble(city, scheme, rules, runs=runs, months=months, settings=(ALL,), threads=threads)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    homes = int(str(done.recipe["households"]))
    print(f"{homes} households x {months} months x {runs} runs, {threads} threads")
    print(
        f"wall {wall:8.1f} s   CPU {cpu:8.1f} s   {homes * months * runs / cpu / 1e6:6.1f} M household-months/CPU-s"
    )
    print(f"1,000 runs: {1000 * cpu / runs / threads:6.1f} s on {threads} quiet cores")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:6.2f} GiB")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
