"""The only writes to evaluations and to what residents say of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from itertools import pairwise

import pandas as pd
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from hutong.city import City
from hutong.city.text_table import harmless_table
from hutong.errors import HutongError
from hutong.files import write_bytes, write_text
from hutong.learn.works import read_works, works_of
from hutong.report.evaluation import render_evaluation
from hutong.service.accounts.models import User
from hutong.service.evaluation import selectors
from hutong.service.evaluation.compute import Made, make
from hutong.service.evaluation.models import Evaluation, Voice, Voiced
from hutong.service.evaluation.words import ITEMS
from hutong.service.ledger import services as ledger
from hutong.service.lessons import services as lessons
from hutong.service.lessons.selectors import end_of, learned_at, measures_for, waiting
from hutong.service.twin.models import DRAFT, PUBLISHED, Snapshot
from hutong.text import Text

#: A snapshot shows what came of a forecast if it was taken within this many days of the day it was made for (ours).
NEAR = 183
Step = Callable[[int, int, Text], None]


def begin(
    before: Snapshot, after: Snapshot, earlier: Snapshot | None, table: pd.DataFrame, by: User | None, token: uuid.UUID
) -> Evaluation:  # fmt: skip
    """Enter an evaluation with its record of works, still to be computed; the same form again returns the first.

    Raises
    ------
    HutongError
        ``evaluation-order`` unless the snapshots are of one quarter and rise in time; ``works-broken`` with every faulty
        cell; ``no-works`` for an empty record.
    """
    known = Evaluation.objects.filter(token=token).first()
    if known is not None:
        return known
    _check_order(before, after, earlier)
    ids = set(before.buildings.values_list("building_id", flat=True))
    measures = measures_for(before.place, end_of(before.date))
    works = works_of(table, "works", ids, {m.id for m in measures})
    if not len(works):
        raise HutongError(
            "no-works",
            Text("实施记录是空的。", "The record of works is empty."),
            Text("每栋楼每项措施一行。", "One row per building and measure."),
        )
    data = harmless_table(works).to_csv(index=False, date_format="%Y-%m-%d").encode()
    try:
        with transaction.atomic():
            made = Evaluation.objects.create(
                token=token, place=before.place, before=before, after=after, earlier=earlier, made_by=by,
                works_rows=len(works), works_digest=hashlib.sha256(data).hexdigest(),
            )  # fmt: skip
            made.folder.mkdir(parents=True, exist_ok=True)
            write_bytes(made.folder / "works.csv", data, force=True)
            return made
    except IntegrityError:
        return Evaluation.objects.get(token=token)


def _check_order(before: Snapshot, after: Snapshot, earlier: Snapshot | None) -> None:
    row = [s for s in (earlier, before, after) if s is not None]
    rising = all(a.date < b.date for a, b in pairwise(row))
    if not rising or len({s.place_id for s in row}) > 1:
        raise HutongError(
            "evaluation-order",
            Text("快照须属于同一片区，并按时间先后。", "The snapshots must be of one quarter, and in order of time."),
            Text("请先选较早的，再选较晚的。", "Choose the earlier one first."),
        )  # fmt: skip


def compute(found: Evaluation, step: Step, done: Callable[[Evaluation], None]) -> Evaluation:
    """Compute an evaluation and write its result and report; ``done`` is called in the transaction that keeps them."""
    step(0, 3, Text("正在打开快照", "Opening the snapshots"))
    before, after = (City.load(s.folder / "city") for s in (found.before, found.after))
    earlier = None if found.earlier is None else City.load(found.earlier.folder / "city")
    measures = measures_for(found.place, end_of(found.before.date))
    ids = set(before["buildings"]["building_id"])
    works = read_works(found.folder / "works.csv", ids, {m.id for m in measures})
    days = found.before.date, found.after.date
    seen = {
        "projects": selectors.projects_between(found.place, *days),
        "operations": selectors.operations_between(found.place, *days),
    }
    made = make(
        (before, after, earlier),
        works,
        measures,
        learned_at(found.place, end_of(found.before.date)),
        seen,
        step,
    )
    return _keep(found, made, done)


def _keep(found: Evaluation, made: Made, done: Callable[[Evaluation], None]) -> Evaluation:
    page = render_evaluation(made.found, made.measures, made.city.meta.title, gains=made.data["gains"])
    text = json.dumps(made.data, ensure_ascii=False, sort_keys=True, allow_nan=False)
    write_text(found.folder / "report.html", page, force=True)
    with transaction.atomic():
        locked = Evaluation.objects.select_for_update().get(pk=found.pk)
        locked.result, locked.digest = made.data, hashlib.sha256(text.encode()).hexdigest()
        locked.save(update_fields=["result", "digest"])
        done(locked)
    return locked


@transaction.atomic
def publish(found: Evaluation, by: User) -> Evaluation:
    """Open an evaluation to everyone, and write down what came of the forecasts that it shows.

    Raises
    ------
    HutongError
        ``evaluation-unfinished``; ``snapshot-not-published`` while one of its snapshots is a draft.
    """
    locked = (
        Evaluation.objects.select_for_update(of=("self",))
        .select_related("before", "after", "place")
        .get(pk=found.pk)
    )
    if locked.result is None:
        raise HutongError(
            "evaluation-unfinished",
            Text("评估还没有算完。", "The evaluation is not computed yet."),
            Text("请等后台任务完成。", "Wait for the job to end."),
        )
    if DRAFT in (locked.before.phase, locked.after.phase):
        raise HutongError(
            "snapshot-not-published",
            Text("有一份快照还没有公开。", "One of the snapshots is not published yet."),
            Text("请先公开快照。", "Publish the snapshots first."),
        )
    if locked.state == PUBLISHED:
        return locked
    locked.state, locked.published_at = PUBLISHED, timezone.now()
    locked.save(update_fields=["state", "published_at"])
    fields = {"subject": locked.number, "kind": "evaluation", "digest": locked.digest}
    ledger.record("document.disclosed", fields, place=locked.place, by=by)
    settle_due(locked, by)
    return locked


def settle_due(found: Evaluation, by: User | None) -> int:
    """Write down the outcomes that an evaluation's later snapshot shows, and the votes counted by its day; return how many."""
    day = found.after.date
    seen = {c["indicator"]: c["after"] for c in found.result["changes"]}
    shown = {"indicator": seen, "simulation": found.result["state"]}
    n = 0
    for kind, values in shown.items():
        for f in waiting(found.place, kind, day + dt.timedelta(days=NEAR)):
            value = values.get(f.key)
            if value is not None and abs((f.due - day).days) <= NEAR and f.made.date() <= day:
                lessons.settle(f, float(value), f"{found.number}:{day.isoformat()}", by)
                n += 1
    for f, value, vote in selectors.voted_on(found.place, day):
        lessons.settle(f, value, vote, by)
        n += 1
    return n


@transaction.atomic
def decide(found: Evaluation, n: int, decision: str, reason: str, by: User) -> None:
    """Accept or refuse lesson ``n`` of an evaluation; it raises as :func:`hutong.service.lessons.services.decide` does.

    Raises
    ------
    HutongError
        ``no-lesson`` for one that does not exist, or that rests on too little to be carried over.
    """
    rows = found.result["lessons"]
    if not 0 <= n < len(rows) or rows[n]["value"] is None:
        raise HutongError(
            "no-lesson",
            Text(
                "没有这条经验，或它不能用于下一轮。", "There is no such lesson, or it cannot be carried over."
            ),
            Text("请刷新页面。", "Reload the page."),
        )
    row = rows[n]
    figures = {k: row[k] for k in ("before", "before_low", "before_high", "after", "after_low", "after_high", "cases", "moved")}  # fmt: skip
    lessons.decide(found.place, {**row, "figures": figures}, found.number, decision, reason, by)


@transaction.atomic
def voice(found: Evaluation, user: User, answers: Mapping[str, int]) -> None:
    """Count what a resident says of an evaluation, once; who answered is kept apart from what.

    Raises
    ------
    HutongError
        ``bad-voice`` if an item is missing or not from 1 to 5; ``voiced`` if they answered before.
    """
    if set(answers) != set(ITEMS) or not all(1 <= v <= 5 for v in answers.values()):
        raise HutongError(
            "bad-voice", Text("有题没有答。", "An item was not answered."), Text("请每题选一个。", "Choose one for each.")
        )  # fmt: skip
    _, new = Voiced.objects.get_or_create(evaluation=found, user=user)
    if not new:
        raise HutongError(
            "voiced",
            Text("您已经答过了。", "You have answered already."),
            Text("答案已与姓名分开，不能再改。", "Answers are kept apart from names and cannot be changed."),
        )
    group = selectors.group_of(user, found)
    for item, score in answers.items():
        row, _ = Voice.objects.get_or_create(evaluation=found, group=group, item=item, score=score)
        Voice.objects.filter(pk=row.pk).update(count=F("count") + 1)


def result_bytes(found: Evaluation) -> bytes:
    """Return the result as it was hashed."""
    return json.dumps(found.result, ensure_ascii=False, sort_keys=True, allow_nan=False).encode()
