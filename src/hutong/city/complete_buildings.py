"""Buildings: use, storeys, age and condition where the map is silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from hutong.city.complete_rules import (
    by_id,
    either,
    estate_of,
    fill,
    fill_derived,
    in_villas,
    median_by,
    numbers,
    rules,
    word_of,
    words,
)
from hutong.city.margins import read_margins
from hutong.city.snapshot import NO_VALUE, OBSERVED, City


def uses(city: City) -> City:
    """Fill the use of buildings: by name, land use, neighbours (imputed), then by size (assumed)."""
    spec = rules()["uses"]
    buildings = city["buildings"]
    city = fill(city, "buildings", "use", word_of(buildings["name"], spec["by_name"]), "imputed")
    size = buildings.geometry.area.to_numpy()
    hut = size < spec["hut_m2"]
    city = fill(city, "buildings", "use", either(hut, "utility", None), "assumed")
    land = words(city, "plots", "land_use")[city.positions("buildings", "plot_id")]
    by_land = np.array([spec["by_land"].get(word) for word in land], dtype=object)
    city = fill(city, "buildings", "use", by_land, "imputed")
    city = fill(city, "buildings", "use", _vote(city, spec["near_m"]), "imputed")
    low, high = spec["home_m2"]
    home = (size >= low) & (size <= high)
    return fill(city, "buildings", "use", np.where(home, "residential", "commercial"), "assumed")


def _vote(city: City, near_m: float) -> np.ndarray:
    """Return the commonest observed use among the five nearest buildings within reach (None: there are none)."""
    middle = city["buildings"].geometry.centroid
    xy = np.stack([middle.x, middle.y], axis=1)
    use = words(city, "buildings", "use")
    known = np.flatnonzero((city.origin("buildings", "use") == OBSERVED) & (use != "utility"))
    out = np.full(len(use), None, object)
    if not len(known):
        return out
    _, near = cKDTree(xy[known]).query(xy, k=min(5, len(known)), distance_upper_bound=near_m)
    for row, found in enumerate(near.reshape(len(use), -1)):
        voters = sorted(use[known[found[found < len(known)]]])
        if voters:
            out[row] = max(voters, key=voters.count)
    return out


def storeys(city: City, district: str, seed: int) -> City:
    """Fill storeys: from height, from the estate's observed buildings (imputed), then by kind and use (assumed).

    Homes in no estate of known kind are low or high so that homes with a lift come to the census share (imputed).
    """
    spec = rules()
    use, estate = words(city, "buildings", "use"), estate_of(city)
    home = np.isin(use, ("residential", "dormitory"))
    per_storey = np.where(home, spec["storey_height_m"]["homes"], spec["storey_height_m"]["other"])
    from_height = np.maximum(1.0, np.round((numbers(city, "buildings", "height_m") - 0.6) / per_storey))
    city = fill(city, "buildings", "storeys", from_height, "imputed")
    known = (city.origin("buildings", "storeys") >= OBSERVED) & home
    city = fill(
        city, "buildings", "storeys",
        np.round(median_by(np.where(home, estate, -1), numbers(city, "buildings", "storeys"), known)), "imputed",
    )  # fmt: skip
    kind = words(city, "estates", "kind")[estate] if len(city["estates"]) else np.full(len(use), None, object)
    kind = either(estate >= 0, kind, None)
    by_kind = np.array(
        [spec["homes"][k]["storeys"] if k in spec["homes"] else np.nan for k in kind], dtype=np.float64
    )
    by_kind = np.where(in_villas(city), spec["villa"]["storeys"], by_kind)
    city = fill(city, "buildings", "storeys", np.where(home, by_kind, np.nan), "assumed")
    low, high = spec["low_rise_storeys"], spec["high_rise_storeys"]
    lifts = read_margins(district)["lift_share"]
    chance = (
        lifts / high / (lifts / high + (1 - lifts) / low)
    )  # a high building of the same size has more homes
    drawn = np.where(by_id(city["buildings"]["building_id"], seed, "storeys") < chance, high, low)
    city = fill(
        city, "buildings", "storeys", np.where(use == "residential", drawn, np.nan), "imputed", "census2020"
    )
    by_use = np.array([spec["storeys_by_use"].get(word, np.nan) for word in use], dtype=np.float64)
    return fill(city, "buildings", "storeys", by_use, "assumed")


def sizes(city: City) -> City:
    """Fill form, height and floor area (footprint times storeys), as sure as the storeys are."""
    spec = rules()
    use, floors = words(city, "buildings", "use"), numbers(city, "buildings", "storeys")
    basis = np.maximum(city.origin("buildings", "storeys"), city.origin("buildings", "use"))
    basis = np.where(np.isnan(floors), NO_VALUE, basis)
    home = use == "residential"
    kind = home_kinds(city)
    tower = floors >= spec["tower_from_storeys"]
    form = np.select([~home, kind == "hutong", tower], ["other", "courtyard", "tower"], "slab")
    city = fill(city, "buildings", "form", form, "assumed")
    homely = np.isin(use, ("residential", "dormitory"))
    per_storey = np.where(homely, spec["storey_height_m"]["homes"], spec["storey_height_m"]["other"])
    city = fill_derived(city, "buildings", "height_m", np.round(floors * per_storey + 0.6, 1), basis)
    area = city["buildings"].geometry.area.to_numpy() * floors
    return fill_derived(city, "buildings", "floor_area_m2", np.round(np.maximum(area, 1.0), 1), basis)


def home_kinds(city: City) -> np.ndarray:
    """Return hutong, danwei or commodity for each building: its estate's kind, else by storeys and year."""
    estate, floors = estate_of(city), numbers(city, "buildings", "storeys")
    year, form = numbers(city, "buildings", "built_year"), words(city, "buildings", "form")
    kind = words(city, "estates", "kind")
    kind = either(estate >= 0, kind[estate], None) if len(kind) else np.full(len(floors), None, object)
    high = (floors > rules()["low_rise_storeys"]) | (year >= rules()["homes"]["commodity"]["years"][0])
    guess = np.where(form == "courtyard", "hutong", np.where(high, "commodity", "danwei"))
    return np.where(np.isin(kind, ("hutong", "danwei", "commodity")), kind, guess)


def ages(city: City, seed: int) -> City:
    """Fill the year of building: the estate's observed median (imputed), else a draw by kind (assumed).

    An estate was built in one phase, so its buildings share one draw and differ by a few years.
    """
    spec = rules()
    estate, year = estate_of(city), numbers(city, "buildings", "built_year")
    known = city.origin("buildings", "built_year") == OBSERVED
    city = fill(city, "buildings", "built_year", np.round(median_by(estate, year, known)), "imputed")
    ids = city["buildings"]["building_id"]
    own = by_id(ids, seed, "year")
    phase = by_id(city["estates"]["estate_id"], seed, "phase")
    draw = np.where(estate >= 0, phase[estate], own) if len(phase) else own
    kind, home = home_kinds(city), words(city, "buildings", "use") == "residential"
    years = np.array([spec["homes"][k]["years"] for k in kind], dtype=np.float64).reshape(-1, 2)
    years = np.where(home[:, None], years, np.array(spec["years_by_use"], dtype=np.float64))
    span = np.maximum(years[:, 1] - years[:, 0] - 3, 0)
    made = np.floor(years[:, 0] + draw * span + own * 3)
    return fill(city, "buildings", "built_year", made, "assumed")


def works(city: City, year_now: int, seed: int) -> City:
    """Fill structure, lift, insulation, heating, pipes, heritage grade and conditions (all assumed).

    Courtyards keep an unknown heritage grade: only a survey can tell. Whether a building is illegal stays unknown.
    """
    spec = rules()
    form, floors = words(city, "buildings", "form"), numbers(city, "buildings", "storeys")
    year, home = numbers(city, "buildings", "built_year"), words(city, "buildings", "use") == "residential"
    court = form == "courtyard"
    structure = np.select(
        [court, home & (floors > 9), floors > 6],
        ["brick_timber", "shear_wall", "concrete_frame"],
        "brick_concrete",
    )
    lift = pd.array(floors >= spec["lift_from_storeys"], dtype="boolean")
    insulated = pd.array(year >= spec["insulated_from"], dtype="boolean")
    grade_none = either(court, None, "none")
    filled: dict[str, object] = {
        "structure": structure, "lift": lift, "insulated": insulated, "heritage_grade": grade_none,
        "heating": np.where(court, "electric", "central"),
        "pipe_year": np.maximum(year, spec["earliest_pipe"]),
    }  # fmt: skip
    for column, values in filled.items():
        city = fill(city, "buildings", column, values, "assumed")
    return _conditions(city, year_now, seed)


def _conditions(city: City, year_now: int, seed: int) -> City:
    """Fill the condition grades from age: 1 when new, one grade worse every some years, at most 3.

    A dangerous building (grade 4) is only ever a surveyor's finding, never a guess.
    """
    year, pipes = numbers(city, "buildings", "built_year"), numbers(city, "buildings", "pipe_year")
    lift = numbers(city, "buildings", "lift") == 1.0
    low_home = (words(city, "buildings", "use") == "residential") & ~lift
    per_grade = rules()["years_per_grade"]
    wear = {
        "cond_structure": (year_now - year) / (1.5 * per_grade),
        "cond_envelope": (year_now - year) / per_grade,
        "cond_pipes": (year_now - pipes) / per_grade,
        "cond_fire": (year_now - year) / (1.3 * per_grade),
        "cond_access": np.where(low_home, 1.6, 0.6),
    }
    for column, worn in wear.items():
        jitter = by_id(city["buildings"]["building_id"], seed, column) - 0.5
        city = fill(city, "buildings", column, np.clip(np.round(1 + worn + jitter), 1, 3), "assumed")
    return city
