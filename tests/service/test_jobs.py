"""Background work: progress, errors in words, retry, and what a dead worker left."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

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


def test_what_is_left_is_estimated_from_what_is_done(kinds, town, client, monkeypatch):
    """Only of work that goes through many of a kind, only once some are done, and marked as an estimate."""
    from hutong.service.jobs import services
    from hutong.service.jobs.models import TIMED_FROM

    owner, clock = town.person("planner"), [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    job = services.start("t.count", town.quarter, owner, upto=3)
    job.state, job.started = "running", timezone.now() - dt.timedelta(seconds=200)
    job.save()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")

    def page(language="en"):
        job.refresh_from_db()
        text = client.get(f"/jobs/{job.pk}", headers={"accept-language": language}).content.decode()
        return " ".join(text.split())

    step = services.Steps(job)
    step(1, 4, Text("准备", "Laying out"))  # steps of uneven length: nothing is estimated
    assert (job.remaining_s, job.unit) == (None, None)
    assert "elapsed: 3 min 20 s" in page()
    assert "estimated" not in page()
    points = step.of(Text("个点", "points"))
    points(0, 31, Text("预算", "The budget"))
    clock[0] += dt.timedelta(seconds=500)  # what comes before the first point is not counted among the points
    points(0, 31, Text("极值", "The most"))
    for done in range(1, 6):
        clock[0] += dt.timedelta(seconds=12)
        points(done, 31, Text("极值", "The most"))
        if done < TIMED_FROM:
            assert "Done: " + str(done) + " / 31 points" in page()
            assert job.remaining_s is None
            assert "can be estimated once a few are done" in page()
    assert "Done: 5 / 31 points" in page()
    assert job.remaining_s == pytest.approx(26 * 12)
    assert "estimated to be left: about 6 min" in page()  # 312 s, no finer than it is known
    assert "估计还需约 6 分钟" in page("zh-hans")
    clock[0] += dt.timedelta(seconds=60)  # the sixth is slow: so may be the rest
    assert job.remaining_s == pytest.approx(26 * 24)
    step(4, 4, Text("完成", "Done"))  # what follows is not counted in points
    assert "estimated" not in page()


def test_the_tries_are_told_in_what_the_page_asks_for_again(kinds, town, client):
    from hutong.service.jobs import services

    owner = town.person("planner")
    job = services.start("t.count", town.quarter, owner, upto=3)
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    whole, part = ({}, {"HX-Request": "true"})
    assert "Tries" not in client.get(f"/jobs/{job.pk}", headers=whole).content.decode()  # none yet
    job.state, job.attempts = "running", 2
    job.save()
    for headers in (whole, part):
        assert (
            client.get(f"/jobs/{job.pk}", headers=headers).content.decode().count("<dt>Tries</dt><dd>2</dd>")
            == 1
        )
    services.run(job.pk)


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


@pytest.fixture
def sign(database):
    """A worker that lives, in this process."""
    from hutong.service.jobs.alive import Sign

    made = Sign()
    yield made
    made.path.unlink(missing_ok=True)


def claimed(job, worker, minutes=0):
    """Let a worker take a job from the queue, some minutes ago."""
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    entry = next(e for e in DBTaskResult.objects.ready() if e.args_kwargs["args"] == [job.pk])
    entry.claim(worker)
    DBTaskResult.objects.filter(pk=entry.pk).update(started_at=timezone.now() - dt.timedelta(minutes=minutes))


def running(job, minutes=0):
    """Let a job run whose last sign of life was some minutes ago."""
    from django.utils import timezone

    from hutong.service.jobs.models import Job

    beat = timezone.now() - dt.timedelta(minutes=minutes)
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1, beat=beat)
    job.refresh_from_db()


def queued():
    from django_tasks_db.models import DBTaskResult

    return sorted(e.args_kwargs["args"][0] for e in DBTaskResult.objects.ready())


def test_what_a_dead_worker_left_is_taken_up_at_once(kinds, town, sign):
    from hutong.service.jobs import alive, services

    begun = services.start("t.count", town.quarter, None, upto=2)
    taken = services.start("t.count", town.quarter, None, upto=3)
    claimed(begun, sign.name, minutes=60)
    claimed(taken, sign.name)
    running(begun, minutes=60)
    assert services.recover() == 0, "a worker that lives is left alone, however long it is silent"
    sign.end()
    assert services.recover() == 2
    assert queued() == [begun.pk, taken.pk], "also what it had taken and not begun"
    assert services.recover() == 0
    assert alive.dead() == []
    assert [services.run(pk) for pk in queued()] == ["/somewhere"] * 2
    assert kinds == [2, 3]


@pytest.mark.parametrize(("claimed_ago", "beat_ago", "left"), [(60, 5, 1), (60, 1, 0), (1, 60, 0)])
def test_a_worker_of_another_machine_is_dead_once_it_is_silent(kinds, town, claimed_ago, beat_ago, left):
    from hutong.service.jobs import services

    job = services.start("t.count", town.quarter, None, upto=2)
    claimed(job, "f" * 32, minutes=claimed_ago)
    running(job, minutes=beat_ago)
    assert services.recover() == left
    assert queued() == [job.pk] * left


def test_a_worker_that_lost_its_job_writes_nothing_more(kinds, town):
    from hutong.service.jobs import registry, services
    from hutong.service.jobs.models import Job

    order = []

    @registry.work("t.slow", Text("慢", "Slow"))
    def slow(job, step):
        order.append(job.attempts)
        if job.attempts == 1:  # while the first still works, a second is told to begin anew, and ends
            Job.objects.filter(pk=job.pk).update(state="waiting")
            assert services.run(job.pk) == "/2"
        step(1, 1, Text("写", "writing"))
        return f"/{job.attempts}"

    job = services.start("t.slow", town.quarter, None)
    assert services.run(job.pk) == ""
    job.refresh_from_db()
    assert (order, job.state, job.result, job.attempts) == ([1, 2], "done", "/2", 2)
    with pytest.raises(services.LostError):
        services.done(job, "/again")


def test_what_the_work_made_and_its_end_stand_together(town, folders, imported):
    from hutong.service.checkup.models import Run
    from hutong.service.jobs import services
    from hutong.service.jobs.models import Job

    arguments = {"snapshot": imported[1], "against": None, "jurisdiction": "beijing"}
    job = services.start("checkup.make", town.quarter, None, **arguments)
    before = Run.objects.count()
    Job.objects.filter(pk=job.pk).update(state="running", attempts=1)
    stale = Job.objects.get(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(attempts=2)  # another worker has begun it meanwhile
    from hutong.service.checkup.work import make

    with pytest.raises(services.LostError):
        make(stale, lambda *_: None, **arguments)
    assert Run.objects.count() == before


def test_jobs_that_stand_still_are_shown(kinds, town):
    from hutong.service.jobs import selectors, services
    from hutong.service.jobs.models import Job

    job = services.start("t.count", town.quarter, None, upto=2)
    quiet = services.start("t.count", town.quarter, None, upto=2)
    running(job, minutes=5)
    running(quiet)
    assert list(selectors.stuck(Job.objects.all())) == [job]


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


def test_a_chore_that_fails_is_shown_to_the_administrator_until_it_goes_well(town, client):
    import datetime as dt

    from django.urls import reverse
    from django.utils import timezone

    from hutong.service.desk.selectors import items
    from hutong.service.jobs.chores import services as chores
    from hutong.service.jobs.models import ChoreFault
    from hutong.service.web.stage import Chore

    def broken():
        raise ValueError("the disc is <full>")

    chore, state = Chore("jobs.recover", 2.0, broken), (0, True)
    for _ in range(3):
        state = chores.once(chore, *state)
    row = ChoreFault.objects.get()
    assert (state, row.failures) == ((3, True), 3)
    assert dt.timedelta(seconds=14) < row.next_try - row.failed < dt.timedelta(seconds=18)
    assert [chores.pause(chore, n) for n in (0, 1, 4, 60)] == [2.0, 4.0, 32.0, chores.SELDOM_S]
    assert chores.pause(Chore("x", 900.0, broken), 5) == 900.0

    administrator, officer = town.person("administrator"), town.person("subdistrict")
    said = "failed 3 times in a row"
    assert [i.status for i in items(administrator) if said in i.what.en] == ["alarm"]
    assert not [i for i in items(officer) if said in i.what.en]
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(administrator, backend=backend)
    assert "ValueError: the disc is &lt;full&gt;" in client.get(reverse("jobs")).content.decode()
    client.force_login(officer, backend=backend)
    assert "ValueError" not in client.get(reverse("jobs")).content.decode()

    assert chores.once(Chore("jobs.recover", 2.0, lambda: None), *state) == (0, False)
    row.refresh_from_db()
    assert row.failures == 0
    assert row.well is not None
    assert row.well <= timezone.now()
    assert not [i for i in items(administrator) if said in i.what.en]
