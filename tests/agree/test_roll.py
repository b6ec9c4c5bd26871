"""One holder is one head, and areas are whole."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.agree import Roll
from hutong.errors import HutongError


def test_one_buyer_of_several_units_is_one_head():
    roll = Roll.from_units(
        ["li", "developer", "wang", "developer", "li"], [600_000, 500_000, 700_000, 500_000, 10]
    )
    assert roll.heads == ("li", "developer", "wang")
    assert roll.area_cm2.tolist() == [600_010, 1_000_000, 700_000]
    assert (len(roll), roll.total_cm2) == (3, 2_300_010)
    assert roll.rows(["wang", "nobody", "li"]).tolist() == [2, -1, 0]


def test_whole_floats_of_a_table_are_taken():
    roll = Roll.from_units([1, 2], np.array([600_000.0, 512_345.0]))
    assert roll.area_cm2.dtype == np.int64
    assert roll.heads == ("1", "2")


@pytest.mark.parametrize("area", [np.nan, 0, -1, 600_000.5, np.inf, 2.0**53])
def test_an_area_that_is_not_whole_and_positive_is_named(area):
    with pytest.raises(HutongError) as caught:
        Roll.from_units(["li", "wang"], [600_000, area])
    assert caught.value.code == "bad-roll"
    assert caught.value.rows[0].startswith("wang: area")


@pytest.mark.parametrize("holder", [None, np.nan, ""])
def test_a_missing_holder_is_named(holder):
    with pytest.raises(HutongError) as caught:
        Roll.from_units(["li", holder], [600_000, 600_000])
    assert caught.value.rows == ("unit 2: the holder is missing",)


def test_shapes_kinds_and_doubles_are_refused():
    for heads, area in ((("a", "b"), [1]), (("a",), ["x"]), (("a", "a"), [1, 2])):
        with pytest.raises(HutongError) as caught:
            Roll(heads, np.array(area))
        assert caught.value.code == "bad-roll"


def test_the_hash_is_of_who_holds_what_in_any_order():
    a = Roll(("li", "wang"), np.array([5, 6]))
    b = Roll(("wang", "li"), np.array([6, 5]))
    assert a == b
    assert a.hash == b.hash
    assert hash(a) == hash(b)
    assert a != Roll(("wang", "li"), np.array([5, 6]))
    assert a != "roll"


def test_a_roll_cannot_be_changed():
    given = np.array([5, 6])
    roll = Roll(("li", "wang"), given)
    given[0] = 9
    assert roll.area_cm2.tolist() == [5, 6]
    with pytest.raises(ValueError, match="read-only"):
        roll.area_cm2[0] = 9


def test_an_empty_roll():
    roll = Roll.from_units([], [])
    assert (len(roll), roll.total_cm2) == (0, 0)
