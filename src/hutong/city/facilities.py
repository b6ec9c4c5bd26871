"""The kinds of facility a quarter is served by, and facilities drawn twice made one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from hutong.city.schema import read_yaml
from hutong.city.shapes import Shapes
from hutong.city.tags import TagRules
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class FacilityKind:
    """One kind of facility (``facility_kinds.yaml``).

    Parameters
    ----------
    radius_m, tier_min
        How far it serves on foot, and the tier of the walking circle (5, 10 or 15 minutes) it belongs to.
    min_area_m2
        Smaller areas of this kind do not count.
    osm
        The OpenStreetMap tags that mean it.
    confidence
        How sure the radius is: D documented, K known, U assumption.
    """

    id: str
    name: Text
    group: str
    radius_m: float | None = None
    tier_min: int | None = None
    min_area_m2: float = 0.0
    osm: tuple[str, ...] = ()
    source: str = ""
    confidence: str = "U"


@cache
def facility_kinds() -> Mapping[str, FacilityKind]:
    """Return all facility kinds by id, in file order."""
    raw = read_yaml(files(__package__).joinpath("facility_kinds.yaml").read_text("utf-8"))
    kinds = {}
    for kind_id, spec in raw.items():
        rest = {k: v for k, v in spec.items() if k not in ("zh", "en", "osm")}
        kinds[kind_id] = FacilityKind(kind_id, Text(spec["zh"], spec["en"]), osm=tuple(spec["osm"]), **rest)
    return kinds


@cache
def facility_rules() -> TagRules:
    """Return the tag rules of all kinds; the first that holds wins, in file order."""
    return TagRules.of({kind.id: kind.osm for kind in facility_kinds().values()})


def big_enough(kind: NDArray[np.object_], area_m2: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which facilities are not below the least area of their kind (unknown areas pass)."""
    least = np.array([facility_kinds()[k].min_area_m2 for k in kind], dtype=np.float64)
    return ~(area_m2 < least)


def drawn_twice(facilities: gpd.GeoDataFrame, outlines: Shapes) -> NDArray[np.bool_]:
    """Return which points are a facility that an area draws already.

    A point repeats an area if it lies in it, is of the same kind, and has the same name or none.

    Parameters
    ----------
    facilities
        Rows of the table ``facilities``.
    outlines
        The outline of each, shape (n,); ``None`` for those that are points.
    """
    out = np.zeros(len(facilities), bool)
    drawn = np.flatnonzero(~shapely.is_missing(outlines))
    point = np.flatnonzero(shapely.is_missing(outlines))
    places = facilities.geometry.to_numpy()
    area, inner = shapely.STRtree(places[point]).query(outlines[drawn], predicate="intersects")
    area, inner = drawn[area], point[inner]
    kind = facilities["kind"].to_numpy(object)
    name = facilities["name"].fillna("").to_numpy(object)
    same = (kind[area] == kind[inner]) & ((name[inner] == "") | (name[inner] == name[area]))
    out[inner[same]] = True
    return out
