"""Finance against pyxirr, a plain reference and hand-made cases."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.plan.finance import irr, irr_many, npv, party_years, payback_year
from hutong.plan.results import PARTIES


def npv_by_hand(rate: float, payments: list[float]) -> float:
    return sum(p / (1 + rate) ** year for year, p in enumerate(payments))


def test_npv_shapes_agree_with_hand() -> None:
    flows = np.array([[-100.0, 60, 60], [-50.0, 20, 40]])
    assert npv(0.1, flows[0]) == pytest.approx(npv_by_hand(0.1, [-100, 60, 60]))
    assert npv(0.1, flows).shape == (2,)
    assert npv(np.array([0.05, 0.1, 0.2]), flows).shape == (2, 3)
    assert npv(np.array([0.05, 0.1]), flows)[1, 1] == pytest.approx(npv_by_hand(0.1, [-50, 20, 40]))


def test_irr_of_random_investments_equals_pyxirr() -> None:
    random = np.random.default_rng(7)
    flows = random.uniform(10, 400, (2000, 22))
    flows[:, 0] = -random.uniform(500, 2500, 2000)
    flows[:, 1] = -random.uniform(0, 500, 2000)
    rates, flags = irr_many(flows)
    assert (flags == 0).all()
    for row, rate in zip(flows[:600], rates[:600], strict=True):
        assert rate == pytest.approx(pyxirr.irr(row), abs=1e-9)
    assert np.abs(npv_rows(rates, flows)).max() < 1e-6


def npv_rows(rates: np.ndarray, flows: np.ndarray) -> np.ndarray:
    return (flows / (1 + rates[:, None]) ** np.arange(flows.shape[1])).sum(axis=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9))
def test_any_unique_irr_is_a_root(payments: list[int]) -> None:
    found = irr(np.array(payments, float))
    signs = [p > 0 for p in payments if p]
    changes = sum(a != b for a, b in itertools.pairwise(signs))
    if changes == 0:
        assert found.flag == "no_root"
    if changes == 1:
        assert found.flag == "unique"
    if found.flag == "unique":
        size = sum(abs(p) / (1 + found.rate) ** y for y, p in enumerate(payments))
        assert abs(npv_by_hand(found.rate, [float(p) for p in payments])) <= 1e-7 * size
    else:
        assert np.isnan(found.rate)


@pytest.mark.parametrize(
    ("payments", "flag"),
    [
        ([-100.0, 230.0, -132.0], "several_roots"),  # roots at 10 % and 20 %
        ([100.0, -120.0, 140.0], "no_root"),
        ([10.0, 20.0], "no_root"),
        ([0.0, 0.0], "no_root"),
    ],
)
def test_irr_says_when_there_is_no_single_rate(payments: list[float], flag: str) -> None:
    assert irr(np.array(payments)).flag == flag


def roots_by_grid(payments: np.ndarray, steps: int = 4000) -> int:
    """Count changes of sign of the value on a fine grid of x = 1/(1+r), r from 20 down to −0.95."""
    x = np.geomspace(1 / 21, 20, steps)
    values = np.polynomial.polynomial.polyval(x, payments)
    return int((values == 0).sum() + (values[:-1] * values[1:] < 0).sum())


def test_the_number_of_roots_equals_that_on_a_grid() -> None:
    random = np.random.default_rng(2)
    flows = np.round(random.normal(0, 100, (600, 22)))
    flows[:200, 2:] = np.abs(flows[:200, 2:])
    flows[:200, :2] = -5 * np.abs(flows[:200, :2])
    flows[100:200, 12] *= -8
    flows[200:300, 6:] = 0.0
    _, flags = irr_many(flows)
    found = np.array([min(roots_by_grid(row), 2) for row in flows])
    assert set(found) == {0, 1, 2}
    assert (
        np.array([1, 0, 2])[flags] == found
    ).mean() > 0.995  # pairs of roots closer than a grid step may differ
    assert (flags[:100] == 0).all()


def test_irr_far_from_usual_rates() -> None:
    assert irr(np.array([-1.0, 101.0])).rate == pytest.approx(100.0)
    assert irr(np.array([-100.0, 1.0])).rate == pytest.approx(-0.99)


def test_payback() -> None:
    assert payback_year(np.array([-100.0, 50, 50, 50])) == 2
    assert payback_year(np.array([-100.0, 50, 50, 50]), 0.1) == 3
    assert np.isnan(payback_year(np.array([-100.0, 10, 10])))
    assert payback_year(np.array([5.0, 5.0])) == 0
    assert payback_year(np.array([-100.0, 150, -100, 60])) == 3


def test_party_years_sum_to_zero() -> None:
    flows = pd.DataFrame(
        {
            "year": [0, 1, 1],
            "payer": ["city", "outside", "operator"],
            "payee": ["outside", "operator", "owners"],
            "yuan": [10.0, 4.0, 3.0],
            "line": ["works", "rent", "surplus"],
            "object_id": ["a", "a", "a"],
        }
    )
    table = party_years(flows, 3)
    assert list(table.index) == list(PARTIES)
    assert table.shape == (len(PARTIES), 3)
    assert (table.sum(axis=0) == 0).all()
    assert table.loc["operator", 1] == 1.0
    assert party_years(flows.iloc[:0]).shape == (len(PARTIES), 0)
