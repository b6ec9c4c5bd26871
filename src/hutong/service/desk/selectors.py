"""Reading the desk."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.city import City
from hutong.loop import Settings, rules_for
from hutong.sense.survey_items import survey_forms
from hutong.sense.title_register import title_checkup
from hutong.sense.title_rule import gap_book
from hutong.service.accounts.roles import OFFICE
from hutong.service.checkup.models import Finding, Run
from hutong.service.checkup.selectors import latest, run
from hutong.service.desk.models import Answer, Returned
from hutong.service.desk.picture import Drawing, drawing_of
from hutong.service.places.models import Place
from hutong.service.twin.models import Building, Snapshot
from hutong.service.twin.selectors import latest as latest_snapshots
from hutong.service.web.stage import STATUSES, DeskItem, stages

_ORDER = {status: n for n, status in enumerate(STATUSES)}
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


def items(user: Any, now: dt.datetime | None = None) -> list[DeskItem]:
    """Return what waits for a person in every stage: late first, then by the clock, then the oldest."""
    at = now or timezone.now()
    found = [item for stage in stages() for item in stage.desk_items(user, at)]
    return sorted(
        found, key=lambda i: (not i.mine, _ORDER[i.status], i.due or _NEVER, i.since or _NEVER, i.url)
    )


def due_today(item: DeskItem, day: dt.date | None = None) -> bool:
    """Return whether an item is due today."""
    return item.due is not None and timezone.localtime(item.due).date() == (day or timezone.localdate())


def counted(found: list[DeskItem]) -> dict[str, int]:
    """Return how many items wait, are late and are due today."""
    return {
        "all": len(found),
        "late": sum(i.status == "alarm" for i in found),
        "today": sum(due_today(i) for i in found),
    }


def office_quarters(user: Any) -> QuerySet[Place]:
    """Return the quarters where a person does the office's work."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in OFFICE:
            inside |= Q(path__startswith=path)
    return Place.objects.filter(inside, kind="quarter")


def office_runs(user: Any) -> list[Run]:
    """Return the newest checkup of each quarter where a person does the office's work."""
    here = set(office_quarters(user).values_list("pk", flat=True))
    return [found for found in latest(user) if found.snapshot.place_id in here]


def newest_snapshots(user: Any) -> list[Snapshot]:
    """Return the newest snapshot of each quarter where a person does the office's work."""
    here = set(office_quarters(user).values_list("pk", flat=True))
    return [found for found in latest_snapshots(user) if found.place_id in here]


def answers_of(of: Run) -> dict[tuple[str, str, str], Answer]:
    """Return the latest answer to each finding of a quarter; one that waits for the next checkup ends with it."""
    rows = Answer.objects.filter(quarter=of.place)
    out = {(a.indicator, a.scale, a.place_id): a for a in rows}  # the latest comes last
    return {key: a for key, a in out.items() if a.answer != "watch" or a.as_of >= of.snapshot.date}


def key_of(finding: Finding) -> tuple[str, str, str]:
    """Return by what a finding is answered."""
    return finding.indicator, finding.scale, finding.place_id


def unanswered(of: Run, answers: dict[tuple[str, str, str], Answer]) -> list[Finding]:
    """Return the findings of a checkup without an answer, the gravest first."""
    rows = of.findings.select_related("run__snapshot__place")
    return [f for f in rows if key_of(f) not in answers]


def checkup_run(pk: int) -> Run:
    """Return a checkup, or raise ``Http404``."""
    return run(pk)


def returned(pk: int) -> Returned:
    """Return a table that came back, or raise ``Http404``."""
    found = Returned.objects.select_related("snapshot__place", "by", "made").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def returned_to(snapshot: Snapshot) -> QuerySet[Returned]:
    """Return the tables that came back to a snapshot, the latest first."""
    return Returned.objects.filter(snapshot=snapshot).select_related("by", "made")


def newer(snapshot: Snapshot) -> Snapshot | None:
    """Return a snapshot of the same quarter that was imported later."""
    rows = Snapshot.objects.filter(place=snapshot.place, imported_at__gt=snapshot.imported_at)
    return rows.order_by("-imported_at").first()


def city_of(snapshot: Snapshot) -> City:
    """Open the city folder of a snapshot."""
    return City.load(snapshot.folder / "city")


def title_gaps(snapshot: Snapshot) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the courtyards whose homes lack a clear title, the worst first, and the sums over all courtyards."""
    newest = Run.objects.filter(snapshot=snapshot).order_by("-made_at").first()
    jurisdiction = "beijing" if newest is None else str(newest.jurisdiction)
    table = _title_table(snapshot.folder / "city", snapshot.digest, jurisdiction)
    places = {
        b.building_id: b for b in Building.objects.filter(snapshot=snapshot).select_related("place__parent")
    }
    short = table[table["concerned"] > table["cleared"]].copy()
    short["open"] = short["concerned"] - short["cleared"]
    short = short.sort_values(["open", "place_id"], ascending=[False, True])
    rows = [
        {
            "building": places[row["place_id"]],
            "open": int(row["open"]),
            "homes": int(row["concerned"]),
            "status": row["status"],
            "gaps": [
                (gap.title, int(row[f"gap_{gap.id}"]), gap.who)
                for gap in gap_book().values()
                if gap.case and row[f"gap_{gap.id}"]
            ],
        }
        for row in short.to_dict("records")
        if row["place_id"] in places
    ]
    sums = {
        "courtyards": len(table),
        "open_courtyards": len(short),
        "homes": int(table["concerned"].sum()),
        "open": int(short["open"].sum()),
    }
    return rows, sums


@lru_cache(maxsize=8)
def _title_table(folder: Path, _digest: str, jurisdiction: str) -> pd.DataFrame:
    """Return the titles by courtyard of a city folder, which never changes."""
    city = City.load(folder)
    return title_checkup(city, rules_for(city, Settings(jurisdiction=jurisdiction)), "courtyard")


def picture_of(snapshot: Snapshot) -> Drawing:
    """Return the buildings of a snapshot as a drawing."""
    return drawing_of(city_of(snapshot))


def change_rows(of: Returned) -> list[dict[str, Any]]:
    """Return the changes of a table as they are read: object, item, what stood there, what comes."""
    items = {(f.table, i.name): (f, i) for f in survey_forms().values() for i in f.items}
    out = []
    for c in of.changes:
        form, item = items[c["table"], c["item"]]
        out.append(
            {
                "form": form.title,
                "object": c["object"],
                "item": item.title,
                "before": None if c["before"] is None else item.told(c["before"]),
                "origin": c["origin"],
                "after": item.told(c["after"]),
                "date": c["date"],
                "source": c["source"],
            }
        )
    return out
