"""What is kept of an OpenStreetMap file: outlines and lines in flat arrays, and a row per thing of use."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import shapely

from hutong.city.shapes import Shapes

_LINE_HEADER = 9  # bytes of a WKB LineString before its coordinates


@dataclass
class Outlines:
    """Areas by id, in degrees: rings in one flat array until :meth:`shapes` makes polygons of them."""

    ids: list[str] = field(default_factory=list)
    count: array[int] = field(default_factory=lambda: array("q"))
    xy: bytearray = field(default_factory=bytearray)
    whole: dict[int, bytes] = field(default_factory=dict)

    def add(self, shape_id: str, wkb: bytes, ring: bool) -> int:
        """Keep an area, given as the WKB of its ring (a LineString) or of a multipolygon; return its place."""
        place = len(self.ids)
        self.ids.append(shape_id)
        if ring:
            self.xy += memoryview(wkb)[_LINE_HEADER:]
        else:
            self.whole[place] = wkb
        self.count.append((len(wkb) - _LINE_HEADER) // 16 if ring else 0)
        return place

    def shapes(self) -> Shapes:
        """Return all areas in the order they were added."""
        out = np.full(len(self.ids), None, dtype=object)
        count = np.array(self.count, dtype=np.int64)
        rings = np.flatnonzero(count)
        if len(rings):
            owner = np.repeat(np.arange(len(rings)), count[rings])
            xy = np.frombuffer(self.xy, "<f8").reshape(-1, 2)
            out[rings] = shapely.polygons(shapely.linearrings(xy, indices=owner))
        for place, wkb in self.whole.items():
            out[place] = shapely.from_wkb(wkb)
        return out

    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of all areas."""
        xy = np.frombuffer(self.xy, "<f8").reshape(-1, 2)
        whole = shapely.get_coordinates([shapely.from_wkb(wkb) for wkb in self.whole.values()])
        (west, south), (east, north) = (f(np.concatenate([xy, whole]), axis=0) for f in (np.min, np.max))
        return float(west), float(south), float(east), float(north)


@dataclass
class Lines:
    """Ways that are walked on or part blocks: node ids and degrees in flat arrays."""

    way: array[int] = field(default_factory=lambda: array("q"))
    kind: list[str | None] = field(default_factory=list)
    border: array[int] = field(default_factory=lambda: array("b"))
    node: array[int] = field(default_factory=lambda: array("q"))
    xy: bytearray = field(default_factory=bytearray)
    count: array[int] = field(default_factory=lambda: array("q"))


@dataclass
class RawMap:
    """What was read: rows refer to ``outlines`` by ``place``; ``dropped`` counts what could not be used."""

    box: tuple[float, float, float, float] | None = None
    written: datetime | None = None
    newest: datetime | None = None
    objects: int = 0
    outlines: Outlines = field(default_factory=Outlines)
    lines: Lines = field(default_factory=Lines)
    buildings: list[tuple[int, str | None, str | None, str | None, str | None, float, float, float]] = field(
        default_factory=list
    )
    lands: list[tuple[int, str, str | None]] = field(default_factory=list)
    spots: list[tuple[str, str, str | None, float, int, float, float]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    outer_ways: dict[str, list[str]] = field(default_factory=dict)
