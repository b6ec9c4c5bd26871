"""Reading homes, letters and residences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.residents.models import VERIFIED, WAITING, Home, Letter, Residence, Roll, Vouch
from hutong.service.twin.models import Snapshot

#: Roles that see how verification goes at their places.
WATCH = ("subdistrict", "committee", "district", "administrator", "auditor")


def homes_of(user: User) -> list[Home]:
    """Return the homes in which a person is a verified resident now."""
    rows = Residence.objects.filter(user=user, state=VERIFIED).select_related("home__building", "grant")
    return [r.home for r in rows if r.standing()]


def standing_in(home: Home) -> list[Residence]:
    """Return the verified residents of a home."""
    rows = home.residences.filter(state=VERIFIED).select_related("user", "grant")
    return [r for r in rows if r.standing()]


def of_user(user: User) -> QuerySet[Residence]:
    """Return what a person asked for and was verified as."""
    return Residence.objects.filter(user=user).select_related("home__building", "grant")


def residence(pk: int) -> Residence:
    """Return a residence, or raise ``Http404``."""
    return _one(Residence.objects.select_related("home__building", "user", "grant").filter(pk=pk))


def residence_by_key(key: str) -> Residence:
    """Return the residence that neighbours are asked about, or raise ``Http404``."""
    return _one(Residence.objects.select_related("home__building", "user", "grant").filter(key=key))


def vouch_by(pk: int) -> Vouch:
    """Return a word that was given, or raise ``Http404``."""
    return _one(
        Vouch.objects.select_related("residence__home__building", "residence__user", "voucher").filter(pk=pk)
    )


def home_by(pk: int) -> Home:
    """Return a home, or raise ``Http404``."""
    return _one(Home.objects.select_related("building", "quarter").filter(pk=pk, listed=True))


def homes_called(user: User, dwelling_id: str) -> list[Home]:
    """Return the homes of a number where a person acts at the counter."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in ("subdistrict", "committee"):
            inside |= Q(building__path__startswith=path)
    rows = Home.objects.filter(inside, listed=True, dwelling_id__iexact=dwelling_id.strip())
    return list(rows.select_related("building", "quarter"))


def _one(rows: QuerySet[Any]) -> Any:
    found = rows.first()
    if found is None:
        raise Http404
    return found


def quarter_by(pk: int) -> Place:
    """Return a quarter, or raise ``Http404``."""
    return _one(Place.objects.filter(pk=pk, kind="quarter"))


def quarters(user: User) -> QuerySet[Place]:
    """Return the quarters where a person watches over verification."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in WATCH:
            inside |= Q(path__startswith=path)
    return Place.objects.filter(inside, kind="quarter")


def snapshots_of(quarter: Place) -> QuerySet[Snapshot]:
    """Return the snapshots from which a roll can be made, the newest first."""
    return Snapshot.objects.filter(place=quarter).order_by("-date", "-pk")


def roll_of(quarter: Place) -> Roll | None:
    """Return the newest roll of a quarter."""
    return Roll.objects.filter(place=quarter).select_related("snapshot").first()


def roll_name(quarter: Place) -> str:
    """Return what the snapshot of a quarter's roll is called."""
    roll = roll_of(quarter)
    return "none" if roll is None else str(roll.snapshot.name)


def homes(quarter: Place, within: Place | None = None) -> QuerySet[Home]:
    """Return the listed homes of a quarter, or of an estate or building in it."""
    rows = Home.objects.filter(quarter=quarter, listed=True).select_related("building")
    return rows if within is None else rows.filter(building__path__startswith=within.path)


def without_resident(rows: QuerySet[Home]) -> QuerySet[Home]:
    """Return the homes in which nobody is verified."""
    return rows.exclude(pk__in=_standing().values("home"))


def _standing() -> QuerySet[Residence]:
    """Return the residences that count: verified, and their role not revoked since."""
    return Residence.objects.filter(state=VERIFIED, grant__until=None)


def at_building(place: Place) -> QuerySet[Home]:
    """Return the homes of a building."""
    return Home.objects.filter(building=place, listed=True).select_related("building")


def with_homes(places: Sequence[Place]) -> list[Place]:
    """Return the buildings among some places that have homes on a roll, and the buildings of estates among them."""
    inside = Q(pk=None)
    for place in places:
        inside |= Q(path__startswith=place.path)
    rows = Place.objects.filter(
        inside, kind="building", pk__in=Home.objects.filter(listed=True).values("building")
    )
    return list(rows.select_related("parent")[:24])


def parts_of(quarter: Place) -> list[Place]:
    """Return the estates of a quarter that have homes, and the buildings outside any estate: what letters are printed by."""
    buildings = Place.objects.filter(pk__in=homes(quarter).order_by().values("building")).select_related(
        "parent"
    )
    out = {
        b.parent_id if b.parent.kind == "estate" else b.pk: b.parent if b.parent.kind == "estate" else b
        for b in buildings
    }
    return sorted(out.values(), key=lambda p: p.path)


def counts(quarter: Place) -> dict[str, int]:
    """Return how verification goes in a quarter."""
    listed = homes(quarter)
    letters = Letter.objects.filter(home__in=listed, used=None, replaced=None, expires__gt=timezone.now())
    people = Residence.objects.filter(home__quarter=quarter)
    return {
        "homes": listed.count(),
        "letters": letters.count(),
        "verified": listed.filter(pk__in=_standing().values("home")).count(),
        "people": _standing().filter(home__quarter=quarter).count(),
        "waiting": people.filter(state=WAITING).count(),
        "named": listed.filter(holders__isnull=False).distinct().count(),
    }


def waiting(quarter: Place) -> QuerySet[Residence]:
    """Return who waits to be verified in a quarter, the longest first."""
    rows = Residence.objects.filter(home__quarter=quarter, state=WAITING).order_by("asked")
    return rows.select_related("home__building", "user")


def verified(quarter: Place) -> QuerySet[Residence]:
    """Return who is verified in a quarter, the latest first."""
    rows = _standing().filter(home__quarter=quarter).order_by("-verified")
    return rows.select_related("home__building", "user", "verified_by")


def neighbour_home(user: User, home: Home) -> Home | None:
    """Return the home by which a person may vouch for who lives in ``home``; None if they may not.

    They were verified by letter or at the counter, in the same staircase (without one: in the same courtyard).
    """
    rows = Residence.objects.filter(user=user, state=VERIFIED, how__in=("letter", "counter")).filter(
        home__building=home.building_id, home__stair=home.stair, home__listed=True
    )
    return next((r.home for r in rows.select_related("home", "grant") if r.standing()), None)


def standing_vouches(of: Residence) -> list[Vouch]:
    """Return the words for a resident that were not taken back."""
    return list(of.vouches.filter(withdrawn=None))


def vouched_by(user: User) -> QuerySet[Vouch]:
    """Return the words that a person gave and did not take back."""
    return Vouch.objects.filter(voucher=user, withdrawn=None).select_related(
        "residence__home__building", "residence__user"
    )
