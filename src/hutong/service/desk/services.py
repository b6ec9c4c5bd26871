"""The only writes of the desk: answers to findings, and tables that came back."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.sense.survey_table import Change, read_changes, survey_of
from hutong.service.accounts.models import User
from hutong.service.checkup.models import Finding, Run
from hutong.service.desk import selectors
from hutong.service.desk.models import ANSWERS, APPLIED, DATED, DROPPED, SENT, Answer, Returned
from hutong.service.twin.changed import import_changed
from hutong.service.twin.models import Snapshot
from hutong.text import Text

MOST_BYTES = 20_000_000
MOST_CHANGES = 50_000


@transaction.atomic
def answer(
    run: Run, findings: Sequence[Finding], said: str, until: dt.date | None, reason: str, by: User | None
) -> int:
    """Answer findings of a checkup; return how many.

    Raises
    ------
    HutongError
        ``no-findings``; ``answer-needs`` without the day or the reason that the answer needs.
    """
    if not findings:
        raise HutongError(
            "no-findings",
            Text("没有选中任何问题。", "No finding was chosen."),
            Text("请先勾选。", "Tick at least one."),
        )
    if said not in ANSWERS or (said in DATED and until is None) or (said == "none" and not reason.strip()):
        raise HutongError(
            "answer-needs",
            Text("答复缺少日期或理由。", "The answer lacks its day or its reason."),
            Text(
                "要办的写明哪天办完；不办的写明理由。", "Say by which day it is done, or why nothing is done."
            ),
        )
    told = {
        "answer": said, "until": until if said in DATED else None, "reason": reason.strip(), "as_of": run.snapshot.date,
        "by": by,
    }  # fmt: skip
    new = []
    for f in findings:
        about = {"quarter": run.place, "indicator": f.indicator, "scale": f.scale, "place_id": f.place_id}
        last = Answer.objects.filter(**about).last()
        if last is None or any(getattr(last, name) != value for name, value in told.items()):
            new.append(Answer(**about, **told))  # the same answer sent again is given once
    Answer.objects.bulk_create(new)
    return len(findings)


def take_in(snapshot: Snapshot, name: str, data: bytes, day: str, source: str, by: User | None) -> Returned:
    """Read a table that came back and keep what it would change; the snapshot stays as it is.

    Raises
    ------
    HutongError
        ``too-large``; ``too-many-changes``; what :func:`~hutong.sense.survey_table.read_changes` raises, naming rows and columns.
    """
    if len(data) > MOST_BYTES:
        raise HutongError(
            "too-large",
            Text("文件超过 20 MB。", "The file is larger than 20 MB."),
            Text(
                "请只留要改的行，或用 hutong survey read 在服务器上读入。",
                "Keep only the rows that change, or read it on the server with hutong survey read.",
            ),
        )
    with tempfile.TemporaryDirectory(prefix="hutong-table-") as folder:
        path = Path(folder) / f"table{Path(name).suffix.lower()}"
        path.write_bytes(data)
        changes = read_changes(selectors.city_of(snapshot), path, day, source)
    if len(changes) > MOST_CHANGES:
        raise HutongError(
            "too-many-changes",
            Text(
                f"改动有 {len(changes)} 处，一次最多 {MOST_CHANGES} 处。",
                f"There are {len(changes)} changes; at most {MOST_CHANGES} are taken at once.",
            ),
            Text("请分几次，或在服务器上读入。", "Send them in parts, or read them on the server."),
        )
    return Returned.objects.create(
        snapshot=snapshot, name=name[:200], changes=[asdict(c) for c in changes], by=by
    )


def apply(returned: Returned, by: User | None, step: Any) -> Snapshot:
    """Make a new draft snapshot with the changes of a table; the old one stays as it is.

    Raises
    ------
    HutongError
        ``not-waiting-table`` if it was applied or dropped before; what the import raises.
    """
    if not Returned.objects.filter(pk=returned.pk, state=SENT).exists():
        raise _not_waiting()
    survey = survey_of([Change(**c) for c in returned.changes], returned.name)
    made = import_changed(returned.snapshot, survey, by, step)
    Returned.objects.filter(pk=returned.pk).update(state=APPLIED, made=made)
    return made


def drop(returned: Returned) -> None:
    """Leave a table unapplied."""
    if not Returned.objects.filter(pk=returned.pk, state=SENT).update(state=DROPPED, at=timezone.now()):
        raise _not_waiting()


def _not_waiting() -> HutongError:
    return HutongError(
        "not-waiting-table",
        Text("这张表已经处理过。", "This table was dealt with before."),
        Text("请回到快照的表格页查看。", "See the tables of the snapshot."),
    )
