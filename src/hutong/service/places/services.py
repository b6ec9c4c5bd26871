"""The only writes to the tree of places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hutong.errors import HutongError
from hutong.service.places.models import KINDS, Place
from hutong.text import Text

BATCH = 2000


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place to be: its code is unique among its siblings."""

    kind: str
    code: str
    title: Text
    lon: float | None = None
    lat: float | None = None


def make_place(parent: Place | None, new: NewPlace) -> Place:
    """Return the place under ``parent`` with this code, made or renamed as needed.

    Raises
    ------
    HutongError
        ``bad-place`` if the code cannot stand in a path, or the kind is not below its parent's.
    """
    _check(parent, new)
    place, _ = Place.objects.update_or_create(path=_path(parent, new.code), defaults=_fields(parent, new))
    return place


def make_places(new: Sequence[tuple[Place, NewPlace]]) -> dict[str, Place]:
    """Make many places at once; return them by path."""
    for parent, one in new:
        _check(parent, one)
    rows = [Place(path=_path(parent, one.code), **_fields(parent, one)) for parent, one in new]
    Place.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["name_zh", "name_en", "lon", "lat"],
    )
    return _by_path([row.path for row in rows])


def _by_path(paths: Sequence[str]) -> dict[str, Place]:
    out: dict[str, Place] = {}
    for start in range(0, len(paths), BATCH):
        found: Iterable[Place] = Place.objects.filter(path__in=paths[start : start + BATCH])
        out |= {place.path: place for place in found}
    return out


def _path(parent: Place | None, code: str) -> str:
    return f"{parent.path if parent else '/'}{code}/"


def _fields(parent: Place | None, new: NewPlace) -> dict[str, object]:
    return {
        "parent": parent,
        "kind": new.kind,
        "code": new.code,
        "name_zh": new.title.zh,
        "name_en": new.title.en,
        "lon": new.lon,
        "lat": new.lat,
    }


def _check(parent: Place | None, new: NewPlace) -> None:
    below = parent is None or KINDS.index(new.kind) > KINDS.index(parent.kind)
    if not below or not re.fullmatch(r"[\w.:+-]{1,120}", new.code):
        raise HutongError(
            "bad-place",
            Text(f"地点 {new.code!r} 的编码或级别不对。", f"Place {new.code!r} has no usable code or level."),
            Text(
                "编码只用字母、数字和 . : + - _；级别须低于上级地点。",
                "A code has letters, digits and . : + - _; its level lies below its parent's.",
            ),
        )
