"""Time and peak memory of opinion groups on an invented crowd, each size in a process of its own.

    python bench/opinions.py                       # the whole table
    python bench/opinions.py 100000 1000 0.03      # one size

Three camps of unequal size with a little of everything else; made by counter-based draws, so the same votes
everywhere. The long table is made before the clock starts; reading it, the groups and all statistics are timed.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from hutong.agree.opinion_votes import Votes
from hutong.agree.opinions import find_opinions
from hutong.rng import generator

SIZES = ((30, 20, 0.6), (2000, 200, 0.13), (20_000, 500, 0.05), (100_000, 1000, 0.03), (100_000, 1000, 0.3))


def crowd(people: int, statements: int, density: float) -> pd.DataFrame:
    draw = generator(1, "bench opinions")
    camp = draw.choice(3, size=people, p=[0.5, 0.3, 0.2])
    lean = draw.random((3, statements)) * 0.9
    wanted = int(people * statements * density)
    cell = np.unique(draw.integers(0, people * statements, size=wanted))
    person, statement = cell // statements, cell % statements
    u, agrees = draw.random(len(cell)), lean[camp[person], statement]
    vote = np.where(u < agrees, 1, np.where(u < 0.9, -1, 0)).astype(np.int8)
    order = np.argsort(draw.random(len(cell)), kind="stable")
    table = pd.DataFrame({"participant": person, "statement": statement, "vote": vote})
    return table.iloc[order].reset_index(drop=True)


def measure(people: int, statements: int, density: float) -> None:
    table = crowd(people, statements, density)
    find_opinions(
        Votes.from_table(table.head(2000))
    )  # compile, or load from the cache, before the clock starts
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    start = time.perf_counter()
    votes = Votes.from_table(table)
    read = time.perf_counter() - start
    opinions = find_opinions(votes)
    total = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{people:>7} people x {statements:>4} statements, {len(table):>9} votes: {total:6.2f} s"
        f" (reading {read:.2f} s), k = {opinions.k}, peak {peak:.2f} GiB ({before:.2f} before)"
    )


def main() -> None:
    if len(sys.argv) == 4:
        measure(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
        return
    for size in SIZES:
        subprocess.run([sys.executable, __file__, *map(str, size)], check=True)


if __name__ == "__main__":
    main()
