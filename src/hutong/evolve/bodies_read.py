"""Who governs and builds in one quarter: communities, departments, property rights, returns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.evolve.bodies import (
    CITY_YUAN,
    DEPARTMENTS,
    FLOOR,
    FLOOR_AFTER,
    FLOOR_BEFORE,
    JOINT_MEAN,
    MIXED,
    NET,
    OUTLAY,
    POOR,
    RATE,
    RETURN_LOW,
    UNIT_RETURN,
    WORTH,
    Bodies,
)
from hutong.evolve.programme import CONDITION_GRADES, Programme
from hutong.rules import Rules

#: Which department answers first where this grade is the worst; a building at A throughout is the subdistrict's.
FIRST = {"cond_structure": "housing", "cond_envelope": "housing", "cond_pipes": "works", "cond_fire": "fire"}
#: Grade from which something is wrong (C), grades being A = 1 … D = 4.
BAD = 3.0


def read_bodies(
    city: City,
    programme: Programme,
    rules: Rules,
    buildings: np.ndarray,
    building: np.ndarray,
    low_income: np.ndarray,
) -> Bodies:
    """Return who governs and builds.

    Parameters
    ----------
    buildings
        Row positions in ``buildings`` of the inhabited buildings, in the kernel's order.
    building
        Place in ``buildings`` of each household.
    low_income
        Per household, in [0, 1].
    """
    table = city["buildings"].iloc[buildings]
    homes = np.bincount(building, minlength=len(buildings))
    community = communities(city, buildings)
    department, joint = departments(table)
    poor = np.bincount(building, weights=low_income, minlength=len(buildings))
    members = [
        programme.member[a:b] for a, b in zip(programme.member_ptr, programme.member_ptr[1:], strict=False)
    ]
    count = len(programme.matter)
    facts = np.zeros(4)
    facts[JOINT_MEAN] = float(np.average(joint, weights=homes))
    facts[UNIT_RETURN] = programme.unit_return
    facts[RETURN_LOW] = rules.number("operator.return_low")
    facts[FLOOR] = float(city["buildings"]["floor_area_m2"].fillna(0.0).sum())
    project = np.zeros((9, count))
    project[MIXED] = mixed_rights(city, buildings, members)
    project[CITY_YUAN], project[OUTLAY], project[NET] = (
        programme.city_yuan,
        programme.outlay,
        programme.income,
    )
    project[RATE], project[FLOOR_BEFORE], project[FLOOR_AFTER] = programme.rate, *programme.floor
    project[POOR] = [poor[m].sum() / max(homes[m].sum(), 1) for m in members]
    project[WORTH] = 1.0 - np.arange(count) / max(count - 1, 1)
    return Bodies(
        place=np.stack([community, department]).astype(np.int32),
        home=np.stack([joint, heritage(table).astype(float)]),
        size=np.bincount(community, weights=homes).astype(np.int64),
        load=np.bincount(department, weights=homes, minlength=len(DEPARTMENTS)).astype(np.int64),
        project=project,
        facts=facts,
    )


def communities(city: City, buildings: np.ndarray) -> np.ndarray:
    """Return the community of each building, numbered from 0: its estate, or all that lies outside estates."""
    plot = city.positions("buildings", "plot_id")[buildings]
    estate = city.positions("plots", "estate_id")[plot]
    return np.unique(estate, return_inverse=True)[1].astype(np.int64)


def departments(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return which department answers first per building, and the share of its requests that need several.

    The department is that of the worst grade; the share grows with the grades at C or D beyond the first (ours).
    """
    grades = np.stack([table[g].to_numpy(dtype=float, na_value=np.nan) for g in FIRST])
    known = np.where(np.isfinite(grades), grades, 0.0)
    office = np.array([DEPARTMENTS.index(FIRST[g]) for g in FIRST])
    first = np.where(known.max(axis=0) > 1.0, office[known.argmax(axis=0)], DEPARTMENTS.index("subdistrict"))
    wrong = (known >= BAD).sum(axis=0)
    return first.astype(np.int8), np.maximum(wrong - 1, 0) / (len(CONDITION_GRADES) - 1.0)


def heritage(table: pd.DataFrame) -> np.ndarray:
    """Return which buildings are courtyards or of a heritage grade."""
    old = (table["form"] == "courtyard") | table["heritage_grade"].isin(
        ["traditional", "historic", "protected"]
    )
    return old.fillna(False).to_numpy(bool)


def mixed_rights(city: City, buildings: np.ndarray, members: list[np.ndarray]) -> np.ndarray:
    """Return how mixed the property rights of each project are, in [0, 1].

    One less the chance that two dwellings have the same tenure (Simpson 1949) and both have a clear title. Dwellings
    of unknown tenure are left out; titles not on record count as clear.
    """
    dwellings = city["dwellings"]
    place = pd.Series(np.arange(len(buildings)), index=buildings)
    where = place.reindex(city.positions("dwellings", "building_id")).to_numpy(float)
    kind = pd.Categorical(dwellings["tenure"])
    known = np.isfinite(where) & (kind.codes >= 0)
    counts = np.zeros((len(buildings), len(kind.categories)))
    np.add.at(counts, (where[known].astype(int), kind.codes[known]), 1.0)
    clear = _clear_titles(city)[known]
    good = np.bincount(where[known].astype(int), weights=clear, minlength=len(buildings))
    out = np.zeros(len(members))
    for j, m in enumerate(members):
        total = counts[m].sum()
        if total > 0:
            alike = float(((counts[m].sum(axis=0) / total) ** 2).sum())
            out[j] = 1.0 - alike * (good[m].sum() / total) ** 2
    return out


def _clear_titles(city: City) -> np.ndarray:
    """Return 1 for each dwelling but those whose title is known not to be clear."""
    clear = np.ones(len(city["dwellings"]))
    titles = city["titles"]
    if len(titles):
        bad = (titles["state"].notna() & (titles["state"] != "clear")).to_numpy(bool)
        rows = pd.Index(city["dwellings"]["dwelling_id"]).get_indexer(titles["dwelling_id"][bad])
        clear[rows[rows >= 0]] = 0.0
    return clear
