"""Who signs for a public home."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from hutong.agree.lease import household_signers, lease_roll, unit_signatures
from hutong.city import City, make_quarter

from .test_owners import CLEAR, HOME, PRIVATE, PUBLIC, changed, only


@pytest.fixture(scope="module")
def city() -> City:
    return changed(make_quarter(dwellings=300, seed=1), PRIVATE, CLEAR)


@pytest.fixture(scope="module")
def leased(city) -> City:
    return changed(
        city,
        {"tenure": "public_direct", "occupancy": "tenant", "deed_cm2": 0.0, "lease_cm2": 400_000.0},
        {"document": "lease_book", "managing_unit": "房管中心", "state": "clear"},
    )


def test_every_let_public_home_is_on_the_roll_or_held_back(city):
    book = lease_roll(city, np.arange(300), "all")
    own = city["dwellings"]
    public = own["tenure"].isin(PUBLIC) & (own["occupancy"] != "vacant")
    lines = {e.dwelling_id for e in book.entries} | {h.dwelling_id for h in book.held_back}
    assert lines == set(own["dwelling_id"][public])
    titles = city["titles"].set_index("dwelling_id")["state"]
    faults = titles[own["dwelling_id"][public]].value_counts()
    expected = {
        "successor_unnamed": "deceased_holder",
        "sublet": "sublet",
        "no_title": "missing",
        "disputed": "disputed",
    }
    assert Counter(h.reason for h in book.held_back) == Counter(
        {reason: int(faults[state]) for reason, state in expected.items() if faults[state]}
    )
    assert book.held_back
    assert len(book.roll) == len(book.entries)
    assert sum(unit_signatures(book).values()) == len(book.entries)
    assert "" not in unit_signatures(book)


def test_owned_and_empty_homes_are_not_on_the_roll(city, leased):
    assert only(city, book=lease_roll).entries == ()
    assert only(city, book=lease_roll).held_back == ()
    assert only(changed(leased, {"occupancy": "vacant"}), book=lease_roll).entries == ()
    bought = changed(leased, titles={"document": "ownership_certificate"})
    assert only(bought, book=lease_roll).entries == ()


@pytest.mark.parametrize(
    ("dwelling", "title", "reason"),
    [
        ({}, {"state": "deceased_holder"}, "successor_unnamed"),
        ({}, {"state": "sublet"}, "sublet"),
        ({}, {"state": np.nan}, "state_unknown"),
        ({}, {"managing_unit": np.nan}, "unit_unknown"),
        ({"lease_cm2": np.nan}, {}, "area_unknown"),
        ({"lease_cm2": 0.0}, {}, "area_unknown"),
    ],
)
def test_reasons_to_hold_back(leased, dwelling, title, reason):
    assert [h.reason for h in only(changed(leased, dwelling, title), book=lease_roll).held_back] == [reason]


def test_a_successor_follows_a_lessee_who_has_died(leased):
    dead = changed(leased, titles={"state": "deceased_holder"})
    rows = [(HOME, "old", "lessee", False), (HOME, "child", "successor", False)]
    assert only(dead, rows, lease_roll).entries[0].head == "child"
    assert only(leased, rows, lease_roll).entries[0].head == "old"
    assert only(leased, rows[1:], lease_roll).held_back[0].reason == "holder_unknown"


def test_co_residents_are_consulted_and_sign_beside_the_lessee(leased):
    rows = [
        (HOME, "old", "lessee", False),
        (HOME, "son", "co_resident", False),
        (HOME, "old", "co_resident", False),
    ]
    book = only(leased, rows, lease_roll)
    assert book.consulted == (HOME,)
    assert len(book.roll) == 1
    table = pd.DataFrame(rows, columns=["dwelling_id", "holder", "kind", "representative"])
    assert household_signers(book, table) == {HOME: ("old", "son")}
    assert book.entries[0].unit == "房管中心"
    assert book.entries[0].area_from == "lease"
