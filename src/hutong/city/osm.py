"""A city snapshot from an OpenStreetMap file: buildings, estates, facilities and a walking network."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from hutong.city.origins import settle_origins
from hutong.city.osm_build import build_tables
from hutong.city.osm_raw import RawMap
from hutong.city.osm_stream import read_map
from hutong.city.parcels import lay_ground
from hutong.city.snapshot import City, Meta, Source
from hutong.city.streets import components
from hutong.errors import HutongError
from hutong.text import Text, percent

IMPORTER_VERSION = 1
OSM = Source("osm", "OpenStreetMap", "ODbL-1.0", "© OpenStreetMap contributors")

# What could not be used, as the snapshot's notes tell it.
_DROPPED = {
    "gone": Text("{n} 个对象已停用或拆除，未读入", "{n} objects disused or demolished: left out"),
    "incomplete": Text("{n} 个轮廓缺少节点，未读入", "{n} outlines lack nodes: left out"),
    "broken_relation": Text(
        "{n} 个多边形关系不完整，未读入", "{n} multipolygons incomplete or broken: left out"
    ),
    "open_outline": Text("{n} 栋建筑轮廓未闭合，未读入", "{n} building outlines not closed: left out"),
    "not_a_building": Text(
        "{n} 个棚、廊或在建轮廓不计为建筑", "{n} roofs, ruins or sites under construction: not buildings"
    ),
    "outline_of_relation": Text(
        "{n} 个轮廓与多边形关系重复，只留后者", "{n} outlines repeat a multipolygon: the latter kept"
    ),
    "same_outline": Text(
        "{n} 栋建筑轮廓完全相同，只留一栋", "{n} buildings have the outline of another: one kept"
    ),
    "mended": Text("{n} 个自相交轮廓已修复", "{n} outlines crossed themselves and were mended"),
    "unusable": Text("{n} 个轮廓没有可用的面积，未读入", "{n} outlines enclose no area: left out"),
    "private_green": Text("{n} 处不开放绿地未计为设施", "{n} private greens: not facilities"),
    "private_street": Text(
        "{n} 条道路不许步行通过，未入路网", "{n} ways closed to walkers: not in the network"
    ),
    "drawn_twice": Text(
        "{n} 个设施点与同名面重复，只留面", "{n} facility points repeat an area: the area kept"
    ),
    "too_small": Text("{n} 处设施面积过小，未计", "{n} facilities too small to count"),
}


def read_osm(path: str | Path, name: str, title: Text | None = None, date: str | None = None) -> City:
    """Read an OpenStreetMap file (``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.pbf``) into a snapshot.

    What tags tell is observed; what they do not is unknown, for the completer. Streets are what people may
    walk on; ``access=private`` without ``foot=yes`` is left out, and so are trunk roads without a footway.

    Parameters
    ----------
    name
        Name of the snapshot.
    title
        Its title; the name if not given.
    date
        ISO date of the data; if not given, what the file states, else its newest edit, else the file's date.

    Raises
    ------
    HutongError
        ``no-file``, ``unknown-format``, ``unreadable``, ``duplicate-id``, ``unsorted``, ``bad-date``,
        ``empty-map``, ``no-buildings``, or ``invalid-data`` with the broken rows.
    """
    file = Path(path)
    if date is not None:
        _check_date(date)
    raw = read_map(file)
    _check_content(raw, file)
    built = build_tables(raw, file.name)
    if not len(built.tables["buildings"]):
        raise _no_buildings(file)
    tables = lay_ground(built.tables, built.covered, built.borders, built.crs, built.lands)
    tables = {table: frame for table, frame in tables.items() if len(frame)}
    tables, provenance = settle_origins(tables, dict.fromkeys(tables, OSM.id))
    meta = Meta(
        name=name,
        title=title or Text(name, name),
        date=date or _date(raw, file),
        crs=built.crs,
        sources=(OSM,),
        notes=(*_notes(built.lost), _network_note(tables)),
        recipe={"importer": "osm", "importer_version": IMPORTER_VERSION, "file_sha256": _sha256(file)},
    )
    return City.build(meta, tables, provenance, what=file.name)


def _check_content(raw: RawMap, file: Path) -> None:
    if not raw.outlines.ids and not raw.lines.way and not raw.spots:
        raise HutongError(
            "empty-map",
            Text(f"{file} 中没有可用的地图对象。", f"{file} has nothing on its map."),
            Text("请导出包含该街区的范围。", "Export an area that contains the quarter."),
        )
    if not raw.buildings:
        raise _no_buildings(file)


def _no_buildings(file: Path) -> HutongError:
    return HutongError(
        "no-buildings",
        Text(f"{file} 中没有建筑。", f"{file} has no buildings."),
        Text(
            "请换用有建筑轮廓的数据，或用 --map 从其他图层读入。",
            "Use data with building outlines, or read them from another layer with --map.",
        ),
    )


def _check_date(date: str) -> None:
    try:
        datetime.fromisoformat(date)
    except ValueError as caught:
        raise HutongError(
            "bad-date",
            Text(f"“{date}”不是日期。", f"{date!r} is not a date."),
            Text("请写作 2026-03-01。", "Write it as 2026-03-01."),
        ) from caught


def _date(raw: RawMap, file: Path) -> str:
    when = raw.written or raw.newest
    if when is None or when.year < 2004:  # OpenStreetMap began in 2004: the file has no time stamps
        when = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return when.date().isoformat()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _notes(lost: Counter[str]) -> list[str]:
    """Tell what was left out, in both languages, in a fixed order."""
    out = []
    for key, count in sorted(lost.items()):
        if not count:
            continue
        text = _DROPPED.get(key)
        if text is None:  # "unreadable:KEY"
            tag = key.split(":", 1)[1]
            text = Text(
                f"{{n}} 个 {tag} 值无法读作数，按未知处理",
                f"{{n}} values of {tag} are no plain figure: unknown",
            )
        out.append(f"{text.zh.format(n=count)}。 {text.en.format(n=count)}.")
    return out


def _network_note(tables: Mapping[str, pd.DataFrame]) -> str:
    if "streets" not in tables:
        return "没有可步行的道路。 There are no streets to walk on."
    parts = components(tables)
    share = percent(parts.share, digits=1)
    return (
        f"步行路网共 {len(parts.length_m)} 个连通部分，最大者占总长 {share}。"
        f" The walking network has {len(parts.length_m)} connected parts; the largest holds {share} of its length."
    )
