"""Reading what a home is told, whom it asks, its questions, and which of them wait for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.agree.homes_on_offer import HomeOnOffer
from hutong.service.accounts.models import User
from hutong.service.consent.models import Project
from hutong.service.consent.surrender.selectors import project as surrender_project
from hutong.service.my_home.models import Contact, Look, OfferedHome, Question
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain
from hutong.service.requests.models import Member, Unit
from hutong.service.requests.selectors import units_at
from hutong.service.residents.models import Home, Roll
from hutong.service.residents.roll import TENANT
from hutong.service.residents.selectors import home_by, homes_of, standing_in
from hutong.text import Text

#: Whom to ask where no contact was named.
NOBODY = Text("居委会、街道（联系人尚未公布）", "the residents’ committee or the subdistrict (no contact was named yet)")  # fmt: skip
#: Looks of officers that the household sees.
LOOKS = 20


def home(pk: int) -> Home:
    """Return a home of the roll, or raise ``Http404``."""
    found: Home = home_by(pk)
    return found


def question(pk: int) -> Question:
    """Return a question, or raise ``Http404``."""
    rows = Question.objects.select_related("home__building", "home__quarter", "unit", "owner")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def lives_in(user: User, of: Home) -> bool:
    """Return whether a person is a verified resident of a home now."""
    return since(user, of) is not None


def since(user: User, of: Home) -> dt.datetime | None:
    """Return since when a person is a verified resident of a home; None if they are not now."""
    return next((r.verified for r in standing_in(of) if r.user_id == user.pk), None)


def roles_in(user: User, of: Home) -> set[str]:
    """Return as what a person was verified in a home: its owner, its tenant; empty for who does not live there."""
    return {r.role for r in standing_in(of) if r.user_id == user.pk}


def rents(user: User, of: Home) -> bool:
    """Return whether a person was verified as living in a home without owning it."""
    return roles_in(user, of) == {TENANT}


def _units(user: User) -> QuerySet[Member]:
    now = timezone.now()
    return Member.objects.filter(user=user.pk, since__lte=now).filter(Q(until=None) | Q(until__gt=now))


def acts_for(user: User, of: Question | None) -> bool:
    """Return whether a person acts for the unit that a question went to; for any unit where none is given."""
    rows = _units(user)
    return rows.exists() if of is None else rows.filter(unit=of.unit_id).exists()


def reads(user: User, of: Question) -> bool:
    """Return whether a person reads a question that is not their own.

    What was written down at the counter the household of that time reads, not one that moved in later, and that counter.
    """
    if acts_for(user, of):
        return True
    if not of.at_counter:
        return False
    counter = {path for role, path in user.held if role in ("subdistrict", "committee")}
    came = since(user, of.home)
    return (came is not None and came <= of.asked) or any(of.place.path.startswith(p) for p in counter)


def contact_of(place: Place) -> Contact | None:
    """Return whom the households of a place ask: the nearest contact around it."""
    rows = Contact.objects.filter(place__in=chain(place)).select_related("unit", "place")
    return max(rows, key=lambda c: len(c.place.path), default=None)


def ask_of(place: Place) -> Text:
    """Return whom to ask at a place, in words."""
    found = contact_of(place)
    return NOBODY if found is None else found.unit.title


def contact_places(user: User) -> list[Place]:
    """Return the places for which a person names contacts: their subdistricts and the quarters in them."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role == "subdistrict":
            inside |= Q(path__startswith=path)
    return list(Place.objects.filter(inside, kind__in=("subdistrict", "quarter", "block", "estate")))


def contacts(user: User) -> list[Contact]:
    """Return the contacts at a person's places."""
    rows = Contact.objects.filter(place__in=contact_places(user)).select_related("unit", "place")
    return list(rows.order_by("place__path"))


def without_contact(user: User) -> list[Place]:
    """Return the quarters with a roll of homes for which a person names contacts and nobody was named."""
    listed = set(Roll.objects.order_by().values_list("place", flat=True))
    return [p for p in contact_places(user) if p.pk in listed and contact_of(p) is None]


def units_for(place: Place) -> list[Unit]:
    """Return the units that may answer at a place."""
    return units_at(place)


def questions_seen(user: User, of: Home) -> list[Question]:
    """Return the questions of a home that a person reads, the newest first."""
    rows = of.questions.select_related("unit", "owner")
    return [q for q in rows if q.owner_id == user.pk or reads(user, q)]


def waiting(user: User) -> QuerySet[Question]:
    """Return the questions that wait for the units a person acts for, the soonest due first."""
    rows = Question.objects.filter(answered=None, unit__in=_units(user).values("unit"))
    return rows.select_related("home__building", "unit").order_by("due", "pk")


def answered(user: User) -> QuerySet[Question]:
    """Return what the units of a person answered, the latest first."""
    rows = Question.objects.filter(unit__in=_units(user).values("unit")).exclude(answered=None)
    return rows.select_related("home__building", "unit").order_by("-answered")


def clock_at(places: list[str]) -> dict[str, Any]:
    """Return how the questions of some places stand, as numbers alone: waiting, late, answered, in time."""
    inside = Q(pk=None)
    for path in places:
        inside |= Q(home__building__path__startswith=path)
    rows = Question.objects.filter(inside)
    done = rows.exclude(answered=None)
    return {
        "waiting": rows.filter(answered=None).count(),
        "late": sum(q.late(timezone.localdate()) for q in rows.filter(answered=None)),
        "answered": done.count(),
        "in_time": done.filter(answered__date__lte=F("due")).count(),
    }


def news_for(user: Any) -> list[dict[str, Any]]:
    """Return a resident's homes with how many answers they have not read; nothing for who has none."""
    if not user.is_authenticated:
        return []
    out = []
    for found in homes_of(user):
        fresh = Question.objects.filter(home=found, owner=user, read=None).exclude(answered=None).count()
        out.append({"home": found, "fresh": fresh})
    return out


def looks(of: Home, reader: User) -> list[Look]:
    """Return on which days which office opened the page of a home, to its household since it lives there."""
    came = since(reader, of)
    return [] if came is None else list(of.looks.filter(day__gte=timezone.localdate(came))[:LOOKS])


def projects_at(of: Home) -> list[Project]:
    """Return the surrender projects of the building or a place around it, the newest first."""
    return list(Project.objects.filter(place__in=chain(of.building)).select_related("place", "roll"))


def homes_on_offer(of: Project) -> list[HomeOnOffer]:
    """Return the homes that a project offers."""
    return [
        HomeOnOffer(
            Text(h.name_zh, h.name_en), h.form, h.area_m2, h.homes, h.price_yuan, h.share_percent, h.rent_yuan_month, h.lon,
            h.lat, h.until, h.source,
        )
        for h in OfferedHome.objects.filter(project=of)
    ]  # fmt: skip


def project(pk: int) -> Project:
    """Return a surrender project, or raise ``Http404``."""
    return surrender_project(pk)
