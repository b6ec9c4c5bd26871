"""Speed of the co-evolution model: `python bench/evolve.py [dwellings] [runs]`.

The first line times a first call, which compiles unless the cache is warm. The opinion pass is compared with the
same update in NumPy, in one process, on the same quarter and network.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

import numpy as np
from numba import njit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "evolve"))
from evolve_case import write_scheme

from hutong.city import make_quarter
from hutong.evolve import run_ensemble
from hutong.evolve.dials import as_floats, make_dials, platform
from hutong.evolve.households import Month, opinions, prepare
from hutong.evolve.kernel import RAW, as_record, new_state, simulate
from hutong.evolve.parameters import default_parameters
from hutong.evolve.world import build_world
from hutong.rules import load_rules

MONTHS = 120
KEY = np.uint32(1)


@njit
def many_opinions(w, s, p, steps, sums):
    for t in range(1, steps + 1):
        m = Month(
            t, 0.5, 1.0, 1.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, *(0.06, 0.0, 0.0, 0.1), 0.5, *(0.0,) * 4
        )  # fmt: skip
        prepare(w, s, p, m, KEY, KEY)
        opinions(w, s, p, m, sums)


def numpy_opinions(w, s, p, steps):
    """The same month of opinions on whole arrays, with NumPy's own random numbers."""
    rng = np.random.Generator(np.random.Philox(1))
    n = len(w.building)
    first, degree = w.indptr[:-1].astype(np.int64), np.diff(w.indptr.astype(np.int64))
    skill = (1 - p["skill_elder"] * w.elder) * (1 - p["skill_income"] * w.low_income)
    use = (p["coverage_base"] + (1 - p["coverage_base"]) * 0.5) * skill
    for t in range(1, steps + 1):
        old, new = (t + 1) & 1, t & 1
        stance = s.stance[old].astype(float)
        trust = 0.5 * (s.good_gov / (s.good_gov + s.bad_gov) + s.good_op / (s.good_op + s.bad_op))
        draws = rng.random((4, n))
        x = (
            p["meet_logit"]
            + p["meet_trust"] * (trust - 0.5)
            + p["meet_digital"] * use
            + p["meet_elder"] * w.elder
        )
        met = (s.talk[w.building] > 0) & (draws[3] < 1 / (1 + np.exp(-x)))
        k = w.indices[np.minimum(first + (draws[0] * degree).astype(np.int64), len(w.indices) - 1)]
        other = s.stance[old][k]
        near = met & (np.abs(other - stance) <= p["bound"])
        chance = p["imitation_rate"] / (
            1 + np.exp((s.content[old] - s.content[old][k]) / p["imitation_noise"])
        )
        stance = np.where(
            near, stance + p["mixing"] * (other - stance), np.where(~met & (draws[1] < chance), other, stance)
        )
        heard = (s.done[w.building] == 0) & (draws[2] < p["rumour_rate"] * (1 - 0.0 * use))
        stance -= heard * p["rumour_step"] * (1 - trust) * stance
        done = s.done[w.building] > 0
        x = (
            s.interest
            + p["trust_pull"] * (trust - 0.5)
            + done * p["experience_pull"] * (s.content[old] - 0.5)
        )
        rate = np.minimum(p["information_base"] + 0.06 * use + met * p["information_deliberation"], 1)
        s.stance[new] = np.clip(stance + rate * (1 / (1 + np.exp(-x)) - stance), 0, 1)


def best(of, call):
    times = []
    for _ in range(of):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def main(dwellings: int = 1200, runs: int = 100) -> None:
    city = make_quarter(dwellings=dwellings, seed=1)
    rules = load_rules("beijing", on=dt.date(2026, 11, 1))
    scheme = write_scheme(city)
    start = time.process_time()
    run_ensemble(city, scheme, rules, runs=1, months=1)
    print(f"first call (compiles unless cached)   {time.process_time() - start:8.2f} CPU-s")
    world = build_world(city, scheme, rules).world
    n, p = len(world.building), as_record(default_parameters())
    start = time.process_time()
    run_ensemble(city, scheme, rules, runs=runs, months=MONTHS)
    spent = time.process_time() - start
    print(f"{n} households x {MONTHS} months x 4 x {runs} runs {spent:8.2f} CPU-s")
    print(
        f"full model, ensemble                  {n * MONTHS * 4 * runs / spent / 1e6:8.1f} M household-months/s"
    )

    dials = as_floats(make_dials(structure=1.0, **platform()))
    out = np.empty((len(RAW), MONTHS + 1))
    one = best(5, lambda: simulate(world, *new_state(world), p, dials, np.uint64(1), out))
    print(f"full model, one run                   {n * MONTHS / one / 1e6:8.1f} M household-months/s")
    state, projects, governance = new_state(world)
    simulate(world, state, projects, governance, p, dials, np.uint64(1), np.empty((len(RAW), 13)))
    steps, sums = max(20, 4_000_000 // n), np.zeros(21)
    many_opinions(world, state, p, 1, sums)
    ours = best(3, lambda: many_opinions(world, state, p, steps, sums)) / steps
    few = max(5, steps // 20)
    plain = best(3, lambda: numpy_opinions(world, state, p, few)) / few
    print(f"opinions, kernel                      {n / ours / 1e6:8.1f} M household-months/s")
    print(f"opinions, NumPy                       {n / plain / 1e6:8.1f} M household-months/s")
    print(f"ratio                                 {plain / ours:8.1f}")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
