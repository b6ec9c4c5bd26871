"""Reading evaluations: what a reader may see, projects between two days, what residents said, what was decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from hutong.few import FEWEST_PEOPLE
from hutong.learn.works import WORKS_COLUMNS
from hutong.service.accounts.roles import OFFICE
from hutong.service.evaluation.models import Evaluation
from hutong.service.evaluation.words import GROUPS, ITEMS
from hutong.service.lessons.models import Forecast, Lesson
from hutong.service.lessons.selectors import forecasts_at
from hutong.service.operation import selectors as operation
from hutong.service.places.models import Place
from hutong.service.projects import selectors as projects
from hutong.service.projects.policies import LISTED
from hutong.service.projects.votes import standing_vote
from hutong.service.schemes.selectors import adopted_within, version_document, version_numbered
from hutong.service.surveys.models import Round
from hutong.service.twin.models import PUBLISHED, Snapshot
from hutong.text import Text


def evaluation(pk: int) -> Evaluation:
    """Return an evaluation, or raise ``Http404``."""
    found = (
        Evaluation.objects.select_related("place", "before", "after", "earlier", "made_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Evaluation]:
    """Return the evaluations that a reader may see."""
    seen = Q(state=PUBLISHED)
    for role, path in getattr(viewer, "held", ()):
        if role in (*OFFICE, "administrator", "auditor"):
            seen |= Q(place__path__startswith=path)
    return Evaluation.objects.filter(seen).select_related("place", "before", "after")


def snapshots_of(user: Any) -> list[Snapshot]:
    """Return the snapshots between which a person may evaluate, the newest first."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in OFFICE:
            inside |= Q(place__path__startswith=path)
    return list(Snapshot.objects.filter(inside).select_related("place").order_by("place__path", "-date"))


def voted_on(place: Place, until: dt.date) -> Iterator[tuple[Forecast, float, str]]:
    """Yield the forecasts of consent on which a vote was counted by a day, with the share that came and the vote.

    It is the vote of the scheme's place on a project that has the very version as its scheme, and the forecast was made before
    notice of it was given. The share is of all on the roll, as it was forecast.
    """
    for f in forecasts_at(place).filter(kind="consent", outcome=None).order_by("pk"):
        version = version_numbered(f.source)
        if version is None:
            continue
        for project in projects.with_scheme(version):
            vote = standing_vote(project)
            if vote is None or vote.result is None or vote.place_id != version.place.pk:
                continue
            if vote.noticed > f.made and timezone.localtime(vote.counted).date() <= until:
                told = vote.result[f.key]
                yield f, told["for"] / told["all"], vote.code
                break


def projects_between(place: Place, start: dt.date, end: dt.date) -> list[dict[str, Any]]:
    """Return the public projects of a place that were open between two days: budget against actual, and how far each is.

    Figures are as of the end, or of today if that is earlier; None is unknown.
    """
    rows = []
    for p in projects.in_place(place).filter(library__in=LISTED, opened__date__lte=end).order_by("opened"):
        if p.library == "ended" and p.changed.date() < start:
            continue
        held = projects.earned(p, end)
        ends = [t.end for t in p.tasks.all()]
        lines = () if held is None else held.lines
        rows.append(
            {
                "pk": p.pk, "number": p.number, "title": {"zh": p.title_zh, "en": p.title_en}, "state": _both(projects.state_title(p)),
                "library": p.library, "planned_end": max(ends).isoformat() if ends else None,
                "budget": None if held is None else held.budget, "spent": None if held is None else held.spent,
                "earned": None if held is None or held.earned is None else list(held.earned), "tasks": len(lines),
            }
        )  # fmt: skip
    return rows


def operations_between(place: Place, start: dt.date, end: dt.date) -> list[dict[str, Any]]:
    """Return the public contracts of operation of a place: what was planned and what operators returned of each year.

    The years are those that ended between two days. Yuan are the operator's net payments over them: None where a year
    was not returned whole. ``standing`` is that of the band at the end (:data:`hutong.act.contracts.STANDINGS`), ``share``
    what is to be shared a year from then on.
    """
    rows = []
    for c in operation.visible(None).filter(place__path__startswith=place.path).order_by("opened"):
        held = operation.band(c, end)
        ended = [y for y in operation.years(c, held) if start.year <= y["year"] < end.year]
        if ended:
            rows.append(
                {
                    "pk": c.pk, "number": c.number, "title": _both(c.title), "first": ended[0]["year"], "last": ended[-1]["year"],
                    "planned": _sum(y["planned"] for y in ended), "reported": _sum(y["reported"] for y in ended),
                    "missing": [y["year"] for y in ended if y["reported"] is None], "standing": held.standing, "share": sum(held.share.values()),
                }
            )  # fmt: skip
    return rows


def _sum(values: Iterable[float | None]) -> float | None:
    """Return a sum that is unknown where a part of it is."""
    known = list(values)
    return None if None in known else float(sum(v for v in known if v is not None))


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def decided(found: Evaluation) -> dict[tuple[str, str], Lesson]:
    """Return what was decided of the lessons of an evaluation, by measure and quantity."""
    rows = Lesson.objects.filter(source=found.number).select_related("person")
    return {(r.measure, r.quantity): r for r in rows}


def lesson_rows(found: Evaluation) -> list[dict[str, Any]]:
    """Return the lessons of an evaluation with what was decided of each; those that moved first."""
    known = decided(found)
    rows = [
        {**row, "n": n, "decided": known.get((row["measure"], row["quantity"]))}
        for n, row in enumerate(found.result["lessons"])
    ]
    return sorted(rows, key=lambda r: not r["moved"])


def undecided(found: Evaluation) -> int:
    """Return how many lessons wait for a decision."""
    known = decided(found)
    return sum(
        r["value"] is not None and (r["measure"], r["quantity"]) not in known
        for r in (found.result or {}).get("lessons", ())
    )


def group_of(user: Any, found: Evaluation) -> str:
    """Return whether a resident of the place answers as an owner or as a tenant."""
    at = found.place.path
    here = {role for role, path in user.held if path.startswith(at) or at.startswith(path)}
    return next(g for g in GROUPS if g in here)


def has_answered(user: Any, found: Evaluation) -> bool:
    """Return whether a person answered."""
    return user.is_authenticated and found.voiced.filter(user=user).exists()


def voices(found: Evaluation) -> dict[str, Any]:
    """Return what residents say: per item the mean and the counts; nothing while fewer than ``FEWEST_PEOPLE`` answered.

    Owners and tenants stand apart only where both are enough: else the difference to all would show the few.
    """
    counts: dict[tuple[str, str], list[int]] = {}
    for v in found.voices.all():
        counts.setdefault((v.group, v.item), [0] * 5)[v.score - 1] += v.count
    asked = {g: sum(counts.get((g, next(iter(ITEMS))), [0] * 5)) for g in GROUPS}
    total = sum(asked.values())
    if total < FEWEST_PEOPLE:
        return {"n": None, "fewest": FEWEST_PEOPLE, "items": []}
    apart = all(n >= FEWEST_PEOPLE for n in asked.values())
    items = []
    for item, title in ITEMS.items():
        each = {g: counts.get((g, item), [0] * 5) for g in GROUPS}
        whole = [sum(c) for c in zip(*each.values(), strict=True)]
        groups = (
            [{"title": GROUPS[g], "mean": _mean(c), "n": sum(c)} for g, c in each.items()] if apart else []
        )
        items.append(
            {"title": title, "mean": _mean(whole), "share": sum(whole[3:]) / total, "groups": groups}
        )
    return {"n": total, "fewest": FEWEST_PEOPLE, "items": items}


def _mean(counts: list[int]) -> float:
    return sum((k + 1) * c for k, c in enumerate(counts)) / max(sum(counts), 1)


def to_answer(user: Any) -> list[Evaluation]:
    """Return the newest published evaluation of each place where a person lives that they have not answered."""
    if not user.is_authenticated:
        return []
    newest: dict[int, Evaluation] = {}
    inside = [path for role, path in user.held if role in GROUPS]
    if not inside:
        return []
    for e in (
        Evaluation.objects.filter(state=PUBLISHED)
        .select_related("place", "before", "after")
        .order_by("published_at")
    ):
        if any(path.startswith(e.place.path) or e.place.path.startswith(path) for path in inside):
            newest[e.place_id] = e
    return [e for e in newest.values() if not has_answered(user, e)]


def surveys_of(found: Evaluation) -> list[Round]:
    """Return the field surveys whose answers made one of the snapshots."""
    return list(Round.objects.filter(made__in=(found.before, found.after)).order_by("until"))


def of_place(place: Place, viewer: Any) -> list[Evaluation]:
    """Return the evaluations of a place that a reader may see and that are computed, the newest first."""
    return list(visible(viewer).filter(place=place).exclude(result=None))


def works_draft(before: Snapshot) -> list[dict[str, Any]]:
    """Return what the adopted schemes of a snapshot's quarter and of places in it do at its buildings, for the office to complete.

    Rows of ``WORKS_COLUMNS``, one per building and measure; none without an adopted scheme. What was paid, when it was
    finished and who signed is the office's to say.
    """
    ids = set(before.buildings.values_list("building_id", flat=True))
    blank = dict.fromkeys(WORKS_COLUMNS, "")
    done = {
        (object_id, measure)
        for version in adopted_within(before.place)
        for object_id, choice in version_document(version).choices.items()
        if object_id in ids
        for measure in choice.measures
    }
    return [{**blank, "building_id": object_id, "measure": measure} for object_id, measure in sorted(done)]
