"""Where a coordinate is: the datums of Chinese map services, and the metric CRS of a place.

Degrees are always longitude first. WGS 84 and CGCS2000 differ by less than a metre and are read as one;
GCJ-02 (Amap, Tencent) is shifted by up to about 700 m, and BD-09 (Baidu) is shifted again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from hutong.errors import HutongError
from hutong.text import Text

Floats = NDArray[np.float64]

#: Datums of coordinates in degrees, by the name used in mappings, with the CRS that holds their axes.
DATUMS: Final = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490", "gcj02": "EPSG:4490", "bd09": "EPSG:4490"}
BEIJING_CRS: Final = "EPSG:4548"

# Krasovsky 1940, as the GCJ-02 code in circulation uses it.
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_FACTOR = np.pi * 3000.0 / 180.0
_BD_SHIFT = (0.0065, 0.006)
# The rectangle inside which GCJ-02 is shifted: longitude from, to, latitude from, to.
_CHINA = (72.004, 137.8347, 0.8293, 55.8271)
# Beijing's 3-degree zone: longitude from, to, latitude from, to.
_BEIJING_ZONE = (115.5, 118.5, 22.6, 49.9)
# A neighbouring zone's coordinates are in use too (Beijing's in EPSG:4548), swapped axes and zone prefixes not.
_AREA_MARGIN_DEG = 3.5


def _inside(lon: Floats, lat: Floats, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    return (lon >= box[0]) & (lon <= box[1]) & (lat >= box[2]) & (lat <= box[3])


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return a, b


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    waves = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = lat / 180.0 * pi
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / (magic * np.sqrt(magic)) * pi / 180.0
    parallel = _SEMI_MAJOR_M / np.sqrt(magic) * np.cos(phi) * pi / 180.0
    return east / parallel, north / meridian


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS 84 degrees to GCJ-02; points outside China's rectangle stay as they are.

    Source: the formulas in circulation since 2010 (coordtransform, eviltransform); no official ones exist.
    """
    lon, lat = _pair(lon, lat)
    east, north = _gcj_shift(lon, lat)
    inside = _inside(lon, lat, _CHINA)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Undo :func:`wgs84_to_gcj02` by fixed-point iteration, to better than 1e-9 degrees."""
    lon, lat = _pair(lon, lat)
    inside = _inside(lon, lat, _CHINA)
    x, y = lon.copy(), lat.copy()
    for _ in range(30):
        east, north = _gcj_shift(x, y)
        step = max(np.max(np.abs(lon - east - x), initial=0.0), np.max(np.abs(lat - north - y), initial=0.0))
        x, y = lon - east, lat - north
        if not step > 1e-12:
            break
    return np.where(inside, x, lon), np.where(inside, y, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift GCJ-02 degrees to BD-09; points outside China's rectangle stay as they are."""
    lon, lat = _pair(lon, lat)
    inside = _inside(lon, lat, _CHINA)
    east, north = _bd(lon, lat)
    return np.where(inside, east, lon), np.where(inside, north, lat)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Undo :func:`gcj02_to_bd09` by fixed-point iteration, to better than 1e-9 degrees.

    The formula in circulation undoes it to about 1e-6 degrees only.
    """
    lon, lat = _pair(lon, lat)
    inside = _inside(lon, lat, _CHINA)
    x, y = lon - _BD_SHIFT[0], lat - _BD_SHIFT[1]
    for _ in range(30):
        east, north = _bd(x, y)
        step = max(np.max(np.abs(lon - east), initial=0.0), np.max(np.abs(lat - north), initial=0.0))
        x, y = x + lon - east, y + lat - north
        if not step > 1e-12:
            break
    return np.where(inside, x, lon), np.where(inside, y, lat)


def _bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_FACTOR)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_FACTOR)
    return radius * np.cos(angle) + _BD_SHIFT[0], radius * np.sin(angle) + _BD_SHIFT[1]


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS 84 degrees to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Undo :func:`wgs84_to_bd09`, to better than 1e-9 degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Bring degrees of any datum of :data:`DATUMS` to WGS 84.

    Raises
    ------
    HutongError
        ``unknown-crs`` for a datum that is not in :data:`DATUMS`.
    """
    if datum == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if datum == "bd09":
        return bd09_to_wgs84(lon, lat)
    if datum not in DATUMS:
        raise unknown_crs(datum)
    return _pair(lon, lat)


def metric_crs(lon: float, lat: float) -> str:
    """Return the metric CRS of a place in WGS 84 degrees.

    EPSG:4548 (CGCS2000, 3-degree Gauss-Krüger, central meridian 117°E) between 115.5°E and 118.5°E in China,
    which is Beijing's zone; the UTM zone on WGS 84 elsewhere. In central Beijing lengths come out 0.004 % long.
    """
    west, east, south, north = _BEIJING_ZONE
    if west <= lon < east and south <= lat <= north:
        return BEIJING_CRS
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def unknown_crs(name: str) -> HutongError:
    """Return the error for a CRS or datum that nobody knows."""
    known = ", ".join(DATUMS)
    return HutongError(
        "unknown-crs",
        Text(f"不认识坐标系“{name}”。", f"{name!r} is not a coordinate system."),
        Text(
            f"经纬度请写 datum（{known}），投影坐标请写 crs，例如 EPSG:4548。",
            f"For degrees state datum ({known}); for metres state crs, such as EPSG:4548.",
        ),
    )


@lru_cache(maxsize=64)
def parse_crs(frame: str) -> CRS:
    """Return the CRS of a datum of :data:`DATUMS`, or of anything that PROJ reads.

    Raises
    ------
    HutongError
        ``unknown-crs``.
    """
    try:
        return CRS.from_user_input(DATUMS.get(frame, frame))
    except CRSError as caught:
        raise unknown_crs(frame) from caught


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(parse_crs(source), parse_crs(target), always_xy=True)


def lonlat(xy: Floats, frame: str, what: str) -> Floats:
    """Return WGS 84 degrees of points given in ``frame``, after checking that they can be in it.

    Parameters
    ----------
    xy
        Points, shape (n, 2), x (or longitude) first; all finite.
    frame
        A datum of :data:`DATUMS`, or any CRS that PROJ reads.
    what
        What the points are, for the message (a table or file).

    Raises
    ------
    HutongError
        ``unknown-crs``, or ``wrong-crs`` if the points are metres where degrees were stated, degrees where
        metres were stated, or outside the area where the CRS is used.
    """
    crs = parse_crs(frame)
    if not len(xy):
        return xy
    size = np.abs(xy)
    sample = f"({xy[0, 0]:g}, {xy[0, 1]:g})"
    degrees = bool((size[:, 0] <= 180.0).all() and (size[:, 1] <= 90.0).all())
    if crs.is_geographic and not degrees:
        worst = xy[np.argmax(np.maximum(size[:, 0] / 180.0, size[:, 1] / 90.0))]
        sample = f"({worst[0]:g}, {worst[1]:g})"
        raise wrong_crs(
            frame,
            what,
            Text(f"坐标 {sample} 不是经纬度", f"{sample} is not a longitude and latitude"),
        )
    if not crs.is_geographic and degrees:
        raise wrong_crs(frame, what, Text(f"坐标 {sample} 像经纬度", f"{sample} looks like degrees"))
    if frame in DATUMS:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], frame))
    out = np.column_stack(_transformer(frame, "wgs84").transform(xy[:, 0], xy[:, 1]))
    area = crs.area_of_use
    if area is not None:
        box = (
            area.west - _AREA_MARGIN_DEG,
            area.east + _AREA_MARGIN_DEG,
            area.south - _AREA_MARGIN_DEG,
            area.north + _AREA_MARGIN_DEG,
        )
        outside = ~_inside(out[:, 0], out[:, 1], box)
        if outside.any() and area.west < area.east:
            first = xy[np.argmax(outside)]
            where = f"({first[0]:g}, {first[1]:g})"
            raise wrong_crs(
                frame,
                what,
                Text(
                    f"坐标 {where} 在其适用范围之外（东经 {area.west:g}–{area.east:g} 度）",
                    f"{where} lies outside its area of use (longitude {area.west:g} to {area.east:g})",
                ),
            )
    return out


def wrong_crs(frame: str, what: str, reason: Text) -> HutongError:
    """Return the error for coordinates that cannot be in the CRS stated for them."""
    return HutongError(
        "wrong-crs",
        Text(
            f"{what} 注明坐标系为 {frame}，但{reason.zh}。",
            f"{what} is stated to be in {frame}, but {reason.en}.",
        ),
        Text(
            "请核对 crs 或 datum：x 为东向或经度，y 为北向或纬度；带号前缀的坐标用带带号的坐标系（如 EPSG:4526）。",
            "Check crs or datum: x is easting or longitude, y northing or latitude; eastings that begin with"
            " the zone number need the CRS with that prefix (such as EPSG:4526).",
        ),
    )


def to_metric(shapes: Any, frame: str, crs: str, what: str = "map") -> NDArray[np.object_]:
    """Bring shapes from ``frame`` to the metric ``crs``; heights are dropped.

    Parameters
    ----------
    shapes
        Shapely geometries, shape (n,); ``None`` stays ``None``. All coordinates finite.
    frame
        A datum of :data:`DATUMS`, or any CRS that PROJ reads.

    Raises
    ------
    HutongError
        As :func:`lonlat`.
    """
    array = np.asarray(shapes, dtype=object)
    degrees = lonlat(shapely.get_coordinates(array), frame, what)
    if frame not in DATUMS and parse_crs(frame) == parse_crs(crs):
        return np.asarray(shapely.force_2d(array), dtype=object)
    if not len(degrees):
        return np.asarray(shapely.force_2d(array), dtype=object)
    metres = np.column_stack(_transformer("wgs84", crs).transform(degrees[:, 0], degrees[:, 1]))
    return np.asarray(shapely.transform(array, lambda _: metres), dtype=object)
