"""The ground of a synthetic quarter: blocks, estates, plots and buildings, drawn and described."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc
import shapely

from hutong.city.columns import codes_of, ids, pick, text_column
from hutong.city.quarter_facilities import furniture
from hutong.city.quarter_layout import CIVIC, COMMODITY, DANWEI, HUTONG, SUPERBLOCK_ROWS, Layout
from hutong.city.quarter_parts import BOX, CORNER, OPEN, RING, TWO_YARDS, Blocks
from hutong.rng import generator

KIND_NAMES = np.array(["hutong", "danwei", "commodity", "civic"])
#: Height caps in m by kind of block (the old city's is law; the rest is assumed).
HEIGHT_CAPS_M = np.array([9.0, 24.0, 100.0, 18.0])
HERITAGE_GRADES = {"none": 0.4, "traditional": 0.45, "historic": 0.12, "protected": 0.03}
#: Share of work-unit slabs that are simple, dangerous buildings; of all buildings, those renewed lately (assumptions).
DANGEROUS, RENEWED = 0.06, 0.15


def draw(layout: Layout, frame: pd.DataFrame) -> np.ndarray:
    """Return the polygons of boxes in metres; courtyards follow their plan."""
    cell = frame["cell"].to_numpy()
    w, h = layout.width_m[cell], layout.height_m[cell]
    box = frame[BOX].to_numpy() / np.stack([w, h, w, h], axis=1)
    shapes = layout.polygons(cell, box)
    if "yard" in frame.columns:
        for plan in (RING, TWO_YARDS, OPEN, CORNER):
            rows = np.flatnonzero(frame["yard"].to_numpy() == plan)
            shell, holes = _plan(plan, frame.iloc[rows])
            rings = [
                _rings(layout, cell[rows], box[rows], ring, frame.iloc[rows]) for ring in (shell, *holes)
            ]
            shapes[rows] = shapely.polygons(rings[0], holes=np.stack(rings[1:], axis=1) if holes else None)
    return shapes


def _plan(plan: int, yard: pd.DataFrame) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the shell and the holes of a plan in the unit square, each of shape (n, corners, 2)."""
    x0, y0, x1, y1 = (yard[c].to_numpy() for c in ("hx0", "hy0", "hx1", "hy1"))
    zero, one = np.zeros(len(yard)), np.ones(len(yard))

    def corners(*points: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return np.stack([np.stack(point, axis=-1) for point in points], axis=1)

    square = corners((zero, zero), (one, zero), (one, one), (zero, one))
    if plan == RING:
        return square, [corners((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    if plan == TWO_YARDS:
        front, back = (0.16 + 0 * x0, 0.36 + 0 * x0), (0.52 + 0 * x0, 0.52 + 0.3 * (y1 - y0) + 0.12)
        return square, [corners((x0, a), (x1, a), (x1, b), (x0, b)) for a, b in (front, back)]
    if plan == OPEN:
        return corners(
            (zero, zero), (x0, zero), (x0, y1), (x1, y1), (x1, zero), (one, zero), (one, one), (zero, one)
        ), []
    return corners(
        (zero, zero), (one, zero), (one, y0 + 0.12), (x0 + 0.12, y0 + 0.12), (x0 + 0.12, one), (zero, one)
    ), []


def _rings(
    layout: Layout, cell: np.ndarray, box: np.ndarray, unit: np.ndarray, yard: pd.DataFrame
) -> np.ndarray:
    """Return rings given in the unit square of each box, flipped as the yard is."""
    flips = np.stack([yard["flip_x"].to_numpy(dtype=bool), yard["flip_y"].to_numpy(dtype=bool)], axis=1)
    unit = np.where(flips[:, None, :], 1 - unit, unit)
    uv = box[:, None, :2] + unit * (box[:, None, 2:] - box[:, None, :2])
    uv = np.concatenate([uv, uv[:, :1]], axis=1)
    cells = np.repeat(cell[:, None], uv.shape[1], axis=1)
    return np.asarray(shapely.linearrings(layout.place(cells, uv[..., 0], uv[..., 1])))


def ground(
    layout: Layout, blocks: list[Blocks], crs: str, year_now: int, seed: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, np.ndarray, np.ndarray]:
    """Return plots, buildings, and the cell and plot row of each building.

    Plots carry their ``cell``; buildings carry stairs, landing and dwellings beside the snapshot's columns.
    """
    offsets = np.cumsum([0, *(len(b.plots) for b in blocks[:-1])])
    plots = pd.concat([b.plots for b in blocks], ignore_index=True)
    built = pd.concat(
        [b.buildings.assign(plot=b.buildings["plot"] + o) for b, o in zip(blocks, offsets, strict=True)],
        ignore_index=True,
    )
    cell, plot = built["cell"].to_numpy(), built["plot"].to_numpy()
    land = gpd.GeoDataFrame(plots.drop(columns=BOX), geometry=draw(layout, plots), crs=crs)
    land["plot_id"] = ids("p", len(land))
    buildings = _describe(built, draw(layout, built), layout.kind[cell], crs, year_now, seed)
    buildings["plot_id"] = pick(land["plot_id"], plot)
    buildings["name"] = _building_names(buildings, cell)
    floor = np.bincount(plot, weights=buildings["floor_area_m2"], minlength=len(land))
    return _plot_rules(layout, land, floor), buildings, cell, plot


def _describe(
    built: pd.DataFrame, shapes: np.ndarray, kind: np.ndarray, crs: str, year_now: int, seed: int
) -> gpd.GeoDataFrame:
    rng = generator(seed, "quarter buildings")
    n = len(built)
    home = (built["use"] == "residential").to_numpy()
    court = (built["form"] == "courtyard").to_numpy()
    old_slab = home & (kind == DANWEI)
    storeys = built["storeys"].to_numpy()
    year = _built_year(built["cell"].to_numpy(), kind, court, home, rng)
    lift = home & (storeys > 7)
    renewed = rng.random(n) < RENEWED
    age = year_now - year
    worn = np.clip(1 + age / 28, 1, 3.3)
    danger = old_slab & (year < 1980) & (rng.random(n) < DANGEROUS * 2)
    if old_slab.any() and not danger.any():
        danger[np.flatnonzero(old_slab)[np.argmin(year[old_slab])]] = True

    def grade(mean: np.ndarray, most: float = 4.0) -> np.ndarray:
        return np.clip(np.rint(mean + rng.normal(0, 0.5, n)), 1, most)

    grades = list(HERITAGE_GRADES)
    heritage = np.where(court, codes_of(HERITAGE_GRADES, grades, rng.random(n)), 0)
    structure = np.where(court, "brick_timber", np.where(storeys > 7, "shear_wall", "brick_concrete"))
    table = {
        "building_id": ids("b", n),
        "use": built["use"],
        "form": built["form"],
        "storeys": storeys,
        "height_m": np.round(np.where(court, 4.2, storeys * np.where(home, 2.8, 3.6) + 0.6), 1),
        "floor_area_m2": np.round(shapely.area(shapes) * storeys, 1),
        "built_year": year,
        "structure": np.where(court & (rng.random(n) < 0.3), "timber", structure),
        "heritage_grade": pd.Categorical.from_codes(heritage, categories=grades),
        "lift": lift,
        "insulated": np.where(kind == COMMODITY, year >= 2004, old_slab & renewed),
        "heating": np.where(court, np.where(rng.random(n) < 0.85, "electric", "coal"), "central"),
        "illegal": built["illegal"].to_numpy(dtype=bool),
        "pipe_year": np.where(renewed, np.maximum(year, 2012), np.maximum(year, 1965)),
        "cond_structure": np.where(danger, 4.0, grade(np.minimum(worn, 2.7), 3.0)),
        "cond_envelope": grade(worn),
        "cond_pipes": grade(np.where(renewed, 1.4, worn)),
        "cond_fire": grade(np.where(court, 3.1, np.where(old_slab, 2.5, 1.7))),
        "cond_access": grade(np.where(court, 2.8, np.where(lift, 1.5, 2.7))),
        **{c: built[c].to_numpy() for c in ("stairs", "landing", "dwellings")},
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def _built_year(
    cell: np.ndarray, kind: np.ndarray, court: np.ndarray, home: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return years: courtyards before 1950, work units 1955–1995, commodity estates 1998–2015, one phase per block."""
    n, cells = len(cell), int(cell.max()) + 1
    unit = rng.integers(1955, 1991, cells)[cell] + rng.integers(0, 5, n)
    estate = rng.integers(1998, 2012, cells)[cell] + rng.integers(0, 4, n)
    other = rng.integers(1972, 2008, n)
    year = np.where(court, rng.integers(1890, 1950, n), np.where(kind == COMMODITY, estate, other))
    return np.where(home & (kind == DANWEI), unit, year).astype(np.float64)


def _building_names(buildings: pd.DataFrame, cell: np.ndarray) -> pd.Series:
    """Return names such as 3号楼 and 12号院, numbered within each block; other buildings have none."""
    home = buildings["dwellings"].to_numpy() > 0
    rank = pd.Series(cell[home]).groupby(cell[home]).cumcount().to_numpy() + 1
    ends = np.where((buildings["form"] == "courtyard").to_numpy()[home], "号院", "号楼")
    words = text_column(
        pc.binary_join_element_wise(
            pc.cast(arrow.array(rank), arrow.string()), arrow.array(ends.astype(object)), ""
        )
    )
    row = np.full(len(buildings), -1)
    row[home] = np.arange(int(home.sum()))
    return pick(words, row)


def _plot_rules(layout: Layout, plots: gpd.GeoDataFrame, floor: np.ndarray) -> gpd.GeoDataFrame:
    """Return the plots with block, estate, caps and zones: what stands is the cap in the old city."""
    cell = plots["cell"].to_numpy()
    kind = layout.kind[cell]
    old = kind == HUTONG
    far = floor / plots.geometry.area.to_numpy()
    reserved = plots["reserved"].to_numpy(dtype=bool)
    plots["block_id"] = pick(ids("k", len(layout.kind), 6), cell)
    plots["estate_id"] = pick(
        ids("e", len(layout.kind), 6), np.where(plots["in_estate"].astype(bool), cell, -1)
    )
    plots["far_cap"] = np.where(reserved, 0.0, np.ceil(np.where(old, far, np.maximum(far, 1.0)) * 100) / 100)
    plots["height_cap_m"] = HEIGHT_CAPS_M[kind]
    plots["heritage"] = np.where(
        old, np.where(layout.row[cell] % SUPERBLOCK_ROWS == 0, "historic_block", "control_zone"), "none"
    )
    plots["old_city"] = old
    plots["reserved"] = reserved
    return plots.drop(columns="in_estate")


def _names(word: str, count: int, rng: np.random.Generator) -> list[str]:
    """Return ``count`` invented place names, the first ones without a number."""
    spec = furniture()["names"][word]
    pairs = np.array([a + b for a in spec["first"] for b in spec["second"]])
    pairs = pairs[rng.permutation(len(pairs))]
    numbers = ["", *(f"（{k}）" for k in range(2, count // len(pairs) + 2))]
    return [f"{pairs[k % len(pairs)]}{spec['last']}{numbers[k // len(pairs)]}" for k in range(count)]


def places(
    layout: Layout, homes: np.ndarray, crs: str, seed: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return blocks (one per cell) and estates (one per block that is lived in).

    Parameters
    ----------
    homes
        Number of dwellings in each cell.
    """
    rng = generator(seed, "quarter places")
    cells = np.arange(len(layout.kind))
    shapes = layout.polygons(cells, layout.inner)
    block_ids = ids("k", len(cells), 6)
    blocks = gpd.GeoDataFrame(
        {"block_id": block_ids, "name": _names("block", len(cells), rng)}, geometry=shapes, crs=crs
    )
    lived = np.flatnonzero(layout.kind != CIVIC)
    kind = layout.kind[lived]
    names = np.empty(len(lived), object)
    for code in (HUTONG, DANWEI, COMMODITY):
        names[kind == code] = _names(str(KIND_NAMES[code]), int((kind == code).sum()), rng)
    per_home = np.array([0.02, 0.16, 0.55])[kind] * rng.uniform(0.7, 1.3, len(lived))
    estates = gpd.GeoDataFrame(
        {
            "estate_id": pick(ids("e", len(cells), 6), lived),
            "block_id": pick(block_ids, lived),
            "name": names,
            "kind": KIND_NAMES[kind],
            "property_managed": np.where(
                kind == COMMODITY, True, rng.random(len(lived)) < np.array([0.1, 0.45, 1])[kind]
            ),
            "parking_spaces": np.rint(homes[lived] * per_home),
        },
        geometry=shapes[lived],
        crs=crs,
    )
    return blocks, estates
