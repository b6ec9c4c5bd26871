"""Reading spaces, belonging by age and tenure, and what people are attached to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone

from hutong.agree.budget_compare import OTHERS, gathered
from hutong.agree.memory import attachment, attachment_of_buildings, to_appraise
from hutong.city import City
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE, told
from hutong.report.map_layers import Layer
from hutong.service.accounts.models import User
from hutong.service.neighbourhood.models import Memory, Post, Space, Tally
from hutong.service.neighbourhood.words import AGES, ITEMS, SCORES, TENURES
from hutong.service.places.models import Place
from hutong.service.places.selectors import nearest
from hutong.service.residents.models import Home
from hutong.service.residents.selectors import homes_of
from hutong.service.twin.models import Snapshot
from hutong.service.twin.selectors import latest, place_code, titles_of
from hutong.text import Text

#: Everybody answers every item, so that one of them counts the people.
ITEM = next(iter(ITEMS))
RESIDENTS = ("resident_owner", "resident_tenant")
#: The printed sheet holds what was written within so many days, and events to come.
PRINTED = dt.timedelta(days=30)


def _one(rows: QuerySet[Any], pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def space(pk: int) -> Space:
    """Return a space, or raise ``Http404``."""
    found: Space = _one(Space.objects.select_related("place"), pk)
    return found


def post(pk: int) -> Post:
    """Return a post, or raise ``Http404``."""
    found: Post = _one(Post.objects.select_related("space__place"), pk)
    return found


def memory(pk: int) -> Memory:
    """Return a memory, or raise ``Http404``."""
    found: Memory = _one(Memory.objects.select_related("at_place"), pk)
    return found


def doors(user: User) -> set[tuple[str, str]]:
    """Return the doors behind which a person lives: buildings, and staircases of them where known."""
    found = {(path, "") for role, path in user.held if role in RESIDENTS}
    found |= {(h.building.path, h.stair) for h in homes_of(user) if (h.building.path, "") in found}
    return found


def spaces_for(user: User) -> list[dict[str, Any]]:
    """Return the spaces that a person may open: of their homes, and for the committee those that exist at its places."""
    out = []
    known = {(s.place.path, s.stair): s for s in Space.objects.select_related("place")}
    mine = sorted(doors(user))
    places = {p.path: p for p in Place.objects.filter(path__in=[path for path, _ in mine])}
    for path, stair in mine:
        made = known.pop((path, stair), None)
        out.append({"space": made or Space(place=places[path], stair=stair), "place": places[path].pk, "stair": stair})  # fmt: skip
    kept = [path for role, path in user.held if role == "committee"]
    out += [
        {"space": s, "place": s.place_id, "stair": s.stair}
        for (path, _), s in sorted(known.items())
        if any(path.startswith(top) for top in kept)
    ]
    _name_stairs([row["space"] for row in out])
    return out


def _name_stairs(spaces: list[Space]) -> None:
    """Read at once by which number each staircase is called."""
    rows = Home.objects.filter(building__in={s.place_id for s in spaces}, listed=True).order_by()
    numbers = {(b, s): n for b, s, n in rows.values_list("building", "stair", "stair_number").distinct()}
    for one in spaces:
        one.stair_number = numbers.get((one.place_id, one.stair))


def posts(of: Space) -> QuerySet[Post]:
    """Return what stands in a space, newest first."""
    return of.posts.filter(hidden="").select_related("owner").annotate(helping=Count("hands"))


def told_to(user: User, of: Space) -> list[Post]:
    """Return what stands in a space as one neighbour sees it: ``mine`` says whether they come, ``coming`` how many come or help.

    Who wrote it sees how many; others from :data:`hutong.few.FEWEST_PEOPLE` on (None: fewer), for in a staircase
    a smaller number would tell who.
    """
    out = []
    for post in posts(of).prefetch_related("hands__user"):
        post.mine = any(h.user_id == user.pk for h in post.hands.all())  # type: ignore[attr-defined]
        n = post.helping  # type: ignore[attr-defined]
        post.coming = n if post.owner_id == user.pk else told(n)  # type: ignore[attr-defined]
        out.append(post)
    return out


def printed(of: Space, today: dt.date | None = None) -> QuerySet[Post]:
    """Return what the sheet for the notice board holds: what is young, and events to come; nothing settled."""
    on = today or timezone.localdate()
    since = timezone.now() - PRINTED
    rows = of.posts.filter(hidden="", done=False)
    return (rows.filter(day__gte=on) | rows.filter(day=None, at__gte=since)).order_by("kind", "day", "-at")


# belonging


def quarter_of(user: User) -> Place | None:
    """Return the quarter in which a person is a verified resident."""
    paths = [path for role, path in user.held if role in RESIDENTS]
    for place in Place.objects.filter(kind="quarter"):
        if any(path.startswith(place.path) for path in paths):
            return place
    return None


def tenure_of(user: User) -> str:
    """Return whether a person is a resident as owner or as tenant."""
    held = {role for role, _ in user.held}
    return next(r for r in RESIDENTS if r in held)


def belonging(quarter: Place, year: int) -> dict[str, Any]:
    """Return how people belong: people, and per item the mean of everybody and by age and by tenure; small groups put together.

    None where fewer than five answered.
    """
    found = Tally.objects.filter(quarter=quarter, year=year).first()
    rows = [] if found is None else _cells(found.counts)
    people = sum(r["people"] for r in rows)
    if people < FEWEST_PEOPLE:
        return {"people": people, "items": None, "groups": []}
    groups = []
    for column, titles in (("age", AGES), ("tenure", TENURES)):
        each = np.repeat(np.array([r[column] for r in rows], dtype=object), [r["people"] for r in rows])
        called = dict(zip(each, gathered(each, FEWEST_PEOPLE), strict=True))
        if set(called.values()) != {"all"}:
            parts = {n: [r for r in rows if called[r[column]] == n] for n in [*titles, OTHERS]}
            groups += [{"title": titles.get(n), **_together(part)} for n, part in parts.items() if part]
    return {**_together(rows), "groups": groups}


def _cells(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return, for each age and tenure that occurs, how many people answered and the sum of their scores per item."""
    return [
        {
            "age": age, "tenure": tenure, "people": sum(items[ITEM]),
            "sums": [sum(s * n for s, n in zip(SCORES, items[item], strict=True)) for item in ITEMS],
        }
        for age, tenures in counts.items()
        for tenure, items in tenures.items()
    ]  # fmt: skip


def _together(cells: list[dict[str, Any]]) -> dict[str, Any]:
    people = sum(c["people"] for c in cells)
    sums = zip(*(c["sums"] for c in cells), strict=True)
    return {"people": people, "items": [sum(s) / people for s in sums]}


def years(quarter: Place) -> list[int]:
    """Return the years with answers."""
    return sorted(Tally.objects.filter(quarter=quarter).values_list("year", flat=True))


# memories


#: Decimals of a degree to which a spot is kept: about a metre, as near as a finger points on the map.
SPOT_DECIMALS = 5


def shown_memories(within: Place | None = None) -> QuerySet[Memory]:
    """Return the memories that anyone may read, of everywhere or of a quarter."""
    rows = Memory.objects.filter(shown=True, hidden="").select_related("at_place__parent")
    return rows if within is None else rows.filter(at_place__path__startswith=within.path)


def mapped(user: Any, quarter: str) -> tuple[list[Snapshot], Snapshot | None]:
    """Return the snapshots on whose map stories can be shown to a reader, and the one to show.

    That is the one of the quarter with a key, else of the reader's own quarter, else the first with a story, else the first.
    """
    found = latest(user)
    asked = next((s for s in found if str(s.place_id) == quarter), None)
    home = quarter_of(user) if user.is_authenticated and asked is None else None
    asked = asked or next((s for s in found if home is not None and s.place_id == home.pk), None)
    asked = asked or next((s for s in found if shown_memories(s.place).exists()), None)
    return found, asked or next(iter(found), None)


def beside(quarter: Place, lon: float, lat: float) -> Place:
    """Return the building of a quarter that is nearest to a spot in it.

    Raises
    ------
    HutongError
        ``bad-spot`` if the spot does not lie in the quarter: outside of every snapshot of it, or with no building within about 300 m.
    """
    inside = Snapshot.objects.filter(
        place=quarter, west__lte=lon, east__gte=lon, south__lte=lat, north__gte=lat
    )
    near = nearest(lon, lat, within=quarter.path) if inside.exists() else []
    if not near:
        raise HutongError(
            "bad-spot",
            Text("这个位置不在本片区里。", "This spot does not lie in the quarter."),
            Text(
                "请在地图上另选一处，或从列表里选一个地方。",
                "Choose another on the map, or a place of the list.",
            ),
        )
    return near[0]


@dataclass(frozen=True, slots=True)
class Told:
    """What is publicly told of an object: its place, the stories, and how many people told them (None: too few to say)."""

    place: Place
    stories: tuple[Memory, ...]
    people: int | None


def told_of(quarter: Place, codes: Collection[str]) -> list[Told]:
    """Return what is told of some places of a quarter (ids of buildings, estates, blocks), each story at the smallest of them.

    Those of whom most people told come first.
    """
    found: dict[str, list[Memory]] = {}
    codes = set(map(place_code, codes))
    for m in shown_memories(quarter).order_by("-at"):
        inside = m.at_place.path.removeprefix(quarter.path).split("/")[:-1]
        deep = next((k for k in reversed(range(len(inside))) if inside[k] in codes), None)
        if deep is not None:
            found.setdefault(quarter.path + "/".join(inside[: deep + 1]) + "/", []).append(m)
    places = {p.path: p for p in Place.objects.filter(path__in=found)}
    people = {path: len({m.owner_id for m in rows}) for path, rows in found.items()}
    return [
        Told(places[path], tuple(found[path]), told(people[path]))
        for path in sorted(found, key=lambda p: (-people[p], p))
    ]


#: From how many public stories a class of the map begins (ours).
STORY_BOUNDS = (1, 3, 6)


def told_at(snapshot: Snapshot) -> QuerySet[Memory]:
    """Return the public stories of the buildings in a snapshot's quarter."""
    return shown_memories().filter(at_place__path__startswith=snapshot.place.path, at_place__kind="building")


def story_layer(snapshot: Snapshot) -> Layer:
    """Return a snapshot's buildings by how many public stories are told of each."""
    told = Counter(told_at(snapshot).order_by().values_list("at_place_id", flat=True))
    rows = snapshot.buildings.order_by("row").values_list("place_id", flat=True)
    counts = np.array([told.get(pk, 0) for pk in rows], int)
    return Layer(
        "stories",
        Text("记忆", "Memories"),
        (
            Text("1–2 则", "1–2 stories"),
            Text("3–5 则", "3–5 stories"),
            Text("6 则及以上", "6 stories or more"),
        ),
        np.digitize(counts, STORY_BOUNDS) - 1,
        np.zeros(len(counts), bool),
        Text("还没有人讲", "no story yet"),
        Text(
            "居民讲过、已公开的故事，按楼栋计。", "Stories that people told and that are public, by building."
        ),
        "requests",
    )


def waiting_memories(user: User) -> list[Memory]:
    """Return the memories that wait to be read at a person's places."""
    kept = [path for role, path in user.held if role == "committee"]
    rows = Memory.objects.filter(shown=False, hidden="").select_related("at_place")
    return [m for m in rows if any(m.at_place.path.startswith(p) for p in kept)]


def _table(quarter: Place, crs: Any) -> pd.DataFrame:
    """Return the memories of a quarter that were not hidden: person, x, y in metres of a coordinate system."""
    rows = Memory.objects.filter(at_place__path__startswith=quarter.path, hidden="")
    rows = rows.annotate(x=Coalesce("lon", "at_place__lon"), y=Coalesce("lat", "at_place__lat"))
    found = list(rows.filter(x__isnull=False).values_list("owner_id", "x", "y"))
    points = gpd.GeoSeries(gpd.points_from_xy([f[1] for f in found], [f[2] for f in found]), crs="EPSG:4326").to_crs(crs)  # fmt: skip
    return pd.DataFrame({"person": [str(f[0]) for f in found], "x": points.x.to_numpy(), "y": points.y.to_numpy()})  # fmt: skip


def cared_for(quarter: Place) -> list[dict[str, Any]]:
    """Return the places that people care about with how many people and their heat, the warmest first; too few are not shown."""
    places = list(Place.objects.filter(path__startswith=quarter.path, memories__hidden="", lon__isnull=False).distinct())  # fmt: skip
    if not places:
        return []
    crs = gpd.GeoSeries(gpd.points_from_xy([places[0].lon], [places[0].lat]), crs="EPSG:4326").estimate_utm_crs()  # fmt: skip
    at = gpd.GeoSeries(gpd.points_from_xy([p.lon for p in places], [p.lat for p in places]), crs="EPSG:4326").to_crs(crs)  # fmt: skip
    heat = attachment(_table(quarter, crs), np.column_stack([at.x, at.y]))
    rows = [
        {"place": p, "people": int(h["people"]), "heat": float(h["heat"])}
        for p, h in zip(places, heat.to_dict("records"), strict=True)
        if not pd.isna(h["heat"])
    ]
    return sorted(rows, key=lambda r: (-r["heat"], r["place"].path))


def appraisal(user: User) -> list[dict[str, Any]]:
    """Return, per quarter whose snapshot a person sees, the buildings people are attached to and nothing protects."""
    out = []
    for snapshot in latest(user):
        city = City.load(snapshot.folder / "city")
        memories = _table(snapshot.place, city["buildings"].crs)
        rows = to_appraise(city, attachment_of_buildings(city, memories)).to_dict("records")
        called = titles_of(snapshot, [r["building_id"] for r in rows]) if rows else {}
        out.append({"snapshot": snapshot, "rows": [{**r, "title": called[r["building_id"]]} for r in rows]})
    return out
