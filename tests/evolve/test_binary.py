"""The one-pass household kernel against a plain Python twin and against models whose answer is known."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.evolve.binary import CHUNK, make_crowd, run_crowd

from .evolve_twin import philox


def twin(indptr, indices, kind, chance, start, steps, seed, parts=()):
    """One household at a time, each draw of 32 bits written out."""
    n, key = len(start), (seed % 2**32, seed >> 32)
    now, counts = start.tolist(), [int(start.sum())]
    for step in range(1, steps + 1):
        then = now if parts else now.copy()
        heard = now if parts else now.copy()
        for first, last in zip((0, *parts), (*parts, n), strict=True):
            for i in range(first, last):
                block, place = divmod(i, CHUNK)
                word, half = divmod(place, CHUNK // 4)  # which of the four words, which half of which block
                pair = philox((block * CHUNK // 8 + half // 2, step, 31, 0), key, 7)[word]
                upper = pair >> 16 if half % 2 else pair & 0xFFFF
                low = philox((i, step, 32, 0), key, 7)[0] >> 16
                near = indices[indptr[i] : indptr[i + 1]].tolist()
                count = sum(heard[k] for k in near)
                limit = math.floor(float(chance[kind[i], heard[i], count]) * 2**32)
                then[i] = int((upper << 16 | low) < limit)
        now = then
        counts.append(sum(now))
    return np.array(counts), np.array(now, np.uint8)


def rows(graph):
    matrix = nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), format="csr")
    return matrix.indptr.astype(np.uint32), matrix.indices.astype(np.uint32)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**64 - 1), degree=st.integers(0, 12), n=st.integers(1, 300))
def test_equals_the_plain_twin_byte_for_byte(seed, degree, n):
    rng = np.random.default_rng(seed)
    ptr, idx = rows(nx.gnp_random_graph(n, min(degree / n, 1.0), seed=degree))
    chance = rng.choice([0.0, 1.0, 0.25, 1 / 3, 2.0**-20, rng.random()], (3, 2, 60))
    kind, start = rng.integers(0, 3, n), rng.integers(0, 2, n).astype(np.uint8)
    fast = run_crowd(make_crowd(ptr, idx, kind, chance), start, 8, seed)
    slow = twin(ptr, idx, kind, chance, start, 8, seed)
    assert np.array_equal(fast[0], slow[0])
    assert fast[1].tobytes() == slow[1].tobytes()


def test_draws_left_open_by_the_upper_half_are_settled_by_the_lower():
    """Sixty thousand draws meet a limit whose upper half is drawn about once in them."""
    n = 30_000
    ptr, idx = np.zeros(n + 1, np.uint32), np.zeros(0, np.uint32)
    chance = np.full((1, 2, 1), (0x8000_0000 + 0x7FFF) / 2**32)
    start = np.zeros(n, np.uint8)
    fast = run_crowd(make_crowd(ptr, idx, np.zeros(n, int), chance), start, 2, 9)
    slow = twin(ptr, idx, np.zeros(n, int), chance, start, 2, 9)
    assert fast[1].tobytes() == slow[1].tobytes()
    assert np.array_equal(fast[0], slow[0])


def checkerboard(side):
    """A lattice with the black places first, so that neither colour holds a tie."""
    board = nx.grid_2d_graph(side, side, periodic=True)
    order = sorted(board, key=lambda p: (sum(p) % 2, p))
    return rows(nx.relabel_nodes(board, {p: k for k, p in enumerate(order)}))


def test_groups_in_turn_equal_the_twin():
    ptr, idx = checkerboard(12)
    chance = np.random.default_rng(4).random((2, 2, 5))
    kind, start = np.arange(144) % 2, (np.arange(144) % 3 == 0).astype(np.uint8)
    fast = run_crowd(make_crowd(ptr, idx, kind, chance), start, 10, 77, parts=(72,))
    slow = twin(ptr, idx, kind, chance, start, 10, 77, parts=(72,))
    assert fast[1].tobytes() == slow[1].tobytes()


def test_the_number_of_threads_changes_nothing():
    ptr, idx = rows(nx.random_regular_graph(8, 9000, seed=1))
    chance = np.random.default_rng(2).random((1, 2, 9))
    crowd = make_crowd(ptr, idx, np.zeros(9000, int), chance)
    start = (np.arange(9000) % 2).astype(np.uint8)
    one, *others = (run_crowd(crowd, start, 20, 3, threads=k) for k in (1, 2, 3, 7))
    for other in others:
        assert other[0].tobytes() == one[0].tobytes()
        assert other[1].tobytes() == one[1].tobytes()


def test_decoupled_logit_households():
    """Costs U(0, 1), benefit 0.3, noise 0.1: the mean of 1/(1 + exp((c − p)/K)) is 0.304767588512."""
    p, noise, kinds = 0.3, 0.1, 500
    exact = 1.0 - noise * (math.log1p(math.exp((1 - p) / noise)) - math.log1p(math.exp(-p / noise)))
    assert exact == pytest.approx(0.304767588512, abs=1e-12)
    costs = (np.arange(kinds) + 0.5) / kinds
    chance = np.repeat(1 / (1 + np.exp((costs - p) / noise)), 2).reshape(kinds, 2, 1)
    n, steps = 100_000, 40
    crowd = make_crowd(np.zeros(n + 1, np.uint32), np.zeros(0, np.uint32), np.arange(n) % kinds, chance)
    counts, _ = run_crowd(crowd, np.zeros(n, np.uint8), steps, 5)
    spread = math.sqrt(0.2 / (n * steps))
    assert counts[1:].mean() / n == pytest.approx(exact, abs=4 * spread)


def test_spatial_logit_is_glauber_dynamics():
    """Onsager and Yang: at β = 0.5 the lattice keeps |m| = (1 − sinh(2β)⁻⁴)^(1/8) = 0.911319378."""
    beta, side = 0.5, 96
    exact = (1 - math.sinh(2 * beta) ** -4) ** 0.125
    assert exact == pytest.approx(0.911319378, abs=1e-9)
    ptr, idx = checkerboard(side)
    field = 2 * np.arange(5) - 4
    chance = np.tile(1 / (1 + np.exp(-2 * beta * field)), (1, 2, 1))
    n = side * side
    crowd = make_crowd(ptr, idx, np.zeros(n, int), chance)
    counts, _ = run_crowd(crowd, np.ones(n, np.uint8), 6000, 11, parts=(n // 2,))
    size = np.abs(2 * counts[500:] / n - 1)
    blocks = size[: len(size) // 20 * 20].reshape(20, -1).mean(axis=1)
    error = blocks.std(ddof=1) / math.sqrt(20)
    assert error < 1e-3
    assert abs(size.mean() - exact) < 4 * error


@pytest.mark.parametrize(
    ("kind", "chance"),
    [(np.zeros(3, int), np.ones((1, 2, 2))), (np.ones(4, int), np.ones((1, 2, 9))),
     (np.zeros(4, int), np.full((1, 2, 9), 1.01)), (np.zeros(4, int), np.full((1, 2, 9), np.nan)),
     (np.zeros(4, int), np.ones((1, 2, 2)))],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind, chance):
    ptr, idx = rows(nx.complete_graph(4))
    with pytest.raises(HutongError, match="do not fit"):
        make_crowd(ptr, idx, kind, chance)
