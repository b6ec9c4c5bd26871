"""Ballots: named, signed, the latest counts, and nothing is seen before the close."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree import ABSTAIN, NO, NONE, YES, signing_rule, vote_rule
from hutong.agree.ballot_box import Ballot, BallotBox, open_box
from hutong.agree.roll_book import Entry, Mandate, RollBook, head_of
from hutong.errors import HutongError
from hutong.rules import load_rules

RULES = load_rules("beijing")
OPENS = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
CLOSES = OPENS + dt.timedelta(days=15)
COUPLE = head_of(["wang", "zhao"])
BOOK = RollBook(
    "owners",
    "building b1",
    "2026-11-01",
    (
        Entry("d1", "li", ("li",), 600_000, "commodity"),
        Entry("d2", COUPLE, ("wang", "zhao"), 700_000, "commodity"),
        Entry("d3", "sun", ("sun",), 800_000, "commodity"),
    ),
)
BOX = open_box("v1", BOOK, vote_rule(RULES, 7), RULES, OPENS, CLOSES)


def ballot(head: str, choice: int, hours: float = 1, signer: str | None = None, **more) -> Ballot:
    at = OPENS + dt.timedelta(hours=hours)
    return Ballot(head, signer or head, choice, at, more.pop("channel", "paper"), "sheet 1", **more)


def filled(*ballots: Ballot, box: BallotBox = BOX) -> BallotBox:
    for b in ballots:
        box = box.cast(b)
    return box


def test_the_count_is_the_tally_of_the_roll():
    box = filled(ballot("li", YES), ballot(COUPLE, YES, signer="zhao"), ballot("sun", NO))
    result = box.result(CLOSES)
    assert box.counted(CLOSES).tolist() == [YES, YES, NO]
    assert (result.tally.yes_heads, result.tally.no_heads, result.tally.passed) == (2, 1, False)
    assert result.tally.roll_hash == BOOK.roll.hash
    assert (result.conflicts, result.survey) == (0, (0, 0, 0))
    assert box.opened_with == BOOK.hash
    assert BOX.ballots == ()


@pytest.mark.parametrize("now", [OPENS, CLOSES - dt.timedelta(seconds=1), CLOSES.replace(tzinfo=None)])
def test_results_are_sealed_until_the_close(now):
    box = filled(ballot("li", YES))
    for ask in (box.result, box.counted):
        with pytest.raises(HutongError) as caught:
            ask(now)
        assert caught.value.code == "sealed"
    assert box.turnout() == (1, 3)


def test_the_latest_ballot_counts_and_ties_go_by_arrival():
    change = filled(ballot("li", YES, 1), ballot("li", NO, 5), ballot("li", ABSTAIN, 3))
    assert change.counted(CLOSES).tolist() == [NO, NONE, NONE]
    tie = filled(ballot("li", YES, 2), ballot("li", NO, 2))
    assert tie.counted(CLOSES)[0] == NO
    assert [b.number for b in tie.ballots] == [1, 2]
    assert len(tie.ballots) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["li", "sun"]), st.sampled_from([YES, NO, ABSTAIN]), st.integers(0, 9)),
        max_size=12,
    )
)
def test_the_count_equals_a_plain_reading(given_ballots):
    box = filled(*(ballot(h, c, t) for h, c, t in given_ballots))
    expected = {}
    for head in ("li", COUPLE, "sun"):
        mine = [(t, i, c) for i, (h, c, t) in enumerate(given_ballots) if h == head]
        expected[head] = max(mine)[2] if mine else NONE
    assert box.counted(CLOSES).tolist() == list(expected.values())
    assert box.turnout()[0] == sum(c != NONE for c in expected.values())


def test_co_owners_who_contradict_each_other_have_not_voted():
    box = filled(ballot(COUPLE, YES, 1, "wang"), ballot(COUPLE, NO, 2, "zhao"))
    assert box.counted(CLOSES)[1] == NONE
    assert box.result(CLOSES).conflicts == 1
    agreed = box.cast(ballot(COUPLE, YES, 3, "zhao"))
    assert agreed.counted(CLOSES)[1] == YES
    assert agreed.result(CLOSES).conflicts == 0


def test_an_agent_votes_by_mandate_and_the_later_of_both_counts():
    box = BOX.with_book(BOOK.entrust(Mandate("li", "agent", "委托书", OPENS, CLOSES), by="o", at=OPENS))
    box = box.cast(ballot("li", YES, 1, "agent"))
    assert box.counted(CLOSES)[0] == YES
    assert box.cast(ballot("li", NO, 2)).counted(CLOSES)[0] == NO
    assert box.cast(ballot("li", NO, 0.5)).counted(CLOSES)[0] == YES


def test_online_ballots_of_owners_count_only_through_the_official_system():
    assert BOX.official_online_only
    box = filled(
        ballot("li", YES, channel="online"),
        ballot("sun", NO, channel="online", official=True),
        ballot("li", ABSTAIN, 2, channel="online"),
        ballot(COUPLE, YES, 2, "wang", channel="online"),
    )
    result = box.result(CLOSES)
    assert box.counted(CLOSES).tolist() == [NONE, NONE, NO]
    assert result.survey == (1, 0, 1)
    assert box.turnout() == (1, 3)
    elsewhere = open_box("v", BOOK, vote_rule(RULES, 7), load_rules("shanghai"), OPENS, CLOSES)
    assert filled(ballot("li", YES, channel="online"), box=elsewhere).turnout() == (1, 3)
    willingness = open_box("w", BOOK, signing_rule(RULES, "willingness"), RULES, OPENS, CLOSES)
    assert not willingness.official_online_only


@pytest.mark.parametrize(
    "wrong",
    [
        ballot("li", YES, -1),
        ballot("li", YES, 15 * 24),
        replace(ballot("li", YES), at=OPENS.replace(tzinfo=None)),
        ballot("li", NONE),
        ballot("li", 7),
        ballot("li", YES, channel="rumour"),
        replace(ballot("li", YES), signature=" "),
        replace(ballot("li", YES), signer=" "),
        ballot("nobody", YES),
        ballot("li", YES, signer="sun"),
    ],
)
def test_what_is_no_ballot_is_refused(wrong):
    with pytest.raises(HutongError) as caught:
        BOX.cast(wrong)
    assert caught.value.code == "ballot-refused"


def test_a_corrected_roll_keeps_the_ballots_of_who_is_on_it():
    box = filled(ballot("li", YES), ballot("sun", NO))
    corrected = BOOK.correct("d3", None, reason="判决书", by="o", at=OPENS)
    after = box.with_book(corrected)
    assert after.counted(CLOSES).tolist() == [YES, NONE]
    assert after.turnout() == (1, 2)
    assert len(after.ballots) == 2
    assert after.opened_with == BOOK.hash
    with pytest.raises(HutongError) as caught:
        after.with_book(BOOK)
    assert caught.value.code == "not-this-roll"


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes": OPENS},
        {"opens": OPENS.replace(tzinfo=None)},
        {"closes": CLOSES.replace(tzinfo=None)},
        {"book": replace(BOOK, entries=())},
    ],
)
def test_a_vote_needs_times_and_a_roll(wrong):
    args = {"book": BOOK, "opens": OPENS, "closes": CLOSES} | wrong
    with pytest.raises(HutongError) as caught:
        open_box("v", args["book"], vote_rule(RULES, 7), RULES, args["opens"], args["closes"])
    assert caught.value.code == "bad-vote"


def test_silence_is_what_the_rule_says():
    deemed = replace(BOX, rule=replace(BOX.rule, silence="abstain"))
    assert filled(ballot("li", YES), box=deemed).result(CLOSES).tally.part_heads == 3
    assert filled(ballot("li", YES)).result(CLOSES).tally.part_heads == 1
    assert filled(ballot("li", YES)).counted(CLOSES).dtype == np.int8
