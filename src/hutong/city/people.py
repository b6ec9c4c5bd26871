"""Staircases, homes and households, drawn from the margins of a district.

The synthetic quarter and the completer both house people with these functions. Arrays run over homes unless said
otherwise; ``of`` is the row of each home's building.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city.columns import codes_of, enum_values, ids, pick
from hutong.city.margins import Margins, household_table, read_margins

#: Shares of tenures by kind of estate, per building (assumption; the census knows no tenure types).
TENURES: dict[str, dict[str, float]] = {
    "hutong": {"public_direct": 0.56, "private": 0.2, "public_unit": 0.16, "commodity": 0.08},
    "danwei": {"reform": 0.56, "public_unit": 0.15, "central": 0.14, "military": 0.09, "commodity": 0.06},
    "commodity": {"commodity": 1.0},
}
#: One home in seven of a building has another tenure than most: a flat never bought, a courtyard room sold (assumption).
OTHER_TENURE = {
    "hutong": {"public_direct": "private", "private": "public_direct", "public_unit": "public_direct"},
    "danwei": {"reform": "public_unit", "public_unit": "reform", "central": "reform"},
    "commodity": {},
}
OTHER_TENURE_SHARE = 1 / 7
PUBLIC = ("public_direct", "public_unit", "central", "military")
#: Share of homes that stand empty, of public and of other homes (assumption).
EMPTY_PUBLIC, EMPTY_OTHER = 0.08, 0.06
#: Share of public homes that their tenants let on (assumption).
LET_PUBLIC = 0.1
#: Shares of income bands 1 (lowest) to 5 by kind of estate (assumption).
INCOME: dict[str, tuple[float, ...]] = {
    "hutong": (0.3, 0.3, 0.22, 0.12, 0.06),
    "danwei": (0.2, 0.26, 0.27, 0.17, 0.1),
    "commodity": (0.08, 0.14, 0.25, 0.29, 0.24),
}
#: Share of a flat's gross floor area that its deed names; of courtyard homes, those with rooms they built themselves.
EFFICIENCY, SELF_BUILDERS = 0.78, 0.55
#: Newer flats with a kitchen or toilet of their own; the least share in old stock (assumptions).
FLATS_WITH = {"own_kitchen": 0.995, "own_toilet": 0.99}
LEAST_WITH = 0.02


@dataclass(frozen=True)
class Stock:
    """The buildings that people live in, one entry per building.

    ``kind`` is hutong, danwei or commodity; ``homes`` the number of dwellings, ``per_floor`` how many of them share
    a storey, ``stairs`` how many staircases serve them (0: a courtyard); ``old`` marks stock that may lack rooms.
    """

    building_id: pd.Series
    kind: np.ndarray
    homes: np.ndarray
    per_floor: np.ndarray
    stairs: np.ndarray
    storeys: np.ndarray
    floor_area_m2: np.ndarray
    old: np.ndarray


def staircase_rows(stock: Stock, lift: np.ndarray, start: int = 1) -> pd.DataFrame:
    """Return one row per staircase of the stock, ids counted from ``start``."""
    of = np.repeat(np.arange(len(stock.homes)), stock.stairs)
    return pd.DataFrame(
        {
            "staircase_id": ids("s", len(of), start=start),
            "building_id": pick(stock.building_id, of),
            "storeys": stock.storeys[of].astype(np.float64),
            "lift": pd.array(lift[of].astype(bool), dtype="boolean"),
        }
    )


def home_rows(stock: Stock, stair_ids: pd.Series, start: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the homes (ids, building, staircase, storey) and ``of``.

    Homes fill a building storey by storey, and a storey staircase by staircase.
    """
    of = np.repeat(np.arange(len(stock.homes), dtype=np.int32), stock.homes)
    first_home = np.cumsum(stock.homes) - stock.homes
    first_stair = np.cumsum(stock.stairs) - stock.stairs
    place = np.arange(len(of)) - first_home[of]
    per_floor, stairs = np.maximum(stock.per_floor, 1)[of], stock.stairs[of]
    flat = stairs > 0
    stair = np.where(flat, first_stair[of] + place % per_floor * stairs // per_floor, -1)
    rows = pd.DataFrame(
        {
            "dwelling_id": ids("d", len(of), 8, start=start),
            "building_id": pick(stock.building_id, of),
            "staircase_id": pick(stair_ids, stair),
            "storey": np.where(flat, place // per_floor + 1, 1).astype(np.float64),
        },
        copy=False,
    )
    return rows, of


def draw_tenure(kind: np.ndarray, of: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return tenure codes: one tenure for most homes of a building, another for some.

    Buildings take quantiles in random order rather than draws, so a small quarter, too, has every tenure.
    """
    names = enum_values("dwellings", "tenure")
    main = np.full(len(kind), names.index("commodity"), np.int8)
    swap = np.tile(np.arange(len(names), dtype=np.int8), (len(kind), 1))
    for word, shares in TENURES.items():
        rows = np.flatnonzero(kind == word)
        main[rows] = codes_of(shares, names, (rng.permutation(len(rows)) + 0.5) / max(len(rows), 1))
        for one, other in OTHER_TENURE[word].items():
            swap[rows, names.index(one)] = names.index(other)
    tenure = main[of]
    return np.where(rng.random(len(of)) < OTHER_TENURE_SHARE, swap[of, tenure], tenure).astype(np.int8)


def is_public(tenure: np.ndarray) -> np.ndarray:
    """Return which tenure codes are public housing, let by its unit."""
    names = enum_values("dwellings", "tenure")
    table = np.isin(np.arange(len(names)), [names.index(t) for t in PUBLIC])
    return np.where(tenure >= 0, table[tenure], False)


def draw_areas(
    stock: Stock, of: np.ndarray, tenure: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return deed, lease and self-built areas in whole cm2: a deed where owned, a lease where public.

    A building's floor area is shared out over its homes; documents name areas to 0.01 m2 (100 cm2).
    """
    weight = rng.uniform(0.75, 1.25, len(of))
    total = np.bincount(of, weights=weight, minlength=len(stock.homes))
    gross = stock.floor_area_m2[of] * weight / total[of]
    flat = (stock.stairs > 0)[of]
    builds = ~flat & (rng.random(len(of)) < SELF_BUILDERS)
    self_built = np.where(builds, gross * rng.uniform(0.1, 0.35, len(of)), 0.0)
    legal = np.rint(np.where(flat, gross * EFFICIENCY, (gross - self_built) * 0.92) * 100) * 100
    public = is_public(tenure)
    return {
        "deed_cm2": np.where(public, 0.0, legal),
        "lease_cm2": np.where(public, legal, 0.0),
        "self_built_cm2": np.rint(self_built * 100) * 100,
    }


def draw_occupancy(
    tenure: np.ndarray, margins: Margins, rng: np.random.Generator, vacated: np.ndarray | None = None
) -> np.ndarray:
    """Return occupancy codes: empty by assumption; rented homes come to the census share of households.

    Public tenants are renting households; the rest of the census share are lettings of other homes. ``vacated``
    homes (bool) stand empty as well.
    """
    words = enum_values("dwellings", "occupancy")
    public = is_public(tenure)
    empty = np.where(public, EMPTY_PUBLIC, EMPTY_OTHER)
    if vacated is not None:
        empty = np.where(vacated, 1.0, empty)
    lived = 1 - empty
    share = float(lived @ public / max(lived.sum(), 1e-9))
    let_other = float(np.clip((margins["rented_share"] - share) / max(1 - share, 1e-9), 0.0, 1.0))
    let = np.where(public, LET_PUBLIC, let_other)
    stay = np.where(public, words.index("tenant"), words.index("owner"))
    code = np.where(rng.random(len(tenure)) < let, words.index("let"), stay)
    return np.where(rng.random(len(tenure)) < empty, words.index("vacant"), code).astype(np.int8)


def draw_people(lived: np.ndarray, district: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return residents, elders and children of each home (0 where nobody lives)."""
    size, elders, children = household_table(district).draw(rng.random(len(lived)))
    drawn = {"residents": size, "elders": elders, "children": children}
    return {name: np.where(lived, values, 0.0) for name, values in drawn.items()}


def draw_income(kind: np.ndarray, lived: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return income bands 1–5 by kind of estate (per home); unknown where nobody lives."""
    uniform = rng.random(len(lived))
    band = np.full(len(lived), np.nan)
    for word, shares in INCOME.items():
        rows = lived & (kind == word)
        band[rows] = np.searchsorted(np.cumsum(shares)[:-1], uniform[rows], side="right") + 1
    return band


def draw_rooms(
    old: np.ndarray, lived: np.ndarray, district: str, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return whether homes have a kitchen and a toilet of their own (bool).

    Newer flats have nearly all; the old stock as many as it takes for the district's share of households to come
    out. Where the old stock is too small for that, the shortfall is spread over all homes. One draw serves both, so
    a home with its own toilet has its own kitchen where kitchens are the commoner.
    """
    margins = read_margins(district)
    share_old = float(old[lived].mean()) if lived.any() else 0.0
    uniform = rng.random(len(old))
    out = {}
    for name, flats in FLATS_WITH.items():
        target = margins[f"{name}_share"]
        of_old = (target - flats * (1 - share_old)) / share_old if share_old > 0 else LEAST_WITH
        if of_old < LEAST_WITH:
            of_old = LEAST_WITH
            flats = (target - of_old * share_old) / (1 - share_old)
        out[name] = uniform < np.where(old, min(of_old, flats), flats)
    return out
