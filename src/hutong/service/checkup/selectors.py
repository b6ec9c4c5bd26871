"""Reading checkups."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from hutong.sense import STATUSES
from hutong.sense.compare import VERDICTS
from hutong.service.accounts.roles import OFFICE
from hutong.service.checkup.models import Finding, Run, Value
from hutong.service.twin.models import PUBLISHED, Building, Snapshot
from hutong.service.twin.selectors import siblings
from hutong.text import Text

#: What a list or a dossier does not show of a checkup, and would read and parse for nothing.
LARGE = ("indicators", "national", "notes", "layers")


def visible(viewer: Any) -> QuerySet[Run]:
    """Return the checkups that a reader may see."""
    seen = Q(state=PUBLISHED, snapshot__phase=PUBLISHED)
    for role, path in getattr(viewer, "held", ()):
        if role in (*OFFICE, "administrator", "auditor"):
            seen |= Q(snapshot__place__path__startswith=path)
    return Run.objects.filter(seen).select_related("snapshot__place", "against")


def run(pk: int) -> Run:
    """Return a checkup, or raise ``Http404``."""
    found = Run.objects.select_related("snapshot__place", "against").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def finding(pk: int, rank: int) -> Finding:
    """Return a finding of a checkup by its rank, or raise ``Http404``."""
    found = Finding.objects.select_related("run__snapshot__place").filter(run_id=pk, rank=rank).first()
    if found is None:
        raise Http404
    return found


def latest(viewer: Any) -> list[Run]:
    """Return each quarter's newest checkup that the reader may see."""
    newest: dict[int, Run] = {}
    for one in visible(viewer).defer(*LARGE).order_by("snapshot__date", "made_at"):
        newest[one.snapshot.place_id] = one
    return list(newest.values())


def of_snapshot(viewer: Any, snapshot: Snapshot) -> QuerySet[Run]:
    """Return the checkups of a snapshot that the reader may see, the newest first."""
    return visible(viewer).filter(snapshot=snapshot).order_by("-made_at")


def finding_by_id(pk: int) -> Finding | None:
    """Return a finding by its key."""
    return Finding.objects.select_related("run__snapshot__place").filter(pk=pk).first()


def before(snapshot: Snapshot, viewer: Any) -> Snapshot | None:
    """Return the snapshot of the year before, as far as the reader may see it."""
    return siblings(snapshot, viewer).filter(date__lt=snapshot.date).last()


def layers_of(viewer: Any, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the map layers of the newest checkup of a snapshot."""
    newest = of_snapshot(viewer, snapshot).defer("indicators", "national", "notes").first()
    if newest is None:
        return []
    return [
        {
            "id": layer["id"],
            "title": Text.of(layer["title"]),
            "url": reverse("checkup_layer", args=[newest.pk, layer["id"]]),
            "load": partial(layer_data_of, newest, layer["id"]),
        }
        for layer in newest.layers
    ]


def layer_data_of(of: Run, name: str) -> dict[str, Any]:
    """Return a layer of a checkup as its file holds it."""
    return dict(json.loads((of.folder / "layers" / f"{name}.json").read_text("utf-8")))


def findings_of(viewer: Any, building: Building) -> tuple[Run | None, list[Finding]]:
    """Return the newest checkup of a building's snapshot and the findings in it that name the building."""
    newest = of_snapshot(viewer, building.snapshot).only("pk").select_related(None).first()
    if newest is None:
        return None, []
    return newest, list(newest.findings.filter(buildings=building))


def whole(of: Run) -> list[Value]:
    """Return every indicator for the whole quarter."""
    return list(of.values.filter(scale="quarter"))


def counted(values: list[Value]) -> list[tuple[str, int]]:
    """Return how many indicators have each status."""
    counts = Counter(v.status for v in values)
    return [(status, counts[status]) for status in STATUSES]


def national_counts(of: Run) -> dict[str, int]:
    """Return how many of the 61 are known, met, not met, unknown and not applicable."""
    counts = Counter(row["status"] for row in of.national)
    grades = Counter(row["grade"] for row in of.national if row["status"] == "known")
    return {
        "all": len(of.national),
        "known": counts["known"],
        "unknown": counts["unknown"],
        "absent": counts["not_applicable"],
        "met": grades["good"],
        "short": grades["watch"],
    }


def verdicts(of: Run) -> list[tuple[str, int]]:
    """Return how many indicators of the whole quarter got better, worse, stayed or cannot be told."""
    counts = Counter(of.changes.filter(scale="quarter").values_list("verdict", flat=True))
    return [(verdict, counts[verdict]) for verdict in VERDICTS]
