"""Background work: progress, errors in words, retry, and what a dead worker left."""

from __future__ import annotations

import datetime as dt

import pytest

from hutong.errors import HutongError
from hutong.text import Text


@pytest.fixture
def kinds(database):
    """Register work that counts, work that fails in words, and work that breaks."""
    from hutong.service.jobs import registry

    before = dict(registry._KNOWN)
    seen = []

    @registry.work("t.count", Text("数数", "Count"))
    def count(job, step, upto):
        for i in range(upto):
            step(i, upto, Text("数", "counting"))
        seen.append(upto)
        return "/somewhere"

    @registry.work("t.refuse", Text("拒绝", "Refuse"))
    def refuse(job, step):
        raise HutongError("no-way", Text("不行。", "No."), Text("换一个。", "Take another."), rows=("row 1",))

    @registry.work("t.break", Text("坏", "Break"))
    def broken(job, step):
        raise ZeroDivisionError("a secret detail")

    yield seen
    registry._KNOWN.clear()
    registry._KNOWN.update(before)


def test_work_is_done_once(kinds, town):
    from hutong.service.jobs import services

    job = services.start("t.count", town.quarter, None, upto=3)
    assert job.state == "waiting"
    assert services.run(job.pk) == "/somewhere"
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("done", 1, "/somewhere")
    assert (job.total, job.what_en) == (3, "counting")
    services.run(job.pk)  # a second worker that took the same entry finds nothing to do
    assert kinds == [3]
    with pytest.raises(HutongError):
        services.retry(job)


def test_the_queue_holds_it(kinds, town):
    from django_tasks_db.models import DBTaskResult

    from hutong.service.jobs import services

    job = services.start("t.count", town.quarter, None, upto=1)
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.all()] == [[job.pk]]


@pytest.mark.parametrize(("kind", "code"), [("t.refuse", "no-way"), ("t.break", "internal")])
def test_failures_are_kept_in_words_and_can_be_tried_again(kinds, town, client, kind, code):
    from hutong.service.jobs import services

    owner = town.person("planner")
    job = services.start(kind, town.quarter, owner)
    with pytest.raises((HutongError, ZeroDivisionError)):
        services.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error["code"] == code
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/jobs/{job.pk}").content.decode()
    assert job.error["what"]["en"] in page
    assert "secret detail" not in page
    assert client.post(f"/jobs/{job.pk}/retry").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.error) == ("waiting", None)


def test_what_a_dead_worker_left_is_stuck_and_recovered(kinds, town):
    from django.utils import timezone

    from hutong.service.jobs import selectors, services
    from hutong.service.jobs.models import Job

    job = services.start("t.count", town.quarter, None, upto=2)
    quiet = services.start("t.count", town.quarter, None, upto=2)
    Job.objects.filter(pk=job.pk).update(state="running", beat=timezone.now() - dt.timedelta(minutes=5))
    Job.objects.filter(pk=quiet.pk).update(state="running")
    assert list(selectors.stuck(Job.objects.all())) == [job]
    assert services.recover() == 1
    job.refresh_from_db()
    assert job.state == "waiting"
    assert services.run(job.pk) == "/somewhere"


def test_the_page_asks_again_until_the_job_has_ended(kinds, town, client):
    from hutong.service.jobs import services

    owner = town.person("planner")
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    job = services.start("t.count", town.quarter, owner, upto=2)
    partly = client.get(f"/jobs/{job.pk}", headers={"hx-request": "true"}).content.decode()
    assert "hx-get" in partly
    assert "<html" not in partly
    services.run(job.pk)
    ended = client.get(f"/jobs/{job.pk}", headers={"hx-request": "true"}).content.decode()
    assert "hx-get" not in ended
    assert "/somewhere" in ended
