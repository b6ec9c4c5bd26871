"""Rolls, live: imported whole or not at all, shown, objected to, corrected and frozen by two persons."""

from __future__ import annotations

import datetime as dt
import io
import uuid
import zipfile

import pandas as pd
import pytest

from hutong.errors import HutongError
from tests.service.consent_town import browser, table


def sent(rows: pd.DataFrame, name: str = "roll.csv") -> io.BytesIO:
    file = io.BytesIO(rows.to_csv(index=False).encode())
    file.name = name
    return file


def import_by_page(client, town, file):
    form = {"place": town.estate.pk, "act": "owners", "name_zh": "一号院", "table": file}
    return client.post("/consent/rolls/new", form)


def test_the_life_of_a_roll(consent):
    """File, publication, objection by a resident, correction and freeze by two persons, ledger."""
    from hutong.service.consent.models import Roll
    from hutong.service.ledger.models import Entry

    first, second = browser(consent.first), browser(consent.second)
    answer = import_by_page(first, consent.town, sent(table(6)))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    roll = Roll.objects.get()
    here = f"/consent/rolls/{roll.pk}"
    assert browser().get(here).status_code == 403  # a draft
    assert first.post(f"{here}/publish", {"days": 6}).status_code == 400
    assert first.post(f"{here}/publish", {"days": 7}).status_code == 302
    resident = browser(consent.resident(2))
    page = resident.get(here).content.decode()
    assert "60.00 m²" in page
    assert ">d2<" in page
    assert ">d3<" not in page
    words = {"dwelling_id": "d2", "words": "My deed says 65 m².", "token": str(uuid.uuid4())}
    for _ in range(2):  # the form sent twice
        assert resident.post(f"{here}/object", words).status_code == 302
    assert roll.objections.count() == 1
    consent.pass_days(7)
    assert first.post(f"{here}/freeze").status_code == 400  # an objection is open
    o = roll.objections.get()
    reply = {f"o{o.pk}-upheld": "yes", f"o{o.pk}-words": "The deed was shown."}
    assert first.post(f"/consent/objections/{o.pk}/answer", reply).status_code == 302
    fix = {"action": "enter", "dwelling_id": "d2", "area_m2": "65", "reason": "objection", "why": "deed 123"}
    assert first.post(f"{here}/correct", fix).status_code == 302
    from hutong.service.consent.models import Motion

    motion = Motion.objects.get()
    assert first.post(f"/consent/motions/{motion.pk}/confirm").status_code == 400
    told = second.get("/consent/motions").content.decode()
    assert "Correct the roll" in told
    assert "d2 · Enter, or change the area · 65 m² · deed 123" in told
    assert "Nothing waits for you" in first.get("/consent/motions").content.decode()
    assert second.post(f"/consent/motions/{motion.pk}/confirm").status_code == 302
    assert second.post(f"/consent/motions/{motion.pk}/confirm").status_code == 400  # replayed
    assert "65.00 m²" in resident.get(here).content.decode()
    assert first.post(f"{here}/freeze").status_code == 302
    assert second.post(f"/consent/motions/{Motion.objects.first().pk}/confirm").status_code == 302
    roll.refresh_from_db()
    assert roll.state == "frozen"
    acts = list(Entry.objects.order_by("index").values_list("act", flat=True))
    assert acts == ["roll.opened", "roll.corrected", "roll.frozen"]
    assert "ref-" not in "".join(Entry.objects.values_list("data", flat=True))


def test_a_broken_row_enters_nothing(consent):
    from hutong.service.consent.models import Roll

    rows = table(3)
    rows.loc[1, "area_m2"] = "=1+1"
    answer = import_by_page(browser(consent.first), consent.town, sent(rows))
    assert answer.status_code == 400
    assert "row 3: area_m2" in answer.content.decode()
    assert not Roll.objects.exists()


def disguised() -> list[tuple[str, bytes]]:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 101_000_000)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("evil.exe", b"MZ")
    return [
        ("roll.csv", b"\x7fELF\x00\x00binary"),
        ("roll.csv", b""),
        ("roll.xlsx", b"PK\x03\x04 not a zip"),
        ("roll.xlsx", other.getvalue()),
        ("roll.xlsx", bomb.getvalue()),
        ("roll.csv", b"building\n" + b"x" * 10_000_001),
    ]


def test_disguised_and_oversized_files_are_told(consent):
    from hutong.service.consent.models import Roll

    client = browser(consent.first)
    for name, data in disguised():
        file = io.BytesIO(data)
        file.name = name
        answer = import_by_page(client, consent.town, file)
        page = answer.content.decode()
        assert answer.status_code == 400, page[-2000:]
        assert "file" in page
    assert not Roll.objects.exists()


def test_a_roll_is_made_only_where_one_holds_office(consent):
    far = browser(consent.town.person("subdistrict", far=True))
    assert import_by_page(far, consent.town, sent(table(3))).status_code == 400  # not among the choices
    roll = consent.roll(3, "draft")
    for page in ("publish", "freeze", "correct", "replace", "link"):
        assert far.post(f"/consent/rolls/{roll.pk}/{page}").status_code == 403


def test_one_motion_of_a_kind_waits_and_its_proposer_cannot_confirm(consent):
    from hutong.service.consent.motions import services

    roll = consent.roll(5, "published")
    with pytest.raises(HutongError, match="objections") as caught:
        services.propose("roll.freeze", roll.pk, roll.place, consent.first)
    assert caught.value.code == "objections-run"
    consent.pass_days(7)
    motion = services.propose("roll.freeze", roll.pk, roll.place, consent.first)
    for code, deed in {
        "motion-waiting": lambda: services.propose("roll.freeze", roll.pk, roll.place, consent.second),
        "second-person": lambda: services.confirm(motion, consent.first),
    }.items():
        with pytest.raises(HutongError) as caught:
            deed()
        assert caught.value.code == code
    services.reject(motion, consent.first)
    with pytest.raises(HutongError) as caught:
        services.confirm(motion, consent.second)
    assert caught.value.code == "not-waiting"


def test_the_database_itself_wants_two_persons(consent):
    from django.db import IntegrityError, transaction

    from hutong.service.consent.models import Motion
    from hutong.service.consent.motions import services

    roll = consent.roll(5, "published")
    consent.pass_days(7)
    motion = services.propose("roll.freeze", roll.pk, roll.place, consent.first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Motion.objects.filter(pk=motion.pk).update(state="done", decided_by=consent.first)


def test_seats_follow_corrections(consent):
    from hutong.service.consent.motions import services
    from hutong.service.consent.rolls import selectors

    roll = consent.roll(4, "published")

    def correct(**asked):
        full = {"reason": "error", "why": "paper 1", "holders": [], **asked}
        services.confirm(
            services.propose("roll.correct", roll.pk, roll.place, consent.first, full), consent.second
        )

    correct(action="enter", dwelling_id="d2", building="near-building", holders=["a", "b"], area_m2="61.5")
    assert roll.seats.filter(dwelling_id="d2").count() == 2
    correct(action="hold", dwelling_id="d3", held="disputed")
    correct(action="strike", dwelling_id="d4")
    assert set(roll.seats.values_list("dwelling_id", flat=True)) == {"d1", "d2"}
    book = selectors.book(roll)
    assert len(book.roll) == 2
    assert [h.dwelling_id for h in book.held_back] == ["d3"]
    assert roll.versions.count() == 4
    with pytest.raises(HutongError):
        correct(action="enter", dwelling_id="d9", holders=["x"], area_m2="1", building="nowhere")


def test_an_account_sits_where_it_was_verified(consent):
    from hutong.service.accounts.services import revoke
    from hutong.service.consent.rolls import selectors, services

    roll = consent.roll(table(6, holders={2: ["a", "b"]}))
    alone = consent.resident(1)
    assert [s.dwelling_id for s in selectors.seats_of(alone, roll)] == ["d1"]
    several = consent.resident(2)
    assert selectors.seats_of(several, roll) == []
    assert selectors.unclear_homes(several, roll) == ["d2"]
    assert len(selectors.seats_of(consent.resident(2, holder="a"), roll)) == 1
    tenant = consent.resident(3, role="resident_tenant")
    assert selectors.seats_of(tenant, roll) == []  # a tenant sits on no roll of owners
    with pytest.raises(HutongError, match="not verified"):
        services.link(consent.make("stranger", "a-long-password-1"), consent.town.building, "d4")
    revoke(alone.grants.get())
    assert selectors.seats_of(type(alone).objects.get(pk=alone.pk), roll) == []


def test_nobody_objects_for_another_home(consent):
    roll = consent.roll(4, "published")
    words = {"dwelling_id": "d3", "words": "wrong area here", "token": str(uuid.uuid4())}
    assert browser(consent.resident(2)).post(f"/consent/rolls/{roll.pk}/object", words).status_code == 403
    assert browser().post(f"/consent/rolls/{roll.pk}/object", words).status_code == 403


def test_small_buildings_are_added_up(consent):
    from hutong.service.consent.rolls import selectors
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text

    make_place(consent.town.estate, NewPlace("building", "b2", Text("二号楼", "No. 2")))
    rows = pd.concat(
        [table(7), table(3, "b2").assign(dwelling_id=["e1", "e2", "e3"], holder=["x", "y", "z"])]
    )
    shown = selectors.by_building(consent.roll(rows))
    assert [b["heads"] for b in shown] == [10]


def test_a_verified_residence_is_enough_where_one_person_holds_the_home(consent):
    from hutong.service.accounts.models import User
    from hutong.service.consent.rolls import selectors
    from hutong.service.residents import services as residents
    from hutong.service.residents.models import Home

    roll = consent.roll(4)
    user, town = consent.make("newly", "a-long-password-1"), consent.town
    home = Home.objects.create(
        quarter=town.quarter,
        building=town.building,
        dwelling_id="d3",
        held="people",
        lives_as="resident_owner",
    )
    residents.verify_at_counter(consent.second, user, home, "deed", "")
    assert [s.dwelling_id for s in selectors.seats_of(User.objects.get(pk=user.pk), roll)] == ["d3"]


def test_what_waits_stands_on_the_desk_of_the_second_person(consent):
    """Named by what it is about: two rolls at one place are not mistaken for each other."""
    from hutong.service.accounts.models import Grant
    from hutong.service.consent.motions import services as motions
    from hutong.service.consent.rolls import services
    from hutong.service.consent.waiting import waiting_items

    Grant.objects.update(since=consent.clock[0])
    roll = consent.roll(4, "published")
    services.object_to(roll, "d2", "wrong area here", uuid.uuid4(), owner=None)
    asked = {"action": "strike", "dwelling_id": "d4", "holders": [], "reason": "error", "why": "paper"}
    motions.propose("roll.correct", roll.pk, roll.place, consent.first, asked)
    later = consent.clock[0] + dt.timedelta(days=4)
    told = {user: [i.what.en for i in waiting_items(user, later)] for user in (consent.first, consent.second)}
    frozen, objected = "Yard 1: to be frozen after its time for objections", "Yard 1: somebody objects"
    assert set(told[consent.first]) == {objected, frozen}
    assert set(told[consent.second]) == {"Yard 1: Correct the roll", objected, frozen}
    late = {i.what.en: i for i in waiting_items(consent.second, later)}
    assert {what: i.status for what, i in late.items()} == {
        "Yard 1: Correct the roll": "alarm",
        objected: "alarm",
        frozen: "good",
    }
    proposed = late["Yard 1: Correct the roll"]
    assert proposed.whom.en == "a second person (proposed by: Subdistrict)"
    assert proposed.due == consent.clock[0] + dt.timedelta(days=3)
    assert waiting_items(consent.town.person("committee", far=True), later) == []


def test_a_motion_says_on_which_vote_from_which_office_and_by_when(consent):
    """A vote has to be opened before its end, which comes here before the days that a second person is given."""
    from hutong.service.accounts.models import Grant
    from hutong.service.consent.motions import selectors
    from hutong.service.consent.motions import services as motions

    Grant.objects.update(since=consent.clock[0])
    ballot = consent.ballot(consent.roll(4), "noticed", open_days=2)
    consent.clock[0] = ballot.opens
    motions.propose("ballot.open", ballot.pk, ballot.place, consent.first)
    page = browser(consent.second).get("/consent/motions").content.decode()
    assert f'<a href="/consent/ballots/{ballot.pk}">A lift</a>: Open the vote' in page
    assert "Subdistrict · " in page
    [waits] = selectors.waiting_for(consent.second)
    assert waits.due == ballot.closes


def test_a_residence_that_ends_ends_the_link(consent):
    from django.apps import apps

    from hutong.service.consent.rolls import selectors

    roll = consent.roll(table(4, holders={2: ["a", "b"]}))
    user = consent.resident(2, holder="a")
    assert len(selectors.seats_of(user, roll)) == 1
    apps.get_app_config("consent").home_ended(user, consent.town.building, "d2")
    assert selectors.seats_of(user, roll) == []
