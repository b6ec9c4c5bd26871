"""What stands in each block of a synthetic quarter: plots, buildings and the ways between them.

Each maker takes the cells of one kind and returns tables of boxes in metres from the cell's south-west corner;
nothing is drawn yet. All arrays run over all blocks of a kind at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city.quarter_layout import Layout

BOX = ["x0", "y0", "x1", "y1"]
#: Ground plans of courtyards (``quarter_ground.draw``).
SOLID, RING, TWO_YARDS, OPEN, CORNER = range(5)
STAIR_WIDTH_M = {2: 12.0, 3: 16.0}
#: Towers of six and of eight flats a storey, and slabs of six: width and depth in m. With these, homes have about
#: the census floor area per person.
TOWER_6_M, TOWER_8_M, SLAB_6_M = (23.0, 19.0), (28.0, 21.0), (34.0, 12.0)
#: About so many flats in one commodity building; least ground for one, in m.
FLATS_PER_BUILDING, LEAST_STEP_M = 125, (33.0, 26.0)


@dataclass(frozen=True)
class Blocks:
    """Plots, buildings and ways of one kind of block.

    ``plots``: cell, box, land_use, in_estate, reserved. ``buildings``: cell, plot (row in ``plots``), box, yard
    (its plan, flips and extent as shares of the box), use, form, storeys, stairs, landing (dwellings per landing), dwellings, illegal.
    ``ways``: cell, at (m from the south edge), kind. ``crossing``: cell, at (m from the west edge).
    """

    plots: pd.DataFrame
    buildings: pd.DataFrame
    ways: pd.DataFrame
    crossing: pd.DataFrame


def inner_m(layout: Layout, cells: np.ndarray) -> np.ndarray:
    """Return the blocks without half streets as x0, y0, x1, y1 in metres, shape (cells, 4)."""
    w, h = layout.width_m[cells], layout.height_m[cells]
    return np.asarray(layout.inner[cells] * np.stack([w, h, w, h], axis=1))


def _plots(
    cell: np.ndarray, box: np.ndarray, land_use: str, in_estate: bool, reserved: bool = False
) -> pd.DataFrame:
    frame = pd.DataFrame(box, columns=BOX)
    return frame.assign(cell=cell, land_use=land_use, in_estate=in_estate, reserved=reserved)


def _buildings(
    cell: np.ndarray, plot: np.ndarray, box: np.ndarray, use: str, form: str, **more: object
) -> pd.DataFrame:
    values: dict[str, object] = {
        "storeys": 1.0, "stairs": 0, "landing": 0, "dwellings": 0, "illegal": False,
        "yard": SOLID, "flip_x": False, "flip_y": False, "hx0": 0.0, "hy0": 0.0, "hx1": 0.0, "hy1": 0.0, **more,
    }  # fmt: skip
    frame = pd.DataFrame(box, columns=BOX)
    return frame.assign(cell=cell, plot=plot, use=use, form=form, **values)


def _stack(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


def _cuts(
    start: np.ndarray, length: np.ndarray, parts: int, rng: np.random.Generator, spread: float
) -> np.ndarray:
    """Cut lengths into jittered parts; return the cuts, shape (…, parts + 1)."""
    weights = rng.uniform(1 - spread, 1 + spread, (*length.shape, parts))
    share = np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True)
    share = np.concatenate([np.zeros((*length.shape, 1)), share], axis=-1)
    return np.asarray(start[..., None] + share * length[..., None])


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
    pair_edges = _cuts(np.zeros(n), y1 - y0 - lane.sum(axis=1), pairs, rng, 0.08)
    lanes_before = np.concatenate([np.zeros((n, 1)), np.cumsum(lane, axis=1)], axis=1)
    south = y0[:, None] + pair_edges[:, :-1] + lanes_before
    north = y0[:, None] + pair_edges[:, 1:] + lanes_before
    middle = south + (north - south) * rng.uniform(0.45, 0.55, (n, pairs))
    bottom = np.stack([south, middle], axis=2).reshape(n, 2 * pairs)
    top = np.stack([middle, north], axis=2).reshape(n, 2 * pairs)
    share = left / columns
    xc = x0 + (x1 - x0) * (share + rng.uniform(-0.05, 0.05, n))
    rows = (n, 2 * pairs)
    west = _cuts(
        np.broadcast_to(x0[:, None], rows), np.broadcast_to((xc - 1.8 - x0)[:, None], rows), left, rng, 0.3
    )
    east = _cuts(
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
    plots = _plots(cell, box, "residential", True)
    trade, green = spare[rng.random(len(spare)) < 0.7], spare
    green = np.setdiff1d(spare, trade)
    plots.loc[trade, ["land_use", "in_estate"]] = ["commercial", False]
    plots.loc[green, ["land_use", "in_estate"]] = ["other", False]
    houses = _courtyard_houses(cell[lived], lived, box[lived], rng)
    shops = _buildings(cell[trade], trade, _inset(box[trade], 0.7), "commercial", "other")
    shops["y0"] = shops["y0"] + (shops["y1"] - shops["y0"]) * rng.uniform(0.0, 0.5, len(shops))
    shops["use"] = np.where(rng.random(len(shops)) < 0.55, "commercial", "office")
    lane_at = (north[:, :-1] + south[:, 1:]) / 2
    ways = pd.DataFrame({"cell": np.repeat(cells, pairs - 1), "at": lane_at.reshape(-1), "kind": "lane"})
    crossing = pd.DataFrame({"cell": cells, "at": xc, "kind": "lane"})
    return Blocks(plots, _stack([houses, shops]), ways, crossing)


def _inset(box: np.ndarray, by: float | np.ndarray) -> np.ndarray:
    by = np.broadcast_to(np.asarray(by, dtype=np.float64), (len(box),))
    return np.asarray(box + np.stack([by, by, -by, -by], axis=1))


def _courtyard_houses(
    cell: np.ndarray, plot: np.ndarray, box: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one courtyard per plot: wings around a yard, two yards one behind the other, or an open side."""
    n = len(box)
    shape = _inset(box, rng.uniform(0.3, 0.9, n))
    deep = (box[:, 3] - box[:, 1]) > 1.15 * (box[:, 2] - box[:, 0])
    yard = rng.choice([RING, OPEN, CORNER], n, p=[0.55, 0.28, 0.17])
    yard = np.where(deep & (rng.random(n) < 0.7), TWO_YARDS, yard)
    wide, high = rng.uniform(0.3, 0.52, n), rng.uniform(0.3, 0.5, n)
    off_x, off_y = rng.uniform(0.35, 0.65, n), rng.uniform(0.38, 0.62, n)
    return _buildings(
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
    plots = _stack(
        [
            _plots(cells, home_box, "residential", True),
            _plots(cells[has_strip], trade_box, "commercial", False),
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
    parts += _shops(cells[has_strip], trade_plot, trade_box, xc[has_strip], rng)
    ways = pd.DataFrame(
        {"cell": np.repeat(cells, row_y.shape[1]), "at": row_y.reshape(-1), "kind": "footpath"}
    )
    ways = ways[ways["at"].notna()].reset_index(drop=True)
    crossing = pd.DataFrame({"cell": cells, "at": xc, "kind": "footpath"})
    return Blocks(plots, _stack(parts), ways, crossing)


def _part(box: np.ndarray, u0: float, v0: float, u1: float, v1: float) -> np.ndarray:
    w, h = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    return np.stack([box[:, 0] + u0 * w, box[:, 1] + v0 * h, box[:, 0] + u1 * w, box[:, 1] + v1 * h], axis=1)


def _shops(
    cells: np.ndarray, plot: np.ndarray, strip: np.ndarray, xc: np.ndarray, rng: np.random.Generator
) -> list[pd.DataFrame]:
    """Return two rows of shops in a street-side strip, left and right of the way through it."""
    parts = []
    for left, right in ((strip[:, 0] + 2.0, xc - 2.2), (xc + 2.2, strip[:, 2] - 2.0)):
        cut = (right - left) * rng.uniform(0.0, 0.2, len(strip))
        low = strip[:, 1] + rng.uniform(0.5, 1.2, len(strip))
        box = np.stack([left, low, right - cut, strip[:, 3] - 1.2], axis=1)
        floors = rng.integers(1, 4, len(box)).astype(float)
        parts.append(_buildings(cells, plot, box, "commercial", "other", storeys=floors))
    return parts


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
    frame = _buildings(
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
    sheds = _buildings(
        some["cell"].to_numpy(), some["plot"].to_numpy(), box, "parking", "other", illegal=illegal
    )
    sheds["use"] = np.where(illegal, "other", np.where(rng.random(len(some)) < 0.6, "parking", "utility"))
    return sheds[inside]


def commodities(layout: Layout, cells: np.ndarray, target: int, rng: np.random.Generator) -> Blocks:
    """Return commodity estates: towers and lower slabs on a grid, a podium of shops on the street.

    The storeys are set so that the estates hold about ``target`` dwellings.
    """
    n = len(cells)
    x0, y0, x1, y1 = inner_m(layout, cells).T
    home = np.stack([x0, y0 + 15.0, x1, y1], axis=1)
    trade = np.stack([x0, y0, x1, y0 + 12.5], axis=1)
    plots = _stack([_plots(cells, home, "residential", True), _plots(cells, trade, "commercial", False)])
    w, h = home[:, 2] - home[:, 0], home[:, 3] - home[:, 1]
    nx, ny = _building_grid(float(np.mean(w)), float(np.mean(h)), target / n / FLATS_PER_BUILDING)
    grid = (n, ny, nx)
    step_x, step_y = (w / nx)[:, None, None], (h / ny)[:, None, None]
    cx = home[:, 0, None, None] + (np.arange(nx) + 0.5) * step_x
    cy = home[:, 1, None, None] + (np.arange(ny)[:, None] + 0.5) * step_y
    tower = rng.random(grid) < 0.65
    tower[:, 0, 0] = True
    if nx * ny > 2:
        tower[:, -1, -1] = False  # every estate has a lower slab, too
    per_floor = np.where(tower, np.where(rng.random(grid) < 0.6, 6, 8), 6)
    wide, deep = (
        np.where(tower, np.where(per_floor == 6, six, eight), slab)
        for six, eight, slab in zip(TOWER_6_M, TOWER_8_M, SLAB_6_M, strict=True)
    )
    # nothing stands closer than 3.2 m to a path: towers are set off the cross path between the columns
    wide, deep = np.minimum(wide, step_x - 8), np.minimum(deep, step_y - 7)
    free_x, free_y = (step_x - wide) / 2 - 3.2, (step_y - deep) / 2 - 3.2
    cx = cx + free_x * rng.uniform(-0.7, 0.7, grid)
    cy = cy + free_y * rng.uniform(-0.7, 0.7, grid)
    storeys = _storeys_for(target, per_floor, tower, rng)
    box = np.stack([cx - wide / 2, cy - deep / 2, cx + wide / 2, cy + deep / 2], axis=-1).reshape(-1, 4)
    which = np.repeat(np.arange(n), nx * ny)
    stairs = np.where(tower, np.where(per_floor == 8, 2, 1), 3).reshape(-1)
    landing = per_floor.reshape(-1) // stairs
    homes = _buildings(
        cells[which], which, box, "residential", "tower", storeys=storeys.reshape(-1).astype(float),
        stairs=stairs, landing=landing, dwellings=(per_floor * storeys).reshape(-1),
    )  # fmt: skip
    homes["form"] = np.where(tower.reshape(-1), "tower", "slab")
    path_v = home[:, 1, None] + np.arange(1, ny) * (h / ny)[:, None] if ny > 1 else (y0 + 13.75)[:, None]
    ways = pd.DataFrame(
        {"cell": np.repeat(cells, path_v.shape[1]), "at": path_v.reshape(-1), "kind": "footpath"}
    )
    middle = home[:, 0] + (w / nx) * (nx // 2) if nx > 1 else home[:, 0] + w * 0.04
    crossing = pd.DataFrame({"cell": cells, "at": middle, "kind": "footpath"})
    podium = _shops(cells, n + np.arange(n), trade, middle, rng)
    return Blocks(plots, _stack([homes, *podium]), ways, crossing)


def _building_grid(width: float, depth: float, wanted: float) -> tuple[int, int]:
    """Return columns and rows of buildings: the fewest that suffice, or as many as the ground holds."""
    most_x, most_y = (
        max(1, int(size // step)) for size, step in zip((width, depth), LEAST_STEP_M, strict=True)
    )
    grids = [(x, y) for x in range(1, most_x + 1) for y in range(1, most_y + 1)]
    enough = [g for g in grids if g[0] * g[1] >= wanted]
    # among equals, the grid whose cells are least elongated
    return min(
        enough or [(most_x, most_y)], key=lambda g: (g[0] * g[1], abs(width / g[0] - 1.3 * depth / g[1]))
    )


def _storeys_for(
    target: int, per_floor: np.ndarray, tower: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return whole storeys whose dwellings come closest to ``target`` from below."""
    vary = rng.uniform(0.8, 1.2, per_floor.shape)
    low, high = 1.0, 80.0
    storeys = np.zeros(per_floor.shape, int)
    for _ in range(40):
        base = (low + high) / 2
        trial = (
            np.where(tower, np.clip(base * vary, 7, 33), np.clip(base * vary * 0.5, 6, 14))
            .round()
            .astype(int)
        )
        if int((trial * per_floor).sum()) <= target:
            low, storeys = base, trial
        else:
            high = base
    return storeys if storeys.any() else np.where(tower, 7, 6)


def civics(layout: Layout, cells: np.ndarray, rng: np.random.Generator) -> Blocks:
    """Return blocks of public uses: a school, a park, a service plot, an idle works and a reserved plot."""
    n = len(cells)
    inner = inner_m(layout, cells)
    cut = 0.5 + rng.uniform(-0.04, 0.04, n)
    xc = inner[:, 0] + (inner[:, 2] - inner[:, 0]) * cut
    west, east = inner.copy(), inner.copy()
    west[:, 2], east[:, 0] = xc - 2.5, xc + 2.5
    boxes = {
        "education": _part(west, 0.0, 0.0, 1.0, 0.97),
        "green": _part(east, 0.0, 0.5, 1.0, 1.0),
        "public_service": _part(east, 0.0, 0.0, 0.5, 0.42),
        "industrial": _part(east, 0.53, 0.0, 1.0, 0.19),
        "other": _part(east, 0.53, 0.22, 1.0, 0.42),
    }
    plots = _stack([_plots(cells, box, use, False, reserved=use == "other") for use, box in boxes.items()])
    school, service, works = boxes["education"], boxes["public_service"], boxes["industrial"]
    row = np.arange(n)
    parts = [
        _buildings(cells, row, _part(school, 0.06, 0.78, 0.94, 0.94), "education", "other", storeys=4.0),
        _buildings(cells, row, _part(school, 0.06, 0.46, 0.26, 0.72), "education", "other", storeys=3.0),
        _buildings(cells, row, _part(school, 0.62, 0.50, 0.94, 0.68), "education", "other", storeys=2.0),
        _buildings(cells, 2 * n + row, _part(service, 0.1, 0.55, 0.9, 0.92), "medical", "other", storeys=2.0),
        _buildings(
            cells, 2 * n + row, _part(service, 0.1, 0.1, 0.6, 0.42), "public_service", "other", storeys=2.0
        ),
        _buildings(
            cells, 3 * n + row, _part(works, 0.08, 0.12, 0.92, 0.88), "industrial", "other", storeys=2.0
        ),
    ]
    path = inner[:, 1] + (inner[:, 3] - inner[:, 1]) * 0.46
    half_way = pd.DataFrame({"cell": cells, "at": path, "kind": "footpath_east"})
    crossing = pd.DataFrame({"cell": cells, "at": xc, "kind": "footpath"})
    return Blocks(plots, _stack(parts), half_way, crossing)
