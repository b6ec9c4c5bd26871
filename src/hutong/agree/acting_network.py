"""Who actually acted with whom: core and margin, several centres or one, and who stands between the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class ActingNetwork:
    """Parties (index) with ``acts`` (joint acts), ``partners``, ``between`` in [0, 1] and ``core``; ``ties`` with their acts.

    ``polycentricity`` in [0, 1]: how evenly the parties act, NaN with fewer than two.
    """

    parties: pd.DataFrame
    ties: pd.DataFrame
    polycentricity: float


def acting_network(acts: pd.DataFrame) -> ActingNetwork:
    """Return the network of joint acts.

    Parameters
    ----------
    acts
        One row per joint act: ``first``, ``second`` (two different parties, in any order).
    """
    pairs = np.sort(acts[["first", "second"]].to_numpy(dtype=object).astype(str), axis=1).reshape(-1, 2)
    table = pd.DataFrame(pairs, columns=["first", "second"])
    table = table[table["first"] != table["second"]]
    ties = table.groupby(["first", "second"], sort=True).size().rename("acts").reset_index()
    names = sorted({*ties["first"], *ties["second"]})
    near: dict[str, set[str]] = {n: set() for n in names}
    acts_of = dict.fromkeys(names, 0)
    for first, second, n in ties.itertuples(index=False):
        near[first].add(second)
        near[second].add(first)
        acts_of[first] += int(n)
        acts_of[second] += int(n)
    between = betweenness(near)
    core = core_of(near, acts_of)
    parties = pd.DataFrame(
        {
            "acts": pd.Series([acts_of[n] for n in names], dtype=int),
            "partners": pd.Series([len(near[n]) for n in names], dtype=int),
            "between": pd.Series([between[n] for n in names], dtype=float),
            "core": pd.Series([n in core for n in names], dtype=bool),
        }
    )
    parties.index = pd.Index(names, name="party", dtype=object)
    return ActingNetwork(
        parties.sort_values(["acts", "partners"], ascending=False, kind="stable"),
        ties,
        evenness([acts_of[n] for n in names]),
    )


def evenness(acts: list[int]) -> float:
    """Return how evenly the parties act, in [0, 1]: (1 / Σ p² − 1) / (n − 1), the effective number of Simpson (1949); NaN below two."""
    total = sum(acts)
    if len(acts) < 2 or not total:
        return float("nan")
    effective = total**2 / sum(a * a for a in acts)
    return (effective - 1) / (len(acts) - 1)


def core_of(near: Mapping[str, set[str]], acts: Mapping[str, int] | None = None) -> frozenset[str]:
    """Return the core: the set that lacks fewest ties within and leaves fewest ties among the rest.

    The optimum of Borgatti and Everett's (2000, Social Networks 21:375) discrete model is a run of the parties by degree
    (Lip 2011, arXiv:1102.5511): the k with the least k(k − 1)/2 − Σ of its degrees. Many sets may be as good, and the
    model does not choose among them. Here (ours) parties with as many partners stand in the order of their joint acts; a
    run counts only where it does not part two that are alike in both, so that no name decides; and of the runs that
    are as good the largest is taken in which all are tied to one another, or else the largest.

    Parameters
    ----------
    near
        The partners of each party.
    acts
        The joint acts of each party; without them partners alone are counted.
    """
    done = acts or {}
    alike = {n: (len(near[n]), done.get(n, 0)) for n in near}
    order = sorted(near, key=alike.__getitem__, reverse=True)
    least, best, degrees = 0, [0], 0
    for k, name in enumerate(order, 1):
        degrees += len(near[name])
        if k < len(order) and alike[name] == alike[order[k]]:
            continue
        value = k * (k - 1) // 2 - degrees
        if value < least:
            least, best = value, []
        if value == least:
            best.append(k)
    tied = [k for k in best if all(b in near[a] for a, b in combinations(order[:k], 2))]
    return frozenset(order[: (tied or best)[-1]])


def betweenness(near: Mapping[str, set[str]]) -> dict[str, float]:
    """Return the share of shortest ways between two others that lead over each party (Brandes 2001), 0 with fewer than three."""
    out = dict.fromkeys(near, 0.0)
    for source in near:
        stack, before = [], {n: [] for n in near}  # type: ignore[var-annotated]
        ways, far = dict.fromkeys(near, 0), dict.fromkeys(near, -1)
        ways[source], far[source] = 1, 0
        queue = deque([source])
        while queue:
            here = queue.popleft()
            stack.append(here)
            for other in sorted(near[here]):
                if far[other] < 0:
                    far[other] = far[here] + 1
                    queue.append(other)
                if far[other] == far[here] + 1:
                    ways[other] += ways[here]
                    before[other].append(here)
        rests = dict.fromkeys(near, 0.0)
        for here in reversed(stack):
            for earlier in before[here]:
                rests[earlier] += ways[earlier] / ways[here] * (1 + rests[here])
            if here != source:
                out[here] += rests[here]
    pairs = (len(near) - 1) * (len(near) - 2)
    return {n: v / pairs if pairs > 0 else 0.0 for n, v in out.items()}
