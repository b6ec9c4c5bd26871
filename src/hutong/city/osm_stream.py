"""Read an OpenStreetMap file (XML or PBF) in one stream, keeping only what a snapshot needs.

Nothing is kept per untagged node: their coordinates stay in osmium's index, and outlines and lines go into
flat arrays: 200 MB of XML are read in about 0.7 GB (bench/osm_import.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from hutong.city.facilities import facility_kinds, facility_rules
from hutong.city.osm_raw import RawMap
from hutong.city.tags import osm_rules
from hutong.errors import HutongError
from hutong.text import Text

_FORMATS = (".osm", ".osm.gz", ".osm.bz2", ".pbf")
_POINT = -1
_UNKNOWN = float("nan")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)")
_METRES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m|米)?")
_DATE = re.compile(r"(\d{4})(?:-\d\d){0,2}")
_NAMES = ("name", "name:zh", "name:zh-Hans", "name:en")


def read_map(path: Path) -> RawMap:
    """Read the objects of an OpenStreetMap file that a snapshot needs.

    Raises
    ------
    HutongError
        ``no-file``, ``unknown-format``, ``unreadable`` (truncated, or not well-formed), ``duplicate-id`` or
        ``unsorted``.
    """
    _check_file(path)
    reader = _Reader()
    for thing, tags in _objects(path, reader):
        reader.take(thing, tags)
    reader.finish()
    return reader.map


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise HutongError(
            "no-file",
            Text(f"找不到文件 {path}。", f"There is no file {path}."),
            Text("请检查路径。", "Check the path."),
        )
    if not path.name.endswith(_FORMATS):
        raise HutongError(
            "unknown-format",
            Text(
                f"{path.name} 不是 OpenStreetMap 文件。",
                f"{path.name} is not an OpenStreetMap file by its name.",
            ),
            Text(f"文件名应以 {'、'.join(_FORMATS)} 结尾。", f"The name must end in {', '.join(_FORMATS)}."),
        )


def _objects(path: Path, reader: _Reader) -> Iterator[tuple[Any, dict[str, str]]]:
    """Yield tagged objects; whatever osmium finds wrong with the file becomes one error."""
    try:
        keys = osmium.filter.KeyFilter(*reader.keys)
        stream: Any = osmium.FileProcessor(str(path)).with_locations("flex_mem").with_areas(keys)
        # All relations pass: they are few, and their edits tell how new the file is.
        wanted = osmium.filter.KeyFilter(*reader.keys)
        wanted.enable_for(osmium.osm.NODE | osmium.osm.WAY | osmium.osm.AREA)
        stream.with_filter(wanted)
        box = stream.header.box()
        if box.valid():
            low, high = box.bottom_left, box.top_right
            reader.map.box = (low.lon, low.lat, high.lon, high.lat)
        written = stream.header.get("osmosis_replication_timestamp") or stream.header.get("timestamp")
        if written:
            reader.map.written = datetime.fromisoformat(written.replace("Z", "+00:00"))
        for thing in stream:
            if thing.is_area() and thing.from_way():
                continue  # closed ways are read as ways, so that outlines that cross themselves can be mended
            yield thing, {tag.k: tag.v for tag in thing.tags}
    except (RuntimeError, ValueError, OSError) as caught:
        raise _cannot_read(path, str(caught)) from caught


class _Reader:
    """Sorts objects into the map by their tags."""

    def __init__(self) -> None:
        self.map = RawMap()
        self.rules = osm_rules()
        rules = self.rules
        groups = (facility_rules(), rules.land_use, rules.street_kind, rules.block_border)
        self.keys = sorted({"building"}.union(*(g.keys for g in groups)))
        self._wkb = osmium.geom.WKBFactory()
        self._all_nodes = osmium.geom.use_nodes.ALL
        self._relations: set[int] = set()

    def take(self, thing: Any, tags: dict[str, str]) -> None:
        """Read one object."""
        out = self.map
        out.objects += 1
        stamp = thing.timestamp
        if out.newest is None or stamp > out.newest:
            out.newest = stamp
        if self.rules.gone.match(tags) is not None:
            out.dropped["gone"] += 1
        elif thing.is_node():
            self._spot(f"n{thing.id}", tags, _POINT, thing.location)
        elif thing.is_way():
            self._way(thing, tags)
        elif thing.is_area():
            self._relations.discard(thing.orig_id())
            wkb = bytes.fromhex(self._wkb.create_multipolygon(thing))
            self._area(f"r{thing.orig_id()}", tags, wkb, ring=False)
        elif tags.get("type") in ("multipolygon", "boundary") and self._wants_area(tags):
            self._relations.add(thing.id)
            if "building" in tags:
                outer = [f"w{m.ref}" for m in thing.members if m.type == "w" and m.role in ("outer", "")]
                out.outer_ways[f"r{thing.id}"] = outer

    def finish(self) -> None:
        """Settle what only the whole file can tell."""
        out = self.map
        if self._relations:
            out.dropped["broken_relation"] += len(self._relations)
        held = set(out.outlines.ids)
        twice = {way for relation, ways in out.outer_ways.items() if relation in held for way in ways}
        if twice:  # the relation is the building; the outline of its outer way is not another one
            before = len(out.buildings)
            out.buildings = [row for row in out.buildings if out.outlines.ids[row[0]] not in twice]
            out.dropped["outline_of_relation"] += before - len(out.buildings)

    def _wants_area(self, tags: dict[str, str]) -> bool:
        return (
            "building" in tags
            or self.rules.land_use.match(tags) is not None
            or facility_rules().match(tags) is not None
        )

    def _way(self, way: Any, tags: dict[str, str]) -> None:
        self._line(way, tags)
        if tags.get("area") == "no" or not self._wants_area(tags):
            return
        size = len(way.nodes)
        try:
            wkb = bytes.fromhex(self._wkb.create_linestring(way, self._all_nodes)) if size >= 2 else b""
        except osmium.InvalidLocationError:
            wkb = b""
        if not wkb:
            self.map.dropped["incomplete"] += 1
        elif way.is_closed() and size >= 4:
            self._area(f"w{way.id}", tags, wkb, ring=True)
        elif "building" in tags:
            self.map.dropped["open_outline"] += 1
        else:
            self._spot(f"w{way.id}", tags, _POINT, way.nodes[size // 2].location)

    def _area(self, area_id: str, tags: dict[str, str], wkb: bytes, ring: bool) -> None:
        out, rules = self.map, self.rules
        place = out.outlines.add(area_id, wkb, ring)
        if "building" in tags:
            if rules.not_a_building.match(tags) is not None:
                out.dropped["not_a_building"] += 1
            else:
                self._building(place, tags)
        else:
            land_use = rules.land_use.match(tags)
            if land_use is not None:
                out.lands.append((place, land_use, _name(tags)))
        self._spot(area_id, tags, place, None)

    def _building(self, place: int, tags: dict[str, str]) -> None:
        rules = self.rules
        self.map.buildings.append(
            (
                place,
                rules.building_use.match(tags) or rules.building_use_by_occupant.match(tags),
                rules.building_form.match(tags),
                rules.heritage_grade.match(tags),
                _name(tags),
                self._figure("building:levels", tags, _NUMBER, 1, 200),
                self._figure("height", tags, _METRES, 1, 1000),
                self._figure("start_date", tags, _DATE, 1000, 2100),
            )
        )

    def _figure(
        self, key: str, tags: dict[str, str], form: re.Pattern[str], low: float, high: float
    ) -> float:
        """Read a number from a tag; what is no plain number in range is unknown, and counted."""
        if key not in tags:
            return _UNKNOWN
        match = form.fullmatch(tags[key].strip())
        value = float(match.group(1)) if match else _UNKNOWN
        if not low <= value <= high:
            self.map.dropped[f"unreadable:{key}"] += 1
            return _UNKNOWN
        return value

    def _spot(self, spot_id: str, tags: dict[str, str], place: int, location: Any) -> None:
        kind = facility_rules().match(tags)
        if kind is None:
            return
        if facility_kinds()[kind].group == "green" and tags.get("access") in ("private", "no"):
            self.map.dropped["private_green"] += 1
            return
        capacity = self._figure("capacity", tags, _NUMBER, 0, 1e6)
        lon, lat = (location.lon, location.lat) if location is not None else (_UNKNOWN, _UNKNOWN)
        self.map.spots.append((spot_id, kind, _name(tags), capacity, place, lon, lat))

    def _line(self, way: Any, tags: dict[str, str]) -> None:
        rules, lines = self.rules, self.map.lines
        kind = rules.street_kind.match(tags)
        if kind and rules.foot_forbidden.match(tags) and not rules.foot_allowed.match(tags):
            self.map.dropped["private_street"] += 1
            kind = None
        border = rules.block_border.match(tags) is not None
        if kind is None and not border:
            return
        for run in _runs(way.nodes):
            lines.way.append(way.id)
            lines.kind.append(kind)
            lines.border.append(border)
            lines.count.append(len(run))
            lines.node.extend(ref for ref, _, _ in run)
            lines.xy += np.array([(x, y) for _, x, y in run], "<f8").tobytes()


def _runs(nodes: Any) -> Iterator[list[tuple[int, float, float]]]:
    """Yield the stretches of a way whose nodes are in the file (an extract may cut ways)."""
    run: list[tuple[int, float, float]] = []
    for node in nodes:
        if node.location.valid():
            run.append((node.ref, node.lon, node.lat))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _cannot_read(path: Path, why: str) -> HutongError:
    """Return the error for what osmium says is wrong with a file."""
    if "twice in input" in why:
        return HutongError(
            "duplicate-id",
            Text(f"{path} 中有编号重复的对象：{why}", f"{path} has an object twice: {why}"),
            Text(
                "合并多个摘录时请用 osmium merge 去重。",
                "Merge extracts with `osmium merge`, which keeps one of each.",
            ),
        )
    if "out of order" in why:
        return HutongError(
            "unsorted",
            Text(f"{path} 中的对象未按编号排序：{why}", f"{path} is not sorted by id: {why}"),
            Text("请先运行 osmium sort。", "Run `osmium sort` on it first."),
        )
    return HutongError(
        "unreadable",
        Text(
            f"{path} 无法读取（文件不完整或已损坏）：{why}。",
            f"{path} cannot be read (cut short or damaged): {why}.",
        ),
        Text("请重新下载或导出该文件。", "Download or export the file again."),
    )


def _name(tags: dict[str, str]) -> str | None:
    return next((tags[key].strip() for key in _NAMES if tags.get(key, "").strip()), None)
