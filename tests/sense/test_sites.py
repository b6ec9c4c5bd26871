from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hutong.sense import sites as module
from hutong.sense.network import make_graph
from hutong.sense.sites import best_sites
from hutong.sense.walks import meetings, node_joins

REACH = 260.0


def problem(seed: int, homes: int = 25, side: int = 7):
    rng = np.random.default_rng(seed)
    index = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    head = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    keep = rng.random(len(tail)) < 0.9
    graph = make_graph(side * side, tail[keep], head[keep], rng.uniform(60, 140, int(keep.sum())))
    places = node_joins(rng.choice(side * side, homes, replace=False))
    return graph, places, rng.integers(1, 30, homes).astype(float), node_joins(np.arange(side * side))


def covers(graph, homes, candidates):
    met = meetings(graph, candidates, homes, REACH)
    out = np.zeros((len(candidates.tail), len(homes.tail)), bool)
    out[met.door, met.place] = True
    return out


@pytest.mark.parametrize("seed", range(6))
def test_against_every_combination(seed):
    graph, homes, weight, candidates = problem(seed)
    cover = covers(graph, homes, candidates)
    chosen = best_sites(graph, homes, weight, candidates, REACH, most=3)
    for k in (1, 2, 3):
        best = max(cover[list(some)].any(axis=0) @ weight for some in combinations(range(len(cover)), k))
        got = sum(c.weight for c in chosen[:k])
        assert got <= best
        assert got >= (1 - (1 - 1 / k) ** k) * best - 1e-9
        if k == 1:
            assert got == best
    served = np.concatenate([c.homes for c in chosen])
    assert len(np.unique(served)) == len(served)
    for c in chosen:
        assert cover[c.candidate][c.homes].all()
        assert c.weight == weight[c.homes].sum()


@pytest.mark.parametrize("seed", range(3))
def test_equals_a_plain_greedy(seed):
    graph, homes, weight, candidates = problem(seed)
    weight = weight * np.random.default_rng(seed).uniform(1, 2, len(weight))  # so that only equal sets tie
    cover = covers(graph, homes, candidates)
    left, gains = np.ones(len(weight), bool), []
    for _ in range(4):
        gain = cover[:, left] @ weight[left]
        gains.append(gain.max())
        left &= ~cover[int(np.argmax(gain))]
    chosen = best_sites(graph, homes, weight, candidates, REACH, most=4)
    np.testing.assert_allclose([c.weight for c in chosen], gains)


def test_chunks_change_nothing(monkeypatch):
    graph, homes, weight, candidates = problem(9)
    whole = best_sites(graph, homes, weight, candidates, REACH, most=4)
    monkeypatch.setattr(module, "CHUNK", 3)
    parts = best_sites(graph, homes, weight, candidates, REACH, most=4)
    assert [c.candidate for c in whole] == [c.candidate for c in parts]


def test_all_served_and_nobody_to_serve():
    graph, homes, weight, candidates = problem(2)
    everyone = best_sites(graph, homes, weight, candidates, 1e6, most=5)
    assert len(everyone) == 1
    assert everyone[0].weight <= weight.sum()
    assert best_sites(graph, homes, 0 * weight, candidates, REACH) == ()
    assert best_sites(graph, homes, weight, candidates.take(np.zeros(0, int)), REACH) == ()


def test_of_equal_sites_the_one_with_shorter_walks():
    graph = make_graph(3, np.array([0, 1]), np.array([1, 2]), np.array([100.0, 50.0]))
    chosen = best_sites(
        graph, node_joins(np.array([2, 0])), np.array([5.0, 1.0]), node_joins(np.arange(3)), 200.0
    )
    assert chosen[0].candidate == 2
    assert chosen[0].metres.tolist() == [0, 150]
