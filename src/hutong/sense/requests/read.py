"""Read an office's list of requests: any usual column names, row-level errors, and no more personal data than needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from hutong.city import City
from hutong.city.coords import lonlat, metric_crs, to_metric
from hutong.city.schema import read_yaml
from hutong.errors import HutongError
from hutong.sense.clock import check_zone, read_times
from hutong.sense.requests.clean import clean, even_out
from hutong.sense.requests.sheet import read_sheet
from hutong.text import Text

#: What a table of requests holds, in this order; what a file does not have is unknown.
FIELDS = (
    "id", "time", "title", "text", "category", "nature", "unit", "subdistrict", "community", "address",
    "responded", "resolved", "satisfied", "closed",
)  # fmt: skip
#: Where a request is; in metres once read.
POSITION = ("lon", "lat")
_TEXTS = ("title", "text", "address")
_ANSWERS = ("responded", "resolved", "satisfied")
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Requests:
    """Requests as a table of ``FIELDS`` and ``nature_by`` (stated | text), ``x_m``, ``y_m``; times in UTC.

    ``masked`` counts what was masked; ``left_out`` has a line for each broken row that was left out; ``columns``
    says which column of the file each field came from; ``unread`` which columns were not read.
    """

    table: pd.DataFrame
    zone: str = ZONE
    crs: str | None = None
    masked: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """Return title and text of each request as one string ("" where neither is known)."""
        title, text = (self.table[c].fillna("") for c in ("title", "text"))
        return [(f"{a} {b}" if a != b else a).strip() for a, b in zip(title, text, strict=True)]

    def local_time(self) -> pd.Series:
        """Return the time of each request on the clock of its place, without a zone."""
        return self.table["time"].dt.tz_convert(self.zone).dt.tz_localize(None)


@cache
def _spec() -> Any:
    return read_yaml(files(__package__).joinpath("columns.yaml").read_text("utf-8"))


def read_requests(
    path: Path,
    *,
    zone: str = ZONE,
    datum: str | None = None,
    columns: Mapping[str, str] | None = None,
    fields: Sequence[str] = (*FIELDS, *POSITION),
    encoding: str | None = None,
    leave_out_broken: bool = False,
) -> Requests:
    """Read a CSV or .xlsx file of requests.

    Parameters
    ----------
    zone
        The zone of times that state none.
    datum
        Of longitude and latitude, if the file has them: wgs84, cgcs2000, gcj02 or bd09.
    columns
        field -> column, where the usual names do not fit.
    fields
        Which fields are wanted; a file must have a title or a text, and a time if that is wanted.
    leave_out_broken
        Leave broken rows out and say which, rather than refuse the file.

    Raises
    ------
    HutongError
        ``no-columns`` for a file without what is needed; ``datum-needed``; ``invalid-data`` with the rows; and
        as :func:`hutong.city.text_table.read_text_table`.
    """
    check_zone(zone)
    raw = read_sheet(path, encoding)
    found = _find_columns(raw, columns or {}, path.name)
    wanted = {f: c for f, c in found.items() if f in fields}
    _need(wanted, fields, path.name)
    rows: list[str] = []
    bad = np.zeros(len(raw), bool)

    def fault(at: np.ndarray, name: str, reason: str) -> None:
        bad[at] = True
        rows.extend(
            f"{path.name} row {i + 2} ({wanted[name]}): {reason}: {raw[wanted[name]].iloc[i]!r}"
            for i in np.flatnonzero(at)
        )

    table, masked = _table(raw, wanted, zone, fault)
    nothing = (table["title"].isna() & table["text"].isna()).to_numpy()
    fault(nothing, "title" if "title" in wanted else "text", "there is neither title nor text")
    if "id" in wanted:
        fault(
            table["id"].duplicated().to_numpy() & table["id"].notna().to_numpy(), "id", "the id stands twice"
        )
    else:
        table["id"] = [str(i + 2) for i in range(len(raw))]
    table["id"] = table["id"].where(table["id"].notna(), pd.Series([str(i + 2) for i in range(len(raw))]))
    crs = _positions(table, raw, wanted, datum, path.name, fault)
    if rows and not leave_out_broken:
        raise HutongError(
            "invalid-data",
            Text(f"{path.name} 有 {len(rows)} 处不合格。", f"{path.name}: {len(rows)} broken cells or rows."),
            Text("请改正所列各行，或选择略去它们。", "Mend the rows listed, or choose to leave them out."),
            rows,
        )
    table = table[~bad].reset_index(drop=True)
    if not len(table):
        raise HutongError(
            "empty-table",
            Text(f"{path.name} 没有可用的行。", f"{path.name} has no usable row."),
            Text("请检查文件内容。", "Check what the file contains."),
            rows,
        )
    unread = tuple(c for c in raw.columns if c not in wanted.values())
    return Requests(table, zone, crs, dict(masked), tuple(rows), wanted, unread)


def from_city(city: City) -> Requests:
    """Return the requests that a snapshot holds; inquiries have no place in its table, so none is looked for."""
    own = city["requests"]
    table = pd.DataFrame({name: pd.Series(pd.NA, index=own.index, dtype="object") for name in FIELDS})
    found: Counter[str] = Counter()
    for name in ("category", "resolved", "satisfied", "closed", "time"):
        table[name] = own[name]
    table["id"] = own["request_id"].astype("object")
    cleaned = [clean(t) if isinstance(t, str) else (None, Counter()) for t in own["text"].astype("object")]
    table["text"] = [c[0] for c in cleaned]
    for _, counts in cleaned:
        found.update(counts)
    table["responded"] = pd.array([pd.NA] * len(table), dtype="boolean")
    table["nature"], table["nature_by"] = "request", "stated"
    shapes = own.geometry
    table["x_m"], table["y_m"] = shapes.x.to_numpy(), shapes.y.to_numpy()
    return Requests(table.reset_index(drop=True), crs=str(own.crs), masked=dict(found))


def _find_columns(raw: pd.DataFrame, stated: Mapping[str, str], name: str) -> dict[str, str]:
    """Return which column of the file each field is; columns about the person are never chosen by alias."""
    missing = [c for c in stated.values() if c not in raw.columns]
    if missing:
        raise HutongError(
            "no-columns",
            Text(f"{name} 没有列：{'、'.join(missing)}。", f"{name} has no column {', '.join(missing)}."),
            Text(f"现有：{'、'.join(raw.columns)}。", f"There are: {', '.join(raw.columns)}."),
        )
    evened = {even_out(c).lower(): c for c in reversed(raw.columns)}
    out = dict(stated)
    for target, aliases in _spec()["fields"].items():
        hit = next((evened[a] for a in aliases if a in evened and evened[a] not in out.values()), None)
        if target not in out and hit is not None:
            out[target] = hit
    return out


def _need(found: Mapping[str, str], fields: Sequence[str], name: str) -> None:
    lacking = []
    if "title" not in found and "text" not in found:
        lacking.append("标题 or 内容 (title, text)")
    if "time" in fields and "time" not in found:
        lacking.append("诉求时间 (time)")
    if lacking:
        raise HutongError(
            "no-columns",
            Text(f"{name} 缺少必需的列。", f"{name} lacks columns that are needed."),
            Text("请改列名，或用 --column 注明对应的列。", "Rename them, or state them with --column."),
            lacking,
        )


def _table(
    raw: pd.DataFrame, found: Mapping[str, str], zone: str, fault: Any
) -> tuple[pd.DataFrame, Counter[str]]:
    table = pd.DataFrame(index=range(len(raw)))
    masked: Counter[str] = Counter()
    for name in FIELDS:
        cells = raw[found[name]] if name in found else pd.Series([None] * len(raw), dtype=object)
        if name in ("time", "closed"):
            table[name], why = read_times(cells, zone)
            if name == "time" and name in found:
                why[cells.isna().to_numpy() & (why == "")] = "the time is missing"
            for reason in sorted(set(why) - {""}):
                fault(why == reason, name, reason)
        elif name in _ANSWERS:
            table[name], at = _answers(cells, name)
            if name in found:
                fault(at, name, f"must be one of {', '.join(_words(name))}")
        elif name in _TEXTS:
            cleaned = [clean(str(c)) if c is not None else ("", Counter()) for c in cells]
            table[name] = pd.Series([c[0] or None for c in cleaned], dtype=object)
            for _, counts in cleaned:
                masked.update(counts)
        else:
            table[name] = pd.Series(
                [even_out(str(c)) or None if c is not None else None for c in cells], dtype=object
            )
    stated = table["nature"].map(_nature_words(), na_action="ignore")
    by_text, how = _natures_by_text(table)
    table["nature_by"] = np.where(stated.notna(), "stated", how)
    table["nature"] = stated.where(stated.notna(), by_text)
    return table, masked


def _words(name: str) -> list[str]:
    answers = _spec()["answers"][name]
    return [*answers["yes"], *answers["no"]]


def _answers(cells: pd.Series, name: str) -> tuple[pd.Series, np.ndarray]:
    """Return the answers as booleans, and which cells hold no known word."""
    spec = _spec()
    known: dict[str, Any] = dict.fromkeys(spec["answers"][name]["yes"], True)
    known |= dict.fromkeys(spec["answers"][name]["no"], False) | dict.fromkeys(spec["unknown"])
    words = [even_out(str(c)).lower() if c is not None else "" for c in cells]
    bad = np.array([w not in known for w in words], bool)
    return pd.Series(pd.array([known.get(w) for w in words], dtype="boolean")), bad


def _nature_words() -> dict[str, str]:
    return {word: nature for nature, words in _spec()["natures"].items() for word in words}


def _natures_by_text(table: pd.DataFrame) -> tuple[pd.Series, str]:
    """Return whether each text reads as an inquiry (asks, and demands nothing) or a request."""
    spec = _spec()
    texts = (table["title"].fillna("") + " " + table["text"].fillna("")).tolist()
    asks = [any(w in t for w in spec["inquiry_words"]) for t in texts]
    demands = [any(w in t for w in spec["demand_words"]) for t in texts]
    guess = ["inquiry" if a and not d else "request" for a, d in zip(asks, demands, strict=True)]
    return pd.Series(guess, index=table.index, dtype=object), "text"


def _positions(
    table: pd.DataFrame, raw: pd.DataFrame, found: Mapping[str, str], datum: str | None, name: str, fault: Any
) -> str | None:
    """Add ``x_m`` and ``y_m`` (NaN where unknown) and return their CRS."""
    table["x_m"] = table["y_m"] = np.nan
    if "lon" not in found or "lat" not in found:
        return None
    if datum is None:
        raise HutongError(
            "datum-needed",
            Text(
                f"{name} 有经纬度，但未说明坐标系。",
                f"{name} has longitude and latitude in an unstated datum.",
            ),
            Text(
                "请注明 datum：wgs84、cgcs2000、gcj02（高德、腾讯）或 bd09（百度）。",
                "State the datum: wgs84, cgcs2000, gcj02 (Amap, Tencent) or bd09 (Baidu).",
            ),
        )
    xy = np.column_stack([pd.to_numeric(raw[found[c]], errors="coerce") for c in POSITION]).astype(float)
    for column, axis, most in zip(POSITION, (0, 1), (180.0, 90.0), strict=True):
        given = raw[found[column]].notna().to_numpy()
        fault(given & ~(np.abs(xy[:, axis]) <= most), column, "must be a coordinate in degrees")
    known = np.flatnonzero((np.abs(xy) <= [180.0, 90.0]).all(axis=1))
    if not len(known):
        return None
    centre = np.median(lonlat(xy[known], datum, name), axis=0)
    crs = metric_crs(float(centre[0]), float(centre[1]))
    points = to_metric(shapely.points(xy[known]), datum, crs, name)
    metres = shapely.get_coordinates(points)
    table.loc[known, ["x_m", "y_m"]] = metres
    return crs
