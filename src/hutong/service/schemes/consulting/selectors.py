"""Reading consultations: which process hears a version, what was said of it, and what is still owed an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from hutong.few import told as may_be_told
from hutong.plan.catalogue import load_measures
from hutong.service.council import selectors as council
from hutong.service.council.models import Owed, Process, Statement
from hutong.service.council.phases import OPEN
from hutong.service.places.models import Place
from hutong.service.requests.selectors import units_at
from hutong.service.schemes import selectors
from hutong.service.schemes.models import Publication, Remark, Scheme, Version
from hutong.service.twin.selectors import title_in, titles_of
from hutong.text import Text

#: Statements that a page lists at most; all of them stand on the page of the process.
MOST = 30


def can_hear(process: Process, place: Place) -> bool:
    """Return whether a process takes statements and is put to a place or one around it, so that everybody there has a voice."""
    return process.phase in OPEN and process.place.covers(place)


def hearers(found: Scheme) -> tuple[list[Any], list[Process]]:
    """Return who may hear a scheme: the units that serve its place, and the processes that run there."""
    running = Process.objects.filter(phase__in=OPEN).select_related("place")
    return units_at(found.place), [p for p in running if can_hear(p, found.place)]


def process_of(found: Version) -> Process | None:
    """Return the process in which a version is or was answered."""
    shown = selectors.publication(found)
    return None if shown is None else shown.process


def hearing(found: Version) -> Process | None:
    """Return the process in which opinions on a version are taken today; None if they are not."""
    shown = selectors.publication(found)
    asking = (
        shown is not None and found.scheme.state == "consultation" and shown.running(timezone.localdate())
    )
    process = shown.process if shown is not None and asking else None
    return process if process is not None and process.phase in OPEN else None


def knows(found: Version, object_id: str, measure: str) -> bool:
    """Return whether a version speaks of a measure and an object; buildings that it leaves as they are count as well."""
    choices = selectors.version_document(found).choices
    if (
        object_id
        and object_id not in choices
        and not found.scheme.run.snapshot.buildings.filter(building_id=object_id).exists()
    ):
        return False
    return not measure or any(measure in c.measures for c in choices.values())


def owed_of(found: Scheme) -> QuerySet[Owed]:
    """Return the answers that are owed to what was said of a scheme while opinions were taken; what was hidden is left out.

    Where a process was there before, or hears another scheme too, what it was told before the scheme came, and what was said
    of the other scheme, are owed an answer there but do not hold this scheme up.
    """
    said = Q(pk=None)
    for shown in Publication.objects.filter(version__scheme=found, process__isnull=False):
        said |= Q(
            statement__process=shown.process_id,
            statement__at__gte=shown.at,
            statement__at__date__lte=shown.until,
        )
    elsewhere = Remark.objects.exclude(version__scheme=found).values("statement")
    return council.owed_of().filter(said).exclude(statement__in=elsewhere)


def still_owed(found: Scheme) -> int:
    """Return how many answers to what was said of a scheme in time nobody has given."""
    return owed_of(found).filter(answered=None).count()


@dataclass(frozen=True)
class Heard:
    """What was said: in which process, by how many (None: too few to tell), how many statements, and those that a page lists."""

    process: Process | None
    people: int | None
    nobody: bool
    statements: int
    answered: int
    open: int
    overdue: int
    rows: list[dict[str, Any]]


def heard(found: Version) -> Heard | None:
    """Return what was said in the process that hears a version; None without one."""
    process = process_of(found)
    return None if process is None else _heard(process, council.owed_of(process))


def heard_of(found: Scheme) -> Heard | None:
    """Return what was said of a scheme, of all its versions that were published, as whoever decides on it reads it."""
    newest = selectors.published_version(found)
    process = None if newest is None else process_of(newest)
    return None if process is None else _heard(process, owed_of(found))


def _heard(process: Process, rows: QuerySet[Owed]) -> Heard:
    told = council.owed_rows(rows)
    people = council.taken_part(process)
    return Heard(
        process,
        may_be_told(people),
        people == 0,
        process.statements.filter(hidden=False).count(),
        sum(r["o"].answered is not None for r in told),
        sum(r["o"].answered is None for r in told),
        sum(r["state"] == "overdue" for r in told),
        with_parts(told[:MOST]),
    )


def with_parts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to what is owed what of a version each statement is about."""
    ids = [r["o"].statement_id for r in rows]
    remarks = list(
        Remark.objects.filter(statement__in=ids).select_related("version__scheme__run__snapshot__place")
    )
    snapshots = {r.version.scheme.run.snapshot for r in remarks}
    objects = {r.object_id for r in remarks if r.object_id}
    names = {s.pk: titles_of(s, objects) if objects else {} for s in snapshots}
    parts = {
        r.statement_id: _part(names[r.version.scheme.run.snapshot_id], r.object_id, r.measure)
        for r in remarks
    }
    return [{**r, "part": parts.get(r["o"].statement_id)} for r in rows]


def remark_on(statement: Statement) -> Remark | None:
    """Return what of a version a statement is about; None if it was not written on the page of a version."""
    rows = Remark.objects.select_related("version__scheme__place", "version__scheme__run__snapshot__place")
    return rows.filter(statement=statement).first()


def part_of(remark: Remark) -> Text | None:
    """Return what of a version a remark is about, in words; None for the whole."""
    return part_words(remark.version, remark.object_id, remark.measure)


def part_words(found: Version, object_id: str, measure: str) -> Text | None:
    """Return an object, a measure, or a measure at an object in words; None for neither."""
    names = titles_of(found.scheme.run.snapshot, {object_id}) if object_id else {}
    return _part(names, object_id, measure)


def _part(names: Mapping[str, Text], object_id: str, measure: str) -> Text | None:
    named = []
    if object_id:
        named.append(title_in(names, object_id))
    if measure:
        named.append(next((m.title for m in load_measures() if m.id == measure), Text(measure, measure)))
    if not named:
        return None
    return Text("：".join(t.zh for t in named), ": ".join(t.en for t in named))
