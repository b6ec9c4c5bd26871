"""Groups that can still decide, and nobody who could be found in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree import NO, NONE, YES, Roll, signing_rule, tally, vote_rule
from hutong.agree.pivotal import OTHERS, merge_small, pivotal_groups
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")
SPECIAL, SIGNING = vote_rule(RULES, "special"), signing_rule(RULES, "willingness")


def roll_of(n: int) -> Roll:
    return Roll(tuple(f"h{i}" for i in range(n)), np.arange(n, dtype=np.int64) + 100)


def test_a_group_without_which_it_cannot_pass():
    # 30 heads, two thirds must be willing: 10 reform owners have signed, 12 commodity owners and 8 lessees have not
    groups = ["reform"] * 10 + ["commodity"] * 12 + ["lessee"] * 8
    ballots = np.array([YES] * 10 + [NONE] * 20, np.int8)
    table = pivotal_groups(roll_of(30), ballots, SIGNING, groups).set_index("category")
    assert table.loc["commodity", ["decisive", "indispensable"]].tolist() == [True, True]
    assert table.loc["lessee", ["decisive", "indispensable"]].tolist() == [False, False]
    assert table["silent"].to_dict() == {"commodity": 12, "lessee": 8, "reform": 0}
    assert table["area_cm2"].sum() == roll_of(30).total_cm2


@given(st.lists(st.sampled_from("abcde"), max_size=40), st.integers(1, 8))
def test_no_group_shown_is_small_unless_all_together_are(categories, least):
    merged = merge_small(categories, least)
    sizes = {c: merged.count(c) for c in set(merged)}
    assert len(merged) == len(categories)
    if len(categories) >= least:
        assert all(n >= least for n in sizes.values())
    else:
        assert set(merged) <= {OTHERS}
    # whoever is in a group together stays together
    for a, b in zip(categories, merged, strict=True):
        assert b in (a, OTHERS)


def test_the_rest_of_one_small_group_cannot_be_found_by_subtraction():
    merged = merge_small(["a"] * 9 + ["b"] * 6 + ["c"] * 2, 5)
    assert merged.count("a") == 9
    assert merged.count(OTHERS) == 8
    assert merge_small([OTHERS] * 3 + ["a"] * 5, 5) == [OTHERS] * 8


@pytest.mark.parametrize("silent", [1, 4, 9])
def test_few_who_have_or_have_not_answered_are_not_counted_out(silent):
    groups = ["a"] * 10 + ["b"] * 10
    ballots = np.array([NONE] * silent + [YES] * (20 - silent), np.int8)
    table = pivotal_groups(roll_of(20), ballots, SPECIAL, groups).set_index("category")
    assert table.loc["a", ["silent", "decisive", "indispensable"]].isna().all()
    assert table.loc["b", "silent"] == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([NONE, YES, NO])), min_size=1, max_size=20))
def test_flags_are_what_the_tally_says(heads):
    groups = [g for g, _ in heads]
    ballots = np.array([b for _, b in heads], np.int8)
    roll = roll_of(len(heads))
    table = pivotal_groups(roll, ballots, SPECIAL, groups, least=1)
    assert table["heads"].sum() == len(heads)
    for row in table.itertuples():
        mine = np.array([g == row.category for g in groups]) & (ballots == NONE)
        assert row.silent == mine.sum()
        assert row.decisive == tally(roll, np.where(mine, YES, ballots).astype(np.int8), SPECIAL).passed
        if row.indispensable:
            without = np.where((ballots == NONE) & ~mine, YES, ballots).astype(np.int8)
            assert not tally(roll, without, SPECIAL).passed


@pytest.mark.parametrize("wrong", [{"categories": ["a"]}, {"least": 0}, {"ballots": np.zeros(3, np.int8)}])
def test_what_does_not_fit_is_refused(wrong):
    args = {"ballots": np.zeros(2, np.int8), "categories": ["a", "a"], "least": 1} | wrong
    with pytest.raises(HutongError) as caught:
        pivotal_groups(roll_of(2), args["ballots"], SPECIAL, args["categories"], args["least"])
    assert caught.value.code == "bad-categories"
    assert pivotal_groups(roll_of(0), np.zeros(0, np.int8), SPECIAL, []).empty
