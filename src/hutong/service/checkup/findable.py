"""What search finds of checkups: findings and indicators, of the newest published checkup alone."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from hutong.service.checkup.models import Run
from hutong.service.places.models import Place
from hutong.service.search import services as search
from hutong.service.twin.findable import DRAFTS_TO
from hutong.service.twin.models import PUBLISHED
from hutong.service.web.found import Findable, FoundKind
from hutong.text import Text

KINDS = (
    FoundKind("finding", Text("问题", "Findings"), 40),
    FoundKind("indicator", Text("指标", "Indicators"), 50),
)


def group(run: Run) -> str:
    """Return what a checkup's findables are shown and hidden by."""
    return f"checkup:{run.pk}"


def everything() -> Iterator[Findable]:
    """Return what can be found of all checkups."""
    for run in Run.objects.select_related("snapshot__place"):
        yield from of_run(run)


def of_run(run: Run) -> Iterator[Findable]:
    """Return what can be found of one checkup."""
    public, roles = who_finds(run)
    shared = {"group": group(run), "public": public, "roles": roles, "path": run.place.path}
    for name, told in run.indicators.items():
        url = reverse("checkup_indicator", args=[run.pk, name])
        yield Findable(
            "indicator", f"{run.pk}/{name}", Text.of(told["title"]), url, Text.of(told["formula"]), name, **shared
        )  # fmt: skip
    for f in run.findings.order_by("-rank").iterator(chunk_size=1000):
        told = Text.of(run.indicators[f.indicator]["title"])
        place = f.place_title
        title = Text(f"{told.zh} · {place.zh}", f"{told.en} · {place.en}")
        url = reverse("checkup_finding", args=[run.pk, f.rank])
        yield Findable("finding", f"{run.pk}/{f.rank}", title, url, f.reason, **shared)


def who_finds(run: Run) -> tuple[bool, tuple[str, ...]]:
    """Return whether everyone finds a checkup (the newest published of its quarter), else which roles do."""
    if run.phase != PUBLISHED:
        return False, DRAFTS_TO
    rows = Run.objects.filter(state=PUBLISHED, snapshot__phase=PUBLISHED, snapshot__place=run.snapshot.place)
    newest = rows.order_by("-snapshot__date", "-made_at").first()
    return newest == run, ()


def show_again(quarter: Place) -> None:
    """Say anew who finds the checkups of a quarter: one, or a snapshot, was published or taken back."""
    for run in Run.objects.filter(snapshot__place=quarter).select_related("snapshot__place"):
        search.show(group(run), *who_finds(run))
