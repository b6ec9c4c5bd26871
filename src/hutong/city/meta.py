"""What a snapshot says about itself: name, date, coordinate system, sources, and where columns came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from hutong.errors import HutongError
from hutong.text import Text

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
                "请用 EPSG:4548（北京）或所在地的 UTM 带。",
                "Use EPSG:4548 (Beijing) or the UTM zone of the place.",
            ),
        )


def check_date(date: str) -> None:
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
