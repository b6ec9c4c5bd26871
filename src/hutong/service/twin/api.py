"""The API of the twin: snapshots, their buildings with every value's origin, and the files to take away."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema

from hutong.sense.national import level
from hutong.service.places.api import PlaceOut, place_out
from hutong.service.twin import selectors
from hutong.service.twin.downloads import FILES
from hutong.service.twin.homes import public_homes
from hutong.service.web.rest import (
    Both,
    Key,
    Listed,
    Metric,
    Name,
    PageNumber,
    PageSize,
    both,
    listed,
    route,
)
from hutong.text import Text

router = Router()
UNITS = {
    "height_m": "m",
    "floor_area_m2": "sqm",
    "storeys": "count",
    "built_year": "year",
    "pipe_year": "year",
}


class FileOut(Schema):
    """A file to take away."""

    name: str
    media_type: str
    url: str


class SnapshotOut(Schema):
    """A quarter on a day."""

    id: int
    title: Both
    date: dt.date
    phase: Literal["draft", "published"]
    place: PlaceOut
    crs: str
    digest: str
    bounds: list[float]
    counts: dict[str, int]
    sources: list[dict[str, Any]]
    notes: list[str]
    files: list[FileOut]


class BuildingOut(Schema):
    """A building or courtyard in a list."""

    building_id: str
    name: str
    place: str
    use: str
    storeys: float | None
    built_year: float | None
    floor_area_m2: float | None
    dwellings: int
    lon: float
    lat: float


class Dossier(BuildingOut):
    """A building with every fact as a figure that says where it comes from."""

    snapshot: int
    facts: dict[str, Metric]
    tenure: dict[str, int] | None


def _snapshot(pk: Key) -> Any:
    return selectors.snapshot(pk)


def _building(pk: Key, building_id: Name) -> Any:
    return selectors.building(pk, building_id)


def _out(s: Any) -> dict[str, Any]:
    files = [
        {"name": name, "media_type": kind, "url": reverse("download", args=[s.pk, name])}
        for name, kind in FILES.items()
    ]
    return {
        "id": s.pk, "title": both(s.title), "date": s.date, "phase": s.phase, "place": place_out(s.place), "crs": s.crs,
        "digest": s.digest, "bounds": [s.west, s.south, s.east, s.north], "counts": s.counts, "sources": s.sources,
        "notes": s.notes, "files": files,
    }  # fmt: skip


def _row(b: Any) -> dict[str, Any]:
    return {
        "building_id": b.building_id, "name": b.name, "place": b.place.path, "use": b.use, "storeys": b.storeys,
        "built_year": b.built_year, "floor_area_m2": b.floor_area_m2, "dwellings": b.dwellings, "lon": b.lon, "lat": b.lat,
    }  # fmt: skip


@route(router, "/snapshots", "api_snapshots", Text("片区快照", "Snapshots of quarters"), Listed[SnapshotOut])
def snapshots(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the snapshots that may be seen: the published, and drafts with a token of the office."""
    return listed(selectors.visible(request.user), page, size, _out)


@route(
    router,
    "/snapshots/{pk}",
    "api_snapshot",
    Text("一份快照", "One snapshot"),
    SnapshotOut,
    "twin.see",
    _snapshot,
)
def snapshot(request: HttpRequest, found: Any) -> Any:
    """Return what a snapshot is: its day, sizes, sources, and the files to take away."""
    return _out(found)


@route(
    router,
    "/snapshots/{pk}/buildings",
    "api_buildings",
    Text("楼栋", "Buildings"),
    Listed[BuildingOut],
    "twin.see",
    _snapshot,
)
def buildings(
    request: HttpRequest,
    found: Any,
    q: Name = "",
    order: Literal["row", "built_year", "-built_year", "worst", "dwellings", "storeys"] = "row",
    page: PageNumber = 1,
    size: PageSize = 100,
) -> Any:
    """List the buildings of a snapshot by words of their name, id or estate. Licence and whom to name: the snapshot’s ``sources``."""
    return listed(selectors.search_buildings(found, q.strip(), order), page, size, _row)


@route(
    router,
    "/snapshots/{pk}/buildings/{path:building_id}",
    "api_building",
    Text("一栋楼的档案", "The dossier of a building"),
    Dossier,
    "twin.see",
    _building,
)
def building(request: HttpRequest, found: Any) -> Any:
    """Return a building: each fact with its origin; homes as counts, and none by tenure where there are few."""
    facts = {name: _fact(found.snapshot, name, *fact) for name, fact in found.facts.items()}
    kept = dict(public_homes(found.homes).tenure) or None
    return {**_row(found), "snapshot": found.snapshot_id, "facts": facts, "tenure": kept}


def _fact(snapshot: Any, column: str, value: Any, origin: str) -> dict[str, Any]:
    known = value is not None and value != ""
    guess = {"imputed": "推算 / imputed", "assumed": "假设 / assumed"}.get(origin, "")
    return {
        "status": "known" if known else "unknown",
        "value": value if known else None,
        "unit": "grade" if column.startswith("cond_") else UNITS.get(column, "none"),
        "source_files": selectors.sources_of(snapshot, column),
        "formula": f"buildings.{column}",
        "confidence": level("D", 1.0 if origin == "observed" else 0.0) if known else "unknown",
        "assumptions": [guess] if known and guess else [],
        "reason": None if known else "来源没有给出 / the source does not give it",
    }
