"""How often opinion groups are called clear where there are none, and where there are two camps.

    python bench/opinion_chance.py [DRAWS_OF_EACH=12] [FIRST_SEED=1000]

Crowds without camps stand on one scale (normal or even, weak to strong statements); crowds with camps stand around two
points of it. Printed: the share called clear if one cloud alone must be passed, by 0 or by 0.02; if one crowd must be;
and if both must be, which is what is told.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np

from hutong.agree import Votes, compare_with_chance
from hutong.agree.opinion_chance import LEVEL
from hutong.rng import generator

RULES = ("cloud", "cloud+.02", "crowd", "told")
SIZES = ((60, 20, 0.6), (200, 40, 0.6), (400, 60, 0.3))


def crowd(kind: str, strength: float, people: int, statements: int, density: float, seed: int) -> Votes:
    """Return votes of people on one scale: ``normal``, ``even``, or ``camps`` around plus and minus 1.5."""
    draw = generator(seed, f"bench chance {kind} {strength} {people}")
    place = draw.normal(size=people)
    if kind == "even":
        place = draw.uniform(-1.7, 1.7, people)
    elif kind == "camps":
        place = np.where(np.arange(people) < people // 2, -1.5, 1.5) + 0.4 * place
    load = draw.normal(size=statements) * strength
    agree = draw.random((people, statements)) < 1 / (1 + np.exp(-np.outer(place, load)))
    matrix = np.where(agree, 1.0, -1.0)
    matrix[draw.random((people, statements)) > density] = np.nan
    return Votes.from_matrix(matrix)


def main(each: int = 12, first: int = 1000) -> None:
    """Print the table."""
    started = time.process_time()
    print("crowd            people   " + "  ".join(f"{r:>9}" for r in RULES))
    total: dict[str, list[list[bool]]] = {"no camps": [], "camps": []}
    kinds = [*itertools.product(("normal", "even"), (0.75, 1.5, 3.0)), ("camps", 1.5), ("camps", 3.0)]
    for (kind, strength), (people, statements, density) in itertools.product(kinds, SIZES):
        called = []
        for seed in range(first, first + each):
            found = compare_with_chance(crowd(kind, strength, people, statements, density, seed))
            told, cloud = found.p_shuffled <= LEVEL, found.silhouette - max(found.scattered)
            called.append([told and cloud > 0, told and cloud > 0.02, told and found.p_crowded <= LEVEL, found.verdict == "clear"])  # fmt: skip
        shares = np.mean(called, axis=0)
        print(f"{kind:>7} {strength:<6} {people:>9}   " + "  ".join(f"{s:9.0%}" for s in shares), flush=True)
        total["camps" if kind == "camps" else "no camps"] += called
    for name, rows in total.items():
        print(f"{name:>14} {len(rows):>9}   " + "  ".join(f"{s:9.1%}" for s in np.mean(rows, axis=0)))
    print(f"{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
