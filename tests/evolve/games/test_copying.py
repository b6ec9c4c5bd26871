from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from hutong.evolve.games import estimate_fixation, fixation_probability, play_on_network

from ..evolve_twin import philox

STAG = np.array([[3.0, 0.5], [2.0, 1.0]])


@pytest.mark.parametrize("process", ["fermi", "moran"])
def test_many_runs_come_near_the_exact_chance(process):
    exact = fixation_probability(STAG, 0, 1, 12, 0.3, process)
    runs = 40_000
    share = estimate_fixation(STAG, 0, 1, 12, 0.3, runs, seed=5, process=process)
    assert abs(share - exact) < 4 * math.sqrt(exact * (1 - exact) / runs)


def rows(graph):
    matrix = nx.to_scipy_sparse_array(graph, format="csr")
    return matrix.indptr.astype(np.uint32), matrix.indices.astype(np.uint32)


def plain(indptr, indices, matrix, start, noise, rounds, seed, average):
    now, n = start.tolist(), len(start)
    key, counts = (seed % 2**32, seed >> 32), [np.bincount(start, minlength=len(matrix)).tolist()]
    for t in range(1, rounds + 1):
        for turn in range(n):
            w0, w1, w2, _ = philox((turn, t, 22, 0), key)
            i = w0 * n >> 32
            ties = indices[indptr[i] : indptr[i + 1]].tolist()
            if not ties:
                continue
            j = ties[w1 * len(ties) >> 32]
            if now[i] == now[j]:
                continue
            pay = []
            for k in (i, j):
                near = indices[indptr[k] : indptr[k + 1]].tolist()
                pay.append(sum(float(matrix[now[k], now[m]]) for m in near) / (len(near) if average else 1))
            if w2 * 2.0**-32 < 1.0 / (1.0 + math.exp((pay[0] - pay[1]) / noise)):
                now[i] = now[j]
        counts.append(np.bincount(now, minlength=len(matrix)).tolist())
    return np.array(counts), np.array(now, np.uint8)


@pytest.mark.parametrize("average", [False, True])
def test_a_network_equals_its_plain_twin(average):
    graph = nx.watts_strogatz_graph(60, 4, 0.2, seed=2)
    graph.add_node(60)  # someone whom nobody knows
    ptr, idx = rows(graph)
    matrix = np.array([[0, -1, 1.5], [1, 0, -1], [-1, 1, 0.25]])
    start = (np.arange(61) % 3).astype(np.uint8)
    seed = 0x0123_4567_89AB_CDEF
    fast = play_on_network(ptr, idx, matrix, start, 0.4, 25, seed, average)
    slow = plain(ptr, idx, matrix, start, 0.4, 25, seed, average)
    assert np.array_equal(fast[0], slow[0])
    assert fast[1].tobytes() == slow[1].tobytes()
    assert len(np.unique(fast[0], axis=0)) > 5


def test_everyone_meeting_everyone_is_the_well_mixed_population():
    ptr, idx = rows(nx.complete_graph(10))
    start = np.ones(10, np.uint8)
    start[3] = 0
    runs = 3000
    won = 0
    for seed in range(runs):
        counts, _ = play_on_network(ptr, idx, STAG, start, 1 / 0.6, 120, seed, average=True)
        assert counts[-1].max() == 10  # settled
        won += counts[-1, 0] == 10
    exact = fixation_probability(STAG, 0, 1, 10, 0.6)
    assert abs(won / runs - exact) < 4 * math.sqrt(exact * (1 - exact) / runs)


def test_cooperation_lasts_on_a_lattice_and_not_in_a_crowd():
    """Nowak and May 1992, Szabó and Tőke 1998: in the weak dilemma ties let cooperators live at b = 1.01, K = 0.1."""
    ptr, idx = rows(nx.grid_2d_graph(30, 30, periodic=True))
    start = (np.arange(900) * 7919 % 2).astype(np.uint8)
    weak = np.array([[1.0, 0.0], [1.01, 0.0]])
    lattice, _ = play_on_network(ptr, idx, weak, start, 0.1, 300, 3)
    assert lattice[-1, 0] > 200
    temptation = np.array([[1.0, 0.0], [1.2, 0.0]])
    gone, _ = play_on_network(ptr, idx, temptation, start, 0.1, 600, 3)
    assert gone[-1, 0] == 0
