"""What was done: one row per building and measure, with what was planned and what came."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from hutong.errors import HutongError
from hutong.sense.requests.sheet import read_sheet
from hutong.text import Text

#: Columns of a record of works; the first two must be filled, the others may be unknown.
WORKS_COLUMNS = (
    "building_id", "measure", "finished", "planned_finish", "planned_yuan", "paid_yuan", "predicted_share", "asked", "signed",
)  # fmt: skip
_DATES = ("finished", "planned_finish")
_AMOUNTS = ("planned_yuan", "paid_yuan", "predicted_share", "asked", "signed")


def read_works(path: Path, buildings: Collection[str], measures: Collection[str]) -> pd.DataFrame:
    """Read a record of works (CSV in UTF-8 or GBK, or .xlsx).

    Parameters
    ----------
    buildings, measures
        The ids that may stand in it.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`WORKS_COLUMNS`: dates as datetime64, figures as float64; NaT and NaN are unknown. ``finished``
        unknown means not finished yet.

    Raises
    ------
    HutongError
        ``works-broken`` with every faulty cell by row and column; what the file reader raises.
    """
    return works_of(read_sheet(path, None), path.name, buildings, measures)


def works_of(
    raw: pd.DataFrame, name: str, buildings: Collection[str], measures: Collection[str]
) -> pd.DataFrame:
    """Return a record of works from a table of text, as :func:`read_works` does; ``name`` stands in its faults."""
    faults = [
        f"{name}: column {c} is missing"
        for c in ("building_id", "measure", "finished")
        if c not in raw.columns
    ]
    rows: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    known, catalogue = frozenset(buildings), frozenset(measures)
    for at, cells in enumerate(raw.to_dict("records") if not faults else [], start=2):
        row = _row(cells, f"{name} row {at}", faults)
        if row["building_id"] not in known:
            faults.append(
                f"{name} row {at} (building_id): there is no building {row['building_id'] or '?'} here"
            )
        if row["measure"] not in catalogue:
            faults.append(
                f"{name} row {at} (measure): {row['measure'] or '?'} is no measure of the catalogue"
            )
        key = (row["building_id"], row["measure"])
        if key in seen:
            faults.append(f"{name} row {at}: {key[0]} {key[1]} stands twice")
        seen.add(key)
        rows.append(row)
    if faults:
        raise HutongError(
            "works-broken",
            Text(f"实施记录 {name} 有误。", f"The record of works {name} is faulty."),
            Text(
                f"列为 {'、'.join(WORKS_COLUMNS)}；未知的留空。",
                f"Its columns are {', '.join(WORKS_COLUMNS)}; leave blank what is unknown.",
            ),
            faults,
        )
    frame = pd.DataFrame(rows, columns=list(WORKS_COLUMNS))
    return frame.astype({**dict.fromkeys(_DATES, "datetime64[s]"), **dict.fromkeys(_AMOUNTS, "float64")})


def _row(cells: Mapping[str, Any], where: str, faults: list[str]) -> dict[str, Any]:
    said = {c: str(cells.get(c)).strip() if isinstance(cells.get(c), str) else "" for c in WORKS_COLUMNS}
    out: dict[str, Any] = {c: said[c] for c in ("building_id", "measure")}
    for name in _DATES:
        try:
            out[name] = dt.datetime.fromisoformat(said[name][:10]) if said[name] else None
        except ValueError:
            out[name] = None
            faults.append(f"{where} ({name}): {said[name]} is no date")
    for name in _AMOUNTS:
        try:
            out[name] = float(said[name].replace(",", "")) if said[name] else math.nan
        except ValueError:
            out[name] = math.nan
            faults.append(f"{where} ({name}): {said[name]} is no number")
        if out[name] < 0 or math.isinf(out[name]):
            faults.append(f"{where} ({name}): {said[name]} is no amount of at least 0")
    if out["signed"] > out["asked"]:
        faults.append(f"{where} (signed): {said['signed']} must be at most {said['asked']}")
    if out["predicted_share"] > 1:
        faults.append(f"{where} (predicted_share): {said['predicted_share']} must be at most 1")
    return out
