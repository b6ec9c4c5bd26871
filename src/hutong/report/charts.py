"""Small charts as SVG that stay legible on a phone and in black and white.

Bars are drawn in percentages without a view box, so that type keeps its size at any width; line charts are
drawn 320 units wide, the width of a phone's column, and set side by side on wider screens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from hutong.report.format import bi_svg, both, money, same
from hutong.text import Text

W, H = 320.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 6.0, 12.0, 28.0
#: Room at the right of a line chart for the last value.
VALUE = 62.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar: a class of the style sheet, its size and how it reads."""

    name: str
    title: Text
    size: float
    shown: Text


def stacked(parts: Sequence[Part], whole: float, title: Text, height: int = 20) -> Markup:
    """Return a horizontal stacked bar; ``whole`` is the length of the full width."""
    at = 0.0
    out = []
    for part in parts:
        width = 100 * part.size / whole if whole > 0 else 0.0
        if width <= 0:
            continue
        out.append(
            Markup('<rect class="k {}" x="{:.3f}%" width="{:.3f}%" height="{}"/>').format(
                part.name, at, max(width, 0.15), height
            )
        )
        at += width
    said = Text(
        "；".join(f"{p.title.zh} {p.shown.zh}" for p in parts if p.size > 0),
        "; ".join(f"{p.title.en} {p.shown.en}" for p in parts if p.size > 0),
    )
    label = Text(f"{title.zh}：{said.zh}", f"{title.en}: {said.en}")
    return Markup('<svg class="bar" height="{h}" role="img" aria-label="{t}">{p}</svg>').format(
        h=height, t=both(label), p=Markup("").join(out)
    )


def share_bar(share: float, marks: Sequence[float], status: str, title: Text, low: float = 0.0) -> Markup:
    """Return one share in [0, 1] as a bar with marks at the thresholds."""
    lines = Markup("").join(
        Markup('<line class="mark" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="18"/>').format(100 * m)
        for m in marks
    )
    known = not math.isnan(share)
    bar = (
        Markup('<rect class="k {}" x="{:.2f}%" y="4" width="{:.2f}%" height="10"/>').format(
            status, 100 * low, 100 * max(share - low, 0.0)
        )
        if known
        else Markup("")
    )
    return Markup(
        '<svg class="bar share" height="18" role="img" aria-label="{}"><rect class="track" y="4" width="100%" height="10"/>{}{}</svg>'
    ).format(both(title), bar, lines)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Return round figures that cover [low, high], at most ``most`` steps apart."""
    span = high - low
    if span <= 0:
        return [low]
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _axis_x(labels: Sequence[tuple[float, Text]], base: float) -> Markup:
    return Markup("").join(
        Markup('<text class="tick x" x="{:.1f}" y="{:.1f}">{}</text>').format(x, base + 20, bi_svg(t))
        for x, t in labels
    )


def band_chart(band: np.ndarray, title: Text, reference: np.ndarray | None = None) -> Markup:
    """Return a line with its band over months, on the scale of scores from 0 to 1.

    Parameters
    ----------
    band
        Shape (3, months + 1): lower quantile, median, upper quantile.
    reference
        The median of the setting to compare with, shape (months + 1,).
    """
    months = band.shape[1] - 1
    x = LEFT + (W - LEFT - VALUE - RIGHT) * np.arange(months + 1) / max(months, 1)
    marks = (0.0, 0.5, 1.0)
    floor, ceiling = marks[0], marks[-1]

    def height(v: np.ndarray) -> np.ndarray:
        share = (v - floor) / (ceiling - floor)
        return np.asarray(H - BOTTOM - (H - BOTTOM - TOP) * np.clip(share, 0, 1))

    grid = Markup("").join(
        Markup(
            '<path class="grid" d="M{} {y:.1f}H{}"/><text class="tick y" x="{}" y="{t:.1f}">{}</text>'
        ).format(
            LEFT,
            W - RIGHT - VALUE,
            LEFT - 6,
            same(f"{m:.2g}").zh,
            y=float(height(np.array(m))),
            t=float(height(np.array(m))) + (4 if m else -1),
        )
        for m in marks
    )
    ribbon = Markup('<polygon class="band" points="{} {}"/>').format(
        _points(x, height(band[2])), _points(x[::-1], height(band[0])[::-1])
    )
    past = (
        Markup("")
        if reference is None
        else Markup('<polyline class="reference" points="{}"/>').format(_points(x, height(reference)))
    )
    line = Markup('<polyline class="median" points="{}"/>').format(_points(x, height(band[1])))
    end = Markup(
        '<circle class="end" cx="{:.1f}" cy="{:.1f}" r="2.6"/><text class="value" x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(
        x[-1],
        float(height(band[1, -1:])[0]),
        x[-1] + 6,
        float(height(band[1, -1:])[0]) + 4,
        f"{band[1, -1]:.2f}",
    )
    years = range(0, months // 12 + 1, max(1, months // 36))
    labels = [(float(x[12 * y]), Text(f"{y} 年" if y else "现在", f"{y} y" if y else "now")) for y in years]
    said = Text(
        f"{title.zh}：末期中位 {band[1, -1]:.2f}，5–95% 区间 {band[0, -1]:.2f}–{band[2, -1]:.2f}",
        f"{title.en}: median at the end {band[1, -1]:.2f}, 5–95% {band[0, -1]:.2f}–{band[2, -1]:.2f}",
    )
    return _frame(said, grid + ribbon + past + line + end + _axis_x(labels, H - BOTTOM))


def cash_chart(net: np.ndarray, title: Text) -> Markup:
    """Return yearly net payments of one party as bars and their running sum as a line.

    ``net`` has one entry per year from year 0 (yuan; what the party receives less what it pays).
    """
    total = np.cumsum(net)
    both_lines = np.concatenate([net, total, [0.0]])
    marks = ticks(float(both_lines.min()), float(both_lines.max()), 4)
    floor, ceiling = (marks[0], marks[-1]) if len(marks) > 1 else (0.0, 1.0)

    def height(v: float) -> float:
        return H - BOTTOM - (H - BOTTOM - TOP) * (v - floor) / (ceiling - floor)

    left = 72.0
    step = (W - left - RIGHT) / max(len(net), 1)
    zero = height(0.0)
    grid = Markup("").join(
        Markup(
            '<path class="grid" d="M{} {y:.1f}H{}"/><text class="tick y" x="{}" y="{t:.1f}">{}</text>'
        ).format(left, W - RIGHT, left - 6, bi_svg(money(m)), y=height(m), t=height(m) + 4)
        for m in marks
    )
    bars = Markup("").join(
        Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            "in" if v >= 0 else "out",
            left + step * (k + 0.12),
            min(zero, height(v)),
            step * 0.76,
            abs(height(v) - zero),
        )
        for k, v in enumerate(net)
    )
    x = left + step * (np.arange(len(net)) + 0.5)
    line = Markup('<polyline class="running" points="{}"/>').format(
        _points(x, np.array([height(v) for v in total]))
    )
    axis = Markup('<path class="zero" d="M{} {:.1f}H{}"/>').format(left, zero, W - RIGHT)
    every = max(1, math.ceil(len(net) / 5))
    labels = [
        (float(x[k]), Text(f"第{k}年" if k else "当年", f"y{k}" if k else "now"))
        for k in range(0, len(net), every)
    ]
    end = money(float(total[-1]) if len(total) else 0.0)
    said = Text(f"{title.zh}：累计 {end.zh}", f"{title.en}: total {end.en}")
    return _frame(said, grid + bars + axis + line + _axis_x(labels, H - BOTTOM))


def interval(value: float, low: float, high: float, bound: float, title: Text) -> Markup:
    """Return an effect with its interval on a symmetric axis from -bound to +bound."""

    def at(v: float) -> float:
        return 50 + 48 * max(-1.0, min(1.0, v / bound)) if bound > 0 else 50.0

    return Markup(
        '<svg class="bar interval" height="18" role="img" aria-label="{t}">'
        '<line class="mark" x1="50%" x2="50%" y1="0" y2="18"/>'
        '<line class="whisker" x1="{a:.2f}%" x2="{b:.2f}%" y1="9" y2="9"/><circle cx="{m:.2f}%" cy="9" r="4"/></svg>'
    ).format(t=both(title), a=at(low), b=at(high), m=at(value))


def amount(value: float, most: float) -> Markup:
    """Return a bar for a figure that stands beside it; the full width is ``most``."""
    width = 100 * max(0.0, min(1.0, value / most)) if most > 0 else 0.0
    return Markup(
        '<svg class="bar amount" height="6" aria-hidden="true"><rect width="{:.2f}%" height="6"/></svg>'
    ).format(width)


def _frame(said: Text, inner: Markup) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>'
    ).format(W, H, both(said), inner)
