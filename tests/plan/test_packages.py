"""Packages: every compatible set, and a fair cut of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
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


def test_too_many_measures_is_an_error() -> None:
    many = [replace(MEASURES[0], id=f"m{i}") for i in range(MOST_MEASURES + 1)]
    with pytest.raises(HutongError, match="more than"):
        compatible_sets(many)


def test_the_cut_keeps_singles_and_the_whole() -> None:
    measures = [replace(MEASURES[0], id=f"m{i}") for i in range(6)]
    sets = compatible_sets(measures)
    applies = np.ones((3, 6), bool)
    applies[1, 4:] = False
    applies[2] = False
    worth = np.arange(1.0, 7.0) * np.ones((3, 1))
    objects, kept = offered_sets(sets, applies, worth, np.ones((3, 6)), most=12)
    assert np.bincount(objects, minlength=3).tolist() == [12, 12, 0]
    first = {tuple(np.flatnonzero(sets[k])) for k in kept[objects == 0]}
    assert {(i,) for i in range(6)} <= first
    assert tuple(range(6)) in first
    second = [sets[k] for k in kept[objects == 1]]
    assert not any(row[4:].any() for row in second)
    assert any(row.sum() == 4 for row in second)
