from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense.equity import equity_table, gini, theil, theil_parts, worst_off

people = st.lists(st.tuples(st.floats(0, 1e4), st.integers(1, 6), st.integers(0, 3)), min_size=2, max_size=25)


@pytest.mark.parametrize("seed", range(4))
def test_equal_to_inequality(seed):
    from inequality.gini import Gini
    from inequality.theil import Theil, TheilD

    rng = np.random.default_rng(seed)
    y, group = rng.lognormal(0, 1, 60), rng.integers(0, 5, 60)
    y[rng.integers(0, 60, 4)] = 0.0
    parts, want = theil_parts(y, group), TheilD(y, group)
    assert gini(y) == pytest.approx(Gini(y).g, abs=1e-9)
    assert theil(y) == pytest.approx(float(Theil(y).T), abs=1e-9)
    assert parts.total == pytest.approx(float(np.sum(want.T)), abs=1e-9)
    assert parts.within == pytest.approx(float(np.sum(want.wg)), abs=1e-9)
    assert parts.between == pytest.approx(float(np.sum(want.bg)), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(people)
def test_a_weight_is_as_many_people(rows):
    x, w, g = (np.array(c, float) for c in zip(*rows, strict=True))
    many = w.astype(int)
    each, group = np.repeat(x, many), np.repeat(g, many)
    assert gini(x, w) == pytest.approx(gini(each), abs=1e-9, nan_ok=True)
    assert theil(x, w) == pytest.approx(theil(each), abs=1e-9, nan_ok=True)
    a, b = theil_parts(x, g, w), theil_parts(each, group)
    assert a.within == pytest.approx(b.within, abs=1e-9, nan_ok=True)
    assert worst_off(x, w) == pytest.approx(np.nan if not len(each) else worst_off(each), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(people)
def test_parts_add_up_and_none_is_negative(rows):
    x, w, g = (np.array(c, float) for c in zip(*rows, strict=True))
    parts = theil_parts(x, g, w)
    if x.sum() == 0:
        assert np.isnan([parts.total, parts.within, parts.between]).all()
        return
    assert parts.total == pytest.approx(parts.within + parts.between, abs=1e-9)
    assert min(parts.total, parts.within, parts.between) >= -1e-9
    assert -1e-9 <= gini(x, w) < 1
    assert parts.groups["within"].sum() == pytest.approx(parts.within, abs=1e-9)
    assert parts.groups["between"].sum() == pytest.approx(parts.between, abs=1e-9)


def test_known_answers():
    assert gini([5, 5, 5]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert theil([0, 0, 0, 8]) == pytest.approx(np.log(4))
    parts = theil_parts([1, 1, 3, 3], ["a", "a", "b", "b"])
    assert parts.within == pytest.approx(0)
    assert parts.groups["mean"].to_dict() == {"a": 1, "b": 3}
    assert parts.groups["people"].to_dict() == {"a": 2, "b": 2}


def test_unknown_values_weights_and_groups_are_left_out():
    assert gini([1, np.nan, 3]) == pytest.approx(gini([1, 3]))
    assert gini([1, 9, 3], [1, 0, 1]) == pytest.approx(gini([1, 3]))
    assert theil_parts([1, 2, 3], ["a", None, "b"]).total == pytest.approx(theil([1, 3]))
    for nothing in ([np.nan], [0.0, 0.0], []):
        assert np.isnan(gini(nothing))
        assert np.isnan(theil(nothing))
    assert np.isnan(theil_parts([np.nan], ["a"]).between)
    assert np.isnan(worst_off([]))


def test_the_worst_off_decile():
    x = np.arange(20.0)
    assert worst_off(x) == 0.5
    assert worst_off(x, higher_is_better=False) == 18.5
    assert worst_off([1, 2], [15, 5]) == 1
    # A tenth of 20 is 2 people: one with 1, one with 2.
    assert worst_off([1, 2], [1, 19]) == 1.5
    assert worst_off([-3, 4], share=1.0) == 0.5


def test_table_of_outcomes():
    outcomes = pd.DataFrame({"a": [0.2, 0.4, np.nan], "b": [1.0, 1.0, 1.0]})
    got = equity_table(outcomes, [10, 30, np.nan], ["x", "y", "y"])
    assert got.loc["a", "mean"] == pytest.approx(0.35)
    assert got.loc["a", "worst_off"] == pytest.approx(0.2)
    assert got.loc["a", "gini"] == pytest.approx(gini([0.2, 0.4], [10, 30]))
    assert got.loc["a", "theil"] == pytest.approx(got.loc["a", "within"] + got.loc["a", "between"])
    assert got.loc["b", "gini"] == pytest.approx(0)
    assert equity_table(outcomes)["within"].isna().all()


@pytest.mark.parametrize(
    "call",
    [lambda: gini([-1, 2]), lambda: gini([1, 2], [1, -1]), lambda: gini([1, 2], [1]), lambda: theil([np.inf]),
     lambda: worst_off([1], share=0), lambda: gini([1, 2], [1, np.inf])],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(HutongError):
        call()
