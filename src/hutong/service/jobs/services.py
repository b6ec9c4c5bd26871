"""The only writes to jobs: start, run, retry, and pick up what a dead worker left."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.jobs.models import BEAT_S, DONE, FAILED, RUNNING, STUCK_AFTER, WAITING, Job
from hutong.service.jobs.registry import known
from hutong.service.places.models import Place
from hutong.text import Text

log = logging.getLogger(__name__)
#: Progress is written at most this often.
WRITE_S = 0.5


def start(kind: str, place: Place, owner: User | None, **arguments: Any) -> Job:
    """Put work into the queue and return its job."""
    title = known(kind).title
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
        Job.objects.filter(pk=job.pk).update(
            state=WAITING,
            error=None,
            finished=None,
            done=0,
            total=0,
            what_zh="",
            what_en="",
            beat=timezone.now(),
        )
        _enqueue(fresh)
    job.refresh_from_db()
    return job


def recover() -> int:
    """Put what a dead worker left running into the queue again; return how many."""
    left = Job.objects.filter(state=RUNNING, beat__lt=timezone.now() - STUCK_AFTER)
    for job in left:
        retry(job)
    return len(left)


def run(pk: int, beating: bool = False) -> str:
    """Do the work of a job in this process; return the address of its result.

    What goes wrong is written to the job and raised again. A job that is not waiting (it was retried, or taken by
    another worker) is left alone.
    """
    taken = Job.objects.filter(pk=pk, state=WAITING).update(
        state=RUNNING, started=timezone.now(), beat=timezone.now()
    )
    job = Job.objects.select_related("place", "owner").get(pk=pk)
    if not taken:
        return str(job.result)
    Job.objects.filter(pk=pk).update(attempts=job.attempts + 1)
    with _beats(pk) if beating else _quiet():
        try:
            result = known(job.kind).run(job, Steps(pk), **job.arguments)
        except HutongError as caught:
            _fail(
                pk,
                {
                    "code": caught.code,
                    "what": _plain(caught.what),
                    "hint": _plain(caught.hint),
                    "rows": list(caught.rows),
                },
            )
            raise
        except Exception as caught:
            log.exception("job %s (%s) failed", pk, job.kind)
            _fail(pk, _internal(caught))
            raise
    Job.objects.filter(pk=pk).update(state=DONE, finished=timezone.now(), result=result)
    return result


class Steps:
    """The progress of a job, called as ``step(done, total, what)``."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
        self.written = 0.0
        self.what = ""

    def __call__(self, done: int, total: int, what: Text) -> None:
        """Write how far the work has come, unless that was just written."""
        now = time.monotonic()
        if what.en == self.what and now - self.written < WRITE_S and done < total:
            return
        self.written, self.what = now, what.en
        Job.objects.filter(pk=self.pk).update(
            done=done, total=total, what_zh=what.zh, what_en=what.en, beat=timezone.now()
        )


@contextmanager
def _beats(pk: int) -> Iterator[None]:
    """Write signs of life from a second thread while the work runs."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_S):
            Job.objects.filter(pk=pk).update(beat=timezone.now())
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


def _fail(pk: int, error: dict[str, Any]) -> None:
    Job.objects.filter(pk=pk).update(state=FAILED, finished=timezone.now(), error=error)


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
