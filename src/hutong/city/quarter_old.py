"""The old blocks of a synthetic quarter: hutongs with courtyards, work units with slabs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.city.quarter_layout import Layout
from hutong.city.quarter_parts import (
    CORNER,
    OPEN,
    RING,
    TWO_YARDS,
    Blocks,
    building_rows,
    cuts,
    inner_m,
    inset,
    plot_rows,
    shop_rows,
    stack,
)

#: Width of a staircase by flats per landing, in m.
STAIR_WIDTH_M = {2: 12.0, 3: 16.0}


def hutongs(layout: Layout, cells: np.ndarray, courtyards: int, rng: np.random.Generator) -> Blocks:
    """Return hutong blocks: lanes run east–west, courtyards stand back to back between them.

    ``courtyards`` are spread over all blocks; slots left over are shops, yards without houses or idle rooms.
    """
    n = len(cells)
    x0, y0, x1, y1 = inner_m(layout, cells).T
    pairs = max(1, round(float(np.mean(y1 - y0)) / 46))
    columns = max(round(float(np.mean(x1 - x0)) / 26), -(-round(courtyards * 1.1) // (n * 2 * pairs)))
    left, right = columns // 2, columns - columns // 2
    lane = rng.uniform(4.2, 6.5, (n, pairs - 1))
    pair_edges = cuts(np.zeros(n), y1 - y0 - lane.sum(axis=1), pairs, rng, 0.08)
    lanes_before = np.concatenate([np.zeros((n, 1)), np.cumsum(lane, axis=1)], axis=1)
    south = y0[:, None] + pair_edges[:, :-1] + lanes_before
    north = y0[:, None] + pair_edges[:, 1:] + lanes_before
    middle = south + (north - south) * rng.uniform(0.45, 0.55, (n, pairs))
    bottom = np.stack([south, middle], axis=2).reshape(n, 2 * pairs)
    top = np.stack([middle, north], axis=2).reshape(n, 2 * pairs)
    share = left / columns
    xc = x0 + (x1 - x0) * (share + rng.uniform(-0.05, 0.05, n))
    rows = (n, 2 * pairs)
    west = cuts(
        np.broadcast_to(x0[:, None], rows), np.broadcast_to((xc - 1.8 - x0)[:, None], rows), left, rng, 0.3
    )
    east = cuts(
        np.broadcast_to((xc + 1.8)[:, None], rows),
        np.broadcast_to((x1 - xc - 1.8)[:, None], rows),
        right,
        rng,
        0.3,
    )
    ax = np.concatenate([west[..., :-1], east[..., :-1]], axis=-1)
    bx = np.concatenate([west[..., 1:], east[..., 1:]], axis=-1)
    ay = np.broadcast_to(bottom[..., None], ax.shape)
    by = np.broadcast_to(top[..., None], ax.shape)
    gap = 0.15
    box = np.stack([ax + gap, ay + gap, bx - gap, by - gap], axis=-1).reshape(-1, 4)
    cell = np.repeat(cells, ax.shape[1] * ax.shape[2])
    order = rng.permutation(len(box))
    lived, spare = np.sort(order[:courtyards]), np.sort(order[courtyards:])
    plots = plot_rows(cell, box, "residential", True)
    trade, green = spare[rng.random(len(spare)) < 0.7], spare
    green = np.setdiff1d(spare, trade)
    plots.loc[trade, ["land_use", "in_estate"]] = ["commercial", False]
    plots.loc[green, ["land_use", "in_estate"]] = ["other", False]
    houses = _courtyard_houses(cell[lived], lived, box[lived], rng)
    shops = building_rows(cell[trade], trade, inset(box[trade], 0.7), "commercial", "other")
    shops["y0"] = shops["y0"] + (shops["y1"] - shops["y0"]) * rng.uniform(0.0, 0.5, len(shops))
    shops["use"] = np.where(rng.random(len(shops)) < 0.55, "commercial", "office")
    lane_at = (north[:, :-1] + south[:, 1:]) / 2
    ways = pd.DataFrame({"cell": np.repeat(cells, pairs - 1), "at": lane_at.reshape(-1), "kind": "lane"})
    crossing = pd.DataFrame({"cell": cells, "at": xc, "kind": "lane"})
    return Blocks(plots, stack([houses, shops]), ways, crossing)


def _courtyard_houses(
    cell: np.ndarray, plot: np.ndarray, box: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one courtyard per plot: wings around a yard, two yards one behind the other, or an open side."""
    n = len(box)
    shape = inset(box, rng.uniform(0.3, 0.9, n))
    deep = (box[:, 3] - box[:, 1]) > 1.15 * (box[:, 2] - box[:, 0])
    yard = rng.choice([RING, OPEN, CORNER], n, p=[0.55, 0.28, 0.17])
    yard = np.where(deep & (rng.random(n) < 0.7), TWO_YARDS, yard)
    wide, high = rng.uniform(0.3, 0.52, n), rng.uniform(0.3, 0.5, n)
    off_x, off_y = rng.uniform(0.35, 0.65, n), rng.uniform(0.38, 0.62, n)
    return building_rows(
        cell, plot, shape, "residential", "courtyard", yard=yard,
        flip_x=rng.random(n) < 0.5, flip_y=rng.random(n) < 0.5,
        hx0=(1 - wide) * off_x, hy0=(1 - high) * off_y,
        hx1=(1 - wide) * off_x + wide, hy1=(1 - high) * off_y + high,
    )  # fmt: skip


def danweis(layout: Layout, cells: np.ndarray, target: int, rng: np.random.Generator) -> Blocks:
    """Return work-unit blocks: rows of slabs of four to six storeys, shops on the street, sheds between.

    Slabs are built, in a random order, until they hold ``target`` dwellings or no room is left.
    """
    n = len(cells)
    x0, y0, x1, y1 = inner_m(layout, cells).T
    strip = np.where(y1 - y0 > 60, 13.0, 0.0)
    has_strip = strip > 0
    trade_box = np.stack([x0, y0, x1, y0 + 10.0], axis=1)[has_strip]
    home_box = np.stack([x0, y0 + strip, x1, y1], axis=1)
    plots = stack(
        [
            plot_rows(cells, home_box, "residential", True),
            plot_rows(cells[has_strip], trade_box, "commercial", False),
        ]
    )
    xc = (x0 + x1) / 2 + rng.uniform(-4, 4, n)
    slabs, row_y = _slabs(cells, home_box, xc, rng)
    take = np.zeros(len(slabs), bool)
    order = rng.permutation(len(slabs))
    take[order[np.cumsum(slabs["dwellings"].to_numpy()[order]) <= target]] = True
    sheds = _sheds(slabs, rng)
    parts = [slabs[take], sheds]
    trade_plot = n + np.arange(int(has_strip.sum()))
    parts += shop_rows(cells[has_strip], trade_plot, trade_box, xc[has_strip], rng)
    ways = pd.DataFrame(
        {"cell": np.repeat(cells, row_y.shape[1]), "at": row_y.reshape(-1), "kind": "footpath"}
    )
    ways = ways[ways["at"].notna()].reset_index(drop=True)
    crossing = pd.DataFrame({"cell": cells, "at": xc, "kind": "footpath"})
    return Blocks(plots, stack(parts), ways, crossing)


def _slabs(
    cells: np.ndarray, home: np.ndarray, xc: np.ndarray, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the slabs that fit and the height of the path north of each row (NaN where there is none)."""
    n, depth, margin, clear = len(cells), 12.0, 2.5, 11.0
    height = home[:, 3] - home[:, 1] - 2 * margin
    rows = np.maximum(1, np.floor((height + clear) / (depth + clear))).astype(int)
    most = int(rows.max())
    r = np.arange(most)
    pitch = np.where(rows > 1, (height - depth) / np.maximum(rows - 1, 1), 0.0)
    base = home[:, 1, None] + margin + r * pitch[:, None]
    path = np.where(r[None, :] < rows[:, None] - 1, base + depth + (pitch[:, None] - depth) / 2, np.nan)
    grid = (n, most, 2)
    exists = np.broadcast_to((r[None, :] < rows[:, None])[..., None], grid)
    start = np.stack([home[:, 0] + margin, xc + 3.5], axis=1)[:, None, :]
    room = np.stack([xc - 3.5 - home[:, 0] - margin, home[:, 2] - margin - xc - 3.5], axis=1)[:, None, :]
    landing = np.where(rng.random(grid) < 0.7, 2, 3)
    wide = np.where(landing == 2, STAIR_WIDTH_M[2], STAIR_WIDTH_M[3])
    stairs = np.clip(np.floor(np.broadcast_to(room, grid) / wide), 0, 5).astype(int)
    length = stairs * wide
    slack = np.broadcast_to(room, grid) - length
    ax = start + slack * rng.uniform(0.0, 1.0, grid)
    thick = depth - rng.uniform(0.0, 1.2, grid)
    ay = base[..., None] + (depth - thick) * 0.5
    storeys = np.clip(rng.integers(4, 7, (n, most, 1)) + (rng.random(grid) < 0.35), 4, 6)
    box = np.stack([ax, ay, ax + length, ay + thick], axis=-1)
    keep = exists & (stairs > 0)
    cell = np.broadcast_to(np.arange(n)[:, None, None], grid)[keep]
    frame = building_rows(
        cells[cell], cell, box[keep], "residential", "slab",
        storeys=storeys[keep].astype(float), stairs=stairs[keep], landing=landing[keep],
        dwellings=(stairs * landing * storeys)[keep],
    )  # fmt: skip
    return frame, path


def _sheds(slabs: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return bicycle sheds, idle garages and illegal rooms just north of some slabs."""
    some = slabs[rng.random(len(slabs)) < 0.4]
    at = rng.uniform(0.05, 0.7, len(some))
    x = some["x0"].to_numpy() + at * (some["x1"] - some["x0"]).to_numpy()
    y = some["y1"].to_numpy() + 0.6
    box = np.stack([x, y, x + rng.uniform(4, 9, len(some)), y + rng.uniform(2.4, 3.4, len(some))], axis=1)
    box[:, 2] = np.minimum(box[:, 2], some["x1"].to_numpy())
    illegal = rng.random(len(some)) < 0.45
    top = slabs.groupby("cell")["y1"].transform("max").reindex(some.index).to_numpy()
    inside = some["y1"].to_numpy() < top - 6
    sheds = building_rows(
        some["cell"].to_numpy(), some["plot"].to_numpy(), box, "parking", "other", illegal=illegal
    )
    sheds["use"] = np.where(illegal, "other", np.where(rng.random(len(some)) < 0.6, "parking", "utility"))
    return sheds[inside]
