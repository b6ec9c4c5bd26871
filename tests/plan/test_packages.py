"""Packages: every compatible set, and a fair cut of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.plan import Measure, load_measures
from hutong.plan.packages import MOST_MEASURES, compatible_sets, offered_sets

MEASURES = [m for m in load_measures() if m.applies_to == "building"]


def by_hand(measures: list[Measure]) -> set[frozenset[str]]:
    out = set()
    for k in range(1, len(measures) + 1):
        for group in combinations(measures, k):
            ids = {m.id for m in group}
            if all(set(m.requires) <= ids and not set(m.excludes) & ids for m in group):
                out.add(frozenset(ids))
    return out


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_sets_equal_a_plain_search(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    names = [f"m{i}" for i in range(n)]
    some = st.lists(st.sampled_from(names), max_size=2)
    measures = [
        replace(
            MEASURES[0],
            id=name,
            excludes=tuple(x for x in data.draw(some) if x != name),
            requires=tuple(data.draw(some)),
        )
        for name in names
    ]
    sets = compatible_sets(measures)
    assert {frozenset(names[i] for i in np.flatnonzero(row)) for row in sets} == by_hand(measures)
    assert (np.diff(sets.sum(axis=1)) >= 0).all()


def plainly(
    measures: list[Measure], applies: np.ndarray, worth: np.ndarray, cost: np.ndarray, most: int
) -> dict[int, set[frozenset[str]]]:
    """Weigh every compatible set of every object alone, as the docstring says."""
    sets = compatible_sets(measures)
    out: dict[int, set[frozenset[str]]] = {}
    for row in range(len(applies)):
        fitting = [s for s in sets if not (s & ~applies[row]).any()]
        if not fitting:
            continue
        sizes = [int(s.sum()) for s in fitting]
        ratio = worth[row] / np.maximum(cost[row], 1.0)
        order = sorted(np.flatnonzero(applies[row]), key=lambda i: -ratio[i])
        rank = {int(i): k for k, i in enumerate(order)}
        brings = [worth[row][s].sum() / max(cost[row][s].sum(), 1.0) for s in fitting]
        score = [
            4 * (size <= 1 or size == min(sizes)) + 4 * (size == max(sizes)) + 2 * (size == max(sizes) - 1)
            + 3 * (max(rank[int(i)] for i in np.flatnonzero(s)) == size - 1) + b / max(*brings, 1e-12)
            for s, size, b in zip(fitting, sizes, brings, strict=True)
        ]  # fmt: skip
        best = np.argsort(-np.array(score), kind="stable")[:most]
        out[row] = {frozenset(measures[i].id for i in np.flatnonzero(fitting[k])) for k in best}
    return out


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(1, 12))
def test_packages_equal_a_plain_cut(seed: int, n: int, most: int) -> None:
    random = np.random.default_rng(seed)
    names = [f"m{i}" for i in range(n)]
    measures = [replace(MEASURES[0], id=name, excludes=(), requires=(), beside=False) for name in names]
    measures[0] = replace(measures[0], excludes=(names[1],))
    applies = random.random((5, n)) < 0.7
    worth, cost = random.random((5, n)) * 9, 1.0 + random.random((5, n)) * 9
    objects, packages = offered_sets(measures, applies, worth, cost, most)
    found: dict[int, set[frozenset[str]]] = {}
    for row, package in zip(objects.tolist(), packages, strict=True):
        found.setdefault(row, set()).add(frozenset(names[i] for i in np.flatnonzero(package)))
    assert found == plainly(measures, applies, worth, cost, most)


def test_measures_beside_others_take_no_package_away() -> None:
    core = [replace(MEASURES[0], id=f"m{i}", excludes=(), requires=(), beside=False) for i in range(5)]
    beside = [replace(core[0], id="x", beside=True), replace(core[0], id="y", beside=True, excludes=("m4",))]
    random = np.random.default_rng(1)
    worth, cost = random.random((3, 7)), 1.0 + random.random((3, 7))
    applies = np.ones((3, 7), bool)

    def packages(measures: list[Measure]) -> set[tuple[int, frozenset[str]]]:
        n = len(measures)
        rows, sets = offered_sets(measures, applies[:, :n], worth[:, :n], cost[:, :n], 8)
        return {
            (int(r), frozenset(measures[i].id for i in np.flatnonzero(s)))
            for r, s in zip(rows, sets, strict=True)
        }

    few, many = packages(core), packages(core + beside)
    assert few < many
    assert all(held & {"x", "y"} for _, held in many - few)
    assert not any({"y", "m4"} <= held for _, held in many)
    assert {(r, frozenset({"x"})) for r in range(3)} <= many
    assert any(len(held) == 6 for _, held in many - few)


def test_many_measures_are_cut_not_refused() -> None:
    n = MOST_MEASURES + 3
    many = [replace(MEASURES[0], id=f"m{i}", excludes=(), requires=(), beside=False) for i in range(n)]
    worth = np.arange(1.0, n + 1) * np.ones((2, 1))
    rows, packages = offered_sets(many, np.ones((2, n), bool), worth, np.ones((2, n)), most=30)
    assert np.bincount(rows).tolist() == [30, 30]
    assert packages.all(axis=1).any()
    assert {tuple(p) for p in np.eye(n, dtype=bool)} <= {tuple(p) for p in packages}
