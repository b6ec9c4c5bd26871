"""For all or for nobody."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree import NONE, YES, Roll, signing_rule, tally
from hutong.agree.roll_book import Entry, Mandate, RollBook, head_of
from hutong.agree.signing import MOVES, Signing
from hutong.agree.steps import move
from hutong.errors import HutongError
from hutong.rules import load_rules

RULE = signing_rule(load_rules("beijing"), "presigning")
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
END = START + dt.timedelta(days=100)
COUPLE = head_of(["wang", "zhao"])


def day(n: float) -> dt.datetime:
    return START + dt.timedelta(days=n)


def book(n: int = 3) -> RollBook:
    people = [Entry(f"d{i}", f"h{i}", (f"h{i}",), 500_000, "private") for i in range(n)]
    pair = Entry("d9", COUPLE, ("wang", "zhao"), 500_000, "private")
    return RollBook("owners", "scheme", "2026-02-01", (*people, pair))


def opened(n: int = 3, early: bool = False) -> Signing:
    return Signing(book(n), RULE, "hash of the terms", END, early).publish(START)


def test_three_of_four_sign_and_it_takes_effect_for_all_who_did():
    signing = opened()
    for i in range(3):
        signing = signing.sign(f"h{i}", f"h{i}", day(i))
        assert signing.standing(f"h{i}") == "pending"
    done = signing.settle(END)
    assert done.state == "effective"
    assert [done.standing(h) for h in ("h0", "h1", "h2", COUPLE)] == ["effective"] * 3 + ["none"]
    assert (done.count().yes_heads, done.count().heads, done.count().passed) == (3, 4, True)
    assert opened().state == "open"


def test_one_short_and_it_is_void_for_all():
    signing = opened().sign("h0", "h0", day(1)).sign("h1", "h1", day(2))
    void = signing.settle(END)
    assert void.state == "void"
    assert [void.standing(h) for h in ("h0", "h1", "h2")] == ["void", "void", "none"]
    for step in (
        lambda: void.join("h2", "h2", day(101)),
        lambda: void.settle(day(102)),
        lambda: void.sign("h2", "h2", day(99)),
    ):
        with pytest.raises(HutongError) as caught:
            step()
        assert caught.value.code == "not-now"


def test_anyone_may_withdraw_until_it_takes_effect():
    signing = opened().sign("h0", "h0", day(1)).sign("h1", "h1", day(2)).sign("h2", "h2", day(3))
    gone = signing.withdraw("h0", "h0", day(4))
    assert gone.signed == {"h1", "h2"}
    assert gone.settle(END).state == "void"
    assert gone.sign("h0", "h0", day(5)).settle(END).state == "effective"
    with pytest.raises(HutongError) as caught:
        signing.settle(END).withdraw("h0", "h0", day(101))
    assert caught.value.code == "not-now"


def test_early_effect_only_where_the_terms_say_so():
    early = opened(early=True)
    for i in range(3):
        with pytest.raises(HutongError):
            early.settle(day(i + 1))
        early = early.sign(f"h{i}", f"h{i}", day(i))
    assert early.settle(day(3)).state == "effective"
    with pytest.raises(HutongError) as caught:
        replace(early, early=False).settle(day(3))
    assert caught.value.code == "signing-refused"


def test_co_owners_sign_together_or_by_mandate():
    signing = opened()
    with pytest.raises(HutongError) as caught:
        signing.sign(COUPLE, "wang", day(1))
    assert "all who hold" in caught.value.what.en
    trusted = book().entrust(Mandate("zhao", "wang", "委托书", START, END), by="o", at=START)
    signing = Signing(trusted, RULE, "terms", END).publish(START).sign(COUPLE, "wang", day(1))
    assert signing.signed == {COUPLE}


def test_late_signers_join_on_the_same_terms():
    done = opened()
    for i in range(3):
        done = done.sign(f"h{i}", f"h{i}", day(i))
    done = done.settle(END)
    trusted = Mandate("zhao", "wang", "委托书", START, day(200))
    done = replace(done, book=done.book.entrust(trusted, by="o", at=END))
    joined = done.join(COUPLE, "wang", day(110))
    assert joined.standing(COUPLE) == "effective"
    for wrong in (("h0", "h0", day(111)), (COUPLE, "zhao", day(111)), (COUPLE, "wang", day(99))):
        with pytest.raises(HutongError):
            done.join(*wrong)


@pytest.mark.parametrize(
    "step",
    [
        lambda s: s.sign("h0", "h0", END),
        lambda s: s.sign("h0", "h1", day(1)),
        lambda s: s.sign("nobody", "nobody", day(1)),
        lambda s: s.sign("h0", "h0", day(2)).sign("h0", "h0", day(3)),
        lambda s: s.sign("h0", "h0", day(2)).sign("h1", "h1", day(1)),
        lambda s: s.withdraw("h0", "h0", day(1)),
        lambda s: s.settle(day(99)),
        lambda s: s.settle(END.replace(tzinfo=None)),
        lambda s: s.publish(day(1)),
        lambda s: Signing(s.book, RULE, "", END).publish(START),
        lambda s: Signing(s.book, RULE, "terms", END).publish(END),
        lambda s: Signing(s.book, RULE, "terms", END).sign("h0", "h0", day(1)),
        lambda s: Signing(s.book, RULE, "terms", END).settle(END),
    ],
)
def test_what_cannot_be_done(step):
    with pytest.raises(HutongError):
        step(opened())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["sign", "withdraw"]), st.integers(0, 6)), max_size=20))
def test_nobody_is_bound_alone(acts):
    signing, stands = opened(7), set()
    for i, (event, who) in enumerate(acts):
        head = f"h{who}"
        if (event == "sign") != (head in stands):
            signing = getattr(signing, event)(head, head, day(i + 1))
            stands ^= {head}
    assert signing.signed == stands
    done = signing.settle(END)
    outcomes = {done.standing(h) for h in stands}
    assert len(outcomes) <= 1
    assert (done.state == "effective") == (4 * len(stands) >= 3 * 8)
    assert all(done.standing(f"h{i}") == "none" for i in range(7) if f"h{i}" not in stands)


def test_the_table_of_moves_is_closed():
    states = set(MOVES)
    assert {after for moves in MOVES.values() for after in moves.values()} <= states
    with pytest.raises(HutongError) as caught:
        move(MOVES, "void", "sign")
    assert "ended" in caught.value.hint.en
    with pytest.raises(HutongError) as caught:
        move(MOVES, "draft", "sign")
    assert "publish" in caught.value.hint.zh


@pytest.mark.parametrize(
    ("city", "act", "large", "signed", "passes"),
    [
        # 20 holders with equal homes, unless the first home is large
        ("beijing", "mediation", 1, 19, True),
        ("beijing", "mediation", 1, 18, False),
        ("beijing", "mediation", 2, 19, True),
        ("shanghai", "mediation_public", 1, 19, True),
        ("shanghai", "presigning", 1, 16, True),
        ("shanghai", "presigning", 1, 15, False),
        ("shanghai", "willingness", 1, 18, True),
        ("shanghai", "willingness", 1, 17, False),
        ("shenzhen", "mediation", 1, 19, True),
        ("shenzhen", "mediation", 2, 19, False),  # 19 of 21 parts of the area are 90 %
        ("shenzhen", "willingness_other", 1, 14, True),
        ("shenzhen", "willingness_other", 1, 13, False),
        ("zhejiang", "presigning", 1, 16, True),
        ("zhejiang", "willingness", 1, 17, False),
    ],
)
def test_boundaries_of_signing_by_place(city, act, large, signed, passes):
    # who holds the first home signs last
    roll = Roll(tuple(f"h{i}" for i in range(20)), np.array([large] + [1] * 19, np.int64) * 500_000)
    ballots = np.array([NONE] * (20 - signed) + [YES] * signed, np.int8)
    assert tally(roll, ballots, signing_rule(load_rules(city), act)).passed is passes
