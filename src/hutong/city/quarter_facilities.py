"""Facilities of a synthetic quarter: a plausible supply that falls short of the standards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.columns import ids
from hutong.city.quarter_layout import CIVIC, COMMODITY, DANWEI, HUTONG, Layout
from hutong.city.schema import read_yaml
from hutong.rng import generator

BLOCK_KINDS = {"hutong": HUTONG, "danwei": DANWEI, "commodity": COMMODITY, "civic": CIVIC}
#: The park's plot and the sports ground in its corner.
AREA_OF_PLOT = {"park": 1.0, "sports": 0.15}


@cache
def furniture() -> Mapping[str, Any]:
    """Return the furniture of synthetic quarters (``quarter.yaml``)."""
    text = files("hutong.city").joinpath("data", "quarter.yaml").read_text("utf-8")
    return dict(read_yaml(text))


def facilities(
    layout: Layout, plots: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, cell: np.ndarray, seed: int
) -> gpd.GeoDataFrame:
    """Return the facilities table.

    Parameters
    ----------
    cell
        Cell of each building (plots carry theirs).
    """
    hosts = _hosts(layout, plots, buildings, cell)
    superblocks = int(layout.superblock.max()) + 1
    parts = []
    for kind, spec in furniture()["facilities"].items():
        here = hosts[hosts["at"] == spec["at"]]
        if spec["block"] != "any":
            here = here[here["block"] == BLOCK_KINDS[spec["block"]]]
        rng = generator(seed, f"quarter facility {kind}")
        chosen = _choose(here, _counts(superblocks, spec["per_superblock"]), rng)
        parts.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "capacity": float(spec.get("capacity", np.nan)),
                    "floor_area_m2": float(spec.get("floor_area_m2", np.nan)),
                    "area_m2": np.round(chosen["area"].to_numpy() * AREA_OF_PLOT.get(kind, np.nan), 1),
                    "geometry": shapely.points(
                        chosen[["x", "y"]].to_numpy() + rng.uniform(-2, 2, (len(chosen), 2))
                    ),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "facility_id", ids("f", len(table), 6))
    return gpd.GeoDataFrame(table, geometry="geometry", crs=plots.crs)


def _counts(superblocks: int, expected: float) -> np.ndarray:
    """Return how many each superblock has: whole numbers, spread evenly, with the expected mean."""
    total = np.floor(np.arange(superblocks + 1) * expected + 0.5)
    return np.asarray(np.diff(total).astype(int) if superblocks > 1 else np.array([int(expected + 0.5)]))


def _hosts(
    layout: Layout, plots: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, cell: np.ndarray
) -> pd.DataFrame:
    """Return every place that can hold a facility: buildings by use, green plots, sides of streets and lanes."""
    trade = (buildings["form"] == "other").to_numpy()
    inside = buildings.geometry[trade].centroid
    parts = [
        pd.DataFrame(
            {
                "at": buildings["use"][trade].astype(str),
                "cell": cell[trade],
                "x": inside.x,
                "y": inside.y,
                "area": np.nan,
            }
        )
    ]
    for at, land_use in (("green", "green"), ("playground", "education")):
        open_air = plots[plots["land_use"] == land_use]
        middle = open_air.geometry.centroid
        rows = {
            "at": at,
            "cell": open_air["cell"],
            "x": middle.x,
            "y": middle.y,
            "area": open_air.geometry.area,
        }
        parts.append(pd.DataFrame(rows))
    cells = np.arange(len(layout.kind))
    for at, u, v in (("street", 0.3, 0.02), ("street", 0.02, 0.7), ("lane", 0.5, 0.5), ("lane", 0.5, 0.98)):
        xy = layout.place(cells, np.full(len(cells), u), np.full(len(cells), v))
        parts.append(pd.DataFrame({"at": at, "cell": cells, "x": xy[:, 0], "y": xy[:, 1], "area": np.nan}))
    hosts = pd.concat(parts, ignore_index=True)
    hosts["block"] = layout.kind[hosts["cell"]]
    hosts["superblock"] = layout.superblock[hosts["cell"]]
    return hosts


def _choose(hosts: pd.DataFrame, counts: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return ``counts`` random hosts in each superblock (fewer where there are fewer places)."""
    shuffled = hosts.iloc[rng.permutation(len(hosts))].sort_values("superblock", kind="stable")
    rank = shuffled.groupby("superblock").cumcount().to_numpy()
    return shuffled[rank < counts[shuffled["superblock"]]]
