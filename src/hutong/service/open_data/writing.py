"""Rows of a dataset as CSV, GeoJSON and Parquet: the same rows give the same bytes, and what is private is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hutong.city.text_table import harmless
from hutong.service.web.datasets import Column, Dataset

#: Forms by their ending, and what they are.
FORMS = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
TYPES = {
    "text": pa.string(), "whole": pa.int64(), "number": pa.float64(), "flag": pa.bool_(), "day": pa.date32(),
    "moment": pa.timestamp("us", "UTC"),
}  # fmt: skip
PYTHON: dict[str, tuple[type, ...]] = {
    "text": (str,), "whole": (int,), "number": (float,), "flag": (bool,), "day": (dt.date,), "moment": (dt.datetime,),
}  # fmt: skip


def checked(of: Dataset, row: Sequence[Any]) -> tuple[Any, ...]:
    """Return a row, or raise ``ValueError`` where it is not what the dictionary says, or counts too few people."""
    width = len(of.columns) + of.spatial
    if len(row) != width:
        raise ValueError(f"{of.id}: a row has {len(row)} cells, not {width}")
    for column, value in zip(of.columns, row, strict=False):
        if value is not None:
            _check(of, column, value)
    return tuple(row)


def _check(of: Dataset, column: Column, value: Any) -> None:
    kind = column.kind
    wrong = not isinstance(value, PYTHON[kind]) or (kind == "whole" and isinstance(value, bool))
    if wrong or (kind == "day" and isinstance(value, dt.datetime)):
        raise ValueError(f"{of.id}.{column.name}: {type(value).__name__} is no {kind}")
    if column.fewest and 0 < value < column.fewest:
        raise ValueError(f"{of.id}.{column.name}: a count below {column.fewest} would be told")


def files_of(of: Dataset, rows: Sequence[Sequence[Any]]) -> dict[str, bytes]:
    """Return a dataset in every form that it has, by ending."""
    kept = [checked(of, row) for row in rows]
    made = {"csv": csv_bytes(of, kept), "parquet": parquet_bytes(of, kept)}
    return made | ({"geojson": geojson_bytes(of, kept)} if of.spatial else {})


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == "text":
        return harmless(value)
    if column.kind == "flag":
        return "true" if value else "false"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date) else repr(value)


def csv_bytes(of: Dataset, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as CSV for spreadsheets (RFC 4180, UTF-8 with its mark): no cell is a formula; no geometry."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([c.name for c in of.columns])
    for row in rows:
        writer.writerow([_cell(c, v) for c, v in zip(of.columns, row, strict=False)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def geojson_bytes(of: Dataset, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as GeoJSON (RFC 7946), values as they are."""
    features = [
        {
            "type": "Feature",
            "properties": {c.name: _json(v) for c, v in zip(of.columns, row, strict=False)},
            "geometry": row[-1],
        }
        for row in rows
    ]
    told = {"type": "FeatureCollection", "features": features}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _json(value: Any) -> Any:
    return _plain(value) if isinstance(value, dt.date) else value


def parquet_bytes(of: Dataset, rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as Parquet, values as they are, what each column means in its metadata; geometry as GeoJSON text."""
    fields, arrays = [], []
    for k, c in enumerate(of.columns):
        told = {"zh": c.means.zh, "en": c.means.en, "unit": c.unit}
        fields.append(pa.field(c.name, TYPES[c.kind], metadata=told))
        arrays.append(pa.array([row[k] for row in rows], TYPES[c.kind]))
    if of.spatial:
        fields.append(pa.field("geometry", pa.string(), metadata={"en": "GeoJSON, WGS 84"}))
        shapes = [None if row[-1] is None else json.dumps(row[-1], separators=(",", ":")) for row in rows]
        arrays.append(pa.array(shapes, pa.string()))
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), sink, compression="zstd")
    return sink.getvalue()


def dictionary(of: Dataset) -> dict[str, Any]:
    """Return what a dataset says of itself and its columns, as plain values."""

    def both(text: Any) -> dict[str, str]:
        return {"zh": text.zh, "en": text.en}

    return {
        "id": of.id,
        "title": both(of.title),
        "about": both(of.about),
        "source": both(of.source),
        "frozen": of.frozen,
        "columns": [
            {
                "name": c.name,
                "kind": c.kind,
                "means": both(c.means),
                "unit": c.unit,
                "source": both(c.source or of.source),
                "values": {k: both(v) for k, v in c.values.items()},
                "fewest": c.fewest,
            }
            for c in of.columns
        ],
    }
