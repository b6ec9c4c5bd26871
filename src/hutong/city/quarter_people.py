"""Staircases, dwellings and households of a synthetic quarter, drawn from the margins of a district."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc

from hutong.city.margins import household_table, read_margins
from hutong.city.quarter_layout import COMMODITY, DANWEI, HUTONG
from hutong.city.schema import schema
from hutong.rng import generator

#: Shares of tenures by kind of estate, per building (assumption; the census knows no tenure types).
TENURES: dict[int, dict[str, float]] = {
    HUTONG: {"public_direct": 0.56, "private": 0.2, "public_unit": 0.16, "commodity": 0.08},
    DANWEI: {"reform": 0.56, "public_unit": 0.15, "central": 0.14, "military": 0.09, "commodity": 0.06},
    COMMODITY: {"commodity": 1.0},
}
#: Share of dwellings that are let, and that stand empty, by whether they are public housing (assumption).
LET = {False: 0.2, True: 0.1}
EMPTY = {False: 0.06, True: 0.08}
#: Share of courtyards handed back and standing empty as a whole (assumption).
EMPTY_COURTYARDS = 0.07
#: Shares of income bands 1 (lowest) to 5 by kind of estate (assumption).
INCOME: dict[int, tuple[float, ...]] = {
    HUTONG: (0.3, 0.3, 0.22, 0.12, 0.06),
    DANWEI: (0.2, 0.26, 0.27, 0.17, 0.1),
    COMMODITY: (0.08, 0.14, 0.25, 0.29, 0.24),
}
#: Share of a flat's gross floor area that its deed names.
EFFICIENCY = 0.78
PUBLIC = ("public_direct", "public_unit", "central", "military")


def ids(prefix: str, count: int, digits: int = 7) -> pd.Series:
    """Return ``count`` ids such as ``b0000001`` as a string column."""
    number = pc.utf8_lpad(pc.cast(arrow.array(np.arange(1, count + 1)), arrow.string()), digits, "0")
    return text_column(pc.binary_join_element_wise(prefix, number, ""))


def text_column(array: arrow.Array) -> pd.Series:
    """Return an Arrow string array as a column of the snapshot's text dtype."""
    dtype = pd.StringDtype(na_value=np.nan)
    return pd.Series(dtype.__from_arrow__(array.cast(arrow.large_string())))


def pick(column: pd.Series, rows: np.ndarray) -> pd.Series:
    """Return a column's values at row positions, -1 giving unknown."""
    taken = column.array.take(rows, allow_fill=True)
    return pd.Series(taken)


def codes_of(shares: dict[str, float], categories: list[str], uniform: np.ndarray) -> np.ndarray:
    """Return, for uniform draws, the category codes that the shares give."""
    names = np.array([categories.index(name) for name in shares], dtype=np.int8)
    place = np.searchsorted(np.cumsum(list(shares.values())), uniform, side="right")
    return names[place.clip(0, len(names) - 1)]


def category(table: str, column: str, codes: np.ndarray) -> pd.Series:
    """Return codes as the enum column of a table (-1: unknown)."""
    names = list(schema().tables[table].columns[column].enum)
    return pd.Series(pd.Categorical.from_codes(codes, categories=names))


def staircases(buildings: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the staircases and, per building, the row of its first one."""
    count = buildings["stairs"].to_numpy()
    of = np.repeat(np.arange(len(buildings)), count)
    first = np.cumsum(count) - count
    table = pd.DataFrame(
        {
            "staircase_id": ids("s", len(of)),
            "building_id": pick(buildings["building_id"], of),
            "storeys": buildings["storeys"].to_numpy()[of],
            "lift": buildings["lift"].array.take(of),
        }
    )
    return table, first


def dwellings(
    buildings: pd.DataFrame,
    kind: np.ndarray,
    stair_ids: pd.Series,
    first_stair: np.ndarray,
    seed: int,
    district: str,
) -> pd.DataFrame:
    """Return the dwellings of the buildings.

    Parameters
    ----------
    buildings
        With ``building_id``, ``dwellings``, ``stairs``, ``landing``, ``floor_area_m2``.
    kind
        Kind of block of each building (``quarter_layout``).
    first_stair
        Row of each building's first staircase in ``stair_ids``.
    """
    count = buildings["dwellings"].to_numpy()
    of = np.repeat(np.arange(len(buildings), dtype=np.int32), count)
    n = len(of)
    place = (np.arange(n) - np.repeat(np.cumsum(count) - count, count)).astype(np.int32)
    block = kind[of]
    stairs, landing = buildings["stairs"].to_numpy()[of], buildings["landing"].to_numpy()[of]
    per_floor = np.maximum(stairs * landing, 1)
    flat = stairs > 0
    storey = np.where(flat, place // per_floor + 1, 1).astype(np.float64)
    stair = np.where(flat, first_stair[of] + place % per_floor // np.maximum(landing, 1), -1)
    tenure, empty_court = _tenure(buildings, kind, of, seed)
    out: dict[str, object] = {
        "dwelling_id": ids("d", n, 8),
        "building_id": pick(buildings["building_id"], of),
        "staircase_id": pick(stair_ids, stair),
        "storey": storey,
    }
    out |= _areas(buildings, of, count, flat, tenure, seed)
    out["tenure"] = category("dwellings", "tenure", tenure)
    out |= _households(of, tenure, block, empty_court[of], seed, district)
    return pd.DataFrame(out, copy=False)


def _tenure(
    buildings: pd.DataFrame, kind: np.ndarray, of: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the tenure code of each dwelling and whether each building is a vacated courtyard."""
    rng = generator(seed, "quarter tenure")
    names = list(schema().tables["dwellings"].columns["tenure"].enum)
    main = np.full(len(buildings), -1, np.int8)
    home = buildings["dwellings"].to_numpy() > 0
    for block, shares in TENURES.items():
        rows = np.flatnonzero((kind == block) & home)
        # quantiles in random order, not draws: a small quarter, too, has every tenure in its share
        main[rows] = codes_of(shares, names, (rng.permutation(len(rows)) + 0.5) / len(rows))
    tenure = main[of]
    # one in seven dwellings of a building differs: a public flat never bought, a courtyard room sold
    other = rng.random(len(of)) < 1 / 7
    unit, private, direct, reform = (
        names.index(t) for t in ("public_unit", "private", "public_direct", "reform")
    )
    swap = {reform: unit, unit: reform, direct: private, private: direct}
    table = np.array([swap.get(code, code) for code in range(len(names))], np.int8)
    slab = kind[of] == DANWEI
    table_court = np.where(np.arange(len(names)) == unit, direct, table).astype(np.int8)
    tenure = np.where(other, np.where(slab, table[tenure], table_court[tenure]), tenure)
    hut = kind == HUTONG
    empty = hut & (rng.random(len(buildings)) < EMPTY_COURTYARDS)
    court_rows = hut[of]
    tenure[court_rows & (tenure == reform)] = direct
    tenure[empty[of]] = direct
    return tenure.astype(np.int8), empty


def _areas(
    buildings: pd.DataFrame,
    of: np.ndarray,
    count: np.ndarray,
    flat: np.ndarray,
    tenure: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return deed, lease and self-built areas in whole cm2: a deed where owned, a lease where rented from the public."""
    rng = generator(seed, "quarter areas")
    names = list(schema().tables["dwellings"].columns["tenure"].enum)
    public = np.isin(tenure, [names.index(t) for t in PUBLIC])
    weight = rng.uniform(0.75, 1.25, len(of))
    total = np.bincount(of, weights=weight, minlength=len(count))
    gross = buildings["floor_area_m2"].to_numpy()[of] * weight / total[of]
    own_built = np.where(~flat & (rng.random(len(of)) < 0.55), gross * rng.uniform(0.1, 0.35, len(of)), 0.0)
    legal = np.where(flat, gross * EFFICIENCY, (gross - own_built) * 0.92)
    legal = np.rint(legal * 100) * 100  # documents name areas to 0.01 m2
    return {
        "deed_cm2": np.where(public, 0.0, legal),
        "lease_cm2": np.where(public, legal, 0.0),
        "self_built_cm2": np.rint(own_built * 100) * 100,
    }


def _households(
    of: np.ndarray, tenure: np.ndarray, block: np.ndarray, vacated: np.ndarray, seed: int, district: str
) -> dict[str, object]:
    """Return occupancy, people, income band and whether kitchen and toilet are the household's own."""
    rng = generator(seed, "quarter households")
    n = len(of)
    names = list(schema().tables["dwellings"].columns["tenure"].enum)
    public = np.isin(tenure, [names.index(t) for t in PUBLIC])
    u = rng.random(n)
    let = np.where(public, LET[True], LET[False])
    empty = np.where(public, EMPTY[True], EMPTY[False])
    words = list(schema().tables["dwellings"].columns["occupancy"].enum)
    stay = np.where(public, words.index("tenant"), words.index("owner"))
    code = np.where(u < let, words.index("let"), np.where(u < let + empty, words.index("vacant"), stay))
    code = np.where(vacated, words.index("vacant"), code).astype(np.int8)
    lived = code != words.index("vacant")
    size, elders, children = household_table(district).draw(rng.random(n))
    income = np.empty(n)
    draw = rng.random(n)
    for kind, shares in INCOME.items():
        rows = block == kind
        income[rows] = np.searchsorted(np.cumsum(shares)[:-1], draw[rows], side="right") + 1
    return {
        "occupancy": category("dwellings", "occupancy", code),
        "residents": np.where(lived, size, 0.0),
        "elders": np.where(lived, elders, 0.0),
        "children": np.where(lived, children, 0.0),
        "income_band": np.where(lived, income, np.nan),
        **_own_rooms(block == HUTONG, lived, rng, district),
    }


def _own_rooms(
    court: np.ndarray, lived: np.ndarray, rng: np.random.Generator, district: str
) -> dict[str, object]:
    """Return own kitchen and toilet: flats have nearly all, courtyards so many that the district's share comes out."""
    margins = read_margins(district)
    share_court = float(court[lived].mean()) if lived.any() else 0.0
    u = rng.random(len(court))
    out: dict[str, object] = {}
    for name, flats in (("own_kitchen", 0.995), ("own_toilet", 0.99)):
        courts = (margins[f"{name}_share"] - flats * (1 - share_court)) / share_court if share_court else 0.0
        p = np.where(court, np.clip(courts, 0.02, 0.98), flats)
        out[name] = pd.array(u < p, dtype="boolean")  # one draw: who has a toilet of their own has a kitchen
    return out
