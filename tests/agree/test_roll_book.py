"""A book of a roll: one head per group of holders, every correction logged, nothing altered."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.roll_book import Entry, HeldBack, Mandate, RollBook, head_of, held_back_words
from hutong.errors import HutongError

DAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


def entry(home: str, *holders: str, area: int = 600_000, deciding: tuple[str, ...] = ()) -> Entry:
    return Entry(home, head_of(holders), deciding or holders, area, "commodity")


def book(*entries: Entry, held: tuple[HeldBack, ...] = ()) -> RollBook:
    return RollBook("owners", "building b1", "2026-11-01", entries, held)


BOOK = book(entry("d1", "li"), entry("d2", "wang", "zhao"), held=(HeldBack("d3", "disputed", 500_000),))


def test_co_owners_are_one_head_and_several_homes_of_a_group_too():
    found = book(
        entry("d1", "li"), entry("d2", "li", "wang"), entry("d3", "wang", "li"), entry("d4", "li", area=5)
    )
    assert len(found.roll) == 2
    assert found.roll.area_cm2.tolist() == [600_005, 1_200_000]
    assert found.holders[head_of(["wang", "li"])] == ("li", "wang")


def test_a_representative_named_for_any_home_decides_for_the_head():
    found = book(entry("d1", "li", "wang"), entry("d2", "li", "wang", deciding=("wang",)))
    assert found.holders == {head_of(["li", "wang"]): ("wang",)}


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6))
def test_a_head_is_the_group_in_any_order(holders):
    assert head_of(holders) == head_of(reversed(holders))
    assert (head_of(holders) in holders) == (len(set(holders)) == 1)


@given(st.permutations(range(4)))
def test_the_hash_does_not_depend_on_order(order):
    lines = [entry(f"d{i}", f"h{i}", area=i + 1) for i in range(4)]
    assert book(*(lines[i] for i in order)).hash == book(*lines).hash


def test_the_hash_follows_every_line():
    changed = [
        replace(BOOK, act="lessees"),
        replace(BOOK, place="x"),
        replace(BOOK, as_of="2027-01-01"),
        replace(BOOK, entries=BOOK.entries[:1]),
        replace(BOOK, held_back=()),
        replace(BOOK, consulted=("d9",)),
        BOOK.correct("d1", None, reason="r", by="office", at=DAY),
        BOOK.entrust(Mandate("li", "agent", "scan 1", DAY, DAY + dt.timedelta(days=9)), by="office", at=DAY),
    ]
    assert len({BOOK.hash, *(b.hash for b in changed)}) == len(changed) + 1


def test_a_correction_is_a_new_book_with_the_change_logged():
    cleared = entry("d3", "sun", area=500_000)
    after = BOOK.correct("d3", cleared, reason="调解书 12 号", by="officer 7", at=DAY)
    assert (len(BOOK.roll), len(after.roll)) == (2, 3)
    assert after.held_back == ()
    change = after.changes[0]
    assert (change.number, change.before, change.after) == (1, BOOK.held_back[0], cleared)
    assert (change.reason, change.by, change.at, change.book) == ("调解书 12 号", "officer 7", DAY, BOOK.hash)
    back = after.correct("d3", HeldBack("d3", "disputed", 500_000), reason="撤回", by="officer 7", at=DAY)
    assert [c.number for c in back.changes] == [1, 2]
    assert back.roll == BOOK.roll
    assert back.hash != BOOK.hash
    assert back.follows(after)
    assert back.follows(BOOK)
    assert BOOK.follows(BOOK)
    assert not BOOK.follows(after)


def test_a_book_that_was_changed_beside_its_log_does_not_follow():
    after = BOOK.correct("d3", entry("d3", "sun"), reason="r", by="o", at=DAY)
    assert not replace(after, entries=(*after.entries[:-1], entry("d3", "sun", area=1))).follows(BOOK)
    other = book(entry("d1", "li"))
    assert not after.follows(other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"by": ""},
        {"at": DAY.replace(tzinfo=None)},
        {"after": BOOK.entries[0]},
        {"after": entry("d2", "li")},
    ],
)
def test_a_correction_needs_a_reason_a_name_a_time_and_a_change(wrong):
    said = {"after": entry("d1", "sun"), "reason": "r", "by": "o", "at": DAY} | wrong
    with pytest.raises(HutongError) as caught:
        BOOK.correct("d1", said.pop("after"), **said)
    assert caught.value.code == "bad-correction"


def test_corrections_are_in_order_of_time():
    after = BOOK.correct("d1", None, reason="r", by="o", at=DAY)
    with pytest.raises(HutongError):
        after.correct("d2", None, reason="r", by="o", at=DAY - dt.timedelta(days=1))


def test_mandates_hold_for_their_time():
    mandate = Mandate("li", "agent", "公证书 3 号", DAY, DAY + dt.timedelta(days=3))
    found = BOOK.entrust(mandate, by="officer", at=DAY)
    assert found.follows(BOOK)
    assert found.changes[0].after == mandate
    assert found.deciders("agent", "li", DAY) == ("li",)
    assert found.deciders("agent", "li", DAY + dt.timedelta(days=3)) == ()
    assert found.deciders("agent", "li", DAY - dt.timedelta(seconds=1)) == ()
    assert found.deciders("agent", "nobody", DAY) == ()
    assert found.deciders("wang", head_of(["wang", "zhao"]), DAY) == ("wang",)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"entries": (entry("d1", "li"), entry("d1", "sun"))}, "home d1: stands twice"),
        ({"entries": (), "held_back": (HeldBack("d1", "no_title", None),) * 2}, "home d1: stands twice"),
        ({"entries": (Entry("d1", "", ("li",), 5, "commodity"),)}, "the holder is missing"),
        ({"entries": (Entry("d1", "li", (), 5, "commodity"),)}, "the holder is missing"),
        ({"entries": (entry("d1", "li", area=0),)}, "area 0"),
        ({"entries": (Entry("d1", "li", ("li",), 5.0, "commodity"),)}, "area 5.0"),
        ({"held_back": (HeldBack("d3", "whim", None),)}, "unknown reason 'whim'"),
        ({"mandates": (Mandate("li", "", "doc", DAY, DAY),)}, "mandate of li"),
    ],
)
def test_a_broken_book_names_its_rows(parts, said):
    with pytest.raises(HutongError) as caught:
        replace(BOOK, **parts)
    assert caught.value.code == "bad-roll"
    assert any(said in row for row in caught.value.rows), caught.value.rows


def test_what_is_held_back_is_said_in_words_and_area():
    assert held_back_words(BOOK)[0][1].zh == "权属有争议"
    assert BOOK.held_area_cm2 == 500_000
    assert replace(BOOK, held_back=(HeldBack("d3", "no_title", None),)).held_area_cm2 is None
    assert replace(BOOK, held_back=()).held_area_cm2 == 0


def test_a_mandate_too_is_entered_by_somebody_at_some_time():
    mandate = Mandate("li", "agent", "委托书", DAY, DAY + dt.timedelta(days=3))
    for wrong in ({"by": " "}, {"at": DAY.replace(tzinfo=None)}):
        with pytest.raises(HutongError) as caught:
            BOOK.entrust(mandate, **({"by": "o", "at": DAY} | wrong))
        assert caught.value.code == "bad-correction"
