"""Conditions: three-valued, and clear about what cannot be read."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.errors import HutongError
from hutong.plan.condition import evaluate

NAN = np.nan
COLUMNS = {"a": np.array([1.0, 3.0, NAN, 4.0]), "b": np.array([0.0, 1.0, 0.0, NAN])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a >= 3", [0, 1, 0, 1]),
        ("b", [0, 1, 0, 0]),
        ("~b", [1, 0, 1, 0]),
        ("a >= 3 | ~b", [1, 1, 1, 1]),
        ("a >= 3 & ~b", [0, 0, 0, 0]),
        ("a >= 3 & (b | a == 4)", [0, 1, 0, 1]),
        ("~(a >= 3)", [1, 0, 0, 0]),
        ("a < 2 | a != 3", [1, 0, 0, 1]),
        ("a <= 1.5", [1, 0, 0, 0]),
        ("~a > 2", [1, 0, 0, 0]),
    ],
)
def test_unknown_is_never_true(text: str, expected: list[int]) -> None:
    assert evaluate(text, COLUMNS).tolist() == [bool(e) for e in expected]


@pytest.mark.parametrize("text", ["c > 1", "a >", "a > b", "(a > 1", "a > 1 b", "a ? 1", "", "& a"])
def test_a_condition_that_cannot_be_read(text: str) -> None:
    with pytest.raises(HutongError) as caught:
        evaluate(text, COLUMNS)
    assert caught.value.code == "bad-condition"
