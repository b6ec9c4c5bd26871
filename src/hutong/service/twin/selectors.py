"""Reading snapshots and buildings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.city.quarter import FICTIONAL
from hutong.service.accounts.roles import OFFICE
from hutong.service.places.models import Place
from hutong.service.twin.models import PUBLISHED, Building, Snapshot
from hutong.text import Text

#: What the list of buildings can be ordered by, and how it then is.
ORDERS = {
    "row": "row",
    "built_year": "built_year",
    "-built_year": "-built_year",
    "worst": "-worst",
    "dwellings": "-dwellings",
    "storeys": "-storeys",
}


def visible(viewer: Any) -> QuerySet[Snapshot]:
    """Return the snapshots that a reader may see: the published, and drafts where they run renewal."""
    seen = Q(phase=PUBLISHED)
    for role, path in getattr(viewer, "held", ()):
        if role in (*OFFICE, "administrator", "auditor"):
            seen |= Q(place__path__startswith=path)
    return Snapshot.objects.filter(seen).select_related("place")


def snapshot(pk: int) -> Snapshot:
    """Return a snapshot, or raise ``Http404``."""
    found = Snapshot.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def building(pk: int, building_id: str) -> Building:
    """Return a building of a snapshot, or raise ``Http404``."""
    found = (
        Building.objects.select_related("snapshot__place", "place__parent")
        .filter(snapshot_id=pk, building_id=building_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def latest(viewer: Any) -> list[Snapshot]:
    """Return each quarter's newest snapshot that the reader may see."""
    newest: dict[int, Snapshot] = {}
    for one in visible(viewer).order_by("date"):
        newest[one.place_id] = one
    return list(newest.values())


def siblings(of: Snapshot, viewer: Any) -> QuerySet[Snapshot]:
    """Return the snapshots of the same quarter that the reader may see, oldest first."""
    return visible(viewer).filter(place=of.place).order_by("date")


def title_doubt(of: Snapshot) -> tuple[Text, Text] | None:
    """Return what is wrong with the title of a draft and what to do, where it tells readers of no one quarter; else None."""
    if of.phase == PUBLISHED:
        return None
    if of.title in (FICTIONAL, Text(of.name, of.name)):
        what = Text(
            f"标题“{of.title.zh}”没有说明是哪个片区。",
            f"The title “{of.title.en}” says of no quarter which it is.",
        )
    elif Snapshot.objects.filter(title_zh=of.title_zh, title_en=of.title_en).exclude(place=of.place).exists():
        what = Text(
            f"另一片区的快照也叫“{of.title.zh}”。",
            f"A snapshot of another quarter is called “{of.title.en}” too.",
        )
    else:
        return None
    return what, Text(
        "地图和体检都以它为标题：公开之前，请用 hutong new --title 写明名称重新生成，再导入。",
        "It heads map and checkup: before you publish, make the folder again with its name (hutong new --title) and import that.",
    )


def quarters(paths: list[str]) -> QuerySet[Place]:
    """Return the quarters within some paths."""
    inside = Q(pk=None)
    for path in paths:
        inside |= Q(path__startswith=path)
    return Place.objects.filter(inside, kind="quarter")


def search_buildings(of: Snapshot, text: str, order: str) -> QuerySet[Building]:
    """Return the buildings whose name or id holds ``text``, in one of :data:`ORDERS`."""
    rows = of.buildings.select_related("place__parent")
    if text:
        rows = rows.filter(
            Q(name__icontains=text)
            | Q(building_id__icontains=text)
            | Q(place__parent__name_zh__icontains=text)
        )
    return rows.order_by(ORDERS.get(order, "row"), "row")


def row_of(of: Snapshot, row: int) -> Building:
    """Return the building in a row of the map, or raise ``Http404``."""
    found = of.buildings.select_related("snapshot__place", "place__parent").filter(row=row).first()
    if found is None:
        raise Http404
    return found


def credits_of(of: Snapshot) -> list[str]:
    """Return whom a map of a snapshot names, each once: what its sources ask to be named as."""
    return list(dict.fromkeys(s["attribution"] for s in of.sources if s.get("attribution")))


def sources_of(of: Snapshot, column: str) -> list[str]:
    """Return what a column of the buildings comes from, as the sources are called."""
    titles = {s["id"]: s["title"] for s in of.sources}
    _origin, sources = of.provenance.get(column, ["", ""])
    return [titles.get(one, one) for one in sources.split("+") if one]


def building_at(place: Place, viewer: Any) -> Building | None:
    """Return the building at a place in the newest snapshot that a reader may see."""
    rows = Building.objects.filter(place=place, snapshot__in=visible(viewer).order_by())
    return rows.select_related("snapshot__place", "place").order_by("-snapshot__date").first()


def in_rows(of: Snapshot, rows: list[int]) -> list[Building]:
    """Return the buildings in some rows of the map, in the order of the rows."""
    return list(of.buildings.select_related("place__parent").filter(row__in=rows).order_by("row"))


def place_code(identifier: str) -> str:
    """Return an id of the data as a code of a place."""
    return re.sub(r"[^\w.:+-]", "-", identifier)[:120]


def titles_of(of: Snapshot, only: Collection[str] = ()) -> dict[str, Text]:
    """Return what the buildings (by id), estates and blocks (by :func:`place_code`) of a snapshot are called; only some where named."""
    rows = of.buildings.all()
    around = Place.objects.filter(path__startswith=of.place.path, kind__in=("estate", "block"))
    if only:
        rows = rows.filter(building_id__in=only)
        around = around.filter(code__in=[place_code(name) for name in only])
    named = [
        *around.values_list("code", "name_zh", "name_en"),
        *rows.values_list("building_id", "place__name_zh", "place__name_en"),
    ]
    return {name: Text(zh, en) for name, zh, en in named}


def title_in(names: Mapping[str, Text], identifier: str) -> Text:
    """Return what an object is called by :func:`titles_of`; its id where it has no title."""
    return names.get(identifier) or names.get(place_code(identifier)) or Text(identifier, identifier)
