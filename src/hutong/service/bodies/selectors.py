"""Reading bodies: who sits, what was promised with its clock, what is where, and who acted with whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pandas as pd
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.agree.sortition_draw import PublishedLottery
from hutong.service.accounts.models import User
from hutong.service.bodies.models import Body, Commitment, Lottery, Matter, MatterStep, Meeting, Seat
from hutong.service.places.models import Place
from hutong.service.requests.models import Step


def _one(rows: QuerySet[Any], pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def body(pk: int) -> Body:
    """Return a body, or raise ``Http404``."""
    found: Body = _one(Body.objects.select_related("place", "above"), pk)
    return found


def meeting(pk: int) -> Meeting:
    """Return a meeting, or raise ``Http404``."""
    found: Meeting = _one(Meeting.objects.select_related("body__place"), pk)
    return found


def commitment(pk: int) -> Commitment:
    """Return a commitment, or raise ``Http404``."""
    found: Commitment = _one(Commitment.objects.select_related("meeting__body__place", "seat"), pk)
    return found


def matter(pk: int) -> Matter:
    """Return a matter, or raise ``Http404``."""
    found: Matter = _one(Matter.objects.select_related("body__place", "body__above"), pk)
    return found


def lottery(pk: int) -> Lottery:
    """Return a draw, or raise ``Http404``."""
    found: Lottery = _one(Lottery.objects.select_related("body__place"), pk)
    return found


def bodies() -> QuerySet[Body]:
    """Return all bodies, the largest place first."""
    return Body.objects.select_related("place", "above")


def bodies_for(path: str) -> QuerySet[Body]:
    """Return the bodies at the places that a place lies in, itself included: what one may be put under."""
    parts = path.strip("/").split("/")
    paths = ["/" + "/".join(parts[: i + 1]) + "/" for i in range(len(parts))]
    return bodies().filter(place__path__in=paths)


def places_below(path: str) -> QuerySet[Place]:
    """Return the places within a path where a body may be."""
    return Place.objects.filter(path__startswith=path).exclude(kind="building")


def body_of(subject: Any) -> Body:
    """Return the body of an object."""
    found: Body = subject if isinstance(subject, Body) else subject.body
    return found


def sitting(of: Body) -> QuerySet[Seat]:
    """Return the seats that are held now."""
    return of.seats.filter(Q(until=None) | Q(until__gt=timezone.now())).select_related("user")


def seat_of(user: User, of: Body) -> Seat | None:
    """Return the seat that a person holds on a body now."""
    return sitting(of).filter(user=user).first()


def clock(rows: Iterable[Any], today: dt.date | None = None) -> list[dict[str, Any]]:
    """Return commitments or matters with their state: ``done``, ``late`` (done after its day), ``overdue``, ``open``; days left."""
    on = today or timezone.localdate()
    out = []
    for r in rows:
        ended = r.done if isinstance(r, Commitment) else (on if r.settled else None)
        if ended is not None:
            state = "late" if isinstance(r, Commitment) and ended > r.due else "done"
        else:
            state = "overdue" if on > r.due else "open"
        out.append({"c": r, "state": state, "left": (r.due - on).days})
    return out


def passed_on(of: Body) -> list[dict[str, Any]]:
    """Return the matters that a body passed on and that others have not settled yet, with their clock."""
    handed = MatterStep.objects.filter(body=of).values("matter")
    rows = Matter.objects.filter(pk__in=handed, settled=False).exclude(body=of)
    return clock(rows.select_related("body__place"))


def commitments(of: Body) -> list[dict[str, Any]]:
    """Return what was promised at a body's published meetings, what is open first."""
    rows = Commitment.objects.filter(meeting__body=of, meeting__published__isnull=False)
    told = clock(rows.select_related("seat", "meeting").prefetch_related("reports"))
    return sorted(told, key=lambda r: (r["c"].done is not None, r["c"].due))


def published(found: Lottery) -> PublishedLottery:
    """Return what was published of a draw."""
    return PublishedLottery.read(found.text)


def joint_acts(place: Place) -> pd.DataFrame:
    """Return who acted with whom at a place, from the record: ``at``, ``first``, ``second``, ``how``; offices, not people.

    Two offices act together when both attend a meeting whose minutes are published, when one promises something at a
    meeting that the other attends, when a matter passes between their bodies, and when one unit whistles and the other
    reports in.
    """
    rows: list[tuple[Any, str, str, str]] = []
    meetings = Meeting.objects.filter(body__place__path__startswith=place.path, published__isnull=False)
    for m in meetings.prefetch_related("attendance__seat", "commitments__seat"):
        offices = sorted({a.seat.office for a in m.attendance.all()})
        rows += [(m.at, a, b, "meeting") for a, b in combinations(offices, 2)]
        for c in m.commitments.all():
            rows += [(m.at, c.seat.office, o, "commitment") for o in offices if o != c.seat.office]
    steps = MatterStep.objects.filter(
        matter__body__place__path__startswith=place.path, event__in=("up", "down")
    )
    for s in steps.select_related("body__place", "matter"):
        before = s.matter.steps.filter(n=s.n - 1).select_related("body__place").first()
        if before is not None:
            rows.append((s.at, _host(before.body), _host(s.body), "matter"))
    reports = Step.objects.filter(request__place__path__startswith=place.path, event="report_in")
    for step in reports.select_related("request"):
        holder = step.request.unit or "subdistrict"
        rows.append((step.at, f"unit:{holder}", f"unit:{step.unit}", "whistle"))
    table = pd.DataFrame(rows, columns=["at", "first", "second", "how"])
    return table[table["first"] != table["second"]].reset_index(drop=True)


def halves(acts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return joint acts by half-year of their day here (``2026H1``), the earliest first."""
    days = [timezone.localtime(t) for t in acts["at"]]
    names = [f"{t.year}H{1 if t.month < 7 else 2}" for t in days]
    return {str(name): rows for name, rows in acts.groupby(names, sort=True)}


def _host(of: Body) -> str:
    """Return the office at whose level a body sits."""
    level = of.place.kind
    return level if level in ("city", "district", "subdistrict") else "committee"
