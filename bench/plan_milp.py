"""Time to a proven gap for many objects × about 45 options, by prices and handed plainly to HiGHS, and building against solving.

Run: python bench/plan_milp.py [objects] [options] [--years N] [--gap 0.001] [--plain SECONDS]
``--years`` spreads the works over years, with yearly money and room for those who move out; ``--plain 0`` leaves HiGHS out.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from hutong.errors import HutongError
from hutong.plan.phasing import Moves, Phases, phased
from hutong.plan.problem import Problem, Row, RowBuilder
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


def over_years(problem: Problem, years: int, seed: int = 1) -> Problem:
    """Return the instance spread over years: a little less money than all at once takes, and room for half of those who move."""
    random = np.random.default_rng(seed + 1)
    n = int((problem.group >= 0).sum())
    spent = {p: problem.matrix[[i], :n].toarray()[0] for i, p in enumerate(("city", "district"))}
    budgets = {p: 0.9 * float(problem.upper[i]) / years for i, p in enumerate(("city", "district"))}
    out = np.where(random.random(n) < 0.05, random.integers(10, 60, n), 0).astype(float)
    moves = Moves(out, np.full(n, 2), np.where(random.random(n) < 0.02, 20.0, 0.0))
    room = (
        0.25
        * float(np.maximum.reduceat(out, np.flatnonzero(np.diff(problem.group[:n], prepend=-1))).sum())
        / years
    )
    rates = {"band.low": 0.06, "band.high": 0.08}
    return phased(problem, Phases(years, budgets, room), rates, 0.045, spent, np.array([0.5, 0.5]), moves)


def main() -> None:
    read = argparse.ArgumentParser()
    read.add_argument("objects", nargs="?", type=int, default=2000)
    read.add_argument("options", nargs="?", type=int, default=45)
    read.add_argument("--years", type=int, default=1)
    read.add_argument("--gap", type=float, default=1e-3)
    read.add_argument("--plain", type=float, default=120.0)
    asked = read.parse_args()
    began, cpu = time.perf_counter(), time.process_time()
    problem = instance(asked.objects, asked.options)
    if asked.years > 1:
        problem = over_years(problem, asked.years)
    built, built_cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"{asked.objects} objects, {problem.group.size} columns, {len(problem.rows)} rows, gap asked for {asked.gap}"
    )
    ways = [("by prices", True, 300.0)] + ([("plain HiGHS", False, asked.plain)] if asked.plain else [])
    for name, prune, limit in ways:
        began, cpu = time.perf_counter(), time.process_time()
        try:
            proof = solve(problem, gap=asked.gap, time_limit=limit, prune=prune).certificate
            said = f"{proof.status}, objective {proof.objective:.4f}, bound {proof.bound:.4f}, gap {proof.gap:.6f}"
        except HutongError as caught:
            said = caught.code
        wall, used = time.perf_counter() - began, time.process_time() - cpu
        print(f"{name}: {wall:.2f} s wall, {used:.2f} s CPU, {said}")
        if prune:
            print(
                f"building {built:.2f} s wall, {built_cpu:.2f} s CPU; building/solving {built_cpu / used:.3f} (CPU)"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
