"""What of this site can be packed: a published checkup's indicators, a listed project as a case, a published scheme version."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils import timezone

from hutong.service.checkup.models import Run
from hutong.service.exchange.format import Case, Indicators, Scheme, Strict
from hutong.service.places.models import Place
from hutong.service.projects import selectors as projects
from hutong.service.projects.models import Project
from hutong.service.projects.policies import LISTED
from hutong.service.schemes.models import Version
from hutong.service.twin.models import PUBLISHED
from hutong.text import Text

#: A thing to pack: where it is, what it is called, and its content.
Packed = tuple[Place, Text, Strict]


def _both(text: Any) -> dict[str, str]:
    found = Text.of(text) if isinstance(text, dict) else text
    return {"zh": found.zh, "en": found.en}


def _indicators(pk: int) -> Packed:
    run = (
        Run.objects.select_related("snapshot__place")
        .filter(pk=pk, state=PUBLISHED, snapshot__phase=PUBLISHED)
        .first()
    )
    if run is None:
        raise Http404
    rows = []
    for v in run.values.filter(scale="quarter").order_by("indicator"):
        told = run.indicators[v.indicator]
        rows.append(
            {
                "id": v.indicator, "title": _both(told["title"]), "unit": told["unit"], "value": v.value, "status": v.status,
                "coverage": v.coverage, "confidence": told["confidence"], "source": told["source"] or "", "reason": _both(v.reason),
            }
        )  # fmt: skip
    day = run.snapshot.date
    title = Text(f"{run.place.name_zh}体检指标 {day}", f"Indicators of {run.place.name_en}, {day}")
    return run.place, title, Indicators(date=day, jurisdiction=run.jurisdiction, rows=rows)  # type: ignore[arg-type]


def _case(pk: int) -> Packed:
    found = Project.objects.select_related("place").filter(pk=pk, library__in=LISTED).first()
    if found is None:
        raise Http404
    course = projects.course_for(found)
    events, steps = course.machine.events, course.machine.states
    passed = [
        {"step": to, "title": _both(steps[to].title), "day": timezone.localtime(at).date()}
        for to, at in ((events[s.event].to, s.at) for s in found.steps.all())
    ]
    tasks = []
    for t in found.tasks.all():
        last = t.reports.order_by("day", "pk").last()
        done = None if last is None or last.done is None else last.done / 10_000
        spent = None if last is None else last.spent_yuan
        tasks.append({"title": t.title, "start": t.start, "end": t.end, "budget_yuan": t.budget_yuan, "spent_yuan": spent, "done": done})  # fmt: skip
    content = Case.model_validate(
        {
            "number": found.number, "procedure": found.procedure, "procedure_title": _both(course.procedure.title),
            "types": [_both(k) for k in projects.kinds_of(found)], "tenures": sorted(found.tenures), "library": found.library,
            "passed": passed, "tasks": tasks, "disclosed": sorted({d.kind for d in found.disclosed.all()}),
        }
    )  # fmt: skip
    return found.place, found.title, content


def _scheme(pk: int) -> Packed:
    found = Version.objects.select_related("scheme__place").filter(pk=pk).first()
    if found is None or not found.publications.exists():
        raise Http404
    digest = hashlib.sha256(found.document.encode()).hexdigest()
    content = Scheme(
        number=found.scheme.number,
        version=found.version,
        document=found.document,
        digest=digest,
        summary=found.summary,
    )
    return found.place, found.title, content


PACKERS: dict[str, Callable[[int], Packed]] = {"indicators": _indicators, "case": _case, "scheme": _scheme}


def sources_of(kind: str, pk: int) -> list[dict[str, str]]:
    """Return the sources of the snapshot that a thing to pack was made from; a case is made from none."""
    if kind == "case":
        return []
    run = Run.objects.filter(pk=pk) if kind == "indicators" else Run.objects.filter(schemes__versions=pk)
    return list(run.select_related("snapshot").get().snapshot.sources)


def candidates(place: Place) -> list[dict[str, Any]]:
    """Return what can be packed of a place: kind, key, title."""
    runs = Run.objects.filter(
        state=PUBLISHED, snapshot__phase=PUBLISHED, snapshot__place__path__startswith=place.path
    )
    cases = Project.objects.filter(library__in=LISTED, place__path__startswith=place.path)
    versions = Version.objects.filter(
        publications__isnull=False, scheme__place__path__startswith=place.path
    ).distinct()
    out = [
        {
            "kind": "indicators",
            "of": r.pk,
            "title": Text(f"{r.place.name_zh} {r.snapshot.date}", f"{r.place.name_en} {r.snapshot.date}"),
        }
        for r in runs.select_related("snapshot__place")[:50]
    ]
    out += [{"kind": "case", "of": p.pk, "title": p.title} for p in cases[:50]]
    out += [
        {"kind": "scheme", "of": v.pk, "title": v.title}
        for v in versions.select_related("scheme__place")[:50]
    ]
    return out
