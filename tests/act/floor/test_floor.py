"""The floor-area account: cases reckoned by hand, and whatever anybody books in any order."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.act.floor import (
    MOVED,
    OUTSIDE,
    Booking,
    accounts,
    booked,
    kinds,
    open_book,
    statement,
    statement_table,
)
from hutong.errors import HutongError
from hutong.rules import UNCOUNTED_KINDS, load_rules

DAY = dt.date(2026, 3, 2)
PARENTS = {"d": "", "s1": "d", "s2": "d", "u1": "s1", "u2": "s1", "u3": "s2"}
RULES = load_rules("beijing", dt.date(2026, 6, 1))
M2 = 10_000


def entry(kind, place, m2, to="", **more):
    return Booking(kind, DAY, place, m2 * M2, f"京规自审〔2026〕{m2}号", to, **more)


#: A unit gives up 100 of 400 m² demolished, sends 120 to a unit of another subdistrict, which builds 200 of it and a quota.
STORY = (
    entry("opening", "u1", 1000),
    entry("opening", "u3", 500),
    entry("demolish", "u1", 400),
    entry("reduce", "u1", 100),
    entry("transfer", "u1", 120, "u3"),
    entry("quota", "d", 300),
    entry("allot", "d", 80, "u3"),
    entry("approve", "u3", 120),
    entry("approve_quota", "u3", 80),
    entry("build", "u3", 150),
    entry("uncounted", "u3", 12, uncounted="lift"),
)


def test_a_story_reckoned_by_hand():
    book = booked(open_book(PARENTS), STORY, RULES)
    u1, u3, s1, d = (statement(book, p, RULES) for p in ("u1", "u3", "s1", "d"))
    assert {k: v // M2 for k, v in u1.balances.items() if v} == {"standing": 600, "freed": 180, "reduced": 100}  # fmt: skip
    assert {k: v // M2 for k, v in u3.balances.items() if v} == {
        "standing": 650, "approved": 50, "uncounted": 12,
    }  # fmt: skip
    assert (u1.moved["transfer_out"], u3.moved["transfer_in"]) == (120 * M2, 120 * M2)
    assert s1.moved["transfer_out"] == 120 * M2  # leaves the subdistrict
    assert d.moved["transfer_out"] == d.moved["transfer_in"] == 0  # and stays in the district
    assert d.moved["quota_in"] == 300 * M2
    assert d.balances["quota"] == 220 * M2
    assert d.counted == (600 + 180 + 650 + 50 + 220) * M2
    assert all(statement(book, p, RULES).holds for p in PARENTS)
    assert statement_table(book, RULES).set_index("place").loc["d", "uncounted"] == 12 * M2


def test_a_required_reduction_is_owed_until_it_is_given_up(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "jurisdiction: own\nextends: beijing\ntitle: {zh: 自定, en: Own}\nchecked: 2026-06-01\nparameters:\n"
        "  unit.floor_reduction_min:\n    values: [{from: 2026-01-01, value: 0.15, source: 分区规划, article: '', confidence: D}]\n",
        "utf-8",
    )
    rules = load_rules("beijing", dt.date(2026, 6, 1), own)
    book = booked(open_book(PARENTS), STORY, rules)
    found = statement(book, "u1", rules)
    assert (found.owed, found.assumed) == (50 * M2, False)
    assert statement(book, "u1", RULES).owed == 0
    assert statement(book, "u1", RULES).assumed


def test_a_reversal_undoes_an_entry_once():
    book = booked(open_book(PARENTS), STORY, RULES)
    undone = book.book(Booking("reverse", DAY, "u3", 150 * M2, "更正〔2026〕1号", of=10), RULES)
    assert undone.balance("u3", "approved") == 200 * M2
    assert statement(undone, "u3", RULES).moved["build"] == 0
    assert statement(undone, "u3", RULES).holds
    with pytest.raises(HutongError, match="reversed already"):
        undone.book(Booking("reverse", DAY, "u3", 150 * M2, "更正〔2026〕2号", of=10), RULES)
    with pytest.raises(HutongError, match="less than"):  # what was built on since cannot be taken back
        book.book(Booking("reverse", DAY, "u3", 120 * M2, "更正〔2026〕3号", of=8), RULES).book(
            entry("build", "u3", 150), RULES
        )


@pytest.mark.parametrize(
    ("booking", "words"),
    [
        (entry("demolish", "u1", 1), "less than 1.0000 m²"),
        (entry("luck", "u1", 1), "no kind of entry"),
        (entry("opening", "u9", 1), "no place"),
        (entry("opening", "u1", 0), "whole number"),
        (Booking("opening", DAY, "u1", 1.5, "a"), "whole number"),
        (Booking("opening", DAY, "u1", 1, " "), "approval is not cited"),
        (entry("transfer", "u1", 1), "two different places"),
        (entry("transfer", "u1", 1, "u1"), "two different places"),
        (entry("opening", "u1", 1, "u2"), "two different places"),
        (entry("uncounted", "u1", 1), "Uncounted area is one of"),
        (entry("uncounted", "u1", 1, uncounted="luck"), "Uncounted area is one of"),
        (entry("opening", "u1", 1, uncounted="lift"), "Uncounted area is one of"),
        (entry("reverse", "u1", 1, of=7), "no entry 7"),
    ],
)
def test_what_cannot_be_booked(booking, words):
    with pytest.raises(HutongError, match=words):
        open_book(PARENTS).book(booking, RULES)


def test_what_the_rules_of_a_place_do_not_allow():
    national = load_rules("national", dt.date(2026, 6, 1))
    book = booked(open_book(PARENTS), STORY[:3], national)
    with pytest.raises(HutongError, match=r"far\.transfer_allowed"):
        book.book(entry("transfer", "u1", 1, "u3"), national)
    with pytest.raises(HutongError, match=r"far\.city_reserve_quota_allowed"):
        book.book(entry("quota", "d", 1), national)


def test_nothing_moves_between_districts():
    book = booked(open_book({**PARENTS, "e": ""}), STORY[:3], RULES)
    with pytest.raises(HutongError, match="one district"):
        book.book(entry("transfer", "u1", 1, "e"), RULES)


@pytest.mark.parametrize("parents", [{}, {"a": "b"}, {"a": "a"}, {"a": "b", "b": "a"}])
def test_places_that_form_no_tree(parents):
    with pytest.raises(HutongError, match="form no tree"):
        open_book(parents)


def test_all_or_none():
    with pytest.raises(HutongError) as caught:
        booked(open_book(PARENTS), [STORY[0], entry("demolish", "u2", 1)], RULES)
    assert len(caught.value.rows) == 1
    assert "entry 2" in caught.value.rows[0]


anything = st.builds(
    Booking,
    kind=st.sampled_from(sorted(kinds())),
    day=st.just(DAY),
    place=st.sampled_from(sorted(PARENTS)),
    cm2=st.integers(1, 5),
    approval=st.just("批"),
    to=st.sampled_from(["", "", *PARENTS]),
    uncounted=st.sampled_from(["", "", "", *UNCOUNTED_KINDS]),
    of=st.integers(1, 20),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(anything, max_size=60))
def test_whatever_is_booked_nothing_is_made_or_lost(bookings):
    """Against a plain reference: the sum of the legs of each account."""
    book = booked(open_book(PARENTS), [entry("opening", p, 20) for p in ("u1", "u2", "u3")], RULES)
    for booking in bookings:
        try:
            book = book.book(booking, RULES)
        except HutongError as caught:
            if caught.code != "floor-booking":
                raise
    plain = {}
    for e in book.entries:
        assert sum(leg.cm2 for leg in e.legs) == 0
        for leg in e.legs:
            plain[leg.place, leg.account] = plain.get((leg.place, leg.account), 0) + leg.cm2
    assert plain == dict(book.balances)
    assert sum(plain.values()) == 0
    assert all(v >= 0 for (_, account), v in plain.items() if account != OUTSIDE)
    found = {p: statement(book, p, RULES) for p in PARENTS}
    assert all(s.holds for s in found.values())
    for parent in ("s1", "s2", "d"):
        parts = [found[p] for p, up in PARENTS.items() if up == parent]
        for account in accounts():
            own = book.balance(parent, account)
            assert found[parent].balances[account] == own + sum(s.balances[account] for s in parts)
    assert set(found["d"].moved) == set(MOVED)
