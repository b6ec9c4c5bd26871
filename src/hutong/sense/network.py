"""The walking network as a graph, and exact bounded shortest paths on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from hutong.city import City


@dataclass(frozen=True)
class Graph:
    """An undirected graph in compressed rows: from node i one walks to ``heads[indptr[i]:indptr[i + 1]]``.

    Nodes are row positions of ``city["street_nodes"]``. Between two nodes only the shortest street is kept.
    """

    indptr: np.ndarray  # int64, nodes + 1
    heads: np.ndarray  # int32
    metres: np.ndarray  # float64

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return len(self.indptr) - 1


@dataclass(frozen=True)
class Reach:
    """What each source reaches: ``nodes[indptr[i]:indptr[i + 1]]`` at ``metres``, nearest first."""

    indptr: np.ndarray  # int64, sources + 1
    nodes: np.ndarray  # int32
    metres: np.ndarray  # float64

    def total(self, at_node: np.ndarray) -> np.ndarray:
        """Return, per source, the sum of ``at_node`` (one number per graph node) over what it reaches."""
        source = np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
        return np.bincount(source, weights=at_node[self.nodes], minlength=len(self.indptr) - 1)


def make_graph(nodes: int, tail: np.ndarray, head: np.ndarray, metres: np.ndarray) -> Graph:
    """Return the graph of two-way streets.

    Parameters
    ----------
    nodes
        The number of nodes.
    tail, head
        The end nodes of each street, shape (streets,). Loops are left out: no path needs them.
    metres
        The length of each street, not negative, shape (streets,).
    """
    keep = tail != head
    a = np.concatenate([tail[keep], head[keep]]).astype(np.int64)
    b = np.concatenate([head[keep], tail[keep]]).astype(np.int64)
    w = np.concatenate([metres[keep], metres[keep]]).astype(np.float64)
    order = np.lexsort((w, b, a))
    a, b, w = a[order], b[order], w[order]
    first = np.ones(len(a), bool)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    indptr = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(a[first], minlength=nodes), out=indptr[1:])
    return Graph(indptr, b[first].astype(np.int32), w[first])


def street_graph(city: City) -> Graph:
    """Return the graph of a city's streets; every street is walked in both directions."""
    tail, head = city.positions("streets", "from_node"), city.positions("streets", "to_node")
    return make_graph(len(city["street_nodes"]), tail, head, city["streets"]["length_m"].to_numpy(np.float64))


def nearest_distance(graph: Graph, starts: np.ndarray, first_m: np.ndarray, cutoff_m: float) -> np.ndarray:
    """Return the distance from every node to the nearest start (inf beyond ``cutoff_m``), shape (nodes,).

    One run of Dijkstra's algorithm (1959) from all starts at once.

    Parameters
    ----------
    starts
        Node positions, shape (k,); a node may stand more than once.
    first_m
        The metres already walked at each start, shape (k,).
    """
    dist = np.full(graph.nodes, np.inf)
    room = len(graph.heads) + len(starts)
    _spread(
        graph.indptr,
        graph.heads,
        graph.metres,
        np.asarray(starts, np.int32),
        np.asarray(first_m, np.float64),
        float(cutoff_m),
        dist,
        np.empty(room),
        np.empty(room, np.int32),
        np.empty(graph.nodes, np.int32),
    )
    return dist


def network_distance(graph: Graph, sources: np.ndarray, cutoff_m: float, threads: int = 1) -> Reach:
    """Return every node within ``cutoff_m`` of each source, nearest first, by bounded Dijkstra.

    Sources are computed one by one and kept in their order, so the result is the same bit for bit for any
    number of threads.
    """
    sources = np.asarray(sources, np.int32)
    parts = np.array_split(sources, max(1, min(threads, len(sources))))
    with ThreadPoolExecutor(len(parts)) as pool:
        done = list(
            pool.map(
                lambda part: _reach(graph.indptr, graph.heads, graph.metres, part, float(cutoff_m)), parts
            )
        )
    indptr = np.zeros(len(sources) + 1, np.int64)
    np.cumsum(np.concatenate([counts for counts, _, _ in done]), out=indptr[1:])
    return Reach(indptr, np.concatenate([d[1] for d in done]), np.concatenate([d[2] for d in done]))


@njit(cache=True, nogil=True)
def _push(key, node, size, d, v):  # type: ignore[no-untyped-def]
    """Put (d, v) on the binary heap of ``size`` entries and return its new size."""
    at = size
    while at > 0 and key[(at - 1) // 2] > d:
        key[at], node[at] = key[(at - 1) // 2], node[(at - 1) // 2]
        at = (at - 1) // 2
    key[at], node[at] = d, v
    return size + 1


@njit(cache=True, nogil=True)
def _pop(key, node, size):  # type: ignore[no-untyped-def]
    """Take the top off the heap (the caller has read it) and return its new size."""
    size -= 1
    d, v = key[size], node[size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= d:
            break
        key[at], node[at] = key[child], node[child]
        at = child
    key[at], node[at] = d, v
    return size


@njit(cache=True, nogil=True)
def _spread(indptr, heads, metres, starts, first, cutoff, dist, key, node, settled):  # type: ignore[no-untyped-def]
    """Fill ``dist`` (all inf on entry) outward from the starts; list settled nodes, return how many.

    The heap deletes lazily: each directed edge pushes at most once, so ``key`` and ``node`` need
    len(heads) + len(starts) places. Sums run from the source outward, so that results equal SciPy's bit for
    bit: rounding keeps order, and the smallest rounded sum over all paths is what any Dijkstra finds.
    """
    size = 0
    for k in range(len(starts)):
        if first[k] <= cutoff and first[k] < dist[starts[k]]:
            dist[starts[k]] = first[k]
            size = _push(key, node, size, first[k], starts[k])
    count = 0
    while size > 0:
        d, u = key[0], node[0]
        size = _pop(key, node, size)
        if d > dist[u]:
            continue
        settled[count] = u
        count += 1
        for e in range(indptr[u], indptr[u + 1]):
            further = d + metres[e]
            v = heads[e]
            if further <= cutoff and further < dist[v]:
                dist[v] = further
                size = _push(key, node, size, further, v)
    return count


@njit(cache=True, nogil=True)
def _reach(indptr, heads, metres, sources, cutoff):  # type: ignore[no-untyped-def]
    """Run :func:`_spread` from each source; return counts, nodes and metres, nearest first."""
    nodes = len(indptr) - 1
    dist = np.full(nodes, np.inf)
    key, node = np.empty(len(heads) + 1), np.empty(len(heads) + 1, np.int32)
    settled = np.empty(nodes, np.int32)
    counts = np.zeros(len(sources), np.int64)
    found, far = np.empty(1024, np.int32), np.empty(1024)
    used = 0
    start, zero = np.empty(1, np.int32), np.zeros(1)
    for s in range(len(sources)):
        start[0] = sources[s]
        n = _spread(indptr, heads, metres, start, zero, cutoff, dist, key, node, settled)
        if used + n > len(found):
            room = max(2 * len(found), used + n)
            more, further = np.empty(room, np.int32), np.empty(room)
            more[:used], further[:used] = found[:used], far[:used]
            found, far = more, further
        for i in range(n):
            found[used + i] = settled[i]
            far[used + i] = dist[settled[i]]
            dist[settled[i]] = np.inf
        counts[s] = n
        used += n
    return counts, found[:used].copy(), far[:used].copy()


@njit(cache=True, nogil=True)
def meet_kernel(graph, doors, places, cutoff):  # type: ignore[no-untyped-def]
    """Return, door by door, the places that a walk of ``cutoff`` reaches: counts, places and metres.

    ``doors`` holds the two nodes at the ends of each door's street (-1: none) with the metres walked on
    reaching them, and that street with the place on it; ``places`` lists by node and by street who joins there
    (:func:`hutong.sense.walks.meetings` makes both). Sums run from the door outward, as in ``access.walk``.
    """
    indptr, heads, metres = graph
    ends, first, street, along, away = doors
    by_node, node_place, node_m, by_street, street_place, street_m, out_m = places
    nodes = len(indptr) - 1
    dist, best = np.full(nodes, np.inf), np.full(len(out_m), np.inf)
    key, node = np.empty(len(heads) + 2), np.empty(len(heads) + 2, np.int32)
    settled, met = np.empty(nodes, np.int32), np.empty(len(out_m), np.int32)
    counts = np.zeros(len(street), np.int64)
    found, far = np.empty(1024, np.int32), np.empty(1024)
    used = 0
    for door in range(len(street)):
        n = _spread(indptr, heads, metres, ends[door], first[door], cutoff, dist, key, node, settled)
        seen = 0
        for i in range(n):
            u = settled[i]
            for e in range(by_node[u], by_node[u + 1]):
                walk, p = dist[u] + node_m[e], node_place[e]
                if best[p] == np.inf:
                    met[seen] = p
                    seen += 1
                best[p] = min(best[p], walk)
            dist[u] = np.inf
        if street[door] >= 0:
            for e in range(by_street[street[door]], by_street[street[door] + 1]):
                walk, p = away[door] + abs(along[door] - street_m[e]), street_place[e]
                if best[p] == np.inf:
                    met[seen] = p
                    seen += 1
                best[p] = min(best[p], walk)
        if used + seen > len(found):
            room = max(2 * len(found), used + seen)
            more, further = np.empty(room, np.int32), np.empty(room)
            more[:used], further[:used] = found[:used], far[:used]
            found, far = more, further
        for i in range(seen):
            p = met[i]
            if best[p] + out_m[p] <= cutoff:
                found[used], far[used] = p, best[p] + out_m[p]
                used += 1
                counts[door] += 1
            best[p] = np.inf
    return counts, found[:used].copy(), far[:used].copy()
