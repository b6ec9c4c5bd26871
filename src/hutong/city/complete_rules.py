"""What the completer's steps share: its rules, its draws, and votes of neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from hutong.city.schema import read_yaml
from hutong.city.snapshot import ASSUMED, OBSERVED, City, Source
from hutong.rng import generator

#: The completer's own rules as a source.
COMPLETER = Source("completer", "补全规则 · Hutong's rules of completion", "Apache-2.0")


@cache
def rules() -> Mapping[str, Any]:
    """Return the completer's rules (``complete.yaml``)."""
    return dict(read_yaml(files("hutong.city").joinpath("data", "complete.yaml").read_text("utf-8")))


def by_id(ids: pd.Series, seed: int, stream: str) -> np.ndarray:
    """Return one uniform draw per row, by the rank of its id: the order of the rows does not matter."""
    order = np.argsort(ids.to_numpy(dtype=object), kind="stable")
    out = np.empty(len(ids))
    out[order] = generator(seed, f"complete {stream}").random(len(ids))
    return out


def word_of(names: pd.Series, patterns: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the word of the first pattern found in each name (None: no pattern, or no name)."""
    out = np.full(len(names), None, object)
    for pattern, word in patterns:
        hit = names.str.contains(pattern, regex=True, case=False).fillna(False).to_numpy(dtype=bool)
        out[hit & (out == None)] = word  # noqa: E711 (an element-wise comparison)
    return out


def either(where: np.ndarray, yes: object, no: object) -> np.ndarray:
    """Return words: ``yes`` where the condition holds, else ``no``; ``None`` is unknown."""
    return np.where(where, np.asarray(yes, dtype=object), np.asarray(no, dtype=object))


def words(city: City, table: str, column: str) -> np.ndarray:
    """Return an enum column as an object array (None: unknown)."""
    values = city[table][column].astype("object")
    return np.asarray(values.where(values.notna(), None).to_numpy(dtype=object))


def numbers(city: City, table: str, column: str) -> np.ndarray:
    """Return a number or bool column as float64 (NaN: unknown)."""
    return np.asarray(city[table][column].to_numpy(dtype=np.float64, na_value=np.nan))


def estate_of(city: City) -> np.ndarray:
    """Return the row of each building's estate (-1: none)."""
    plot = city.positions("buildings", "plot_id")
    estate = city.positions("plots", "estate_id")
    return np.where(plot >= 0, estate[plot], -1) if len(estate) else np.full(len(plot), -1)


def in_villas(city: City) -> np.ndarray:
    """Return which buildings stand in an estate of detached houses."""
    estate = estate_of(city)
    if not len(city["estates"]):
        return np.zeros(len(estate), bool)
    named = (
        city["estates"]["name"]
        .str.contains(rules()["villa"]["name"], regex=False)
        .fillna(False)
        .to_numpy(dtype=bool)
    )
    return (estate >= 0) & named[estate]


def median_by(group: np.ndarray, values: np.ndarray, counts: np.ndarray, least: int = 1) -> np.ndarray:
    """Return, per row, the median of the counted values in its group (NaN for group -1 or too few)."""
    frame = pd.DataFrame({"group": group, "value": np.where(counts, values, np.nan)})
    grouped = frame.groupby("group")["value"]
    out = grouped.transform("median").to_numpy(dtype=np.float64)
    enough = grouped.transform("count").to_numpy() >= least
    return np.where(enough & (group >= 0), out, np.nan)


def fill(
    city: City,
    table: str,
    column: str,
    values: Any,
    origin: str,
    source: str = COMPLETER.id,
    where: Any = None,
) -> City:
    """Fill unknown cells of a column, as :meth:`City.fill`; a table without rows stays as it is."""
    if not len(city[table]) or not city[table][column].isna().any():
        return city
    return city.fill(table, column, values, origin, source, where)


def fill_derived(city: City, table: str, column: str, values: Any, basis: np.ndarray) -> City:
    """Fill unknown cells with values computed from others: assumed where an input was, else imputed.

    ``basis`` holds origins (0 observed, 1 imputed, 2 assumed), the worst of the inputs per row.
    """
    city = fill(city, table, column, values, "imputed", where=(basis >= OBSERVED) & (basis < ASSUMED))
    return fill(city, table, column, values, "assumed", where=basis == ASSUMED)
