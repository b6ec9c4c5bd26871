"""Walking access of a large quarter, and the same on its street nodes by SciPy, networkx and pandana.

    .venv/bin/python bench/access_full.py [--nodes 500000] [--buildings 100000] [--facilities 300] [--peers ...]

pandana is compared where it is installed (``pip install pandana``; it is AGPL, so nothing here depends on it). It is
used as it is fastest: its nearest facilities by contraction hierarchies, counted, not its aggregation over all nodes.

First the whole of it: buildings and facilities joined to the streets, then the nearest facility of 10 kinds and how
many lie within 1,200 m. Then the same from nodes to nodes, so that every library solves the same problem;
nearest distances and counts must be equal before a time is printed. CPU seconds, one thread.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from hutong.city import City, Meta, Provenance, schema
from hutong.sense import Graph, make_graph
from hutong.sense.walks import meetings, node_joins, walks
from hutong.text import Text

KINDS = (
    "clinic", "elderly_care", "nursery", "kindergarten", "primary_school",
    "middle_school", "fresh_market", "convenience", "park", "bus_stop",
)  # fmt: skip
CUTOFF_M = 1200.0
CRS = "EPSG:4548"
#: As many nearest facilities of a kind are asked of pandana; more than lie within the cutoff of any node.
MOST = 32


def streets(nodes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return an uneven grid of footpaths 30 m apart, a tenth of them missing: points, tails, heads, metres."""
    side = round(nodes**0.5)
    index = np.arange(side * side).reshape(side, side)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 30.0
    xy = xy + rng.uniform(-9, 9, xy.shape) + np.array([500_000.0, 4_400_000.0])
    tail = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    head = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    keep = rng.random(len(tail)) < 0.9
    tail, head = tail[keep], head[keep]
    return xy, tail, head, np.hypot(*(xy[tail] - xy[head]).T)


def make_city(xy: np.ndarray, tail: np.ndarray, head: np.ndarray, metres: np.ndarray, given: Any) -> City:
    """Return a city of these streets with square buildings and facilities anywhere."""
    rng = np.random.default_rng(3)
    low, high = xy.min(axis=0), xy.max(axis=0)

    def shapes(rows: dict[str, Any]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)

    ground = shapely.box(*low, *high)
    at = rng.uniform(low, high, (given.buildings, 2))
    doors = rng.uniform(low, high, (len(KINDS) * given.facilities, 2))
    tables = {
        "blocks": shapes({"block_id": ["k"], "geometry": [ground]}),
        "plots": shapes({"plot_id": ["p"], "block_id": ["k"], "geometry": [ground]}),
        "buildings": shapes(
            {
                "building_id": [f"b{i}" for i in range(len(at))],
                "plot_id": ["p"] * len(at),
                "geometry": shapely.box(at[:, 0] - 5, at[:, 1] - 5, at[:, 0] + 5, at[:, 1] + 5),
            }
        ),
        "facilities": shapes(
            {
                "facility_id": [f"f{i}" for i in range(len(doors))],
                "kind": np.repeat(KINDS, given.facilities),
                "geometry": shapely.points(doors),
            }
        ),
        "street_nodes": shapes({"node_id": np.arange(len(xy)), "geometry": shapely.points(xy)}),
        "streets": shapes(
            {
                "street_id": np.arange(len(tail)),
                "from_node": tail,
                "to_node": head,
                "length_m": metres,
                "geometry": shapely.linestrings(np.stack([xy[tail], xy[head]], axis=1)),
            }
        ),
    }
    provenance = {n: {c: Provenance("assumed", "bench") for c in schema().tables[n].columns} for n in tables}
    meta = Meta(name="bench", title=Text("测试", "Bench"), date="2026-01-01", crs=CRS)
    return City.build(meta, tables, provenance)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return CPU seconds and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def ours(graph: Graph, doors: np.ndarray, homes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    met = meetings(graph, node_joins(doors), node_joins(homes), CUTOFF_M)
    kind = met.door // (len(doors) // len(KINDS))
    near = np.full((len(homes), len(KINDS)), np.inf)
    np.minimum.at(near, (met.place, kind), met.metres)
    count = np.bincount(met.place.astype(np.int64) * len(KINDS) + kind, minlength=near.size)
    return near, count.reshape(near.shape)


def scipy(graph: Graph, doors: np.ndarray, homes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    matrix = csr_array((graph.metres, graph.heads, graph.indptr), shape=(graph.nodes, graph.nodes))
    near, count = [], []
    for own in doors.reshape(len(KINDS), -1):
        best, many = np.full(len(homes), np.inf), np.zeros(len(homes), np.int64)
        for low in range(0, len(own), 25):  # dense rows: 25 at a time fit in memory
            far = dijkstra(matrix, indices=own[low : low + 25], limit=CUTOFF_M)[:, homes]
            best = np.minimum(best, far.min(axis=0))
            many += np.isfinite(far).sum(axis=0)
        near.append(best)
        count.append(many)
    return np.stack(near, axis=1), np.stack(count, axis=1)


def networkx(graph: Graph, doors: np.ndarray, homes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import networkx as nx

    matrix = csr_array((graph.metres, graph.heads, graph.indptr), shape=(graph.nodes, graph.nodes))
    network = nx.from_scipy_sparse_array(matrix)
    at = {int(node): row for row, node in enumerate(homes)}
    near, count = np.full((len(homes), len(KINDS)), np.inf), np.zeros((len(homes), len(KINDS)), np.int64)
    for kind, own in enumerate(doors.reshape(len(KINDS), -1)):
        for door in own:
            for node, far in nx.single_source_dijkstra_path_length(network, int(door), CUTOFF_M).items():
                row = at.get(node)
                if row is not None:
                    near[row, kind] = min(near[row, kind], far)
                    count[row, kind] += 1
    return near, count


def pandana(
    graph: Graph, doors: np.ndarray, homes: np.ndarray, xy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    from pandana.network import Network

    tail = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    once = tail < graph.heads
    begun = time.process_time()
    network = Network(
        pd.Series(xy[:, 0]), pd.Series(xy[:, 1]), pd.Series(tail[once]), pd.Series(graph.heads[once].astype(int)),
        pd.DataFrame({"metres": graph.metres[once]}),
    )  # fmt: skip
    print(
        f"  pandana: contraction hierarchies, once for a graph: {time.process_time() - begun:.2f} CPU-s of what follows"
    )
    near, count = [], []
    for own in doors.reshape(len(KINDS), -1):
        network.set_pois("k", CUTOFF_M, MOST, pd.Series(xy[own, 0]), pd.Series(xy[own, 1]))
        far = network.nearest_pois(CUTOFF_M, "k", MOST).to_numpy()[homes]
        assert far[:, -1].min() >= CUTOFF_M, "more facilities within reach than pandana was asked for"
        near.append(far[:, 0])
        count.append((far < CUTOFF_M).sum(axis=1))
    return np.stack(near, axis=1), np.stack(count, axis=1)


def equal(name: str, got: tuple[np.ndarray, np.ndarray], want: tuple[np.ndarray, np.ndarray]) -> None:
    """Hold a library's answers to ours; pandana keeps whole millimetres and caps what is not reached."""
    near = np.where(np.isfinite(want[0]), want[0], CUTOFF_M)
    loose = name == "pandana"
    assert np.allclose(np.minimum(got[0], CUTOFF_M), near, rtol=0, atol=0.1 if loose else 0)
    off = np.abs(got[1] - want[1])
    assert off.max() <= 1 and off.mean() < 1e-3 if loose else not off.any(), (name, off.max(), off.mean())


def whole(city: City) -> None:
    """Time the city as the checkup sees it: joins, every walk, nearest and counts."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, found = timed(lambda: walks(city, KINDS, CUTOFF_M))
    more, near = timed(lambda: (found.nearest, found.within(CUTOFF_M)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print("the whole city: joins, every walk, nearest and counts")
    print(f"  hutong  {seconds + more:9.2f} CPU-s; {len(found.metres):,} walks; peak {peak / 2**20:.2f} GiB,")
    print(
        f"          {(peak - before) / 2**20:.2f} GiB above the city; {np.isfinite(near[0]).mean():.0%} reached\n"
    )


def against(peers: list[str], graph: Graph, doors: np.ndarray, homes: np.ndarray, xy: np.ndarray) -> None:
    """Time the same problem in each library, and hold its answers to ours."""
    print("nearest and counts, nodes to nodes (equal answers)")
    base, want = timed(lambda: ours(graph, doors, homes))
    print(f"  {'hutong':<10}{base:9.2f} CPU-s        1.0 ×")
    for name in peers:
        peer = {"scipy": scipy, "networkx": networkx, "pandana": pandana}[name]
        extra = (xy,) if name == "pandana" else ()
        try:
            taken, got = timed(lambda peer=peer, extra=extra: peer(graph, doors, homes, *extra))
        except ImportError as error:
            print(f"  {name:<10} not measured: {error}")
            continue
        equal(name, got, want)
        print(f"  {name:<10}{taken:9.2f} CPU-s   {taken / base:8.1f} ×")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--nodes", type=int, default=500_000)
    arguments.add_argument("--buildings", type=int, default=100_000)
    arguments.add_argument("--facilities", type=int, default=300, help="of each of 10 kinds")
    arguments.add_argument("--peers", nargs="*", default=["scipy", "networkx", "pandana"])
    given = arguments.parse_args()
    rng = np.random.default_rng(1)
    xy, tail, head, metres = streets(given.nodes, rng)
    graph = make_graph(len(xy), tail, head, metres)
    doors = rng.choice(len(xy), len(KINDS) * given.facilities, replace=False)
    homes = rng.choice(len(xy), given.buildings, replace=False)
    ours(graph, doors[: len(KINDS)], homes[:10])  # compile before timing
    print(
        f"{len(xy):,} nodes, {len(tail):,} streets, {given.buildings:,} buildings, "
        f"{len(KINDS)} kinds of {given.facilities} facilities, {CUTOFF_M:g} m\n"
    )
    whole(make_city(xy, tail, head, metres, given))
    against(given.peers, graph, doors, homes, xy)


if __name__ == "__main__":
    main()
