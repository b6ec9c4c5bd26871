"""Lines into a graph: junctions, loops, lengths, connected parts."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city.shapes import array
from hutong.city.streets import components, lines_to_graph, street_graph

CRS = "EPSG:4548"


def _graph(ways: list[list[int]], kinds: list[str] | None = None):  # type: ignore[no-untyped-def]
    """Build from lists of node ids; node n lies at (10 n, n²), so that lengths tell which vertices are used."""
    key = np.array([n for way in ways for n in way], np.int64)
    xy = np.column_stack([key * 10.0, key.astype(float) ** 2])
    first = np.cumsum([0, *map(len, ways)])
    return street_graph(key, xy, first, np.array(kinds or ["lane"] * len(ways), object), CRS)


def _edges(ways: list[list[int]]) -> list[tuple[int, int]]:
    _, streets = _graph(ways)
    return sorted(
        tuple(sorted(e)) for e in zip(streets["from_node"].tolist(), streets["to_node"].tolist(), strict=True)
    )


def test_lines_are_split_where_they_meet() -> None:
    assert _edges([[1, 2, 3, 4, 5], [9, 3, 8]]) == [(1, 3), (3, 5), (3, 8), (3, 9)]


def test_a_line_that_crosses_itself_is_split_there() -> None:
    assert _edges([[1, 2, 3, 4, 2, 5]]) == [(1, 2), (2, 3), (2, 3), (2, 5)]


def test_a_closed_line_alone_has_no_edge_to_itself() -> None:
    nodes, streets = _graph([[1, 2, 3, 4, 1]])
    assert len(streets) == 2
    assert (streets["from_node"] != streets["to_node"]).all()
    assert len(nodes) == 2


def test_repeated_vertices_and_points_are_no_streets() -> None:
    nodes, streets = _graph([[1, 1, 2], [3, 3]])
    assert list(nodes["node_id"]) == [1, 2]
    assert len(streets) == 1


def test_kinds_stay_with_their_lines_and_empty_is_empty() -> None:
    _, streets = _graph([[1, 2], [2, 3]], ["steps", "street"])
    assert list(streets["kind"]) == ["steps", "street"]
    nodes, streets = _graph([])
    assert len(nodes) == len(streets) == 0


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 12), min_size=2, max_size=8), min_size=1, max_size=6))
def test_the_graph_keeps_length_and_connection(ways: list[list[int]]) -> None:
    nodes, streets = _graph(ways)
    plain = nx.MultiGraph()
    length = 0.0
    for way in ways:
        for a, b in itertools.pairwise(way):
            if a != b:
                step = float(np.hypot(10 * (a - b), a * a - b * b))
                plain.add_edge(a, b, length=step)
                length += step
    assert streets["length_m"].sum() == pytest.approx(length)
    assert (streets.geometry.length - streets["length_m"]).abs().max() < 1e-9 if len(streets) else True
    ours = nx.Graph(zip(streets["from_node"].tolist(), streets["to_node"].tolist(), strict=True))
    assert nx.number_connected_components(ours) == nx.number_connected_components(plain)
    ends = {n for way in ways if len(set(way)) > 1 for n in (way[0], way[-1])}
    assert ends <= set(nodes["node_id"])
    # nothing else needs a node: every other one is a junction or the middle of a loop
    assert set(ours.nodes) == set(nodes["node_id"])


def test_components_rank_by_length() -> None:
    nodes, streets = _graph([[1, 2], [2, 3], [10, 12], [20, 21]])
    parts = components({"street_nodes": nodes, "streets": streets})
    assert len(parts.length_m) == 3
    assert (np.diff(parts.length_m) <= 0).all()
    assert parts.share == pytest.approx(parts.length_m[0] / streets["length_m"].sum())
    longest = streets["length_m"][parts.label == 0].sum()
    assert longest == pytest.approx(parts.length_m[0])


def _lines(*texts: str) -> np.ndarray:
    return array([shapely.from_wkt(f"LINESTRING ({t})") for t in texts])


def test_plain_lines_meet_where_they_cross() -> None:
    lines = _lines("0 0, 100 0", "50 -50, 50 50", "100 0, 100 80", "20 0.004, 20 60")
    kind = np.array(["street", "lane", "lane", "footpath"], object)
    nodes, streets = lines_to_graph(lines, kind, CRS)
    assert len(streets) == 3 + 2 + 1 + 1  # the footpath begins 4 mm beside the street: it meets it
    assert streets["length_m"].sum() == pytest.approx(100 + 100 + 80 + 60, abs=0.02)
    assert len(components({"street_nodes": nodes, "streets": streets}).length_m) == 1
    assert (streets["kind"] == "street").sum() == 3


def test_plain_lines_with_shared_vertices_only() -> None:
    lines = _lines("0 0, 100 0", "50 -50, 50 50", "100 0, 100 80")
    nodes, streets = lines_to_graph(lines, np.array(["lane"] * 3, object), CRS, crossings=False)
    assert len(streets) == 3
    assert len(components({"street_nodes": nodes, "streets": streets}).length_m) == 2


def test_lines_that_lie_on_one_another_share_their_ends() -> None:
    lines = _lines("0 0, 100 0", "40 0, 60 0")
    _, streets = lines_to_graph(lines, np.array(["lane"] * 2, object), CRS)
    assert len(streets) == 4
    assert streets["length_m"].sum() == pytest.approx(120)
