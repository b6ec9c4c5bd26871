"""A year of residents' requests in a synthetic quarter, each about a fault that the place really has."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.columns import ids
from hutong.city.quarter_facilities import furniture
from hutong.city.quarter_layout import DANWEI, HUTONG
from hutong.rng import generator


def _faults(
    buildings: gpd.GeoDataFrame, kind: np.ndarray, managed: np.ndarray, illegal: np.ndarray
) -> dict[str, np.ndarray]:
    """Return, for each word of ``quarter.yaml``, which buildings have that fault."""
    walk_up = ~buildings["lift"].to_numpy(dtype=bool) & (buildings["storeys"].to_numpy() >= 4)
    return {
        "leaking": buildings["cond_envelope"].to_numpy() >= 3,
        "old_pipes": buildings["cond_pipes"].to_numpy() >= 3,
        "walk_up": walk_up,
        "short_of_parking": (kind == DANWEI) | (kind == HUTONG),
        "cold": ~buildings["insulated"].to_numpy(dtype=bool),
        "no_toilet": kind == HUTONG,
        "near_illegal": illegal,
        "fire_risk": buildings["cond_fire"].to_numpy() >= 3,
        "dangerous": buildings["cond_structure"].to_numpy() >= 4,
        "unmanaged": ~managed,
        "anywhere": np.ones(len(buildings), bool),
        "hard_access": buildings["cond_access"].to_numpy() >= 3,
    }


def requests(
    buildings: gpd.GeoDataFrame,
    kind: np.ndarray,
    estate: np.ndarray,
    estates: gpd.GeoDataFrame,
    date: str,
    seed: int,
) -> gpd.GeoDataFrame:
    """Return the requests of the year before ``date``.

    Parameters
    ----------
    buildings
        With ``dwellings`` and ``name`` beside the columns of the snapshot.
    kind
        Kind of block of each building.
    estate
        Row of each building's estate (-1: none).
    """
    rng = generator(seed, "quarter requests")
    spec = furniture()["requests"]
    homes = buildings["dwellings"].to_numpy().astype(float)
    ruled = estates["property_managed"].to_numpy(dtype=bool)[estate] & (estate >= 0)
    with_illegal = np.unique(estate[buildings["illegal"].to_numpy(dtype=bool)])
    faults = _faults(buildings, kind, ruled, np.isin(estate, with_illegal[with_illegal >= 0]))
    weight = np.stack([faults[k["where"]] * homes * k["weight"] for k in spec["kinds"]])
    count = int(min(spec["most"], round(homes.sum() * spec["per_dwelling"])))
    edges = np.cumsum(weight.reshape(-1))
    cell = np.searchsorted(edges, rng.random(count) * edges[-1], side="right")
    topic, building = cell // len(buildings), cell % len(buildings)
    opened = _times(topic, spec["kinds"], pd.Timestamp(date, tz="UTC"), rng)
    wait = np.ceil(rng.exponential(spec["days"], count)).astype("timedelta64[D]")
    closed = opened + wait
    closed[closed >= np.datetime64(date)] = np.datetime64("NaT")
    done = ~np.isnat(closed)
    resolved = pd.array(rng.random(count) < spec["resolved"], dtype="boolean")
    pleased = pd.array(rng.random(count) < np.where(resolved, spec["satisfied"], 0.15), dtype="boolean")
    resolved[~done], pleased[~done] = pd.NA, pd.NA
    place = (
        estates["name"].astype("object").to_numpy()[estate[building]]
        + buildings["name"].astype("object").to_numpy()[building]
    )
    order = np.argsort(opened, kind="stable")
    frame = pd.DataFrame(
        {
            "time": pd.DatetimeIndex(opened).tz_localize("UTC"),
            "category": np.array([k["category"] for k in spec["kinds"]], dtype=object)[topic],
            "text": _texts(topic, place, spec["kinds"], rng),
            "closed": pd.DatetimeIndex(closed).tz_localize("UTC"),
            "resolved": resolved,
            "satisfied": pleased,
        }
    ).iloc[order].reset_index(drop=True)  # fmt: skip
    frame.insert(0, "request_id", ids("r", count, 6))
    points = shapely.point_on_surface(buildings.geometry.to_numpy()[building[order]])
    return gpd.GeoDataFrame(frame, geometry=points, crs=buildings.crs)


def _times(
    topic: np.ndarray, kinds: list[dict[str, Any]], end: pd.Timestamp, rng: np.random.Generator
) -> np.ndarray:
    """Return when each request came, in working hours of the year before ``end``, in its season."""
    days = pd.date_range(end - pd.DateOffset(years=1), end, inclusive="left")
    out = np.empty(len(topic), "datetime64[us]")
    for number, spec in enumerate(kinds):
        rows = topic == number
        season = days[days.month.isin(spec["months"])] if "months" in spec else days
        day = (
            season.tz_localize(None)
            .to_numpy()
            .astype("datetime64[us]")[rng.integers(0, len(season), int(rows.sum()))]
        )
        minute = rng.integers(7 * 60, 22 * 60, int(rows.sum())).astype("timedelta64[m]")
        out[rows] = day + minute - np.timedelta64(8, "h")  # Beijing hours told in UTC
    return out


def _texts(
    topic: np.ndarray, place: np.ndarray, kinds: list[dict[str, Any]], rng: np.random.Generator
) -> np.ndarray:
    which = rng.integers(0, 1 << 30, len(topic))
    words = [kinds[t]["texts"] for t in topic]
    return np.array(
        [texts[w % len(texts)].format(place=p) for texts, w, p in zip(words, which, place, strict=True)],
        dtype=object,
    )
