"""Statistics of groups against a slow reference in plain Python and fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.opinion_groups import OpinionSettings
from hutong.agree.opinion_statistics import (
    count_votes,
    extremity,
    group_consensus,
    group_statistics,
    one_proportion,
    priority,
    representative,
    two_proportions,
)
from hutong.agree.opinion_votes import Votes

KINDS = (1, -1, 0)


def slow_counts(matrix: np.ndarray, groups: list[int], k: int) -> list[list[list[int]]]:
    return [
        [
            [
                sum(1 for person, g in enumerate(groups) if g == group and matrix[person, s] == kind)
                for kind in KINDS
            ]
            for s in range(matrix.shape[1])
        ]
        for group in range(k)
    ]


def slow_consensus(counts: list[list[list[int]]], statement: int, kind: int) -> Fraction:
    out = Fraction(1)
    for group in counts:
        out *= Fraction(group[statement][kind] + 1, sum(group[statement]) + 2)
    return out


def slow_two_proportions(a: int, n: int, b: int, m: int) -> float:
    p, q = Fraction(a + 1, n + 1), Fraction(b + 1, m + 1)
    pooled = Fraction(a + b + 2, n + m + 2)
    if pooled == 1:
        return 0.0
    return float(p - q) / math.sqrt(pooled * (1 - pooled) * (Fraction(1, n + 1) + Fraction(1, m + 1)))


def slow_priority(agreed: int, passed: int, seen: int, far: float) -> float:
    p, a = (passed + 1) / (seen + 2), (agreed + 1) / (seen + 2)
    return ((1 - p) * (far + 1) * a * (1 + 8 * 2 ** (-seen / 5))) ** 2


@st.composite
def grouped_votes(draw: st.DrawFn) -> tuple[np.ndarray, list[int], int]:
    people, statements = draw(st.integers(2, 12)), draw(st.integers(1, 6))
    cell = st.sampled_from([1.0, 1.0, -1.0, 0.0, np.nan])
    rows = draw(
        st.lists(st.lists(cell, min_size=statements, max_size=statements), min_size=people, max_size=people)
    )
    matrix = np.array(rows)
    matrix[np.isnan(matrix).all(axis=1), 0] = 1.0  # everyone votes on something
    k = draw(st.integers(1, 3))
    return matrix, draw(st.lists(st.integers(-1, k - 1), min_size=people, max_size=people)), k


@settings(max_examples=150, deadline=None)
@given(grouped_votes())
def test_statistics_are_the_definitions(case: tuple[np.ndarray, list[int], int]) -> None:
    matrix, groups, k = case
    votes = Votes.from_matrix(matrix)
    counts = count_votes(votes, np.array(groups), k)
    slow = slow_counts(matrix, groups, k)
    assert counts.tolist() == slow
    for kind in (0, 1):
        found = group_consensus(counts, kind)
        assert found == pytest.approx(
            [float(slow_consensus(slow, s, kind)) for s in range(matrix.shape[1])], rel=1e-14
        )
    for row in group_statistics(votes, counts).itertuples():
        own = slow[row.group][row.statement]
        rest = [sum(slow[g][row.statement][kind] for g in range(k) if g != row.group) for kind in range(3)]
        assert (row.agree, row.disagree, row.passes, row.seen) == (*own, sum(own))
        for kind, name in ((0, "agree"), (1, "disagree")):
            share = Fraction(own[kind] + 1, sum(own) + 2)
            z = 2 * math.sqrt(sum(own) + 1) * (Fraction(own[kind] + 1, sum(own) + 1) - Fraction(1, 2))
            assert getattr(row, f"p_{name}") == pytest.approx(float(share), rel=1e-14)
            assert getattr(row, f"z_{name}") == pytest.approx(float(z), rel=1e-12, abs=1e-12)
            ratio = share / Fraction(rest[kind] + 1, sum(rest) + 2)
            assert getattr(row, f"ratio_{name}") == pytest.approx(float(ratio), rel=1e-13)
            z2 = slow_two_proportions(own[kind], sum(own), rest[kind], sum(rest))
            assert getattr(row, f"z_ratio_{name}") == pytest.approx(z2, rel=1e-10, abs=1e-10)


def test_proportion_tests_by_hand() -> None:
    assert one_proportion(np.array([9]), np.array([9]))[0] == pytest.approx(math.sqrt(10))
    assert one_proportion(np.array([4]), np.array([9]))[0] == pytest.approx(0)
    # (8+1)/(9+1) against (1+1)/(9+1), pooled 11/20: 0.7 / sqrt(0.2475 × 0.2)
    z = two_proportions(np.array([8]), np.array([9]), np.array([1]), np.array([9]))
    assert z[0] == pytest.approx(0.7 / math.sqrt(0.2475 * 0.2))
    assert two_proportions(np.array([5]), np.array([5]), np.array([3]), np.array([3]))[0] == 0


def two_camps() -> tuple[Votes, np.ndarray]:
    """Ten against ten on statements 0 and 1; all agree on 2; 3 nobody but one has seen; 4 is split evenly."""
    matrix = np.full((20, 5), np.nan)
    matrix[:10, 0], matrix[10:, 0] = 1, -1
    matrix[:10, 1], matrix[10:, 1] = -1, 1
    matrix[:, 2] = 1
    matrix[0, 3] = 1
    matrix[:, 4] = np.tile([1, -1], 10)
    votes = Votes.from_matrix(matrix)
    return votes, count_votes(votes, np.repeat([0, 1], 10), 2)


def test_representative_statements_of_two_camps() -> None:
    votes, counts = two_camps()
    found = representative(group_statistics(votes, counts), np.zeros(5, dtype=bool), OpinionSettings())
    shown = found[["group", "rank", "statement", "vote", "votes", "seen"]].to_numpy().tolist()
    assert shown == [[0, 1, 0, 1, 10, 10], [0, 2, 1, -1, 10, 10], [1, 1, 1, 1, 10, 10], [1, 2, 0, -1, 10, 10]]
    assert found["significant"].all()


def test_hidden_statements_represent_nobody_and_the_most_different_stands_in() -> None:
    votes, counts = two_camps()
    statistics = group_statistics(votes, counts)
    hidden = np.isin(np.arange(5), [0, 1])
    found = representative(statistics, hidden, OpinionSettings())
    assert len(found) == 2
    assert not found["significant"].any()
    assert not found["statement"].isin([0, 1]).any()
    assert not len(representative(statistics, np.ones(5, dtype=bool), OpinionSettings()))


def test_no_more_than_five_represent_a_group() -> None:
    matrix = np.repeat(np.array([[1.0] * 8] * 10 + [[-1.0] * 8] * 10), 1, axis=0)
    votes = Votes.from_matrix(matrix)
    counts = count_votes(votes, np.repeat([0, 1], 10), 2)
    found = representative(group_statistics(votes, counts), np.zeros(8, dtype=bool), OpinionSettings())
    assert found.groupby("group").size().tolist() == [5, 5]
    assert found["statement"].tolist() == [0, 1, 2, 3, 4] * 2  # at equal rank, in order


def test_consensus_needs_every_group() -> None:
    _, counts = two_camps()
    agree, disagree = group_consensus(counts, 0), group_consensus(counts, 1)
    assert agree[2] == pytest.approx((11 / 12) ** 2)
    assert agree[0] == disagree[0] == pytest.approx(11 / 12 / 12)
    assert np.argmax(agree) == 2


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.floats(0, 20))
def test_priority_is_as_published(agreed: int, disagreed: int, passed: int, far: float) -> None:
    counts = np.array([[[agreed, disagreed, passed]]])
    found = priority(counts, np.array([far]), np.array([False]))[0]
    assert found == pytest.approx(
        slow_priority(agreed, passed, agreed + disagreed + passed, far), rel=1e-9, abs=1e-9
    )
    assert priority(counts, np.array([far]), np.array([True]))[0] == 49


def test_a_new_statement_comes_early() -> None:
    assert priority(np.zeros((2, 1, 3)), np.zeros(1), np.array([False]))[0] == pytest.approx(2.25**2)


def test_extremity_is_where_one_who_only_agrees_stands() -> None:
    axes, means = np.array([[0.6, 0.8], [0.0, 0.0], [0.3, 0.4]]), np.array([0.5, np.nan, -1.0])
    assert extremity(axes, means) == pytest.approx([math.sqrt(2) * 0.5, 0, math.sqrt(2) * 2 * 0.5])
