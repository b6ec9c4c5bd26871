"""Reading jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.service.jobs.models import FAILED, RUNNING, STUCK_AFTER, WAITING, ChoreFault, Job


def job(pk: int) -> Job:
    """Return a job, or raise ``Http404``."""
    found = Job.objects.select_related("place", "owner").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Job]:
    """Return one's own jobs and those at the places where one holds a role."""
    inside = Q(owner=viewer)
    for _role, path in viewer.held:
        inside |= Q(place__path__startswith=path)
    return Job.objects.filter(inside).select_related("place", "owner").distinct()


def stuck(rows: QuerySet[Job]) -> QuerySet[Job]:
    """Return what failed and what should be moving and is not."""
    silent = Q(state__in=(WAITING, RUNNING), beat__lt=timezone.now() - STUCK_AFTER)
    return rows.filter(silent | Q(state=FAILED))


def chore_faults() -> QuerySet[ChoreFault]:
    """Return the chores of the workers that fail now or have failed, those that fail now first."""
    return ChoreFault.objects.all()


def waits(kind: str, **arguments: Any) -> bool:
    """Return whether this very work waits or runs already."""
    return Job.objects.filter(kind=kind, state__in=(WAITING, RUNNING), arguments=arguments).exists()
