"""The only writes to snapshots: import, publish, unpublish."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hutong.city import City
from hutong.city.naming import titles, told_apart
from hutong.errors import HutongError
from hutong.rules import load_rules
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.places.services import NewPlace, make_places
from hutong.service.requests.selectors import JURISDICTION
from hutong.service.search import services as search
from hutong.service.twin.carbon import write_carbon
from hutong.service.twin.downloads import write_downloads
from hutong.service.twin.findable import of_snapshot
from hutong.service.twin.layers import base_layers, write_layers
from hutong.service.twin.models import DRAFT, PUBLISHED, Building, Snapshot
from hutong.service.twin.records import Record, records
from hutong.service.twin.selectors import place_code
from hutong.service.twin.tiles import AFAR, bounds, drawing, make_tiles, write_afar
from hutong.text import Text

Step = Callable[[int, int, Text], None]
TABLES = ("blocks", "estates", "plots", "buildings", "staircases", "dwellings", "titles", "facilities", "streets", "requests")  # fmt: skip
BATCH = 1000


def import_city(
    path: Path,
    quarter: Place,
    by: User | None,
    step: Step,
    made: Callable[[Snapshot], None] = lambda _snapshot: None,
) -> Snapshot:
    """Import a city folder as a draft: check it, make its files, then write all rows at once.

    ``made`` is called within the transaction that writes the rows.

    Raises
    ------
    HutongError
        What :meth:`City.load` raises; ``snapshot-exists``; ``no-buildings``; ``wrong-level``.
    """
    step(0, 5, Text("正在核对快照", "Checking the snapshot"))
    city = City.load(path)
    _check(city, quarter)
    snapshot = _row(city, quarter, by)
    root = Path(settings.MEDIA_ROOT) / "snapshots"
    work = Path(tempfile.mkdtemp(prefix=".import-", dir=root))
    try:
        _files(city, work, step)
        if snapshot.folder.exists():  # left by an import that was cut off before its rows were written
            shutil.rmtree(snapshot.folder)
        os.replace(work, snapshot.folder)
        step(4, 5, Text("正在登记楼栋", "Registering the buildings"))
        try:
            with transaction.atomic():
                before = _names(quarter)
                _write(city, snapshot)
                search.put(of_snapshot(snapshot))
                now = _names(quarter)
                search.put_again([key for key, name in before.items() if now[key] != name])
                made(snapshot)
        except BaseException:
            shutil.rmtree(snapshot.folder, ignore_errors=True)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return snapshot


def _check(city: City, quarter: Place) -> None:
    if quarter.kind != "quarter":
        raise HutongError(
            "wrong-level",
            Text("快照只能导入到片区。", "A snapshot is imported into a quarter."),
            Text("请选择一个片区。", "Choose a quarter."),
        )
    if not len(city["buildings"]):
        raise HutongError(
            "no-buildings",
            Text("快照里没有楼栋。", "The snapshot has no buildings."),
            Text("请先补充楼栋图层再导入。", "Add a layer of buildings, then import."),
        )
    if Snapshot.objects.filter(place=quarter, digest=city.hash).exists():
        raise HutongError(
            "snapshot-exists",
            Text("这个快照已经导入过。", "This snapshot was imported before."),
            Text("内容相同的快照只保存一份。", "The same content is kept once."),
        )


def _row(city: City, quarter: Place, by: User | None) -> Snapshot:
    west, south, east, north = bounds(city)
    meta = city.meta
    return Snapshot(
        place=quarter,
        name=meta.name,
        title_zh=meta.title.zh,
        title_en=meta.title.en,
        date=date.fromisoformat(meta.date),
        digest=city.hash,
        crs=meta.crs,
        imported_by=by,
        west=west,
        south=south,
        east=east,
        north=north,
        counts={name: len(city[name]) for name in TABLES},
        sources=[asdict(s) for s in meta.sources],
        notes=list(meta.notes),
        provenance={
            column: [known.origin, known.source]
            for column, known in city.provenance.get("buildings", {}).items()
        },
    )


def _files(city: City, work: Path, step: Step) -> None:
    city.save(work / "city")
    step(1, 5, Text("正在切地图瓦片", "Making the map tiles"))
    write_afar(make_tiles(city, work / "map.pmtiles"), work / AFAR)
    (work / "drawing.svg").write_text(drawing(city), "utf-8")
    rules = load_rules(JURISDICTION, date.fromisoformat(city.meta.date))
    carbon = write_carbon(city, rules, work)
    write_layers([*base_layers(city), *([carbon] if carbon else [])], work / "layers")
    step(3, 5, Text("正在准备下载文件", "Making the downloads"))
    write_downloads(city, work / "downloads")
    work.chmod(0o755)


def _names(quarter: Place) -> dict[int, tuple[str, str]]:
    """Return the names of all places in a quarter by key."""
    rows = Place.objects.filter(path__startswith=quarter.path).order_by()
    return {key: (zh, en) for key, zh, en in rows.values_list("pk", "name_zh", "name_en")}


def _write(city: City, snapshot: Snapshot) -> None:
    snapshot.save()
    rows = list(records(city))
    places = _places(city, snapshot.place, rows)
    Building.objects.bulk_create(
        (_building(snapshot, r, places[r.building_id]) for r in rows), batch_size=BATCH
    )


def _building(snapshot: Snapshot, record: Record, place: Place) -> Building:
    fact = record.facts
    return Building(
        snapshot=snapshot,
        row=record.row,
        building_id=record.building_id,
        place=place,
        name=record.name,
        use=fact["use"][0] or "",
        storeys=fact["storeys"][0],
        built_year=fact["built_year"][0],
        floor_area_m2=fact["floor_area_m2"][0],
        dwellings=record.homes["dwellings"],
        worst=record.worst,
        lon=record.lon,
        lat=record.lat,
        facts=fact,
        homes=record.homes,
    )


def _places(city: City, quarter: Place, rows: list[Record]) -> dict[str, Place]:
    """Make blocks, estates and buildings as places; return the buildings' by id."""
    blocks = _level(city, "blocks", "block", lambda _row: quarter)
    inside = city["estates"].set_index("estate_id")["block_id"]
    estates = _level(city, "estates", "estate", lambda key: blocks.get(inside.get(key), quarter))
    new, at = [], []
    called = told_apart(titles(city, "buildings"), [str(i) for i in city["buildings"]["building_id"]])
    for row in rows:
        parent = estates.get(row.estate_id or "") or blocks.get(row.block_id or "") or quarter
        new.append(
            (
                parent,
                NewPlace("building", place_code(row.building_id), called[row.row], row.lon, row.lat),
            )
        )
        at.append(f"{parent.path}{place_code(row.building_id)}/")
    made = make_places(new)
    return {row.building_id: made[path] for row, path in zip(rows, at, strict=True)}


def _level(city: City, table: str, kind: str, parent: Callable[[str], Place]) -> Mapping[Any, Place]:
    frame = city[table]
    new, at = [], {}
    for key, called in zip(frame[f"{kind}_id"], titles(city, table), strict=True):
        above, code = parent(key), place_code(str(key))
        new.append((above, NewPlace(kind, code, called)))
        at[key] = f"{above.path}{code}/"
    made = make_places(new)
    return {key: made[path] for key, path in at.items()}


@transaction.atomic
def publish(snapshot: Snapshot) -> None:
    """Open a snapshot to everyone."""
    snapshot.phase, snapshot.published_at = PUBLISHED, timezone.now()
    snapshot.save(update_fields=["phase", "published_at"])
    search.show_again(snapshot.place)


@transaction.atomic
def unpublish(snapshot: Snapshot) -> None:
    """Close a snapshot to all but the office."""
    snapshot.phase = DRAFT
    snapshot.save(update_fields=["phase"])
    search.show_again(snapshot.place)
