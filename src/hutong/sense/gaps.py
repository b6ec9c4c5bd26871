"""Gaps in walking access, located: which homes lie together without a service, and where one would help most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hutong.city import City
from hutong.rules import Rules
from hutong.sense.access import join
from hutong.sense.gap_words import gap_text, place_text
from hutong.sense.network import nearest_distance
from hutong.sense.places import Places
from hutong.sense.services import Service, homes, is_mapped, people, reach_m, served, unknown_why
from hutong.sense.sites import Choice, best_sites
from hutong.sense.walks import WalkPairs, meetings, network, node_joins, node_points, walks
from hutong.text import Text

#: Unserved homes at most this walk apart belong to one gap; a convention.
LINK_M = 200.0


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a facility: a street node or an existing building, and whom it would newly serve."""

    kind: str  # node | building
    id: str
    x: float  # in the city's metric CRS
    y: float
    dwellings: int
    people: float  # NaN: unknown
    mean_walk_m: float  # of those dwellings
    buildings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessGap:
    """Homes that lie together and have no facility of a service within reach."""

    service: str
    who: str
    minutes: float
    reach_m: float
    place: Text
    dwellings: int
    people: float  # of `who`; NaN: unknown
    buildings: tuple[str, ...]
    edge: float  # share of the dwellings nearer to the map's edge than the reach (0 where nothing was mapped)
    sites: tuple[Site, ...]  # street nodes, each serving the most that those before it do not
    reuse: tuple[Site, ...]  # the same among idle buildings
    text: Text


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of one service, most dwellings first; ``unknown`` says why nothing is known."""

    service: str
    who: str
    minutes: float
    reach_m: float
    gaps: tuple[AccessGap, ...]
    unknown: Text | None = None


def access_gaps(
    city: City,
    rules: Rules,
    service: Service,
    minutes: float = 15,
    who: str | None = None,
    idle: Sequence[str] = (),
    most_sites: int = 1,
    least_dwellings: int = 1,
    found: WalkPairs | None = None,
) -> Gaps:
    """Return where homes have no facility of a service within some minutes, and where one would serve most.

    Buildings where none of ``who`` live, and those of which it is unknown whether they are served, are in no gap.
    Sites serve the most people (dwellings where people are unknown); a site is a place on the network, not yet
    a plot of land.

    Parameters
    ----------
    who
        residents, elders or children, at their pace; default: whom the service is for.
    idle
        Ids of buildings that stand idle and could be used (a register of vacant space); none: none are suggested.
    most_sites
        How many sites to suggest per gap.
    least_dwellings
        Smaller gaps are left out.
    found
        WalkPairs already made, at least as far as the reach and to the service's kinds.
    """
    who = who or service.who
    metres = reach_m(rules, who, minutes)
    why = unknown_why(city, service)
    if why is not None:
        return Gaps(service.id, who, minutes, metres, (), why)
    made = found or walks(city, (*service.kinds, *service.unsure), metres)
    search = _Search(city, service, who, minutes, metres, tuple(idle), most_sites)
    rows = np.flatnonzero((served(made, service, metres) == 0) & (search.dwellings > 0) & (search.count != 0))
    label = search.clusters(rows)
    sizes = np.bincount(label, weights=search.dwellings[rows]) if len(rows) else np.zeros(0)
    order = np.argsort(-sizes, kind="stable")
    gaps = tuple(search.gap(rows[label == i]) for i in order if sizes[i] >= least_dwellings)
    return Gaps(service.id, who, minutes, metres, gaps)


class _Search:
    """What the gaps of one service share: the network, its homes and the candidates for a site."""

    def __init__(
        self,
        city: City,
        service: Service,
        who: str,
        minutes: float,
        metres: float,
        idle: tuple[str, ...],
        most: int,
    ) -> None:
        self.city, self.service, self.who, self.minutes, self.metres = city, service, who, minutes, metres
        self.most = most
        self.dwellings, self.count = homes(city), people(city, who)
        self.graph, self.usable = network(city)
        self.joins = join(city, city["buildings"].geometry, self.usable)
        self.ids = city["buildings"]["building_id"].to_numpy(dtype=object)
        self.idle = np.flatnonzero(np.isin(self.ids, np.array(idle, dtype=object)))
        self.places = Places.of(city)

    def clusters(self, rows: np.ndarray) -> np.ndarray:
        """Return which rows lie together: linked by walks of up to ``LINK_M``, shape (rows,)."""
        own = self.joins.take(rows)
        met = meetings(self.graph, own, own, LINK_M)
        links = coo_array((np.ones(len(met.place), np.int8), (met.door, met.place)), shape=(len(rows),) * 2)
        return np.asarray(connected_components(links.tocsr(), directed=False)[1])

    def gap(self, rows: np.ndarray) -> AccessGap:
        """Return the gap of buildings that lie together."""
        sites, reuse = self._sites(rows), self._reuse(rows)
        place, edge = self._place(rows), self._edge(rows)
        dwellings, count = int(self.dwellings[rows].sum()), float(self.count[rows].sum())
        text = gap_text(
            self.service, self.who, self.minutes, self.metres, place, dwellings, count, edge,
            sites[0].dwellings if sites else 0,
            (reuse[0].id, reuse[0].dwellings) if reuse else None,
        )  # fmt: skip
        return AccessGap(
            self.service.id, self.who, self.minutes, self.metres, place, dwellings, count,
            tuple(self.ids[rows]), edge, sites, reuse, text,
        )  # fmt: skip

    def _weight(self, rows: np.ndarray) -> np.ndarray:
        known = not np.isnan(self.count[rows]).any()
        return np.asarray(self.count[rows] if known else self.dwellings[rows])

    def _sites(self, rows: np.ndarray) -> tuple[Site, ...]:
        own = self.joins.take(rows)
        starts = np.concatenate([own.tail, own.head])
        first = np.concatenate([own.metres + own.to_tail_m, own.metres + own.to_head_m])
        near = np.flatnonzero(np.isfinite(nearest_distance(self.graph, starts, first, self.metres)))
        chosen = best_sites(self.graph, own, self._weight(rows), node_joins(near), self.metres, self.most)
        ids = self.city["street_nodes"]["node_id"].to_numpy()
        points = node_points(self.city, near)
        return tuple(
            self._site("node", str(ids[near[c.candidate]]), points[c.candidate], rows, c) for c in chosen
        )

    def _reuse(self, rows: np.ndarray) -> tuple[Site, ...]:
        own, doors = self.joins.take(rows), self.joins.take(self.idle)
        chosen = best_sites(self.graph, own, self._weight(rows), doors, self.metres, self.most)
        points = shapely.get_coordinates(
            shapely.centroid(self.city["buildings"].geometry.to_numpy()[self.idle])
        )
        return tuple(
            self._site("building", str(self.ids[self.idle[c.candidate]]), points[c.candidate], rows, c)
            for c in chosen
        )

    def _site(self, kind: str, name: str, point: np.ndarray, rows: np.ndarray, choice: Choice) -> Site:
        new = rows[choice.homes]
        dwellings = self.dwellings[new]
        return Site(
            kind=kind,
            id=name,
            x=float(point[0]),
            y=float(point[1]),
            dwellings=int(dwellings.sum()),
            people=float(self.count[new].sum()),
            mean_walk_m=float(np.average(choice.metres, weights=dwellings)),
            buildings=tuple(self.ids[new]),
        )

    def _place(self, rows: np.ndarray) -> Text:
        """Return the name of the estates, else the blocks, in which most of the dwellings lie."""
        where, dwellings = self.places.rows("buildings"), self.dwellings[rows]
        for scale, at in (("estate", where.estate[rows]), ("block", where.block[rows])):
            inside = at >= 0
            if dwellings[inside].sum() * 2 >= dwellings.sum():
                counts = np.bincount(at[inside], weights=dwellings[inside])
                order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
                first = [self.places.title(scale, int(place)) for place in order[:2]]
                share = float(counts[order[0]] / dwellings.sum())
                return place_text(first, len(order), share, scale)
        return Text("本片区", "this quarter")

    @cached_property
    def _to_edge(self) -> np.ndarray:
        """Metres from each building to the edge of what is mapped (inf where nothing was observed)."""
        points = shapely.centroid(self.city["buildings"].geometry.to_numpy())
        if not is_mapped(self.city):
            return np.full(len(points), np.inf)
        mapped = np.concatenate([points, self.city["facilities"].geometry.to_numpy()])
        border = shapely.boundary(shapely.convex_hull(shapely.geometrycollections(mapped)))
        return np.asarray(shapely.distance(points, border))

    def _edge(self, rows: np.ndarray) -> float:
        near = self._to_edge[rows] < self.metres
        return float(self.dwellings[rows][near].sum() / self.dwellings[rows].sum())
