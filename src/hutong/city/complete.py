"""The completer: fills what a map lacks, and says of every cell it fills that it did.

Nothing observed is ever changed. What follows from observed neighbours or from published margins is marked
imputed; what is a rule of thumb (``complete.yaml``) is marked assumed; what nothing tells stays unknown.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hutong.city import complete_buildings as buildings
from hutong.city import complete_land as land
from hutong.city.complete_homes import homes
from hutong.city.complete_rules import COMPLETER, estate_of
from hutong.city.margins import read_margins
from hutong.city.snapshot import City

COMPLETER_VERSION = 1


def complete(city: City, seed: int = 1, district: str = "110108") -> City:
    """Return the city with what it lacks filled in, every filled cell marked.

    The same city, seed and district give the same result, in whatever order the rows stand.

    Parameters
    ----------
    district
        Six-digit code of the district whose census margins are used (``margins.yaml``).

    Raises
    ------
    HutongError
        ``unknown-district`` if there are no margins for the district.
    """
    margins = read_margins(district)
    year = int(city.meta.date[:4])
    city = land.estate_kinds_by_name(city)
    city = buildings.uses(city)
    city = buildings.storeys(city, district, seed)
    city = land.estate_kinds_by_building(city)
    city = buildings.sizes(city)
    city = buildings.ages(city, seed)
    city = buildings.works(city, year, seed)
    city = land.land_uses(city)
    city = land.plot_rules(city, district)
    city = homes(city, district, seed)
    city = land.estate_services(city, _homes_per_estate(city), seed)
    sources = {s.id: s for s in (*city.meta.sources, margins.source, COMPLETER)}
    recipe = {
        **city.meta.recipe,
        "completer": COMPLETER_VERSION,
        "completer_seed": seed,
        "completer_district": district,
    }
    meta = replace(city.meta, sources=tuple(sources.values()), recipe=recipe)
    return City.build(meta, city.tables, city.provenance)


def _homes_per_estate(city: City) -> np.ndarray:
    estate = estate_of(city)[city.positions("dwellings", "building_id")]
    return np.bincount(estate[estate >= 0], minlength=len(city["estates"])).astype(np.float64)
