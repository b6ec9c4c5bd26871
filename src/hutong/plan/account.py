"""The account of a scheme as the rules check it: every building of the unit, changed or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.city import City
from hutong.plan.objects import ESTATE
from hutong.plan.options import Options
from hutong.rules import Rules, UnitAccount, floor_cap_m2


def unit_account(
    city: City,
    options: Options,
    chosen: NDArray[np.int64],
    rules: Rules,
    npv_low: float,
    npv_high: float,
    years: float,
) -> UnitAccount:
    """Return what the chosen options do to the unit, for :func:`hutong.rules.check_scheme`.

    Unknown floor areas count as 0 on both sides: a building whose size is unknown is not touched by a scheme.
    """
    buildings, plots = city["buildings"], city["plots"]
    plot = city.positions("buildings", "plot_id")
    n = len(buildings)

    def number(frame: object, name: str, rows: object = None) -> NDArray[np.float64]:
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)  # type: ignore[index]
        return np.asarray(values if rows is None else values[rows], float)

    def word(frame: object, name: str, rows: object = None) -> NDArray[np.str_]:
        values = frame[name].astype("object").fillna("").to_numpy().astype(str)  # type: ignore[index]
        return np.asarray(values if rows is None else values[rows], str)

    objects = options.objects
    existing = np.nan_to_num(number(buildings, "floor_area_m2"))
    illegal, height = number(buildings, "illegal"), number(buildings, "height_m")
    demolished, new, relocated, local = (np.zeros(n) for _ in range(4))
    after_height, rebuilt = height.copy(), np.zeros(n, bool)
    homes = np.bincount(objects.households.object, minlength=len(objects)).astype(float)
    households = np.zeros(n)
    inhabited = objects.members
    households[objects.building[inhabited]] = homes[inhabited]
    service: dict[str, float] = {}
    for option in chosen:
        row = options.object[option]
        for measure, on in zip(options.measures, options.packages[option], strict=True):
            if on and measure.space_m2 > 0:
                kind = next(iter(measure.effects))
                service[kind] = min(service.get(kind, np.inf), measure.space_m2)
        if objects.kind[row] == ESTATE:
            if options.demolished[option] > 0:
                gone = loose_illegal(city, options, int(row))
                demolished[gone] = existing[gone]
            continue
        at = objects.building[row]
        demolished[at] = options.demolished[option]
        new[at] = options.floor_after[option] - existing[at] + demolished[at]
        relocated[at], local[at] = options.leaving[option], options.rehoused[option]
        if demolished[at] > 0:
            rebuilt[at] = True
            after_height[at] = height[at] * options.floor_after[option] / max(existing[at], 1.0)
    known = {k: v for k, v in service.items() if f"facility.{k}.floor_min_m2" in rules}
    return UnitAccount(
        object_id=buildings["building_id"].to_numpy().astype(str),
        existing_floor_m2=existing,
        new_floor_m2=np.where(np.abs(new) < 1e-6, 0.0, new),
        demolished_m2=demolished,
        dangerous=(number(buildings, "cond_structure") >= 4).astype(float),
        illegal=illegal,
        height_before_m=height,
        height_after_m=after_height,
        height_cap_m=number(plots, "height_cap_m", plot),
        residential=(households > 0).astype(float),
        heritage_grade=word(buildings, "heritage_grade"),
        heritage_zone=word(plots, "heritage", plot),
        old_city=number(plots, "old_city", plot),
        reserved=number(plots, "reserved", plot),
        households_before=households,
        households_after=households - relocated + local,
        relocated_households=relocated,
        rehoused_locally=local,
        floor_cap_m2=floor_cap_m2(existing, rules),
        service_floor_m2=known,
        operator_npv_low=npv_low,
        operator_npv_high=npv_high,
        concession_years=years,
        plot_id=word(plots, "plot_id", plot),
        plot_area_m2=plots.geometry.area.to_numpy(float)[plot],
        far_cap=number(plots, "far_cap", plot),
    )


def plot_gain(
    city: City, options: Options, every: bool = False
) -> tuple[NDArray[np.int64], sparse.csr_array, NDArray[np.float64]]:
    """Return what options change of the floor area of plots that some option makes denser (of ``every`` plot, if so asked).

    Returns
    -------
    Rows of ``city["plots"]`` (plots,), the change of floor area sparse (plots, options), and how much each plot may
    gain under its planned ratio (plots,), m²: at least 0 (what stands above its cap may stay), NaN where unknown.
    """
    buildings, plots = city["buildings"], city["plots"]
    plot = city.positions("buildings", "plot_id")
    existing = np.nan_to_num(buildings["floor_area_m2"].to_numpy(dtype=float, na_value=np.nan))
    change = options.floor_after - options.floor_before
    at, column, value = [], [], []
    own = options.objects.kind[options.object] != ESTATE
    moved = np.flatnonzero(own & (np.abs(change) > 1e-6))
    at.append(plot[options.objects.building[options.object[moved]]])
    column.append(moved)
    value.append(change[moved])
    for option_rows in _by_object(options, np.flatnonzero(~own & (options.demolished > 0))):
        gone = loose_illegal(city, options, int(options.object[option_rows[0]]))
        for option in option_rows:
            at.append(plot[gone])
            column.append(np.full(gone.size, option))
            value.append(-existing[gone])
    cells = (np.concatenate(value), (np.concatenate(at), np.concatenate(column)))
    matrix = sparse.csr_array(sparse.coo_array(cells, shape=(len(plots), len(options))))
    denser = np.arange(len(plots)) if every else np.unique(cells[1][0][cells[0] > 0]).astype(np.int64)
    area = plots.geometry.area.to_numpy(float)
    cap = plots["far_cap"].to_numpy(dtype=float, na_value=np.nan) * area
    standing = np.bincount(plot, weights=existing, minlength=len(plots))
    return denser, matrix[denser, :], np.maximum(cap - standing, 0.0)[denser]


def _by_object(options: Options, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return rows of options split by their object."""
    if not rows.size:
        return []
    order = rows[np.argsort(options.object[rows], kind="stable")]
    return list(np.split(order, np.flatnonzero(np.diff(options.object[order])) + 1))


def loose_illegal(city: City, options: Options, estate_object: int) -> NDArray[np.int64]:
    """Return the rows of the illegal buildings without homes that an estate removes."""
    objects = options.objects
    plot = city.positions("buildings", "plot_id")
    estate = city.positions("plots", "estate_id")[plot]
    block = city.positions("plots", "block_id")[plot]
    place = np.where(estate >= 0, estate, len(city["estates"]) + block)
    member = objects.building[objects.members[objects.estate[objects.members] == estate_object]]
    illegal = city["buildings"]["illegal"].to_numpy(dtype=float, na_value=np.nan) == 1
    inhabited = np.zeros(len(plot), bool)
    inhabited[objects.building[objects.members]] = True
    return np.flatnonzero(illegal & ~inhabited & np.isin(place, np.unique(place[member])))
