"""Small makers of columns: ids, texts and enums without a Python loop per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc

from hutong.city.schema import schema


def text_column(array: arrow.Array) -> pd.Series:
    """Return an Arrow string array as a column of the snapshot's text dtype."""
    return pd.Series(pd.StringDtype(na_value=np.nan).__from_arrow__(array.cast(arrow.large_string())))


def ids(prefix: str, count: int, digits: int = 7, start: int = 1) -> pd.Series:
    """Return ``count`` ids such as ``b0000001`` as a text column."""
    number = pc.cast(arrow.array(np.arange(start, start + count)), arrow.string())
    return text_column(pc.binary_join_element_wise(prefix, pc.utf8_lpad(number, digits, "0"), ""))


def pick(column: pd.Series, rows: np.ndarray) -> pd.Series:
    """Return a column's values at row positions; -1 gives unknown."""
    return pd.Series(column.array.take(rows, allow_fill=True))


def enum_values(table: str, column: str) -> list[str]:
    """Return the words of an enum column, in the order of its codes."""
    return list(schema().tables[table].columns[column].enum)


def category(table: str, column: str, codes: np.ndarray) -> pd.Series:
    """Return codes as an enum column of a table (-1: unknown)."""
    return pd.Series(pd.Categorical.from_codes(codes, categories=enum_values(table, column)))


def codes_of(shares: Mapping[str, float], categories: Sequence[str], uniform: np.ndarray) -> np.ndarray:
    """Return, for uniform draws in [0, 1), the category codes that the shares give."""
    names = np.array([list(categories).index(name) for name in shares], dtype=np.int8)
    place = np.searchsorted(np.cumsum(list(shares.values())), uniform, side="right")
    return names[place.clip(0, len(names) - 1)]
