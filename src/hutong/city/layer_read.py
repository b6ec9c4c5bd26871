"""Read one layer as it is: its columns, its shapes, and the coordinate system they are in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from hutong.city.mapping import Layer
from hutong.city.schema import Column, invalid_rows
from hutong.city.shapes import Shapes, array
from hutong.city.text_table import decode, read_text_table
from hutong.errors import HutongError
from hutong.text import Text

_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_OGR_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
)


@dataclass(frozen=True)
class RawLayer:
    """A layer's columns, its shapes (``None`` for a table without) and the frame they are in."""

    columns: pd.DataFrame
    shapes: Shapes | None
    frame: str | None


def read_layer(layer: Layer, city_datum: str | None, geometry: Column | None) -> RawLayer:
    """Read a layer.

    Parameters
    ----------
    city_datum
        The datum of degrees when the layer states nothing.
    geometry
        The geometry column of the table that the layer becomes, if it has one.

    Raises
    ------
    HutongError
        ``no-file``, ``unreadable``, ``wrong-encoding``, ``no-shapes``, ``missing-crs`` or ``invalid-data``.
    """
    if not layer.file.is_file():
        raise HutongError(
            "no-file",
            Text(f"找不到图层文件 {layer.file}。", f"There is no layer file {layer.file}."),
            Text("路径从映射文件所在文件夹算起。", "Paths are counted from the folder of the mapping."),
        )
    raw = _text(layer) if layer.file.suffix.lower() in _TEXT_SUFFIXES else _ogr(layer)
    if geometry is None or (geometry.null and raw.shapes is None):
        return RawLayer(raw.columns, None, None)
    if raw.shapes is None:
        raise HutongError(
            "no-shapes",
            Text(f"{layer.file.name} 没有图形。", f"{layer.file.name} has no shapes."),
            Text(
                f"表 {layer.table} 需要坐标：请用 x 和 y，或 wkt，注明所在的列。",
                f"The table {layer.table} needs them: name the columns with x and y, or with wkt.",
            ),
        )
    xy, owner = shapely.get_coordinates(raw.shapes, return_index=True)
    bad = np.unique(owner[~np.isfinite(xy).all(axis=1)])
    if len(bad):
        rows = [f"{layer.table} row {row + 1}: a coordinate is not a number" for row in bad]
        raise invalid_rows(rows, layer.file.name)
    return RawLayer(raw.columns, raw.shapes, _frame(layer, raw.frame, city_datum))


def _frame(layer: Layer, own: str | None, city_datum: str | None) -> str:
    """Return the stated CRS or datum; else a projected CRS of the file; else the city's datum; else the file's."""
    stated = layer.crs or layer.datum
    if stated is not None:
        return stated
    if own is not None and (city_datum is None or not CRS.from_user_input(own).is_geographic):
        return own
    if city_datum is not None:
        return city_datum
    raise HutongError(
        "missing-crs",
        Text(
            f"没有注明 {layer.file.name} 的坐标系。",
            f"The coordinate system of {layer.file.name} is not stated.",
        ),
        Text(
            f'请在 [tables.{layer.table}] 中写 crs = "EPSG:4548"（米），或 datum = "wgs84"、"cgcs2000"、"gcj02"、"bd09"（经纬度）。',
            f'In [tables.{layer.table}] write crs = "EPSG:4548" for metres, or datum = "wgs84", "cgcs2000",'
            ' "gcj02" or "bd09" for degrees.',
        ),
    )


def _text(layer: Layer) -> RawLayer:
    separator = "\t" if layer.file.suffix.lower() == ".tsv" and layer.separator == "," else layer.separator
    columns = read_text_table(layer.file, layer.encoding, separator)
    if layer.x is None and layer.wkt is None:
        return RawLayer(columns, None, None)
    if layer.wkt is not None:
        text = _column(layer, columns, layer.wkt)
        shapes = shapely.from_wkt(text.to_numpy(object), on_invalid="ignore")
        bad = text.notna().to_numpy() & shapely.is_missing(shapes)
        rows = [
            f"{layer.table}.{layer.wkt} row {row + 1}: {text.iloc[row][:40]!r} is not WKT"
            for row in np.flatnonzero(bad)
        ]
    else:
        x, rows = _coordinate(layer, columns, str(layer.x))
        y, more = _coordinate(layer, columns, str(layer.y))
        rows += more
        shapes = shapely.points(x, y)
    if rows:
        raise invalid_rows(rows, layer.file.name)
    return RawLayer(columns, array(shapes), None)


def _coordinate(layer: Layer, columns: pd.DataFrame, name: str) -> tuple[np.ndarray, list[str]]:
    text = _column(layer, columns, name)
    value = pd.to_numeric(text, errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~np.isfinite(value))
    return value, [
        f"{layer.table} row {row + 1}: {name} is {text.iloc[row]!r}, not a coordinate" for row in bad
    ]


def _column(layer: Layer, columns: pd.DataFrame, name: str) -> pd.Series:
    if name not in columns:
        raise no_column(layer, columns, name)
    return columns[name]


def no_column(layer: Layer, columns: pd.DataFrame, name: str) -> HutongError:
    """Return the error for a column of theirs that the layer does not have."""
    have = ", ".join(map(str, columns.columns))
    return HutongError(
        "no-column",
        Text(f"{layer.file.name} 没有“{name}”这一列。", f"{layer.file.name} has no column {name!r}."),
        Text(f"它的列是：{have}。", f"Its columns are: {have}."),
    )


def _ogr(layer: Layer) -> RawLayer:
    file = layer.file
    try:
        if file.suffix.lower() == ".parquet":
            frame = gpd.read_parquet(file)
        else:
            frame = pyogrio.read_dataframe(file, layer=_layer_name(layer), encoding=_encoding(layer))
    except (*_OGR_ERRORS, ValueError, OSError) as caught:
        raise HutongError(
            "unreadable",
            Text(f"{file.name} 无法读取：{caught}。", f"{file.name} cannot be read: {caught}."),
            Text(
                "请检查文件是否完整、格式是否受支持。",
                "Check that the file is whole and of a format that GDAL reads.",
            ),
        ) from caught
    if not len(frame):
        raise HutongError(
            "empty-table",
            Text(f"{file.name} 没有要素。", f"{file.name} has no features."),
            Text("请检查文件内容。", "Check what the file contains."),
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        return RawLayer(frame, None, None)
    shapes = array(frame.geometry.to_numpy())
    columns = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    authority = frame.crs.to_authority() if frame.crs is not None else None
    own = None if frame.crs is None else ":".join(authority) if authority else frame.crs.to_wkt()
    return RawLayer(columns, shapes, own)


def _layer_name(layer: Layer) -> str:
    names = [str(name) for name in pyogrio.list_layers(layer.file)[:, 0]]
    if layer.layer is None and len(names) == 1:
        return names[0]
    if layer.layer in names:
        return str(layer.layer)
    said = "" if layer.layer is None else f" ({layer.layer!r})"
    raise HutongError(
        "no-layer",
        Text(
            f"{layer.file.name} 中要读哪个图层？{said}",
            f"{layer.file.name} does not have the one layer asked for{said}.",
        ),
        Text(f"请用 layer 注明，可选：{'、'.join(names)}。", f"State layer as one of: {', '.join(names)}."),
    )


def _encoding(layer: Layer) -> str | None:
    """Return the encoding of a shapefile's text: stated, or beside it (.cpg, which GDAL reads), or found."""
    file = layer.file
    if file.suffix.lower() != ".shp" or layer.encoding is not None:
        return layer.encoding
    dbf = next((f for f in _siblings(file) if f.suffix.lower() == ".dbf"), None)
    if dbf is None or any(f.suffix.lower() == ".cpg" for f in _siblings(file)):
        return None
    data = dbf.read_bytes()
    records = data[int.from_bytes(data[8:10], "little") :]  # the header's length stands in bytes 8 and 9
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        decode(records, "gb18030", dbf.name)
        return "GB18030"
    return "UTF-8"


def _siblings(file: Path) -> list[Path]:
    return sorted(f for f in file.parent.iterdir() if f.stem == file.stem and f != file)


def files_of(layer: Layer) -> list[Path]:
    """Return every file that a layer's content lies in (a shapefile has several)."""
    return [layer.file, *(_siblings(layer.file) if layer.file.suffix.lower() == ".shp" else [])]
