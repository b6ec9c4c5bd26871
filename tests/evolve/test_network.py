from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.evolve.network import build_network


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 120), stairs=st.integers(1, 9), buildings=st.integers(1, 4))
def test_ties_are_mutual_single_and_local(n, stairs, buildings):
    stair = np.sort(np.arange(n) % stairs)
    building = np.minimum(stair // 3, buildings - 1)
    net = build_network(stair, building, np.zeros(n, np.int64))
    rows = np.repeat(np.arange(n), np.diff(net.indptr.astype(int)))
    pairs = set(zip(rows.tolist(), net.indices.tolist(), strict=True))
    assert len(pairs) == len(net.indices) == 2 * net.ties
    assert all((b, a) in pairs and a != b for a, b in pairs)
    for i in range(n):
        row = net.indices[net.indptr[i] : net.indptr[i + 1]]
        assert np.all(np.diff(row.astype(int)) > 0)
    assert net.indices.dtype == net.indptr.dtype == np.uint32
    assert all((i, i + 1) in pairs for i in range(n - 1) if stair[i] == stair[i + 1])


def test_unknown_groups_make_no_ties():
    net = build_network(np.full(5, -1), np.full(5, -1), np.full(5, -1))
    assert net.ties == 0
    assert net.indptr.tolist() == [0] * 6


def test_the_same_city_has_the_same_network():
    groups = np.repeat(np.arange(4), 10)
    a, b = (build_network(groups, groups // 2, groups // 4) for _ in range(2))
    assert a.indices.tobytes() == b.indices.tobytes()
