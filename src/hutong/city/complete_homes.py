"""Homes and households where the data have none, from floor area and the census margins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hutong.city.columns import category, enum_values
from hutong.city.complete_buildings import home_kinds
from hutong.city.complete_rules import fill, in_villas, numbers, rules, words
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
from hutong.city.schema import ORIGIN_SUFFIX, ORIGINS, schema
from hutong.city.snapshot import NO_VALUE, City, Provenance
from hutong.rng import generator

CENSUS = "census2020"
#: Old stock that may lack kitchens and toilets: courtyards, and flats built before this year.
OLD_BEFORE = 1980


def homes(city: City, district: str, seed: int) -> City:
    """Add dwellings and staircases to residential buildings without dwellings, then fill what dwellings lack."""
    stock = _stock(city, district)
    stairs = staircase_rows(stock, _lift(city)[_order(city)], start=_next(city, "staircases", "staircase_id"))
    rows, _ = home_rows(stock, stairs["staircase_id"], start=_next(city, "dwellings", "dwelling_id"))
    city = _append(city, "staircases", stairs)
    city = _append(city, "dwellings", rows)
    city = _fill_staircases(city)
    return _fill_dwellings(city, district, seed) if len(city["dwellings"]) else city


def _order(city: City) -> np.ndarray:
    """Return the buildings in the order of their ids: made ids do not depend on the order of the rows."""
    return np.argsort(city["buildings"]["building_id"].to_numpy(dtype=object), kind="stable")


def _lift(city: City) -> np.ndarray:
    return numbers(city, "buildings", "lift") == 1.0


def _stock(city: City, district: str) -> Stock:
    """Return the buildings by id, with the homes that each still needs.

    Homes: floor area divided by the census floor area per household; courtyards, by an assumed smaller one.
    """
    spec, margins = rules(), read_margins(district)
    order = _order(city)
    buildings = city["buildings"]
    floors = np.nan_to_num(numbers(city, "buildings", "storeys"), nan=1.0)
    area = np.nan_to_num(numbers(city, "buildings", "floor_area_m2"))
    court = words(city, "buildings", "form") == "courtyard"
    each = np.where(
        court, spec["courtyard_home_m2"], margins["floor_area_per_person_m2"] * margins["household_size"]
    )
    each = np.where(in_villas(city), spec["villa"]["home_m2"], each)
    has = np.bincount(city.positions("dwellings", "building_id"), minlength=len(buildings)) > 0
    lacks = (words(city, "buildings", "use") == "residential") & ~has & (area > 0)
    count = np.where(lacks, np.maximum(1, np.rint(area / each)), 0).astype(np.int64)
    per_floor = np.ceil(count / floors).astype(np.int64)
    landing = np.where(_lift(city), spec["homes_per_landing"]["high"], spec["homes_per_landing"]["low"])
    stairs = np.where(court | (count == 0), 0, np.maximum(1, np.rint(per_floor / landing))).astype(np.int64)
    stairs = np.where(
        np.bincount(city.positions("staircases", "building_id"), minlength=len(buildings)) > 0, 0, stairs
    )
    kind, year = home_kinds(city), numbers(city, "buildings", "built_year")
    return Stock(
        building_id=buildings["building_id"].iloc[order].reset_index(drop=True),
        kind=kind[order], homes=count[order], per_floor=per_floor[order], stairs=stairs[order], storeys=floors[order],
        floor_area_m2=area[order], old=(court | (year < OLD_BEFORE))[order],
    )  # fmt: skip


def _next(city: City, table: str, column: str) -> int:
    """Return a number that no id of the table ends with: made ids never meet given ones."""
    ends = city[table][column].str.extract(r"(\d+)$", expand=False).dropna()
    return int(max((int(e) for e in ends.unique() if len(e) < 12), default=0)) + 1


def _append(city: City, table: str, rows: pd.DataFrame) -> City:
    """Return a city with rows added to a table, their cells marked imputed from the census."""
    if not len(rows):
        return city
    frame = city[table].copy()
    before, origins = len(frame), {c: city.origin(table, c) for c in schema().tables[table].columns}
    plain = frame.drop(columns=[c for c in frame.columns if c.endswith(ORIGIN_SUFFIX)])
    joined = pd.concat([plain, rows.reindex(columns=plain.columns)], ignore_index=True) if before else rows
    joined = joined.reindex(columns=plain.columns).astype(plain.dtypes.to_dict())
    provenance = dict(city.provenance.get(table, {}))
    for column, old in origins.items():
        codes = np.concatenate([old, np.where(rows[column].notna() if column in rows else False, 1, NO_VALUE)] if column in rows
                               else [old, np.full(len(rows), NO_VALUE)]).astype(np.int8)  # fmt: skip
        kinds = np.unique(codes[codes >= 0])
        sources = [provenance[column].source] if (old >= 0).any() and column in provenance else []
        source = "+".join(dict.fromkeys([*sources, *([CENSUS] if column in rows else [])]))
        if len(kinds) > 1:
            joined[column + ORIGIN_SUFFIX] = pd.Categorical.from_codes(codes, categories=list(ORIGINS))
            provenance[column] = Provenance("mixed", source)
        elif len(kinds):
            provenance[column] = Provenance(ORIGINS[int(kinds[0])], source)
    return replace(
        city, tables={**city.tables, table: joined}, provenance={**city.provenance, table: provenance}
    )


def _fill_staircases(city: City) -> City:
    building = city.positions("staircases", "building_id")
    city = fill(city, "staircases", "storeys", numbers(city, "buildings", "storeys")[building], "assumed")
    lift = pd.array(_lift(city)[building], dtype="boolean")
    return fill(city, "staircases", "lift", lift, "assumed")


@dataclass(frozen=True)
class _Whole:
    """All dwellings in the order of their ids, and the buildings they stand in, also by id."""

    order: np.ndarray
    of: np.ndarray
    stock: Stock

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return values in the order of the table's rows."""
        out = np.empty_like(values)
        out[self.order] = values
        return out


def _whole(city: City) -> _Whole:
    by_id = _order(city)
    rank = np.empty(len(by_id), np.int64)
    rank[by_id] = np.arange(len(by_id))
    order = np.argsort(city["dwellings"]["dwelling_id"].to_numpy(dtype=object), kind="stable")
    of = rank[city.positions("dwellings", "building_id")[order]]
    count = len(by_id)
    court = (words(city, "buildings", "form") == "courtyard")[by_id]
    year = numbers(city, "buildings", "built_year")[by_id]
    homes_of = np.bincount(of, minlength=count)
    stock = Stock(
        building_id=city["buildings"]["building_id"].iloc[by_id].reset_index(drop=True),
        kind=np.where(homes_of > 0, home_kinds(city)[by_id], ""),
        homes=homes_of,
        per_floor=np.ones(count, np.int64),
        stairs=np.where(court, 0, 1),
        storeys=numbers(city, "buildings", "storeys")[by_id],
        floor_area_m2=numbers(city, "buildings", "floor_area_m2")[by_id],
        old=court | (year < OLD_BEFORE),
    )
    return _Whole(order, of, stock)


def _fill_dwellings(city: City, district: str, seed: int) -> City:
    """Fill tenure and income (assumed), areas (as the floor area), and people and rooms (census)."""
    whole = _whole(city)
    margins, rng = read_margins(district), generator(seed, "complete homes")
    tenure = whole.back(draw_tenure(whole.stock.kind, whole.of, rng))
    city = fill(city, "dwellings", "tenure", category("dwellings", "tenure", tenure), "assumed")
    tenure = city["dwellings"]["tenure"].cat.codes.to_numpy()
    for name, values in draw_areas(whole.stock, whole.of, tenure[whole.order], rng).items():
        city = fill(city, "dwellings", name, whole.back(values), "assumed")
    occupancy = whole.back(draw_occupancy(tenure[whole.order], margins, rng))
    city = fill(
        city, "dwellings", "occupancy", category("dwellings", "occupancy", occupancy), "imputed", CENSUS
    )
    lived = city["dwellings"]["occupancy"].cat.codes.to_numpy() != enum_values(
        "dwellings", "occupancy"
    ).index("vacant")
    return _fill_people(city, whole, lived, district, rng)


def _fill_people(
    city: City, whole: _Whole, lived: np.ndarray, district: str, rng: np.random.Generator
) -> City:
    by_order = lived[whole.order]
    drawn = {name: whole.back(v) for name, v in draw_people(by_order, district, rng).items()}
    city = fill(city, "dwellings", "residents", drawn["residents"], "imputed", CENSUS)
    residents = numbers(city, "dwellings", "residents")
    children = np.nan_to_num(numbers(city, "dwellings", "children"))
    city = fill(
        city, "dwellings", "elders", np.clip(drawn["elders"], 0, residents - children), "imputed", CENSUS
    )
    elders = numbers(city, "dwellings", "elders")
    city = fill(
        city, "dwellings", "children", np.clip(drawn["children"], 0, residents - elders), "imputed", CENSUS
    )
    income = whole.back(draw_income(whole.stock.kind[whole.of], by_order, rng))
    city = fill(city, "dwellings", "income_band", income, "assumed")
    for name, has in draw_rooms(whole.stock.old[whole.of], by_order, district, rng).items():
        values = pd.array(whole.back(has), dtype="boolean")
        city = fill(city, "dwellings", name, values, "imputed", CENSUS)
    return city
