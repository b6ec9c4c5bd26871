"""A synthetic quarter: invented ground and buildings, households after published margins, any size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.city.margins import read_margins
from hutong.city.meta import check_date
from hutong.city.quarter_facilities import facilities
from hutong.city.quarter_ground import KIND_NAMES, ground, places
from hutong.city.quarter_layout import CIVIC, COMMODITY, DANWEI, HUTONG, Layout, make_layout
from hutong.city.quarter_new import civics, commodities
from hutong.city.quarter_old import danweis, hutongs
from hutong.city.quarter_parts import Blocks
from hutong.city.quarter_people import house
from hutong.city.quarter_requests import requests
from hutong.city.quarter_streets import make_streets
from hutong.city.quarter_titles import titles as make_titles
from hutong.city.schema import schema
from hutong.city.snapshot import City, Meta, Provenance, Source
from hutong.errors import HutongError
from hutong.rng import generator
from hutong.text import Text

CRS_CODE = "EPSG:4548"
FEWEST, MOST = 300, 8_000_000
#: Shares of dwellings in hutongs and work-unit slabs; commodity estates hold the rest (assumption).
SHARE_HUTONG, SHARE_DANWEI = 0.22, 0.33
HOUSEHOLDS_PER_COURTYARD = 7.3
FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS = 4, 12
#: District whose margins the households follow.
DISTRICT = "110102"
SYNTHETIC = Source("synthetic", "虚构街区 · Fictional quarter made by Hutong", "CC0-1.0")
NOTE = "虚构街区：仅住户结构按普查分布抽取，其余均为假设。 Fictional: only the households follow the census; all else is assumed."
CENSUS_COLUMNS = ("occupancy", "residents", "elders", "children", "own_kitchen", "own_toilet")


#: What a made-up quarter is called where no title is given.
FICTIONAL = Text("虚构街区", "Fictional quarter")


def make_quarter(
    dwellings: int = 1200,
    seed: int = 1,
    name: str = "quarter",
    title: Text | None = None,
    date: str = "2026-01-01",
    titles: bool = True,
) -> City:
    """Return a fictional, complete quarter with exactly so many dwellings.

    Ground, buildings and conditions are invented (origin ``assumed``, source ``synthetic``). Households,
    kitchens and toilets are drawn from the 2020 census margins of Xicheng (``imputed``, ``census2020``).

    Parameters
    ----------
    dwellings
        300 to 8,000,000.
    seed
        The same seed gives the same quarter, byte for byte.
    date
        Day of the snapshot (ISO).
    titles
        Whether to make the table of titles, one row per dwelling; without it millions of dwellings need
        a fifth less memory.

    Raises
    ------
    HutongError
        ``quarter-size`` if the number of dwellings is out of range; ``bad-date``.
    """
    if not FEWEST <= dwellings <= MOST:
        raise HutongError(
            "quarter-size",
            Text(
                f"虚构街区不能有 {dwellings} 套住房。",
                f"A synthetic quarter cannot have {dwellings} dwellings.",
            ),
            Text(f"请给出 {FEWEST:,} 至 {MOST:,} 之间的数。", f"Give a number from {FEWEST:,} to {MOST:,}."),
        )
    check_date(date)
    meta = Meta(
        name=name,
        title=title or FICTIONAL,
        date=date,
        crs=CRS_CODE,
        sources=(SYNTHETIC, read_margins(DISTRICT).source),
        notes=(NOTE,),
        recipe={"maker": "quarter", "dwellings": dwellings, "seed": seed, "district": DISTRICT},
    )
    tables = _tables(make_layout(dwellings, seed), dwellings, seed, date, titles)
    return City.build(meta, tables, _provenance(tables))


def _tables(layout: Layout, total: int, seed: int, date: str, with_titles: bool) -> dict[str, pd.DataFrame]:
    blocks = _fill(layout, total, seed)
    plots, buildings, cell, plot = ground(layout, blocks, CRS_CODE, int(date[:4]), seed)
    kind = layout.kind[cell]
    homes = np.bincount(cell, weights=buildings["dwellings"], minlength=len(layout.kind))
    areas, estates = places(layout, homes, CRS_CODE, seed)
    stairs, rows = house(buildings, KIND_NAMES[kind], DISTRICT, seed)
    ways = pd.concat([b.ways for b in blocks], ignore_index=True)
    crossing = pd.concat([b.crossing for b in blocks], ignore_index=True)
    estate = pd.Index(estates["estate_id"]).get_indexer(pd.Index(plots["estate_id"]))[plot]
    tables: dict[str, pd.DataFrame] = {
        "blocks": areas,
        "estates": estates,
        "facilities": facilities(layout, plots, buildings, cell, seed),
        "requests": requests(buildings, kind, estate, estates, date, seed),
        "plots": plots.drop(columns="cell"),
        "buildings": buildings.drop(columns=["stairs", "landing", "dwellings"]),
        "staircases": stairs,
        "dwellings": rows,
        **make_streets(layout, ways, crossing, CRS_CODE),
    }
    if with_titles:
        tables["titles"] = make_titles(rows, seed)
    return tables


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


def _provenance(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, Provenance]]:
    """Return where each column came from."""
    out = {
        name: {column: Provenance("assumed", "synthetic") for column in schema().tables[name].columns}
        for name in tables
    }
    for column in CENSUS_COLUMNS:
        out["dwellings"][column] = Provenance("imputed", "census2020")
    return out
