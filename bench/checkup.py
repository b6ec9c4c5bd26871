"""The whole checkup of a synthetic district: 100,000 buildings, 500,000 dwellings, about 500,000 street nodes.

    .venv/bin/python bench/checkup.py [--dwellings 500000] [--buildings 100000] [--nodes 500000]

A synthetic quarter has fewer, larger buildings and fewer crossings: its slabs are cut into parts along their longer
side and its streets at even distances until both numbers are reached. Prints seconds and peak memory.
"""

from __future__ import annotations

import argparse
import resource
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city import City, Provenance, make_quarter, schema
from hutong.rules import load_rules
from hutong.sense import checkup, walking_access
from hutong.sense.national import KNOWN, LAST_BELOW_CITY, national_table
from hutong.sense.survey_items import survey_forms

KINDS = (
    "kindergarten", "primary_school", "middle_school", "clinic", "elderly_care", "fresh_market", "convenience", "park",
    "sports", "bus_stop",
)  # fmt: skip
CUTOFF_M = 1200.0


def cut_streets(city: City, nodes: int) -> City:
    """Return a city whose streets are cut at even distances until there are about so many nodes."""
    streets, points = city["streets"], city["street_nodes"]
    length = streets["length_m"].to_numpy(np.float64)
    step = length.sum() / max(nodes - len(points), 1)
    pieces = np.maximum(1, np.round(length / step)).astype(np.int64)
    street = np.repeat(np.arange(len(streets)), pieces)
    part = np.arange(len(street)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    a = shapely.get_point(streets.geometry.to_numpy(), 0)[street]
    b = shapely.get_point(streets.geometry.to_numpy(), -1)[street]
    start, end = shapely.get_coordinates(a), shapely.get_coordinates(b)
    low, high = (part / pieces[street])[:, None], ((part + 1) / pieces[street])[:, None]
    p, q = start + (end - start) * low, start + (end - start) * high
    first, last = part == 0, part == pieces[street] - 1
    fresh = np.cumsum(~last) - 1 + len(points)
    tail = np.where(first, city.positions("streets", "from_node")[street], np.roll(fresh, 1))
    head = np.where(last, city.positions("streets", "to_node")[street], fresh)
    inner = gpd.GeoDataFrame(
        {"node_id": np.arange(len(points), len(points) + int((~last).sum()))},
        geometry=shapely.points(q[~last]),
        crs=points.crs,
    )
    old = points.assign(node_id=np.arange(len(points)))
    lines = gpd.GeoDataFrame(
        {
            "street_id": np.arange(len(street)),
            "from_node": tail,
            "to_node": head,
            "length_m": length[street] / pieces[street],
            "kind": streets["kind"].to_numpy()[street],
        },
        geometry=shapely.linestrings(np.stack([p, q], axis=1)),
        crs=streets.crs,
    )
    return with_tables(city, streets=lines, street_nodes=pd.concat([old, inner], ignore_index=True))


def cut_buildings(city: City, buildings: int) -> City:
    """Return a city whose buildings are cut into bands until there are so many; homes move to the bands in turn."""
    table = city["buildings"]
    pieces = np.full(len(table), buildings // len(table))
    pieces[: buildings - pieces.sum()] += 1
    row = np.repeat(np.arange(len(table)), pieces)
    part = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    box = shapely.bounds(table.geometry.to_numpy())[row]
    width = (box[:, 2] - box[:, 0]) / pieces[row]
    west = box[:, 0] + part * width
    bands = shapely.box(west, box[:, 1], west + width, box[:, 3])
    made = table.iloc[row].reset_index(drop=True)
    made["building_id"] = made["building_id"] + "-" + pd.Series(part.astype(str))
    made["floor_area_m2"] = np.maximum(1.0, made["floor_area_m2"].to_numpy() / pieces[row])
    made = made.set_geometry(gpd.GeoSeries(bands, crs=table.crs))
    begin = np.cumsum(pieces) - pieces
    ids = made["building_id"].to_numpy(dtype=object)
    dwellings = city["dwellings"]
    at = city.positions("dwellings", "building_id")
    chosen = begin[at] + np.arange(len(dwellings)) % pieces[at]
    homes = dwellings.assign(building_id=ids[chosen], staircase_id=None)
    stairs = city["staircases"]
    moved = stairs.assign(building_id=ids[begin[city.positions("staircases", "building_id")]])
    return with_tables(city, buildings=made, dwellings=homes, staircases=moved)


def surveyed(city: City) -> City:
    """Return a city in which every survey item of the national check was answered, so that all 31 can be computed."""
    parts = []
    for form in survey_forms().values():
        ids = city[form.table][schema().tables[form.table].key].astype(str)
        for item in (i for i in form.items if not i.column):
            value = (np.arange(len(ids)) % 7 == 0).astype(float)
            rows = {"object_table": form.table, "object_id": ids, "item": item.name, "value": value}
            parts.append(pd.DataFrame(rows))
    table = pd.concat(parts, ignore_index=True)
    table["time"], table["source"] = pd.Timestamp("2025-12-01", tz="UTC"), "bench"
    return with_tables(city, survey=table)


def with_tables(city: City, **tables: pd.DataFrame) -> City:
    provenance = {k: dict(v) for k, v in city.provenance.items()}
    for name in tables:
        provenance[name] = {c: Provenance("assumed", "synthetic") for c in schema().tables[name].columns}
    return City.build(city.meta, {**city.tables, **tables}, provenance)


def peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dwellings", type=int, default=500_000)
    arguments.add_argument("--buildings", type=int, default=100_000)
    arguments.add_argument("--nodes", type=int, default=500_000)
    given = arguments.parse_args()
    rules = load_rules("beijing")
    checkup(make_quarter(300, seed=1), rules)  # compile before timing
    city = make_quarter(given.dwellings, seed=1, titles=False)
    city = surveyed(cut_buildings(cut_streets(city, given.nodes), given.buildings))
    sizes = ", ".join(f"{len(city[t]):,} {t}" for t in ("buildings", "dwellings", "street_nodes", "streets"))
    print(f"{sizes}; peak {peak_gb():.2f} GB before the check")

    start, cpu = time.perf_counter(), time.process_time()
    walking_access(city, KINDS, CUTOFF_M)
    print(
        f"access, {len(KINDS)} kinds, {CUTOFF_M:g} m: {time.perf_counter() - start:6.2f} s   {time.process_time() - cpu:6.2f} CPU-s"
    )

    start, cpu = time.perf_counter(), time.process_time()
    check = checkup(city, rules)
    table = national_table(check)
    print(
        f"checkup, {len(check.indicators)} indicators:  {time.perf_counter() - start:6.2f} s   {time.process_time() - cpu:6.2f} CPU-s"
    )
    known = int((table["status"].head(LAST_BELOW_CITY) == KNOWN).sum())
    print(
        f"known of the {LAST_BELOW_CITY} below city scale: {known}; findings: {len(check.findings):,}; peak {peak_gb():.2f} GB"
    )


if __name__ == "__main__":
    main()
