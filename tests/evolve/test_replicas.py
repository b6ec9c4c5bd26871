"""The bit-parallel replicas against a plain Python twin and against the one-run kernel's known answers."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from scipy.stats import ks_2samp

from hutong.errors import HutongError
from hutong.evolve.binary import make_crowd, run_crowd
from hutong.evolve.replicas import BATCH, WORDS, make_replicas, run_replicas

from .evolve_twin import philox


def rows(graph):
    matrix = nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), format="csr")
    return matrix.indptr.astype(np.uint32), matrix.indices.astype(np.uint32)


def uniform_bits(i, step, keys):
    """The 32 bits of every replica's draw for one household, as whole numbers, written out."""
    whole = [0] * BATCH
    for b in range(32):
        for k in range(WORDS):
            word = splitmix(keys, step << 40 | i << 8 | 8 * b + k)
            for r in range(64):
                whole[64 * k + r] |= (word >> r & 1) << (31 - b)
    return whole


def splitmix(keys, number):
    """SplitMix64 at one place, with the second key between its multiplications."""
    x = (keys[0] + 0x9E3779B97F4A7C15 * number) % 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27 ^ keys[1]) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


@pytest.mark.parametrize(("own", "threads"), [(False, 1), (True, 1), (True, 2)])
def test_equals_the_plain_twin_bit_for_bit(own, threads):
    rng = np.random.default_rng(6)
    n, steps, seed = 9, 2, 0xFEDC_BA98_7654_3210
    graph = nx.star_graph(n - 1) if own else nx.gnp_random_graph(n, 0.4, seed=3)
    ptr, idx = rows(graph)
    kind = rng.integers(0, 2, n)
    shape = (2, 2, 9, BATCH) if own else (2, 2, 9)
    chance = rng.choice([0.0, 1.0, 0.5, 1 / 3, rng.random()], shape)
    start = rng.integers(0, 2, n)
    counts, last = run_replicas(make_replicas(ptr, idx, kind, chance), start, steps, seed, threads=threads)
    a, b, c, d = philox((0, 0, 33, 0), (seed % 2**32, seed >> 32), 10)
    keys = (a << 32 | b, c << 32 | d)
    now = [[int(a)] * BATCH for a in start]
    for step in range(1, steps + 1):
        then = []
        for i in range(n):
            drawn = uniform_bits(i, step, keys)
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


def test_two_threads_and_many_households_give_what_one_gives():
    ptr, idx = rows(nx.grid_2d_graph(65, 100))
    kind, chance = np.arange(6500) % 3, np.random.default_rng(2).random((3, 2, 5, BATCH))
    batch, start = make_replicas(ptr, idx, kind, chance), np.arange(6500) % 2
    one, last = run_replicas(batch, start, 3, 5)
    two, same = run_replicas(batch, start, 3, 5, threads=2)
    assert np.array_equal(one, two)
    assert last.tobytes() == same.tobytes()
    bits = np.unpackbits(last.view(np.uint8), axis=1, bitorder="little")
    assert bits.sum(axis=0).tolist() == one[3].tolist()


def test_the_distribution_is_that_of_the_general_kernel():
    """How many of 144 homes are in favour after 12 steps near a tipping point: 512 runs of each form."""
    ptr, idx = rows(nx.grid_2d_graph(12, 12, periodic=True))
    chance = 1 / (1 + np.exp(-3 * (np.arange(5) / 4 - 0.5 + np.array([[-0.1], [0.1]]))))[None]
    kind, start = np.zeros(144, int), np.arange(144) % 2
    ours = run_replicas(make_replicas(ptr, idx, kind, chance), start, 12, 1)[0][-1]
    crowd = make_crowd(ptr, idx, kind, chance)
    theirs = [run_crowd(crowd, start, 12, seed)[0][-1] for seed in range(BATCH)]
    assert ours.std() > 8  # independent answers would have 6
    assert ks_2samp(ours, theirs).pvalue > 0.01
