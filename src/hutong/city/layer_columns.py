"""From their columns to ours: renamed, translated, scaled; what cannot be read is named row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hutong.city.facilities import facility_kinds
from hutong.city.layer_read import no_column
from hutong.city.mapping import ColumnRule, Layer
from hutong.city.schema import ORIGIN_SUFFIX, Column, invalid_rows, schema

_TRUE = frozenset({"true", "1", "yes", "y", "是", "有"})
_FALSE = frozenset({"false", "0", "no", "n", "否", "无"})


def our_columns(layer: Layer, theirs: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of our table that the layer's rules make from theirs.

    Raises
    ------
    HutongError
        ``no-column`` if the layer lacks a column that a rule names; ``invalid-data`` for values that cannot
        be read, each row named.
    """
    out: dict[str, Any] = {}
    problems: list[str] = []
    for rule in layer.columns:
        column = schema().tables[layer.table].columns[rule.name]
        values = _values(layer, rule, theirs, column, problems)
        if column.kind == "enum":
            problems += _not_among(values, list(column.enum), f"{layer.table}.{rule.name}")
        out[rule.name] = values
        if rule.origin != "observed":
            out[rule.name + ORIGIN_SUFFIX] = rule.origin
    frame = pd.DataFrame(out, index=theirs.index)
    if layer.table == "facilities" and "kind" in frame:
        problems += _not_among(frame["kind"], list(facility_kinds()), "facilities.kind")
    if problems:
        raise invalid_rows(problems, layer.file.name)
    return frame


def _not_among(values: pd.Series, known: list[str], place: str) -> list[str]:
    bad = np.flatnonzero(values.notna() & ~values.isin(known))
    return [f"{place} row {row + 1}: {values.iloc[row]!r} must be one of {', '.join(known)}" for row in bad]


def _values(
    layer: Layer, rule: ColumnRule, theirs: pd.DataFrame, column: Column, problems: list[str]
) -> pd.Series:
    if rule.theirs is None:
        return pd.Series([rule.value] * len(theirs), index=theirs.index, dtype=object)
    if rule.theirs not in theirs:
        raise no_column(layer, theirs, rule.theirs)
    values = theirs[rule.theirs]
    place = f"{layer.table}.{rule.name}"
    if rule.values is not None:
        return _translated(values, rule, place, problems)
    if column.kind in ("float", "int"):
        numbers = pd.to_numeric(values, errors="coerce")
        bad = values.notna() & numbers.isna()
        problems += [
            f"{place} row {row + 1}: {values.iloc[row]!r} is not a number" for row in np.flatnonzero(bad)
        ]
        return numbers * rule.scale if rule.scale is not None else numbers
    if column.kind == "bool":
        words = values.map(_text, na_action="ignore").str.lower() if values.dtype == object else values
        return words.map(lambda w: True if w in _TRUE else False if w in _FALSE else w, na_action="ignore")
    if column.kind == "time":
        return values
    return values.map(_text, na_action="ignore").astype(object)


def _translated(values: pd.Series, rule: ColumnRule, place: str, problems: list[str]) -> pd.Series:
    table = dict(rule.values or {})
    words = values.map(_text, na_action="ignore")
    absent = words.notna() & ~words.isin(list(table))
    if rule.otherwise is None:
        problems += [
            f"{place} row {row + 1}: the map has no {words.iloc[row]!r}" for row in np.flatnonzero(absent)
        ]
    out = words.map(table, na_action="ignore").astype(object)
    out[absent] = rule.otherwise
    return out


def _text(value: Any) -> str:
    """Return a cell as text; a whole number stored as a float has no decimal point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
