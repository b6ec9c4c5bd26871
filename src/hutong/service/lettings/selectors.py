"""Reading lists of rooms, counts that show no household, fees by estate, and interest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.act.rooms import FeeLine, FeeYear, fees_by_estate
from hutong.city import City
from hutong.few import FEWEST_PEOPLE
from hutong.rules.uses import use_book
from hutong.sense.vacant_space import FREE, space_register
from hutong.service.accounts.models import User
from hutong.service.lettings.models import DRAFT, OPEN, PUBLISHED, Fee, Interest, Letting, Room
from hutong.service.lettings.policies import OFFICES, READERS
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain, within
from hutong.service.twin.selectors import latest

#: Columns of the form of rooms that the register of spaces can fill.
_FILLED = {"building_id": "building_id", "kind": "kind", "zone": "zone", "area_m2": "floor_area_m2"}


def letting(pk: int) -> Letting:
    """Return a list of rooms, or raise ``Http404``."""
    return _one(Letting.objects.select_related("place").filter(pk=pk))


def room(pk: int) -> Room:
    """Return a room, or raise ``Http404``."""
    return _one(Room.objects.select_related("letting__place", "building__parent").filter(pk=pk))


def interest(pk: int) -> Interest:
    """Return an interest, or raise ``Http404``."""
    return _one(Interest.objects.select_related("room__building", "room__letting", "owner").filter(pk=pk))


def quarter(pk: int) -> Place:
    """Return a quarter, or raise ``Http404``."""
    return _one(Place.objects.filter(pk=pk, kind="quarter"))


def _one(rows: QuerySet[Any]) -> Any:
    found = rows.first()
    if found is None:
        raise Http404
    return found


def inside(user: Any, roles: Iterable[str]) -> Q:
    """Return what lies at the places where a person holds one of some roles, by the path of a place."""
    found = Q(pk=None)
    for role, path in getattr(user, "held", ()):
        if role in roles:
            found |= Q(path__startswith=path)
    return found


def quarters(user: Any) -> list[Place]:
    """Return the quarters in which a person publishes rooms."""
    paths = [path for role, path in getattr(user, "held", ()) if role in OFFICES]
    rows = Place.objects.filter(kind="quarter")
    return [q for q in rows if any(q.path.startswith(p) for p in paths)]


def buildings_of(place: Place, user: User) -> dict[str, Place]:
    """Return the buildings of a place where a person publishes rooms, by id."""
    rows = within(place, "building").filter(inside(user, OFFICES))
    return {p.code: p for p in rows}


def published(place: Place) -> Letting | None:
    """Return the list of rooms that holds for a place."""
    return Letting.objects.filter(place=place, state=PUBLISHED).first()


def drafts(user: Any) -> list[Letting]:
    """Return the lists that a person may publish."""
    return list(Letting.objects.filter(state=DRAFT, place__in=quarters(user)).select_related("place"))


def rooms_for(user: Any) -> list[Room]:
    """Return the published rooms at the places where a person may read them."""
    places = Place.objects.filter(inside(user, READERS))
    rows = Room.objects.filter(letting__state=PUBLISHED, building__in=places)
    return list(rows.select_related("building__parent", "letting"))


def rooms_of_building(user: Any, place: Place | None) -> list[Room]:
    """Return the published rooms of a building to who may read them."""
    if place is None or not user.is_authenticated or not user.has_perm("lettings.read", place):
        return []
    return list(Room.objects.filter(letting__state=PUBLISHED, building=place).select_related("building"))


def counts() -> list[dict[str, Any]]:
    """Return, for everyone, how many rooms are to let by quarter and kind of space; few are not counted out.

    An emptied room of a courtyard says which household left: fewer than five of a kind in a quarter show neither number nor
    area, and kinds that are few are put together only where that makes five.
    """
    out: dict[int, dict[str, Any]] = {}
    rows = Room.objects.filter(letting__state=PUBLISHED).select_related("letting__place")
    for r in rows:
        place = r.letting.place
        row = out.setdefault(place.pk, {"place": place, "kinds": {}})
        n, area = row["kinds"].get(r.kind, (0, 0.0))
        row["kinds"][r.kind] = (n + 1, area + r.area_m2)
    return [{"place": row["place"], "kinds": _shown(row["kinds"])} for row in out.values()]


def _shown(kinds: dict[str, tuple[int, float]]) -> list[dict[str, Any]]:
    big = {k: v for k, v in kinds.items() if v[0] >= FEWEST_PEOPLE}
    rest = [v for k, v in kinds.items() if k not in big]
    shown: list[dict[str, Any]] = [
        {"title": use_book().spaces[k], "rooms": n, "area_m2": a} for k, (n, a) in sorted(big.items())
    ]
    n, area = sum(v[0] for v in rest), sum(v[1] for v in rest)
    if n:
        shown.append({"title": None, "rooms": n if n >= FEWEST_PEOPLE else None, "area_m2": area if n >= FEWEST_PEOPLE else None})  # fmt: skip
    return shown


def estate_of(building: Place) -> Place:
    """Return the estate of a building, or the smallest place around it."""
    around = [p for p in chain(building) if p.kind == "estate"]
    return around[0] if around else building.parent or building


def fees(of: Place) -> list[FeeYear]:
    """Return the fees of an estate by year, added up over its buildings; few households are not shown."""
    rows = Fee.objects.filter(building__path__startswith=of.path).select_related("building")
    return fees_by_estate(
        FeeLine(f.building.code, f.year, f.households, f.due_yuan, f.paid_yuan, f.source) for f in rows
    )


def own_interest(user: User) -> list[Interest]:
    """Return what a person asked for."""
    return list(Interest.objects.filter(owner=user).select_related("room__building"))


def waiting(user: Any) -> QuerySet[Interest]:
    """Return the interest that waits for an answer at the places of a person's office, the soonest due first."""
    places = Place.objects.filter(inside(user, OFFICES))
    rows = Interest.objects.filter(state=OPEN, room__building__in=places)
    return rows.select_related("room__building", "owner").order_by("due", "pk")


def interests_of(of: Room, user: User) -> list[Interest]:
    """Return the interest in a room that a person sees: their own, and for the offices all."""
    rows = of.interests.select_related("owner", "room__building")
    return [i for i in rows if user.has_perm("lettings.see_interest", i)]


def filled_rows(of: Place, user: User) -> list[dict[str, str]]:
    """Return rows for the form from the newest snapshot's register of free spaces; ids of homes are left out."""
    snapshot = next((s for s in latest(user) if s.place_id == of.pk), None)
    if snapshot is None:
        return []
    spaces = space_register(City.load(snapshot.folder / "city"), timezone.localdate())
    known, out = set(buildings_of(of, user)), []
    for i, row in enumerate(spaces[spaces["status"].isin(FREE)].to_dict("records"), 1):
        if row["building_id"] in known:
            cells = {column: str(row[source]) for column, source in _FILLED.items()}
            cells["area_m2"] = (
                "" if row["floor_area_m2"] != row["floor_area_m2"] else f"{row['floor_area_m2']:.1f}"
            )
            out.append({"room_id": f"R{i:03d}", **cells})
    return out
