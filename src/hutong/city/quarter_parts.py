"""The parts that blocks of a synthetic quarter are made of: plots, buildings and the ways between them.

Each maker (``quarter_old``, ``quarter_new``) takes the cells of one kind and returns tables of boxes in metres from the cell's south-west corner;
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


def plot_rows(
    cell: np.ndarray, box: np.ndarray, land_use: str, in_estate: bool, reserved: bool = False
) -> pd.DataFrame:
    """Return plots on boxes in metres."""
    frame = pd.DataFrame(box, columns=BOX)
    return frame.assign(cell=cell, land_use=land_use, in_estate=in_estate, reserved=reserved)


def building_rows(
    cell: np.ndarray, plot: np.ndarray, box: np.ndarray, use: str, form: str, **more: object
) -> pd.DataFrame:
    """Return buildings on boxes in metres; what is not given is one storey without homes."""
    values: dict[str, object] = {
        "storeys": 1.0, "stairs": 0, "landing": 0, "dwellings": 0, "illegal": False,
        "yard": SOLID, "flip_x": False, "flip_y": False, "hx0": 0.0, "hy0": 0.0, "hx1": 0.0, "hy1": 0.0, **more,
    }  # fmt: skip
    frame = pd.DataFrame(box, columns=BOX)
    return frame.assign(cell=cell, plot=plot, use=use, form=form, **values)


def stack(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other."""
    return pd.concat(parts, ignore_index=True)


def cuts(
    start: np.ndarray, length: np.ndarray, parts: int, rng: np.random.Generator, spread: float
) -> np.ndarray:
    """Cut lengths into jittered parts; return the cuts, shape (…, parts + 1)."""
    weights = rng.uniform(1 - spread, 1 + spread, (*length.shape, parts))
    share = np.cumsum(weights, axis=-1) / weights.sum(axis=-1, keepdims=True)
    share = np.concatenate([np.zeros((*length.shape, 1)), share], axis=-1)
    return np.asarray(start[..., None] + share * length[..., None])


def inset(box: np.ndarray, by: float | np.ndarray) -> np.ndarray:
    """Return boxes made smaller on every side, in metres."""
    by = np.broadcast_to(np.asarray(by, dtype=np.float64), (len(box),))
    return np.asarray(box + np.stack([by, by, -by, -by], axis=1))


def part(box: np.ndarray, u0: float, v0: float, u1: float, v1: float) -> np.ndarray:
    """Return parts of boxes, given as shares of width and height."""
    w, h = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    return np.stack([box[:, 0] + u0 * w, box[:, 1] + v0 * h, box[:, 0] + u1 * w, box[:, 1] + v1 * h], axis=1)


def shop_rows(
    cells: np.ndarray, plot: np.ndarray, strip: np.ndarray, xc: np.ndarray, rng: np.random.Generator
) -> list[pd.DataFrame]:
    """Return two rows of shops in a street-side strip, left and right of the way through it."""
    parts = []
    for left, right in ((strip[:, 0] + 2.0, xc - 2.2), (xc + 2.2, strip[:, 2] - 2.0)):
        cut = (right - left) * rng.uniform(0.0, 0.2, len(strip))
        low = strip[:, 1] + rng.uniform(0.5, 1.2, len(strip))
        box = np.stack([left, low, right - cut, strip[:, 3] - 1.2], axis=1)
        floors = rng.integers(1, 4, len(box)).astype(float)
        parts.append(building_rows(cells, plot, box, "commercial", "other", storeys=floors))
    return parts
