"""What the pages of consent are opened on: a draft roll, and one that is shown, in the first estate."""

from __future__ import annotations

import uuid

from tests.service.consent_town import Consent, table


class People:
    """The town for one who has officers already."""

    def __init__(self, town, first, second):
        self.estate, self.building, self.people = (
            town.estate,
            town.building,
            {"subdistrict": first, "committee": second},
        )

    def person(self, role):
        return self.people[role]


def votes(town, officer):
    """Return the keys of a draft, an open and a counted vote, of a ballot and a paper, of a vote reserved and closed, and its document."""
    import pytest

    from hutong.agree.totals import Totals
    from hutong.service.accounts import services as accounts
    from hutong.service.consent import clock
    from hutong.service.consent.official import services as official
    from hutong.service.consent.sheets import services as sheets
    from hutong.service.requests import selectors as requests
    from hutong.service.web.papers import of_bytes

    other = accounts.make_user("roll-officer-2", "a-long-password-1")
    accounts.grant(other, "subdistrict", town.subdistrict)
    made = Consent(People(town, officer, other))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: made.clock[0])
        roll = made.roll(6)
        counted = made.ballot(roll)
        cast = made.answer(counted, 1, "yes")
        made.finish(counted)
        draft, opened = made.ballot(roll, "draft"), made.ballot(roll)
        new = sheets.NewSheet("d2", "", 1, "paper", None, "p-1", uuid.uuid4())
        sheet = sheets.enter_sheet(opened, new, officer)
        patched.setattr(requests, "JURISDICTION", "beijing")
        reserved = made.ballot(roll, "closed")
        heads = {"for": 6, "against": 0, "abstain": 0, "silent": 0}
        said = {"called": "result", "reference": "1", "dated": "2026-04-01"}
        totals = Totals(heads, {name: n * 600_000 for name, n in heads.items()})
        official.propose_totals(reserved, totals, said, of_bytes(b"%PDF-1.7 access", "result.pdf"), officer)
        filed = reserved.official_documents.get()
    return draft.pk, opened.pk, counted.pk, cast.pk, sheet.pk, reserved.pk, filed.pk


def agreements(town, officer):
    """Return the keys of a draft and an open signing, of a surrender project and of an application."""
    import datetime as dt

    import pytest

    from hutong.service.accounts import services as accounts
    from hutong.service.consent import clock
    from hutong.service.consent.improving import services as improving
    from hutong.service.consent.signing import services as signing
    from hutong.service.consent.surrender import services as surrender
    from hutong.text import Text

    other = accounts.make_user("roll-officer-3", "a-long-password-1")
    accounts.grant(other, "subdistrict", town.subdistrict)
    made, name = Consent(People(town, officer, other)), Text("签约", "Signing")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: made.clock[0])
        roll = made.roll(6, act="lessees")
        deadline = made.clock[0] + dt.timedelta(days=30)
        draft, opened = (
            signing.draft(roll, "presigning", name, "terms", deadline, False, officer) for _ in range(2)
        )
        made.both("signing.open", opened)
        project = surrender.make_project(roll, name, "terms", made.clock[0].date(), officer)
        holder = roll.seats.get(dwelling_id="d1").holder
        applied = surrender.apply(project, "d1", holder, uuid.uuid4(), other)
        asked = improving.ask(project, "d2", "token", ["kitchen"], uuid.uuid4(), other)
    return draft.pk, opened.pk, project.pk, applied.pk, asked.pk


def subjects(town, owner):
    from hutong.service.accounts import services as accounts
    from hutong.service.consent.motions import services as motions
    from hutong.service.consent.rolls import services
    from hutong.text import Text

    officer = accounts.make_user("roll-officer", "a-long-password-1")
    accounts.grant(officer, "subdistrict", town.subdistrict)
    new = services.NewRoll(town.estate, "owners", Text("名册", "Roll"), table(6))
    draft = services.make_roll(new, officer)
    shown = services.publish(services.make_roll(new, officer), 7, officer)
    fix = {"action": "hold", "dwelling_id": "d1", "held": "disputed", "reason": "error", "why": "paper"}
    motion = motions.propose("roll.correct", shown.pk, shown.place, officer, fix)
    objection = services.object_to(shown, "d2", "the area is wrong", uuid.uuid4(), owner=owner)
    one, moved = {"": {"pk": draft.pk}}, {"": {"pk": motion.pk}}
    signing, running, project, applied, asked = ({"": {"pk": pk}} for pk in agreements(town, officer))
    vote, opened, counted, cast, sheet, reserved, filed = ({"": {"pk": pk}} for pk in votes(town, officer))
    draft_vote, open_vote = vote[""], opened[""]
    return {
        **dict.fromkeys(("ballot_notice", "ballot_official"), vote),
        **dict.fromkeys(("sheets", "letters_print", "papers_print", "ballot_answer"), opened),
        "ballot_propose": {"": {**draft_vote, "deed": "cancel"}},
        "ballot_totals": reserved,
        "official_document": filed,
        "sheet_check": sheet,
        "signing": {"draft": signing[""], "open": running[""]},
        "signing_propose": {"": {**signing[""], "deed": "open"}},
        "sign": running,
        **{
            key: {"": {**project[""], "dwelling_id": "d2"}}
            for key in ("surrender_apply", "surrender_improve")
        },
        "improvement_do": {"": {**asked[""], "event": "finish"}},
        "application_do": {"": {**applied[""], "event": "assess"}},
        "application": applied,
        **dict.fromkeys(("surrender", "equal"), project),
        **{page: {"draft": draft_vote, "open": open_vote} for page in ("ballot", "board")},
        **dict.fromkeys(("count_list", "recount", "ballot_audit"), counted),
        **dict.fromkeys(("cast_receipt", "cast_receipt_file"), cast),
        "roll": {"draft": {"pk": draft.pk}, "published": {"pk": shown.pk}},
        **dict.fromkeys(
            ("roll_replace", "roll_publish", "roll_object", "roll_freeze", "roll_correct", "roll_link"), one
        ),
        **dict.fromkeys(("motion_confirm", "motion_reject"), moved),
        "objection_answer": {"": {"pk": objection.pk}},
    }
