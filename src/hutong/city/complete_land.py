"""Estates and plots: kind, caps and zones where the map is silent."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.complete_rules import by_id, either, estate_of, fill, numbers, rules, word_of, words
from hutong.city.snapshot import City


def estate_kinds_by_name(city: City) -> City:
    """Fill the kind of estates whose name tells it (assumed)."""
    return fill(
        city, "estates", "kind", word_of(city["estates"]["name"], rules()["kinds_by_name"]), "assumed"
    )


def estate_kinds_by_building(city: City) -> City:
    """Fill the kind of the other estates from the median storeys of their homes (assumed).

    Up to two storeys hutong, up to the low rise danwei, above it commodity; without homes mixed.
    """
    estate, storeys = estate_of(city), numbers(city, "buildings", "storeys")
    homes = (words(city, "buildings", "use") == "residential") & (estate >= 0)
    middle = pd.Series(storeys[homes]).groupby(estate[homes]).median().reindex(range(len(city["estates"])))
    low = rules()["low_rise_storeys"]
    kind = np.select([middle <= 2, middle <= low, middle > low], ["hutong", "danwei", "commodity"], "mixed")
    return fill(city, "estates", "kind", kind, "assumed")


def estate_services(city: City, homes: np.ndarray, seed: int) -> City:
    """Fill property management (a draw by kind) and parking spaces (a ratio by kind); both assumed.

    ``homes`` is the number of dwellings of each estate.
    """
    kind = words(city, "estates", "kind")
    share = np.array([rules()["property_managed"].get(k, np.nan) for k in kind], dtype=np.float64)
    drawn = by_id(city["estates"]["estate_id"], seed, "property management") < share
    city = fill(city, "estates", "property_managed", pd.array(drawn, dtype="boolean"), "assumed")
    ratio = np.array([rules()["parking_per_home"].get(k, np.nan) for k in kind], dtype=np.float64)
    return fill(city, "estates", "parking_spaces", np.rint(ratio * homes), "assumed")


def land_uses(city: City) -> City:
    """Fill the land use of plots from the use that most of their floor area has (imputed)."""
    plot = city.positions("buildings", "plot_id")
    use = words(city, "buildings", "use")
    area = np.nan_to_num(numbers(city, "buildings", "floor_area_m2"))
    table = pd.DataFrame({"plot": plot, "use": use, "area": area}).dropna()
    total = table.groupby(["plot", "use"])["area"].sum().unstack(fill_value=0.0).sort_index(axis=1)
    best = total.idxmax(axis=1).reindex(range(len(city["plots"])))
    allowed = {"residential", "commercial", "office", "education", "medical", "public_service", "industrial"}
    same = {"dormitory": "residential", "hotel": "commercial", **{word: word for word in allowed}}
    return fill(city, "plots", "land_use", best.map(same).to_numpy(dtype=object), "imputed")


def plot_rules(city: City, district: str) -> City:
    """Fill caps, reserve and zones of plots, all assumed: no growth beyond what stands, nothing reserved.

    Outside the old city no heritage zone is assumed; inside it heritage stays unknown: only the plan can tell.
    """
    plot = city.positions("buildings", "plot_id")
    count = len(city["plots"])
    floor = np.bincount(
        plot, weights=np.nan_to_num(numbers(city, "buildings", "floor_area_m2")), minlength=count
    )
    built = np.bincount(plot, minlength=count) > 0
    far = np.where(built, np.ceil(floor / city["plots"].geometry.area.to_numpy() * 100) / 100, np.nan)
    city = fill(city, "plots", "far_cap", far, "assumed")
    height = pd.Series(numbers(city, "buildings", "height_m")).groupby(plot).max().reindex(range(count))
    city = fill(city, "plots", "height_cap_m", height.to_numpy(), "assumed")
    city = fill(city, "plots", "reserved", pd.array(np.zeros(count, bool), dtype="boolean"), "assumed")
    inside = in_old_city(city["plots"].geometry, district)
    city = fill(city, "plots", "old_city", pd.array(inside, dtype="boolean"), "assumed")
    old = numbers(city, "plots", "old_city") == 1.0
    return fill(city, "plots", "heritage", either(old, None, "none"), "assumed")


def in_old_city(shapes: gpd.GeoSeries, district: str) -> np.ndarray:
    """Return which shapes lie in the old city: within the box around the second ring road, in its two districts."""
    if district not in rules()["old_city_districts"]:
        return np.zeros(len(shapes), bool)
    middle = gpd.GeoSeries(shapes.representative_point(), crs=shapes.crs).to_crs(4326)
    return np.asarray(shapely.intersects(shapely.box(*rules()["old_city_box"]), middle.to_numpy()))
