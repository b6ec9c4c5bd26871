"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.text import UNKNOWN, Text, lasting, number, percent, roughly_lasting, yuan


def test_a_text_speaks_both_languages() -> None:
    text = Text("楼栋", "building")
    assert text.get("zh") == "楼栋"
    assert text.get("en") == "building"
    assert Text.of({"zh": "楼栋", "en": "building"}) == text
    assert Text.of(text) is text
    with pytest.raises(KeyError):
        Text.of({"zh": "楼栋"})


@pytest.mark.parametrize("value", [None, math.nan])
def test_unknown_is_said_and_never_zero(value: float | None) -> None:
    for say in (number, percent, yuan):
        assert say(value, "zh") == UNKNOWN.zh == "未知"
        assert say(value, "en") == UNKNOWN.en == "unknown"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0, 0, "0"), (1234.5, 0, "1,234"), (1234567, 0, "1,234,567"), (-3.25, 1, "−3.2"), (0.5, 2, "0.50")],
)
def test_numbers_have_thousands_and_a_true_minus(value: float, digits: int, shown: str) -> None:
    assert number(value, "en", digits) == shown


@pytest.mark.parametrize("value", [-0.0, -0.4])
def test_nothing_is_minus_nothing(value: float) -> None:
    assert number(value) == "0"
    assert percent(value / 1000) == "0%"


def test_shares_are_percentages() -> None:
    assert percent(0.1825, digits=1) == "18.2%"
    assert percent(1) == "100%"
    assert percent(-0.05) == "−5%"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0 元", "¥0"),
        (950, "950 元", "¥950"),
        (12_345, "1.23 万元", "¥12.3k"),
        (1_234_567, "123 万元", "¥1.23m"),
        (123_456_789, "1.23 亿元", "¥123m"),
        (5_000_000_000, "50 亿元", "¥5bn"),
        (-20_000, "−2 万元", "−¥20k"),
        (9_999, "9,999 元", "¥10k"),
        (0.4, "0 元", "¥0"),
    ],
)
def test_money_in_the_units_people_use(value: float, zh: str, en: str) -> None:
    assert yuan(value, "zh") == zh
    assert yuan(value, "en") == en


def test_money_that_rounds_up_to_a_unit_takes_it() -> None:
    assert yuan(99_999_999, "zh") == "1 亿元"
    assert yuan(999_999_999, "en") == "¥1bn"


@given(st.floats(-1e13, 1e13))
def test_money_is_read_back_within_its_three_figures(value: float) -> None:
    shown = yuan(value, "zh")
    scale = {"亿元": 1e8, "万元": 1e4, "元": 1.0}[shown.split(" ")[1]]
    read = float(shown.split(" ")[0].replace(",", "").replace("−", "-")) * scale
    assert read == pytest.approx(value, rel=0.0051, abs=0.51)


@pytest.mark.parametrize(
    ("seconds", "zh", "en", "roughly"),
    [
        (0, "0 秒", "0 s", "0 s"),
        (59.6, "1 分钟", "1 min", "1 min"),
        (83, "1 分 23 秒", "1 min 23 s", "1 min 30 s"),
        (312, "5 分 12 秒", "5 min 12 s", "6 min"),
        (601, "10 分钟", "10 min", "11 min"),
        (3600, "1 小时 0 分", "1 h 0 min", "1 h 0 min"),
        (3899, "1 小时 5 分", "1 h 5 min", "1 h 5 min"),
    ],
)
def test_lengths_of_time(seconds: float, zh: str, en: str, roughly: str) -> None:
    assert lasting(seconds) == Text(zh, en)
    assert roughly_lasting(seconds).en == roughly
