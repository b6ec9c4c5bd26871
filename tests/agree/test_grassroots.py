"""Measures of a place with their intervals, places alike, and what came before a sure gain."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree.grassroots import (
    Count,
    beside,
    difference,
    enough,
    estimate,
    groups,
    helped,
    measures,
    similar,
)

SHARE, RATE = measures()["answered_in_time"], measures()["taking_part"]


def test_measures_belong_to_groups_and_speak_both_languages():
    for m in measures().values():
        assert m.group in groups()
        assert m.kind in ("share", "rate")
        assert m.title.zh != m.title.en
        assert (m.kind == "rate") == bool(m.per.en)


def test_a_share_and_a_rate_have_the_published_intervals():
    # Newcombe 1998, table I (method 3): 81 of 263: .2553 to .3662
    e = estimate(SHARE, Count(81, 263))
    assert (round(e.low, 4), round(e.high, 4)) == (0.2553, 0.3662)
    # Garwood 1936: 10 events have 4.795 to 18.390
    e = estimate(RATE, Count(10, 1000.0))
    assert (round(e.low, 3), round(e.value, 3), round(e.high, 3)) == (4.795, 10.0, 18.390)
    assert estimate(RATE, Count(0, 500.0)).low == 0
    assert not estimate(SHARE, Count(0, 0)).known


def test_a_difference_has_newcombes_interval():
    # Newcombe 1998, table II (method 10): 56/70 − 48/80: .0524 to .3339
    d = difference(estimate(SHARE, Count(48, 80)), estimate(SHARE, Count(56, 70)))
    assert (round(d.value, 4), round(d.low, 4), round(d.high, 4)) == (0.2, 0.0524, 0.3339)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_difference_turns_its_sign_with_its_sides(n, m, data):
    a = estimate(SHARE, Count(data.draw(st.integers(0, n)), n))
    b = estimate(SHARE, Count(data.draw(st.integers(0, m)), m))
    there, back = difference(a, b), difference(b, a)
    assert there.low <= there.value <= there.high
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)
    assert there.low >= -1.0000001


def test_places_alike_by_hand():
    table = pd.DataFrame(
        {
            "homes": [3.0, 3.1, 5.0, 3.0],
            "year": [1980.0, 1982.0, 2010.0, np.nan],
            "public": [0.5, 0.5, 0.0, np.nan],
        },
        index=["a", "b", "c", "d"],
    )
    near = similar(table, "a")
    assert [k for k, _ in near] == ["b"]  # c is too far off, d shares one feature of three
    spread = table.std(ddof=0)
    by_hand = math.sqrt(((0.1 / spread["homes"]) ** 2 + (2 / spread["year"]) ** 2 + 0) / 3)
    assert near[0][1] == pytest.approx(by_hand)
    assert similar(table[["homes"]], "a", most=2)[0] == ("d", 0.0)


def test_only_a_sure_gain_is_told_with_what_was_taken_up():
    before = {"b": Count(20, 100), "c": Count(20, 100), "d": Count(1, 3), "e": Count(50, 100)}
    after = {"b": Count(60, 100), "c": Count(25, 100), "d": Count(3, 3), "e": Count(20, 100)}
    found = helped(SHARE, ["c", "b", "d", "e"], before, after, {"b": ["whistle", "council"]})
    assert [(h.place, h.tools) for h in found] == [("b", ("council", "whistle"))]
    assert found[0].gain.low > 0.2


def test_beside_says_few_before_it_says_anything():
    assert beside(SHARE, Count(4, 4), [Count(0, 100)]) == "few"
    assert beside(SHARE, Count(90, 100), []) == "few"
    assert beside(SHARE, Count(90, 100), [Count(20, 50), Count(20, 50)]) == "above"
    assert beside(SHARE, Count(42, 100), [Count(20, 50), Count(20, 50)]) == "unclear"
    assert beside(SHARE, Count(10, 100), [Count(20, 50), Count(20, 50)]) == "below"
    assert not enough(SHARE, Count(4, 4))
