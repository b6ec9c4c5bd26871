"""The city snapshot: validated tables, where each value came from, and one hash of it all."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa_arrow
import pyarrow.compute as pc
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from hutong.city.schema import (
    ORIGIN_SUFFIX,
    ORIGINS,
    conform,
    empty_table,
    invalid_rows,
    problems_in,
    schema,
)
from hutong.errors import HutongError
from hutong.files import already_there
from hutong.text import Text

#: Codes of cell origins: -1 the value is unknown, then the places of ``ORIGINS``.
OBSERVED, IMPUTED, ASSUMED, NO_VALUE = 0, 1, 2, -1
#: The origin of a column whose cells differ in origin; the column ``NAME__origin`` then tells each.
MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where data came from: a short id, a title, its licence and the attribution it asks for."""

    id: str
    title: str
    licence: str
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Meta:
    """What a snapshot is: name, date (ISO), metric CRS, sources, notes and how it was made."""

    name: str
    title: Text
    date: str
    crs: str
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a column came from: ``observed``, ``imputed``, ``assumed`` or ``mixed``, and the source ids."""

    origin: str
    source: str


@dataclass(frozen=True)
class City:
    """A validated, dated, immutable snapshot of a quarter (DESIGN §4).

    Build one with :meth:`City.build` (which validates) or :meth:`City.load`.
    """

    meta: Meta
    tables: Mapping[str, pd.DataFrame]
    provenance: Mapping[str, Mapping[str, Provenance]]

    @classmethod
    def build(
        cls,
        meta: Meta,
        tables: Mapping[str, pd.DataFrame],
        provenance: Mapping[str, Mapping[str, Provenance]],
        what: str = "city",
    ) -> City:
        """Validate the tables and return the snapshot.

        Raises
        ------
        HutongError
            ``invalid-data`` with every broken row named; ``wrong-crs`` if the CRS is not metric; ``bad-date``.
        """
        check_metric(meta.crs)
        _check_date(meta.date)
        unknown = sorted(set(tables) - set(schema().tables))
        rows = [f"{name}: there is no such table" for name in unknown]
        ready: dict[str, pd.DataFrame] = {}
        for name in schema().tables:
            if name not in tables:
                ready[name] = empty_table(name, meta.crs)
                continue
            ready[name], problems = conform(name, tables[name], meta.crs)
            rows += problems
        if rows:
            raise invalid_rows(rows, what)
        keys = {
            name: pd.Index(ready[name][table.key])
            for name, table in schema().tables.items()
            if table.key is not None
        }
        for name, index in keys.items():
            if not index.is_unique:
                key = schema().tables[name].key
                twice = np.asarray(index.duplicated())
                rows += [
                    f"{name}.{key} row {row + 1} (id {index[row]}): the id stands twice"
                    for row in np.flatnonzero(twice)
                ]
        if rows:
            raise invalid_rows(rows, what)
        for name, frame in ready.items():
            if len(frame):
                rows += problems_in(name, frame, keys)
        rows += _provenance_problems(provenance, ready)
        if rows:
            raise invalid_rows(rows, what)
        return cls(meta, ready, {k: dict(v) for k, v in provenance.items()})

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table; a table without rows has all its columns."""
        return self.tables[name]

    @cached_property
    def _cache(self) -> dict[tuple[str, str], np.ndarray]:
        return {}

    def positions(self, table: str, column: str) -> np.ndarray:
        """Return, for a reference column, the row positions in the table it names (int64; -1 unknown)."""
        key = (table, column)
        if key not in self._cache:
            ref = schema().tables[table].columns[column].ref
            if ref is None:
                raise KeyError(f"{table}.{column} refers to no table")
            target = schema().tables[ref].key
            index = pd.Index(self.tables[ref][target])
            self._cache[key] = index.get_indexer(pd.Index(self.tables[table][column])).astype(np.int64)
        return self._cache[key]

    def origin(self, table: str, column: str) -> np.ndarray:
        """Return, per row, where the value came from: 0 observed, 1 imputed, 2 assumed, -1 unknown (int8)."""
        frame = self.tables[table]
        values = frame[column].notna().to_numpy()
        codes = np.full(len(frame), NO_VALUE, np.int8)
        if column + ORIGIN_SUFFIX in frame.columns:
            cells = frame[column + ORIGIN_SUFFIX].cat.codes.to_numpy()
            codes[values] = cells[values]
            return codes
        known = self.provenance.get(table, {}).get(column)
        code = ASSUMED if known is None else ORIGINS.index(known.origin)
        codes[values] = code
        return codes

    def coverage(self, table: str, column: str) -> float:
        """Return the share of rows whose value was observed (NaN for a table without rows)."""
        origin = self.origin(table, column)
        return float(np.mean(origin == OBSERVED)) if len(origin) else float("nan")

    def fill(
        self, table: str, column: str, values: Any, origin: str, source: str, where: np.ndarray | None = None
    ) -> City:
        """Return a copy whose unknown cells of a column are filled, each marked with its origin.

        Cells that hold a value are never changed. ``where`` limits the rows that may be filled.
        """
        frame = self.tables[table].copy()
        empty = frame[column].isna().to_numpy()
        if where is not None:
            empty = empty & where
        before = self.origin(table, column)
        series = pd.Series(values, index=frame.index).astype(frame[column].dtype)
        frame[column] = frame[column].where(~empty, series)
        filled = empty & frame[column].notna().to_numpy()
        if not filled.any():
            return self
        codes = np.where(filled, ORIGINS.index(origin), before)
        kinds = np.unique(codes[codes >= 0])
        old = self.provenance.get(table, {}).get(column)
        sources = [] if old is None or not (before >= 0).any() else old.source.split("+")
        joined = "+".join(dict.fromkeys([*sources, source]))
        cell = column + ORIGIN_SUFFIX
        if len(kinds) == 1:
            frame = frame.drop(columns=[cell], errors="ignore")
            kept = Provenance(ORIGINS[int(kinds[0])], joined)
        else:
            frame[cell] = pd.Categorical.from_codes(codes, categories=list(ORIGINS))
            kept = Provenance(MIXED, joined)
        provenance = {**self.provenance, table: {**self.provenance.get(table, {}), column: kept}}
        return replace(self, tables={**self.tables, table: frame}, provenance=provenance)

    @cached_property
    def hash(self) -> str:
        """Return the SHA-256 (hex) of the content: meta, provenance and every cell, in table order."""
        digest = hashlib.sha256()
        digest.update(_toml(self).encode())
        for name in sorted(self.tables):
            frame = self.tables[name]
            if not len(frame):
                continue
            for column in sorted(frame.columns):
                digest.update(f"\0{name}.{column}\0".encode())
                _digest_column(digest, frame[column])
        return digest.hexdigest()

    def save(self, path: str | Path, force: bool = False) -> Path:
        """Write the snapshot as a folder, whole or not at all.

        Raises
        ------
        HutongError
            ``exists`` if the folder exists and ``force`` is not set; ``not-a-city`` if it is something else,
            which ``force`` does not replace.
        """
        folder = Path(path)
        if folder.exists() and not force:
            raise already_there(folder)
        if folder.exists():
            _refuse_foreign(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for name, frame in self.tables.items():
                if not len(frame):
                    continue
                file = work / f"{name}.parquet"
                frame.to_parquet(file, index=False, compression="zstd")
            (work / "city.toml").write_text(_toml(self) + f'hash = "{self.hash}"\n', "utf-8")
            work.chmod(0o755)
            if folder.exists():
                _refuse_foreign(folder)
                _swap(work, folder)
            else:
                os.replace(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return folder

    @classmethod
    def load(cls, path: str | Path) -> City:
        """Read a snapshot folder and validate it.

        Raises
        ------
        HutongError
            ``not-a-city`` / ``newer-version`` / ``unreadable`` / ``invalid-data`` / ``altered``.
        """
        folder = Path(path)
        raw = _read_toml(folder)
        tables: dict[str, pd.DataFrame] = {}
        for name, table in schema().tables.items():
            file = folder / f"{name}.parquet"
            if not file.exists():
                continue
            try:
                tables[name] = gpd.read_parquet(file) if table.geometry is not None else pd.read_parquet(file)
            except (OSError, ValueError, pa_arrow.ArrowInvalid) as caught:
                raise _unreadable(file, str(caught)) from caught
        meta, provenance = _read_meta(raw, folder)
        city = cls.build(meta, tables, provenance, what=str(folder))
        if city.hash != raw.get("hash"):
            raise HutongError(
                "altered",
                Text(f"{folder} 的内容与其哈希不符。", f"The content of {folder} does not match its hash."),
                Text(
                    "快照不可修改：请恢复原文件，或重新生成。",
                    "A snapshot is immutable: restore the files or make the city anew.",
                ),
            )
        return city


def _swap(new: Path, folder: Path) -> None:
    """Put a new folder in the place of an old one; if that fails, the old one is back where it was."""
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    try:
        os.replace(folder, old / "city")
        try:
            os.replace(new, folder)
        except BaseException:
            os.replace(old / "city", folder)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _provenance_problems(
    provenance: Mapping[str, Mapping[str, Provenance]], tables: Mapping[str, pd.DataFrame]
) -> Iterator[str]:
    for name, columns in provenance.items():
        if name not in tables:
            yield f"{name}: provenance names a table that there is not"
            continue
        for column, known in columns.items():
            if column not in schema().tables[name].columns:
                yield f"{name}.{column}: provenance names a column that the table does not have"
            elif known.origin not in (*ORIGINS, MIXED):
                yield f"{name}.{column}: {known.origin!r} is no origin ({', '.join((*ORIGINS, MIXED))})"
            elif known.origin == MIXED and column + ORIGIN_SUFFIX not in tables[name].columns:
                yield f"{name}.{column}: its origins are mixed, but {column}{ORIGIN_SUFFIX} is missing"


def _refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that is not a city: --force must not delete anything else."""
    if not (folder / "city.toml").is_file():
        raise HutongError(
            "not-a-city",
            Text(
                f"{folder} 不是城市快照，不会覆盖。", f"{folder} is not a city folder, so it is not replaced."
            ),
            Text("请换一个名字。", "Choose another name."),
        )


def check_metric(crs: str) -> None:
    """Raise ``wrong-crs`` unless ``crs`` is projected with metres as its unit."""
    try:
        parsed = CRS.from_user_input(crs)
    except CRSError:
        parsed = None
    if parsed is None or not parsed.is_projected or any(a.unit_name != "metre" for a in parsed.axis_info):
        raise HutongError(
            "wrong-crs",
            Text(f"坐标系 {crs} 不是以米为单位的投影坐标系。", f"{crs} is not a projected CRS in metres."),
            Text(
                "请用 EPSG:4547（北京）或所在地的 UTM 带。",
                "Use EPSG:4547 (Beijing) or the UTM zone of the place.",
            ),
        )


def _check_date(date: str) -> None:
    """Raise ``bad-date`` unless ``date`` is a day written YYYY-MM-DD."""
    try:
        read = dt.date.fromisoformat(date)
    except (TypeError, ValueError):
        read = None
    if read is None or read.isoformat() != date:
        raise HutongError(
            "bad-date",
            Text(f"日期“{date}”无法读取。", f"{date!r} is not a date."),
            Text("请写成 2026-01-31 的形式。", "Write it as 2026-01-31."),
        )


def _read_toml(folder: Path) -> dict[str, Any]:
    file = folder / "city.toml"
    if not file.is_file():
        raise HutongError(
            "not-a-city",
            Text(
                f"{folder} 不是城市快照（没有 city.toml）。",
                f"{folder} is not a city folder (it has no city.toml).",
            ),
            Text("用 hutong new 新建一个，或检查路径。", "Make one with `hutong new`, or check the path."),
        )
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as caught:
        raise _unreadable(file, str(caught)) from caught
    version = raw.get("schema_version")
    if not isinstance(version, int):
        raise _unreadable(file, "schema_version")
    if version > schema().version:
        raise HutongError(
            "newer-version",
            Text(
                f"{folder} 的格式版本是 {version}，本程序只读到 {schema().version}。",
                f"{folder} has layout version {version}; this Hutong reads up to {schema().version}.",
            ),
            Text("请升级 Hutong 后再打开。", "Upgrade Hutong, then open it again."),
        )
    missing = [k for k in ("name", "title", "date", "crs") if k not in raw]
    if missing:
        raise _unreadable(file, ", ".join(missing))
    return raw


def _read_meta(raw: Mapping[str, Any], folder: Path) -> tuple[Meta, dict[str, dict[str, Provenance]]]:
    try:
        meta = Meta(
            name=raw["name"],
            title=Text.of(raw["title"]),
            date=raw["date"],
            crs=raw["crs"],
            sources=tuple(Source(**s) for s in raw.get("sources", [])),
            notes=tuple(raw.get("notes", [])),
            recipe=raw.get("recipe", {}),
        )
        provenance = {
            table: {column: Provenance(*text.split("|", 1)) for column, text in columns.items()}
            for table, columns in raw.get("provenance", {}).items()
        }
    except (KeyError, TypeError, AttributeError) as caught:
        raise _unreadable(folder / "city.toml", str(caught)) from caught
    return meta, provenance


def _unreadable(file: Path, why: str) -> HutongError:
    return HutongError(
        "unreadable",
        Text(f"{file} 无法读取：{why}。", f"{file} cannot be read: {why}."),
        Text(
            "请从备份恢复，或用 hutong new 重新生成。",
            "Restore it from a backup or make the city anew with `hutong new`.",
        ),
    )


def _quote(text: str) -> str:
    table = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    escaped = "".join(table.get(c, c if ord(c) >= 32 and ord(c) != 127 else f"\\u{ord(c):04x}") for c in text)
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quote(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return _quote(str(value))


def _toml(city: City) -> str:
    """Write the snapshot's meta and provenance as TOML, in a fixed order."""
    meta = city.meta
    lines = [
        f"schema_version = {schema().version}",
        f"name = {_quote(meta.name)}",
        f"title = {{zh = {_quote(meta.title.zh)}, en = {_quote(meta.title.en)}}}",
        f"date = {_quote(meta.date)}",
        f"crs = {_quote(meta.crs)}",
        f"notes = {_value(list(meta.notes))}",
        "sources = ["
        + ", ".join(
            f"{{id = {_quote(s.id)}, title = {_quote(s.title)}, licence = {_quote(s.licence)},"
            f" attribution = {_quote(s.attribution)}}}"
            for s in meta.sources
        )
        + "]",
        "recipe = {" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in sorted(meta.recipe.items())) + "}",
    ]
    parts = [
        f"{table} = {{"
        + ", ".join(f"{c} = {_quote(p.origin + '|' + p.source)}" for c, p in sorted(columns.items()))
        + "}"
        for table, columns in sorted(city.provenance.items())
    ]
    lines.append("provenance = {" + ", ".join(parts) + "}")
    return "\n".join(lines) + "\n"


def _digest_column(digest: Any, series: pd.Series) -> None:
    """Feed one column to the digest in a form that does not depend on library versions."""
    if isinstance(series, gpd.GeoSeries):
        flat = shapely.to_wkb(series.to_numpy(), byte_order=1, include_srid=False)
        lengths = np.fromiter((-1 if b is None else len(b) for b in flat), np.int64, len(flat))
        digest.update(lengths.astype("<i8").tobytes())
        digest.update(b"".join(b for b in flat if b is not None))
    elif isinstance(series.dtype, pd.CategoricalDtype):
        digest.update("|".join(map(str, series.cat.categories)).encode())
        digest.update(series.cat.codes.to_numpy().astype("<i4").tobytes())
    elif isinstance(series.dtype, pd.BooleanDtype):
        digest.update(series.to_numpy(dtype="float64", na_value=np.nan).astype("<f8").tobytes())
    elif isinstance(series.dtype, pd.DatetimeTZDtype):
        digest.update(series.astype("int64").to_numpy().astype("<i8").tobytes())
    elif series.dtype.kind in "if":
        values = series.to_numpy().astype("<f8") + 0.0
        values[np.isnan(values)] = np.nan
        digest.update(values.tobytes())
    else:
        array = pa_arrow.array(series.array, pa_arrow.large_string())
        if isinstance(array, pa_arrow.ChunkedArray):
            array = array.combine_chunks()
        lengths = pc.fill_null(pc.cast(pc.binary_length(array), pa_arrow.int64()), -1)
        digest.update(lengths.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
        filled = pc.fill_null(array, "")
        offsets = np.frombuffer(filled.buffers()[1], "<i8")[filled.offset : filled.offset + len(filled) + 1]
        if offsets[-1] > offsets[0]:  # without any text there may be no buffer
            digest.update(memoryview(filled.buffers()[2])[int(offsets[0]) : int(offsets[-1])])
