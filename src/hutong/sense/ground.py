"""A city as the checkup sees it: what all indicators share, and the cases that an indicator counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from hutong.city import City
from hutong.city.snapshot import OBSERVED
from hutong.sense.access import Joins, join, usable_streets, walk
from hutong.sense.cells import cells
from hutong.sense.network import Graph, street_graph
from hutong.sense.places import Places, Where
from hutong.sense.results import Access
from hutong.text import Text


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
    total: bool = False  # the value is a sum, not a share

    def keep(self, rows: np.ndarray) -> Cases:
        """Return the cases at some rows."""
        names = ("top", "bottom", "observed", "failing", "people", "building", "case")
        parts: dict[str, Any] = {name: getattr(self, name)[rows] for name in names}
        return replace(self, where=Where(self.where.estate[rows], self.where.block[rows]), **parts)


@dataclass(frozen=True)
class Walks:
    """The street network with buildings and facilities joined to it."""

    graph: Graph
    homes: Joins
    doors: Joins

    def near(self, facilities: np.ndarray, metres: float) -> np.ndarray:
        """Return whether each building is within some metres on foot of one of some facilities (row positions)."""
        if not len(facilities) or not len(self.graph.heads):
            return np.zeros(len(self.homes.metres), bool)
        return np.asarray(walk(self.graph, self.doors.take(facilities), self.homes, metres) <= metres)


@dataclass(frozen=True)
class Ground:
    """A city with what all its indicators share: places, walking access, people per building."""

    city: City
    access: Access

    @cached_property
    def places(self) -> Places:
        """The places of the city."""
        return Places.of(self.city)

    def where(self, table: str) -> Where:
        """Return the place of each row of a table."""
        if table not in self._where:
            self._where[table] = self.places.rows(table)
        return self._where[table]

    @cached_property
    def _where(self) -> dict[str, Where]:
        return {}

    @cached_property
    def walks(self) -> Walks:
        """The streets with every building and facility joined to them."""
        graph = street_graph(self.city)
        usable = usable_streets(self.city, graph)
        homes = join(self.city, self.city["buildings"].geometry, usable)
        doors = join(self.city, self.city["facilities"].geometry, usable)
        return Walks(graph, homes, doors)

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
                own = sum_known(own, self.where("dwellings").estate, len(self.city[table]))
            elif table == "blocks":
                own = sum_known(own, self.where("dwellings").block, len(self.city[table]))
            elif table in ("streets", "plots"):  # whom a street or a plot concerns is not recorded
                own = np.full(len(self.city[table]), np.nan)
            elif table != "dwellings":
                at = self.city.positions("dwellings", f"{table[:-1]}_id")
                own = sum_known(own, at, len(self.city[table]))
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


def sum_known(values: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    """Return sums by position over known values; NaN where rows exist and none is known."""
    there = at >= 0
    known = there & ~np.isnan(values)
    total = np.bincount(at[known], weights=values[known], minlength=size).astype(np.float64)
    rows = np.bincount(at[there], minlength=size)
    none_known = (rows > 0) & (np.bincount(at[known], minlength=size) == 0)
    total[none_known] = np.nan
    return total
