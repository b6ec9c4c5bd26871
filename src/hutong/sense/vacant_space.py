"""Vacated and inefficient space 腾笼换鸟: the register of empty homes and of buildings that nobody lives in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.errors import HutongError
from hutong.rules.workdays import add_months
from hutong.sense.title_rule import owner_of
from hutong.text import Text

#: Kind of space by the use of a building that nobody lives in.
KIND_OF_USE = {
    "commercial": "shop",
    "hotel": "shop",
    "office": "office",
    "industrial": "factory",
    "utility": "factory",
    "education": "public_building",
    "medical": "public_building",
    "public_service": "public_building",
}
STATUSES = ("vacant", "lease_ended", "lease_ending", "inefficient", "in_use", "unknown")
#: Spaces in these states can take a new use.
FREE = ("vacant", "lease_ended", "lease_ending")
#: Months before the end of a lease in which a space counts as soon free. A working convention, no rule.
LEASE_ENDING_MONTHS = 12
TABLE_COLUMNS = ("building_id", "dwelling_id", "holder", "lease_end", "status", "vacant_m2", "defects")


def space_register(city: City, on: dt.date, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the register of vacated and inefficient space: empty homes, and every building that nobody lives in.

    Parameters
    ----------
    on
        The day on which leases are judged.
    table
        What an office knows beside the snapshot (:data:`TABLE_COLUMNS`): each row names one building or one dwelling,
        with holder, lease end (a date), status (:data:`STATUSES`), vacant floor area and defects; all but the id may be
        missing; faults name the index. A home or building named here is on the register even if the snapshot has it in use.

    Returns
    -------
    DataFrame
        space_id, building_id, dwelling_id, kind (as in rules/uses.yaml), use, floor_area_m2, status, holder, lease_end,
        defects, zone, x, y, stated (whether the office's table speaks of it). Unknown words are "", numbers NaN; a
        building that nobody lives in is unknown until someone has looked.

    Raises
    ------
    HutongError
        ``bad-space-table``, naming every row that does not fit.
    """
    told = _read_table(city, table)
    rows = pd.concat([_homes(city, told), _buildings(city, told)], ignore_index=True)
    status = [_status(r.status, r.lease_end, on) for r in rows.itertuples()]
    rows["status"] = np.where(rows["status"] == "unknown", status, rows["status"])
    return rows


def _read_table(city: City, table: pd.DataFrame | None) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame(columns=list(TABLE_COLUMNS))
    faults = [
        f"column {c!r}: expected one of {', '.join(TABLE_COLUMNS)}" for c in table if c not in TABLE_COLUMNS
    ]
    told = table.astype(object).reindex(columns=list(TABLE_COLUMNS)).astype(object)
    labels = list(told.index)
    told = told.reset_index(drop=True)
    known = {n: set(city[f"{n}s"][f"{n}_id"]) for n in ("building", "dwelling")}
    for i, row in enumerate(told.itertuples(index=False)):
        faults += [f"row {labels[i]}: {said}" for said in _row_faults(row, known)]
    ids = told["dwelling_id"].fillna(told["building_id"])
    faults += [
        f"row {labels[i]}: {ids[i]} stands twice" for i in np.flatnonzero(ids.duplicated() & ids.notna())
    ]
    if faults:
        raise HutongError(
            "bad-space-table",
            Text(
                f"空间台账有 {len(faults)} 处不合格。",
                f"The table of spaces is broken in {len(faults)} places.",
            ),
            Text("请改正所列各行；未知的留空。", "Mend the rows listed; leave empty what is unknown."),
            faults,
        )
    # a sheet gives moments where days are meant
    told["lease_end"] = [
        d.date() if isinstance(d, dt.datetime) and pd.notna(d) else d for d in told["lease_end"]
    ]
    return told


def _row_faults(row: Any, known: Mapping[str, set[str]]) -> Iterable[str]:
    named = [n for n in ("building", "dwelling") if pd.notna(getattr(row, f"{n}_id"))]
    if len(named) != 1:
        yield "name either a building or a dwelling"
    for n in named:
        if getattr(row, f"{n}_id") not in known[n]:
            yield f"no {n} {getattr(row, f'{n}_id')!r}"
    if pd.notna(row.lease_end) and not isinstance(row.lease_end, dt.date):
        yield f"lease_end is {row.lease_end!r}; expected a date"
    if pd.notna(row.status) and row.status not in STATUSES:
        yield f"status is {row.status!r}; expected one of {', '.join(STATUSES)}"
    if pd.notna(row.vacant_m2) and not (isinstance(row.vacant_m2, int | float) and row.vacant_m2 > 0):
        yield f"vacant_m2 is {row.vacant_m2!r}; expected an area above 0"


def _homes(city: City, told: pd.DataFrame) -> pd.DataFrame:
    homes, at = city["dwellings"], city.positions("dwellings", "building_id")
    stated = homes["dwelling_id"].isin(told["dwelling_id"].dropna()).to_numpy(bool)
    empty = (homes["occupancy"] == "vacant").fillna(False).to_numpy(bool)
    rows = np.flatnonzero(empty | stated)
    part, building = homes.iloc[rows], at[rows]
    public = part["tenure"].astype(object).map(owner_of()).eq("unit").to_numpy(bool)
    courtyard = (city["buildings"]["form"] == "courtyard").fillna(False).to_numpy(bool)[building]
    area = part["deed_cm2"].where(part["deed_cm2"] > 0, part["lease_cm2"]).to_numpy(float) / 1e4
    ids = part["dwelling_id"].to_numpy(dtype=object)
    out = _frame(city, building, ids, np.where(public & courtyard, "vacated_room", "vacant_home"), area)
    out["status"] = np.where(empty[rows], "vacant", "unknown")
    return _with_told(out, told.dropna(subset="dwelling_id").set_index("dwelling_id"), "dwelling_id")


def _buildings(city: City, told: pd.DataFrame) -> pd.DataFrame:
    buildings = city["buildings"]
    use = buildings["use"].astype(object).where(buildings["use"].notna(), "")
    lived = np.zeros(len(buildings), bool)
    lived[city.positions("dwellings", "building_id")] = True
    stated = buildings["building_id"].isin(told["building_id"].dropna()).to_numpy(bool)
    rows = np.flatnonzero((~lived & ~use.isin(["residential", "dormitory", ""]).to_numpy()) | stated)
    kinds = use.map(KIND_OF_USE).fillna("other_space").to_numpy(dtype=object)[rows]
    area = buildings["floor_area_m2"].to_numpy(float)[rows]
    out = _frame(city, rows, np.full(len(rows), "", object), kinds, area)
    out["status"] = "unknown"
    return _with_told(out, told.dropna(subset="building_id").set_index("building_id"), "building_id")


def _frame(
    city: City,
    building: NDArray[np.int64],
    dwelling: NDArray[np.object_],
    kind: NDArray[Any],
    area: NDArray[np.float64],
) -> pd.DataFrame:
    buildings, plot = city["buildings"], city.positions("buildings", "plot_id")[building]
    ids = buildings["building_id"].to_numpy(dtype=object)[building]
    zone = (
        city["plots"]["heritage"]
        .astype(object)
        .where(city["plots"]["heritage"].notna(), "")
        .to_numpy(dtype=object)
    )
    centre = buildings.geometry.iloc[building].centroid
    return pd.DataFrame(
        {
            "space_id": np.where(dwelling == "", ids, dwelling),
            "building_id": ids,
            "dwelling_id": dwelling,
            "kind": np.asarray(kind, object),
            "use": buildings["use"]
            .astype(object)
            .where(buildings["use"].notna(), "")
            .to_numpy(dtype=object)[building],
            "floor_area_m2": area,
            "status": "unknown",
            "holder": "",
            "lease_end": pd.Series([None] * len(ids), dtype=object),
            "defects": "",
            "zone": np.where(plot >= 0, zone[plot], ""),
            "x": centre.x.to_numpy(),
            "y": centre.y.to_numpy(),
            "stated": False,
        }
    )


def _with_told(out: pd.DataFrame, told: pd.DataFrame, key: str) -> pd.DataFrame:
    """Lay what the office's table says over the rows; what it leaves empty stays as it is."""
    at = out[key]
    out["stated"] = at.isin(told.index)
    for column, given in (
        ("holder", "holder"),
        ("lease_end", "lease_end"),
        ("defects", "defects"),
        ("status", "status"),
        ("floor_area_m2", "vacant_m2"),
    ):
        said = at.map(told[given].dropna().to_dict())
        out[column] = out[column].where(said.isna(), said)
    return out


def _status(status: str, lease_end: Any, on: dt.date) -> str:
    if status != "unknown" or lease_end is None or pd.isna(lease_end):
        return status
    if lease_end < on:
        return "lease_ended"
    return "lease_ending" if lease_end <= add_months(on, LEASE_ENDING_MONTHS) else "in_use"
