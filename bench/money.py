"""Time of the money: internal rates beside pyxirr, the Monte Carlo of a scheme, Shapley values above the exact size.

    python bench/money.py                  # 100,000 flows of 22 years, 100,000 draws
    python bench/money.py 1000000 100000   # another size

Flows are invented: two years of works, twenty of operation that differ, and in half of them a year of replacement that
asks for money. CPU-seconds of one process; kernels are compiled, or loaded from the cache, before the clock starts.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time

import numpy as np
import pyxirr

from hutong.city import make_quarter
from hutong.plan import make_plan
from hutong.plan.finance import irr_many, npv
from hutong.plan.groups import GroupGame, shapley_of
from hutong.plan.risk import simulate
from hutong.plan.risk_data import load_risks
from hutong.rng import generator
from hutong.rules import load_rules
from hutong.sense import checkup


def invented(flows: int, seed: int = 11) -> np.ndarray:
    draw = generator(seed, "bench money")
    out = draw.uniform(10, 400, (flows, 22))
    out[:, 0] = -draw.uniform(500, 2500, flows)
    out[:, 1] = -draw.uniform(0, 500, flows)
    out[: flows // 2, 12] = -draw.uniform(0, 300, flows // 2)
    return out


def rates(flows: np.ndarray) -> None:
    irr_many(flows[:10])
    begun = time.process_time()
    found, flags = irr_many(flows)
    mine = time.process_time() - begun
    unique = flags == 0
    begun = time.process_time()
    theirs = np.array([pyxirr.irr(row) for row in flows[unique]], float)
    other = (time.process_time() - begun) / max(unique.mean(), 1e-9)
    begun = time.process_time()
    npv(0.06, flows)
    value = time.process_time() - begun
    print(
        f"internal rates of {len(flows):,} flows: {mine:.2f} s ({unique.sum():,} with one root), pyxirr {other:.2f} s "
        f"({other / mine:.1f} times), largest difference {np.nanmax(np.abs(found[unique] - theirs)):.1e}; "
        f"present values {value:.3f} s"
    )


def draws(count: int) -> None:
    city, rules = make_quarter(dwellings=1200, seed=1), load_rules("beijing")
    plan = make_plan(city, checkup(city, rules), rules)
    simulate(plan.scheme("balanced"), draws=100)
    begun = time.process_time()
    result = simulate(plan.scheme("balanced"), draws=count)
    seconds = time.process_time() - begun
    table = load_risks()
    values = table.draw(count, 1)
    rank = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0)
    finite = np.isfinite(values).all(axis=0)
    off = np.abs(np.corrcoef(rank, rowvar=False) - table.correlation)[np.ix_(finite, finite)].max()
    print(
        f"Monte Carlo of {count:,} draws x {len(table)} risks, 9 parties: {seconds:.1f} s; rank correlations off by "
        f"{off:.3f} at most; in the band {result.shares['in_band']:.1%}, CVaR {result.cvar():,.0f} yuan"
    )


def sharing(parties: int = 16) -> None:
    names = [f"e{i:02}" for i in range(parties)]
    stated = {f"{a}+{b}": 100.0 for a, b in itertools.pairwise(names[:10])} | {"+".join(names): 3000.0}
    begun = time.process_time()
    value = shapley_of(GroupGame.read(names, stated))
    print(
        f"Shapley values of {parties} parties from {value.orders:,} pairs of orders: {time.process_time() - begun:.1f} s, "
        f"standard error at most {value.error.max():.1f} of {value.yuan.sum():,.0f}"
    )


def main() -> None:
    size = [int(a) for a in sys.argv[1:]] or [100_000, 100_000]
    rates(invented(size[0]))
    draws(size[-1])
    sharing()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
