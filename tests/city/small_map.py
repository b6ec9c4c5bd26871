"""A small fictional map, written by the tests themselves as OpenStreetMap XML or PBF."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium

LON, LAT = 117.0, 40.5
M_LAT = 1 / 111_040.0
M_LON = 1 / (111_320.0 * math.cos(math.radians(LAT)))


@dataclass
class MapFile:
    """Objects in local metres (east, north) from a fictional corner."""

    size_m: tuple[float, float] | None = (1000.0, 800.0)
    stamp: str | None = "2026-02-03T04:05:06Z"
    lines: dict[str, list[str]] = field(default_factory=lambda: {"node": [], "way": [], "relation": []})
    known: dict[tuple[float, float], int] = field(default_factory=dict)

    def _put(self, kind: str, number: int, tags: dict[str, str], inner: str = "", extra: str = "") -> int:
        inner += "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
        when = f' version="1" timestamp="{self.stamp}"' if self.stamp else ""
        self.lines[kind].append(f'<{kind} id="{number}"{when}{extra}>{inner}</{kind}>')
        return number

    def node(self, east: float, north: float, **tags: str) -> int:
        at = (east, north)
        if not tags and at in self.known:
            return self.known[at]
        place = f' lat="{LAT + north * M_LAT:.9f}" lon="{LON + east * M_LON:.9f}"'
        number = self._put("node", len(self.lines["node"]) + 1, _real(tags), extra=place)
        self.known.setdefault(at, number)
        return number

    def way(self, points: list[tuple[float, float]], number: int | None = None, **tags: str) -> int:
        refs = "".join(f'<nd ref="{self.node(*p)}"/>' for p in points)
        return self._put("way", number or len(self.lines["way"]) + 101, _real(tags), refs)

    def box(self, east: float, north: float, width: float, depth: float, **tags: str) -> int:
        w, s, e, n = east, north, east + width, north + depth
        return self.way([(w, s), (e, s), (e, n), (w, n), (w, s)], **tags)

    def multipolygon(self, outer: list[int], inner: list[int], **tags: str) -> int:
        members = "".join(f'<member type="way" ref="{w}" role="outer"/>' for w in outer)
        members += "".join(f'<member type="way" ref="{w}" role="inner"/>' for w in inner)
        tags = {"type": "multipolygon", **_real(tags)}
        return self._put("relation", len(self.lines["relation"]) + 501, tags, members)

    def xml(self) -> str:
        bounds = ""
        if self.size_m is not None:
            north, east = LAT + self.size_m[1] * M_LAT, LON + self.size_m[0] * M_LON
            bounds = f'<bounds minlat="{LAT}" minlon="{LON}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>'
        body = "\n".join(line for kind in self.lines.values() for line in kind)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">{bounds}\n{body}\n</osm>\n'

    def write(self, file: Path) -> Path:
        file.write_text(self.xml(), "utf-8")
        return file


def _real(tags: dict[str, str]) -> dict[str, str]:
    """Let tests write building__levels for building:levels."""
    return {key.replace("__", ":"): value for key, value in tags.items()}


def to_pbf(source: Path, target: Path) -> Path:
    header = osmium.io.Header()
    box = osmium.FileProcessor(str(source)).header.box()
    if box.valid():
        header.add_box(box)
    with osmium.SimpleWriter(str(target), header=header, overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    return target


def quarter_map() -> MapFile:
    """Two blocks parted by a dual carriageway, two estates, a school, a park, lanes and what maps get wrong."""
    m = MapFile()
    for east in (490.0, 510.0):  # 20 m apart: the strip between is no block
        m.way([(east, -50.0), (east, 400.0), (east, 850.0)], highway="primary", name="中环路")
    m.way([(490.0, 400.0), (510.0, 400.0)], highway="footway")
    m.way([(-50.0, 400.0), (200.0, 400.0), (490.0, 400.0)], highway="residential")
    m.way([(200.0, 400.0), (200.0, 600.0)], highway="service")
    m.way([(200.0, 600.0), (250.0, 600.0), (250.0, 650.0), (200.0, 650.0), (200.0, 600.0)], highway="footway")
    m.way([(250.0, 600.0), (260.0, 590.0)], highway="steps")
    m.way([(200.0, 500.0), (300.0, 500.0)], highway="service", access="private")
    m.way([(210.0, 400.0), (210.0, 380.0)], highway="service", access="private", foot="yes")
    m.way([(-50.0, 780.0), (600.0, 780.0)], highway="trunk")
    m.way([(-50.0, 20.0), (600.0, 20.0)], highway="motorway")
    # The estate with slabs, and an unnamed one across the road.
    m.box(100, 450, 300, 300, landuse="residential", name="青砖里小区")
    m.box(600, 100, 200, 200, landuse="residential")
    m.box(120, 460, 60, 12, building="apartments", building__levels="6", name="1号楼", start_date="1985-06")
    m.box(120, 520, 60, 12, building="residential", building__levels="many", height="18 m")
    m.box(120, 580, 60, 12, building="yes", start_date="1980s")
    m.box(620, 120, 40, 40, building="siheyuan", heritage="4", height="5")
    m.box(700, 120, 10, 10, building="yes", shop="convenience", name="街口小店")
    m.box(705, 125, 2, 2, building__part="yes")
    m.box(300, 460, 20, 20, building="roof")
    m.box(900, 700, 20, 20, building="yes", disused="yes")
    m.box(900, 600, 30, 12, building="office")  # on no estate: on the rest plot
    # A courtyard building with a hole, and one whose outline crosses itself.
    outer = m.box(300, 600, 60, 60, building="yes")
    inner = m.box(320, 620, 20, 20)
    m.multipolygon([outer], [inner], building="school", name="青砖里小学", amenity="school")
    m.way([(700, 200), (720, 220), (720, 200), (700, 220), (700, 200)], building="house")
    m.way([(750, 200), (760, 200), (755, 200), (750, 200)], building="house")  # no area at all
    m.way([(780, 250), (790, 250), (790, 260)], building="house")  # not closed
    m.multipolygon([99999], [], building="yes")  # its outline is not in the extract
    # Facilities: a point that repeats its area, a lawn too small for a park, a private garden.
    m.box(420, 600, 40, 40, amenity="kindergarten", name="青砖里幼儿园")
    m.node(430, 610, amenity="kindergarten", name="青砖里幼儿园")
    m.node(435, 615, amenity="kindergarten", name="另一所幼儿园")
    m.box(600, 500, 100, 50, leisure="park", name="槐荫公园")
    m.box(720, 500, 10, 10, leisure="park")
    m.box(740, 500, 50, 50, leisure="garden", access="private")
    m.node(610, 310, shop="convenience;hairdresser")
    m.node(10, 410, highway="bus_stop", name="青砖里")
    m.box(820, 300, 30, 40, amenity="parking", capacity="24")
    return m
