"""The kernel counts consent as ``hutong.agree`` does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from hutong.agree import ABSTAIN as ABSTENTION
from hutong.agree import NO, NONE, YES, consent_rule, tally_groups, vote_rule
from hutong.evolve import projects
from hutong.evolve.programme import MATTERS
from hutong.evolve.world import fill_row, threshold_rows


@njit
def carries(rule, roll_area, roll_heads, part_area, part_heads, yes_area, yes_heads):
    return projects.consent(rule, roll_area, roll_heads, part_area, part_heads, yes_area, yes_heads)


def count(row, area, ballots) -> bool:
    took, yes = ballots != NONE, ballots == YES
    return carries(
        row,
        int(area.sum()),
        len(area),
        int(area[took].sum()),
        int(took.sum()),
        int(area[yes].sum()),
        int(yes.sum()),
    )


@settings(max_examples=300, deadline=None)
@given(data=st.data(), matter=st.sampled_from(["ordinary", "special", "signing"]), heads=st.integers(1, 40))
def test_equals_the_tally_of_agree(rules, data, matter, heads):
    area = np.array(data.draw(st.lists(st.integers(1, 2_000_000), min_size=heads, max_size=heads)), np.int64)
    ballots = np.array(
        data.draw(
            st.lists(st.sampled_from([NONE, YES, YES, NO, ABSTENTION]), min_size=heads, max_size=heads)
        ),
        np.int8,
    )
    rule = consent_rule(rules, matter)
    expected = bool(tally_groups(np.zeros(heads, np.int64), area, ballots, 1, rule).passed[0])
    assert count(threshold_rows(rules)[MATTERS.index(matter)], area, ballots) == expected


@pytest.mark.parametrize(
    ("matter", "needed"),
    [("special", {8: 6, 9: 7, 10: 8, 11: 9, 12: 9}), ("ordinary", {8: 5, 9: 5, 10: 6, 11: 6, 12: 7})],
)
def test_boundaries_of_twelve_equal_units(rules, matter, needed):
    row = np.zeros(projects.WIDTH, np.int64)
    fill_row(row, vote_rule(rules, matter))
    area = np.full(12, 700_000, np.int64)
    for part in range(13):
        for yes in range(part + 1):
            ballots = np.array([YES] * yes + [NO] * (part - yes) + [NONE] * (12 - part), np.int8)
            assert count(row, area, ballots) == (part in needed and yes >= needed[part])


def test_surrender_needs_one_signature_and_an_empty_roll_decides_nothing(rules):
    rows = threshold_rows(rules)
    one, nobody = np.array([YES, NONE, NONE], np.int8), np.array([NONE, NO, NONE], np.int8)
    area = np.array([5, 5, 5], np.int64)
    assert count(rows[MATTERS.index("surrender")], area, one)
    assert not count(rows[MATTERS.index("surrender")], area, nobody)
    for matter in ("ordinary", "special", "signing"):
        assert not carries(rows[MATTERS.index(matter)], 0, 0, 0, 0, 0, 0)


def test_silence_may_count_as_taking_part(rules):
    row = threshold_rows(rules)[MATTERS.index("ordinary")].copy()
    area, ballots = np.full(10, 3, np.int64), np.array([YES] * 6 + [NONE] * 4, np.int8)
    assert not count(row, area, ballots)
    row[projects.ABSTAIN] = 1
    assert count(row, area, ballots)
