"""Surveys: rounds, who is sent where, what a phone sends once or twice, and the snapshot that comes of it."""

import datetime as dt
import json
import uuid

import pytest
from django.test import Client

from hutong.errors import HutongError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def browser(user):
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def survey(snapshots, town):
    """A round over the buildings of the newer snapshot, and a surveyor who was sent to all of it."""
    from hutong.service.surveys import services

    until = dt.date(2030, 1, 1)
    made = services.open_round(snapshots[1], "春季核查", ["buildings"], until, None)
    person = town.person("committee")
    services.assign(made, town.quarter, person)
    return made, person


def today():
    from django.utils import timezone

    return timezone.localdate().isoformat()


def send(client, task, token=None, day=None, **answers):
    body = {"token": str(token or uuid.uuid4()), "day": day or today(), "answers": answers}
    return client.post(f"/surveys/task/{task.pk}/send", json.dumps(body), content_type="application/json")


def test_every_object_is_a_task_and_goes_to_whoever_is_sent(survey, town):
    from hutong.service.surveys import selectors, services

    made, person = survey
    assert selectors.counts(made) == {
        "all": made.snapshot.buildings.count(), "done": 0, "unassigned": 0, "sendings": 0,
    }  # fmt: skip
    assert selectors.mine(person).count() == made.snapshot.buildings.count()
    assert services.take_back(made, person) == made.snapshot.buildings.count()
    part = next(p for p in selectors.parts_of(made) if p.kind == "estate")
    count = services.assign(made, part, person)
    assert 0 < count < made.snapshot.buildings.count()
    assert all(t.at.path.startswith(part.path) for t in selectors.mine(person))
    with pytest.raises(HutongError) as caught:
        services.assign(made, town.quarter, town.person("committee", far=True))
    assert caught.value.code == "nobody-there"
    with pytest.raises(HutongError):
        services.assign(made, town.quarter, town.person("auditor"))


def test_a_round_over_other_objects_reads_the_snapshot(snapshots):
    from hutong.service.surveys import services

    tables = ["estates", "blocks", "streets"]
    made = services.open_round(snapshots[1], "其他", tables, dt.date(2030, 1, 1), None)
    counts = {t: made.tasks.filter(table=t).count() for t in tables}
    assert counts == {t: snapshots[1].counts[t] for t in tables}
    assert {t.at.kind for t in made.tasks.filter(table="estates")} == {"estate"}
    with pytest.raises(HutongError):
        services.open_round(snapshots[1], "空", [], dt.date(2030, 1, 1), None)


def test_sent_twice_is_kept_once_and_faults_keep_nothing(survey):
    from hutong.service.surveys.models import Sending

    made, person = survey
    client, task = browser(person), made.tasks.first()
    wrong = send(client, task, storeys="many", lift="是", roof="blue")
    assert wrong.status_code == 400
    assert {row.split(":")[0] for row in wrong.json()["rows"]} == {"storeys", "roof"}
    assert send(client, task).status_code == 400
    assert send(client, task, day="2001-01-01", lift="是").status_code == 400
    assert send(client, task, day="yesterday", lift="是").status_code == 400
    raw = client.post(f"/surveys/task/{task.pk}/send", "no json", content_type="application/json")
    assert raw.status_code == 400
    assert not Sending.objects.exists()
    token = uuid.uuid4()
    first, again = (send(client, task, token, storeys="6", lift="否", cond_pipes="c") for _ in range(2))
    assert first.json() == {"kept": str(token), "new": True}
    assert again.json() == {"kept": str(token), "new": False}
    kept = Sending.objects.get()
    assert kept.answers == {"storeys": 6.0, "lift": 0.0, "cond_pipes": 3.0}
    assert (kept.by, kept.day.isoformat(), kept.task.pk) == (person, today(), task.pk)
    task.refresh_from_db()
    assert task.done


def test_only_who_was_sent_and_only_while_it_is_open(survey, town):
    from hutong.service.accounts import services as accounts
    from hutong.service.surveys import services

    made, person = survey
    task = made.tasks.first()
    assert send(browser(town.person("planner")), task, lift="是").status_code == 403
    assert send(Client(), task, lift="是").status_code == 403
    client = browser(person)
    assert client.get(f"/surveys/task/{task.pk}").status_code == 200
    accounts.revoke(person.grants.get())
    assert send(client, task, lift="是").status_code == 403
    accounts.grant(person, "committee", town.quarter)
    services.close(made)
    assert send(client, task, lift="是").status_code == 403
    assert "closed" in client.get(f"/surveys/task/{task.pk}").content.decode()


def test_the_latest_answers_become_observed_in_a_new_draft(survey):
    from hutong.city import City
    from hutong.service.surveys import selectors, services
    from hutong.service.surveys.models import Sending
    from tests.service.conftest import quiet

    made, person = survey
    task, other = made.tasks.all()[:2]
    first, second = dt.date(2026, 5, 1), dt.date(2026, 5, 2)
    for day, answers in ((second, {"storeys": 9.0}), (first, {"storeys": 8.0, "gas_hazard": 1.0})):
        Sending.objects.create(token=uuid.uuid4(), task=task, by=person, day=day, answers=answers)
    Sending.objects.create(token=uuid.uuid4(), task=other, by=person, day=first, answers={"lift": 1.0})
    assert selectors.last_answers(task) == {"storeys": 9.0, "gas_hazard": 1.0}
    with pytest.raises(HutongError):
        services.merge(services.open_round(made.snapshot, "空的", ["buildings"], first, None), None, quiet)
    new = services.merge(made, None, quiet)
    made.refresh_from_db()
    assert (made.phase, made.made, new.phase) == ("merged", new, "draft")
    assert new.buildings.get(building_id=task.object_id).facts["storeys"] == [9.0, "observed"]
    assert new.buildings.get(building_id=other.object_id).facts["lift"] == [True, "observed"]
    city = City.load(new.folder / "city")
    row = city["survey"].set_index(["object_id", "item"]).loc[task.object_id, "gas_hazard"]
    assert (row["value"], row["source"]) == (1.0, "春季核查")
    assert person.username not in "".join(s.title for s in city.meta.sources)
    assert made.snapshot.buildings.get(building_id=task.object_id).storeys != 9.0
    with pytest.raises(HutongError):
        services.merge(made, None, quiet)


def test_pages_of_the_office_from_opening_to_paper(snapshots, town):
    from hutong.service.surveys.models import Round

    client, surveyor = browser(town.person("subdistrict")), town.person("property_manager")
    given = {"snapshot": snapshots[1].pk, "title": "夏季", "tables": ["buildings"], "until": "2030-01-01"}
    answer = client.post("/surveys/", given)
    made = Round.objects.get()
    assert answer.headers["Location"] == f"/surveys/round/{made.pk}"
    page = f"/surveys/round/{made.pk}"
    assert client.post(f"{page}/assign", {"part": town.quarter.pk, "username": "nobody"}).status_code == 400
    paper = client.get(f"{page}/paper").content.decode()
    assert paper.count('class="sheet"') == paper.count('class="qr"') == made.tasks.count()
    assert "style=" not in paper
    task = made.tasks.filter(at__path__startswith=town.quarter.path).first()
    task.user = town.person("committee")
    task.save()
    send(browser(task.user), task, lift="是")
    shown = client.get(page).content.decode()
    assert "committee" in shown
    assert client.get(f"{page}/paper?who={task.user.username}").content.decode().count('class="sheet"') == 0
    assert surveyor.username not in shown
    mine = browser(task.user).get("/surveys/mine").content.decode()
    assert f"/surveys/task/{task.pk}" in mine


def test_the_desk_lists_what_is_left_and_what_waits_for_the_office(survey, town):
    from hutong.service.surveys.waiting import waiting_items

    made, person = survey
    office = town.person("subdistrict")
    now = dt.datetime(2029, 12, 31, tzinfo=dt.UTC)
    (mine,) = waiting_items(person, now)
    assert str(made.tasks.count()) in mine.what.en
    assert mine.status == "watch"
    assert waiting_items(office, now) == []
    made.tasks.update(done=True)
    (ready,) = waiting_items(office, now)
    assert "merged" in ready.what.en
    made.tasks.filter(pk=made.tasks.first().pk).update(user=None)
    (free,) = waiting_items(office, now + dt.timedelta(days=9))
    assert "nobody was sent" in free.what.en
    assert free.status == "alarm"


def test_the_worker_of_the_phone_is_served_where_it_may_serve(db):
    answer = Client().get("/surveys/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
