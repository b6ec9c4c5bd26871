"""What kernels see of named tuples and records."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numba import njit, typeof

from hutong.evolve.view import View


class Inner(NamedTuple):
    counts: np.ndarray


class Outer(NamedTuple):
    first: np.ndarray
    factor: float
    inner: Inner
    table: np.ndarray


@njit
def look(view, numbers):
    view.inner.counts[1] += len(view.first) + view.inner.counts.shape[0]
    view.first[1:] = 9  # a part of an array, in place
    view.table[1, 2] = view.table[0, 1] + view.factor * numbers.b
    return view.table.shape, numbers.a, view.first.sum()


def made() -> Outer:
    return Outer(
        np.arange(3, dtype=np.uint16),
        2.5,
        Inner(np.zeros(4, np.int64)),
        np.arange(6, dtype=float).reshape(2, 3),
    )


def test_a_kernel_reads_and_writes_the_arrays_themselves():
    outer = made()
    numbers = np.array([(-0.0, 3.0)], [("a", float), ("b", float)])[0]
    shape, zero, total = look(View(outer, "1"), View(numbers, "1"))
    assert shape == (2, 3)
    assert np.signbit(zero)  # numbers are copied bit by bit
    assert total == 18
    assert outer.first.tolist() == [0, 9, 9]
    assert outer.inner.counts.tolist() == [0, 7, 0, 0]
    assert outer.table[1, 2] == 1.0 + 2.5 * 3.0


def test_the_type_names_the_fields_and_the_stamp():
    outer = made()
    same, other = made()._replace(first=np.zeros(7, np.uint16)), made()._replace(first=np.zeros(3, np.uint8))
    assert typeof(View(outer, "1")) == typeof(View(same, "1"))  # another size is no other type
    assert typeof(View(outer, "1")) != typeof(View(outer, "2"))
    assert typeof(View(outer, "1")) != typeof(View(other, "1"))
    assert "2" in str(typeof(View(outer, "2")))


def test_what_does_not_lie_in_a_row_is_refused():
    with pytest.raises(TypeError, match=r"Outer\.table is not C-contiguous"):
        View(made()._replace(table=np.zeros((3, 2)).T), "1")


def test_a_name_that_is_none_is_an_error_of_compilation():
    @njit
    def wrong(view):
        return view.nothing

    with pytest.raises(Exception, match="nothing"):
        wrong(View(made(), "1"))
