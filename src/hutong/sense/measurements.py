"""Meter and sensor series: read with units, gaps, repeats and time zones checked; made regular without inventing.

Heat, electricity, gas, water level, occupancy, temperature, air and noise (``quantities.yaml``). Values come out in
one unit per quantity and in UTC, in the columns of the snapshot's ``measurements`` table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from hutong.city.schema import read_yaml
from hutong.city.text_table import read_text_table
from hutong.errors import HutongError
from hutong.sense.clock import check_zone, read_times
from hutong.text import Text

COLUMNS = ("sensor_id", "quantity", "time", "value")
#: Units as people write them, where that is not as they are kept.
_UNIT_WORDS = {
    "count": Text("人", "people"),
    "degC": Text("°C", "°C"),
    "m3": Text("m³", "m³"),
    "ug/m3": Text("µg/m³", "µg/m³"),
}
#: A pause longer than this many usual steps is a gap.
GAP_STEPS = 1.5


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured; ``units`` gives the factor of each unit to the one that is kept."""

    id: str
    title: Text
    kind: Literal["level", "amount", "register"]
    unit: str
    units: Mapping[str, float]
    min: float
    max: float
    aliases: tuple[str, ...]

    @property
    def unit_title(self) -> Text:
        """The unit as people write it."""
        return _UNIT_WORDS.get(self.unit, Text(self.unit, self.unit))


@dataclass(frozen=True)
class Measurements:
    """Readings (``COLUMNS``; UTC; sorted by sensor, quantity, time); ``repeated`` readings were dropped as the same."""

    table: pd.DataFrame
    repeated: int = 0
    left_out: tuple[str, ...] = ()

    def series(self, sensor_id: str, quantity: str) -> pd.Series:
        """Return one series of readings by time.

        Raises
        ------
        HutongError
            ``no-series`` if there is none.
        """
        mine = self.table[(self.table["sensor_id"] == sensor_id) & (self.table["quantity"] == quantity)]
        if not len(mine):
            raise HutongError(
                "no-series",
                Text(f"没有 {sensor_id} 的 {quantity} 数据。", f"There is no {quantity} of {sensor_id}."),
                Text("请核对设备编号和测量项。", "Check the sensor and the quantity."),
            )
        return pd.Series(mine["value"].to_numpy(), index=pd.DatetimeIndex(mine["time"]), name=quantity)


@cache
def _spec() -> Any:
    return read_yaml(files(__package__).joinpath("quantities.yaml").read_text("utf-8"))


@cache
def quantities() -> dict[str, Quantity]:
    """Return all quantities by id."""
    return {
        name: Quantity(
            name, Text.of(q["title"]), q["kind"], q["unit"], {str(u): float(f) for u, f in q["units"].items()},
            float(q["min"]), float(q["max"]), tuple(q.get("aliases", ())),
        )
        for name, q in _spec()["quantities"].items()
    }  # fmt: skip


def read_measurements(
    path: Path,
    *,
    zone: str | None = None,
    units: Mapping[str, str] | None = None,
    encoding: str | None = None,
    leave_out_broken: bool = False,
) -> Measurements:
    """Read a CSV of readings, one a row: sensor, quantity, time, value and (if not stated here) unit.

    Parameters
    ----------
    zone
        The zone of times that state none. Without it such times are errors: an hour's shift goes unseen otherwise.
    units
        quantity -> unit, where the file has no column of units.
    leave_out_broken
        Leave broken rows out and list them, rather than refuse the file.

    Raises
    ------
    HutongError
        ``no-columns``; ``invalid-data`` with the rows; and as :func:`~hutong.city.text_table.read_text_table`.
    """
    raw = read_text_table(path, encoding)
    names = {c.strip().lower(): c for c in reversed(raw.columns)}
    found = {
        field: names[hit]
        for field, aliases in _spec()["columns"].items()
        if (hit := next((a for a in aliases if a in names), None)) is not None
    }
    lacking = [c for c in COLUMNS if c not in found]
    if lacking:
        raise HutongError(
            "no-columns",
            Text(f"{path.name} 缺少列：{'、'.join(lacking)}。", f"{path.name} lacks {', '.join(lacking)}."),
            Text(
                "需要设备编号、测量项、时间、数值（及单位）。",
                "Give sensor_id, quantity, time, value (and unit).",
            ),
        )
    frame = pd.DataFrame({field: raw[column] for field, column in found.items()})
    return _check(frame, zone, units or {}, leave_out_broken, path.name, 2)


def from_records(
    records: Iterable[Mapping[str, Any]],
    *,
    zone: str | None = None,
    units: Mapping[str, str] | None = None,
    leave_out_broken: bool = False,
) -> Measurements:
    """Check readings that come as records (sensor_id, quantity, time, value, unit), as an API receives them.

    Raises
    ------
    HutongError
        ``invalid-data`` with one line per broken record.
    """
    frame = pd.DataFrame.from_records(list(records), columns=[*COLUMNS, "unit"]).astype(object)
    return _check(frame.where(frame.notna(), None), zone, units or {}, leave_out_broken, "records", 1)


def _check(
    frame: pd.DataFrame, zone: str | None, units: Mapping[str, str], leave_out: bool, name: str, first: int
) -> Measurements:
    why = np.full(len(frame), "", dtype=object)

    def fault(at: np.ndarray, reason: Any) -> None:
        at = at & (why == "")
        why[at] = reason[at] if isinstance(reason, np.ndarray) else reason

    known = {a: q.id for q in quantities().values() for a in (q.id, q.title.zh, q.title.en, *q.aliases)}
    word = frame["quantity"].astype(object).map(lambda w: known.get(str(w).strip()))
    fault(word.isna().to_numpy(), f"the quantity must be one of {', '.join(quantities())}")
    fault(frame["sensor_id"].isna().to_numpy(), "the sensor is missing")
    time, wrong = read_times(frame["time"], zone)
    fault(wrong != "", wrong)
    fault(time.isna().to_numpy(), "the time is missing")
    value = pd.to_numeric(frame["value"], errors="coerce").astype(float)
    fault(frame["value"].notna().to_numpy() & ~np.isfinite(value.to_numpy()), "the value must be a number")
    unit = frame["unit"] if "unit" in frame else pd.Series([None] * len(frame), dtype=object)
    unit = unit.where(unit.notna(), word.map(dict(units)))
    fault(unit.isna().to_numpy(), "the unit is not stated")
    factor = _factors(word, unit)
    fault(np.isnan(factor), "the unit does not fit the quantity")
    value = value * factor
    bounds = {q.id: (q.min, q.max) for q in quantities().values()}
    low = word.map({k: b[0] for k, b in bounds.items()}).to_numpy(dtype=float)
    high = word.map({k: b[1] for k, b in bounds.items()}).to_numpy(dtype=float)
    fault(((value < low) | (value > high)).to_numpy(), "the value is beyond what the quantity can be")
    table = pd.DataFrame(
        {"sensor_id": frame["sensor_id"].map(str), "quantity": word, "time": time, "value": value}
    )
    sound = table[why == ""]
    same = sound.duplicated(list(COLUMNS)).reindex(table.index, fill_value=False).to_numpy()
    rest = table[(why == "") & ~same]
    clash = rest.duplicated(list(COLUMNS[:3]), keep=False).reindex(table.index, fill_value=False).to_numpy()
    fault(clash, "the sensor has two values for this time")
    rows = [f"{name} row {i + first}: {why[i]}" for i in np.flatnonzero(why != "")]
    if rows and not leave_out:
        raise HutongError(
            "invalid-data",
            Text(f"{name} 有 {len(rows)} 行不合格。", f"{name}: {len(rows)} broken rows."),
            Text("请改正所列各行，或选择略去它们。", "Mend the rows listed, or choose to leave them out."),
            rows,
        )
    table = table[(why == "") & ~same].sort_values(list(COLUMNS[:3]), kind="stable", ignore_index=True)
    return Measurements(table, int(same.sum()), tuple(rows))


def _factors(word: pd.Series, unit: pd.Series) -> np.ndarray:
    table = {(q.id, u.lower()): f for q in quantities().values() for u, f in q.units.items()}
    pairs = zip(word, unit, strict=True)
    return np.array([table.get((q, str(u).strip().lower()), np.nan) for q, u in pairs], dtype=float)


def usual_step(times: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the median pause between readings (NaT with fewer than two)."""
    return pd.Series(times).diff().median()


def gaps(measurements: Measurements) -> pd.DataFrame:
    """Return the pauses of each series that are longer than one and a half usual steps, and readings without a value.

    Returns
    -------
    ``sensor_id``, ``quantity``, ``since`` (last reading before), ``until`` (first after), ``missing`` readings.
    """
    rows = []
    for (sensor, quantity), mine in measurements.table.groupby(["sensor_id", "quantity"], sort=True):
        times = pd.DatetimeIndex(mine.loc[mine["value"].notna(), "time"])
        step = usual_step(pd.DatetimeIndex(mine["time"]))
        pause = np.asarray(times[1:] - times[:-1])
        if pd.isna(step) or step <= pd.Timedelta(0):
            continue
        rows += [
            (sensor, quantity, times[i], times[i + 1], round(pause[i] / step.to_timedelta64()) - 1)
            for i in np.flatnonzero(pause > GAP_STEPS * step.to_timedelta64())
        ]
    return pd.DataFrame(rows, columns=["sensor_id", "quantity", "since", "until", "missing"])


def overview(measurements: Measurements) -> pd.DataFrame:
    """Return one row per series.

    Returns
    -------
    ``sensor_id``, ``quantity``, ``readings`` (with a value), ``first``, ``last``, ``step`` (the usual one, NaT of a single
    reading), ``least``, ``most``, ``gaps`` and ``missing`` readings in them.
    """
    pauses = gaps(measurements).groupby(["sensor_id", "quantity"])["missing"].agg(["size", "sum"])
    rows = []
    for key, mine in measurements.table.groupby(["sensor_id", "quantity"], sort=True):
        times, values = pd.DatetimeIndex(mine["time"]), mine["value"]
        size, missing = pauses.loc[key].tolist() if key in pauses.index else (0, 0)
        rows.append(
            (*key, int(values.notna().sum()), times[0], times[-1], usual_step(times), values.min(), values.max(), size, missing)
        )  # fmt: skip
    columns = [
        "sensor_id",
        "quantity",
        "readings",
        "first",
        "last",
        "step",
        "least",
        "most",
        "gaps",
        "missing",
    ]
    return pd.DataFrame(rows, columns=columns)


def regularise(
    series: pd.Series,
    quantity: str,
    step: str = "1D",
    *,
    zone: str = "UTC",
    least: float = 0.75,
    stamped: Literal["start", "end"] = "end",
    tolerance: float = 0.05,
) -> pd.Series:
    """Return a series on regular steps; what was not measured stays unknown (NaN), nothing is interpolated.

    A level is the mean of a step in which at least ``least`` of the usual readings stand. An amount is the sum of
    a step whose every interval is there. A register gives the difference of readings within ``tolerance`` of a step
    from both its edges; where the counter goes back (meter changed), the amount is unknown.

    Parameters
    ----------
    series
        Readings by time (UTC), as from :meth:`Measurements.series`.
    zone
        On whose clock days begin.
    stamped
        Whether the time of an amount is the start or the end of its interval.
    """
    check_zone(zone)
    kind = quantities()[quantity].kind
    values = series.dropna().tz_convert(zone)
    if not len(values):
        return pd.Series(dtype=float)
    usual = usual_step(pd.DatetimeIndex(series.index))
    size = pd.Timedelta(step)
    if kind == "register":
        return _differences(values, step, size * tolerance)
    if kind == "amount" and stamped == "end" and pd.notna(usual):
        values.index = values.index - usual
    groups = values.resample(step)
    count = groups.count()
    total = groups.sum() if kind == "amount" else groups.mean()
    if pd.isna(usual) or usual >= size:
        return total.where(count > 0)
    need = size / usual * (1.0 if kind == "amount" else least)
    return total.where(count >= need - 1e-9)


def _differences(values: pd.Series, step: str, tolerance: pd.Timedelta) -> pd.Series:
    start, end = values.index[0], values.index[-1]
    edges = pd.date_range(start.floor(step), end.ceil(step), freq=step)
    at = values.index.get_indexer(edges, method="nearest", tolerance=tolerance)
    read = np.where(at >= 0, values.to_numpy()[at], np.nan)
    used = np.diff(read)
    # a counter that went back in between may have ended higher all the same
    back = np.flatnonzero(np.diff(values.to_numpy()) < 0)
    reset = np.zeros(len(used), bool)
    reset[np.searchsorted(edges, values.index[back + 1], side="left").clip(1, len(used)) - 1] = True
    return pd.Series(np.where(reset | (used < 0), np.nan, used), index=edges[:-1], name=values.name)
