"""What search finds of rooms to let: the single rooms of the lists that hold, for who may read them; nothing for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import QuerySet
from django.urls import reverse

from hutong.rules.uses import use_book
from hutong.service.lettings.models import PUBLISHED, Room
from hutong.service.lettings.policies import READERS
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (FoundKind("room", Text("可租用房屋", "Rooms to let"), 45),)


def everything() -> Iterator[Findable]:
    """Return what can be found of the rooms of all published lists."""
    return of_rooms(_published())


def of_places(places: Sequence[int]) -> Iterator[Findable]:
    """Return the rooms of published lists in some buildings."""
    return of_rooms(_published().filter(building__in=places))


def _published() -> QuerySet[Room]:
    return Room.objects.filter(letting__state=PUBLISHED).select_related("building")


def of_rooms(rooms: Iterable[Room]) -> Iterator[Findable]:
    """Return published rooms as those find them who may take one on or work on what becomes of it."""
    for room in rooms:
        told, at = room.told, room.building
        kind = use_book().spaces[room.kind]
        yield Findable(
            "room", str(room.pk), Text(f"{at.name_zh} · {told.where.zh}", f"{at.name_en} · {told.where.en}"),
            reverse("letting_room", args=[room.pk]), Text(f"{kind.zh} · {room.room_id}", f"{kind.en} · {room.room_id}"),
            f"{told.holder} {told.signer} {told.subsidy}", roles=READERS, path=at.path,
        )  # fmt: skip
