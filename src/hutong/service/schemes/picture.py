"""Where a version does something: a layer of the map, and a small drawing for its page, both from the document alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hutong.report.map_layers import Layer
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import version_document
from hutong.service.twin.selectors import place_code
from hutong.text import Text

#: How much is done at a building: at its estate alone, or from so many measures of its own.
CLASSES = (
    Text("只在小区层面", "at its estate alone"),
    Text("1 项", "1 measure"),
    Text("2–3 项", "2–3 measures"),
    Text("4 项及以上", "4 or more"),
)
FROM = (1, 2, 4)
ABSENT = Text("保持现状", "left as it is")
WIDTH, MARGIN = 640, 12
#: Beyond so many buildings without works the drawing shows every other, every third and so on.
MOST_DOTS = 3000


def _rows(found: Version) -> Iterator[tuple[int, float, float, int]]:
    """Yield each building's row, place and class (-1: left as it is)."""
    choices = version_document(found).choices
    coded = set(map(place_code, choices))
    rows = found.scheme.run.snapshot.buildings.order_by("row")
    for row, name, lon, lat, path in rows.values_list(
        "row", "building_id", "lon", "lat", "place__parent__path"
    ):
        own = len(choices[name].measures) if name in choices else 0
        if own:
            k = sum(own >= least for least in FROM)
        else:
            k = 0 if coded & set(path.strip("/").split("/")) else -1
        yield row, lon, lat, k


def layer_of(found: Version) -> Layer:
    """Return buildings by how many measures a version has for them."""
    codes = np.array([k for *_, k in _rows(found)], dtype=int)
    note = Text(f"按{found.title.zh}的文件，每栋楼自己有几项措施。", f"By the document of {found.title.en}: how many measures a building has of its own.")  # fmt: skip
    title = Text(f"方案：{found.title.zh}", f"Scheme: {found.title.en}")
    return Layer(
        f"scheme-{found.pk}", title, CLASSES, codes, np.zeros(len(codes), bool), ABSENT, note, "scheme"
    )


@dataclass(frozen=True)
class Picture:
    """A drawing of dots: its size, a path for each class (what is left as it is first), the legend, and one's own buildings."""

    height: int
    paths: list[tuple[int, str]]
    legend: list[tuple[int, Text, int]]
    own: list[tuple[str, str]]


def picture_of(found: Version, own: set[int]) -> Picture | None:
    """Return where a version does something, with the rows of one's own buildings ringed; None without buildings."""
    rows = list(_rows(found))
    if not rows:
        return None
    west, east = min(r[1] for r in rows), max(r[1] for r in rows)
    south, north = min(r[2] for r in rows), max(r[2] for r in rows)
    flat = math.cos(math.radians((south + north) / 2))
    inner = WIDTH - 2 * MARGIN
    scale = inner / max((east - west) * flat, north - south, 1e-9)

    def at(row: Any) -> tuple[str, str]:
        return f"{MARGIN + (row[1] - west) * flat * scale:.0f}", f"{MARGIN + (north - row[2]) * scale:.0f}"

    paths, legend = [], []
    for k in (-1, *range(len(CLASSES))):
        mine = [r for r in rows if r[3] == k]
        every = max(1, math.ceil(len(mine) / MOST_DOTS)) if k < 0 else 1
        paths.append((k, "".join(f"M{x} {y}h0" for x, y in map(at, mine[::every]))))
        legend.append((k, ABSENT if k < 0 else CLASSES[k], len(mine)))
    height = 2 * MARGIN + math.ceil((north - south) * scale)
    return Picture(height, paths, [*legend[1:], legend[0]], [at(r) for r in rows if r[0] in own])
