"""Votes, live: every channel, the close by the clock, two persons, the count with its proof, and who may see what."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid

import pytest

from tests.service.consent_town import browser, refused, table


def test_a_vote_fails_its_quorum_by_one_head_and_passes_when_renewed(consent):
    """Six of nine must take part; five do. Brought again, six do, and five of the six are for it (at least 3/4)."""
    from hutong.service.ledger.models import Entry
    from hutong.service.ledger.selectors import faults

    roll = consent.roll(9)
    first = consent.ballot(roll)
    for home in range(1, 6):
        consent.answer(first, home, "yes")
    consent.finish(first)
    assert (first.result["quorum"], first.result["passed"]) == (False, False)
    assert first.result["short"]["quorum_heads"] == 1
    page = browser().get(f"/consent/ballots/{first.pk}").content.decode()
    assert "too few took part" in page
    assert "1 head and 60.00 m² more had to take part" in page

    again = consent.ballot(roll, renews=first)
    for home in range(1, 6):
        consent.answer(again, home, "yes")
    consent.answer(again, 6, "no")
    consent.finish(again)
    assert again.result["passed"]
    assert again.result["heads"] == {"for": 5, "against": 1, "abstain": 0, "silent": 3, "all": 9, "part": 6}
    page = browser().get(f"/consent/ballots/{again.pk}").content.decode()
    assert "Passed" in page
    assert "art. 280" in page
    counted = Entry.objects.filter(act="ballot.counted").latest("index").value["public"]
    assert counted["heads_for"] == 5
    assert counted["area_silent"] == 3 * 600_000
    assert list(faults()) == []


def test_the_law_is_kept_with_the_vote_and_quoted(consent):
    roll = consent.roll(9)
    found = consent.ballot(roll)
    page = browser().get(f"/consent/ballots/{found.pk}").content.decode()
    assert "at least 2/3 of heads" in page
    assert "at least 3/4 of the heads of those who take part" in page
    assert "never consents" in page
    assert "第278条" in page
    assert found.rule["pass_heads"] == [3, 4, False]


def test_notice_roll_and_times_are_the_laws(consent, monkeypatch):
    from hutong.service.consent.ballots import services
    from hutong.service.requests import selectors

    monkeypatch.setattr(selectors, "JURISDICTION", "beijing")
    draft_roll = consent.roll(9, "draft")
    refused("roll-not-shown", consent.ballot, draft_roll, "noticed")
    shown = consent.roll(9, "published")
    refused("short-notice", consent.ballot, shown, "noticed", notice_days=14)
    found = consent.ballot(shown, "noticed")
    assert found.notice_days == 15
    consent.clock[0] = found.opens
    refused("roll-not-frozen", consent.both, "ballot.open", found)
    consent.both("roll.freeze", shown)
    found.roll.refresh_from_db()
    consent.clock[0] = found.opens - dt.timedelta(seconds=1)
    refused("outside-time", consent.both, "ballot.open", found)
    consent.clock[0] = found.opens
    consent.both("ballot.open", found)
    refused("still-open", consent.both, "ballot.close", found)
    refused("not-now", services.give_notice, found, found.opens, found.closes, consent.first)
    lessees = consent.roll(9, "published", act="lessees")
    refused("wrong-roll", consent.ballot, lessees, "draft")


def answer_by_page(client, ballot, choice, head=None, token=None):
    page = client.get(f"/consent/ballots/{ballot.pk}/answer").content.decode()
    found = {n: re.search(rf'name="{n}" value="([^"]+)"', page) for n in ("head", "token")}
    assert found["head"], page[-1500:]
    form = {"head": head or found["head"][1], "token": token or found["token"][1], "choice": choice}
    return client.post(f"/consent/ballots/{ballot.pk}/answer", form), form


def test_a_resident_answers_on_a_phone_changes_and_keeps_a_receipt(consent):
    from hutong.act.ledger.checker import commitment
    from hutong.service.consent.models import Cast

    found = consent.ballot(consent.roll(9))
    me = browser(consent.resident(2))
    assert "Answer now" in me.get(f"/consent/ballots/{found.pk}").content.decode()
    answer, form = answer_by_page(me, found, "no")
    assert answer.status_code == 302
    assert me.post(f"/consent/ballots/{found.pk}/answer", form).url == answer.url  # sent twice, taken once
    assert Cast.objects.count() == 1
    assert "against" in me.get(answer.url).content.decode()
    answer, _ = answer_by_page(me, found, "yes")
    page = me.get(f"/consent/ballots/{found.pk}").content.decode()
    assert "changed; the last one counts" in page
    receipt = json.loads(me.get(f"{answer.url}/file").content)
    opening = receipt["openings"]["choice"]
    assert opening["value"] == "yes"
    assert receipt["entry"]["private"]["choice"] == commitment(bytes.fromhex(opening["salt"]), "yes")
    other = browser(consent.resident(3))
    for client in (other, browser(), browser(consent.first), browser(consent.town.person("auditor"))):
        assert client.get(answer.url).status_code == 403
        assert client.get(f"{answer.url}/file").status_code == 403
    consent.finish(found)
    assert found.result["heads"]["for"] == 1
    assert found.result["heads"]["against"] == 0


def test_the_home_page_lists_the_votes_that_take_ballots(consent):
    b = consent.ballot(consent.roll(3), "open", open_days=2)
    page, link = browser(consent.first), f"/consent/ballots/{b.pk}"
    assert link in page.get("/").content.decode()
    consent.pass_days(3)  # its time has run; it waits for two persons to close it
    assert link not in page.get("/").content.decode()


def test_a_deed_has_a_button_once_it_can_be_done(consent):
    """A vote opens within its announced time and closes once that has run: before, its page offers neither."""

    def offered(ballot):
        told = browser(consent.first).get(f"/consent/ballots/{ballot.pk}").content.decode()
        return {deed for deed in ("open", "close", "count", "cancel") if f"/propose/{deed}" in told}

    ballot = consent.ballot(consent.roll(), "noticed")
    assert offered(ballot) == {"cancel"}
    consent.clock[0] = ballot.opens
    assert offered(ballot) == {"open", "cancel"}
    consent.both("ballot.open", ballot)
    assert offered(ballot) == set()
    consent.clock[0] = ballot.closes
    assert offered(ballot) == {"close"}
    consent.both("ballot.close", ballot)
    assert offered(ballot) == {"count"}


def test_nobody_answers_for_another_or_with_anothers_form(consent):
    from hutong.service.consent.models import Cast

    found = consent.ballot(consent.roll(9))
    me, other = browser(consent.resident(2)), browser(consent.resident(3))
    page = other.get(f"/consent/ballots/{found.pk}/answer").content.decode()
    theirs = re.search(r'name="head" value="([^"]+)"', page)[1]
    assert answer_by_page(me, found, "yes", head=theirs)[0].status_code == 403
    _, form = answer_by_page(me, found, "yes")
    stolen = answer_by_page(other, found, "no", token=form["token"])[0]
    assert stolen.status_code == 400
    assert "used already" in stolen.content.decode()
    assert answer_by_page(other, found, "maybe")[0].status_code == 400
    assert answer_by_page(other, found, "yes", token=str(7))[0].status_code == 400
    for client in (browser(), browser(consent.first)):
        assert client.get(f"/consent/ballots/{found.pk}/answer").status_code == 403
    csrf = type(me)(enforce_csrf_checks=True)
    csrf.force_login(consent.resident(4), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert csrf.post(f"/consent/ballots/{found.pk}/answer", {"choice": "yes"}).status_code == 403
    assert Cast.objects.count() == 1


def test_the_close_is_the_databases(consent):
    """The last moment counts, the close itself no more; a clock that is set back opens nothing again."""
    found = consent.ballot(consent.roll(9))
    consent.clock[0] = found.closes - dt.timedelta(microseconds=1)
    consent.answer(found, 1, "yes")
    consent.clock[0] = found.closes
    refused("outside-time", consent.answer, found, 2, "yes")
    consent.both("ballot.close", found)
    consent.clock[0] = found.closes - dt.timedelta(days=1)
    refused("outside-time", consent.answer, found, 3, "yes")
    consent.clock[0] = found.closes
    consent.both("ballot.count", found)
    assert found.result["heads"]["for"] == 1


def test_a_clock_set_back_within_the_vote_turns_no_order_round(consent):
    found = consent.ballot(consent.roll(9))
    consent.pass_days(2)
    consent.answer(found, 1, "yes")
    consent.pass_days(-1)
    consent.answer(found, 1, "no")
    consent.finish(found)
    assert (found.result["heads"]["for"], found.result["heads"]["against"]) == (0, 1)


def test_an_answer_that_was_taken_is_told_again_after_the_close(consent):
    """A phone that lost the answer sends its form again: it gets the same receipt, and nothing is counted twice."""
    found = consent.ballot(consent.roll(9))
    token = uuid.uuid4()
    first = consent.answer(found, 1, "yes", token=token)
    consent.finish(found, count=False)
    assert consent.answer(found, 1, "yes", token=token).pk == first.pk
    consent.both("ballot.count", found)
    assert found.result["casts"] == 1


def sheet(home, choice="yes", reference="", at="", channel="paper", **more):
    return {
        "reference": reference or f"p-{home}", "dwelling_id": f"d{home}", "choice": choice, "channel": channel, "at": at,
        "token": str(uuid.uuid4()), **more,
    }  # fmt: skip


def test_papers_are_read_twice_by_two_persons(consent):
    from hutong.service.consent.models import Cast, Sheet

    found = consent.ballot(consent.roll(table(9, holders={2: ["a", "b"]})))
    first, second = browser(consent.first), browser(consent.second)
    here = f"/consent/ballots/{found.pk}/sheets"
    assert first.post(here, sheet(1)).status_code == 302
    paper = Sheet.objects.get()
    assert first.post(f"/consent/sheets/{paper.pk}", {"choice": "yes"}).status_code == 400  # the same person
    page = second.get(f"/consent/sheets/{paper.pk}").content.decode()
    assert "checked" not in page  # the first reading is not shown
    assert second.post(f"/consent/sheets/{paper.pk}", {"choice": "no"}).status_code == 302
    paper.refresh_from_db()
    assert (paper.state, paper.sealed, Cast.objects.count()) == ("rejected", None, 0)
    assert first.post(here, sheet(1)).status_code == 302
    paper = Sheet.objects.filter(state="waiting").get()
    assert second.post(f"/consent/sheets/{paper.pk}", {"choice": "yes"}).status_code == 302
    assert second.post(f"/consent/sheets/{paper.pk}", {"choice": "yes"}).status_code == 400  # replayed
    assert Cast.objects.count() == 1
    assert first.post(here, sheet(1)).status_code == 400  # the number of the paper is taken
    assert first.post(here, sheet(2)).status_code == 400  # several holders: who signed?
    assert first.post(here, sheet(2, signer="a")).status_code == 302
    assert first.post(here, sheet(9, signer="stranger")).status_code == 400
    assert first.post(here, sheet(44)).status_code == 400
    for at in (found.opens - dt.timedelta(hours=1), consent.clock[0] + dt.timedelta(hours=1)):
        assert first.post(here, sheet(3, at=at.astimezone().strftime("%Y-%m-%dT%H:%M"))).status_code == 400


def test_a_paper_counts_by_when_it_was_handed_in_and_none_is_left_behind(consent):
    from hutong.service.consent.models import Sheet

    found = consent.ballot(consent.roll(9))
    handed_in = consent.clock[0] + dt.timedelta(hours=2)
    consent.pass_days(1)
    consent.answer(found, 1, "no")  # online, after the paper was handed in
    consent.finish(found, count=False)
    first, second = browser(consent.first), browser(consent.second)
    local = handed_in.astimezone(dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%dT%H:%M")
    for home in (1, 2):
        assert first.post(f"/consent/ballots/{found.pk}/sheets", sheet(home, at=local)).status_code == 302
    refused("papers-wait", consent.both, "ballot.count", found)
    for paper in Sheet.objects.all():
        second.post(f"/consent/sheets/{paper.pk}", {"choice": "yes"})
    consent.both("ballot.count", found)
    assert (found.result["heads"]["for"], found.result["heads"]["against"]) == (1, 1)


def test_letters_let_in_without_an_account_and_a_new_issue_voids_the_old(consent):
    from hutong.service.consent.letters import selectors

    found = consent.ballot(consent.roll(9))
    consent.both("ballot.letters", found)
    codes = {row["homes"][0]: row["code"] for row in selectors.letters(found)}
    assert len(set(codes.values())) == 9
    phone = browser()
    assert phone.get("/consent/code/answer").status_code == 403
    assert phone.post("/consent/code", {"code": "aaaaaaaaaa"}).status_code == 400
    typed = codes["d4"].upper()
    assert phone.post("/consent/code", {"code": f"{typed[:5]}-{typed[5:]}"}).status_code == 302
    page = phone.get("/consent/code/answer").content.decode()
    form = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("head", "token")}
    answer = phone.post("/consent/code/answer", {**form, "choice": "yes"})
    assert answer.status_code == 302, answer.content.decode()[-1000:]
    assert "for" in phone.get(answer.url).content.decode()
    resident = browser(consent.resident(4))  # the same holder sees by account that a letter was used
    assert "online, by letter code" in resident.get(f"/consent/ballots/{found.pk}").content.decode()
    phone.post("/consent/code/done")
    assert phone.get("/consent/code/answer").status_code == 403
    assert phone.get(answer.url).status_code == 403
    consent.both("ballot.letters", found)
    assert browser().post("/consent/code", {"code": codes["d4"]}).status_code == 400
    printed = browser(consent.first).post(f"/consent/ballots/{found.pk}/letters").content.decode()
    assert printed.count('class="slip"') == 9
    assert codes["d4"] not in printed
    audit = browser(consent.town.person("auditor")).get(f"/consent/ballots/{found.pk}/audit").content.decode()
    assert "printed the letters" in audit


def test_a_code_tells_nobody_what_was_answered(consent):
    """Officers print the codes and neighbours open letters: a code takes an answer, and shows none that was given elsewhere."""
    from hutong.service.consent.letters import selectors

    found = consent.ballot(consent.roll(9))
    consent.answer(found, 4, "no")
    consent.both("ballot.letters", found)
    code = next(row["code"] for row in selectors.letters(found) if row["homes"] == ["d4"])
    voter, officer = browser(), browser(consent.first)
    for phone in (voter, officer):
        assert phone.post("/consent/code", {"code": code}).status_code == 302
        page = phone.get("/consent/code/answer").content.decode()
        assert "This home has answered" in page
        assert "<strong>against</strong>" not in page
        assert phone.get(f"/consent/receipts/{found.casts.get().pk}").status_code == 403
    form = {n: re.search(rf'name="{n}" value="([^"]+)"', page)[1] for n in ("head", "token")}
    taken = voter.post("/consent/code/answer", {**form, "choice": "abstain"})
    assert voter.get(taken.url).status_code == 200
    assert "You last answered: <strong>abstain" in voter.get("/consent/code/answer").content.decode()
    assert "<strong>abstain" not in officer.get("/consent/code/answer").content.decode()
    assert officer.get(taken.url).status_code == 403
    voter.post("/consent/code/done")
    voter.post("/consent/code", {"code": code})
    assert "<strong>abstain" not in voter.get("/consent/code/answer").content.decode()


def test_a_survey_does_not_pass_for_a_change_of_the_paper_that_counts(consent, monkeypatch):
    from hutong.service.requests import selectors

    monkeypatch.setattr(selectors, "JURISDICTION", "beijing")
    found = consent.ballot(consent.roll(9))
    resident = browser(consent.resident(4))
    here = f"/consent/ballots/{found.pk}"
    consent.answer(found, 4, "yes", channel="paper")
    page = resident.get(here).content.decode()
    assert "Your ballot that counts: <strong>for" in page
    assert "It cannot be changed online" in page
    assert "Change it to this" not in resident.get(f"{here}/answer").content.decode()
    form = {
        n: re.search(rf'name="{n}" value="([^"]+)"', resident.get(f"{here}/answer").content.decode())[1]
        for n in ("head", "token")
    }
    taken = resident.post(f"{here}/answer", {**form, "choice": "no"})
    assert "it is no vote, and changes no paper" in resident.get(taken.url).content.decode()
    page = resident.get(here).content.decode()
    assert "Your ballot that counts: <strong>for" in page
    assert "You last said in the survey: <strong>against" in page
    assert "the last one counts" not in resident.get(f"{here}/answer").content.decode()
    consent.finish(found)
    assert (found.result["heads"]["for"], found.result["heads"]["against"]) == (1, 0)


def test_codes_cannot_be_tried_without_end(consent):
    client = browser()
    tries = [client.post("/consent/code", {"code": f"{n:010d}"}).content.decode() for n in range(21)]
    assert "Too many codes" not in tries[19]
    assert "Too many codes" in tries[20]


def test_nobody_sees_how_it_stands_before_the_count(consent):
    """Whatever is cast, the pages of an open vote differ in the turnout alone, for every kind of reader."""
    from hutong.service.consent.counting import selectors

    found = consent.ballot(consent.roll(9))
    readers = [
        browser(),
        browser(consent.first),
        browser(consent.resident(9)),
        browser(consent.town.person("auditor")),
    ]
    pages = {}
    for choice in ("yes", "no"):
        from django.db import transaction

        point = transaction.savepoint()
        for home in range(1, 8):
            consent.answer(found, home, choice)
        kept = [r.get(f"/consent/ballots/{found.pk}").content.decode() for r in readers]
        kept.append(readers[3].get(f"/consent/ballots/{found.pk}/audit").content.decode())
        pages[choice] = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", p) for p in kept]
        transaction.savepoint_rollback(point)
    assert pages["yes"] == pages["no"]
    refused("sealed", selectors.count, found, consent.clock[0])
    assert browser(consent.first).get(f"/consent/ballots/{found.pk}/counted.json").status_code == 404


def test_the_recount_holds_and_finds_what_was_tampered_with(consent):
    from django.db import connection

    from hutong.service.consent.counting import selectors

    roll = consent.roll(9)
    found = consent.ballot(roll)
    casts = [consent.answer(found, home, "yes") for home in range(1, 8)]
    consent.answer(found, 1, "no")
    consent.finish(found)
    listed = json.loads(browser().get(f"/consent/ballots/{found.pk}/counted.json").content)
    assert len(listed["counted"]) == 7
    assert casts[0].entry_id not in {line["entry"] for line in listed["counted"]}  # changed since
    assert set(listed["counted"][0]) == {"entry", "choice", "voter"}
    auditor, member = browser(consent.town.person("auditor")), browser(consent.resident(3))
    for client in (auditor, member):
        page = client.post(f"/consent/ballots/{found.pk}/recount").content.decode()
        assert "it is what was published" in page
    for client in (browser(), browser(consent.town.person("resident_owner", name="elsewhere"))):
        assert client.post(f"/consent/ballots/{found.pk}/recount").status_code == 403
    for left in (3, 2, 1, 0):  # one person has it counted four times an hour, and another still may
        again = member.post(f"/consent/ballots/{found.pk}/recount")
        assert (again.status_code, left) == (200 if left else 400, left)
    assert "check it again in an hour" in again.content.decode()
    drop = (
        "DROP TRIGGER consent_cast_update"
        if connection.vendor == "sqlite"
        else "SET LOCAL session_replication_role = replica"
    )
    with connection.cursor() as cursor:
        cursor.execute(drop)
    from hutong.service.consent.models import Cast

    def sealed(cast):
        return bytes(Cast.objects.get(pk=cast.pk).sealed)

    Cast.objects.filter(pk=casts[2].pk).update(sealed=sealed(casts[3]))
    assert not selectors.recount(found).holds
    page = auditor.post(f"/consent/ballots/{found.pk}/recount").content.decode()
    assert "Something does not fit" in page


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_the_database_keeps_ballots_and_rolls(consent, deed):
    from django.db import DatabaseError, transaction

    from hutong.service.consent.models import Cast, RollVersion

    found = consent.ballot(consent.roll(9))
    consent.answer(found, 1, "yes")
    for rows, change in (
        (Cast.objects.all(), {"channel": "paper"}),
        (RollVersion.objects.all(), {"text": "x"}),
    ):
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            rows.update(**change) if deed == "update" else rows._raw_delete(rows.db)


def test_a_corrected_roll_is_what_counts(consent):
    found = consent.ballot(consent.roll(9))
    for home in range(1, 7):
        consent.answer(found, home, "yes")
    full = {"action": "strike", "dwelling_id": "d6", "holders": [], "reason": "transfer", "why": "sold"}
    consent.both("roll.correct", found.roll, full)
    consent.finish(found)
    assert found.result["heads"] == {"for": 5, "against": 0, "abstain": 0, "silent": 3, "all": 8, "part": 5}
    from hutong.service.consent.counting import selectors

    assert selectors.recount(found).holds
    consent.both(
        "roll.correct", found.roll, {**full, "dwelling_id": "d5"}
    )  # after the count: it stands as counted
    assert selectors.recount(found).holds


def test_who_was_entrusted_answers_for_another(consent):
    from hutong.service.consent.ballots import selectors

    roll = consent.roll(9)
    agent = consent.resident(1)
    given = {
        "action": "entrust", "holder": "ref-2", "agent": "ref-1", "document": "m-1", "reason": "mandate", "why": "m-1",
        "since": "2026-01-01T00:00:00+08:00", "until": "2027-01-01T00:00:00+08:00",
    }  # fmt: skip
    consent.both("roll.correct", roll, given)
    found = consent.ballot(roll)
    assert sorted(v.homes for v in selectors.voters_of(agent, found, consent.clock[0])) == [("d1",), ("d2",)]
    me = browser(agent)
    other = next(v for v in selectors.voters_of(agent, found, consent.clock[0]) if v.homes == ("d2",))
    assert answer_by_page(me, found, "yes", head=other.head)[0].status_code == 302
    consent.finish(found)
    assert found.result["heads"]["for"] == 1


def test_co_owners_who_contradict_each_other_have_not_voted(consent):
    found = consent.ballot(consent.roll(table(9, holders={2: ["a", "b"]})))
    consent.answer(found, 2, "yes", holder="a")
    consent.answer(found, 2, "no", holder="b")
    consent.finish(found)
    assert (found.result["conflicts"], found.result["heads"]["part"]) == (1, 0)


def test_script_in_what_is_asked_is_text(consent):
    from hutong.service.consent.ballots import services
    from hutong.text import Text

    evil = "<script>alert(1)</script>"
    new = services.NewBallot(consent.roll(9), "7", Text(evil, evil), Text(evil, evil), evil)
    found = services.draft(new, consent.first)
    for page in ("", "/board"):
        shown = browser(consent.first).get(f"/consent/ballots/{found.pk}{page}").content.decode()
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert" in shown


def test_choices_are_erased_with_the_key_and_the_count_stands(consent):
    from hutong.service.consent.ballots import services
    from hutong.service.consent.counting import selectors

    found = consent.ballot(consent.roll(9))
    for home in range(1, 8):
        consent.answer(found, home, "yes")
    consent.finish(found)
    services.erase_choices(found)
    found.refresh_from_db()
    assert hashlib.sha256(selectors.published_list(found).encode()).hexdigest() == found.result["digest"]
    assert not selectors.recount(found).holds
    assert "Passed" in browser().get(f"/consent/ballots/{found.pk}").content.decode()


def test_printed_pages_carry_codes(consent):
    found = consent.ballot(consent.roll(9))
    papers = browser(consent.first).get(f"/consent/ballots/{found.pk}/papers").content.decode()
    assert papers.count('class="slip"') == 9
    assert papers.count('class="qr"') == 9
    assert 'class="qr"' in browser().get(f"/consent/ballots/{found.pk}/board").content.decode()
