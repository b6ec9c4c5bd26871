"""What an indicator counts: its cases, one by one, by a few formulas that the registry names.

``share`` of buildings, dwellings, staircases, estates or requests of which something holds; ``reach``: share of
people who walk to facilities within some metres; ``per``: a quantity per person or dwelling. Unknown cases stay NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from hutong.city import City, facility_kinds
from hutong.city.snapshot import OBSERVED
from hutong.sense.cells import cells, holds, observed
from hutong.sense.places import Places, Where
from hutong.sense.results import Access, Indicator
from hutong.text import Text

NOTHING_MAPPED = Text("地图上没有这类设施；地图可能不全", "none is mapped; the map may be incomplete")
NO_STREETS = Text("没有街道网络", "there is no street network")


@dataclass(frozen=True)
class Cases:
    """The cases of one indicator, aligned arrays; the value of a place is Σ top / Σ bottom over known cases."""

    where: Where
    top: np.ndarray  # NaN: unknown
    bottom: np.ndarray  # NaN: unknown
    observed: np.ndarray  # float in [0, 1]
    failing: np.ndarray  # bool: does not meet what the indicator asks
    people: np.ndarray  # who is concerned (NaN: unknown)
    building: np.ndarray  # row position of the building (-1: none)
    case: np.ndarray  # bool: a case, rather than a mere part of the denominator
    unknown_why: Text | None = None
    least: bool = False  # unknown cases make the value a lower bound

    def keep(self, rows: np.ndarray) -> Cases:
        """Return the cases at some rows."""
        names = ("top", "bottom", "observed", "failing", "people", "building", "case")
        parts: dict[str, Any] = {name: getattr(self, name)[rows] for name in names}
        return replace(self, where=Where(self.where.estate[rows], self.where.block[rows]), **parts)


@dataclass(frozen=True)
class Ground:
    """A city with what all its indicators share: places, walking access, people per building."""

    city: City
    access: Access

    @cached_property
    def places(self) -> Places:
        """The places of the city."""
        return Places.of(self.city)

    @cached_property
    def homes(self) -> np.ndarray:
        """The number of dwellings per building (float64)."""
        building = self.city.positions("dwellings", "building_id")
        return np.bincount(building, minlength=len(self.city["buildings"])).astype(np.float64)

    def people(self, who: str, table: str = "buildings") -> np.ndarray:
        """Return persons (``residents``, ``elders``, ``children``) per row of a table.

        Unknown dwellings are left out; NaN where there are dwellings and none is known.
        """
        if (who, table) not in self._people:
            own = cells(self.city, "dwellings", who).values
            if table == "estates":
                own = _sum_known(own, self.places.rows("dwellings").estate, len(self.city[table]))
            elif table != "dwellings":
                at = self.city.positions("dwellings", f"{table[:-1]}_id")
                own = _sum_known(own, at, len(self.city[table]))
            self._people[who, table] = own
        return self._people[who, table]

    @cached_property
    def _people(self) -> dict[tuple[str, str], np.ndarray]:
        return {}

    @cached_property
    def mapped(self) -> bool:
        """Whether the map was observed: then what is missing on it may still exist."""
        origins = (self.city.origin("facilities", "geometry"), self.city.origin("buildings", "geometry"))
        return any(bool((origin == OBSERVED).any()) for origin in origins)


def make_cases(ground: Ground, indicator: Indicator) -> Cases:
    """Return the cases of an indicator."""
    (name, spec), *_ = indicator.compute.items()
    if name == "per":
        return _per(ground, spec, indicator.standard or 0.0)
    return {"share": _share, "reach": _reach}[name](ground, spec)


def _share(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    city, table = ground.city, spec["of"]
    form = next(name for name in ("fails", "lacks", "meets") if name in spec)
    test = spec[form]
    truth = holds(city, table, test)
    if form == "lacks":
        truth = 1.0 - truth
    scope = holds(city, table, spec.get("where", {}))
    truth = np.where(np.isnan(scope), np.nan, truth)
    # A request stands for the one person who made it.
    people = np.ones(len(truth)) if table == "requests" else ground.people("residents", table)
    by = spec.get("by")
    weight = np.ones(len(truth)) if by is None else ground.people(by, table)
    failing = truth == (0 if form == "meets" else 1)
    if table in ("dwellings", "staircases"):
        building = city.positions(table, "building_id")
    else:
        building = np.arange(len(truth)) if table == "buildings" else np.full(len(truth), -1)
    read = {**test, **spec.get("where", {})}
    cases = Cases(
        where=ground.places.rows(table),
        top=truth * weight,
        bottom=np.where(np.isnan(truth), np.nan, weight),
        observed=observed(city, table, read).astype(np.float64),
        failing=failing & ~np.isnan(weight) & (weight > 0),
        people=people if by is None else weight,
        building=building,
        case=np.ones(len(truth), bool),
    )
    return cases.keep(np.flatnonzero((scope != 0) & (weight != 0)))


def _reach(ground: Ground, spec: Mapping[str, Any]) -> Cases:
    city = ground.city
    who = ground.people(spec["who"])
    served = np.ones(len(who))
    seen = city.coverage("streets", "geometry") if len(city["streets"]) else 0.0
    why = None if len(city["streets"]) else NO_STREETS
    for group in spec["kinds"]:
        near, group_seen, group_why = _near(ground, [group] if isinstance(group, str) else list(group), spec)
        served = np.where((served == 0) | (near == 0), 0.0, served * near)
        seen, why = min(seen, group_seen), why or group_why
    if why is not None:
        # Those who lack something else as well would be known not to be served: a share of them alone misleads.
        served[:] = np.nan
    cases = Cases(
        where=ground.places.rows("buildings"),
        top=served * who,
        bottom=np.where(np.isnan(served), np.nan, who),
        observed=(city.origin("buildings", "geometry") == OBSERVED) * seen,
        failing=(served == 0) & (who > 0),
        people=who,
        building=np.arange(len(who)),
        case=np.ones(len(who), bool),
        unknown_why=why,
    )
    return cases.keep(np.flatnonzero((ground.homes > 0) & (who != 0)))


def _near(ground: Ground, names: list[str], spec: Mapping[str, Any]) -> tuple[np.ndarray, float, Text | None]:
    """Return who is near one of some kinds (1, 0, NaN), the share of these observed, and why nothing is known.

    The first kind is the one that is meant, the others may stand in for it: where the map shows none of the
    first, it says nothing. A facility of an ``unsure`` kind may be what is asked for, or not.
    """
    access, facilities = ground.access, ground.city["facilities"]
    kinds = facilities["kind"].to_numpy(dtype=object)

    def within(some: list[str]) -> np.ndarray:
        columns = [access.kinds.index(name) for name in some]
        return np.asarray((access.distance[:, columns] <= spec["metres"]).any(axis=1))

    near = within(names).astype(np.float64)
    near[(near == 0) & within(spec.get("unsure", {}).get(names[0], []))] = np.nan
    there = np.isin(kinds, names)
    seen = ground.city.origin("facilities", "geometry") == OBSERVED
    if ground.mapped and not (kinds == names[0]).any():
        return near, 0.0, not_mapped(names[0])
    return near, float(seen[there].mean()) if there.any() else 0.0, None


def not_mapped(kind: str) -> Text:
    """Return why nothing is known of a kind of facility."""
    name = facility_kinds()[kind].name
    return Text(
        f"地图上没有{name.zh}；地图可能不全",
        f"{name.en.lower()}: none is mapped; the map may be incomplete",
    )


def _per(ground: Ground, spec: Mapping[str, Any], standard: float) -> Cases:
    city, table = ground.city, spec["of"]
    scope = holds(city, table, spec.get("where", {}))
    amount = cells(city, table, spec["sum"])
    own = Cases(
        where=ground.places.rows(table),
        top=np.where(np.isnan(scope), np.nan, amount.values * spec.get("times", 1.0)),
        bottom=np.zeros(len(scope)),
        observed=(amount.origin == OBSERVED).astype(np.float64),
        failing=np.zeros(len(scope), bool),
        people=np.zeros(len(scope)),
        building=np.full(len(scope), -1),
        case=np.ones(len(scope), bool),
    )
    if table == "estates":  # an estate's amount is for the estate's own homes
        at = ground.places.rows("dwellings").estate
        homes = np.bincount(at[at >= 0], minlength=len(scope)).astype(np.float64)
        bottom = homes if spec["per"] == "dwellings" else ground.people(spec["per"], "estates")
        short = np.array(own.top < standard * bottom)
        estates = replace(own, bottom=bottom, failing=short, people=ground.people("residents", "estates"))
        return estates.keep(np.flatnonzero((scope != 0) & (bottom > 0)))
    own = own.keep(np.flatnonzero(scope != 0))
    nothing = not len(own.top) and ground.mapped
    people = ground.people("residents")
    bottom = ground.homes if spec["per"] == "dwellings" else ground.people(spec["per"])
    rows = np.flatnonzero((ground.homes > 0) & ~np.isnan(bottom))
    where = ground.places.rows("buildings")
    both = Where(
        np.concatenate([own.where.estate, where.estate[rows]]),
        np.concatenate([own.where.block, where.block[rows]]),
    )
    blank = np.zeros(len(rows))
    return Cases(
        where=both,
        top=np.concatenate([own.top, np.full(len(rows), np.nan) if nothing else blank]),
        bottom=np.concatenate([own.bottom, bottom[rows]]),
        observed=np.concatenate([own.observed, blank]),
        failing=np.concatenate([own.failing, blank == 0]),
        people=np.concatenate([own.people, people[rows]]),
        building=np.full(len(own.top) + len(rows), -1),
        case=np.concatenate([own.case, blank != 0]),
        unknown_why=NOTHING_MAPPED if nothing else None,
        least=True,
    )


def _sum_known(values: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    """Return sums by position over known values; NaN where rows exist and none is known."""
    there = at >= 0
    known = there & ~np.isnan(values)
    total = np.bincount(at[known], weights=values[known], minlength=size).astype(np.float64)
    rows = np.bincount(at[there], minlength=size)
    none_known = (rows > 0) & (np.bincount(at[known], minlength=size) == 0)
    total[none_known] = np.nan
    return total
