"""Practice: a site of its own, marked everywhere; steps are read from the record; nothing is practised on a real site."""

from __future__ import annotations

import dataclasses
import uuid

import pytest

from hutong.errors import HutongError


@pytest.fixture
def site(consent, snapshots, monkeypatch):
    """A practice site: a quarter with a published snapshot, units, and one pair of spare votes."""
    from django.conf import settings

    from hutong.service.practice.models import Spare
    from hutong.service.requests.services import make_unit
    from hutong.service.twin.services import publish
    from hutong.text import Text

    monkeypatch.setattr(settings, "ENVIRONMENT", dataclasses.replace(settings.ENVIRONMENT, practice=True))
    town = consent.town
    for code in ("subdistrict", "water"):
        make_unit(code, town.district, Text(code, code))
    publish(snapshots[1])
    # the far quarter must not be the first
    roll = consent.roll(6)
    to_open = consent.ballot(roll, "noticed", open_days=60)
    to_close = consent.ballot(roll, "open", open_days=2)
    for home in range(1, 7):
        consent.answer(to_close, home, "yes")
    consent.pass_days(3)
    Spare.objects.create(to_open=to_open.pk, to_close=to_close.pk)
    monkeypatch.setattr("hutong.service.practice.services._quarter", lambda: town.quarter)
    return consent


@pytest.fixture
def trainee(site):
    from hutong.service.accounts.services import make_user

    return make_user("trainee", "a-long-password-1")


def fresh(user):
    from hutong.service.accounts.models import User

    return User.objects.get(pk=user.pk)


def states(attempt):
    from hutong.service.practice.selectors import progress

    return [s["state"] for s in progress(attempt)]


def test_a_case_counts_only_as_far_as_the_record_shows(site, trainee):
    from hutong.service.practice import services
    from hutong.service.requests import services as requests
    from hutong.service.requests.models import Request
    from tests.service.consent_town import browser

    page = browser(trainee)
    answer = page.post("/practice/dispatch/begin")
    assert answer.status_code == 302
    attempt = trainee.attempts.get()
    assert states(attempt) == ["next", "later", "later", "later", "later"]
    r = Request.objects.get(pk=attempt.things["request"])
    said = {"category": "lift", "limit": "request.general_days_max"}
    requests.step(
        r, "take_in", "intake", person=site.first, said=said
    )  # somebody else did it: it is not the trainee's
    assert states(attempt)[0] == "next"
    attempt = services.begin(trainee, "dispatch")  # begun again with a fresh case
    r = Request.objects.get(pk=attempt.things["request"])
    requests.step(r, "take_in", "intake", person=trainee, said=said)
    requests.step(r, "dispatch", "intake", person=trainee, said={"unit": "subdistrict"})
    requests.step(r, "sign_for", "unit", person=trainee, unit="subdistrict")
    assert states(attempt) == ["done", "done", "done", "next", "later"]
    with pytest.raises(HutongError):  # the colleague cannot confirm what was not answered
        services.let_colleague(attempt, "closed")
    requests.step(
        r, "reply", "unit", person=trainee, unit="subdistrict", said={"reply": "灯已换好，今天下午装的"}
    )
    assert page.post(f"/practice/attempt/{attempt.pk}/colleague/closed").status_code == 302
    assert states(attempt) == ["done"] * 5
    text = page.get(f"/practice/attempt/{attempt.pk}").content.decode()
    assert "All of it is done" in text
    stranger = browser(site.make("stranger", "a-long-password-1"))
    assert stranger.get(f"/practice/attempt/{attempt.pk}").status_code == 403


def test_the_whistle_is_answered_by_the_colleague(site, trainee):
    from hutong.service.practice import services
    from hutong.service.requests import services as requests
    from hutong.service.requests.models import Request

    attempt = services.begin(trainee, "whistle")
    r = Request.objects.get(pk=attempt.things["request"])
    from hutong.act.cases import machine

    assert machine().events["whistle"].needs
    requests.step(
        r,
        "whistle",
        "unit",
        person=trainee,
        unit="subdistrict",
        said={"units": ["water"], "kind": "emergency"},
    )
    services.let_colleague(attempt, "report_in")
    r.refresh_from_db()
    requests.step(
        r, "reply", "unit", person=trainee, unit="subdistrict", said={"reply": "水已抽干，水管已修好"}
    )
    assert states(attempt) == ["done"] * 3


def test_a_checkup_counts_when_the_trainee_made_and_published_it(site, trainee, run):
    from hutong.service.checkup.models import Run
    from hutong.service.checkup.services import publish
    from hutong.service.practice import services

    attempt = services.begin(trainee, "checkup")
    publish(Run.objects.get(pk=run.pk))
    assert states(attempt) == ["next", "later"]  # one that was there before is nobody's exercise
    Run.objects.filter(pk=run.pk).update(made_by=trainee, made_at=attempt.began)
    assert states(attempt) == ["done", "done"]


def test_a_council_is_run_and_answered(site, trainee):
    from hutong.service.council import services as council
    from hutong.service.council.models import Owed, Process
    from hutong.service.practice import services

    attempt = services.begin(trainee, "council")
    process = Process.objects.get(pk=attempt.things["process"])
    council.move(process, "collect", trainee)
    services.let_colleague(attempt, "proposed")
    services.let_colleague(attempt, "proposed")  # pressed twice: two proposals all the same
    assert process.statements.count() == 2
    council.move(process, "discuss", trainee)
    council.move(process, "answer", trainee)
    assert states(attempt)[4] == "next"
    for owed in Owed.objects.filter(statement__process=process):
        council.answer(owed, "taken", "采纳，列入今年的计划，六月前装好。", trainee, uuid.uuid4())
    council.move(process, "decide", trainee)
    council.move(process, "build", trainee, "扶手和灯都装，今年完成。")
    assert states(attempt) == ["done"] * 7


def test_a_vote_takes_two_persons(site, trainee):
    from hutong.service.consent.models import Ballot, Motion
    from hutong.service.consent.motions import services as motions
    from hutong.service.practice import services

    attempt = services.begin(trainee, "vote")
    me = fresh(trainee)
    to_open, to_close = (Ballot.objects.get(pk=attempt.things[k]) for k in ("to_open", "to_close"))
    motion = motions.propose("ballot.open", to_open.pk, to_open.place, me)
    with pytest.raises(HutongError, match=r"自己确认|own|cannot confirm"):
        motions.confirm(motion, me)
    assert states(attempt)[:2] == ["done", "next"]
    services.let_colleague(attempt, "opened")
    for kind in ("ballot.close", "ballot.count"):
        motions.propose(kind, to_close.pk, to_close.place, me)
        services.let_colleague(attempt, "closed")
    assert states(attempt) == ["done"] * 6
    to_close.refresh_from_db()
    assert to_close.result["passed"]
    assert Motion.objects.filter(proposed_by=me, decided_by__username="practice-colleague").count() == 3
    with pytest.raises(HutongError, match=r"used up|用完"):
        services.begin(trainee, "vote")


def test_a_scheme_breaks_a_rule_is_mended_and_published(site, trainee, run, ground):
    from hutong.plan.document import Choice, SchemeDocument
    from hutong.service.practice import services
    from hutong.service.schemes import selectors
    from hutong.service.schemes.drafting import services as drafting
    from hutong.service.schemes.models import Scheme
    from hutong.service.schemes.versions import services as versions
    from hutong.text import Text
    from tests.service.consent_town import browser
    from tests.service.schemes_town import document, open_one

    open_one(site.town, run, trainee)  # of before: it is nobody's exercise
    attempt = services.begin(trainee, "scheme")
    services.let_colleague(attempt, "advised")  # nothing is there to be judged
    assert states(attempt) == ["next"] + ["later"] * 5
    page = browser(fresh(trainee))
    at = f"/practice/attempt/{attempt.pk}"
    assert "/schemes/new" in page.get(at).content.decode()
    assert page.get("/schemes/new").status_code == 200  # the role is held
    scheme = open_one(site.town, run, trainee)
    rebuilt = SchemeDocument("try", Text("试", "try"), choices={"b0000013": Choice(("rebuild_in_place",), "share0")})  # fmt: skip
    for n, (what, after) in enumerate(((document(ground), 2), (rebuilt, 3), (document(ground, 3), 4))):
        scheme.refresh_from_db()
        drafting.bring_in(scheme, what, trainee, scheme.revision)
        scheme.refresh_from_db()
        versions.compute(versions.keep_version(scheme, selectors.draft_of(scheme), trainee))
        assert states(attempt).count("done") == after, n
    assert f"/schemes/{scheme.pk}/studio" not in page.get(at).content.decode()
    for step in ("advised", "advised", "published", "published"):
        assert page.post(f"{at}/colleague/{step}").status_code == 302
    assert states(attempt) == ["done"] * 6
    assert Scheme.objects.get(pk=scheme.pk).state == "consultation"


def test_a_member_signs_in_and_reports(site, trainee):
    from hutong.service.bodies import services as bodies
    from hutong.service.bodies.models import Commitment, Meeting
    from hutong.service.bodies.models import Seat as BodySeat
    from hutong.service.practice import services

    attempt = services.begin(trainee, "member")
    meeting, seat = (
        Meeting.objects.get(pk=attempt.things["meeting"]),
        BodySeat.objects.get(pk=attempt.things["seat"]),
    )
    bodies.attend(meeting, seat)
    services.let_colleague(attempt, "promised")
    services.let_colleague(attempt, "promised")
    promise = Commitment.objects.get(meeting=meeting)
    bodies.report(promise, "已清走", True, trainee)
    assert states(attempt) == ["done"] * 3


def test_every_page_and_paper_of_a_practice_site_is_marked(site, trainee, client):
    from tests.service.consent_town import browser

    mine = browser(trainee)
    for path in ("/", "/practice/", "/requests/", "/ledger/", "/data/", "/me/"):
        text = mine.get(path).content.decode()
        assert "data-practice" in text
        assert "Practice site" in text
        assert "PRACTICE" in text
    paper = site.ballot(site.roll(3), "open")
    assert "data-practice" in browser(site.first).get(f"/consent/ballots/{paper.pk}/papers").content.decode()


def test_a_practice_site_publishes_no_data_and_signs_with_a_name_of_its_own(site, tmp_path, monkeypatch):
    from django.conf import settings
    from django.utils import timezone

    from hutong.service.ledger.keys import signing_key
    from hutong.service.open_data.services import make

    with pytest.raises(HutongError, match=r"练习|practice"):
        make(site.town.city, timezone.localdate())
    monkeypatch.setattr(settings, "ENVIRONMENT", dataclasses.replace(settings.ENVIRONMENT, data=tmp_path))
    assert str(signing_key().verifier).startswith("practice.hutong.localhost")


def test_a_real_site_gives_no_roles_for_practice(town, client):
    from hutong.service.practice import services

    user = town.person("resident_owner")
    with pytest.raises(HutongError):
        services.begin(user, "dispatch")
    assert not user.grants.filter(role="subdistrict").exists()
    text = client.get("/practice/").content.decode()
    assert "data-practice" not in text
    assert "real site" in text


def test_folders_of_practice_and_of_a_real_site_are_never_mixed(tmp_path):
    from hutong.cli.practice import empty
    from hutong.service.environment import read_environment

    real, mine = tmp_path / "real", tmp_path / "mine"
    read_environment({"HUTONG_DATA": str(real)})
    (real / "hutong.sqlite3").touch()
    made = read_environment({"HUTONG_DATA": str(mine), "HUTONG_PRACTICE": "1"})
    assert made.practice
    for env in ({"HUTONG_DATA": str(real), "HUTONG_PRACTICE": "1"}, {"HUTONG_DATA": str(mine)}):
        with pytest.raises(HutongError) as caught:
            read_environment(env)
        assert caught.value.code == "practice-folder"
    with pytest.raises(HutongError):
        empty(real)
    assert real.exists()
    empty(mine)
    assert not mine.exists()


def test_every_step_has_a_check_and_speaks_both_languages():
    from hutong.service.practice.catalogue import exercises
    from hutong.service.practice.checks import CHECKS

    assert set(CHECKS) == set(exercises())
    for e in exercises().values():
        assert list(CHECKS[e.id]) == [s.id for s in e.steps]
        assert e.title.zh != e.title.en
        assert all(s.how.zh and s.how.en for s in e.steps)
