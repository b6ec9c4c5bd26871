from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csr_array, lil_array
from scipy.sparse.csgraph import dijkstra

from hutong.sense import walking_access
from hutong.sense.access import join, usable_streets
from hutong.sense.network import street_graph

from .sense_street import at


def slow_access(city, kind, cutoff):
    """The walk by definition: split every street where a building or facility joins it, then SciPy's Dijkstra.

    Places are joined one by one with plain shapely; lengths follow the street.
    """
    streets, nodes = city["streets"], city["street_nodes"]
    index = {node: i for i, node in enumerate(nodes["node_id"])}
    homes = [shapely.centroid(g) for g in city["buildings"].geometry]
    doors = list(city["facilities"].geometry[(city["facilities"]["kind"] == kind).to_numpy()])
    graph = street_graph(city)
    usable = usable_streets(city, graph)
    stops: dict[int, list[tuple[float, int]]] = {int(s): [] for s in range(len(streets))}
    straight = []
    for place, point in enumerate([*homes, *doors]):
        away = [(streets.geometry.iloc[s].distance(point), int(s)) for s in usable]
        metres, s = min(away)
        line = streets.geometry.iloc[s]
        along = line.project(point) / line.length * streets["length_m"].iloc[s]
        begin = nodes.geometry.iloc[index[streets["from_node"].iloc[s]]]
        finish = nodes.geometry.iloc[index[streets["to_node"].iloc[s]]]
        first = shapely.get_point(line, 0)
        if first.distance(finish) < first.distance(begin):
            along = streets["length_m"].iloc[s] - along
        stops[s].append((along, len(nodes) + place))
        straight.append(metres)
    size = len(nodes) + len(straight)
    matrix = lil_array((size, size))
    for s, on_street in stops.items():
        length = streets["length_m"].iloc[s]
        chain = [(0.0, index[streets["from_node"].iloc[s]]), *sorted(on_street)]
        chain.append((length, index[streets["to_node"].iloc[s]]))
        for (a, u), (b, v) in pairwise(chain):
            if u == v:
                continue
            gap = max(b - a, 1e-9)  # a stored zero would read as no street
            if matrix[u, v] == 0 or gap < matrix[u, v]:
                matrix[u, v] = matrix[v, u] = gap
    far = dijkstra(csr_array(matrix), indices=range(len(nodes) + len(homes), size))
    total = far[:, len(nodes) : len(nodes) + len(homes)] + np.array(straight[: len(homes)])
    total += np.array(straight[len(homes) :])[:, None]
    nearest = total.min(axis=0)
    nearest[nearest > cutoff] = np.inf
    return nearest


def test_by_hand(street):
    access = walking_access(street, ("clinic", "elderly_care", "canteen"), cutoff_m=800)
    # Clinic at x=100, 20 m south of the street; homes 30 m north of it at x = 50, 350, 700, 950.
    np.testing.assert_allclose(access.distance[:, 0], [100, 300, 650, np.inf])
    np.testing.assert_allclose(access.distance[:, 1], [370, 70, 340, 590])
    assert np.isinf(access.distance[:, 2]).all()
    np.testing.assert_allclose(access.snapped_m, 30)
    assert access.kinds == ("clinic", "elderly_care", "canteen")


def test_a_street_drawn_backwards_changes_nothing(street, rebuilt):
    def backwards(streets):
        streets.geometry = streets.geometry.reverse()
        return streets

    want = walking_access(street, ("clinic", "park"))
    got = walking_access(rebuilt(streets=backwards), ("clinic", "park"))
    np.testing.assert_allclose(got.distance, want.distance, atol=1e-6)


def test_given_lengths_rule_over_drawn_ones(rebuilt):
    city = rebuilt(streets=lambda streets: streets.assign(length_m=400.0))
    distance = walking_access(city, ("clinic",)).distance[:, 0]
    np.testing.assert_allclose(distance, [150, 550, np.inf, np.inf])


def test_the_edge_of_the_cutoff_is_reached(street):
    assert walking_access(street, ("clinic",), cutoff_m=300).distance[1, 0] == pytest.approx(300)
    assert np.isinf(walking_access(street, ("clinic",), cutoff_m=299.99).distance[1, 0])


def test_without_streets_nothing_is_reached(rebuilt):
    city = rebuilt(streets=lambda t: t.iloc[:0], street_nodes=lambda t: t.iloc[:0])
    access = walking_access(city, ("clinic",))
    assert np.isinf(access.distance).all()
    assert np.isinf(access.snapped_m).all()


def test_a_mapped_stub_is_not_joined(rebuilt):
    """A 20 m path in the yard, joined to nothing, must not cut a home off from the street."""

    def more_nodes(table):
        stub = table.iloc[:2].assign(node_id=[90, 91]).set_geometry([at(40, 30), at(60, 30)], crs=table.crs)
        return pd.concat([table, stub], ignore_index=True)

    def more_streets(table):
        stub = table.iloc[:1].assign(street_id=90, from_node=90, to_node=91, length_m=20.0)
        stub = stub.set_geometry([shapely.LineString([at(40, 30), at(60, 30)])], crs=table.crs)
        return pd.concat([table, stub], ignore_index=True)

    city = rebuilt(street_nodes=more_nodes, streets=more_streets)
    graph = street_graph(city)
    assert usable_streets(city, graph).tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(walking_access(city, ("clinic",)).distance[0, 0], 100)


@pytest.mark.parametrize("cutoff", [400.0, 1200.0])
def test_equals_the_definition_on_a_quarter(quarter, cutoff):
    kinds = tuple(sorted(set(quarter["facilities"]["kind"])))[:6]
    access = walking_access(quarter, kinds, cutoff)
    for column, kind in enumerate(kinds):
        np.testing.assert_allclose(access.distance[:, column], slow_access(quarter, kind, cutoff), atol=1e-5)


def test_joins_are_exact(quarter):
    graph = street_graph(quarter)
    joins = join(quarter, quarter["buildings"].geometry, usable_streets(quarter, graph))
    lengths = quarter["streets"]["length_m"].to_numpy()[joins.street]
    np.testing.assert_allclose(joins.to_tail_m + joins.to_head_m, lengths)
    assert (joins.to_tail_m >= 0).all()
    assert (joins.to_head_m >= 0).all()
