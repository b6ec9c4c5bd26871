"""A roll from a table: heads, shares, who is held back, and every row that does not fit."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest

from hutong.agree import Roll, head_of, roll_from_table
from hutong.errors import HutongError

GOOD = {"building": "b1", "dwelling_id": "d1", "holder": "甲", "area_m2": "56.25"}


def read(*rows, act="owners", **columns):
    table = pd.DataFrame([{**GOOD, **r} for r in rows]).rename(columns=columns)
    return roll_from_table(table, act, "estate e1", "2026-11-01", ["b1", "b2"], lambda name: f"t-{name}")


def faults(*rows):
    with pytest.raises(HutongError) as caught:
        read(*rows)
    assert caught.value.code == "bad-roll-table"
    return caught.value.rows


def test_homes_of_one_holder_are_one_head_and_holders_of_one_home_another():
    book, rows = read(
        {},
        {"dwelling_id": "d2", "area_m2": "43.75"},
        {"dwelling_id": "d3", "holder": "乙", "share": "1/3"},
        {"dwelling_id": "d3", "holder": "丙", "share": "2/3"},
    )
    assert book.roll == Roll(("t-甲", head_of(["t-乙", "t-丙"])), [1_000_000, 562_500])
    assert [(r.dwelling_id, r.share) for r in rows][2:] == [("d3", Fraction(1, 3)), ("d3", Fraction(2, 3))]
    assert {e.area_from for e in book.entries} == {"deed"}


def test_a_representative_decides_and_lessees_hold_by_lease():
    book, _ = read({"representative": "是"}, {"holder": "乙", "representative": None}, act="lessees")
    assert book.holders == {head_of(["t-甲", "t-乙"]): ("t-甲",)}
    assert book.entries[0].area_from == "lease"


def test_who_is_held_back_needs_neither_holder_nor_area():
    book, rows = read({}, {"dwelling_id": "d2", "holder": "", "area_m2": "", "held_back": "disputed"})
    assert [(h.dwelling_id, h.reason, h.area_cm2) for h in book.held_back] == [("d2", "disputed", None)]
    assert [r.dwelling_id for r in rows] == ["d1"]


def test_columns_go_by_chinese_names():
    book, _ = read({}, building="楼栋", dwelling_id="房屋编号", holder="权利人", area_m2="面积")
    assert len(book.roll) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"building": "b9"}, "building: there is no building 'b9'"),
        ({"dwelling_id": "=1+1"}, "dwelling_id"),
        ({"holder": ""}, "holder: is missing"),
        ({"holder": "a\x00b"}, "holder: is missing"),
        ({"area_m2": "0"}, "area_m2"),
        ({"area_m2": "-1"}, "area_m2"),
        ({"area_m2": "nan"}, "area_m2"),
        ({"area_m2": "1e99999"}, "area_m2"),
        ({"area_m2": "1.00001"}, "area_m2"),
        ({"share": "0/0"}, "share"),
        ({"share": "1/2"}, "do not add up to 1"),
        ({"tenure": "castle"}, "tenure"),
        ({"held_back": "whatever"}, "held_back"),
    ],
)
def test_every_row_that_does_not_fit_is_named(row, said):
    rows = faults({"dwelling_id": "d0"}, row)
    assert len(rows) == 1
    assert rows[0].startswith("row 3: ")
    assert said in rows[0]


def test_rows_of_one_home_agree_and_name_each_holder_once():
    assert any(
        "area_m2: home d1 says otherwise in row 2" in r for r in faults({}, {"holder": "乙", "area_m2": "9"})
    )
    assert any("stands twice" in r for r in faults({}, {}))
    both = {"representative": "是"}
    assert any("names 2" in r for r in faults(both, {"holder": "乙", **both}))


def test_columns_that_lack_are_named():
    with pytest.raises(HutongError) as caught:
        roll_from_table(pd.DataFrame({"building": ["b1"]}), "owners", "x", "2026-01-01", ["b1"], str)
    assert caught.value.rows == tuple(f"column {c} is missing" for c in ("dwelling_id", "holder", "area_m2"))
