"""The only writes to checkups: make, publish, unpublish."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from hutong.city import City
from hutong.errors import HutongError
from hutong.loop import Settings, rules_for
from hutong.sense import Checkup, checkup, compare, metrics, national_table
from hutong.sense.results import Finding as Found
from hutong.sense.results import Indicator
from hutong.service.accounts.models import User
from hutong.service.checkup.findable import of_run
from hutong.service.checkup.layers import checkup_layers
from hutong.service.checkup.models import Change, Finding, Run, Value
from hutong.service.search import services as search
from hutong.service.twin.layers import write_layers
from hutong.service.twin.models import DRAFT, PUBLISHED, Building, Snapshot
from hutong.text import Text

Step = Callable[[int, int, Text], None]
BATCH = 1000


@dataclass(frozen=True)
class Made:
    """What was computed, before anything is written."""

    city: City
    check: Checkup
    changes: pd.DataFrame | None


def make_checkup(
    snapshot: Snapshot,
    against: Snapshot | None,
    jurisdiction: str,
    by: User | None,
    step: Step,
    made: Callable[[Run], None] = lambda _run: None,
) -> Run:
    """Check a snapshot as a draft; with an earlier one, compare both by the rules of the later date.

    ``made`` is called within the transaction that writes the checkup.

    Raises
    ------
    HutongError
        What loading and the rules raise; ``not-earlier`` if ``against`` is not an earlier one of the same quarter.
    """
    if against is not None and (against.place_id != snapshot.place_id or against.date >= snapshot.date):
        raise HutongError(
            "not-earlier",
            Text(
                "只能与同一片区更早的快照比较。",
                "Only an earlier snapshot of the same quarter can be compared.",
            ),
            Text("请另选一份。", "Choose another."),
        )
    found = _compute(snapshot, against, jurisdiction, step)
    step(3, 4, Text("正在登记结果", "Recording the results"))
    with tempfile.TemporaryDirectory(prefix=".checkup-", dir=snapshot.folder) as name:
        work = Path(name)
        layers = write_layers(checkup_layers(found.city, found.check), work / "layers")
        figures = metrics(found.city, found.check)
        (work / "metrics.json").write_text(
            json.dumps(figures, ensure_ascii=False, allow_nan=False, indent=1), "utf-8"
        )
        with transaction.atomic():
            run = Run.objects.create(
                snapshot=snapshot,
                against=against,
                jurisdiction=jurisdiction,
                made_by=by,
                indicators={i.id: _definition(i) for i in found.check.indicators},
                national=_plain_rows(national_table(found.check)),
                notes=[_both(note) for note in found.check.notes],
                layers=layers,
            )
            _write(run, found)
            search.put(of_run(run))
            run.folder.parent.mkdir(exist_ok=True)
            shutil.copytree(work, run.folder, dirs_exist_ok=True)
            made(run)
    return run


def _compute(snapshot: Snapshot, against: Snapshot | None, jurisdiction: str, step: Step) -> Made:
    step(0, 4, Text("正在打开快照", "Opening the snapshot"))
    city = City.load(snapshot.folder / "city")
    rules = rules_for(city, Settings(jurisdiction=jurisdiction))
    step(1, 4, Text("正在体检", "Checking"))
    check = checkup(city, rules)
    if against is None:
        return Made(city, check, None)
    step(2, 4, Text("正在与上一份比较", "Comparing with the earlier one"))
    earlier = checkup(City.load(against.folder / "city"), rules)
    return Made(city, check, compare(earlier, check))


def _write(run: Run, made: Made) -> None:
    Value.objects.bulk_create(
        (Value(run=run, **row) for row in _plain_rows(made.check.values)), batch_size=BATCH
    )
    rows = dict(Building.objects.filter(snapshot=run.snapshot).values_list("building_id", "pk"))
    findings = Finding.objects.bulk_create(
        [_finding(run, rank, f) for rank, f in enumerate(made.check.findings, 1)], batch_size=BATCH
    )
    link = Finding.buildings.through
    named = [
        link(finding_id=kept.pk, building_id=rows[one])
        for kept, found in zip(findings, made.check.findings, strict=True)
        for one in dict.fromkeys(found.objects)
    ]
    link.objects.bulk_create(named, batch_size=BATCH)
    if made.changes is not None:
        columns = [
            "indicator",
            "scale",
            "place_id",
            "place_name",
            "before",
            "after",
            "verdict",
            "reason_zh",
            "reason_en",
        ]
        told = made.changes[columns].copy()
        told["place_name"] = told["place_name"].fillna("")
        Change.objects.bulk_create((Change(run=run, **row) for row in _plain_rows(told)), batch_size=BATCH)


def _finding(run: Run, rank: int, found: Found) -> Finding:
    return Finding(
        run=run,
        rank=rank,
        indicator=found.indicator,
        scale=found.scale,
        place_id=found.place_id,
        place_zh=found.place.zh or found.place_name,
        place_en=found.place.en or found.place_name,
        status=found.status,
        value=_number(found.value),
        standard=_number(found.standard),
        people=_number(found.people),
        severity=found.severity,
        coverage=_number(found.coverage),
        reason_zh=found.reason.zh,
        reason_en=found.reason.en,
    )


def _definition(indicator: Indicator) -> dict[str, Any]:
    return {
        "title": _both(indicator.title),
        "scale": indicator.scale,
        "unit": indicator.unit,
        "direction": indicator.direction,
        "standard": _number(indicator.standard),
        "source": indicator.source,
        "article": indicator.article,
        "confidence": indicator.confidence,
        "bounds_confidence": indicator.bounds_confidence,
        "formula": _both(indicator.formula),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain data; unknown numbers are null."""
    columns = {}
    for name in frame.columns:
        values = frame[name].tolist()
        columns[name] = [_number(v) if isinstance(v, float) else v for v in values]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@transaction.atomic
def publish(run: Run) -> None:
    """Open a checkup to everyone.

    Raises
    ------
    HutongError
        ``snapshot-not-published`` while its snapshot is a draft.
    """
    if run.snapshot.phase != PUBLISHED:
        raise HutongError(
            "snapshot-not-published",
            Text("快照还没有公开。", "The snapshot is not published yet."),
            Text("请先公开快照，再公开体检。", "Publish the snapshot first, then the checkup."),
        )
    run.state, run.published_at = PUBLISHED, timezone.now()
    run.save(update_fields=["state", "published_at"])
    search.show_again(run.place)


@transaction.atomic
def unpublish(run: Run) -> None:
    """Close a checkup to all but the office."""
    run.state = DRAFT
    run.save(update_fields=["state"])
    search.show_again(run.place)
