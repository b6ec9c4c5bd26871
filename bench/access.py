"""Walking access against SciPy and networkx on the same street grid, in the same run.

    .venv/bin/python bench/access.py [--nodes 50000] [--sources 400]

Prints CPU seconds and ratios. Every result is compared with SciPy's before any time is printed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from hutong.sense import Graph, make_graph, nearest_distance, network_distance

KINDS = 10
FACILITIES_PER_KIND = 60
CUTOFF_M = 1200.0


def grid(nodes: int, seed: int = 1) -> Graph:
    """Return an uneven grid of about ``nodes`` crossings, 40–140 m apart, with a tenth of its streets missing."""
    side = round(nodes**0.5)
    rng = np.random.default_rng(seed)
    index = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    head = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    keep = rng.random(len(tail)) < 0.9
    return make_graph(side * side, tail[keep], head[keep], rng.uniform(40, 140, int(keep.sum())))


def timed(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Return the least CPU seconds of a few runs, and the result."""
    best, result = float("inf"), None
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return best, result


def report(title: str, times: dict[str, float]) -> None:
    """Print one comparison."""
    print(title)
    for name, seconds in times.items():
        print(f"  {name:<28}{seconds:9.3f} CPU-s   {seconds / times['hutong']:8.1f} ×")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--nodes", type=int, default=50_000)
    arguments.add_argument("--sources", type=int, default=400)
    given = arguments.parse_args()
    graph = grid(given.nodes)
    matrix = csr_array((graph.metres, graph.heads, graph.indptr), shape=(graph.nodes, graph.nodes))
    network = nx.from_scipy_sparse_array(matrix)
    rng = np.random.default_rng(2)
    doors = [rng.choice(graph.nodes, FACILITIES_PER_KIND, replace=False) for _ in range(KINDS)]
    zero = np.zeros(FACILITIES_PER_KIND)
    sources = rng.choice(graph.nodes, given.sources, replace=False)
    nearest_distance(graph, doors[0], zero, CUTOFF_M)  # compile before timing
    network_distance(graph, sources[:2], CUTOFF_M)
    print(f"{graph.nodes:,} nodes, {len(graph.heads) // 2:,} streets, cutoff {CUTOFF_M:g} m\n")

    ours, near = timed(lambda: [nearest_distance(graph, d, zero, CUTOFF_M) for d in doors])
    theirs, want = timed(lambda: [dijkstra(matrix, indices=d, min_only=True, limit=CUTOFF_M) for d in doors])
    assert all(np.array_equal(a, b) for a, b in zip(near, want, strict=True))
    plain, found = timed(
        lambda: [nx.multi_source_dijkstra_path_length(network, set(d.tolist()), CUTOFF_M) for d in doors], 1
    )
    assert all(len(f) == np.isfinite(w).sum() for f, w in zip(found, want, strict=True))
    report(
        f"nearest of {FACILITIES_PER_KIND} facilities, {KINDS} kinds, from every node (results equal bit for bit)",
        {"hutong": ours, "scipy, min_only": theirs, "networkx": plain},
    )

    ours, reach = timed(lambda: network_distance(graph, sources, CUTOFF_M))
    theirs, want_all = timed(lambda: dijkstra(matrix, indices=sources, limit=CUTOFF_M))
    got = np.full(want_all.shape, np.inf)
    got[np.repeat(np.arange(len(sources)), np.diff(reach.indptr)), reach.nodes] = reach.metres
    assert np.array_equal(got, want_all)
    plain, _ = timed(
        lambda: [nx.single_source_dijkstra_path_length(network, int(s), CUTOFF_M) for s in sources], 1
    )
    print()
    report(
        f"all nodes within {CUTOFF_M:g} m of {len(sources)} sources (results equal bit for bit)",
        {"hutong": ours, "scipy, dense rows": theirs, "networkx": plain},
    )


if __name__ == "__main__":
    main()
