"""The tables of a city snapshot as data, and the checks that every row must pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
import yaml
from pyproj import CRS

from hutong.errors import HutongError
from hutong.text import Text

GEOMETRY_TYPES = {
    "point": frozenset({"Point"}),
    "line": frozenset({"LineString", "MultiLineString"}),
    "area": frozenset({"Polygon", "MultiPolygon"}),
}
ORIGINS = ("observed", "imputed", "assumed")
ORIGIN_SUFFIX = "__origin"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind (str, int, float, bool, enum, time, point, line, area), unit and limits."""

    name: str
    kind: str
    null: bool = False
    key: bool = False
    ref: str | None = None
    enum: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    unit: str | None = None

    @property
    def is_geometry(self) -> bool:
        """Whether the column holds shapes."""
        return self.kind in GEOMETRY_TYPES

    @property
    def dtype(self) -> Any:
        """The pandas dtype that holds the column in memory."""
        if self.kind == "enum":
            return pd.CategoricalDtype(list(self.enum))
        return {
            "str": pd.StringDtype(na_value=np.nan),
            "int": np.dtype("int64"),
            "float": np.dtype("float64"),
            "bool": pd.BooleanDtype(),
            "time": pd.DatetimeTZDtype("us", "UTC"),
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order."""

    name: str
    columns: Mapping[str, Column]

    @property
    def key(self) -> str | None:
        """The name of the key column, if the table has one."""
        return next((c.name for c in self.columns.values() if c.key), None)

    @property
    def geometry(self) -> Column | None:
        """The geometry column, if the table has one."""
        return next((c for c in self.columns.values() if c.is_geometry), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables of a snapshot and the version of their layout."""

    version: int
    tables: Mapping[str, Table]


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses a key written twice."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
        if key in seen:
            line = key_node.start_mark.line + 1
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} is written twice (line {line})", key_node.start_mark
            )
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(text: str) -> Any:
    """Read YAML safely; a key written twice is an error, not a silent overwrite."""
    return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (a SafeLoader)


@cache
def schema() -> Schema:
    """Return the schema of this version of Hutong (``schema.yaml``)."""
    raw = read_yaml(files(__package__).joinpath("schema.yaml").read_text("utf-8"))
    tables = {}
    for table_name, columns in raw["tables"].items():
        read = {}
        for column_name, spec in columns.items():
            enum = tuple(raw["enums"][spec["enum"]]) if "enum" in spec else ()
            read[column_name] = Column(name=column_name, **{**spec, "enum": enum})
        tables[table_name] = Table(table_name, read)
    return Schema(raw["version"], tables)


def empty_table(name: str, crs: str | int) -> pd.DataFrame:
    """Return table ``name`` with all its columns and no rows."""
    return _empty_table(name, crs).copy()


@cache
def _empty_table(name: str, crs: str | int) -> pd.DataFrame:
    table = schema().tables[name]
    frame = pd.DataFrame(
        {c.name: pd.Series([], dtype=c.dtype) for c in table.columns.values() if not c.is_geometry}
    )
    if table.geometry is not None:
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=crs), crs=crs)
    return frame


def _line(table: Table, frame: pd.DataFrame, row: int, column: str, reason: str) -> str:
    key = table.key
    label = frame[key].iloc[row] if key in frame.columns else row
    return f"{table.name}.{column} row {row + 1} (id {label}): {reason}"


def _broken(table: Table, frame: pd.DataFrame, bad: np.ndarray, column: str, reason: str) -> Iterator[str]:
    for row in np.flatnonzero(bad):
        yield _line(table, frame, int(row), column, reason)


def conform(name: str, frame: pd.DataFrame, crs: str | int) -> tuple[pd.DataFrame, list[str]]:
    """Bring a table to the schema's columns and dtypes.

    Columns that may be unknown and are absent are added as unknown. Extra columns are refused, except
    cell origins (``NAME__origin``).

    Returns
    -------
    The table, and one line for each row that cannot be read (empty when all is well).
    """
    table = schema().tables[name]
    problems: list[str] = []
    out: dict[str, Any] = {}
    n = len(frame)
    for column in table.columns.values():
        if column.name not in frame.columns:
            if not column.null:
                problems.append(f"{name}.{column.name}: the column is missing")
            elif not column.is_geometry:
                out[column.name] = pd.Series(np.nan, index=range(n)).astype(column.dtype)
            continue
        if column.is_geometry:
            continue
        values = frame[column.name].reset_index(drop=True)
        if values.dtype == column.dtype:
            out[column.name] = values
            continue
        cast, bad, reason = _cast(values, column)
        problems += _broken(table, frame, bad, column.name, reason)
        out[column.name] = cast
    known = set(table.columns) | {c + ORIGIN_SUFFIX for c in table.columns}
    problems += [f"{name}.{c}: the table has no such column" for c in frame.columns if c not in known]
    for column_name in table.columns:
        origin = column_name + ORIGIN_SUFFIX
        if origin in frame.columns:
            words = frame[origin].reset_index(drop=True)
            out[origin], bad = _words(words, ORIGINS)
            problems += _broken(table, frame, bad, origin, f"must be one of {', '.join(ORIGINS)}")
    result = pd.DataFrame(out, index=pd.RangeIndex(n))
    geometry = table.geometry
    if geometry is not None:
        given = getattr(frame, "crs", None)
        if given is not None and given != CRS.from_user_input(crs):
            problems.append(f"{name}.{geometry.name}: the shapes are in {given.to_string()}, not in {crs}")
        shapes = (
            gpd.GeoSeries(frame[geometry.name].to_numpy(), crs=crs)
            if geometry.name in frame.columns
            else gpd.GeoSeries([None] * n, crs=crs)
        )
        result = gpd.GeoDataFrame(result, geometry=shapes, crs=crs)
    return result, problems


def _cast(values: pd.Series, column: Column) -> tuple[pd.Series, np.ndarray, str]:
    """Return the column in its dtype, which rows could not be read, and why."""
    given = values.notna().to_numpy()
    if column.kind == "enum":
        cast, bad = _words(values, column.enum)
        return cast, bad, f"must be one of {', '.join(column.enum)}"
    if column.kind in ("float", "int"):
        cast = pd.to_numeric(values, errors="coerce").astype("float64")
        reason = "must be a number"
        if column.kind == "int":
            whole = cast.notna().to_numpy() & (cast == cast.round()).to_numpy()
            bad = ~whole
            return cast.fillna(-1).astype("int64"), bad, "must be a whole number"
    elif column.kind == "bool":
        words = {1: True, 0: False, "true": True, "false": False}  # 1 == True, 1.0
        cast = values.astype("object").map(words).astype("boolean")
        reason = "must be true or false"
    elif column.kind == "time":
        cast = pd.to_datetime(values, errors="coerce", utc=True).astype(column.dtype)
        reason = "must be a date and time"
    else:
        cast = values.astype("object").where(given, None)
        cast = cast.map(lambda v: v if v is None else str(v)).astype(column.dtype)
        reason = "must be text"
    return cast, given & cast.isna().to_numpy(), reason


def _words(values: pd.Series, allowed: Sequence[str]) -> tuple[pd.Series, np.ndarray]:
    """Return the values as categories, and which rows hold a word that is not allowed."""
    objects = values.astype("object")
    given, known = values.notna().to_numpy(), objects.isin(list(allowed)).to_numpy()
    cast = pd.Categorical(objects.where(known, None), categories=list(allowed))
    return pd.Series(cast), given & ~known


@cache
def _pandera(name: str) -> pa.DataFrameSchema:
    columns = {}
    for column in schema().tables[name].columns.values():
        checks: list[pa.Check] = []
        if column.min is not None:
            checks.append(pa.Check.ge(column.min, error=f"must be at least {column.min:g}"))
        if column.max is not None:
            checks.append(pa.Check.le(column.max, error=f"must be at most {column.max:g}"))
        if column.kind == "float":
            checks.append(pa.Check(lambda s: np.isfinite(s), error="must be finite"))
        # what may be unknown and has no limits is already held by its dtype; keys are compared by City.build
        if checks or (not column.null and not column.is_geometry):
            columns[column.name] = pa.Column(None, checks=checks, nullable=column.null)
    return pa.DataFrameSchema(columns)


def _shape_problems(table: Table, frame: gpd.GeoDataFrame) -> Iterator[str]:
    column = table.geometry
    if column is None:
        return
    shapes = frame.geometry
    missing = shapes.isna().to_numpy() | shapes.is_empty.to_numpy()
    if not column.null:
        yield from _broken(table, frame, missing, column.name, "the shape is missing")
    kinds = GEOMETRY_TYPES[column.kind]
    wrong = ~missing & ~shapes.geom_type.isin(kinds).to_numpy()
    yield from _broken(table, frame, wrong, column.name, f"must be {' or '.join(sorted(kinds))}")
    xy, owner = shapely.get_coordinates(shapes.to_numpy(), return_index=True)
    infinite = np.zeros(len(frame), bool)
    infinite[owner[~np.isfinite(xy).all(axis=1)]] = True
    yield from _broken(table, frame, infinite, column.name, "coordinates must be finite")
    if column.kind == "area":
        usable = ~missing & ~wrong & ~infinite
        invalid = usable & ~shapes.is_valid.to_numpy()
        yield from _broken(table, frame, invalid, column.name, "the outline crosses itself")
        flat = usable & ~(shapes.area.to_numpy() > 0)
        yield from _broken(table, frame, flat, column.name, "the area must be above 0")


def problems_in(name: str, frame: pd.DataFrame, keys: Mapping[str, pd.Index]) -> list[str]:
    """Return one line per broken row of a table that already has the schema's dtypes.

    Parameters
    ----------
    keys
        Key values of the tables that others refer to, by table name.
    """
    table = schema().tables[name]
    out: list[str] = []
    try:
        _pandera(name).validate(pd.DataFrame(frame), lazy=True)
    except pa.errors.SchemaErrors as caught:
        cases = caught.failure_cases
        for column, check, row, value in zip(
            cases["column"], cases["check"], cases["index"], cases["failure_case"], strict=True
        ):
            reason = "must not be empty" if check == "not_nullable" else f"{value!r} {check}"
            out.append(_line(table, frame, int(row), str(column), reason))
    if isinstance(frame, gpd.GeoDataFrame):
        out += _shape_problems(table, frame)
    for column_spec in table.columns.values():
        if column_spec.ref is None:
            continue
        values = frame[column_spec.name]
        absent = values.notna().to_numpy() & (keys[column_spec.ref].get_indexer(pd.Index(values)) < 0)
        reason = f"there is no such row in {column_spec.ref}"
        out += _broken(table, frame, absent, column_spec.name, reason)
    return out


def invalid_rows(rows: list[str], what: str) -> HutongError:
    """Return the error for data with broken rows."""
    n = len(rows)
    return HutongError(
        "invalid-data",
        Text(f"{what}有 {n} 处不合格。", f"{what}: {n} broken rows or columns."),
        Text(
            "请改正所列各行后重试；没有写入任何内容。",
            "Mend the rows listed and try again; nothing was written.",
        ),
        rows,
    )
