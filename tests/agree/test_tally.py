"""The count: the boundary table, every small case against exact fractions, and its three forms held equal."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from fractions import Fraction

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
    signing_rule,
    tally,
    tally_groups,
    tally_many,
    vote_rule,
)
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")
SPECIAL, ORDINARY = vote_rule(RULES, "special"), vote_rule(RULES, "ordinary")
SIGNING = signing_rule(RULES, "mediation")
UNANIMOUS = vote_rule(RULES, "unanimous")
DEEMED = replace(SPECIAL, silence="abstain")


def cast(*ballots: int) -> np.ndarray:
    return np.array(ballots, np.int8)


def reference(area: list[int], ballots: tuple[int, ...], kind: str) -> tuple[bool, bool]:
    """Art. 278 as it is written, in exact fractions: (quorum, passed)."""
    heads, total = len(area), sum(area)
    part = [a for a, b in zip(area, ballots, strict=True) if b != NONE]
    yes = [a for a, b in zip(area, ballots, strict=True) if b == YES]
    quorum = Fraction(len(part), heads) >= Fraction(2, 3) and Fraction(sum(part), total) >= Fraction(2, 3)
    if not quorum:
        return False, False
    shares = Fraction(len(yes), len(part)), Fraction(sum(yes), sum(part))
    if kind == "special":
        return True, all(s >= Fraction(3, 4) for s in shares)
    return True, all(s > Fraction(1, 2) for s in shares)


@pytest.mark.parametrize(
    ("rule", "least"),
    [(SPECIAL, {8: 6, 9: 7, 10: 8, 11: 9, 12: 9}), (ORDINARY, {8: 5, 9: 5, 10: 6, 11: 6, 12: 7})],
    ids=["special", "ordinary"],
)
def test_boundary_table_of_twelve_equal_units(rule, least):
    roll = Roll.from_units(range(12), [600_000] * 12)
    for part in range(13):
        for yes in range(part + 1):
            result = tally(roll, cast(*[YES] * yes, *[NO] * (part - yes), *[NONE] * (12 - part)), rule)
            assert result.quorum == (part >= 8)
            assert result.passed == (part >= 8 and yes >= least[part])


@pytest.mark.parametrize(("rule", "kind"), [(SPECIAL, "special"), (ORDINARY, "ordinary")])
def test_every_vote_of_up_to_six_owners_against_exact_fractions(rule, kind):
    # equal homes, a holder of half, awkward thirds
    areas = [[3] * n for n in range(1, 7)] + [[5, 1, 1, 1, 1, 1], [4, 2, 2, 1], [1, 2, 3], [7, 5, 3, 2, 1]]
    for area in areas:
        roll = Roll.from_units(range(len(area)), area)
        all_ballots = np.array(list(itertools.product((NONE, YES, NO), repeat=len(area))), np.int8)
        counts = tally_many(roll.area_cm2, all_ballots, rule)
        for i, ballots in enumerate(all_ballots):
            expected = reference(area, tuple(ballots), kind)
            assert (bool(counts.quorum[i]), bool(counts.passed[i])) == expected, (area, ballots)
        for ballots in all_ballots[:: max(1, len(all_ballots) // 60)]:
            one = tally(roll, ballots, rule)
            assert (one.quorum, one.passed) == reference(area, tuple(ballots), kind)


def test_an_abstention_takes_part_without_consent():
    roll = Roll.from_units(range(8), [10] * 8)
    result = tally(roll, cast(*[YES] * 5, ABSTAIN, ABSTAIN, NO), SPECIAL)
    assert (result.part_heads, result.yes_heads, result.no_heads, result.abstain_heads) == (8, 5, 1, 2)
    assert (result.quorum, result.passed) == (True, False)
    assert tally(roll, cast(*[YES] * 6, ABSTAIN, NO), SPECIAL).passed


def test_a_large_owner_cannot_pass_it_alone_nor_many_small_ones_without_area():
    roll = Roll.from_units(["unit", "a", "b", "c"], [7000, 1000, 1000, 1000])
    assert not tally(roll, cast(YES, NONE, NONE, NONE), ORDINARY).quorum
    by_heads = tally(roll, cast(NO, YES, YES, YES), ORDINARY)
    assert (by_heads.quorum, by_heads.passed) == (True, False)
    assert by_heads.pass_short_heads == 0
    assert by_heads.pass_short_area_cm2 == 2001


def test_what_is_still_needed_for_quorum_and_pass():
    roll = Roll.from_units(range(12), [100] * 12)
    result = tally(roll, cast(*[YES] * 3, NO, *[NONE] * 8), SPECIAL)
    assert (result.quorum_short_heads, result.quorum_short_area_cm2) == (4, 400)
    assert (result.pass_short_heads, result.pass_short_area_cm2) == (3, 300)
    done = tally(roll, cast(*[YES] * 9, *[NO] * 3), SPECIAL)
    assert (done.quorum_short_heads, done.pass_short_heads, done.pass_short_area_cm2) == (0, 0, 0)
    assert done.roll_hash == roll.hash


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.sampled_from([NONE, YES, NO, ABSTAIN])), min_size=1, max_size=9
    ),
    st.sampled_from([SPECIAL, ORDINARY, SIGNING, UNANIMOUS, DEEMED]),
)
def test_nothing_needed_means_passed_and_more_consent_never_harms(rows, rule):
    area, ballots = [a for a, _ in rows], cast(*(b for _, b in rows))
    roll = Roll.from_units(range(len(area)), area)
    result = tally(roll, ballots, rule)
    short = (
        result.quorum_short_heads,
        result.quorum_short_area_cm2,
        result.pass_short_heads,
        result.pass_short_area_cm2,
    )
    assert result.passed == (not any(short))
    assert result.quorum == (not any(short[:2]))
    for i in np.flatnonzero((ballots == NO) | (ballots == ABSTAIN)):
        more = ballots.copy()
        more[i] = YES
        assert tally(roll, more, rule).passed >= result.passed


def test_silence_is_absence_unless_the_rule_says_otherwise():
    roll = Roll.from_units(range(12), [100] * 12)
    ballots = cast(*[YES] * 6, *[NO] * 2, *[NONE] * 4)
    assert tally(roll, ballots, SPECIAL).passed
    deemed = tally(roll, ballots, DEEMED)
    assert (deemed.part_heads, deemed.abstain_heads, deemed.passed) == (12, 4, False)


def test_signing_counts_households_of_all_and_silence_is_no_signature():
    roll = Roll.from_units(range(40), [1] * 40)
    assert tally(roll, cast(*[YES] * 38, *[NONE] * 2), SIGNING).passed
    short = tally(roll, cast(*[YES] * 37, *[NONE] * 3), SIGNING)
    assert (short.quorum, short.passed, short.pass_short_heads, short.pass_short_area_cm2) == (
        True,
        False,
        1,
        0,
    )
    assert tally(roll, cast(*[YES] * 40), UNANIMOUS).passed
    assert not tally(roll, cast(*[YES] * 39, NO), UNANIMOUS).passed


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_three_forms_are_one_count(data):
    heads, groups = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 5))
    draws = data.draw(st.integers(1, 5))
    rule = data.draw(st.sampled_from([SPECIAL, ORDINARY, SIGNING, UNANIMOUS, DEEMED]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    area = rng.integers(1, 4, heads) * int(data.draw(st.sampled_from([1, 600_000])))
    group = rng.integers(0, groups, heads)
    ballots = rng.integers(NONE, ABSTAIN + 1, (draws, heads)).astype(np.int8)
    grouped = tally_groups(group, area, ballots, groups, rule)
    for g, d in itertools.product(range(groups), range(draws)):
        mine = group == g
        one = tally(Roll(tuple(map(str, np.flatnonzero(mine))), area[mine]), ballots[d, mine], rule)
        for name in vars(grouped):
            assert getattr(grouped, name)[d, g] == getattr(one, name), (name, g, d)
    many = tally_many(area, ballots, rule)
    flat = tally_groups(group, area, ballots[0], groups, rule)
    for d in range(draws):
        one = tally(Roll(tuple(map(str, range(heads))), area), ballots[d], rule)
        for name in vars(many):
            assert getattr(many, name)[d] == getattr(one, name)
    for name in vars(flat):
        assert np.array_equal(getattr(flat, name), getattr(grouped, name)[0])


def test_chunks_do_not_show(monkeypatch):
    rng = np.random.default_rng(1)
    area, group = rng.integers(1, 9, 50), rng.integers(0, 7, 50)
    ballots = rng.integers(0, 4, (23, 50)).astype(np.int8)
    whole = tally_groups(group, area, ballots, 7, SPECIAL)
    monkeypatch.setattr(sys.modules["hutong.agree.tally"], "_CHUNK", 200)
    parts = tally_groups(group, area, ballots, 7, SPECIAL)
    for name in vars(whole):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_an_empty_roll_decides_nothing():
    result = tally(Roll((), np.zeros(0, np.int64)), cast(), SIGNING)
    assert (result.quorum, result.passed) == (False, False)
    counts = tally_groups(np.array([2]), np.array([5]), cast(YES), 4, SPECIAL)
    assert counts.passed.tolist() == [False, False, True, False]
    assert counts.heads.tolist() == [0, 0, 1, 0]
    none = tally_groups(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 0), np.int8), 3, SPECIAL)
    assert none.passed.shape == (0, 3)


@pytest.mark.parametrize(
    "ballots", [cast(YES), np.array([[1, 1]], np.int8), cast(YES, 4), cast(YES, -1), np.array([1.0, 1.0])]
)
def test_ballots_that_do_not_fit_are_refused(ballots):
    with pytest.raises(HutongError) as caught:
        tally(Roll(("a", "b"), np.array([1, 1])), ballots, SPECIAL)
    assert caught.value.code == "bad-ballots"


@pytest.mark.parametrize(
    ("group", "area"),
    [
        ([0, 3], [1, 1]),
        ([-1, 0], [1, 1]),
        ([0], [1, 1]),
        ([0, 1], [0, 1]),
        ([0.0, 1.0], [1, 1]),
        ([0, 1], [1.0, 1.5]),
    ],
)
def test_groups_and_areas_that_do_not_fit_are_refused(group, area):
    with pytest.raises(HutongError) as caught:
        tally_groups(np.array(group), np.array(area), cast(YES, YES), 3, SPECIAL)
    assert caught.value.code == "bad-roll"


def test_areas_too_large_to_be_exact_are_refused_and_the_largest_counted_exactly():
    with pytest.raises(HutongError) as caught:
        tally_many(np.array([2**52, 2**52]), cast(YES, YES)[None], SPECIAL)
    assert caught.value.code == "too-large-to-count"
    # ordinary matters: one cm² over half decides, at the far end of what is exact
    half = 2**51
    counts = tally_many(
        np.array([half + 1, half]), np.array([[YES, NO]], np.int8), replace(ORDINARY, pass_heads=None)
    )
    assert counts.passed[0]
    level = tally_many(
        np.array([half, half]), np.array([[YES, NO]], np.int8), replace(ORDINARY, pass_heads=None)
    )
    assert not level.passed[0]
