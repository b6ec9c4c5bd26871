"""The map of the quarter as one inline SVG, drawn here so that the page needs no other host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup

from hutong.city import City
from hutong.report.format import bi_svg, both, same
from hutong.report.map_layers import Layer
from hutong.report.words import facility_words
from hutong.text import Text

WIDTH = 1000.0
MOST_BUILDINGS = 4000
MOST_LABELS = 24
#: How much larger names are on a phone than on a desk.
PHONE = 1.7
#: One character in Chinese and one or two letters in English for each kind of facility.
SIGNS = {
    "kindergarten": ("幼", "K"), "primary_school": ("小", "PS"), "middle_school": ("中", "SS"), "school": ("学", "S"),
    "nursery": ("托", "N"), "clinic": ("医", "C"), "hospital": ("院", "H"), "elderly_care": ("养", "E"), "canteen": ("食", "F"),
    "fresh_market": ("菜", "M"), "convenience": ("店", "Sh"), "park": ("园", "Pk"), "sports": ("动", "Sp"), "culture": ("文", "Cu"),
    "community_service": ("服", "CS"), "bus_stop": ("车", "B"), "rail_station": ("铁", "R"), "parking": ("停", "P"),
    "charging": ("电", "Ch"), "public_toilet": ("厕", "WC"), "post": ("邮", "Po"),
}  # fmt: skip
#: The outline of the sign says the group, so that it is told without colour.
SHAPES = {
    "education": "square",
    "care": "circle",
    "health": "circle",
    "shop": "diamond",
    "green": "hexagon",
    "public": "square",
    "transport": "pill",
}
#: Which group is drawn first where signs would overlap.
RANK = {g: k for k, g in enumerate(("education", "health", "care", "green", "public", "shop", "transport"))}
#: Marks what is left out of the whole map on a phone, where signs and names are drawn larger.
NEAR = Markup(' class="near"')
_OUTLINES = {
    "square": "M-9-9h18v18h-18z",
    "circle": "M-10 0a10 10 0 1 0 20 0a10 10 0 1 0-20 0z",
    "diamond": "M0-12 12 0 0 12-12 0z",
    "hexagon": "M-11 0-5.5-9.5h11L11 0 5.5 9.5h-11z",
    "pill": "M-7-8h14a8 8 0 0 1 0 16h-14a8 8 0 0 1 0-16z",
}


@dataclass(frozen=True)
class Frame:
    """How metres become drawing units: the west edge, the north edge and units per metre."""

    left: float
    top: float
    scale: float
    height: float

    @classmethod
    def around(cls, city: City) -> Frame:
        """Return the frame that holds all buildings and estates."""
        shapes = [city[t].geometry for t in ("buildings", "estates") if len(city[t])]
        west, south, east, north = np.vstack([s.total_bounds for s in shapes]).T
        x0, y0, x1, y1 = west.min(), south.min(), east.max(), north.max()
        edge = 0.03 * max(x1 - x0, y1 - y0, 1.0)
        scale = WIDTH / (x1 - x0 + 2 * edge)
        return cls(x0 - edge, y1 + edge, scale, (y1 - y0 + 2 * edge) * scale)

    def flat(self, shapes: gpd.GeoSeries) -> np.ndarray:
        """Return shapes in drawing units, y down."""

        def move(xy: np.ndarray) -> np.ndarray:
            return np.column_stack(((xy[:, 0] - self.left) * self.scale, (self.top - xy[:, 1]) * self.scale))

        return np.asarray(shapely.transform(shapes.to_numpy(), move))


def _ring(points: np.ndarray, close: bool) -> str:
    xy = np.round(points * 10).astype(int)
    if close:
        xy = xy[:-1]
    steps = np.diff(xy, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    head = f"M{xy[0, 0] / 10:g} {xy[0, 1] / 10:g}"
    body = "l" + " ".join(f"{x / 10:g} {y / 10:g}" for x, y in steps) if len(steps) else ""
    return head + body + ("z" if close else "")


def path_of(shape: shapely.Geometry) -> str:
    """Return the SVG path of a polygon or line in drawing units, to a tenth of a unit."""
    parts = shapely.get_parts(shape)
    out = []
    for part in parts:
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            out += [_ring(shapely.get_coordinates(r), True) for r in rings]
        else:
            out.append(_ring(shapely.get_coordinates(part), False))
    return "".join(out)


def drawn(city: City) -> np.ndarray:
    """Return the rows of the buildings that are drawn: all, or the largest up to the cap."""
    area = city["buildings"].geometry.area.to_numpy()
    if len(area) <= MOST_BUILDINGS:
        return np.arange(len(area))
    return np.sort(np.argsort(-area, kind="stable")[:MOST_BUILDINGS])


def _buildings(city: City, frame: Frame, rows: np.ndarray, layers: Sequence[Layer]) -> Markup:
    """Return the outlines, each with its class in every layer."""
    shapes = frame.flat(city["buildings"].geometry.iloc[rows])
    if len(rows) > 1500:
        shapes = shapely.simplify(shapes, 0.6)
    outlines = []
    for k, row in enumerate(rows):
        names = [f"L{j}-{layer.codes[row]}" for j, layer in enumerate(layers) if layer.codes[row] >= 0]
        names += [f"g{j}" for j, layer in enumerate(layers) if layer.guessed[row]]
        outlines.append(f'<path id="b{k}" class="{" ".join(["b", *names])}" d="{path_of(shapes[k])}"/>')
    return Markup("".join(outlines))  # noqa: S704 (numbers and our own names)


def _area(city: City, table: str, frame: Frame, where: np.ndarray, name: str) -> Markup:
    if not where.any():
        return Markup("")
    shapes = frame.flat(city[table].geometry[where])
    return Markup('<path class="{}" d="{}"/>').format(name, "".join(path_of(s) for s in shapes))


def _streets(city: City, frame: Frame) -> Markup:
    table = city["streets"]
    out = Markup("")
    kinds = table["kind"].astype("object").fillna("street").to_numpy()
    for kind in ("footpath", "steps", "lane", "street"):
        where = kinds == kind
        if where.any():
            shapes = frame.flat(table.geometry[where])
            out += Markup('<path class="way {}" d="{}"/>').format(kind, "".join(path_of(s) for s in shapes))
    return out


def facility_sign(kind: str) -> Markup:
    """Return the sign of a kind of facility, centred on the origin."""
    known = facility_words()
    shape = SHAPES[known[kind][1]] if kind in known else "circle"
    zh, en = SIGNS.get(kind, ("·", "·"))
    return Markup('<path d="{}"/><text y="4.2">{}</text>').format(_OUTLINES[shape], bi_svg(Text(zh, en)))


def _facilities(city: City, frame: Frame) -> Markup:
    table = city["facilities"]
    if not len(table):
        return Markup("")
    points = shapely.get_coordinates(frame.flat(table.geometry))
    out: list[Markup] = []
    kept: list[tuple[str, float, float]] = []
    known = facility_words()
    rank = [RANK.get(known[k][1], len(RANK)) if k in known else len(RANK) for k in table["kind"]]
    for row in np.argsort(rank, kind="stable"):
        kind, (x, y) = str(table["kind"].iloc[row]), points[row]
        inside = 8 <= x <= WIDTH - 8 and 8 <= y <= frame.height - 8
        near = any(k == kind and abs(a - x) < 26 and abs(b - y) < 26 for k, a, b in kept)
        if inside and not near:
            crowded = any(abs(a - x) < 46 and abs(b - y) < 40 for _, a, b in kept)
            kept.append((kind, x, y))
            sign = kind if kind in SIGNS else "other"
            out.append(
                Markup('<use href="#f-{}" x="{:.1f}" y="{:.1f}"{}/>').format(
                    sign, x, y, NEAR if crowded else ""
                )
            )
    return Markup("").join(out)


def _labels(city: City, frame: Frame) -> Markup:
    """Return the names of the estates, the largest first, leaving out those that would overlap."""
    table = city["estates"][city["estates"]["name"].notna().to_numpy()]
    if not len(table):
        return Markup("")
    shapes = frame.flat(table.geometry)
    order = np.argsort(-shapely.area(shapes), kind="stable")
    boxes: list[tuple[float, float, float, float]] = []
    wider = [(910.0, 0.0, WIDTH, 120.0)]  # the north arrow
    out: list[Markup] = []
    for k in order[:MOST_LABELS]:
        name = str(table["name"].iloc[k])
        wide = sum(1.0 if ord(c) > 0x2E7F else 0.58 for c in name) * 22
        x, y = shapely.get_coordinates(shapely.point_on_surface(shapes[k]))[0]
        x = min(max(x, PHONE * wide / 2 + 6), WIDTH - PHONE * wide / 2 - 6)
        here = (x - wide / 2, y - 14, x + wide / 2, y + 14)
        if _overlaps(here, boxes):
            continue
        boxes.append(here)
        large = (x - PHONE * wide / 2, y - 24, x + PHONE * wide / 2, y + 24)
        crowded = _overlaps(large, wider)
        if not crowded:
            wider.append(large)
        out.append(
            Markup('<text x="{:.1f}" y="{:.1f}"{}>{}</text>').format(x, y + 7, NEAR if crowded else "", name)
        )
    return Markup("").join(out)


def _overlaps(
    here: tuple[float, float, float, float], others: list[tuple[float, float, float, float]]
) -> bool:
    return any(here[0] < b[2] and b[0] < here[2] and here[1] < b[3] and b[1] < here[3] for b in others)


def scale_length(frame: Frame) -> int:
    """Return the length in metres of the scale bar: a round figure near a fifth of the width."""
    most = 0.22 * WIDTH / frame.scale
    return max((m for m in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if m <= most), default=1)


def _furniture(frame: Frame, attribution: str) -> Markup:
    metres = scale_length(frame)
    length = metres * frame.scale
    base = frame.height - 22
    bar = Markup(
        '<g class="scale"><rect x="16" y="{y:.1f}" width="{w:.1f}" height="30" rx="3" class="plate"/>'
        '<path d="M24 {b:.1f}v-7m0 7h{l:.1f}v-7m{h:.1f} 7v-5"/><text x="{t:.1f}" y="{ty:.1f}">{m} m</text></g>'
    ).format(
        y=base - 16,
        w=length + 70 + 8,
        b=base + 4,
        l=length,
        h=-length / 2,
        t=24 + length + 8,
        ty=base + 7,
        m=metres,
    )
    north = Markup(
        '<g class="north" transform="translate(968 40)"><circle r="24" class="plate"/><path d="M0-19 7 5 0 1-7 5z"/>'
        '<text y="20">{}</text></g>'
    ).format(bi_svg(Text("北", "N")))
    credit = Markup('<text class="credit" x="992" y="{:.1f}">{}</text>').format(
        frame.height - 10, attribution
    )
    return bar + north + credit


def attribution(city: City) -> str:
    """Return what the sources of the shapes ask to be shown on the map itself."""
    drawn_tables = ("buildings", "streets", "facilities", "estates", "plots")
    known = [city.provenance.get(t, {}).get("geometry") for t in drawn_tables]
    ids = {i for p in known if p is not None for i in p.source.split("+")}
    return " · ".join(
        dict.fromkeys(s.attribution for s in city.meta.sources if s.id in ids and s.attribution)
    )


def draw(city: City, layers: Sequence[Layer], rows: np.ndarray, title: Text) -> Markup:
    """Return the map as SVG; :func:`drawn` names the rows of the buildings on it."""
    frame = Frame.around(city)
    green = (city["plots"]["land_use"].astype("object") == "green").to_numpy()
    everywhere = np.ones(len(city["estates"]), bool)
    parts = (
        (
            "ground",
            _area(city, "plots", frame, green, "park") + _area(city, "estates", frame, everywhere, "estate"),
        ),
        ("ways", _streets(city, frame)),
        ("buildings", _buildings(city, frame, rows, layers)),
        ("facilities", _facilities(city, frame)),
        ("labels", _labels(city, frame)),
        ("furniture", _furniture(frame, attribution(city))),
    )
    inner = Markup("").join(Markup('<g class="{}">{}</g>').format(name, part) for name, part in parts)
    return Markup(
        '<svg class="map" viewBox="0 0 {w:.0f} {h:.0f}" role="img" aria-labelledby="map-title">'
        '<title id="map-title">{t}</title>{i}</svg>'
    ).format(w=WIDTH, h=frame.height, t=both(title), i=inner)


def symbols() -> Markup:
    """Return the shared signs: facilities as ``#f-KIND``, statuses as ``#s-STATUS``."""
    kinds = Markup("").join(
        Markup('<g id="f-{}" class="f {}"><g>{}</g></g>').format(k, group, facility_sign(k))
        for k, (_, group) in facility_words().items()
    )
    other = Markup('<g id="f-other" class="f"><g>{}</g></g>').format(facility_sign("other"))
    return kinds + other + STATUS_SIGNS


#: Status signs, 16 units wide, told by shape: full disc, half disc, triangle, square, ring.
STATUS_SIGNS = Markup(
    '<g id="s-good"><circle r="7"/></g>'
    '<g id="s-watch"><circle r="6.5" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M0-6.5a6.5 6.5 0 0 0 0 13z"/></g>'
    '<g id="s-warn"><path d="M0-7.5 8 6.5H-8z"/></g>'
    '<g id="s-alarm"><path d="M-7-7H7V7H-7z"/></g>'
    '<g id="s-unknown"><circle r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"/></g>'
)


def kinds_present(city: City) -> list[tuple[str, Text, int]]:
    """Return the kinds of facility of the quarter with their names and counts, in catalogue order."""
    counts = city["facilities"]["kind"].value_counts()
    known = facility_words()
    rows = [(k, title, int(counts[k])) for k, (title, _) in known.items() if k in counts.index]
    return rows + [(str(k), same(k), int(counts[k])) for k in sorted(set(counts.index) - set(known))]
