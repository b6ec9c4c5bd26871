"""The opinion map: dots of a few people each, the nearer the more alike they voted, groups by shape and colour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from hutong.agree import PublicOpinions
from hutong.agree.opinion_words import NAMES
from hutong.report.format import bi_svg, both, num
from hutong.text import Text

W = 360.0
LEAST_HEIGHT, MOST_HEIGHT = 200.0, 340.0
MARGIN = 26.0
#: Dots drawn; of a larger crowd every second, third ... dot.
MOST_DOTS = 700
#: How near two labels may stand.
LABEL_WIDTH, LABEL_HEIGHT = 124.0, 17.0
#: Shapes about the origin, the same area for each group: circle, diamond, square, triangle, cross.
SHAPES = (
    "M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0z",
    "M0-4.6 4.6 0 0 4.6-4.6 0z",
    "M-3.2-3.2h6.4v6.4h-6.4z",
    "M0-4.9 4.9 3.5h-9.8z",
    "M-1.6-4.6h3.2v3h3v3.2h-3v3h-3.2v-3h-3v-3.2h3z",
)


def sign(group: int) -> Markup:
    """Return the sign of a group, for use beside its name."""
    return Markup(
        '<svg class="gsign g-{0}" viewBox="-6 -6 12 12" width="14" height="14" aria-hidden="true"><path d="{1}"/></svg>'
    ).format(group, SHAPES[group])


def _scaled(view: PublicOpinions) -> tuple[pd.DataFrame, pd.DataFrame, float, tuple[float, float]]:
    """Return dots and centres in the units of the drawing, its height, and where the middle of the plane lies."""
    dots, centres = view.dots.copy(), view.groups.dropna(subset=["x", "y"]).copy()
    low, high = dots[["x", "y"]].min().to_numpy(float), dots[["x", "y"]].max().to_numpy(float)
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    span = np.where(high > low, high - low, 1.0)
    scale = min((W - 2 * MARGIN) / span[0], (MOST_HEIGHT - 2 * MARGIN) / span[1])
    height = max(LEAST_HEIGHT, scale * float(span[1]) + 2 * MARGIN)
    middle = (low + high) / 2

    def x(v: np.ndarray) -> np.ndarray:
        return np.asarray(W / 2 + scale * (v - middle[0]))

    def y(v: np.ndarray) -> np.ndarray:
        return np.asarray(height / 2 - scale * (v - middle[1]))

    for frame in (dots, centres):
        frame["x"], frame["y"] = x(frame["x"].to_numpy(float)), y(frame["y"].to_numpy(float))
    zero = np.zeros(1)
    return dots, centres, height, (float(x(zero)[0]), float(y(zero)[0]))


def _hull(points: np.ndarray) -> str:
    shape = shapely.MultiPoint(points).convex_hull.buffer(6, quad_segs=3)
    corners = shapely.get_coordinates(shape.exterior)[:-1]
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in corners) + "z"


def _labels(dots: pd.DataFrame, centres: pd.DataFrame, height: float) -> Markup:
    """Return name and size above the highest dot of each group, moved apart where they would touch."""
    placed: list[tuple[float, float]] = []
    out = []
    tops = dots.groupby("group")["y"].min().sort_values(kind="stable")
    for group, y in tops.items():
        x = min(max(float(centres.loc[group, "x"]), LABEL_WIDTH / 2), W - LABEL_WIDTH / 2)
        y = max(float(y) - 10, 14.0)
        for a, b in placed:
            if abs(a - x) < LABEL_WIDTH and abs(y - b) < LABEL_HEIGHT:
                y = b + LABEL_HEIGHT
        placed.append((x, min(y, height - 4)))
        name, n = NAMES[int(group)], num(float(centres.loc[group, "people"]))
        words = Text(f"{name.zh} {n.zh} 人", f"{name.en}, {n.en} people")
        out.append(
            Markup('<text class="glabel g-{}" x="{:.1f}" y="{:.1f}">{}</text>').format(
                group, x, y, bi_svg(words)
            )
        )
    return Markup("").join(out)


def draw(view: PublicOpinions, title: Text) -> tuple[Markup, int]:
    """Return the map and how many dots it shows; without a group that may be shown there is none."""
    if not len(view.dots):
        return Markup(""), 0
    dots, centres, height, (x0, y0) = _scaled(view)
    every = -(-len(dots) // MOST_DOTS)
    shown = dots.iloc[::every]
    ground = Markup("").join(
        Markup('<path class="ground g-{}" d="{}"/>').format(group, _hull(rows[["x", "y"]].to_numpy(float)))
        for group, rows in dots.groupby("group")
    )
    axes = Markup(
        '<path class="cross" d="M6 {y:.1f}H{r:.1f}M{x:.1f} 6V{b:.1f}"/>'
        '<text class="arrow" x="4" y="{t:.1f}">←</text><text class="arrow e" x="{w:.1f}" y="{t:.1f}">→</text>'
        '<text class="arrow m" x="{x:.1f}" y="12">↑</text><text class="arrow m" x="{x:.1f}" y="{f:.1f}">↓</text>'
    ).format(y=y0, x=x0, r=W - 6, b=height - 6, t=y0 - 4, w=W - 4, f=height - 3)
    marks = Markup("").join(
        Markup('<path class="odot g-{}" transform="translate({:.1f} {:.1f})" d="{}"/>').format(
            int(group), x, y, SHAPES[int(group)]
        )
        for x, y, group in zip(shown["x"], shown["y"], shown["group"], strict=True)
    )
    drawing = Markup(
        '<svg class="omap" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}{}{}{}</svg>'
    ).format(W, height, both(title), ground, axes, marks, _labels(dots, centres, height))
    return drawing, len(shown)
