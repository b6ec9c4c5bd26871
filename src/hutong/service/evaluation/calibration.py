"""How often outcomes fell inside what was stated, as a drawing: the diagonal is a forecaster who knows how much they know."""

from __future__ import annotations

from markupsafe import Markup

from hutong.learn import Calibration

SIZE, LEFT, TOP = 260.0, 64.0, 12.0


def drawing(held: Calibration, said: str, stated: str, inside: str) -> Markup:
    """Return the drawing as SVG; ``said`` is read out, ``stated`` and ``inside`` name the axes."""

    def x(v: float) -> float:
        return LEFT + SIZE * v

    def y(v: float) -> float:
        return TOP + SIZE * (1 - v)

    grid = "".join(
        f'<path class="grid" d="M{x(0):.1f} {y(v):.1f}H{x(1):.1f}"/><text class="tick" x="{LEFT - 6:.0f}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.0%}</text>'
        f'<text class="tick" x="{x(v):.1f}" y="{TOP + SIZE + 18:.1f}" text-anchor="middle">{v:.0%}</text>'
        for v in (0.0, 0.5, 1.0)
    )
    points = "".join(
        f'<path class="whisker" d="M{x(s):.1f} {y(a):.1f}V{y(b):.1f}"/><circle class="point" cx="{x(s):.1f}" cy="{y(i):.1f}" r="4"/>'
        for s, i, a, b in zip(held.stated, held.inside, held.low, held.high, strict=True)
        if i == i
    )
    return Markup(
        '<svg class="calibration" viewBox="0 0 {w:.0f} {h:.0f}" role="img" aria-label="{said}">{grid}'
        '<path class="ideal" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>{points}'
        '<text class="axis" x="{mid:.1f}" y="{low:.1f}" text-anchor="middle">{stated}</text>'
        '<text class="axis" x="14" y="{midy:.1f}" text-anchor="middle" transform="rotate(-90 14 {midy:.1f})">{inside}</text></svg>'
    ).format(
        w=LEFT + SIZE + 24, h=TOP + SIZE + 44, said=said, grid=Markup(grid), points=Markup(points), x0=x(0), y0=y(0), x1=x(1), y1=y(1),  # noqa: S704 (figures alone)
        mid=x(0.5), low=TOP + SIZE + 38, midy=y(0.5), stated=stated, inside=inside,
    )  # fmt: skip
