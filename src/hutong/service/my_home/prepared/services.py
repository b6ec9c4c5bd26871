"""What households read is worked out in the background: what is on record of their homes, and what a published version means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from hutong.agree.home_facts import home_facts
from hutong.city import City
from hutong.plan.home_scheme import scheme_parts
from hutong.plan.statement import statements
from hutong.service.my_home.models import Facts, Prepared, Told
from hutong.service.places.models import Place
from hutong.service.residents.models import Home, Roll
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import published_versions, statement_inputs
from hutong.service.schemes.services import want_warm
from hutong.service.twin.models import PUBLISHED, Snapshot

#: Rows written at once: whoever else writes waits for one batch, well under a second.
BATCH = 500


@dataclass(frozen=True)
class Worked:
    """What was worked out for homes, and the rows of the same kind that it stands for from now on."""

    rows: list[Facts] | list[Told]
    old: QuerySet[Any]


def prepare_all() -> int:
    """Prepare the homes of every quarter with a roll as far as something is new; return how many homes were prepared."""
    quarters = Place.objects.filter(pk__in=Roll.objects.order_by().values("place"))
    return sum(prepare(quarter) for quarter in quarters)


def prepare(quarter: Place) -> int:
    """Prepare the homes of a quarter from its newest published snapshot and every version before the public."""
    roll = Roll.objects.filter(place=quarter).first()
    if roll is None:
        return 0
    newest = Snapshot.objects.filter(place=quarter, phase=PUBLISHED).order_by("-date", "-pk").first()
    done = 0 if newest is None else _once(f"facts-{newest.pk}-{roll.pk}", lambda: _facts(quarter, newest))
    for version in published_versions(quarter):
        done += _once(f"version-{version.pk}-{roll.pk}", lambda v=version: _told(quarter, v))  # type: ignore[misc]
    return done


def _once(key: str, work: Callable[[], Worked | None]) -> int:
    """Do what was not done under a key; None says that it cannot be done yet.

    The work is done before anything is written, and written some homes at a time, so that nobody else who writes waits for
    long. What is cut short was not done: it is begun again, and a home's rows are replaced whole.
    """
    if Prepared.objects.filter(key=key).exists():
        return 0
    worked = work()
    if worked is None:
        return 0
    try:
        for rows in batched(worked.rows):
            with transaction.atomic():
                worked.old.filter(home__in=[row.home_id for row in rows]).delete()
                worked.old.model.objects.bulk_create(rows)
        gone = set(worked.old.values_list("home", flat=True)) - {row.home_id for row in worked.rows}
        for homes in batched(sorted(gone)):
            worked.old.filter(home__in=homes).delete()
        Prepared.objects.create(key=key, homes=len(worked.rows))
    except IntegrityError:  # another worker writes the same, or was faster
        return 0
    return len(worked.rows)


def batched(rows: list[Any]) -> Iterator[list[Any]]:
    """Yield a list in parts that are written at once."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _facts(quarter: Place, snapshot: Snapshot) -> Worked:
    homes = _homes(quarter)
    rows = [
        Facts(home_id=homes[f.dwelling_id], snapshot=snapshot, facts=f.plain())
        for f in home_facts(City.load(snapshot.folder / "city"))
        if f.dwelling_id in homes
    ]
    return Worked(rows, Facts.objects.filter(home__quarter=quarter))


def _told(quarter: Place, version: Version) -> Worked | None:
    """Say what a version means for the homes that it reaches; None while its snapshot is not laid out."""
    homes = _homes(quarter)
    with statement_inputs(version) as given:
        if given is None:
            want_warm(version.scheme.run, None)
            return None
        rows = [
            Told(home_id=homes[s.dwelling_id], version=version, parts=[p.plain() for p in scheme_parts(s)])
            for s in statements(given.studio, given.review.document)
            if s.dwelling_id in homes
        ]
    return Worked(rows, Told.objects.filter(home__quarter=quarter, version=version))


def _homes(quarter: Place) -> dict[str, int]:
    return dict(Home.objects.filter(quarter=quarter, listed=True).values_list("dwelling_id", "pk"))
