"""The only writes to what can be found; apps call them in the transaction of what they write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db import transaction

from hutong.service.search.grams import grams
from hutong.service.search.models import Document
from hutong.service.web.found import Findable
from hutong.service.web.stage import stages

BATCH = 1000
SHOWN = (
    "title_zh",
    "title_en",
    "detail_zh",
    "detail_en",
    "url",
    "grams",
    "group",
    "public",
    "roles",
    "path",
    "owner",
)


def put(findables: Iterable[Findable]) -> int:
    """Let things be found, or replace what is known of them; return how many."""
    rest, count = iter(findables), 0
    while batch := list(islice(rest, BATCH)):
        unique = {(one.kind, one.key): _row(one) for one in batch}
        Document.objects.bulk_create(
            unique.values(), update_conflicts=True, unique_fields=["kind", "key"], update_fields=SHOWN
        )
        count += len(unique)
    return count


def put_again(places: Sequence[int]) -> int:
    """Replace what is known of all that names one of some places, which were renamed; return how many."""
    parts = [places[i : i + BATCH] for i in range(0, len(places), BATCH)]
    return sum(put(stage.findables_of(part)) for part in parts for stage in stages())


def _row(one: Findable) -> Document:
    fields = [one.title.zh, one.detail.zh, one.words]
    fields += [en for zh, en in ((one.title.zh, one.title.en), (one.detail.zh, one.detail.en)) if en != zh]
    return Document(
        kind=one.kind, key=one.key[:200], title_zh=one.title.zh[:300], title_en=one.title.en[:300],
        detail_zh=one.detail.zh[:300], detail_en=one.detail.en[:300], url=one.url[:300], grams=grams(one.kind, *fields),
        group=one.group, public=one.public, roles=_roles(one.roles), path=one.path, owner=one.owner,
    )  # fmt: skip


def _roles(ids: Sequence[str]) -> str:
    return f";{';'.join(ids)};" if ids else ""


def show(group: str, public: bool, roles: Sequence[str] = ()) -> None:
    """Say who may find the things of a group from now on."""
    Document.objects.filter(group=group).update(public=public, roles=_roles(roles))


def show_again(place: object) -> None:
    """Let every app say anew who may find what lies in a quarter."""
    for stage in stages():
        stage.show_found(place)


def remove(kind: str, keys: Iterable[str]) -> None:
    """Let things no longer be found."""
    Document.objects.filter(kind=kind, key__in=list(keys)).delete()


def rebuild() -> int:
    """Make the whole index anew from what every app says can be found; return how many there are."""
    with transaction.atomic():
        Document.objects.all().delete()
        return put(_everything())


def _everything() -> Iterator[Findable]:
    for stage in stages():
        yield from stage.findables()
