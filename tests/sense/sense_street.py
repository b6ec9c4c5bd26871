"""A hand-made street: six nodes 200 m apart, an estate at its west end, homes without an estate at its east end."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box

from hutong.city import City, Meta, Provenance, schema
from hutong.text import Text

CRS = "EPSG:4548"
EAST, NORTH = 500_000.0, 4_400_000.0


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def area(x0: float, y0: float, x1: float, y1: float):
    return box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the street; tests change what they are about."""

    def shapes(rows: dict[str, Any]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)

    nodes = [at(200 * i, 0) for i in range(6)]
    return {
        "blocks": shapes({"block_id": ["k1"], "name": ["东街"], "geometry": [area(-100, -200, 1100, 200)]}),
        "estates": shapes(
            {
                "estate_id": ["e1"],
                "block_id": ["k1"],
                "name": ["西里"],
                "kind": ["danwei"],
                "property_managed": [False],
                "parking_spaces": [2.0],
                "geometry": [area(-50, -100, 450, 100)],
            }
        ),
        "plots": shapes(
            {
                "plot_id": ["p1", "p2"],
                "block_id": ["k1", "k1"],
                "estate_id": ["e1", None],
                "geometry": [area(-50, -100, 450, 100), area(450, -100, 1050, 100)],
            }
        ),
        "buildings": shapes(
            {
                "building_id": ["b1", "b2", "b3", "b4"],
                "plot_id": ["p1", "p1", "p2", "p2"],
                "use": ["residential", "residential", "residential", "office"],
                "storeys": [6.0, 5.0, 1.0, 3.0],
                "lift": [False, True, False, False],
                "insulated": [False, None, True, False],
                "pipe_year": [2000.0, 2020.0, 2006.0, None],
                "cond_structure": [3.0, 2.0, None, 4.0],
                "geometry": [area(x - 10, 20, x + 10, 40) for x in (50, 350, 700, 950)],
            }
        ),
        "staircases": pd.DataFrame(
            {
                "staircase_id": ["s1", "s2"],
                "building_id": ["b1", "b2"],
                "storeys": [6.0, None],
                "lift": [False, None],
            }
        ),
        "dwellings": pd.DataFrame(
            {
                "dwelling_id": ["d1", "d2", "d3", "d4", "d5"],
                "building_id": ["b1", "b1", "b2", "b3", "b3"],
                "staircase_id": ["s1", "s1", "s2", None, None],
                "storey": [1.0, 6.0, 5.0, 1.0, 1.0],
                "residents": [2.0, 3.0, 4.0, 1.0, None],
                "elders": [1.0, 2.0, 0.0, 1.0, None],
                "children": [0.0, 1.0, 2.0, 0.0, None],
                "own_kitchen": [True, True, True, False, None],
                "own_toilet": [True, True, None, None, None],
            }
        ),
        "facilities": shapes(
            {
                "facility_id": ["f1", "f2", "f3"],
                "kind": ["clinic", "park", "elderly_care"],
                "area_m2": [None, 500.0, None],
                "floor_area_m2": [None, None, None],
                "geometry": [at(100, -20), at(900, 10), at(390, 0)],
            }
        ),
        "street_nodes": shapes({"node_id": list(range(6)), "geometry": nodes}),
        "streets": shapes(
            {
                "street_id": list(range(5)),
                "from_node": list(range(5)),
                "to_node": list(range(1, 6)),
                "length_m": [200.0] * 5,
                "kind": ["street"] * 5,
                "geometry": [LineString([nodes[i], nodes[i + 1]]) for i in range(5)],
            }
        ),
        "requests": shapes(
            {
                "request_id": ["r1", "r2", "r3"],
                "time": pd.to_datetime(["2025-03-01"] * 3, utc=True),
                "resolved": [True, False, None],
                "geometry": [at(0, 10), None, at(900, 0)],
            }
        ),
    }


def build(changed: dict[str, pd.DataFrame], origin: str = "observed") -> City:
    """Build the street's city; every column has one origin."""
    provenance = {
        name: {column: Provenance(origin, "test") for column in schema().tables[name].columns}
        for name in changed
    }
    meta = Meta(name="street", title=Text("一条街", "A street"), date="2026-01-01", crs=CRS)
    return City.build(meta, changed, provenance)
