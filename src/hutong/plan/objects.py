"""What can be renewed: residential buildings, courtyards, and the estates they stand in, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hutong.city import City
from hutong.city.naming import titles
from hutong.plan.catalogue import load_acceptance, load_assumptions
from hutong.rules import Rules
from hutong.sense.results import Checkup
from hutong.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Kinds of object, in the order of their codes.
KINDS = ("building", "courtyard", "estate")
BUILDING, COURTYARD, ESTATE = 0, 1, 2
TENURES = (
    "commodity",
    "reform",
    "private",
    "public_direct",
    "public_unit",
    "central",
    "military",
    "collective",
)
#: Tenures whose rooms are rented from an owner unit: it signs, and pays the owners' share.
LEASED = ("public_direct", "public_unit", "central", "military")
#: Services for which an estate's uncovered households are counted, with the rule that gives the radius.
SERVICES = ("elderly_care", "canteen", "nursery", "park")


@dataclass(frozen=True)
class Households:
    """One row per dwelling of a planned object; unknown figures carry the mean of the known (documented)."""

    dwelling: Ints  # row in city["dwellings"]
    object: Ints  # row among the building and courtyard objects
    estate: Ints  # row of the estate object
    staircase: Ints  # row in city["staircases"], −1 unknown
    tenure: Ints  # place in TENURES
    leased: NDArray[np.bool_]
    area_cm2: Ints
    storey: Floats
    residents: Floats
    elders: Floats
    children: Floats
    income_yuan: Floats
    lacking: NDArray[np.bool_]  # no kitchen or toilet of its own
    lift_missing: NDArray[np.bool_]  # its staircase has no lift
    occupied: NDArray[
        np.bool_
    ]  # somebody lives there (unknown counts as lived in); an empty home gains nothing

    @property
    def may_surrender(self) -> NDArray[np.bool_]:
        """Who holds a public lease to give up: public housing that somebody lives in."""
        public = np.isin(self.tenure, [TENURES.index("public_direct"), TENURES.index("public_unit")])
        return self.leased & public & self.occupied


@dataclass(frozen=True)
class Objects:
    """The objects of a plan: one array per column, and the households in them.

    Building and courtyard objects come first, in the row order of ``city["buildings"]``; estates follow (an
    estate, or the rest of a block that belongs to none).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    titles: tuple[Text, ...]  # what each is called where people read it (hutong.city.naming)
    kind: Ints
    building: Ints  # row in city["buildings"], −1 for estates
    estate: Ints  # row of the estate object that an object belongs to (its own row for estates)
    columns: Mapping[str, Floats]
    households: Households
    block: NDArray[np.object_]  # id of the block that a building object stands in

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, column: str) -> Floats:
        """Return a column of the objects."""
        return self.columns[column]

    @cached_property
    def members(self) -> Ints:
        """Rows of the building and courtyard objects."""
        return np.flatnonzero(self.kind != ESTATE)

    @cached_property
    def row_of_id(self) -> Mapping[str, int]:
        """Row of an object by its id."""
        return {name: i for i, name in enumerate(self.ids)}

    @cached_property
    def row_of_building(self) -> Mapping[int, int]:
        """Row of the object of a building row."""
        return {int(b): int(r) for r, b in enumerate(self.building) if b >= 0}


def _numbers(frame_column: object) -> Floats:
    return frame_column.to_numpy(dtype=float, na_value=np.nan)  # type: ignore[attr-defined, no-any-return]


def _known(values: Floats, fallback: float) -> Floats:
    """Return values with the unknown replaced by the mean of the known, or by ``fallback`` if none is known."""
    known = ~np.isnan(values)
    mean = float(values[known].mean()) if known.any() else fallback
    return np.where(known, values, mean)


def _lived_in(column: object, occupied: NDArray[np.bool_], fallback: float) -> Floats:
    """Return the people of each home: of a home that is lived in, unknown is the mean; nobody in an empty one."""
    values = np.where(occupied, _numbers(column), np.nan)
    return np.where(occupied, _known(values, fallback), 0.0)


def gather(city: City, check: Checkup, rules: Rules) -> Objects:
    """Return the objects of a city: buildings with dwellings, courtyards, and their estates."""
    buildings = city["buildings"]
    of_dwelling = city.positions("dwellings", "building_id")
    count = np.bincount(of_dwelling[of_dwelling >= 0], minlength=len(buildings))
    rows = np.flatnonzero(count > 0)
    form = buildings["form"].astype("object").to_numpy()[rows]
    kind = np.where(form == "courtyard", COURTYARD, BUILDING).astype(np.int64)
    plot = city.positions("buildings", "plot_id")
    plots, estates, blocks = city["plots"], city["estates"], city["blocks"]
    estate_row = city.positions("plots", "estate_id")[plot]
    block_row = city.positions("plots", "block_id")[plot]
    place = np.where(estate_row >= 0, estate_row, len(estates) + block_row)
    used, estate_local = np.unique(place[rows], return_inverse=True)
    n = rows.size
    households = _households(city, rows, estate_local + n)
    columns = _building_columns(city, rows, plot, households)
    ids = [str(v) for v in buildings["building_id"].to_numpy()[rows]]
    names = _names(buildings["name"], rows, ids)
    called, of_estates, of_blocks = (titles(city, t) for t in ("buildings", "estates", "blocks"))
    shown = [called[row] for row in rows]
    for code in used:
        inside = code < len(estates)
        table, row, key = (
            (estates, code, "estate_id") if inside else (blocks, code - len(estates), "block_id")
        )
        ids.append(str(table[key].iloc[row]))
        names.append(_names(table["name"], np.array([row]), [ids[-1]])[0])
        shown.append((of_estates if inside else of_blocks)[row])
    estate_columns = _estate_columns(city, check, rules, used, place, rows, columns, estate_local)
    merged = {
        name: np.concatenate(
            [columns.get(name, np.full(n, np.nan)), estate_columns.get(name, np.full(used.size, np.nan))]
        )
        for name in {**columns, **estate_columns}
    }
    merged["one"] = np.ones(n + used.size)
    heritage = plots["heritage"].astype("object").to_numpy()[plot[rows]]
    grade = buildings["heritage_grade"].astype("object").to_numpy()[rows]
    protected = np.isin(grade, ["historic", "protected"]) | (heritage == "historic_block")
    merged["protected"] = np.concatenate([protected.astype(float), np.zeros(used.size)])
    worth = np.select(
        [grade == "protected", grade == "historic", grade == "traditional"], [1.5, 1.2, 1.0], 0.6
    )
    merged["heritage_worth"] = np.concatenate([worth, np.ones(used.size)])
    for name in ("old_city", "reserved"):
        flag = _numbers(plots[name])[plot[rows]]
        merged[name] = np.concatenate([flag, np.zeros(used.size)])
    return Objects(
        ids=tuple(ids),
        names=tuple(names),
        titles=tuple(shown),
        kind=np.concatenate([kind, np.full(used.size, ESTATE)]),
        building=np.concatenate([rows, np.full(used.size, -1)]),
        estate=np.concatenate([estate_local + n, n + np.arange(used.size)]),
        columns=merged,
        households=households,
        block=np.array([*blocks["block_id"], None], object)[block_row[rows]],
    )


def _names(column: object, rows: Ints, ids: list[str]) -> list[str]:
    given = column.astype("object").to_numpy()[rows]  # type: ignore[attr-defined]
    return [i if v is None or v != v else str(v) for v, i in zip(given, ids, strict=False)]


def _households(city: City, rows: Ints, estate_of: Ints) -> Households:
    dwellings, acceptance = city["dwellings"], load_acceptance()
    of_building = city.positions("dwellings", "building_id")
    row_of = np.full(len(city["buildings"]), -1)
    row_of[rows] = np.arange(rows.size)
    keep = np.flatnonzero(of_building >= 0)
    at = row_of[of_building[keep]]
    order = np.argsort(at, kind="stable")
    keep, at = keep[order], at[order]
    part = dwellings.iloc[keep]
    staircase = city.positions("dwellings", "staircase_id")[keep]
    tenure = part["tenure"].cat.codes.to_numpy().astype(np.int64)
    names = [str(c) for c in part["tenure"].cat.categories]
    tenure = np.array([TENURES.index(names[c]) if c >= 0 else 0 for c in range(-1, len(names))])[tenure + 1]
    leased = np.isin(tenure, [TENURES.index(t) for t in LEASED])
    area = np.fmax(_numbers(part["deed_cm2"]), _numbers(part["lease_cm2"]))
    share = _numbers(city["buildings"]["floor_area_m2"])[of_building[keep]] * 1e4
    share = share / np.bincount(at, minlength=rows.size)[at]
    area = np.where(area > 0, area, share)
    area = np.maximum(np.round(_known(np.where(area > 0, area, np.nan), 5e5)), 1).astype(np.int64)
    band = np.round(_known(_numbers(part["income_band"]), 3.0)).astype(int)
    occupied = (part["occupancy"] != "vacant").fillna(True).to_numpy(bool)
    kitchen, toilet = _numbers(part["own_kitchen"]), _numbers(part["own_toilet"])
    stairs_lift = _numbers(city["staircases"]["lift"])
    own = _numbers(city["buildings"]["lift"])[of_building[keep]]
    lift = np.where(staircase >= 0, np.append(stairs_lift, np.nan)[staircase], own)
    return Households(
        dwelling=keep,
        object=at,
        estate=estate_of[at],
        staircase=staircase,
        tenure=tenure,
        leased=leased,
        area_cm2=area,
        storey=_known(_numbers(part["storey"]), 1.0),
        residents=_lived_in(part["residents"], occupied, float(acceptance["residents"])),
        elders=_lived_in(part["elders"], occupied, 0.4),
        children=_lived_in(part["children"], occupied, 0.3),
        income_yuan=np.array(acceptance["income_yuan"], float)[np.clip(band, 1, 5) - 1],
        lacking=(kitchen == 0) | (toilet == 0),
        lift_missing=lift == 0,
        occupied=occupied,
    )


def _building_columns(city: City, rows: Ints, plot: Ints, homes: Households) -> dict[str, Floats]:
    buildings = city["buildings"]
    n = rows.size

    def total(values: np.ndarray) -> Floats:
        return np.bincount(homes.object, weights=values, minlength=n).astype(np.float64)

    columns: dict[str, Floats] = {
        name: _numbers(buildings[name])[rows]
        for name in (
            "storeys", "height_m", "floor_area_m2", "lift", "insulated", "illegal",
            "cond_structure", "cond_envelope", "cond_pipes", "cond_fire", "cond_access",
        )
    }  # fmt: skip
    columns["roof_m2"] = columns["floor_area_m2"] / columns["storeys"]
    area = total(homes.area_cm2 / 1e4)
    columns["floor_area_m2"] = np.where(np.isnan(columns["floor_area_m2"]), area, columns["floor_area_m2"])
    columns["pipe_age"] = int(city.meta.date[:4]) - _numbers(buildings["pipe_year"])[rows]
    columns["height_cap_m"] = _numbers(city["plots"]["height_cap_m"])[plot[rows]]
    of_stair = city.positions("staircases", "building_id")
    row_of = np.full(len(buildings), -1)
    row_of[rows] = np.arange(n)
    at = row_of[of_stair] if of_stair.size else np.empty(0, np.int64)
    at, no_lift = at[at >= 0], (_numbers(city["staircases"]["lift"]) == 0)[at >= 0]
    stairs = np.bincount(at, minlength=n).astype(float)
    without = np.bincount(at, weights=no_lift, minlength=n)
    columns["staircases"] = np.maximum(stairs, 1)
    columns["staircases_without_lift"] = np.where(stairs > 0, without, (columns["lift"] == 0).astype(float))
    columns["dwellings"] = total(np.ones(homes.object.size))
    columns["people"] = total(homes.residents)
    columns["elders"] = total(homes.elders)
    columns["dwellings_incomplete"] = total(homes.lacking)
    surrendering = homes.may_surrender
    columns["leases"] = total(surrendering)
    columns["lease_m2"] = total(homes.area_cm2 / 1e4 * surrendering)
    columns["leased_share"] = total(homes.area_cm2 * homes.leased) / np.maximum(total(homes.area_cm2), 1)
    return columns


def _estate_columns(
    city: City,
    check: Checkup,
    rules: Rules,
    used: Ints,
    place: Ints,
    rows: Ints,
    columns: Mapping[str, Floats],
    estate_local: Ints,
) -> dict[str, Floats]:
    n, estates = used.size, city["estates"]
    values = {name: item.value for name, item in load_assumptions().items()}

    def total(of: np.ndarray) -> Floats:
        return np.bincount(estate_local, weights=of, minlength=n).astype(np.float64)

    out: dict[str, Floats] = {
        k: total(columns[k]) for k in ("floor_area_m2", "dwellings", "people", "elders")
    }
    leased = total(columns["leased_share"] * columns["floor_area_m2"])
    out["leased_share"] = leased / np.maximum(out["floor_area_m2"], 1)
    at = np.where(used < len(estates), used, 0)
    named = used < len(estates)
    for column in ("property_managed", "parking_spaces"):
        given = _numbers(estates[column]) if len(estates) else np.zeros(1)
        out[column] = np.where(named, given[at], np.nan)
    wanted = rules.number("parking.spaces_per_household") * out["dwellings"]
    gap = np.maximum(wanted - out["parking_spaces"], 0.0)
    out["parking_addable"] = np.floor(values["parking_addable_share"] * gap)
    out["charging_points"] = np.floor(values["charging_share"] * out["parking_spaces"])
    out["idle_m2"] = np.floor(values["idle_floor_share"] * out["floor_area_m2"])
    illegal = _numbers(city["buildings"]["illegal"]) == 1
    floor = np.nan_to_num(_numbers(city["buildings"]["floor_area_m2"]))
    local = np.full(int(place.max(initial=-1)) + 1, -1)
    local[used] = np.arange(n)
    loose = illegal & (local[place] >= 0)
    loose[rows] = False  # homes are objects of their own
    out["illegal_m2"] = np.bincount(local[place[loose]], weights=floor[loose], minlength=n).astype(float)
    works = (city["buildings"]["use"].astype("object") == "industrial").to_numpy() & (local[place] >= 0)
    works[rows] = False
    out["industrial_m2"] = np.bincount(local[place[works]], weights=floor[works], minlength=n).astype(float)
    kinds = {k: i for i, k in enumerate(check.access.kinds)}
    for service in SERVICES:
        if service not in kinds:
            out["uncovered_" + service] = np.full(n, np.nan)
            continue
        radius = rules.number(f"access.radius.{service}")
        far = check.access.distance[rows, kinds[service]] > radius
        out["uncovered_" + service] = total(far * columns["dwellings"])
    ownership = estates["kind"].astype("object").to_numpy() if len(estates) else np.array([None], object)
    out["named"] = named.astype(float)  # works for a whole estate need one; the rest of a block has none
    out["common_rooms"] = np.where(named, (ownership[at] == "commodity").astype(float), 0.0)
    return out
