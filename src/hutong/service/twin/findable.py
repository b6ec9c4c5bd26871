"""What search finds of the twin: quarters, estates and blocks, and buildings, of the newest published day alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from hutong.report.format import day
from hutong.service.accounts.roles import OFFICE
from hutong.service.places.models import Place
from hutong.service.search import services as search
from hutong.service.twin.models import PUBLISHED, Building, Snapshot
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (
    FoundKind("building", Text("楼栋", "Buildings"), 10),
    FoundKind("area", Text("小区与街区", "Estates and blocks"), 20),
    FoundKind("quarter", Text("片区", "Quarters"), 30),
)
#: Who finds drafts: those who may see them.
DRAFTS_TO = (*OFFICE, "administrator", "auditor")


def group(snapshot: Snapshot) -> str:
    """Return what a snapshot's findables are shown and hidden by."""
    return f"snapshot:{snapshot.pk}"


def everything() -> Iterator[Findable]:
    """Return what can be found of all snapshots."""
    for snapshot in Snapshot.objects.select_related("place"):
        yield from of_snapshot(snapshot)


def of_places(places: Sequence[int]) -> Iterator[Findable]:
    """Return the quarters, estates and blocks among some places, and the buildings in them, of all snapshots."""
    for snapshot in Snapshot.objects.filter(place__in=places).select_related("place"):
        yield _whole(snapshot)
    inside = Q(place__parent__in=places, place__parent__kind__in=("block", "estate"))
    at = Building.objects.filter(inside).order_by().values("snapshot").distinct()
    for snapshot in Snapshot.objects.filter(pk__in=at).select_related("place"):
        yield from _inside(snapshot, Building.objects.filter(inside, snapshot=snapshot))


def of_snapshot(snapshot: Snapshot) -> Iterator[Findable]:
    """Return what can be found of one snapshot."""
    yield _whole(snapshot)
    yield from _inside(snapshot, Building.objects.filter(snapshot=snapshot))


def _whole(snapshot: Snapshot) -> Findable:
    own, date = reverse("snapshot", args=[snapshot.pk]), day(snapshot.date.isoformat())
    return _maker(snapshot)("quarter", snapshot.name, snapshot.title, own, date, snapshot.place.name_zh)


def _maker(snapshot: Snapshot) -> Callable[..., Findable]:
    public, roles = who_finds(snapshot)

    def made(kind: str, key: str, title: Text, url: str, detail: Text, words: str = "") -> Findable:
        return Findable(
            kind, f"{snapshot.pk}/{key}", title, url, detail, words, group(snapshot), public, roles, snapshot.place.path
        )  # fmt: skip

    return made


def _inside(snapshot: Snapshot, rows: QuerySet[Building]) -> Iterator[Findable]:
    """Return buildings of a snapshot and the estates and blocks that they lie in."""
    made, table = _maker(snapshot), reverse("buildings", args=[snapshot.pk])
    inside = Place.objects.in_bulk(rows.order_by().values_list("place__parent", flat=True).distinct())
    for place in sorted((p for p in inside.values() if p.kind != "quarter"), key=lambda p: p.path):
        yield made(
            "area",
            place.path,
            place.title,
            f"{table}?{urlencode({'q': place.name_zh})}",
            snapshot.title,
            place.code,
        )
    before = reverse("building", args=[snapshot.pk, "0"]).removesuffix("0")
    titles = {pk: place.title for pk, place in inside.items()}
    whole = rows.order_by("-row").values_list("building_id", "name", "place__parent")
    for name, called, parent in whole.iterator(chunk_size=2000):
        title = Text(called or name, called or name)
        url = before + quote(
            name, safe="!$&'()*+,;=/~:@"
        )  # as reverse writes it, without searching the addresses each time
        words = "" if title.zh == name else name
        yield made("building", name, title, url, titles.get(parent, Text("", "")), words)


def who_finds(snapshot: Snapshot) -> tuple[bool, tuple[str, ...]]:
    """Return whether everyone finds a snapshot (the newest published day of its quarter), else which roles do."""
    if snapshot.phase != PUBLISHED:
        return False, DRAFTS_TO
    newer = Snapshot.objects.filter(place=snapshot.place, phase=PUBLISHED, date__gt=snapshot.date)
    return not newer.exists(), ()


def show_again(quarter: Place) -> None:
    """Say anew who finds the snapshots of a quarter: one of them was published or taken back."""
    for snapshot in Snapshot.objects.filter(place=quarter):
        search.show(group(snapshot), *who_finds(snapshot))
