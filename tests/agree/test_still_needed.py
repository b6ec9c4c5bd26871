"""The least that is still needed, against trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import ABSTAIN, NO, NONE, YES, Roll, Threshold, signing_rule, tally, vote_rule
from hutong.agree.roll_book import Entry, HeldBack, RollBook
from hutong.agree.still_needed import needed_words, stands_with_held_back, still_needed
from hutong.rules import load_rules

RULES = load_rules("beijing")
SPECIAL = vote_rule(RULES, "special")
KINDS = {
    "special": SPECIAL,
    "ordinary": vote_rule(RULES, "ordinary"),
    "unanimous": vote_rule(RULES, "unanimous"),
    "signing": signing_rule(RULES, "mediation"),
    "shenzhen": signing_rule(load_rules("shenzhen"), "willingness_other"),
    "deemed": replace(SPECIAL, silence="abstain"),
    "all who take part": replace(SPECIAL, pass_heads=Threshold(1, 1, False), pass_area=None),
    "by area alone": replace(SPECIAL, pass_heads=None, quorum_heads=None),
}


def roll_of(areas: list[int]) -> Roll:
    return Roll(tuple(f"h{i}" for i in range(len(areas))), np.array(areas, np.int64))


def least_change(roll: Roll, ballots: np.ndarray, rule, of: np.ndarray) -> int | None:
    """Try every set of heads in ``of`` that might consent, smallest first."""
    where = np.flatnonzero(of)
    for size in range(len(where) + 1):
        for chosen in itertools.combinations(where, size):
            tried = ballots.copy()
            tried[list(chosen)] = YES
            if tally(roll, tried, rule).passed:
                return size
    return None


cases = st.integers(1, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(1, 9), min_size=n, max_size=n),
        st.lists(st.sampled_from([NONE, NONE, YES, YES, NO, ABSTAIN]), min_size=n, max_size=n),
    )
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=120, deadline=None)
@given(cases)
def test_the_fewest_heads_are_those_found_by_trying_everything(kind, case):
    areas, said = case
    roll, ballots, rule = roll_of(areas), np.array(said, np.int8), KINDS[kind]
    need = still_needed(roll, ballots, rule)
    assert need.passed == tally(roll, ballots, rule).passed
    fewest = least_change(roll, ballots, rule, ballots == NONE)
    if need.passed:
        assert (need.heads, need.area_cm2, need.fewest, need.minds) == (0, 0, 0, 0)
        return
    assert need.fewest == fewest
    if fewest is None:
        all_in = np.where(ballots == NONE, YES, ballots).astype(np.int8)
        assert need.minds == least_change(roll, all_in, rule, (ballots == NO) | (ballots == ABSTAIN))
    else:
        assert need.heads is not None
        assert need.heads <= fewest
        assert need.minds == 0


def test_a_worked_example():
    # 12 equal homes, special matter: 6 yes and 1 no; one more makes the quorum of 8, and 7 of 8 consent
    roll = roll_of([600_000] * 12)
    ballots = np.array([YES] * 6 + [NO] + [NONE] * 5, np.int8)
    need = still_needed(roll, ballots, SPECIAL)
    assert (need.heads, need.area_cm2, need.fewest, need.minds) == (1, 600_000, 1, 0)
    assert needed_words(need, 12).zh == "至少还需 1 户同意（共 12 户），且其面积合计不少于 60.0 m²。"
    ballots = np.array([YES] * 6 + [NO] * 3 + [NONE] * 3, np.int8)
    need = still_needed(roll, ballots, SPECIAL)
    assert (need.heads, need.fewest) == (3, 3)


def test_words_for_every_end():
    roll = roll_of([1] * 4)
    for ballots, rule, said in (
        ([YES] * 4, SPECIAL, "conditions to pass are met"),
        ([YES, NO, NO, NONE], SPECIAL, "at least 1 who declined must change"),
        ([NONE] * 4, SPECIAL, "At least 3 more of 4"),
    ):
        assert said in needed_words(still_needed(roll, np.array(ballots, np.int8), rule), 4).en
    nothing = still_needed(roll_of([]), np.zeros(0, np.int8), SPECIAL)
    assert nothing.fewest is None
    assert needed_words(nothing, 0).zh == "按此规则无法通过。"


def book_of(areas: list[int], held: list[int | None]) -> RollBook:
    entries = tuple(Entry(f"d{i}", f"h{i}", (f"h{i}",), a, "commodity") for i, a in enumerate(areas))
    return RollBook(
        "owners",
        "b",
        "2026-11-01",
        entries,
        tuple(HeldBack(f"x{i}", "disputed", a) for i, a in enumerate(held)),
    )


@settings(max_examples=150, deadline=None)
@given(cases, st.lists(st.integers(1, 9), max_size=3), st.sampled_from(sorted(KINDS)))
def test_it_stands_only_if_it_stands_whatever_those_held_back_would_do(case, held, kind):
    areas, said = case
    book, ballots, rule = book_of(areas, held), np.array(said, np.int8), KINDS[kind]
    wider = roll_of([*areas, *held])
    always = tally(book.roll, ballots, rule).passed and all(
        tally(wider, np.array([*said, *theirs], np.int8), rule).passed
        for theirs in itertools.product([NONE, YES, NO, ABSTAIN], repeat=len(held))
    )
    assert stands_with_held_back(book, ballots, rule) == always


def test_an_unknown_area_held_back_leaves_it_unknown():
    assert stands_with_held_back(book_of([5], [None]), np.array([YES], np.int8), SPECIAL) is None
    assert stands_with_held_back(book_of([5], [None]), np.array([NO], np.int8), SPECIAL) is False
