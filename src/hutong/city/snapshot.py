"""The city snapshot: validated tables, where each value came from, and one hash of it all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa_arrow

from hutong.city.digest import digest_column
from hutong.city.manifest import manifest, meta_of, read_manifest, unreadable
from hutong.city.meta import MIXED, Meta, Provenance, Source, check_date, check_metric
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

__all__ = [
    "ASSUMED",
    "IMPUTED",
    "NO_VALUE",
    "OBSERVED",
    "City",
    "Meta",
    "Provenance",
    "Source",
    "check_metric",
]

#: Codes of cell origins: -1 the value is unknown, then the places of ``ORIGINS``.
OBSERVED, IMPUTED, ASSUMED, NO_VALUE = 0, 1, 2, -1


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
        check_date(meta.date)
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
        digest.update(manifest(self.meta, self.provenance).encode())
        for name in sorted(self.tables):
            frame = self.tables[name]
            if not len(frame):
                continue
            for column in sorted(frame.columns):
                digest.update(f"\0{name}.{column}\0".encode())
                digest_column(digest, frame[column])
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
            (work / "city.toml").write_text(
                manifest(self.meta, self.provenance) + f'hash = "{self.hash}"\n', "utf-8"
            )
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
        raw = read_manifest(folder)
        tables: dict[str, pd.DataFrame] = {}
        for name, table in schema().tables.items():
            file = folder / f"{name}.parquet"
            if not file.exists():
                continue
            try:
                tables[name] = gpd.read_parquet(file) if table.geometry is not None else pd.read_parquet(file)
            except (OSError, ValueError, pa_arrow.ArrowInvalid) as caught:
                raise unreadable(file, str(caught)) from caught
        meta, provenance = meta_of(raw, folder)
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
