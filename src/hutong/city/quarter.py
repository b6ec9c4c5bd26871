"""A synthetic quarter: invented ground and buildings, households after published margins, any size."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.margins import read_margins
from hutong.city.quarter_blocks import BOX, Blocks, civics, commodities, danweis, hutongs
from hutong.city.quarter_layout import CIVIC, COMMODITY, DANWEI, HUTONG, Layout, make_layout
from hutong.city.quarter_people import category, codes_of, dwellings, ids, pick, staircases
from hutong.city.quarter_streets import make_streets
from hutong.city.schema import schema
from hutong.city.snapshot import City, Meta, Provenance, Source
from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text

CRS_CODE = "EPSG:4547"
FEWEST, MOST = 300, 8_000_000
#: Shares of dwellings in hutongs and work-unit slabs; commodity estates hold the rest (assumption).
SHARE_HUTONG, SHARE_DANWEI = 0.22, 0.33
HOUSEHOLDS_PER_COURTYARD = 7.3
FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS = 4, 12
#: District whose margins the households follow.
DISTRICT = "110102"
SYNTHETIC = Source("synthetic", "虚构街区 · Fictional quarter made by Hutong", "CC0-1.0")


def make_quarter(
    dwellings: int = 1200,
    seed: int = 1,
    name: str = "quarter",
    title: Text | None = None,
    date: str = "2026-01-01",
) -> City:
    """Return a fictional, complete quarter with exactly so many dwellings.

    Ground, buildings and conditions are invented (origin ``assumed``, source ``synthetic``). Households, kitchens and toilets
    are drawn from the 2020 census margins of Xicheng (origin ``imputed``, source ``census2020``).

    Parameters
    ----------
    dwellings
        300 to 8,000,000.
    seed
        The same seed gives the same quarter, byte for byte.
    date
        Day of the snapshot (ISO).

    Raises
    ------
    HutongError
        ``quarter-size`` if the number of dwellings is out of range.
    """
    if not FEWEST <= dwellings <= MOST:
        raise HutongError(
            "quarter-size",
            Text(f"虚构街区不能有 {dwellings} 套住房。", f"A synthetic quarter cannot have {dwellings} dwellings."),
            Text(f"请给出 {FEWEST:,} 至 {MOST:,} 之间的数。", f"Give a number from {FEWEST:,} to {MOST:,}."),
        )
    layout = make_layout(dwellings, seed)
    blocks = _fill(layout, dwellings, seed)
    plots, buildings, kind = _ground(layout, blocks, seed)
    tables = _places(layout, plots, seed)
    tables["plots"] = plots.drop(columns=[*BOX, "cell", "in_estate", "land"])
    stairs, first = staircases(buildings)
    tables["staircases"] = stairs
    tables["dwellings"] = dwellings_table(buildings, kind, stairs, first, seed)
    tables["buildings"] = buildings.drop(columns=["stairs", "landing", "dwellings"])
    ways = pd.concat([b.ways for b in blocks], ignore_index=True)
    crossing = pd.concat([b.crossing for b in blocks], ignore_index=True)
    tables |= make_streets(layout, ways, crossing, CRS_CODE)
    margins = read_margins(DISTRICT)
    meta = Meta(
        name=name,
        title=title or Text("虚构街区", "Fictional quarter"),
        date=date,
        crs=CRS_CODE,
        sources=(SYNTHETIC, margins.source),
        notes=("Everything here is invented; only the distribution of households follows the census.",),
        recipe={"maker": "quarter", "dwellings": dwellings, "seed": seed, "district": DISTRICT},
    )
    return City.build(meta, tables, _provenance(tables))


def dwellings_table(
    buildings: pd.DataFrame, kind: np.ndarray, stairs: pd.DataFrame, first: np.ndarray, seed: int
) -> pd.DataFrame:
    """Return the dwellings of the quarter's buildings."""
    return dwellings(buildings, kind, stairs["staircase_id"], first, seed, DISTRICT)


def _fill(layout: Layout, total: int, seed: int) -> list[Blocks]:
    """Fill the cells with blocks so that the dwellings come to ``total`` exactly: courtyards take the rest."""
    rng = generator(seed, "quarter blocks")
    cells = {k: np.flatnonzero(layout.kind == k) for k in (HUTONG, DANWEI, COMMODITY, CIVIC)}
    slabs = danweis(layout, cells[DANWEI], round(total * SHARE_DANWEI), rng)
    left = total - int(slabs.buildings["dwellings"].sum()) - round(total * SHARE_HUTONG)
    estates = commodities(layout, cells[COMMODITY], left, rng)
    rest = total - int(slabs.buildings["dwellings"].sum() + estates.buildings["dwellings"].sum())
    courtyards = max(1, round(rest / HOUSEHOLDS_PER_COURTYARD))
    lanes = hutongs(layout, cells[HUTONG], courtyards, rng)
    court = (lanes.buildings["form"] == "courtyard").to_numpy()
    lanes.buildings.loc[court, "dwellings"] = _households(rest, courtyards, rng)
    return [lanes, slabs, estates, civics(layout, cells[CIVIC], rng)]


def _households(total: int, courtyards: int, rng: np.random.Generator) -> np.ndarray:
    """Return households per courtyard, four to twelve each, that add up to ``total``."""
    count = rng.integers(FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS, courtyards)
    while (gap := total - int(count.sum())) != 0:
        room = count < MOST_HOUSEHOLDS if gap > 0 else count > FEWEST_HOUSEHOLDS
        rows = rng.permutation(np.flatnonzero(room))[: abs(gap)]
        if not len(rows):
            raise ValueError(f"{total} households do not fit into {courtyards} courtyards")
        count[rows] += np.sign(gap)
    return count


def _ground(layout: Layout, blocks: list[Blocks], seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, np.ndarray]:
    """Draw plots and buildings and give them their attributes; also return the kind of block of each building."""
    offsets = np.cumsum([0, *(len(b.plots) for b in blocks[:-1])])
    plots = pd.concat([b.plots for b in blocks], ignore_index=True)
    built = pd.concat(
        [b.buildings.assign(plot=b.buildings["plot"] + o) for b, o in zip(blocks, offsets, strict=True)],
        ignore_index=True,
    )
    # sheds carry no plot of their own: slabs and sheds stand on the home plot of their cell
    plots = gpd.GeoDataFrame(plots, geometry=_draw(layout, plots), crs=CRS_CODE)
    built = gpd.GeoDataFrame(built, geometry=_draw(layout, built), crs=CRS_CODE)
    kind = layout.kind[built["cell"]]
    buildings = _attributes(built, kind, seed)
    plots["plot_id"] = ids("p", len(plots))
    buildings["plot_id"] = pick(plots["plot_id"], built["plot"].to_numpy())
    floor = np.bincount(built["plot"], weights=buildings["floor_area_m2"], minlength=len(plots))
    return _plot_attributes(layout, plots, floor), buildings, kind


def _draw(layout: Layout, frame: pd.DataFrame) -> np.ndarray:
    cell = frame["cell"].to_numpy()
    w, h = layout.width_m[cell], layout.height_m[cell]
    box = frame[BOX].to_numpy() / np.stack([w, h, w, h], axis=1)
    shapes = layout.polygons(cell, box)
    if "hx0" not in frame.columns:
        return shapes
    yard = frame["hx0"].notna().to_numpy()
    outer, share = box[yard], frame.loc[yard, ["hx0", "hy0", "hx1", "hy1"]].to_numpy()
    size = outer[:, 2:] - outer[:, :2]
    hole = np.tile(outer[:, :2], 2) + share * np.tile(size, 2)
    rings = layout.rings(cell[yard], outer), layout.rings(cell[yard], hole)
    shapes[yard] = shapely.polygons(rings[0], holes=rings[1][:, None])
    return shapes


def _attributes(built: gpd.GeoDataFrame, kind: np.ndarray, seed: int) -> gpd.GeoDataFrame:
    """Return the buildings table (with stairs, landing and dwellings beside it)."""
    rng = generator(seed, "quarter buildings")
    n = len(built)
    homes = (built["use"] == "residential").to_numpy()
    court = (built["form"] == "courtyard").to_numpy()
    slab_old = homes & (kind == DANWEI)
    storeys = built["storeys"].to_numpy()
    cell_year = rng.integers(1955, 1993, int(built["cell"].max()) + 1)[built["cell"]]
    year = np.where(
        court, rng.integers(1890, 1950, n),
        np.where(kind == DANWEI, cell_year + rng.integers(0, 4, n),
                 np.where(kind == COMMODITY, rng.integers(1998, 2004, int(built["cell"].max()) + 1)[built["cell"]]
                          + rng.integers(0, 12, n), rng.integers(1975, 2008, n))),
    ).astype(float)  # fmt: skip
    area = built.geometry.area.to_numpy()
    structure = np.where(court, "brick_timber", np.where(storeys > 7, "shear_wall", "brick_concrete"))
    structure = np.where(court & (rng.random(n) < 0.3), "timber", structure)
    age = 2026 - year
    lift = homes & (storeys > 7)
    renewed = rng.random(n) < 0.15
    insulated = np.where(kind == COMMODITY, year >= 2004, slab_old & renewed)
    danger = slab_old & (rng.random(n) < 0.05)

    def grade(mean: np.ndarray) -> np.ndarray:
        return np.clip(np.rint(mean + rng.normal(0, 0.5, n)), 1, 4)

    worn = np.clip(1 + age / 28, 1, 3.4)
    table = gpd.GeoDataFrame(
        {
            "building_id": ids("b", n),
            "use": built["use"],
            "form": built["form"],
            "storeys": storeys,
            "height_m": np.round(np.where(court, 4.2, storeys * np.where(homes, 2.8, 3.6) + 0.6), 1),
            "floor_area_m2": np.round(area * storeys, 1),
            "built_year": year,
            "structure": structure,
            "heritage_grade": np.where(
                court, np.array(["none", "traditional", "historic", "protected"])[codes_of(
                    {"none": 0.4, "traditional": 0.45, "historic": 0.12, "protected": 0.03},
                    ["none", "traditional", "historic", "protected"], rng.random(n))], "none",
            ),
            "lift": lift,
            "insulated": insulated,
            "heating": np.where(court, np.where(rng.random(n) < 0.85, "electric", "coal"), "central"),
            "illegal": built["illegal"].astype(bool),
            "pipe_year": np.where(renewed, np.maximum(year, 2012), np.maximum(year, 1965)),
            "cond_structure": np.where(danger, 4.0, grade(np.minimum(worn, 3.0))),
            "cond_envelope": grade(worn),
            "cond_pipes": grade(np.where(renewed, 1.4, worn)),
            "cond_fire": grade(np.where(court, 3.2, np.where(slab_old, 2.6, 1.8))),
            "cond_access": grade(np.where(court, 3.0, np.where(lift, 1.5, 2.8))),
            "stairs": built["stairs"].to_numpy(),
            "landing": built["landing"].to_numpy(),
            "dwellings": built["dwellings"].to_numpy(),
        },
        geometry=built.geometry.to_numpy(),
        crs=CRS_CODE,
    )  # fmt: skip
    table["form"] = table["form"].where(table["dwellings"] > 0, "other")
    return table


def _plot_attributes(layout: Layout, plots: gpd.GeoDataFrame, floor: np.ndarray) -> gpd.GeoDataFrame:
    cell = plots["cell"].to_numpy()
    kind = layout.kind[cell]
    old = kind == HUTONG
    block_ids, estate_ids = ids("k", len(layout.kind), 6), ids("e", len(layout.kind), 6)
    plots["block_id"] = pick(block_ids, cell)
    plots["estate_id"] = pick(estate_ids, np.where(plots["in_estate"].astype(bool), cell, -1))
    plots["land"] = plots.geometry.area
    far = floor / plots["land"]
    plots["far_cap"] = np.round(np.where(plots["reserved"], 0.0, np.where(old, far, np.maximum(far, 1.0))), 2)
    plots["height_cap_m"] = np.where(old, 9.0, np.where(kind == DANWEI, 24.0, np.where(kind == COMMODITY, 100.0, 18.0)))
    plots["heritage"] = np.where(old, np.where(layout.row[cell] % 2 == 0, "historic_block", "control_zone"), "none")
    plots["old_city"] = old
    plots["reserved"] = plots["reserved"].astype(bool)
    return plots


def _places(layout: Layout, plots: gpd.GeoDataFrame, seed: int) -> dict[str, pd.DataFrame]:
    """Return blocks and estates: one block per cell, one estate per block that is lived in."""
    cells = np.arange(len(layout.kind))
    rng = generator(seed, "quarter places")
    w, h = layout.width_m, layout.height_m
    shapes = layout.polygons(cells, layout.inner)
    blocks = gpd.GeoDataFrame(
        {"block_id": ids("k", len(cells), 6), "name": [f"街区{c + 1}" for c in cells]}, geometry=shapes, crs=CRS_CODE
    )
    lived = layout.kind != CIVIC
    kinds = np.array(["hutong", "danwei", "commodity", "mixed"])[layout.kind]
    del w, h, plots
    estates = gpd.GeoDataFrame(
        {
            "estate_id": ids("e", len(cells), 6),
            "block_id": blocks["block_id"],
            "name": [f"{ {'hutong': '胡同', 'danwei': '大院', 'commodity': '家园'}.get(k, '') }{c + 1}" for c, k in enumerate(kinds)],
            "kind": kinds,
            "property_managed": np.where(layout.kind == COMMODITY, True, rng.random(len(cells)) < 0.4),
            "parking_spaces": np.where(layout.kind == COMMODITY, 200.0, np.where(layout.kind == DANWEI, 40.0, 6.0)),
        },
        geometry=shapes,
        crs=CRS_CODE,
    )[lived].reset_index(drop=True)
    return {"blocks": blocks, "estates": estates}


CENSUS_COLUMNS = ("residents", "elders", "children", "own_kitchen", "own_toilet")


def _provenance(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, Provenance]]:
    """Return where each column came from."""
    out: dict[str, dict[str, Provenance]] = {}
    for name in tables:
        out[name] = {c: Provenance("assumed", "synthetic") for c in schema().tables[name].columns}
    for column in CENSUS_COLUMNS:
        out["dwellings"][column] = Provenance("imputed", "census2020")
    return out


__all__ = ["make_quarter", "category"]
