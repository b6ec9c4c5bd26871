"""Time and peak memory of reading a large OpenStreetMap extract.

A made-up city is written with osmium (streets on a grid, buildings with six corners and a share of tags, estates,
facilities, untagged nodes as surveys leave them), then read in a process of its own::

    python bench/osm_import.py                       # about 1.3 million nodes, 200,000 buildings, as PBF
    python bench/osm_import.py --format osm --buildings 130000     # about 200 MB of XML
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import osmium

LON, LAT = 116.2, 39.8
M_LAT, M_LON = 1 / 111_040.0, 1 / 85_500.0
BLOCK_M = 400.0
HOMES_PER_BLOCK = 80


def write(file: Path, buildings: int) -> int:
    """Write a city of about ``buildings`` buildings; return the number of nodes."""
    side = int(np.ceil(np.sqrt(buildings / HOMES_PER_BLOCK)))
    grid = Grid(side)
    header = osmium.io.Header()
    corner = osmium.osm.Location(LON + side * BLOCK_M * M_LON, LAT + side * BLOCK_M * M_LAT)
    header.add_box(osmium.osm.Box(osmium.osm.Location(LON, LAT), corner))
    with osmium.SimpleWriter(str(file), header=header, overwrite=True) as out:
        nodes = grid.nodes(out)
        grid.ways(out)
    return nodes


class Grid:
    """Blocks of 400 m between roads: 80 buildings on four estates, alleys through them, shops on the edge."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.rng = np.random.default_rng(1)
        self.wobble = self.rng.uniform(-0.8, 0.8, (1_000_003, 2))
        self.homes = self.rng.uniform(0, 1, (side * side * HOMES_PER_BLOCK, 4))

    def nodes(self, out: osmium.SimpleWriter) -> int:
        count = 0

        def put(east: float, north: float, tags: dict[str, str] | None = None) -> None:
            nonlocal count
            count += 1
            wobble = self.wobble[count % len(self.wobble)]  # surveys are not regular, and PBF packs what is
            place = (LON + (east + wobble[0]) * M_LON, LAT + (north + wobble[1]) * M_LAT)
            out.add_node(
                osmium.osm.mutable.Node(
                    id=count, version=1, location=place, tags=tags or {}, timestamp="2026-01-02T03:04:05Z"
                )
            )

        steps = self.side * 4 + 1
        for row in range(steps):  # street nodes every 100 m
            for column in range(steps):
                put(column * BLOCK_M / 4, row * BLOCK_M / 4)
        for block in range(self.side**2):
            west, south = self._corner(block)
            for quarter in range(4):  # estates
                w, s = west + 10 + (quarter % 2) * 195, south + 10 + (quarter // 2) * 195
                for x, y in ((0, 0), (185, 0), (185, 185), (0, 185)):
                    put(w + x, s + y)
            put(west + 5, south + 50, {"shop": "convenience", "name": f"店{block}"})
            put(west + 5, south + 150, {"highway": "bus_stop"})
            for home in range(HOMES_PER_BLOCK):  # an L of six corners
                w, s = west + 15 + (home % 9) * 43, south + 15 + (home // 9) * 42
                for x, y in ((0, 0), (30, 0), (30, 12), (14, 12), (14, 24), (0, 24)):
                    put(w + x, s + y)
        return count

    def _corner(self, block: int) -> tuple[float, float]:
        return (block % self.side) * BLOCK_M, (block // self.side) * BLOCK_M

    def ways(self, out: osmium.SimpleWriter) -> None:
        count = 0

        def put(refs: list[int], tags: dict[str, str]) -> None:
            nonlocal count
            count += 1
            out.add_way(
                osmium.osm.mutable.Way(
                    id=count, version=1, nodes=refs, tags=tags, timestamp="2026-01-02T03:04:05Z"
                )
            )

        steps = self.side * 4 + 1
        for line in range(steps):
            kind = "secondary" if line % 16 == 0 else "residential" if line % 4 == 0 else "service"
            for part in range(0, steps - 1, 8):
                end = min(part + 9, steps)
                put([line * steps + c + 1 for c in range(part, end)], {"highway": kind})
                put([r * steps + line + 1 for r in range(part, end)], {"highway": kind})
        node = steps * steps + 1
        for block in range(self.side**2):
            for quarter in range(4):
                refs = [node, node + 1, node + 2, node + 3, node]
                put(refs, {"landuse": "residential", "name": f"小区{block}-{quarter}"})
                node += 4
            node += 2
            for home in range(HOMES_PER_BLOCK):
                draw = self.homes[block * HOMES_PER_BLOCK + home]
                tags = {"building": "apartments" if draw[0] < 0.4 else "yes"}
                if draw[1] < 0.2:
                    tags["building:levels"] = str(3 + int(draw[1] * 100))
                if draw[2] < 0.1:
                    tags["name"] = f"{home}号楼"
                put([*range(node, node + 6), node], tags)
                node += 6


def read(file: Path) -> dict[str, float]:
    """Read in this process and tell how long it took and how much memory it held at most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    from hutong.city import read_osm

    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    city = read_osm(file, "bench")
    return {
        "seconds": round(time.perf_counter() - start, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rss_before_mb": round(max(before, loaded)),
        "buildings": len(city["buildings"]),
        "plots": len(city["plots"]),
        "streets": len(city["streets"]),
        "blocks": len(city["blocks"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--buildings", type=int, default=200_000)
    parser.add_argument("--format", choices=["pbf", "osm"], default="pbf")
    parser.add_argument("--read", type=Path, help="only read this file, in this process")
    options = parser.parse_args()
    if options.read is not None:
        print(json.dumps(read(options.read)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ("city.osm.pbf" if options.format == "pbf" else "city.osm")
        start = time.perf_counter()
        nodes = write(file, options.buildings)
        size = file.stat().st_size / 1e6
        print(
            f"written: {nodes:,} nodes, {size:.1f} MB {options.format}, {time.perf_counter() - start:.1f} s"
        )
        done = subprocess.run(
            [sys.executable, __file__, "--read", str(file)], check=True, capture_output=True, text=True
        )
        print(f"read: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
