"""Counting the record of a place: what each measure rests on in a period, when each tool was taken up, and its features."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
from django.db.models import Count as Number
from django.db.models import Min
from django.utils import timezone

from hutong.agree.grassroots import Count
from hutong.few import FEWEST_PEOPLE, FEWEST_THINGS
from hutong.service.bodies.models import Commitment, Lottery, Meeting
from hutong.service.budgets.models import Budget
from hutong.service.budgets.models import Paper as Order
from hutong.service.consent.models import Ballot
from hutong.service.council.models import Answer, Draft, Owed, Process, Vote
from hutong.service.council.phases import DRAFT
from hutong.service.neighbourhood.models import Post
from hutong.service.places.models import Place
from hutong.service.projects.models import Project
from hutong.service.requests.models import Request, Step
from hutong.service.requests.selectors import asked_of
from hutong.service.surveys.models import Round
from hutong.service.twin.models import PUBLISHED, Building, Snapshot

#: Tenures of public housing.
PUBLIC = ("public_direct", "public_unit", "central", "military")
PERIOD = dt.timedelta(days=182)


def periods(now: dt.datetime, n: int = 2) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return the last ``n`` half-years until the start of today, the earliest first."""
    end = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return [(end - PERIOD * (k + 1), end - PERIOD * k) for k in range(n - 1, -1, -1)]


def counts(place: Place, start: dt.datetime, end: dt.datetime, homes: int) -> dict[str, Count]:
    """Return what each measure of :func:`hutong.agree.grassroots.measures` rests on in a period."""
    years = (end - start).total_seconds() / (365.25 * 86400)
    sat = _sittings(place, start, end)
    people = _people(place, start, end)
    return {
        **_requests(place, start, end),
        "owed_in_time": _owed(place, start, end),
        "kept": _kept(place, start, end),
        "meetings": Count(len(sat), years),
        "taking_part": Count(people, homes * years)
        if people == 0 or people >= FEWEST_PEOPLE
        else Count(0, 0),
        "residents_sat": Count(sum("council_member" in offices for offices in sat), len(sat)),
        "planner_sat": Count(sum("planner" in offices for offices in sat), len(sat)),
    }


def _requests(place: Place, start: dt.datetime, end: dt.datetime) -> dict[str, Count]:
    rows = Request.objects.filter(place__path__startswith=place.path, filed__gte=start, filed__lt=end)
    rows = rows.exclude(nature="inquiry").exclude(state__in=("referred", "withdrawn", "answered"))
    out = {}
    for measure, rate in (("answered_in_time", "in_time"), ("satisfied", "satisfied")):
        known, yes = asked_of(rate, end)
        told = rows.aggregate(n=Number("pk", filter=known), yes=Number("pk", filter=yes & known))
        few = 0 < told["n"] < FEWEST_THINGS  # it would say what one person answered
        out[measure] = Count(0, 0) if few else Count(told["yes"], told["n"])
    return out


def _owed(place: Place, start: dt.datetime, end: dt.datetime) -> Count:
    rows = Owed.objects.filter(statement__process__place__path__startswith=place.path).exclude(
        statement__process__phase=DRAFT
    )
    last, good, known = timezone.localtime(end).date(), 0, 0
    for o in rows.filter(since__gte=timezone.localtime(start).date(), since__lt=last):
        due = o.since + dt.timedelta(days=o.days)
        if o.answered is not None or due < last:
            known += 1
            good += o.answered is not None and o.answered <= due
    return Count(good, known)


def _kept(place: Place, start: dt.datetime, end: dt.datetime) -> Count:
    first, last = (timezone.localtime(t).date() for t in (start, end))
    rows = Commitment.objects.filter(
        meeting__body__place__path__startswith=place.path, meeting__published__isnull=False
    )
    due = list(rows.filter(due__gte=first, due__lt=last).values_list("due", "done"))
    return Count(sum(done is not None and done <= day for day, done in due), len(due))


def _sittings(place: Place, start: dt.datetime, end: dt.datetime) -> list[set[str]]:
    rows = Meeting.objects.filter(
        body__place__path__startswith=place.path, published__isnull=False, at__gte=start, at__lt=end
    )
    return [{a.seat.office for a in m.attendance.all()} for m in rows.prefetch_related("attendance__seat")]


def _people(place: Place, start: dt.datetime, end: dt.datetime) -> int:
    """Return how many took part: each once in each council and each budget, by account or on paper."""
    votes = Vote.objects.filter(
        participant__process__place__path__startswith=place.path, at__gte=start, at__lt=end
    )
    orders = Order.objects.filter(budget__place__path__startswith=place.path, at__gte=start, at__lt=end)
    return int(votes.values("participant").distinct().count() + orders.count())


def taken_up(place: Place) -> dict[str, dt.date]:
    """Return the day on which each tool was first used at a place, for those that were."""
    here = {"place__path__startswith": place.path}
    within = Meeting.objects.filter(body__place__path__startswith=place.path, published__isnull=False)
    firsts: dict[str, tuple[Any, str]] = {
        "requests": (Request.objects.filter(**here), "filed"),
        "roundtable": (within.filter(body__kind="roundtable"), "at"),
        "taskforce": (within.filter(body__kind="taskforce"), "at"),
        "council": (Process.objects.filter(**here).exclude(phase=DRAFT), "made"),
        "answers": (Answer.objects.filter(owed__statement__process__place__path__startswith=place.path), "at"),
        "drafts": (Draft.objects.filter(process__place__path__startswith=place.path), "at"),
        "budget": (Budget.objects.filter(**here).exclude(phase="draft"), "made"),
        "draw": (Lottery.objects.filter(body__place__path__startswith=place.path), "drawn"),
        "vote": (Ballot.objects.filter(**here), "opened"),
        "survey": (Round.objects.filter(snapshot__place__path__startswith=place.path), "opened"),
        "space": (Post.objects.filter(space__place__path__startswith=place.path), "at"),
        "whistle": (Step.objects.filter(request__place__path__startswith=place.path, event="report_in"), "at"),
        "project": (Project.objects.filter(**here), "opened"),
    }  # fmt: skip
    out = {}
    for name, (rows, field) in firsts.items():
        first = rows.aggregate(first=Min(field))["first"]
        if first is not None:
            out[name] = timezone.localtime(first).date() if isinstance(first, dt.datetime) else first
    return out


def features(place: Place) -> dict[str, float | None]:
    """Return what a place is matched by, from the newest published snapshots within it; None where unknown.

    ``homes`` is the logarithm of their number to base 10, ``year`` the median year of construction weighted by homes,
    ``public`` the share of homes of public tenure, ``low`` the share in buildings of three storeys or fewer.
    """
    newest: dict[int, int] = {}
    rows = Snapshot.objects.filter(phase=PUBLISHED, place__path__startswith=place.path).order_by("date", "pk")
    for s in rows:
        newest[s.place_id] = s.pk
    found = Building.objects.filter(snapshot__in=newest.values(), dwellings__gt=0)
    table = list(found.values_list("dwellings", "built_year", "storeys", "homes"))
    total = sum(row[0] for row in table)
    if not total:
        return {"homes": None, "year": None, "public": None, "low": None}
    public = sum(n for *_, homes in table for t, n in homes.get("tenure", {}).items() if t in PUBLIC)
    low = [(n, s) for n, _, s, _ in table if s is not None]
    dated = sorted((y, n) for n, y, _, _ in table if y is not None)
    return {
        "homes": math.log10(total),
        "year": _weighted_median(dated),
        "public": public / total,
        "low": sum(n for n, s in low if s <= 3) / sum(n for n, _ in low) if low else None,
    }


def _weighted_median(pairs: list[tuple[float, int]]) -> float | None:
    if not pairs:
        return None
    weights = np.cumsum([n for _, n in pairs])
    return float(pairs[int(np.searchsorted(weights, weights[-1] / 2))][0])
