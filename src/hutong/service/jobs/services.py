"""The only writes to jobs: start, run, retry, and pick up what a dead worker left.

A job may be begun more than once, since a worker may die at any moment; it is done once. Each beginning has a number
(``attempts``), and what an earlier one still writes is refused. Work that ends by writing rows calls :func:`done` in
the same transaction, so that the rows and the end of the job stand together or not at all.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from hutong.errors import HutongError, row_text
from hutong.service.accounts.models import User
from hutong.service.jobs import alive
from hutong.service.jobs.models import BEAT_S, DONE, FAILED, RUNNING, STUCK_AFTER, WAITING, Job
from hutong.service.jobs.registry import known
from hutong.service.places.models import Place
from hutong.text import Text

log = logging.getLogger(__name__)
#: Progress is written at most this often.
WRITE_S = 0.5
NOTHING = Text("", "")


def start(kind: str, place: Place, owner: User | None, *, once: bool = False, **arguments: Any) -> Job:
    """Put work into the queue and return its job; a form that a person sends twice puts it there once.

    The same work of the same person that still waits is not put in again; with ``once`` nor is what runs already, since
    it would come out the same.
    """
    title = known(kind).title
    states = (WAITING, RUNNING) if once else (WAITING,)
    if owner is not None:
        same = Job.objects.filter(kind=kind, place=place, owner=owner, arguments=arguments, state__in=states)
        for job in same:
            if not job.stuck:
                return job
    job = Job(
        kind=kind,
        title_zh=title.zh,
        title_en=title.en,
        arguments=arguments,
        place=place,
        owner=owner,
    )
    with transaction.atomic():
        job.save()
        _enqueue(job)
    return job


def _enqueue(job: Job) -> None:
    from hutong.service.jobs.tasks import run_job

    run_job.enqueue(job.pk)


def retry(job: Job) -> Job:
    """Put failed or stuck work into the queue again.

    Raises
    ------
    HutongError
        ``job-not-retryable`` if it is running, waiting or done.
    """
    with transaction.atomic():
        fresh = Job.objects.select_for_update().get(pk=job.pk)
        if fresh.state != FAILED and not fresh.stuck:
            raise HutongError(
                "job-not-retryable",
                Text("这项任务没有失败，也没有卡住。", "This job has neither failed nor got stuck."),
                Text("请等它完成。", "Wait for it to end."),
            )
        _again(fresh)
    job.refresh_from_db()
    return job


@transaction.atomic
def cancel(job: Job, by: User) -> None:
    """Stop work that waits or runs: it notices at its next step, and nothing that it writes later counts.

    Raises
    ------
    HutongError
        ``job-ended`` if it has ended already.
    """
    fresh = Job.objects.select_for_update().get(pk=job.pk)
    if fresh.ended:
        raise HutongError(
            "job-ended",
            Text("这项任务已经结束。", "This job has ended already."),
            Text("不用再停止。", "There is nothing to stop."),
        )
    who = by.get_full_name()
    error = {
        "code": "cancelled",
        "what": {"zh": f"已由{who}停止。", "en": f"Stopped by {who}."},
        "hint": {"zh": "需要时可以重试。", "en": "Try again when it is wanted."},
        "rows": [],
    }
    Job.objects.filter(pk=fresh.pk).update(
        state=FAILED, finished=timezone.now(), error=error, attempts=F("attempts") + 1
    )
    job.refresh_from_db()


def _again(job: Job) -> None:
    """Put a job into the queue anew, unless somebody else just did or it has gone on."""
    still = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts)
    if still.update(
        state=WAITING,
        error=None,
        finished=None,
        done=0,
        total=0,
        what_zh="",
        what_en="",
        unit_zh="",
        unit_en="",
        counted_from=None,
        beat=timezone.now(),
    ):
        _enqueue(job)


class WorkerDiedError(Exception):
    """What the queue keeps of work whose worker died."""


def recover() -> int:
    """Put what dead workers left into the queue again; return how many jobs.

    A worker is dead when the lock on its sign is free. Where that cannot be seen (it ran on another machine), a running
    job is taken from it once it has given no sign of life for ``STUCK_AFTER``.
    """
    gone = alive.dead()  # before the entries are read, so that all that they took is seen
    left = sum(_taken_from_the_dead(entry.pk) for entry in _entries() if _left(entry, gone))
    for worker in gone:
        alive.forget(worker)
    return left


def _entries() -> QuerySet[DBTaskResult]:
    from hutong.service.jobs.tasks import run_job

    return DBTaskResult.objects.running().filter(task_path=run_job.module_path)


def _left(entry: DBTaskResult, gone: Sequence[str]) -> bool:
    """Return whether nobody works on an entry any more."""
    worker = entry.worker_ids[-1] if entry.worker_ids else ""
    if worker in gone:
        return True
    before = timezone.now() - STUCK_AFTER
    if alive.lives(worker) is not None or (entry.started_at and entry.started_at > before):
        return False
    return not Job.objects.filter(pk=entry.args_kwargs["args"][0], state=RUNNING, beat__gt=before).exists()


@transaction.atomic
def _taken_from_the_dead(pk: uuid.UUID) -> int:
    entry = _entries().select_for_update().filter(pk=pk).first()
    if entry is None:  # another worker was faster
        return 0
    entry.set_failed(WorkerDiedError())
    job = Job.objects.select_for_update().filter(pk=entry.args_kwargs["args"][0]).first()
    if job is None or job.state not in (WAITING, RUNNING):
        return 0
    _again(job)
    return 1


def run(pk: int, beating: bool = False) -> str:
    """Do the work of a job in this process; return the address of its result.

    What goes wrong is written to the job and raised again. A job that is not waiting (it was retried, or taken by
    another worker) is left alone.
    """
    now = timezone.now()
    taken = Job.objects.filter(pk=pk, state=WAITING).update(
        state=RUNNING, started=now, beat=now, attempts=F("attempts") + 1
    )
    job = Job.objects.select_related("place", "owner").get(pk=pk)
    if not taken:
        return str(job.result)
    with _beats(job) if beating else _quiet():
        try:
            result = known(job.kind).run(job, Steps(job), **job.arguments)
            if not _mine(job).filter(state=DONE).exists():
                done(job, result)
        except LostError:
            log.warning("job %s (%s) was taken by another worker", pk, job.kind)
            return ""
        except HutongError as caught:
            told = {
                "what": _plain(caught.what),
                "hint": _plain(caught.hint),
                "rows": [_plain(row_text(row)) for row in caught.rows],
            }
            _fail(job, {"code": caught.code, **told})
            raise
        except Exception as caught:
            log.exception("job %s (%s) failed", pk, job.kind)
            _fail(job, _internal(caught))
            raise
    return str(result)


class LostError(Exception):
    """The job was taken by another worker, since this one was held to be dead; nothing more may be written for it."""


def _mine(job: Job) -> QuerySet[Job]:
    """Return the row of a job as it was begun here; none if it was begun again elsewhere."""
    return Job.objects.filter(pk=job.pk, attempts=job.attempts)


def done(job: Job, result: str) -> None:
    """End a job within the transaction of what it made: both stand, or neither.

    Raises
    ------
    LostError
        If the job was begun again elsewhere.
    """
    if not _mine(job).filter(state=RUNNING).update(state=DONE, finished=timezone.now(), result=result):
        raise LostError


class Steps:
    """The progress of a job, called as ``step(done, total, what)``; it raises ``LostError`` as :func:`done` does."""

    def __init__(self, job: Job, unit: Text = NOTHING) -> None:
        self.job, self.unit = job, unit
        self.written, self.what = 0.0, ""
        self.begun = timezone.now()

    def of(self, unit: Text) -> Steps:
        """Return the progress of a part of the work that goes through many of a kind, from which the rest is estimated."""
        return Steps(self.job, unit)

    def __call__(self, done: int, total: int, what: Text) -> None:
        """Write how far the work has come, unless that was just written."""
        now = time.monotonic()
        if done == 0:
            self.begun = timezone.now()
        often = what.en == self.what and now - self.written < WRITE_S
        if often and done < total and not self.unit.en:  # what is counted is few and long: each is written
            return
        self.written, self.what = now, what.en
        if not _mine(self.job).update(
            done=done, total=total, what_zh=what.zh, what_en=what.en, beat=timezone.now(),
            unit_zh=self.unit.zh, unit_en=self.unit.en, counted_from=self.begun if self.unit.en else None,
        ):  # fmt: skip
            raise LostError


@contextmanager
def _beats(job: Job) -> Iterator[None]:
    """Write signs of life from a second thread while the work runs."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            try:
                _mine(job).update(beat=timezone.now())
            except OperationalError as caught:  # the database is busy or away: the next sign of life tells
                log.warning("no sign of life of job %s: %s", job.pk, caught)
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _quiet() -> Iterator[None]:
    yield


def _fail(job: Job, error: dict[str, Any]) -> None:
    _mine(job).filter(state=RUNNING).update(state=FAILED, finished=timezone.now(), error=error)


def _internal(caught: Exception) -> dict[str, Any]:
    kind = type(caught).__name__
    return {
        "code": "internal",
        "what": {"zh": f"程序内部错误（{kind}）。", "en": f"A fault inside Hutong ({kind})."},
        "hint": {
            "zh": "请重试；若仍失败，请把时间告诉管理员。",
            "en": "Try again; if it fails again, tell the administrator the time.",
        },
        "rows": [],
    }


def _plain(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
