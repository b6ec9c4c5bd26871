"""The newer blocks of a synthetic quarter: commodity estates, and public uses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hutong.city.quarter_layout import Layout
from hutong.city.quarter_parts import Blocks, building_rows, inner_m, part, plot_rows, shop_rows, stack

#: Towers of six and of eight flats a storey, and slabs of six: width and depth in m. With these, homes have about
#: the census floor area per person.
TOWER_6_M, TOWER_8_M, SLAB_6_M = (23.0, 19.0), (28.0, 21.0), (34.0, 12.0)
#: About so many flats in one commodity building; least ground for one, in m.
FLATS_PER_BUILDING, LEAST_STEP_M = 125, (33.0, 26.0)


def commodities(layout: Layout, cells: np.ndarray, target: int, rng: np.random.Generator) -> Blocks:
    """Return commodity estates: towers and lower slabs on a grid, a podium of shops on the street.

    The storeys are set so that the estates hold about ``target`` dwellings.
    """
    n = len(cells)
    x0, y0, x1, y1 = inner_m(layout, cells).T
    home = np.stack([x0, y0 + 15.0, x1, y1], axis=1)
    trade = np.stack([x0, y0, x1, y0 + 12.5], axis=1)
    plots = stack([plot_rows(cells, home, "residential", True), plot_rows(cells, trade, "commercial", False)])
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
    homes = building_rows(
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
    podium = shop_rows(cells, n + np.arange(n), trade, middle, rng)
    return Blocks(plots, stack([homes, *podium]), ways, crossing)


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
        "education": part(west, 0.0, 0.0, 1.0, 0.97),
        "green": part(east, 0.0, 0.5, 1.0, 1.0),
        "public_service": part(east, 0.0, 0.0, 0.5, 0.42),
        "industrial": part(east, 0.53, 0.0, 1.0, 0.19),
        "other": part(east, 0.53, 0.22, 1.0, 0.42),
    }
    plots = stack([plot_rows(cells, box, use, False, reserved=use == "other") for use, box in boxes.items()])
    school, service, works = boxes["education"], boxes["public_service"], boxes["industrial"]
    row = np.arange(n)
    parts = [
        building_rows(cells, row, part(school, 0.06, 0.78, 0.94, 0.94), "education", "other", storeys=4.0),
        building_rows(cells, row, part(school, 0.06, 0.46, 0.26, 0.72), "education", "other", storeys=3.0),
        building_rows(cells, row, part(school, 0.62, 0.50, 0.94, 0.68), "education", "other", storeys=2.0),
        building_rows(
            cells, 2 * n + row, part(service, 0.1, 0.55, 0.9, 0.92), "medical", "other", storeys=2.0
        ),
        building_rows(
            cells, 2 * n + row, part(service, 0.1, 0.1, 0.6, 0.42), "public_service", "other", storeys=2.0
        ),
        building_rows(
            cells, 3 * n + row, part(works, 0.08, 0.12, 0.92, 0.88), "industrial", "other", storeys=2.0
        ),
    ]
    path = inner[:, 1] + (inner[:, 3] - inner[:, 1]) * 0.46
    half_way = pd.DataFrame({"cell": cells, "at": path, "kind": "footpath_east"})
    crossing = pd.DataFrame({"cell": cells, "at": xc, "kind": "footpath"})
    return Blocks(plots, stack(parts), half_way, crossing)
