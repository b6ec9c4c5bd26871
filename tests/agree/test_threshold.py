"""A share is compared by whole numbers, and agrees with exact fractions everywhere."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.agree import Threshold
from hutong.errors import HutongError

TWO_THIRDS, THREE_QUARTERS = Threshold(2, 3, False), Threshold(3, 4, False)
HALF = Threshold(1, 2, True)
LEGAL = [
    TWO_THIRDS,
    THREE_QUARTERS,
    HALF,
    Threshold(19, 20, False),
    Threshold(1, 1, False),
    Threshold(1, 2, False),
]


@pytest.mark.parametrize("threshold", LEGAL, ids=str)
def test_every_fraction_with_denominator_below_400(threshold):
    share = Fraction(threshold.numerator, threshold.denominator)
    for whole in range(1, 400):
        part = np.arange(whole + 1)
        # part/whole against the share in exact arithmetic: the least part is found by Fraction alone
        least = next(
            p
            for p in range(whole + 2)
            if (Fraction(p, whole) > share if threshold.strict else Fraction(p, whole) >= share)
        )
        assert threshold.needed(whole) == least
        assert (threshold.meets_each(part, whole) == (part >= least)).all()
        for p in {0, least - 1, least, whole} - {-1, whole + 1}:
            assert threshold.meets(p, whole) == (p >= least)


@given(
    st.integers(0, 400), st.integers(1, 400), st.booleans(), st.integers(0, 10**15), st.integers(1, 10**15)
)
def test_any_share_agrees_with_fractions(numerator, denominator, strict, part, whole):
    if numerator > denominator or (strict and numerator == denominator):
        return
    part = min(part, whole)
    threshold = Threshold(numerator, denominator, strict)
    ratio, share = Fraction(part, whole), Fraction(numerator, denominator)
    expected = ratio > share if strict else ratio >= share
    assert threshold.meets(part, whole) == expected
    assert (part >= threshold.needed(whole)) == expected
    assert bool(threshold.meets_each(np.array([part]), np.array([whole]))[0]) == expected


def test_the_boundary_that_floats_miss():
    # 2/3 of 3·10**15 + 3, one short: 0.6666… rounds to the same double as 2/3
    whole = 3 * 10**15 + 3
    least = 2 * 10**15 + 2
    assert TWO_THIRDS.meets(least, whole)
    assert not TWO_THIRDS.meets(least - 1, whole)
    assert not TWO_THIRDS.meets_each(np.array([least - 1]), whole)[0]
    assert not Threshold(667, 1000, False).meets(2, 3)


def test_of_nothing_nothing_is_reached():
    for threshold in LEGAL:
        assert not threshold.meets(0, 0)
        assert not threshold.meets_each(np.zeros(2, np.int64), 0).any()
    assert Threshold(0, 1, False).meets(0, 5)


@pytest.mark.parametrize(
    "parts", [(0.667, 1), (2.0, 3), (2, 3.0), (True, 1), (Fraction(1, 2), 1), ("2", 3), (np.int64(2), 3)]
)
def test_no_threshold_is_made_of_anything_but_ints(parts):
    with pytest.raises(TypeError):
        Threshold(*parts, strict=False)


@pytest.mark.parametrize("share", [0.75, 1, "3/4", None])
def test_only_a_fraction_makes_a_threshold(share):
    with pytest.raises(TypeError):
        Threshold.of(share)
    assert Threshold.of(Fraction(6, 8)) == THREE_QUARTERS


def test_strict_is_a_flag():
    with pytest.raises(TypeError):
        Threshold(1, 2, 1)


@pytest.mark.parametrize(
    "parts", [(3, 2, False), (1, 1, True), (-1, 2, False), (1, 0, False), (0, -1, False)]
)
def test_a_threshold_that_cannot_be_met_is_refused(parts):
    with pytest.raises(HutongError) as caught:
        Threshold(*parts)
    assert caught.value.code == "impossible-threshold"


@pytest.mark.parametrize("counts", [(3, 2), (-1, 2)])
def test_a_part_is_within_its_whole(counts):
    with pytest.raises(ValueError, match="within"):
        HALF.meets(*counts)
    with pytest.raises(ValueError, match="within"):
        HALF.meets_each(np.array([counts[0]]), counts[1])


def test_floats_are_not_counts():
    with pytest.raises(TypeError):
        HALF.meets(1.0, 2)
    with pytest.raises(TypeError):
        HALF.meets_each(np.array([1.0]), 2)
    with pytest.raises(TypeError):
        HALF.meets_each(np.array([1]), np.array([2.0]))


def test_overflow_is_refused_not_wrapped():
    big = np.array([2**62])
    with pytest.raises(HutongError) as caught:
        Threshold(19, 20, False).meets_each(big, big)
    assert caught.value.code == "too-large-to-count"
    most = (2**63 - 1) // 20
    assert Threshold(19, 20, False).meets_each(np.array([most]), np.array([most]))[0]


def test_it_reads_as_it_is_meant():
    assert (str(TWO_THIRDS), str(HALF)) == ("≥2/3", ">1/2")
