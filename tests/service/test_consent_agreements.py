"""Conditional signing, and lease surrender with its offers, live and end to end."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest

from hutong.errors import HutongError
from tests.service.consent_town import browser, table


def signing(consent, roll, days=20, early=False, act="presigning"):
    from hutong.service.consent.signing import services
    from hutong.text import Text

    deadline = consent.clock[0] + dt.timedelta(days=days)
    made = services.draft(
        roll, act, Text("预签约", "Pre-signing"), "the agreement", deadline, early, consent.first
    )
    return consent.both("signing.open", made)


def press(client, address, token=None, **data):
    """Send the form that a page shows, with its own token."""
    page = client.get(address).content.decode()
    found = re.search(r'name="token" value="([^"]+)"', page)
    head = re.search(r'name="head" value="([^"]+)"', page)
    given = {
        "token": token or (found[1] if found else str(uuid.uuid4())),
        **({"head": head[1]} if head else {}),
        **data,
    }
    return client.post(f"{address}/sign", given)


def test_a_signing_is_void_for_all_below_its_share_and_in_effect_for_all_above(consent, monkeypatch):
    from hutong.service.consent.signing import selectors
    from hutong.service.ledger.models import Entry
    from hutong.service.requests import selectors as site

    monkeypatch.setattr(site, "JURISDICTION", "beijing")
    roll = consent.roll(8)
    share = 6  # 75 % of eight
    for signed, state in ((share - 1, "void"), (share, "effective")):
        found = signing(consent, roll)
        people = [browser(consent.resident(n, name=f"{state}-{n}")) for n in range(1, signed + 1)]
        here = f"/consent/signings/{found.pk}"
        for client in people:
            assert press(client, here, event="sign").status_code == 302
        page = people[0].get(here).content.decode()
        assert (
            "The conditions to pass are met" if signed == share else "At least 1 more of 8 must consent"
        ) in page
        assert press(people[0], here, event="withdraw").status_code == 302
        assert "You have not signed" in people[0].get(here).content.decode()
        assert press(people[0], here, event="sign").status_code == 302
        with pytest.raises(HutongError, match="deadline"):
            consent.both("signing.settle", found)
        consent.clock[0] = found.deadline
        assert (
            press(browser(consent.resident(8, name=f"{state}-late")), here, event="sign").status_code == 400
        )
        consent.both("signing.settle", found)
        assert found.state == state
        assert selectors.signing(found).standing(selectors.signing(found).log[1].head) == state
    assert press(browser(consent.resident(8)), here, event="join").status_code == 302
    last = Entry.objects.filter(act="decision.taken").latest("index").value["public"]
    assert last["decision"] == "effective"


def test_nobody_signs_for_another_and_a_form_counts_once(consent, monkeypatch):
    from hutong.service.requests import selectors as site

    monkeypatch.setattr(site, "JURISDICTION", "beijing")
    found = signing(consent, consent.roll(8))
    here, me, other = (
        f"/consent/signings/{found.pk}",
        browser(consent.resident(1)),
        browser(consent.resident(2)),
    )
    theirs = re.search(r'name="head" value="([^"]+)"', other.get(here).content.decode())[1]
    assert press(me, here, event="sign", head=theirs).status_code == 403
    token = str(uuid.uuid4())
    for _ in range(2):
        assert press(me, here, event="sign", token=token).status_code == 302
    assert found.acts.filter(event="sign").count() == 1
    assert press(other, here, event="sign", token=token).status_code == 400
    counter = browser(consent.first)
    assert press(counter, here, event="sign", dwelling_id="d5", token=str(uuid.uuid4())).status_code == 302
    assert found.acts.filter(event="sign").count() == 2
    assert press(browser(), here, event="sign").status_code == 403


@pytest.fixture
def yard(consent, monkeypatch):
    """A courtyard of lessees whose home d6 is held back: its lessee died and no successor is named."""
    from hutong.service.consent.surrender import services
    from hutong.service.requests import selectors as site
    from hutong.text import Text

    monkeypatch.setattr(site, "JURISDICTION", "beijing")
    rows = table(6, area="20").assign(tenure="public_direct", held_back="")
    rows.loc[5, ["held_back", "holder"]] = ["successor_unnamed", ""]
    roll = consent.roll(rows, act="lessees")
    start = consent.clock[0].date()
    made = services.make_project(roll, Text("退租", "Surrender"), "terms", start, consent.first)
    consent.maker = consent.town.person("operator")
    return made


def do(client, application, event, party, **said):
    return client.post(
        f"/consent/applications/{application.pk}/do/{event}",
        {"party": party, "token": str(uuid.uuid4()), **said},
    )


def apply(client, project, home):
    address = f"/consent/surrender/{project.pk}/apply/d{home}"
    return client.post(address, {"token": str(uuid.uuid4())})


OFFER = {"market_yuan_m2": "100000", "replacement_yuan_m2": "2000", "newness": "50", "award": "10000"}


def test_a_surrender_from_application_to_handover(consent, yard):
    """Apply, valuation, offer, counter, mediation, settlement, signing in its days, choice, handover."""
    from hutong.service.consent.models import Application
    from hutong.service.ledger.models import Entry

    me, maker, mediator = (
        browser(u) for u in (consent.resident(1, "resident_tenant"), consent.maker, consent.second)
    )
    assert apply(me, yard, 1).status_code == 302
    assert apply(me, yard, 1).status_code == 400  # not two of them
    a = Application.objects.get()
    assert do(me, a, "sign", "holder").status_code == 400  # no offer yet
    assert do(me, a, "offer", "maker", **OFFER).status_code == 403  # not the maker
    assert do(maker, a, "assess", "maker").status_code == 302
    assert do(maker, a, "offer", "maker", **OFFER).status_code == 302
    page = me.get(f"/consent/applications/{a.pk}").content.decode()
    assert "20.00 m² × ¥100,000/m² = ¥2,000,000" in page
    assert "−20.00 m² × ¥2,000/m² × 50% = −¥20,000" in page
    assert "Total: ¥1,990,000" in page
    assert do(me, a, "counter", "holder", sum_yuan="2500000").status_code == 400  # a change needs its reason
    assert do(me, a, "counter", "holder", sum_yuan="2500000", words="south-facing").status_code == 302
    assert do(me, a, "mediate", "holder", words="we do not agree").status_code == 302
    assert do(maker, a, "settle", "maker", sum_yuan="1", words="x").status_code == 400
    assert do(mediator, a, "settle", "mediator", sum_yuan="2100000", words="met on 12 May").status_code == 302
    assert do(me, a, "sign", "holder").status_code == 400  # the briefing still runs
    from hutong.service.consent.surrender import selectors

    window = next(s for s in selectors.steps(yard.briefing_from) if s.id == "signing")
    consent.clock[0] = dt.datetime.combine(window.starts, dt.time(9), dt.UTC)
    assert do(me, a, "sign", "holder").status_code == 302
    assert do(me, a, "choose", "holder").status_code == 400  # which form?
    assert do(me, a, "choose", "holder", form="shared_ownership").status_code == 302
    assert do(maker, a, "hand_over", "maker").status_code == 302
    a.refresh_from_db()
    assert (a.state, a.talk, a.form) == ("surrendered", "agreed", "shared_ownership")
    page = me.get(f"/consent/applications/{a.pk}").content.decode()
    assert "met on 12 May" in page  # the record of the mediation
    assert page.count("Total: ¥") == 3  # every version stays
    acts = list(Entry.objects.filter(place=yard.place).order_by("index").values_list("act", flat=True))
    assert acts[-3:] == ["offer.made", "offer.made", "agreement.signed"]
    for client in (
        browser(consent.resident(2, "resident_tenant")),
        browser(),
        browser(consent.town.person("planner")),
    ):
        assert client.get(f"/consent/applications/{a.pk}").status_code == 403


def test_a_signature_is_taken_back_and_one_begins_anew(consent, yard):
    from hutong.service.consent.models import Application
    from hutong.service.consent.surrender import selectors

    me, maker = browser(consent.resident(2, "resident_tenant")), browser(consent.maker)
    apply(me, yard, 2)
    a = Application.objects.get()
    for client, event, party, said in (
        (maker, "assess", "maker", {}), (maker, "offer", "maker", OFFER), (me, "decline", "holder", {}),
        (maker, "offer", "maker", {**OFFER, "award": "20000", "words": "moved early"}), (me, "accept", "holder", {}),
    ):  # fmt: skip
        answer = do(client, a, event, party, **said)
        assert answer.status_code == 302, (event, answer.content.decode()[-600:])
    window = next(s for s in selectors.steps(yard.briefing_from) if s.id == "signing")
    consent.clock[0] = dt.datetime.combine(window.ends, dt.time(9), dt.UTC)
    assert do(me, a, "sign", "holder").status_code == 302
    assert do(me, a, "rescind", "holder").status_code == 302
    a.refresh_from_db()
    assert (a.state, a.talk) == ("staying", "none")
    assert apply(me, yard, 2).status_code == 302
    a.refresh_from_db()
    assert a.state == "applied"
    assert a.turns.count() == 9


def test_a_lessee_who_has_died_is_followed_once_the_roll_says_by_whom(consent, yard):
    heir = browser(consent.resident(6, "resident_tenant"))
    answer = apply(heir, yard, 6)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "the lessee has died and no successor is named" in page
    assert "death certificate" in page
    given = {
        "action": "enter", "dwelling_id": "d6", "building": "near-building", "holders": ["heir"], "area_m2": "20",
        "tenure": "public_direct", "reason": "succession", "why": "lease 9",
    }  # fmt: skip
    consent.both("roll.correct", yard.roll, given)
    assert apply(heir, yard, 6).status_code == 302


def test_offers_that_differ_are_listed_with_their_reason(consent, yard):
    from hutong.service.consent.models import Application

    maker = browser(consent.maker)
    for home in range(1, 5):
        apply(browser(consent.resident(home, "resident_tenant")), yard, home)
    for n, a in enumerate(Application.objects.order_by("pk")):
        do(maker, a, "assess", "maker")
        do(maker, a, "offer", "maker", **{**OFFER, "market_yuan_m2": "150000" if n == 3 else "100000"})
    page = browser(consent.first).get(f"/consent/surrender/{yard.pk}/equal").content.decode()
    assert "d4" in page
    assert "no reason given" in page
    assert ">d1<" not in page
    public = browser().get(f"/consent/surrender/{yard.pk}").content.decode()
    assert "fewer than 5" in public
    assert "d4" not in public


def test_nobody_applies_for_anothers_home(consent, yard):
    me = browser(consent.resident(1, "resident_tenant"))
    assert apply(me, yard, 2).status_code == 403
    assert apply(browser(), yard, 1).status_code == 403
    assert apply(browser(consent.resident(1)), yard, 1).status_code == 403  # an owner is no lessee


def test_after_the_days_of_signing_nobody_applies_in_vain(consent, yard):
    """Until the last day of signing an application can lead to a signature; afterwards it is refused, and who stays may still ask."""
    from hutong.service.consent.models import Application

    me = browser(consent.resident(1, "resident_tenant"))
    other = browser(consent.resident(2, "resident_tenant"))
    page = me.get(f"/consent/surrender/{yard.pk}").content.decode()
    assert "your turn" in page
    assert 'class="here" aria-current="step"' in page
    consent.pass_days(59)  # thirty days of briefing, thirty of signing: this is the last
    assert apply(me, yard, 1).status_code == 302
    consent.pass_days(1)
    answer = apply(other, yard, 2)
    assert answer.status_code == 400
    assert "no more applications are taken" in answer.content.decode()
    assert Application.objects.count() == 1
    page = other.get(f"/consent/surrender/{yard.pk}").content.decode()
    assert "/apply/" not in page
    assert "ask for improvement" in page
    assert "home by home" in page
    assert 'class="here" aria-current="step"' not in page
    page = me.get(f"/consent/applications/{Application.objects.get().pk}").content.decode()
    assert "at turn: implementing body" in page
