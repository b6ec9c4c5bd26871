"""Reading rolls, and who may decide for whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from hutong.agree.roll_book import HELD_BACK, RollBook
from hutong.agree.roll_file import read_roll
from hutong.few import FEWEST_PEOPLE, told
from hutong.service.accounts.models import User
from hutong.service.consent.models import Link, Objection, Roll, RollVersion, Seat
from hutong.service.consent.offices import RUN, WATCH
from hutong.service.places.models import Place
from hutong.text import Text


def roll(pk: int) -> Roll:
    """Return a roll, or raise ``Http404``."""
    found = Roll.objects.select_related("place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def objection(pk: int) -> Objection:
    """Return an objection, or raise ``Http404``."""
    found = Objection.objects.select_related("roll__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@lru_cache(maxsize=16)
def _book(version: int, _hash: str) -> RollBook:
    return read_roll(RollVersion.objects.values_list("text", flat=True).get(pk=version))


def book(of: Roll) -> RollBook:
    """Return the last version of a roll; versions never change, so a process keeps those it has read."""
    version, told = of.versions.order_by("-number").values_list("pk", "hash").first() or (0, "")
    return _book(version, told)


def book_at(of: Roll, number: int) -> RollBook:
    """Return a roll as a version of it stands."""
    version, told = of.versions.values_list("pk", "hash").get(number=number)
    return _book(version, told)


def rolls_for(user: Any) -> QuerySet[Roll]:
    """Return the rolls that a reader sees: what is shown to everyone, and drafts of their own places."""
    seen = Q(state__in=("published", "frozen"))
    for role, path in user.held if user.is_authenticated else ():
        if role in WATCH:
            seen |= Q(place__path__startswith=path)
    return Roll.objects.filter(seen).select_related("place")


def places_for(user: User) -> list[Place]:
    """Return the places for which a person may make a roll; of buildings only those in hand."""
    here = Q(pk=None)
    for role, path in user.held:
        if role in RUN:
            here |= Q(path__startswith=path)
    return list(Place.objects.filter(here, kind__in=("quarter", "block", "estate")))


def by_building(of: Roll) -> list[dict[str, Any]]:
    """Return how many heads each building has on the roll; small ones are added up, since areas point at people."""
    rows = of.seats.values("building", "building__name_zh", "building__name_en").annotate(
        heads=Count("head", distinct=True)
    )
    shown = [
        {"title": Text(r["building__name_zh"], r["building__name_en"]), "heads": r["heads"]}
        for r in rows.order_by("building__path")
        if r["heads"] >= FEWEST_PEOPLE
    ]
    rest = sum(r["heads"] for r in rows) - sum(r["heads"] for r in shown)
    if 0 < rest < FEWEST_PEOPLE and shown:  # or it could be found by subtraction
        smallest = min(shown, key=lambda r: r["heads"])
        shown.remove(smallest)
        rest += smallest["heads"]
    return [*shown, {"title": Text("其他楼栋", "Other buildings"), "heads": rest}] if rest else shown


def held_back(of: RollBook) -> list[tuple[Text, int | None]]:
    """Return how many homes are held back for each reason; fewer than five are not counted out."""
    counts = Counter(h.reason for h in of.held_back)
    return [(HELD_BACK[r], told(n)) for r, n in counts.most_common()]


def links_of(user: Any) -> list[Link]:
    """Return the homes that an account is linked to and still verified at."""
    if not user.is_authenticated:
        return []
    verified = {path for role, path in user.held if role in ("resident_owner", "resident_tenant")}
    linked = Link.objects.filter(user=user, until=None).select_related("building")
    return [found for found in linked if found.building.path in verified]


def seats_of(user: Any, of: Roll) -> list[Seat]:
    """Return the seats on a roll that are an account's own: by verified role, home, and holder where several hold it."""
    from hutong.service.consent.rolls.services import ROLE_OF_ACT

    if not user.is_authenticated:
        return []
    verified = {path for role, path in user.held if role == ROLE_OF_ACT[of.act]}
    out = []
    for found in links_of(user):
        if found.building.path not in verified:
            continue
        seats = list(
            of.seats.filter(building=found.building, dwelling_id=found.dwelling_id).select_related("building")
        )
        mine = (
            [s for s in seats if s.holder == found.holder]
            if found.holder
            else seats
            if len(seats) == 1
            else []
        )
        out += mine
    return out


def unclear_homes(user: Any, of: Roll) -> list[str]:
    """Return the homes of an account for which it is not known which of several holders it is."""
    mine = {s.dwelling_id for s in seats_of(user, of)}
    return [
        found.dwelling_id
        for found in links_of(user)
        if found.dwelling_id not in mine
        and of.seats.filter(building=found.building, dwelling_id=found.dwelling_id).exists()
    ]


def held_homes(user: Any, of: Roll) -> list[tuple[str, Text]]:
    """Return the homes of an account that are held back from a roll, with the reason."""
    mine = {found.dwelling_id for found in links_of(user)}
    return [(h.dwelling_id, HELD_BACK[h.reason]) for h in book(of).held_back if h.dwelling_id in mine]


@dataclass(frozen=True)
class Voter:
    """For which head somebody decides as which holder, and which homes that is about."""

    head: str
    signer: str
    homes: tuple[str, ...]
    area_m2: float


def voters(of: Roll, tokens: set[str], now: dt.datetime) -> list[Voter]:
    """Return for whom the holder of some tokens may decide: its own heads, and those who entrusted it."""
    stands = book(of)
    agents = {m.holder for m in stands.mandates if m.agent in tokens and m.since <= now < m.until}
    heads = of.seats.filter(holder__in=tokens | agents).values_list("head", flat=True).distinct()
    out = []
    for head in sorted(heads):
        signer = next((t for t in sorted(tokens) if stands.deciders(t, head, now)), None)
        if signer is not None:
            homes = of.seats.filter(head=head).values_list("dwelling_id", flat=True).distinct()
            area = stands.roll.area_cm2[stands.roll.rows([head])[0]]
            out.append(Voter(head, signer, tuple(sorted(homes)), int(area) / 10_000))
    return out
