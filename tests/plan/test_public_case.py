"""The documented rebuild: the residents' total within its range, by hand and over what is not known."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.plan.public_case import case_lines, load_case, public_case, residents_pay

FACTS = {
    "least_area_m2": 53.0,
    "rate_original_yuan_m2": 1350.0,
    "most_extra_m2": 20.0,
    "rate_extra_yuan_m2": 34520.0,
}


def test_the_documented_total_lies_in_the_computed_range() -> None:
    result = public_case(draws=4000)
    low, middle, high = result.range_yuan
    assert low < result.documented_low
    assert result.documented_high < high
    assert result.documented_low == 465e6
    assert abs(middle / result.documented_yuan - 1) < 0.03
    assert (result.total_yuan == public_case(draws=4000).total_yuan).all()
    assert sum(result.parts.values()) == pytest.approx(result.central_yuan)


def test_what_one_home_pays_by_hand() -> None:
    one = {
        k: np.array([v])
        for k, v in {
            "mean_area_m2": 40.0,
            "area_spread": 0.0,
            "extra_taken": 0.5,
            "parking_yuan": 7.0,
        }.items()
    }
    paid = residents_pay(1, **one, facts=FACTS)
    assert paid["original"] == pytest.approx(53 * 1350)  # charged for at least 53 m²
    assert paid["extra"] == pytest.approx(10 * 34520)
    assert paid["parking"] == 7
    large = residents_pay(3, **{**one, "mean_area_m2": np.array([80.0])}, facts=FACTS)
    assert large["original"] == pytest.approx(3 * 80 * 1350)


def test_the_share_implied_by_the_total_gives_the_total() -> None:
    result = public_case(draws=100)
    with_it = result.central_yuan - result.parts["extra"] + result.implied_extra * 548 * 20 * 34520
    assert with_it == pytest.approx(result.documented_yuan)
    assert 0.7 < result.implied_extra < 1


def test_every_assumption_is_named_with_its_range_and_mark() -> None:
    lines = case_lines(public_case(draws=500))
    case = load_case()
    for entry in case["assumed"].values():
        assert any(entry["title"]["en"] in t.en and f"({entry['confidence']})" in t.en for t in lines)
    assert len(lines) == 3 + len(case["assumed"]) + len(case["readings"])
    assert "inside the computed range" in lines[0].en
    assert "4.7 亿元" in lines[0].zh
    assert "50 m²–75 m²" in lines[3].en
