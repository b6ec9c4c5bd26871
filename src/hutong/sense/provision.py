"""What whole places are provided with: facilities large enough, land within a radius, gaps and totals.

``served``: places whose homes have no sufficient facility within a walk; ``cover``: residential land within a
straight radius; ``gap``: what is missing of what is needed; ``total``: a sum over some rows. Unknown stays NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from hutong.city import facility_kinds
from hutong.city.snapshot import OBSERVED
from hutong.sense.cells import cells, holds, observed
from hutong.sense.ground import Cases, Ground, sum_known
from hutong.sense.places import Where
from hutong.text import Text

#: A place is provided where at least this share of its homes is (a convention of this software).
MOST = 0.5
#: Of a plot's area so little may lie within an unsure radius and the plot still be known.
SLIVER = 0.01


def not_mapped(kind: str) -> Text:
    """Return why nothing is known of a kind of facility."""
    name = facility_kinds()[kind].name
    return Text(
        f"地图上没有{name.zh}；地图可能不全",
        f"{name.en.lower()}: none is mapped; the map may be incomplete",
    )


def served(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    """Return places (estates or blocks) as cases: failing where most homes lack a facility that is large enough.

    A facility of unknown size may be large enough or not.
    """
    city, table = ground.city, spec["of"]
    facilities = city["facilities"]
    kind = facilities["kind"].to_numpy(dtype=object)
    ours = np.isin(kind, spec["kinds"])
    (column, least), *_ = spec["least"].items()
    size = facilities[column].to_numpy(np.float64)
    enough = np.where(np.isnan(size), np.nan, size >= least)
    sure = ground.walks.near(np.flatnonzero(ours & (enough == 1)), spec["metres"])
    perhaps = ground.walks.near(np.flatnonzero(ours & (enough != 0)), spec["metres"])
    at = _place(ground, table, "buildings")
    count = len(city[table])
    homes = _sum(ground.homes, at, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (_sum(ground.homes * near, at, count) / homes for near in (sure, perhaps))
    lacks = np.where(low >= MOST, 0.0, np.where(high < MOST, 1.0, np.nan))
    why = None
    if not len(city["streets"]):
        why = Text("没有街道网络", "there is no street network")
    elif ground.mapped and not ours.any():
        why = not_mapped(spec["kinds"][0])
    if why is not None:
        lacks[:] = np.nan
    seen = city.origin("facilities", column)[ours] == OBSERVED
    cases = _plain(
        ground.where(table),
        lacks,
        observed=np.full(count, float(seen.mean()) if len(seen) else 0.0),
        people=ground.people("residents", table),
        why=why,
    )
    return cases.keep(np.flatnonzero(homes > 0))


def cover(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    """Return residential plots as cases: how much of their land lies within a facility's radius.

    ``rings`` are facilities by least area and their radius in metres; without areas, one radius for all.
    """
    city = ground.city
    land = holds(city, "plots", {"land_use": spec["land_use"]})
    shapes = city["plots"].geometry.to_numpy()
    area = shapely.area(shapes)
    kind = city["facilities"]["kind"].to_numpy(dtype=object)
    ours = kind == spec["kind"]
    unsure = np.isin(kind, spec.get("unsure", []))
    sure = _within(ground, shapes, _rings(ground, ours, spec["rings"], sure=True))
    perhaps = _within(ground, shapes, _rings(ground, ours | unsure, spec["rings"], sure=False))
    why = not_mapped(spec["kind"]) if ground.mapped and not ours.any() else None
    known = (land == 1) & (perhaps - sure <= SLIVER * area) & (why is None)
    seen = city.origin("facilities", "geometry")[ours] == OBSERVED
    where = ground.where("plots")
    cases = Cases(
        where=where,
        top=np.where(known, sure, np.nan),
        bottom=np.where(known, area, np.nan),
        observed=(city.origin("plots", "land_use") == OBSERVED) * (seen.mean() if len(seen) else 0.0),
        failing=known & (sure < (1.0 - SLIVER) * area),
        people=np.full(len(area), np.nan),
        building=np.full(len(area), -1),
        case=np.ones(len(area), bool),
        unknown_why=why,
    )
    return cases.keep(np.flatnonzero(land != 0))


def gap(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    """Return places as cases: what each needs less what it has, never below 0, in whole pieces.

    ``of`` is ``estates`` or ``quarter`` (one case). ``need`` counts dwellings, persons or a column of the place,
    times a figure; ``have`` is what was counted in the place, or else the capacity of facilities there.
    """
    table = spec["of"]
    count = 1 if table == "quarter" else len(ground.city[table])
    need = _need(ground, table, spec["need"], count)
    have, seen, why = _have(ground, table, spec["have"], count)
    missing = np.where(need == 0, 0.0, np.maximum(0.0, np.ceil(need - have - 1e-9)))
    where = Where(np.full(1, -1), np.full(1, -1)) if table == "quarter" else ground.where(table)
    people = np.full(count, np.nan)
    if table != "quarter":
        people = ground.people("residents", table)
    cases = _plain(where, missing, observed=seen, people=people, why=why, total=True)
    there = ground.homes.sum() > 0 if table == "quarter" else _homes(ground, table, count) > 0
    return cases.keep(np.flatnonzero(np.broadcast_to(there, count)))


def total(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    """Return rows as cases: an amount of each, where a condition holds."""
    city, table = ground.city, spec["of"]
    truth = holds(city, table, spec.get("where", {}))
    amount = cells(city, table, spec["sum"]).values * spec.get("times", 1.0)
    top = np.where(truth == 0, 0.0, truth * amount)
    read = spec.get("where") or {spec["sum"]: None}  # what was found, rather than how long the street is
    return _plain(
        ground.where(table),
        top,
        observed=observed(city, table, read).astype(np.float64),
        people=ground.people("residents", table),
        total=True,
    )


def _plain(
    where: Where,
    top: np.ndarray,
    observed: np.ndarray,
    people: np.ndarray,
    why: Text | None = None,
    total: bool = False,
) -> Cases:
    """Return cases that count one each; those above 0 fail."""
    return Cases(
        where=where,
        top=top,
        bottom=np.where(np.isnan(top), np.nan, 1.0),
        observed=observed,
        failing=top > 0,
        people=people,
        building=np.full(len(top), -1),
        case=np.ones(len(top), bool),
        unknown_why=why,
        least=total,
        total=total,
    )


def _place(ground: Ground, table: str, of: str) -> np.ndarray:
    where = ground.where(of)
    return where.estate if table == "estates" else where.block


def _sum(values: np.ndarray, at: np.ndarray, count: int) -> np.ndarray:
    there = at >= 0
    return np.bincount(at[there], weights=values[there], minlength=count).astype(np.float64)


def _homes(ground: Ground, table: str, count: int) -> np.ndarray:
    return _sum(ground.homes, _place(ground, table, "buildings"), count)


def _rings(
    ground: Ground, rows: np.ndarray, rings: list[Mapping[str, float]], sure: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return facilities (row positions) and their radii; of unknown area the least radius is sure, the largest possible."""
    area = ground.city["facilities"]["area_m2"].to_numpy(np.float64)
    radius = np.zeros(len(area))
    for ring in sorted(rings, key=lambda r: r["metres"]):
        least = ring.get("least", 0.0)
        large = (area >= least) | (least == 0.0)
        if not sure:
            large |= np.isnan(area)
        radius = np.where(large, ring["metres"], radius)
    chosen = np.flatnonzero(rows & (radius > 0))
    return chosen, radius[chosen]


def _within(ground: Ground, shapes: np.ndarray, rings: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the area of each shape that lies within the radius of a facility."""
    rows, radius = rings
    inside = np.zeros(len(shapes))
    if not len(rows):
        return inside
    points = ground.city["facilities"].geometry.to_numpy()[rows]
    union = shapely.union_all(shapely.buffer(points, radius, quad_segs=16))
    shapely.prepare(union)
    whole = shapely.covers(union, shapes)
    inside[whole] = shapely.area(shapes[whole])
    part = np.flatnonzero(~whole & shapely.intersects(union, shapes))
    inside[part] = shapely.area(shapely.intersection(shapes[part], union))
    return inside


def _need(ground: Ground, table: str, spec: Mapping[str, Any], count: int) -> np.ndarray:
    """Return what each place needs (NaN: unknown)."""
    what, times = spec["count"], spec.get("times", 1.0)
    if what == "dwellings":
        base = np.array([ground.homes.sum()]) if table == "quarter" else _homes(ground, table, count)
    elif "." in what:
        base = cells(ground.city, table, what.split(".", 1)[1]).values
    else:
        own = cells(ground.city, "dwellings", what).values
        at = np.zeros(len(own), np.int64) if table == "quarter" else _place(ground, table, "dwellings")
        base = sum_known(own, at, count)
    return np.asarray(base * times, np.float64)


def _have(
    ground: Ground, table: str, spec: Mapping[str, Any], count: int
) -> tuple[np.ndarray, np.ndarray, Text | None]:
    """Return what each place has (NaN: unknown), how far that was observed, and why nothing is known."""
    have, seen = np.full(count, np.nan), np.zeros(count)
    if "column" in spec:
        column = cells(ground.city, table, spec["column"])
        have, seen = column.values.copy(), (column.origin == OBSERVED).astype(np.float64)
    if "kind" not in spec:
        return have, seen, None
    facilities = ground.city["facilities"]
    ours = np.flatnonzero((facilities["kind"] == spec["kind"]).to_numpy(dtype=bool))
    at = np.zeros(len(ours), np.int64) if table == "quarter" else _place(ground, table, "facilities")[ours]
    capacity = facilities["capacity"].to_numpy(np.float64)[ours]
    known = (at >= 0) & ~np.isnan(capacity)
    there = _sum(np.where(known, capacity, 0.0), np.where(known, at, -1), count)
    blank = _sum(np.ones(len(ours)), np.where(np.isnan(capacity), at, -1), count) > 0
    if ground.mapped:  # what is not drawn may still exist
        blank |= _sum(np.ones(len(ours)), at, count) == 0
    there[blank] = np.nan
    fill = np.isnan(have)
    mapped = (ground.city.origin("facilities", "capacity")[ours] == OBSERVED).mean() if len(ours) else 0.0
    why = not_mapped(spec["kind"]) if ground.mapped and not len(ours) and fill.all() else None
    if why is None and fill.all() and np.isnan(there).all():
        name = facility_kinds()[spec["kind"]].name
        why = Text(f"{name.zh}的容量未知", f"the capacity of each {name.en.lower()} is unknown")
    return np.where(fill, there, have), np.where(fill, mapped, seen), why
