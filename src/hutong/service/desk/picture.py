"""The buildings of a snapshot as a small picture for documents; no words in it, so that no font is needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from hutong.city import City
from hutong.report.map_layers import GRADES, worst_grade
from hutong.text import Text

#: The grades in words with the colours of the map (tokens.css), and unknown.
GRADE_COLOURS: tuple[tuple[Text, str], ...] = (
    *zip(GRADES, ("#FFF7BC", "#FEC44F", "#EC7014", "#8C2D04"), strict=True),
    (Text("未知", "unknown"), "#C9C7C1"),
)
WIDTH, MOST_HEIGHT, SCALE = 1500, 1500, 2


@dataclass(frozen=True)
class Drawing:
    """The outlines of buildings in metres, each with its index in :data:`GRADE_COLOURS`."""

    outlines: Sequence[Any]
    grades: Sequence[int]


def drawing_of(city: City) -> Drawing:
    """Return the buildings of a city with their worst grade."""
    worst = np.asarray(worst_grade(city), float)
    grades = [len(GRADE_COLOURS) - 1 if np.isnan(w) else int(np.clip(round(w) - 1, 0, 3)) for w in worst]
    return Drawing(list(city["buildings"].geometry), grades)


def png(of: Drawing) -> bytes:
    """Return the drawing as PNG; the same buildings give the same bytes."""
    bounds = np.array([g.bounds for g in of.outlines])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    scale = min(WIDTH / max(east - west, 1.0), MOST_HEIGHT / max(north - south, 1.0)) * 0.96
    size = (WIDTH, int(np.ceil((north - south) * scale / 0.96)) or 1)
    image = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE), "#FFFFFF")
    draw = ImageDraw.Draw(image)
    margin = ((size[0] - (east - west) * scale) / 2, (size[1] - (north - south) * scale) / 2)
    for shape, grade in zip(of.outlines, of.grades, strict=True):
        for part in getattr(shape, "geoms", [shape]):
            points = np.asarray(part.exterior.coords)
            x = (points[:, 0] - west) * scale + margin[0]
            y = (north - points[:, 1]) * scale + margin[1]
            corners = [(float(a) * SCALE, float(b) * SCALE) for a, b in zip(x, y, strict=True)]
            draw.polygon(corners, fill=GRADE_COLOURS[grade][1], outline="#23262A")
    out = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
