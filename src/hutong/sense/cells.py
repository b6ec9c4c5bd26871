"""Cells and conditions: what a table says row by row, where unknown stays unknown.

A column may be named by a path (``building.storeys`` from dwellings goes through ``building_id``) and by
alternatives (``staircase.lift or building.lift``: the first that is known). ``survey.gas_hazard`` is what field teams
found of the object (``survey.yaml``). Truth is 1, 0 or NaN (Kleene 1938).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.city import City, schema
from hutong.city.snapshot import NO_VALUE, OBSERVED
from hutong.errors import HutongError
from hutong.sense.survey_items import survey_item
from hutong.text import Text

#: The first step of a path that leads to the table of surveys.
SURVEY = "survey"
#: The word of a condition that holds where one of several does.
ANY = "any"
#: What a number in a condition may be held to: its value, the bound, and the year of the snapshot.
TESTS: Mapping[str, Callable[[np.ndarray, float, int], np.ndarray]] = {
    "at_least": lambda v, bound, _: v >= bound,
    "at_most": lambda v, bound, _: v <= bound,
    "years_at_least": lambda v, bound, year: year - v >= bound,
}


@dataclass(frozen=True)
class Cells:
    """One column, row by row: numbers (enums as codes, NaN unknown) or objects, and where each came from."""

    values: np.ndarray
    origin: np.ndarray  # int8: 0 observed, 1 imputed, 2 assumed, -1 unknown
    categories: tuple[str, ...] = ()

    def take(self, rows: np.ndarray) -> Cells:
        """Return the cells at some rows; row -1 is unknown."""
        missing = rows < 0
        if not len(self.values):
            empty = np.full(len(rows), np.nan)
            return Cells(empty, np.full(len(rows), NO_VALUE, np.int8), self.categories)
        values = self.values[rows]
        values[missing] = np.nan
        return Cells(values, np.where(missing, NO_VALUE, self.origin[rows]), self.categories)


def cells(city: City, table: str, name: str) -> Cells:
    """Return a column of a table by its name, path or alternatives.

    Raises
    ------
    HutongError
        ``unknown-column`` if the schema has no such column.
    """
    first, *others = name.split(" or ")
    found = _path(city, table, first)
    for other in others:
        second = _path(city, table, other)
        gap = pd.isna(found.values)
        found = Cells(
            np.where(gap, second.values, found.values),
            np.where(gap, second.origin, found.origin),
            found.categories,
        )
    return found


def columns_named(table: str, name: str) -> Iterator[str]:
    """Yield each ``table.column`` that a name, path or alternatives read."""
    for path in name.split(" or "):
        at = table
        *steps, last = path.split(".")
        if steps == [SURVEY]:
            if survey_item(table, last) is None:
                raise _no_column(f"{table}.{path}")
            yield "survey.value"
            continue
        for step in steps:
            at = _target(at, step)
        if last not in schema().tables[at].columns:
            raise _no_column(f"{at}.{last}")
        yield f"{at}.{last}"


def _target(table: str, step: str) -> str:
    column = schema().tables[table].columns.get(f"{step}_id")
    if column is None or column.ref is None:
        raise _no_column(f"{table}.{step}_id")
    return column.ref


def _path(city: City, table: str, path: str) -> Cells:
    step, _, rest = path.partition(".")
    if step == SURVEY:
        return _surveyed(city, table, rest)
    if rest:
        return _path(city, _target(table, step), rest).take(city.positions(table, f"{step}_id"))
    column = schema().tables[table].columns.get(path)
    if column is None:
        raise _no_column(f"{table}.{path}")
    series = city[table][path]
    if column.kind == "enum":
        codes = series.cat.codes.to_numpy().astype(np.float64)
        codes[codes < 0] = np.nan
        return Cells(codes, city.origin(table, path), column.enum)
    if column.kind in ("str", "time"):
        values = series.to_numpy(dtype=object)
    else:
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return Cells(values, city.origin(table, path))


def _surveyed(city: City, table: str, name: str) -> Cells:
    """Return what was surveyed of each object; of several answers the latest."""
    if survey_item(table, name) is None:
        raise _no_column(f"{table}.survey.{name}")
    found = city["survey"]
    values = np.full(len(city[table]), np.nan)
    origin = np.full(len(values), NO_VALUE, np.int8)
    rows = np.flatnonzero(((found["object_table"] == table) & (found["item"] == name)).to_numpy(dtype=bool))
    if len(rows):
        rows = rows[np.argsort(found["time"].iloc[rows].astype("int64").to_numpy(), kind="stable")]
        key = pd.Index(city[table][schema().tables[table].key].astype(str))
        at = key.get_indexer(pd.Index(found["object_id"].iloc[rows].astype(str)))
        rows, at = rows[at >= 0], at[at >= 0]
        values[at] = found["value"].to_numpy(np.float64)[rows]
        origin[at] = city.origin("survey", "value")[rows]
    return Cells(values, origin)


def holds(city: City, table: str, condition: Mapping[str, Any]) -> np.ndarray:
    """Return, per row, whether all parts of a condition hold: 1, 0 or NaN (unknown).

    Each part is a column and what it must be: a word or a list of words, true or false, ``{at_least: x}``,
    ``{at_most: x}`` or ``{years_at_least: x}`` (age in years on the date of the snapshot). ``any`` is a list of
    conditions of which one must hold.
    """
    truth = np.ones(len(city[table]))
    for name, want in condition.items():
        if name == ANY:
            fails = np.ones(len(truth))
            for one in want:
                other = 1.0 - holds(city, table, one)
                fails = np.where((fails == 0) | (other == 0), 0.0, fails * other)
            part = 1.0 - fails
        else:
            part = _part(cells(city, table, name), want, int(city.meta.date[:4]))
        truth = np.where((truth == 0) | (part == 0), 0.0, truth * part)
    return truth


def names_in(condition: Mapping[str, Any]) -> Iterator[str]:
    """Yield every column that a condition names."""
    for name, want in condition.items():
        if name == ANY:
            for one in want:
                yield from names_in(one)
        else:
            yield name


def observed(city: City, table: str, condition: Mapping[str, Any]) -> np.ndarray:
    """Return, per row, whether every column that a condition names was observed."""
    seen = np.ones(len(city[table]), bool)
    for name in names_in(condition):
        seen &= cells(city, table, name).origin == OBSERVED
    return seen


def _part(column: Cells, want: Any, year: int) -> np.ndarray:
    values = column.values
    unknown = pd.isna(values)
    if isinstance(want, Mapping):
        (how, bound), *more = want.items()
        if more or how not in TESTS:
            raise _no_condition(str(want))
        truth = TESTS[how](values, bound, year)
    elif isinstance(want, bool):
        truth = values == float(want)
    else:
        words = [want] if isinstance(want, str) else list(want)
        if column.categories:
            strange = [w for w in words if w not in column.categories]
            if strange:
                raise _no_condition(", ".join(map(str, strange)))
            truth = np.isin(values, [column.categories.index(w) for w in words])
        else:
            truth = pd.Series(values).isin(words).to_numpy()
    return np.where(unknown, np.nan, np.asarray(truth, np.float64))


def _no_column(name: str) -> HutongError:
    return HutongError(
        "unknown-column",
        Text(f"数据表没有 {name} 这一列。", f"There is no column {name}."),
        Text("请对照 schema.yaml 改正指标定义。", "Mend the indicator's definition against schema.yaml."),
    )


def _no_condition(words: str) -> HutongError:
    return HutongError(
        "unknown-condition",
        Text(f"指标条件“{words}”无法理解。", f"The condition {words} is not understood."),
        Text(
            "可用：取值、取值列表、true/false、at_least、at_most、years_at_least。",
            "Use a word, a list of words, true/false, at_least, at_most or years_at_least.",
        ),
    )
