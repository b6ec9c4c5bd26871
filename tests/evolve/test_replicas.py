"""The bit-parallel replicas against a plain Python twin and against the one-run kernel's known answers."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.evolve.replicas import BATCH, WORDS, make_replicas, run_replicas

from .evolve_twin import philox


def rows(graph):
    matrix = nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), format="csr")
    return matrix.indptr.astype(np.uint32), matrix.indices.astype(np.uint32)


def uniform_bits(i, step, key):
    """The 32 bits of every replica's draw for one household, as whole numbers, written out."""
    whole = [0] * BATCH
    for b in range(32):
        group, place = divmod(b, 8)
        row = place // 2
        for k in range(WORDS):
            at = 2 * (8 * (place % 2) + k)
            low, high = (philox((i, step, 33, group * 32 + at + half), key, 7)[row] for half in (0, 1))
            for r in range(64):
                bit = (high << 32 | low) >> r & 1
                whole[64 * k + r] |= bit << (31 - b)
    return whole


@pytest.mark.parametrize("own", [False, True])
def test_equals_the_plain_twin_bit_for_bit(own):
    rng = np.random.default_rng(6)
    n, steps, seed = 9, 2, 0xFEDC_BA98_7654_3210
    graph = nx.star_graph(n - 1) if own else nx.gnp_random_graph(n, 0.4, seed=3)
    ptr, idx = rows(graph)
    kind = rng.integers(0, 2, n)
    shape = (2, 2, 9, BATCH) if own else (2, 2, 9)
    chance = rng.choice([0.0, 1.0, 0.5, 1 / 3, rng.random()], shape)
    start = rng.integers(0, 2, n)
    counts, last = run_replicas(make_replicas(ptr, idx, kind, chance), start, steps, seed)
    key = (seed % 2**32, seed >> 32)
    now = [[int(a)] * BATCH for a in start]
    for step in range(1, steps + 1):
        then = []
        for i in range(n):
            drawn = uniform_bits(i, step, key)
            near = idx[ptr[i] : ptr[i + 1]].tolist()
            answers = []
            for r in range(BATCH):
                p = chance[kind[i], now[i][r], sum(now[k][r] for k in near)]
                answers.append(int(drawn[r] < math.floor(float(p[r] if own else p) * 2**32)))
            then.append(answers)
        now = then
        assert counts[step].tolist() == [sum(now[i][r] for i in range(n)) for r in range(BATCH)]
    bits = (last[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert bits.reshape(n, BATCH).tolist() == now


def test_replicas_are_independent_and_keep_their_chances():
    """Without ties each answer is one throw of its replica's own coin."""
    n, steps = 40, 60
    chance = np.broadcast_to(np.linspace(0.05, 0.95, BATCH), (1, 2, 1, BATCH))
    none = np.zeros(0, np.uint32)
    batch = make_replicas(np.zeros(n + 1, np.uint32), none, np.zeros(n, int), chance)
    counts, _ = run_replicas(batch, np.zeros(n, int), steps, 8)
    share = counts[1:].sum(axis=0) / (n * steps)
    wanted = chance[0, 0, 0]
    z = (share - wanted) / np.sqrt(wanted * (1 - wanted) / (n * steps))
    assert abs(z.mean()) < 4 / math.sqrt(BATCH)
    assert 0.8 < z.std() < 1.2
    assert np.abs(np.corrcoef(counts[1:, :20].T) - np.eye(20)).max() < 0.6


def test_counts_may_be_kept_now_and_then():
    ptr, idx = rows(nx.cycle_graph(12))
    chance = np.random.default_rng(1).random((1, 2, 3))
    batch = make_replicas(ptr, idx, np.zeros(12, int), chance)
    every, last = run_replicas(batch, np.ones(12, int), 6, 2)
    some, same = run_replicas(batch, np.ones(12, int), 6, 2, every=3)
    assert np.array_equal(some, every[::3])
    assert last.tobytes() == same.tobytes()


def test_more_than_eight_neighbours_are_refused():
    ptr, idx = rows(nx.complete_graph(11))
    with pytest.raises(HutongError, match="at most 8"):
        make_replicas(ptr, idx, np.zeros(11, int), np.full((1, 2, 11), 0.5))
