from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from hutong.sense import walking_access
from hutong.sense.access import join, usable_streets, walk
from hutong.sense.network import make_graph, street_graph
from hutong.sense.walks import meetings, network, node_joins, node_points, walks


def kinds_in(city):
    return tuple(sorted(set(city["facilities"]["kind"])))


@pytest.mark.parametrize("cutoff", [150.0, 400.0, 1200.0, np.inf])
def test_nearest_equals_walking_access_bit_for_bit(quarter, cutoff):
    found = walks(quarter, kinds_in(quarter), cutoff)
    want = walking_access(quarter, kinds_in(quarter), cutoff)
    assert np.array_equal(found.nearest, want.distance)
    assert np.array_equal(found.access.distance, want.distance)
    assert np.array_equal(found.snapped_m, want.snapped_m)


def test_each_walk_equals_that_of_the_facility_alone(quarter):
    graph = street_graph(quarter)
    usable = usable_streets(quarter, graph)
    homes = join(quarter, quarter["buildings"].geometry, usable)
    doors = join(quarter, quarter["facilities"].geometry, usable)
    found = walks(quarter, kinds_in(quarter), 300.0)
    got = np.full((len(doors.tail), len(homes.tail)), np.inf)
    got[found.facility, found.building] = found.metres
    for i in range(len(doors.tail)):
        assert np.array_equal(got[i], walk(graph, doors.take(np.array([i])), homes, 300.0))
    kind = quarter["facilities"]["kind"].to_numpy(dtype=object)
    for column, name in enumerate(found.kinds):
        assert np.array_equal(found.within(200.0)[:, column], (got[kind == name] <= 200.0).sum(axis=0))


def test_threads_change_nothing(quarter):
    one, three = (walks(quarter, kinds_in(quarter), 500.0, threads) for threads in (1, 3))
    for name in ("building", "facility", "kind", "metres"):
        assert np.array_equal(getattr(one, name), getattr(three, name))


def test_some_kinds_only(quarter):
    kinds = kinds_in(quarter)
    some = walks(quarter, kinds, 500.0).of((kinds[3], kinds[1]))
    want = walks(quarter, (kinds[3], kinds[1]), 500.0)
    assert np.array_equal(some.nearest, want.nearest)
    assert np.array_equal(some.within(250.0), want.within(250.0))


def test_between_nodes_equals_scipy():
    rng = np.random.default_rng(4)
    index = np.arange(400).reshape(20, 20)
    tail = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    head = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    graph = make_graph(400, tail, head, rng.uniform(30, 150, len(tail)))
    doors, places = rng.choice(400, 12, replace=False), rng.choice(400, 70, replace=False)
    found = meetings(graph, node_joins(doors), node_joins(places), 600.0)
    got = np.full((12, 70), np.inf)
    got[found.door, found.place] = found.metres
    matrix = csr_array((graph.metres, graph.heads, graph.indptr), shape=(400, 400))
    assert np.array_equal(got, dijkstra(matrix, indices=doors, limit=600.0)[:, places])


def test_steps_can_be_avoided(rebuilt):
    def with_steps(streets):
        return streets.assign(kind=["street", "street", "steps", "street", "street"])

    city = rebuilt(streets=with_steps)
    every, level = (walks(city, ("clinic",), 1200.0, avoid=avoid).nearest[:, 0] for avoid in ((), ("steps",)))
    np.testing.assert_allclose(every, [100, 300, 650, 900])
    np.testing.assert_allclose(level, [100, 300, np.inf, np.inf])
    assert network(city, ("steps",))[1].tolist() == [0, 1, 3, 4]


def test_without_streets_there_are_no_walks(rebuilt):
    city = rebuilt(streets=lambda t: t.iloc[:0], street_nodes=lambda t: t.iloc[:0])
    found = walks(city, ("clinic",), 1200.0)
    assert not len(found.metres)
    assert np.isinf(found.nearest).all()
    assert not found.within(1e9).any()


def test_points_of_nodes(street):
    assert node_points(street, np.array([3])).tolist() == [[500_600.0, 4_400_000.0]]
