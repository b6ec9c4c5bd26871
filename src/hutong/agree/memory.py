"""What people are attached to (情感治理): from stories, captions and places they name to a heat of attachment."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from hutong.city import City
from hutong.errors import HutongError
from hutong.text import Text

#: Fewest people near a place before its heat shows (confidence U: a design choice, for privacy and against chance).
LEAST_PEOPLE = 5
#: Distance in metres at which a memory no longer counts for a place (confidence U: a design choice).
RADIUS_M = 60.0
#: What the heat does not say; shown beside every map of it.
LIMITS = Text(
    "只反映讲述者的记忆：没有讲述不等于没有感情；老人、租户和已搬走的人可能讲得少；人数不足处不显示。热度不能代替历史价值评定。",
    "It shows the memories of those who told them: silence is not indifference; elders, tenants and people who have moved "
    "away may be heard less; places with too few people are not shown. It does not replace an appraisal of heritage.",
)


def attachment(
    memories: pd.DataFrame,
    places_xy: ArrayLike,
    radius_m: float = RADIUS_M,
    least_people: int = LEAST_PEOPLE,
) -> pd.DataFrame:
    """Return the heat of attachment at places, each person counting once for each place.

    A kernel density over people instead of points: a person adds to a place the quartic kernel
    (1 − d²/r²)² of the nearest of their memories, and nothing beyond r (Silverman 1986, "Density estimation", eq. 4.5,
    scaled to 1 at d = 0). Who tells ten stories weighs no more than who tells one.

    Parameters
    ----------
    memories
        One row per memory: ``person`` (opaque token), ``x``, ``y`` (metres, the CRS of the city).
    places_xy
        float (places, 2).
    radius_m
        Radius r in metres > 0.
    least_people
        Fewest people within r for a heat to show.

    Returns
    -------
    One row per place: ``people`` (Int64 within r, <NA> where fewer than ``least_people`` but not none), ``density`` (sum
    over people) and ``heat`` (density over the highest density shown, in (0, 1]); NaN where it does not show, which is
    unknown and not 0.

    Raises
    ------
    HutongError
        Naming the memories without a person or position.
    """
    where, person = _read(memories, radius_m, least_people)
    places = np.asarray(places_xy, np.float64).reshape(-1, 2)
    people = np.zeros(len(places), np.int64)
    density = np.zeros(len(places))
    if len(where):
        near = cKDTree(where).query_ball_point(places, radius_m, return_sorted=True)
        for i, found in enumerate(near):
            if found:
                people[i], density[i] = _of_people(where[found], person[found], places[i], radius_m)
    shown = (people >= least_people) & (density > 0)
    density = np.where(shown, density, np.nan)
    top = float(np.max(density[shown])) if shown.any() else np.nan
    counts = pd.array(people, dtype="Int64")
    counts[(people > 0) & (people < least_people)] = pd.NA
    return pd.DataFrame({"people": counts, "density": density, "heat": density / top})


def read_memories(table: pd.DataFrame) -> pd.DataFrame:
    """Return memories read as text: ``person``, ``x``, ``y`` in metres of the city's CRS.

    Raises
    ------
    HutongError
        ``bad-memories`` naming each row without a person or with a position that is no number.
    """
    missing = [c for c in ("person", "x", "y") if c not in table]
    rows = [f"column {c} is missing" for c in missing]
    if not missing:
        out = table[["person", "x", "y"]].copy()
        for name in ("x", "y"):
            out[name] = pd.to_numeric(out[name], errors="coerce").astype(float)
        bad = out.isna().any(axis=1).to_numpy()
        rows = [f"row {i + 2}: no person or position" for i in np.flatnonzero(bad)]
    if rows:
        raise _bad_memories(rows)
    return out


def _bad_memories(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-memories",
        Text("记忆点或参数不合格。", "The memories or settings do not fit."),
        Text(
            "每条须有讲述者代号和坐标（米）；半径大于 0，最少人数不小于 1。",
            "Each has a person and a position in metres; the radius is above 0, the least number of people at least 1.",
        ),
        rows,
    )


def to_appraise(city: City, heat: pd.DataFrame, least: float = 0.5) -> pd.DataFrame:
    """Return buildings that people are attached to and that nothing protects: hints for an appraisal, never a listing.

    Parameters
    ----------
    heat
        As :func:`attachment_of_buildings` gives it.
    least
        Least heat, in (0, 1].

    Returns
    -------
    ``building_id``, ``people``, ``heat`` and ``heritage_grade`` ("" where unknown), the warmest first; buildings graded
    historic or protected, or standing in a historic block, are left out.
    """
    buildings = city["buildings"]
    grade = buildings["heritage_grade"].astype("object").fillna("").to_numpy()
    zone = (
        city["plots"]
        .set_index("plot_id")["heritage"]
        .reindex(buildings["plot_id"])
        .astype("object")
        .to_numpy()
    )
    free = ~np.isin(grade, ["historic", "protected"]) & (zone != "historic_block")
    warm = heat.set_index("building_id").reindex(buildings["building_id"])
    table = pd.DataFrame(
        {
            "building_id": buildings["building_id"].to_numpy(),
            "people": warm["people"].to_numpy(),
            "heat": warm["heat"].to_numpy(float),
            "heritage_grade": grade,
        }
    )
    table = table[free & (table["heat"] >= least).to_numpy()]
    return table.sort_values(["heat", "building_id"], ascending=[False, True], ignore_index=True)


def _of_people(
    where: NDArray[np.float64], person: NDArray[np.int64], place: NDArray[np.float64], radius_m: float
) -> tuple[int, float]:
    squared = ((where - place) ** 2).sum(axis=1) / radius_m**2
    kernel = np.maximum(0.0, 1.0 - squared) ** 2
    who, index = np.unique(person, return_inverse=True)
    best = np.zeros(len(who))
    np.maximum.at(best, index, kernel)
    # summed in order of size, so that the order of the memories cannot change the last digit
    return len(who), float(np.sort(best).sum())


def _read(
    memories: pd.DataFrame, radius_m: float, least_people: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    missing = [f"column {c} is missing" for c in ("person", "x", "y") if c not in memories]
    rows = list(missing)
    if not missing:
        xy = memories[["x", "y"]].to_numpy(np.float64)
        bad = ~np.isfinite(xy).all(axis=1) | memories["person"].isna().to_numpy()
        rows = [f"memory {i}: no person or position" for i in np.flatnonzero(bad)]
    if rows or not radius_m > 0 or least_people < 1:
        raise _bad_memories(rows)
    return xy, pd.factorize(memories["person"].astype(str), sort=True)[0].astype(np.int64)


def attachment_of_buildings(
    city: City,
    memories: pd.DataFrame,
    radius_m: float = RADIUS_M,
    least_people: int = LEAST_PEOPLE,
) -> pd.DataFrame:
    """Return the heat of attachment per building, as a cultural score in [0, 1]; NaN where unknown.

    Parameters
    ----------
    memories
        As for :func:`attachment`; of each, the distance to the middle of the building counts.

    Returns
    -------
    ``building_id`` and the columns of :func:`attachment`, in the order of ``city["buildings"]``.
    """
    middle = city["buildings"].geometry.centroid
    table = attachment(memories, np.column_stack([middle.x, middle.y]), radius_m, least_people)
    table.insert(0, "building_id", city["buildings"]["building_id"].to_numpy())
    return table
