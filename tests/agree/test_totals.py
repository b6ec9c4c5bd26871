"""Totals of a vote that another system counted: those of real ballots fit their roll, others are named by row and field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import (
    ABSTAIN,
    NO,
    NONE,
    YES,
    Roll,
    Totals,
    misfits,
    tally,
    tally_totals,
    totals_of,
    vote_rule,
)
from hutong.rules import load_rules

SPECIAL = vote_rule(load_rules("beijing"), "special")
DEEMED = replace(SPECIAL, silence="abstain")
ROLL = Roll.from_units(range(5), [300_000, 400_000, 500_000, 600_000, 700_001])


def told(heads, area):
    names = ("for", "against", "abstain", "silent")
    return Totals(dict(zip(names, heads, strict=True)), dict(zip(names, area, strict=True)))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.sampled_from([NONE, YES, NO, ABSTAIN])), min_size=1, max_size=9),
    st.sampled_from([SPECIAL, DEEMED]),
)  # fmt: skip
def test_the_totals_of_ballots_fit_their_roll_and_decide_as_the_ballots_do(rows, rule):
    roll = Roll.from_units(range(len(rows)), [a for a, _ in rows])
    ballots = np.array([b for _, b in rows], np.int8)
    by_hand = {
        said: [a for a, b in rows if b == choice]
        for said, choice in (("for", YES), ("against", NO), ("abstain", ABSTAIN), ("silent", NONE))
    }
    totals = Totals({n: len(of) for n, of in by_hand.items()}, {n: sum(of) for n, of in by_hand.items()})
    assert totals == totals_of(roll, ballots)
    assert misfits(roll, totals) == []
    assert tally_totals(totals, rule, roll.hash) == tally(roll, ballots, rule)


@pytest.mark.parametrize(
    ("heads", "area", "found"),
    [
        ((6, 0, 0, 0), (2_500_001, 0, 0, 0), [("for", "heads")]),
        ((-1, 1, 0, 5), (0, 300_000, 0, 2_500_001), [("for", "heads")]),
        ((5, 0, 0, 0), (2_500_002, 0, 0, 0), [("for", "area")]),
        ((2, 0, 0, 3), (699_999, 0, 0, 1_800_001), [("for", "area")]),  # less than the two smallest
        ((2, 0, 0, 3), (1_300_002, 0, 0, 1_199_999), [("for", "area"), ("silent", "area")]),
        ((0, 0, 0, 5), (1, 0, 0, 2_500_000), [("for", "area"), ("silent", "area")]),
        ((2, 1, 0, 3), (900_000, 400_000, 0, 1_200_001), [("", "heads")]),
        ((2, 1, 0, 2), (900_000, 400_000, 0, 1_200_000), [("", "area")]),
        ((2, 1, 0, 2), (900_000, 400_000, 0, 1_200_001), []),
    ],
)
def test_what_cannot_be_of_the_roll_is_named(heads, area, found):
    assert [(m.said, m.what) for m in misfits(ROLL, told(heads, area))] == found


def test_a_sum_says_by_how_much_it_is_off():
    wrong = misfits(ROLL, told((2, 1, 0, 2), (900_000, 400_000, 0, 1_200_000)))
    assert wrong[0].why.en == "The areas add up to 250.00 m²; the roll has 250.0001 m²."
