"""A public record of forecasts: what was said, what one would have said without the model, what came."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from hutong.errors import HutongError
from hutong.learn.score import Calibration, Score, calibration, skill
from hutong.sense.requests.sheet import read_sheet
from hutong.text import Text

RECORD_COLUMNS = ("id", "mean", "sd", "reference_mean", "reference_sd", "outcome")
#: A stated normal is read as this many equally likely members.
MEMBERS = 199


def score_record(path: Path) -> tuple[Score, Calibration]:
    """Score a table of normal forecasts (columns :data:`RECORD_COLUMNS`; an empty outcome is not known yet).

    Raises
    ------
    HutongError
        ``record-broken`` with every faulty cell by row and column; what the file reader raises.
    """
    table = read_sheet(path, None)
    faults = [f"{path.name}: {c}" for c in RECORD_COLUMNS if c not in table.columns]
    rows: list[list[float]] = []
    seen: set[str] = set()
    for at, cells in enumerate(table.to_dict("records") if not faults else [], start=2):
        name = str(cells["id"])
        if name in seen or not isinstance(cells["id"], str):
            faults.append(f"{path.name}:{at} id: {cells['id']}")
        seen.add(name)
        row = []
        for column in RECORD_COLUMNS[1:]:
            value = _figure(cells[column])
            empty = not isinstance(cells[column], str)
            bad = (math.isnan(value) and not (column == "outcome" and empty)) or (
                "sd" in column and not value > 0
            )
            if bad:
                faults.append(f"{path.name}:{at} {column}: {cells[column] or '?'}")
            row.append(value)
        rows.append(row)
    if faults:
        raise HutongError(
            "record-broken",
            Text(f"预测记录 {path.name} 有误。", f"The record of forecasts {path.name} is faulty."),
            Text(
                f"列为 {'、'.join(RECORD_COLUMNS)}；只有 outcome 可以留空，标准差大于零。",
                f"Its columns are {', '.join(RECORD_COLUMNS)}; only outcome may be blank, and spreads are above 0.",
            ),
            faults,
        )
    return score_rows(rows)


def score_rows(rows: ArrayLike) -> tuple[Score, Calibration]:
    """Score normal forecasts; ``rows`` has shape (forecasts, 5), the columns of the record without ``id`` (NaN: not known)."""
    mean, sd, plain, plain_sd, outcome = np.asarray(rows, float).reshape(-1, 5).T
    z = ndtri((np.arange(MEMBERS) + 0.5) / MEMBERS)
    ours, theirs = mean[:, None] + sd[:, None] * z, plain[:, None] + plain_sd[:, None] * z
    return skill(ours, theirs, outcome), calibration(ours, outcome)


def _figure(cell: object) -> float:
    try:
        value = float(cell.replace(",", "")) if isinstance(cell, str) else math.nan
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
