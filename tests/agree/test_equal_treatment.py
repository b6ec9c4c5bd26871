"""Like cases, like offers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.agree.equal_treatment import unequal_offers
from hutong.errors import HutongError


def offers(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["dwelling_id", "tenure", "total_yuan", "area_cm2", "reason"])


LIKE = ["tenure"]


def test_an_outlier_is_listed_with_its_reason_or_without():
    table = offers(
        ("d1", "public", 1_000_000, 100_000, None),
        ("d2", "public", 2_000_000, 200_000, None),
        ("d3", "public", 1_200_000, 100_000, "沿街铺面"),
        ("d4", "public", 900_000, 100_000, None),
        ("d5", "public", 1_000_000, 100_000, None),
        ("d6", "private", 5_000_000, 100_000, None),
    )
    found = unequal_offers(table, LIKE).set_index("dwelling_id")
    assert list(found.index) == ["d3", "d4", "d6"]
    assert found["difference"].round(9).tolist()[:2] == [0.2, -0.1]
    assert found.loc["d3", "zh"] == "单价高于同类 5 户中位数 100,000 元/m² 20.0%；沿街铺面"
    assert "below the median" in found.loc["d4", "en"]
    assert found.loc["d4", "en"].endswith("no reason given")
    assert np.isnan(found.loc["d6", "difference"])
    assert found.loc["d6", "likes"] == 1
    assert "cannot be compared" in found.loc["d6", "en"]


def test_the_tolerance_itself_is_alike():
    table = offers(
        *((f"d{i}", "a", 1_000_000, 100_000, "") for i in range(4)), ("d9", "a", 1_050_000, 100_000, "")
    )
    assert unequal_offers(table, LIKE, 0.05).empty
    assert unequal_offers(table, LIKE, 0.0499)["dwelling_id"].tolist() == ["d9"]


def test_unknown_figures_and_categories_are_not_compared():
    table = offers(
        *((f"d{i}", "a", 1_000_000, 100_000, "") for i in range(3)),
        ("x", None, 1_000_000, 100_000, ""),
        ("y", "a", np.nan, 100_000, ""),
        ("z", "a", 1_000_000, 0, ""),
    )
    found = unequal_offers(table.drop(columns="reason"), LIKE)
    assert found["dwelling_id"].tolist() == ["x", "y", "z"]
    assert found["difference"].isna().all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(1, 40), st.integers(1, 9)), min_size=1, max_size=14
    ),
    st.sampled_from([0.0, 0.05, 0.2]),
)
def test_against_a_plain_reading(cases, tolerance):
    table = offers(*((f"d{i:02}", g, y * 1000, a * 10_000, "") for i, (g, y, a) in enumerate(cases)))
    found = unequal_offers(table, LIKE, tolerance)
    expected = set()
    for i, (group, yuan, area) in enumerate(cases):
        rates = [y * 1000 / a for g, y, a in cases if g == group]
        usual = float(np.median(rates))
        if len(rates) < 3 or abs(yuan * 1000 / area / usual - 1) > tolerance * (1 + 1e-9):
            expected.add(f"d{i:02}")
    assert set(found["dwelling_id"]) == expected
    size = found["difference"].abs().fillna(-1).tolist()
    assert size == sorted(size, reverse=True)
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(unequal_offers(shuffled, LIKE, tolerance), found)


@pytest.mark.parametrize(
    "wrong", [{"like": []}, {"like": ["storey"]}, {"tolerance": -0.1}, {"tolerance": np.nan}]
)
def test_what_cannot_be_compared(wrong):
    args = {"like": LIKE, "tolerance": 0.05} | wrong
    with pytest.raises(HutongError) as caught:
        unequal_offers(offers(("d1", "a", 1, 1, "")), args["like"], args["tolerance"])
    assert caught.value.code == "cannot-compare"
