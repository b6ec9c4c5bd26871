"""Time to a proven gap for 2,000 objects × about 45 options, and building the model against solving it.

Run: python bench/plan_milp.py [objects] [options]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from hutong.plan.problem import Problem, Row, RowBuilder, undominated
from hutong.plan.solve import solve
from hutong.text import Text


def instance(objects: int, options: int, seed: int = 1) -> Problem:
    """Return a unit with the families of rows of a real plan: caps, budgets, the band, alarms, households."""
    random = np.random.default_rng(seed)
    n = objects * options
    group = np.r_[np.repeat(np.arange(objects), options), -1]
    level = np.tile(np.arange(1, options + 1) / options, objects)
    size = np.repeat(random.lognormal(0, 0.6, objects), options)
    cost = 4e6 * size * level * random.uniform(0.6, 1.4, n)
    benefit = size * level**0.8 * random.uniform(0.7, 1.3, n)
    operator = random.random(n) < 0.2
    npv_low = np.where(operator, cost * random.normal(0.0, 0.12, n), 0.0)
    npv_high = npv_low - np.where(operator, cost * 0.12, 0.0)
    floor = np.where(random.random(n) < 0.1, size * random.normal(0, 200, n), 0.0)

    def over(values: np.ndarray, surplus: float = 0.0) -> np.ndarray:
        return np.r_[values, surplus]

    def row(name: str, unit: str = "yuan") -> Row:
        return Row(name, Text(name, name), unit, "bench")

    build = RowBuilder.over(n + 1)
    share = random.uniform(0.4, 0.6, n)
    total = cost.reshape(objects, options).mean(axis=1).sum()
    build.add(row("budget.city"), over(cost * share), upper=0.3 * total)
    build.add(row("budget.district"), over(cost * (1 - share)), upper=0.3 * total)
    build.add(row("unit.floor", "m2"), over(floor), upper=0.0)
    build.add(row("band.low"), over(npv_low, -10.7), lower=0.0)
    build.add(row("band.high"), over(npv_high, -9.1), upper=0.0)
    for i in range(40):
        covered = np.repeat(random.random(objects) < 0.05, options) & (random.random(n) < 0.4)
        weight = size * covered
        best = weight.reshape(objects, options).max(axis=1).sum()
        build.add(row(f"alarm:{i}", "ratio"), over(weight / max(best, 1e-9)), lower=0.4)
    net = random.normal(20_000, 15_000, n)
    member = np.arange(n)
    asked = np.flatnonzero(net.reshape(objects, options).min(axis=1) < 0)
    chosen = np.isin(group[:-1], asked)
    build.add_sparse(
        [row(f"no_worse:{i}") for i in asked],
        np.searchsorted(asked, group[:-1][chosen]),
        member[chosen],
        net[chosen],
        [0.0] * asked.size,
        [np.inf] * asked.size,
    )
    upper = np.ones(n + 1)
    upper[n] = 1e9
    return build.build(over(benefit, -1e-9), group, upper)


def main() -> None:
    objects = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    options = int(sys.argv[2]) if len(sys.argv) > 2 else 45
    began = time.perf_counter()
    problem = instance(objects, options)
    built = time.perf_counter() - began
    began = time.perf_counter()
    kept = int(undominated(problem).sum())
    pruned = time.perf_counter() - began
    for prune in (True,) if "--quick" in sys.argv else (True, False):
        began, cpu = time.perf_counter(), time.process_time()
        found = solve(problem, gap=1e-3, time_limit=120, prune=prune)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        proof = found.certificate
        print(
            f"{'pruned' if prune else 'plain '} {objects} x {options}: {wall:.2f} s wall, {cpu:.2f} s CPU, {proof.status}, "
            f"objective {proof.objective:.4f}, bound {proof.bound:.4f}, gap {proof.gap:.5f}"
        )
        if prune:
            print(
                f"building {built:.2f} s, pruning {pruned:.2f} s ({kept} of {problem.group.size} columns kept); building/solving {built / wall:.3f}"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
