"""Write the draws of ``hutong.rng.mixed`` to standard output, in a layout that the kernels use, for a battery of tests.

``python bench/rng_stream.py LAYOUT [SEED] | dieharder -a -g 200 -k 2 -Y 1``. A draw of the replicas is numbered by step · 2⁴⁰ +
household · 2⁸ + bit · 8 + word; a replica reads one bit of it. Layouts: ``words`` in that order; ``replica`` what one replica reads, eight bits a household;
``steps`` what all replicas read of one household, step after step; ``seeds`` the first draws of seed after seed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numba import njit

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src")]
from hutong.rng import GOLDEN, mixed, mixing_keys  # noqa: E402

HOUSES, STREAM = 20_000, 33


@njit(nogil=True)
def draw(numbers, key0, key1, out):
    for k in range(len(out)):
        out[k] = mixed(key0 + GOLDEN * numbers[k], key1)


def main(layout: str, seed: str = "1") -> None:
    keys = mixing_keys(int(seed), STREAM)
    part = 0
    while True:
        if layout == "seeds":
            keys, numbers = (
                mixing_keys(int(seed) + part, STREAM),
                np.uint64(1 << 40) + np.arange(256, dtype=np.uint64),
            )
        elif layout == "steps":
            steps = np.arange(part * 4096, (part + 1) * 4096, dtype=np.uint64)[:, None] + np.uint64(1)
            numbers = (
                steps << np.uint64(40) | np.uint64(12_345 << 8) | np.arange(64, dtype=np.uint64)
            ).ravel()
        else:
            numbers = (
                np.uint64(part + 1 << 40) + (np.arange(HOUSES, dtype=np.uint64) << np.uint64(8))[:, None]
            )
            numbers = (numbers + np.arange(0, 64, 8 if layout == "replica" else 1, dtype=np.uint64)).ravel()
        out = np.empty(len(numbers), np.uint64)
        draw(numbers, *keys, out)
        if layout == "replica":
            out = np.packbits((out >> np.uint64(17)).astype(np.uint8) & 1, bitorder="little")
        sys.stdout.buffer.write(out.tobytes())
        part += 1


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BrokenPipeError:
        sys.exit(0)
