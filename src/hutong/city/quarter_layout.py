"""Where the blocks of a synthetic quarter lie: a bent street grid, and points inside its cells.

A superblock of three by two cells holds two hutong blocks, two work-unit blocks, one commodity estate and
one block of public uses. It repeats, each time in another order, so a quarter of any size has the same mix.
Inside a cell everything is laid out in the unit square and mapped bilinearly onto the bent cell: lines of
constant u or v stay straight, so what does not overlap in the square does not overlap on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from hutong.rng import generator

HUTONG, DANWEI, COMMODITY, CIVIC = 0, 1, 2, 3
SUPERBLOCK_COLUMNS, SUPERBLOCK_ROWS = 3, 2
DWELLINGS_PER_SUPERBLOCK = 1500
CELL_WIDTH_M, CELL_HEIGHT_M = 136.0, 118.0
LEAST_CELL_M = (98.0, 82.0)
MAIN_STREET_HALF_M, SIDE_STREET_HALF_M = 11.0, 6.5
#: A fictional spot in EPSG:4548, and the tilt of Beijing's streets.
ORIGIN_M = (498_000.0, 4_418_000.0)
TILT_DEGREES = 2.1


@dataclass(frozen=True)
class Layout:
    """The cells of the quarter; arrays have one entry per cell.

    ``crossings`` has shape (columns + 1, rows + 1, 2). ``inner`` has shape (cells, 4): the block without
    its half streets, as u0, v0, u1, v1 of the cell's unit square.
    """

    crossings: np.ndarray
    column: np.ndarray
    row: np.ndarray
    kind: np.ndarray
    superblock: np.ndarray
    width_m: np.ndarray
    height_m: np.ndarray
    inner: np.ndarray

    def place(self, cell: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return the coordinates (…, 2) of points (u, v) of cells."""
        i, j = self.column[cell], self.row[cell]
        u, v = np.asarray(u)[..., None], np.asarray(v)[..., None]
        south = self.crossings[i, j] * (1 - u) + self.crossings[i + 1, j] * u
        north = self.crossings[i, j + 1] * (1 - u) + self.crossings[i + 1, j + 1] * u
        return np.asarray(south * (1 - v) + north * v)

    def rings(self, cell: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Return the closed rings of boxes (n, 4) in cells, as shapely linear rings."""
        u = box[:, [0, 2, 2, 0, 0]]
        v = box[:, [1, 1, 3, 3, 1]]
        return np.asarray(shapely.linearrings(self.place(np.repeat(cell[:, None], 5, axis=1), u, v)))

    def polygons(self, cell: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Return the polygons of boxes (n, 4: u0, v0, u1, v1) in cells."""
        return np.asarray(shapely.polygons(self.rings(cell, box)))


def make_layout(dwellings: int, seed: int) -> Layout:
    """Return the street grid and cells for a number of dwellings."""
    rng = generator(seed, "quarter layout")
    superblocks = max(1, round(dwellings / DWELLINGS_PER_SUPERBLOCK))
    scale = np.sqrt(dwellings / superblocks / DWELLINGS_PER_SUPERBLOCK)
    cell_w = max(LEAST_CELL_M[0], CELL_WIDTH_M * scale)
    cell_h = max(LEAST_CELL_M[1], CELL_HEIGHT_M * scale)
    across = max(1, round(np.sqrt(superblocks * cell_h * SUPERBLOCK_ROWS / (cell_w * SUPERBLOCK_COLUMNS))))
    up = -(-superblocks // across)
    nx, ny = across * SUPERBLOCK_COLUMNS, up * SUPERBLOCK_ROWS
    widths = cell_w * rng.uniform(0.94, 1.08, nx)
    heights = cell_h * rng.uniform(0.95, 1.07, ny)
    crossings = _crossings(widths, heights, rng)
    number = np.repeat(np.arange(superblocks), SUPERBLOCK_COLUMNS * SUPERBLOCK_ROWS)
    slot = np.tile(np.arange(SUPERBLOCK_COLUMNS * SUPERBLOCK_ROWS), superblocks)
    column = number % across * SUPERBLOCK_COLUMNS + slot % SUPERBLOCK_COLUMNS
    row = number // across * SUPERBLOCK_ROWS + slot // SUPERBLOCK_COLUMNS
    return Layout(
        crossings, column, row, _kinds(superblocks, rng), number, widths[column], heights[row],
        _inner(column, row, widths, heights),
    )  # fmt: skip


def _crossings(widths: np.ndarray, heights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x = np.concatenate([[0.0], np.cumsum(widths)])
    y = np.concatenate([[0.0], np.cumsum(heights)])
    flat = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    flat = flat + rng.uniform(-3.0, 3.0, flat.shape)
    angle = np.deg2rad(TILT_DEGREES)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(flat @ turn + np.array(ORIGIN_M))


def _kinds(superblocks: int, rng: np.random.Generator) -> np.ndarray:
    """Return the kind of each cell: hutongs on one side, the rest in another order each time."""
    rest = np.tile([DANWEI, DANWEI, COMMODITY, CIVIC], (superblocks, 1))
    rest = rng.permuted(rest, axis=1)
    east = rng.random(superblocks) < 0.5
    kinds = np.empty((superblocks, SUPERBLOCK_ROWS, SUPERBLOCK_COLUMNS), np.int8)
    kinds[:, :, 0] = HUTONG
    kinds[:, :, 1:] = rest.reshape(superblocks, SUPERBLOCK_ROWS, 2)
    kinds[east] = kinds[east][:, :, ::-1]
    return kinds.reshape(-1)


def _inner(column: np.ndarray, row: np.ndarray, widths: np.ndarray, heights: np.ndarray) -> np.ndarray:
    def half(line: np.ndarray, every: int) -> np.ndarray:
        return np.where(line % every == 0, MAIN_STREET_HALF_M, SIDE_STREET_HALF_M)

    w, h = widths[column], heights[row]
    return np.stack(
        [
            half(column, SUPERBLOCK_COLUMNS) / w,
            half(row, SUPERBLOCK_ROWS) / h,
            1 - half(column + 1, SUPERBLOCK_COLUMNS) / w,
            1 - half(row + 1, SUPERBLOCK_ROWS) / h,
        ],
        axis=1,
    )
