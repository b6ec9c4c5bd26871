"""Reading motions."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.service.consent.models import Motion
from hutong.service.consent.models.motions import SUBJECTS
from hutong.service.consent.offices import RUN


def motion(pk: int) -> Motion:
    """Return a motion, or raise ``Http404``."""
    found = Motion.objects.select_related("place", "proposed_by", "decided_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def of(family: str, subject: int) -> QuerySet[Motion]:
    """Return the motions of a subject, newest first: ``family`` is roll, ballot or signing."""
    return Motion.objects.filter(kind__startswith=f"{family}.", subject=subject).select_related(
        "place", "proposed_by", "decided_by"
    )


def _waiting(user: Any) -> QuerySet[Motion]:
    here = Q(pk=None)
    for role, path in user.held if user.is_authenticated else ():
        if role in RUN:
            here |= Q(place__path__startswith=path)
    return Motion.objects.filter(here, state="waiting").exclude(proposed_by=user.pk)


def how_many_wait(user: Any) -> int:
    """Return how many motions wait for a person."""
    return _waiting(user).count()


def waiting_for(user: Any) -> list[Motion]:
    """Return the motions that wait for a person, each with what it is about: at their places, proposed by somebody else."""
    rows = (
        _waiting(user).select_related("place", "proposed_by").prefetch_related("proposed_by__grants__place")
    )
    found = list(rows[:100])
    for family, kind in SUBJECTS.items():
        mine = [m for m in found if m.family == family]
        about = kind.objects.in_bulk({m.subject for m in mine})
        for m in mine:
            m.about = about[m.subject]
    return found
