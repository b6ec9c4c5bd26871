"""Every walk between two sets of places, not only the shortest: who meets which door within some metres."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from hutong.city import City
from hutong.sense.access import Joins, join, usable_streets
from hutong.sense.network import Graph, make_graph, meet_kernel, street_graph
from hutong.sense.results import Access


@dataclass(frozen=True)
class Meetings:
    """Door i is met by ``place[indptr[i]:indptr[i + 1]]`` after ``metres`` (in no order of length)."""

    indptr: np.ndarray  # int64, doors + 1
    place: np.ndarray  # int32
    metres: np.ndarray  # float64

    @property
    def door(self) -> np.ndarray:
        """The door of each meeting, shape (meetings,)."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))


@dataclass(frozen=True)
class WalkPairs:
    """All walks up to ``cutoff_m`` from buildings to facilities of some kinds; one entry per pair that has one.

    ``building`` and ``facility`` are row positions of ``city["buildings"]`` and ``city["facilities"]``;
    ``kind`` is a position in ``kinds``. Pairs come facility by facility.
    """

    kinds: tuple[str, ...]
    building: np.ndarray  # int32
    facility: np.ndarray  # int64
    kind: np.ndarray  # int64
    metres: np.ndarray  # float64
    snapped_m: np.ndarray  # per building: straight distance to the street network
    cutoff_m: float

    def of(self, kinds: Sequence[str]) -> WalkPairs:
        """Return the walks to some of the kinds only."""
        rows = np.flatnonzero(np.isin(self.kind, self.columns(kinds)))
        place = np.array([kinds.index(kind) if kind in kinds else -1 for kind in self.kinds], np.int64)
        return WalkPairs(
            tuple(kinds),
            self.building[rows],
            self.facility[rows],
            place[self.kind[rows]],
            self.metres[rows],
            self.snapped_m,
            self.cutoff_m,
        )

    @cached_property
    def nearest(self) -> np.ndarray:
        """The walk to the nearest facility of each kind, inf beyond the cutoff, shape (buildings, kinds)."""
        far = np.full((len(self.snapped_m), len(self.kinds)), np.inf)
        np.minimum.at(far, (self.building, self.kind), self.metres)
        return far

    def columns(self, kinds: Sequence[str]) -> list[int]:
        """Return the positions of some kinds among ``kinds``."""
        return [self.kinds.index(kind) for kind in kinds]

    def within(self, reach_m: float) -> np.ndarray:
        """Return how many facilities of each kind lie within ``reach_m``, shape (buildings, kinds)."""
        near = self.metres <= reach_m
        cell = self.building[near].astype(np.int64) * len(self.kinds) + self.kind[near]
        counts = np.bincount(cell, minlength=len(self.snapped_m) * len(self.kinds))
        return counts.reshape(len(self.snapped_m), len(self.kinds))

    @property
    def access(self) -> Access:
        """The nearest distances as :func:`hutong.sense.walking_access` gives them, bit for bit."""
        return Access(self.kinds, self.nearest, self.cutoff_m, self.snapped_m)


def walks(
    city: City, kinds: Sequence[str], cutoff_m: float = 1200.0, threads: int = 1, avoid: Sequence[str] = ()
) -> WalkPairs:
    """Return all walks from buildings to facilities of some kinds.

    Facilities are searched one by one, so the result is the same bit for bit for any number of threads.

    Parameters
    ----------
    kinds
        Facility kinds (``facilities.kind``), each once.
    cutoff_m
        Longer walks are left out.
    avoid
        Kinds of street that are not walked, such as ``steps``.
    """
    graph, usable = network(city, avoid)
    homes = join(city, city["buildings"].geometry, usable)
    facilities = city["facilities"]
    kind = facilities["kind"].to_numpy(dtype=object)
    wanted = np.flatnonzero(np.isin(kind, np.array(kinds, dtype=object)))
    doors = join(city, facilities.geometry.iloc[wanted], usable)
    met = meetings(graph, doors, homes, cutoff_m, threads)
    facility = wanted[met.door]
    place = {name: i for i, name in enumerate(kinds)}
    column = np.array([place.get(name, -1) for name in kind], np.int64)
    return WalkPairs(
        tuple(kinds), met.place, facility, column[facility], met.metres, homes.metres, float(cutoff_m)
    )


def network(city: City, avoid: Sequence[str] = ()) -> tuple[Graph, np.ndarray]:
    """Return the walking graph without some kinds of street, and the row positions of streets that places join.

    Places join what is a street of the whole network: a lane that only steps lead to is no stub.
    """
    whole = street_graph(city)
    usable = usable_streets(city, whole)
    if not avoid:
        return whole, usable
    walked = ~city["streets"]["kind"].isin(list(avoid)).to_numpy(bool)
    tail, head = city.positions("streets", "from_node"), city.positions("streets", "to_node")
    metres = city["streets"]["length_m"].to_numpy(np.float64)
    graph = make_graph(len(city["street_nodes"]), tail[walked], head[walked], metres[walked])
    return graph, usable[walked[usable]]


def meetings(graph: Graph, doors: Joins, places: Joins, cutoff_m: float, threads: int = 1) -> Meetings:
    """Return which places are within ``cutoff_m`` of each door, and how far.

    Both join the network as :func:`hutong.sense.access.join` says: the straight distance to the street, along it
    to either end (or straight to the other where both share the street), and over the network.
    """
    streets = int(max(doors.street.max(initial=-1), places.street.max(initial=-1))) + 1
    by_place = _by_place(graph, places, streets)
    ends = np.stack([doors.tail, doors.head], axis=1).astype(np.int32)
    first = np.stack([doors.metres + doors.to_tail_m, doors.metres + doors.to_head_m], axis=1)
    row = np.arange(len(ends))
    rows_of = (graph.indptr, graph.heads, graph.metres)

    def search(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        some = (ends[rows], first[rows], doors.street[rows], doors.to_tail_m[rows], doors.metres[rows])
        found: tuple[np.ndarray, np.ndarray, np.ndarray] = meet_kernel(
            rows_of, some, by_place, float(cutoff_m)
        )
        return found

    parts = np.array_split(row, max(1, min(threads, len(row))))
    with ThreadPoolExecutor(len(parts)) as pool:
        done = list(pool.map(search, parts))
    indptr = np.zeros(len(row) + 1, np.int64)
    np.cumsum(np.concatenate([counts for counts, _, _ in done]), out=indptr[1:])
    return Meetings(indptr, np.concatenate([d[1] for d in done]), np.concatenate([d[2] for d in done]))


def node_joins(nodes: np.ndarray) -> Joins:
    """Return street nodes as places: nothing to walk before the node is reached."""
    nodes = np.asarray(nodes, np.int64)
    zero, none = np.zeros(len(nodes)), np.full(len(nodes), -1, np.int64)
    return Joins(nodes, nodes, zero, zero, none, zero)


def node_points(city: City, nodes: np.ndarray) -> np.ndarray:
    """Return the coordinates of street nodes in the city's metric CRS, shape (n, 2)."""
    return np.asarray(shapely.get_coordinates(city["street_nodes"].geometry.to_numpy()[nodes]))


def _by_place(graph: Graph, places: Joins, streets: int) -> tuple[np.ndarray, ...]:
    """Return the places listed by node and by street, as :func:`meet_kernel` reads them."""
    joined = np.flatnonzero(places.tail >= 0)
    node = np.concatenate([places.tail[joined], places.head[joined]])
    node_m = np.concatenate([places.to_tail_m[joined], places.to_head_m[joined]])
    order = np.argsort(node, kind="stable")
    on = np.flatnonzero(places.street >= 0)
    on = on[np.argsort(places.street[on], kind="stable")]
    return (
        _starts(node, graph.nodes),
        np.concatenate([joined, joined])[order].astype(np.int32),
        node_m[order],
        _starts(places.street[on], streets),
        on.astype(np.int32),
        places.to_tail_m[on],
        np.asarray(places.metres, np.float64),
    )


def _starts(code: np.ndarray, size: int) -> np.ndarray:
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(code, minlength=size), out=starts[1:])
    return starts
