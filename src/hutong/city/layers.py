"""A city snapshot from any layers (GeoJSON, GeoPackage, shapefile, GeoParquet, CSV), by a mapping file."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hutong.city.coords import lonlat, metric_crs, parse_crs, to_metric
from hutong.city.layer_columns import our_columns
from hutong.city.layer_read import RawLayer, files_of, read_layer
from hutong.city.mapping import CityMapping, Layer, read_mapping_file
from hutong.city.origins import settle_origins
from hutong.city.parcels import lay_ground
from hutong.city.schema import invalid_rows, schema
from hutong.city.shapes import Shapes, array, inside, repair
from hutong.city.snapshot import City, Meta, check_metric
from hutong.city.streets import lines_to_graph
from hutong.errors import HutongError
from hutong.text import Text

IMPORTER_VERSION = 1
#: Layers farther than this from the buildings are in another coordinate system than stated.
FARTHEST_DEG = 1.0


def read_mapping(path: str | Path) -> City:
    """Read the layers that a mapping file names into a snapshot (:mod:`hutong.city.mapping` describes it).

    Blocks and plots that no layer gives are derived as for OpenStreetMap; lines become a walking graph.

    Raises
    ------
    HutongError
        ``no-file``, ``bad-mapping``, ``unknown-table``, ``unknown-column``, ``no-column``, ``no-layer``,
        ``unreadable``, ``wrong-encoding``, ``missing-crs``, ``wrong-crs``, ``no-shapes``, ``empty-table``,
        ``no-buildings``, or ``invalid-data`` with the broken rows.
    """
    mapping = read_mapping_file(Path(path))
    if not any(layer.table == "buildings" for layer in mapping.layers):
        raise HutongError(
            "no-buildings",
            Text(f"{mapping.file.name} 没有建筑图层。", f"{mapping.file.name} names no layer of buildings."),
            Text("请加一节 [tables.buildings]。", "Add a section [tables.buildings]."),
        )
    raws = [read_layer(one, mapping.datum, schema().tables[one.table].geometry) for one in mapping.layers]
    crs = _metric(mapping, raws)
    notes: Counter[str] = Counter()
    parts: dict[str, list[pd.DataFrame]] = {}
    for layer, raw in zip(mapping.layers, raws, strict=True):
        parts.setdefault(layer.table, []).append(_rows(layer, raw, crs, notes))
    tables = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    borders = _network(mapping, tables, crs)
    tables = {name: _with_key(name, frame) for name, frame in tables.items()}
    tables = lay_ground(tables, _covered(tables), borders, crs)
    tables, provenance = settle_origins(tables, _sources(mapping, tables))
    meta = Meta(
        name=mapping.name,
        title=mapping.title,
        date=mapping.date,
        crs=crs,
        sources=mapping.sources,
        notes=tuple(
            f"{table}：{n} 个自相交轮廓已修复。 {table}: {n} outlines crossed themselves and were mended."
            for table, n in sorted(notes.items())
        ),
        recipe={"importer": "layers", "importer_version": IMPORTER_VERSION, "files_sha256": _sha256(mapping)},
    )
    return City.build(meta, tables, provenance, what=mapping.file.name)


def _metric(mapping: CityMapping, raws: list[RawLayer]) -> str:
    """Return the metric CRS of the snapshot, after checking that all layers lie near the buildings."""
    if mapping.crs is not None:
        parse_crs(mapping.crs)
        check_metric(mapping.crs)
    boxes: list[np.ndarray] = []
    layers: list[Layer] = []
    for layer, raw in zip(mapping.layers, raws, strict=True):
        if raw.shapes is None or raw.frame is None:
            continue
        degrees = lonlat(shapely.get_coordinates(raw.shapes), raw.frame, layer.file.name)
        if len(degrees):
            boxes.append(np.concatenate([degrees.min(axis=0), degrees.max(axis=0)]))
            layers.append(layer)
    box = np.array(boxes).reshape(-1, 4)
    homes = [row for row, layer in enumerate(layers) if layer.table == "buildings"]
    if not homes:
        raise invalid_rows(["buildings.geometry: every shape is missing"], mapping.file.name)
    home = box[homes[0]]
    gap = np.maximum(box[:, :2] - home[2:], home[:2] - box[:, 2:]).max(axis=1)
    if gap.max() > FARTHEST_DEG:
        raise _apart(layers[int(np.argmax(gap))], layers[homes[0]])
    return mapping.crs or metric_crs((home[0] + home[2]) / 2.0, (home[1] + home[3]) / 2.0)


def _apart(layer: Layer, home: Layer) -> HutongError:
    return HutongError(
        "wrong-crs",
        Text(
            f"图层 {layer.file.name} 离建筑图层 {home.file.name} 一百公里以上。",
            f"{layer.file.name} lies over a hundred kilometres from the buildings of {home.file.name}.",
        ),
        Text(
            "其中一个的 crs 或 datum 写错了（例如 EPSG:4548 与 EPSG:4547 相差三度）。",
            "The crs or datum of one of them is wrong (EPSG:4548 and EPSG:4547 lie three degrees apart).",
        ),
    )


def _rows(layer: Layer, raw: RawLayer, crs: str, notes: Counter[str]) -> pd.DataFrame:
    """Return the layer's rows in our columns and the metric CRS."""
    frame = our_columns(layer, raw.columns.reset_index(drop=True))
    spec = schema().tables[layer.table].geometry
    if raw.shapes is None or raw.frame is None or spec is None:
        return frame
    shapes = to_metric(raw.shapes, raw.frame, crs, layer.file.name)
    if not spec.null:
        gone = np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        if len(gone):
            rows = [f"{layer.table} row {row + 1}: the shape is missing" for row in gone]
            raise invalid_rows(rows, layer.file.name)
    if spec.kind == "area":
        shapes = _mended(layer, shapes, notes)
    elif layer.table == "facilities":
        areal = shapely.area(shapes) > 0
        if areal.any() and "area_m2" not in frame:
            frame["area_m2"] = np.where(areal, shapely.area(shapes), np.nan)
        shapes[areal] = inside(shapes[areal])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)


def _mended(layer: Layer, shapes: Shapes, notes: Counter[str]) -> Shapes:
    areal = np.isin(
        shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    )
    out, mended = repair(shapes)
    bad = np.flatnonzero(~areal | shapely.is_missing(out))
    if len(bad):
        rows = [f"{layer.table} row {row + 1}: the shape is no area that can be used" for row in bad]
        raise invalid_rows(rows, layer.file.name)
    if mended:
        notes[layer.table] += mended
    return out


def _network(mapping: CityMapping, tables: dict[str, pd.DataFrame], crs: str) -> Shapes:
    """Put the walking graph in place of the plain lines; return the streets that part blocks."""
    if "streets" not in tables:
        return array([])
    plain = tables["streets"].explode(ignore_index=True)
    lines = array(plain.geometry)
    bad = np.flatnonzero(shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING)
    if len(bad):
        raise invalid_rows([f"streets part {row + 1}: must be a line" for row in bad], mapping.file.name)
    kind = plain["kind"].to_numpy(object) if "kind" in plain else np.full(len(plain), None, object)
    crossings = all(layer.crossings for layer in mapping.layers if layer.table == "streets")
    tables["street_nodes"], tables["streets"] = lines_to_graph(lines, kind, crs, crossings)
    return np.asarray(lines[kind == "street"], dtype=object)


def _with_key(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give ids to the rows of a table whose layer has none."""
    key = schema().tables[name].key
    if key is None or key in frame:
        return frame
    return frame.assign(**{key: [f"{name}-{row}" for row in range(1, len(frame) + 1)]})


def _covered(tables: dict[str, pd.DataFrame]) -> shapely.Polygon:
    areas = [tables[name].geometry for name in ("buildings", "estates", "plots", "blocks") if name in tables]
    return shapely.box(*shapely.total_bounds(np.concatenate([a.to_numpy() for a in areas])))


def _sources(mapping: CityMapping, tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Return the source ids of each table; a table that is derived has those of the buildings."""
    out = {}
    for name in tables:
        layers = [
            one for one in mapping.layers if one.table == ("streets" if name == "street_nodes" else name)
        ]
        if not layers:
            layers = [one for one in mapping.layers if one.table in ("estates", "buildings")]
        out[name] = "+".join(dict.fromkeys(one.source for one in layers))
    return out


def _sha256(mapping: CityMapping) -> str:
    """Return one hash of the mapping and of every file it names."""
    digest = hashlib.sha256()
    for file in [mapping.file, *(file for layer in mapping.layers for file in files_of(layer))]:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
