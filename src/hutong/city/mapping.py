"""The mapping file: a small TOML that says which layer becomes which table, and which column which.

::

    [city]
    name = "lane"
    title = {zh = "样例街区", en = "A sample quarter"}
    date = "2026-03-01"
    crs = "EPSG:4548"        # optional: the metric CRS of the snapshot
    datum = "gcj02"          # optional: the datum of layers in degrees: wgs84, cgcs2000, gcj02 or bd09

    [[source]]
    id = "survey"
    title = "Building survey 2026"
    licence = "internal"

    [tables.buildings]       # or [[tables.buildings]], several layers for one table
    file = "buildings.gpkg"  # beside the mapping; any OGR layer, GeoParquet or CSV
    layer = "houses"
    [tables.buildings.columns]
    building_id = "ID"
    use = {from = "YT", map = {"住宅" = "residential"}, otherwise = "other"}
    height_m = {from = "H_CM", scale = 0.01}
    structure = {value = "brick_concrete"}

    [tables.facilities]
    file = "shops.csv"
    x = "lon"
    y = "lat"
    datum = "bd09"
    columns = {name = "店名", kind = {value = "convenience"}}
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hutong.city.coords import DATUMS
from hutong.city.schema import ORIGINS, schema
from hutong.city.snapshot import Source
from hutong.errors import HutongError
from hutong.text import Text

_MADE = {"street_nodes": ("由 streets 生成", "it is made from streets")}


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one column is read: from a column of theirs, or one value for all rows."""

    name: str
    theirs: str | None = None
    values: Mapping[str, Any] | None = None
    otherwise: Any = None
    scale: float | None = None
    value: Any = None
    origin: str = "observed"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer that becomes rows of one table."""

    table: str
    file: Path
    source: str
    columns: tuple[ColumnRule, ...]
    layer: str | None = None
    encoding: str | None = None
    separator: str = ","
    crs: str | None = None
    datum: str | None = None
    x: str | None = None
    y: str | None = None
    wkt: str | None = None
    crossings: bool = True


@dataclass(frozen=True, slots=True)
class CityMapping:
    """A mapping file, read."""

    file: Path
    name: str
    title: Text
    date: str
    crs: str | None
    datum: str | None
    sources: tuple[Source, ...]
    layers: tuple[Layer, ...]


_CITY_KEYS: dict[str, Any] = {"name": str, "title": dict, "date": (str, date), "crs": str, "datum": str}
_SOURCE_KEYS: dict[str, Any] = {"id": str, "title": str, "licence": str, "attribution": str}
_LAYER_KEYS: dict[str, Any] = {
    "file": str,
    "layer": str,
    "source": str,
    "encoding": str,
    "separator": str,
    "crs": str,
    "datum": str,
    "x": str,
    "y": str,
    "wkt": str,
    "crossings": bool,
    "columns": dict,
}
_RULE_KEYS: dict[str, Any] = {
    "from": str,
    "map": dict,
    "otherwise": object,
    "scale": (int, float),
    "value": object,
    "origin": str,
}


def read_mapping_file(path: Path) -> CityMapping:
    """Read and check a mapping file.

    Raises
    ------
    HutongError
        ``no-file``, ``bad-mapping`` with each fault named, or ``unknown-table`` / ``unknown-column``.
    """
    if not path.is_file():
        raise HutongError(
            "no-file",
            Text(f"找不到映射文件 {path}。", f"There is no mapping file {path}."),
            Text("请检查路径。", "Check the path."),
        )
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        raise _bad([f"{path.name}: {caught}"]) from caught
    problems: list[str] = []
    _check_keys("", raw, {"city": dict, "source": list, "tables": dict}, problems)
    if problems:
        raise _bad(problems)
    city = raw.get("city", {})
    _check_keys("city", city, _CITY_KEYS, problems, ("name", "date"))
    title = city.get("title", {"zh": city.get("name"), "en": city.get("name")})
    if set(title) != {"zh", "en"}:
        problems.append("city.title: must be {zh = ..., en = ...}")
    try:
        date.fromisoformat(str(city.get("date", "2000-01-01")))
    except ValueError:
        problems.append(f"city.date: {city['date']!r} is not a date such as 2026-03-01")
    _check_datum("city", city, problems)
    for number, source in enumerate(raw.get("source", []), start=1):
        _check_keys(f"source {number}", source, _SOURCE_KEYS, problems, ("id", "title", "licence"))
    if not raw.get("source"):
        problems.append("source: at least one [[source]] with id, title and licence is needed")
    if not raw.get("tables"):
        problems.append("tables: at least one [tables.NAME] is needed")
    if problems:
        raise _bad(problems)
    sources = tuple(Source(**source) for source in raw["source"])
    layers = tuple(
        layer
        for table, spec in raw["tables"].items()
        for layer in _layers(path, table, spec, sources, problems)
    )
    if problems:
        raise _bad(problems)
    name, when = city["name"], str(city["date"])
    return CityMapping(path, name, Text.of(title), when, city.get("crs"), city.get("datum"), sources, layers)


def _layers(
    path: Path, table: str, spec: Any, sources: tuple[Source, ...], problems: list[str]
) -> list[Layer]:
    if table not in schema().tables or table in _MADE:
        raise _unknown_table(table)
    out = []
    for one in spec if isinstance(spec, list) else [spec]:
        place = f"tables.{table}"
        before = len(problems)
        _check_keys(place, one, _LAYER_KEYS, problems, ("file",))
        if len(problems) > before:
            continue
        _check_datum(place, one, problems)
        if "crs" in one and "datum" in one:
            problems.append(f"{place}: state crs or datum, not both")
        if ("x" in one) != ("y" in one):
            problems.append(f"{place}: x and y go together")
        source = one.get("source", sources[0].id)
        if source not in {s.id for s in sources}:
            problems.append(f"{place}.source: there is no source {source!r}")
        rest = {k: v for k, v in one.items() if k not in ("file", "source", "columns")}
        columns = tuple(_rule(table, name, rule, problems) for name, rule in one.get("columns", {}).items())
        out.append(Layer(table, path.parent / one["file"], source, columns, **rest))
    return out


def _rule(table: str, name: str, spec: Any, problems: list[str]) -> ColumnRule:
    place = f"tables.{table}.columns.{name}"
    column = schema().tables[table].columns.get(name)
    if column is None or column.is_geometry:
        raise _unknown_column(table, name)
    if isinstance(spec, str):
        return ColumnRule(name, theirs=spec)
    before = len(problems)
    _check_keys(place, spec, _RULE_KEYS, problems)
    if len(problems) == before and ("from" in spec) == ("value" in spec):
        problems.append(f"{place}: give either from or value")
    if len(problems) > before:
        return ColumnRule(name)
    origin = spec.get("origin", "assumed" if "value" in spec else "observed")
    if origin not in ORIGINS:
        problems.append(f"{place}.origin: must be one of {', '.join(ORIGINS)}")
    return ColumnRule(
        name,
        spec.get("from"),
        spec.get("map"),
        spec.get("otherwise"),
        spec.get("scale"),
        spec.get("value"),
        origin,
    )


def _check_keys(
    place: str, given: Any, known: Mapping[str, Any], problems: list[str], needed: tuple[str, ...] = ()
) -> None:
    dot = f"{place}." if place else ""
    if not isinstance(given, dict):
        problems.append(f"{place}: must be a table")
        return
    problems += [f"{dot}{key}: there is no such setting" for key in given if key not in known]
    problems += [f"{dot}{key}: is missing" for key in needed if key not in given]
    for key, kind in known.items():
        if key in given and not isinstance(given[key], kind):
            problems.append(f"{dot}{key}: {given[key]!r} is not of the right kind")


def _check_datum(place: str, given: Mapping[str, Any], problems: list[str]) -> None:
    if "datum" in given and given["datum"] not in DATUMS:
        problems.append(f"{place}.datum: must be one of {', '.join(DATUMS)}")


def _bad(rows: list[str]) -> HutongError:
    return HutongError(
        "bad-mapping",
        Text(f"映射文件有 {len(rows)} 处不对。", f"The mapping file has {len(rows)} faults."),
        Text("请改正所列各处；没有写入任何内容。", "Mend what is listed; nothing was written."),
        rows,
    )


def _unknown_table(table: str) -> HutongError:
    known = ", ".join(t for t in schema().tables if t not in _MADE)
    zh, en = _MADE.get(table, ("", ""))
    return HutongError(
        "unknown-table",
        Text(
            f"映射文件中的表 {table} 不能读入" + (f"：{zh}。" if zh else "：没有这张表。"),
            f"The mapping names a table {table} that cannot be read"
            + (f": {en}." if en else ": there is none."),
        ),
        Text(f"可用的表：{known}。", f"Tables are: {known}."),
    )


def _unknown_column(table: str, column: str) -> HutongError:
    known = ", ".join(c.name for c in schema().tables[table].columns.values() if not c.is_geometry)
    return HutongError(
        "unknown-column",
        Text(f"表 {table} 没有 {column} 这一列。", f"The table {table} has no column {column}."),
        Text(f"可用的列：{known}。", f"Its columns are: {known}."),
    )
