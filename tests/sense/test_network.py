from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from hutong.sense.network import Graph, make_graph, nearest_distance, network_distance


def slow_nearest(graph: Graph, starts, first, cutoff):
    """Dijkstra with Python's heap, as in a textbook."""
    dist = [float("inf")] * graph.nodes
    heap = []
    for u, d in zip(starts, first, strict=True):
        if d <= cutoff:
            heap.append((float(d), int(u)))
    heapq.heapify(heap)
    done = set()
    while heap:
        d, u = heapq.heappop(heap)
        if u in done:
            continue
        done.add(u)
        dist[u] = d
        for e in range(graph.indptr[u], graph.indptr[u + 1]):
            further = d + float(graph.metres[e])
            if further <= cutoff and int(graph.heads[e]) not in done:
                heapq.heappush(heap, (further, int(graph.heads[e])))
    return np.array(dist)


def grid(side: int, seed: int, whole: bool = False) -> Graph:
    """A street grid with uneven lengths and some missing streets."""
    rng = np.random.default_rng(seed)
    index = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    head = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    keep = rng.random(len(tail)) < 0.85
    metres = rng.integers(20, 200, len(tail)).astype(float) if whole else rng.uniform(20, 200, len(tail))
    return make_graph(side * side, tail[keep], head[keep], metres[keep])


def matrix(graph: Graph) -> csr_array:
    return csr_array((graph.metres, graph.heads, graph.indptr), shape=(graph.nodes, graph.nodes))


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("cutoff", [300.0, 1200.0, np.inf])
def test_one_to_many_equals_scipy_bit_for_bit(whole, cutoff):
    graph = grid(30, seed=3, whole=whole)
    sources = np.arange(0, graph.nodes, 17)
    want = dijkstra(matrix(graph), indices=sources, limit=cutoff)
    reach = network_distance(graph, sources, cutoff)
    got = np.full(want.shape, np.inf)
    got[np.repeat(np.arange(len(sources)), np.diff(reach.indptr)), reach.nodes] = reach.metres
    assert np.array_equal(got, want)
    assert np.all(np.diff(reach.metres)[np.diff(np.repeat(sources, np.diff(reach.indptr))) == 0] >= 0)


@pytest.mark.parametrize("cutoff", [300.0, 1200.0])
def test_nearest_equals_scipy_bit_for_bit(cutoff):
    graph = grid(40, seed=5)
    starts = np.array([3, 700, 1111, 1599])
    want = dijkstra(matrix(graph), indices=starts, min_only=True, limit=cutoff)
    assert np.array_equal(nearest_distance(graph, starts, np.zeros(4), cutoff), want)


def test_metres_already_walked_equal_an_extra_node_in_scipy():
    graph = grid(25, seed=8)
    starts, first = np.array([4, 300, 555]), np.array([12.25, 180.1, 3.7])
    full = matrix(graph).toarray()
    full = np.pad(full, (0, 1))
    full[-1, starts] = first
    want = dijkstra(csr_array(full), indices=graph.nodes)[:-1]
    assert np.array_equal(nearest_distance(graph, starts, first, np.inf), want)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_equals_the_plain_reference(data):
    nodes = data.draw(st.integers(2, 12))
    node = st.integers(0, nodes - 1)
    streets = data.draw(st.lists(st.tuples(node, node, st.floats(0, 500)), min_size=1, max_size=30))
    tail, head, metres = (np.array(x) for x in zip(*streets, strict=True))
    graph = make_graph(nodes, tail, head, metres)
    starts = data.draw(st.lists(node, min_size=1, max_size=4))
    first = data.draw(st.lists(st.floats(0, 300), min_size=len(starts), max_size=len(starts)))
    cutoff = data.draw(st.sampled_from([0.0, 250.0, 800.0, np.inf]))
    got = nearest_distance(graph, np.array(starts), np.array(first), cutoff)
    assert np.array_equal(got, slow_nearest(graph, starts, first, cutoff))


def test_parallel_streets_keep_the_shortest_and_loops_go():
    graph = make_graph(2, np.array([0, 1, 0]), np.array([1, 0, 0]), np.array([9.0, 4.0, 1.0]))
    assert graph.metres.tolist() == [4.0, 4.0]


def test_threads_change_nothing():
    graph = grid(30, seed=4)
    sources = np.arange(0, graph.nodes, 7)
    one, three = (network_distance(graph, sources, 700.0, threads=t) for t in (1, 3))
    assert np.array_equal(one.indptr, three.indptr)
    assert np.array_equal(one.nodes, three.nodes)
    assert np.array_equal(one.metres, three.metres)


def test_total_counts_what_is_within():
    graph = make_graph(4, np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([100.0, 100.0, 100.0]))
    reach = network_distance(graph, np.array([0, 3]), 200.0)
    assert reach.total(np.array([1.0, 0.0, 2.0, 5.0])).tolist() == [3.0, 7.0]
