"""The households of a synthetic quarter."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from hutong.city.columns import category, enum_values
from hutong.city.margins import read_margins
from hutong.city.people import (
    Stock,
    draw_areas,
    draw_income,
    draw_occupancy,
    draw_people,
    draw_rooms,
    draw_tenure,
    home_rows,
    staircase_rows,
)
from hutong.rng import generator

#: Share of courtyards handed back by their tenants and standing empty as a whole (assumption).
EMPTY_COURTYARDS = 0.07


def house(
    buildings: gpd.GeoDataFrame, kind: np.ndarray, district: str, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the staircases and the dwellings of the quarter.

    Parameters
    ----------
    buildings
        With ``dwellings``, ``stairs`` and ``landing`` (dwellings per landing) beside the snapshot's columns.
    kind
        Kind of block of each building, as a word.
    """
    homes, stairs = buildings["dwellings"].to_numpy(), buildings["stairs"].to_numpy()
    stock = Stock(
        building_id=buildings["building_id"],
        kind=kind,
        homes=homes,
        per_floor=stairs * buildings["landing"].to_numpy(),
        stairs=stairs,
        storeys=buildings["storeys"].to_numpy(),
        floor_area_m2=buildings["floor_area_m2"].to_numpy(),
        old=kind == "hutong",
    )
    staircases = staircase_rows(stock, buildings["lift"].to_numpy(dtype=bool))
    rows, of = home_rows(stock, staircases["staircase_id"])
    rng = generator(seed, "quarter people")
    tenure = draw_tenure(np.where(homes > 0, kind, ""), of, rng)
    vacated = _vacated(kind, homes, rng)[of]
    tenure[vacated] = enum_values("dwellings", "tenure").index("public_direct")
    occupancy = draw_occupancy(tenure, read_margins(district), rng, vacated)
    lived = occupancy != enum_values("dwellings", "occupancy").index("vacant")
    columns: dict[str, object] = {
        **draw_areas(stock, of, tenure, rng),
        "tenure": category("dwellings", "tenure", tenure),
        "occupancy": category("dwellings", "occupancy", occupancy),
        **draw_people(lived, district, rng),
        "income_band": draw_income(kind[of], lived, rng),
    }
    for name, has in draw_rooms(stock.old[of], lived, district, rng).items():
        columns[name] = pd.array(has, dtype="boolean")
    for name, values in columns.items():
        rows[name] = values
    return staircases, rows


def _vacated(kind: np.ndarray, homes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return which buildings are vacated courtyards: their share, and one at least."""
    courtyards = np.flatnonzero((kind == "hutong") & (homes > 0))
    count = max(1, round(len(courtyards) * EMPTY_COURTYARDS))
    out = np.zeros(len(kind), bool)
    out[rng.permutation(courtyards)[:count]] = True
    return out
