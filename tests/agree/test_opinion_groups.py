"""Grouping people, and how slowly the number of groups changes."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree import opinion_groups as module
from hutong.agree.opinion_groups import (
    GroupState,
    OpinionSettings,
    find_partition,
    grouped_people,
    least_size,
    silhouette,
    split,
)
from hutong.rng import generator

SETTINGS = OpinionSettings()


def clouds(
    centres: list[tuple[float, float]], sizes: list[int], width: float = 0.3, seed: int = 1
) -> np.ndarray:
    draw = generator(seed, "test clouds")
    return np.vstack(
        [np.add(c, width * (draw.random((n, 2)) - 0.5)) for c, n in zip(centres, sizes, strict=True)]
    )


def slow_silhouette(positions: np.ndarray, labels: np.ndarray) -> float:
    """Rousseeuw's definition, person by person."""
    total = 0.0
    for i, place in enumerate(positions):
        far = np.array([np.hypot(*(place - other)) for other in positions])
        mine = (labels == labels[i]) & (np.arange(len(labels)) != i)
        if not mine.any():
            continue
        a = far[mine].mean()
        b = min(far[labels == g].mean() for g in np.unique(labels) if g != labels[i])
        total += (b - a) / max(a, b)
    return total / len(positions)


def test_who_is_grouped() -> None:
    counts = np.array([9, 7, 6, *[1] * 20, 3])
    inside = grouped_people(counts, 30, SETTINGS)
    assert inside.sum() == 15  # two have voted enough; 15 are grouped
    assert inside[[0, 1, 2, 23]].all()
    assert inside[3:14].all()  # of those with one vote the first, in order
    assert not inside[14:23].any()
    assert grouped_people(np.array([3] * 20 + [2]), 3, SETTINGS).tolist() == [True] * 20 + [False]
    assert grouped_people(np.array([1, 2]), 30, SETTINGS).all()


@pytest.mark.parametrize(("people", "least"), [(6, 2), (30, 2), (60, 3), (100, 5), (100_000, 5)])
def test_size_below_which_a_cluster_is_an_outlier(people: int, least: int) -> None:
    assert least_size(people, SETTINGS) == least


def test_split_is_optimal_on_few_points() -> None:
    points = clouds([(0, 0), (1, 0.4), (0.3, 1)], [4, 3, 3], width=1.4, seed=5)
    best = min(
        sum(
            ((points[np.array(labels) == g] - points[np.array(labels) == g].mean(axis=0)) ** 2).sum()
            for g in set(labels)
        )
        for labels in product(range(2), repeat=10)
        if 2 <= sum(labels) <= 8
    )
    assert split(points, 2, 1, SETTINGS).inertia == pytest.approx(best, abs=1e-6)


def test_one_far_person_is_no_group() -> None:
    points = np.vstack([clouds([(0, 0), (2, 0)], [60, 47]), [[0, 40.0]]])
    found = split(points, 2, 1, SETTINGS)
    assert found.smallest >= 5
    alone = split(points, 2, 1, OpinionSettings(smallest_group=1))
    assert alone.smallest == 1  # the lowest inertia of all would be the loner against the rest
    assert alone.inertia < found.inertia


def test_silhouette_is_the_definition() -> None:
    points = clouds([(0, 0), (1, 1)], [11, 7], width=1.5)
    labels = np.array([0] * 11 + [1] * 6 + [2])
    assert silhouette(points, labels, 3, 1) == pytest.approx(slow_silhouette(points, labels), abs=1e-12)


def test_large_crowds_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    points = clouds([(0, 0), (1, 1)], [300, 200], width=1.2)
    labels = np.repeat([0, 1], [300, 200])
    exact = silhouette(points, labels, 2, 1)
    monkeypatch.setattr(module, "SILHOUETTE_SAMPLE", 200)
    estimate = silhouette(points, labels, 2, 1)
    assert estimate != exact
    assert estimate == pytest.approx(exact, abs=0.05)
    assert estimate == silhouette(points, labels, 2, 1)


def test_large_crowds_start_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    points = clouds([(0, 0), (1, 1), (0, 1)], [300, 200, 150], width=1.6)
    exact = split(points, 3, 1, SETTINGS)
    monkeypatch.setattr(module, "START_SAMPLE", 100)
    found = split(points, 3, 1, SETTINGS)
    assert len(found.labels) == 650
    assert exact.inertia <= found.inertia <= 1.01 * exact.inertia


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_finds_the_clouds_there_are(k: int) -> None:
    centres = [(0.0, 0.0), (3.0, 0.0), (0.0, 3.0), (3.0, 3.0), (8.0, 1.0)][:k]
    sizes = [40, 30, 25, 20, 15][:k]
    people = np.arange(sum(sizes))
    labels, silhouettes, state = find_partition(clouds(centres, sizes), people, 1, SETTINGS, None)
    assert state.k == k
    assert max(silhouettes, key=silhouettes.__getitem__) == k
    assert labels.tolist() == np.repeat(np.arange(k), sizes).tolist()  # the largest is group 0
    assert [len(m) for m in state.members] == sizes


def test_number_of_groups_is_limited_by_people() -> None:
    points = clouds([(0, 0), (9, 0), (0, 9), (9, 9)], [3, 3, 3, 2])
    _, silhouettes, state = find_partition(points, np.arange(11), 1, SETTINGS, None)
    assert list(silhouettes) == [2]  # 2 + 11 // 12
    assert state.k == 2


@pytest.mark.parametrize("points", [np.zeros((20, 2)), np.zeros((1, 2))])
def test_those_who_say_the_same_are_one_group(points: np.ndarray) -> None:
    labels, silhouettes, state = find_partition(points, np.arange(len(points)), 1, SETTINGS, None)
    assert not labels.any()
    assert not silhouettes
    assert state == GroupState(1, 1, 1, (tuple(range(len(points))),))


def test_a_new_number_must_win_four_times() -> None:
    two, three = clouds([(0, 0), (3, 0)], [30, 20]), clouds([(0, 0), (3, 0), (0, 3)], [20, 16, 14])
    people = np.arange(50)
    state, seen = None, []
    for points in (two, three, three, three, two, three, three, three, three, two):
        _, _, state = find_partition(points, people, 1, SETTINGS, state)
        seen.append(state.k)
    assert seen == [2, 2, 2, 2, 2, 2, 2, 2, 3, 3]


@given(st.lists(st.integers(2, 5), min_size=1, max_size=30))
def test_state_follows_its_rule(winners: list[int]) -> None:
    state = GroupState(winners[0], winners[0], 1)
    k, run = winners[0], 1
    for before, best in pairwise(winners):
        run = run + 1 if best == before else 1
        k = best if run >= 4 else k
        state = state.after(best, 4)
        assert (state.k, state.winner, state.wins) == (k, best, run)


def test_an_impossible_number_is_given_up() -> None:
    state = GroupState(4, 4, 9)
    _, _, after = find_partition(clouds([(0, 0), (3, 0)], [5, 4]), np.arange(9), 1, SETTINGS, state)
    assert after.k == 2


def test_groups_keep_their_names_while_sizes_change() -> None:
    centres = [(0.0, 0.0), (3.0, 0.0)]
    first, _, state = find_partition(clouds(centres, [30, 20]), np.arange(50), 1, SETTINGS, None)
    points = np.vstack([clouds(centres, [30, 20]), clouds([(3, 0)], [25], seed=2)])
    second, _, state = find_partition(points, np.arange(75), 1, SETTINGS, state)
    assert second[:50].tolist() == first.tolist()  # group 1 is now the larger, and still group 1
    assert np.bincount(second).tolist() == [30, 45]
    fresh, _, _ = find_partition(points, np.arange(75), 1, SETTINGS, None)
    assert np.bincount(fresh).tolist() == [45, 30]


def test_state_is_plain_values() -> None:
    _, _, state = find_partition(clouds([(0, 0), (3, 0)], [9, 9]), np.arange(18), 1, SETTINGS, None)
    raw = json.loads(json.dumps(asdict(state)))
    back = GroupState(raw["k"], raw["winner"], raw["wins"], tuple(tuple(m) for m in raw["members"]))
    assert back == state


def test_restarts_are_needed() -> None:
    with pytest.raises(ValueError, match="restart"):
        split(np.zeros((3, 2)), 2, 1, OpinionSettings(restarts=0))
