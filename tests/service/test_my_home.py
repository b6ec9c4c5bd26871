"""My home, live: who reads the page of a home, what each line rests on, offers that are the lessee's own, questions with a clock."""

import datetime as dt
import re
import uuid

import pytest

from hutong.errors import HutongError
from tests.agree.test_home_statement import HOME
from tests.service.test_consent_agreements import OFFER, apply, do, yard  # noqa: F401 (a fixture)
from tests.service.test_council import browser, page, post
from tests.service.test_lettings import sent


def home_of(town, user, number="d1", **change):
    """Make a home with its facts, and a verified resident in it."""
    from django.utils import timezone

    from hutong.service.my_home.models import Facts
    from hutong.service.residents.models import VERIFIED, Home, Residence

    home = Home.objects.create(quarter=town.quarter, building=town.building, dwelling_id=number, held="unit", lives_as="resident_tenant")  # fmt: skip
    Facts.objects.create(home=home, snapshot=snapshot_of(town), facts={**HOME.plain(), "dwelling_id": number, **change})  # fmt: skip
    if user is not None:
        grant = user.grants.get(place=town.building)
        Residence.objects.create(user=user, home=home, role=grant.role, state=VERIFIED, grant=grant, verified=timezone.now(), key=number + user.username)  # fmt: skip
    return home


def snapshot_of(town):
    from hutong.service.twin.models import Snapshot
    from hutong.service.twin.services import TABLES

    return Snapshot.objects.get_or_create(
        place=town.quarter, name="made", digest="0" * 64, date=dt.date(2026, 1, 1), crs="EPSG:4548",
        defaults={"west": 0, "south": 0, "east": 1, "north": 1, "counts": dict.fromkeys(TABLES, 1), "title_zh": "片区", "title_en": "Quarter"},
    )[0]  # fmt: skip


def contact(town, officer, days=5):
    from hutong.service.my_home import services
    from hutong.service.requests.services import make_unit

    unit = make_unit("homes", town.subdistrict, Text("街道更新办", "Renewal office"))
    new = services.NewContact(unit, Text("一层", "Ground floor"), Text("周一至周五", "weekdays"), "100", days)
    return services.name_contact(town.quarter, new, officer)


from hutong.text import Text  # noqa: E402 (beside what it is for)


def test_a_lessee_reads_offer_likes_and_choices_and_nobody_else_does(consent, yard):  # noqa: F811
    """Six lessees with offers; the page of one says its own sum line by line and what the others got, to nobody but them."""
    town = consent.town
    town.building.lon, town.building.lat = 116.4, 39.9
    town.building.save()
    lessees = [consent.resident(n, "resident_tenant") for n in range(1, 6)]
    one, maker = browser(lessees[0]), browser(consent.maker)
    home = home_of(town, lessees[0])
    child = consent.resident(
        1, "resident_tenant", name="child", holder="nobody"
    )  # lives there, is not the lessee
    from django.utils import timezone

    from hutong.service.residents.models import VERIFIED, Residence

    Residence.objects.create(user=child, home=home, role="resident_tenant", state=VERIFIED, grant=child.grants.get(), verified=timezone.now(), key="child")  # fmt: skip
    at = f"/home/{home.pk}"
    before = page(one, at)
    for told in ("Your own sum is unknown", "What counts is 20.67 m²", "Do not apply: you stay", "Your home has none; you may ask for a kitchen", "Fewer than 5 households", "is unknown: none were published", "Nobody was named to answer"):  # fmt: skip
        assert told in before, told
    assert one.get("/home/").url == at
    for user in lessees[:5]:
        apply(browser(user), yard, int(user.username.rsplit("-", 1)[1]))
    for a in yard.applications.all():
        do(maker, a, "assess", "maker")
        do(maker, a, "offer", "maker", **{**OFFER, "words": "x"})
    mine = page(one, at)
    assert "Total: ¥1,990,000" in mine  # 20 × 100,000 − 20 × 2,000 × 50 % + 10,000
    assert "Accept the offer" in mine
    assert f"/consent/applications/{yard.applications.get(dwelling_id='d1').pk}" in mine
    assert "Fewer than 5 households" in mine  # four others
    assert "1,990,000" not in page(browser(child), at)
    counter = browser(town.person("committee", name="counter"))
    seen = page(counter, at)
    assert "1,990,000" not in seen
    assert "You look at a household" in seen
    assert "Residents’ committee" in page(one, at) or "committee" in page(one, at)
    assert "1,990,000" in page(browser(consent.first), at)  # handles offers
    for who in (lessees[1], consent.maker, town.person("planner"), town.person("auditor"), town.person("committee", far=True)):  # fmt: skip
        assert browser(who).get(at).status_code == 403
        assert browser(who).get(f"{at}/print").status_code == 403
    assert "1,990,000" in page(one, f"{at}/print")
    # homes on offer come with price and distance
    from hutong.agree.homes_on_offer import HomeOnOffer, homes_form

    offered = HomeOnOffer(
        Text("远村", "Far"), "public_rental", 45, 20, None, None, 1800, 116.4, 40.4, None, "公告"
    )
    where = f"/home/offers/{yard.pk}"
    assert one.post(where, {"file": sent(homes_form([offered]))}).status_code == 403
    wrong = maker.post(where, {"file": sent(homes_form([HomeOnOffer(Text("x", "x"), "tent", 1, 0, None, None, None, 0, 0, None, "")]))})  # fmt: skip
    assert wrong.status_code == 400
    assert "row 4, form" in wrong.content.decode()
    post(maker, where, file=sent(homes_form([offered])))
    assert "Far: public rental home, 45 m², ¥1,800 a month, 55.6 km" in page(one, at)
    assert "Far" in page(browser(), where)


def test_who_rents_from_an_owner_reads_no_sums_and_no_vote_and_every_source_once(consent):
    """A renter of a home that its owner lets; the owner of another one; a vote is open where both live."""
    town = consent.town
    ballot = consent.ballot(consent.roll())
    contact(town, town.person("subdistrict", name="names-contacts"))
    renter, owner = town.person("resident_tenant"), town.person("resident_owner", name="owner")
    owned = {"roll": "owners", "gaps": [], "deed_cm2": 452_000, "lease_cm2": None, "tenure": "commodity"}
    rented, lived_in = home_of(town, renter, "d1", **owned), home_of(town, owner, "d2", **owned)
    told, own = page(browser(renter), f"/home/{rented.pk}"), page(browser(owner), f"/home/{lived_in.pk}")
    assert "who rents has no vote" in told
    assert "none of it is yours" in told
    assert "proof of title" not in told
    assert "proof of title" in own
    assert "who rents has no vote" not in own
    assert "Open vote, in which you have no ballot" in told
    assert "Open vote<" in own
    counter = page(browser(town.person("committee", name="counter")), f"/home/{rented.pk}")
    assert "Open vote<" in counter  # of the home, not of who looks at it
    off_the_roll = home_of(town, None, "d99", **owned)
    counter = page(browser(town.person("committee", name="counter-2")), f"/home/{off_the_roll.pk}")
    assert "Open vote, in which this home has no ballot" in counter
    for seen in (told, own):
        assert "A lift" in seen
        assert f"/consent/ballots/{ballot.pk}" in seen
        sources = re.findall(r'<li id="rests-(\d+)">(.*?)</li>', seen)
        assert [int(n) for n, _ in sources] == list(range(1, len(sources) + 1))
        assert len({words for _, words in sources}) == len(sources) > 1
        assert {int(n) for n in re.findall(r'href="#rests-(\d+)"', seen)} == {int(n) for n, _ in sources}
    choices = re.findall(r'<option value="(\w*)"', told)
    assert "homes" not in choices  # the form asks about what stands on the page
    assert "choices" in choices


def test_like_households_show_from_five_others_on(consent, yard):  # noqa: F811
    from hutong.service.my_home.page import statement

    town = consent.town
    home = home_of(town, None, "d6")
    for n in range(1, 6):
        user = consent.resident(n, "resident_tenant")
        apply(browser(user), yard, n)
    maker = browser(consent.maker)
    for a in yard.applications.all():
        do(maker, a, "assess", "maker")
        do(maker, a, "offer", "maker", **OFFER)
    told = statement(home, consent.second, consent.clock[0].date()).part("likes")
    assert (
        told.lines[0].said.en == "Of 5 other households like yours, the median offer is about ¥99,500 per m²."
    )


def test_a_question_is_owed_answered_and_read_by_who_asked_alone(town):
    from django.utils import timezone

    from hutong.rules import official_calendar
    from hutong.service.ledger.models import Entry
    from hutong.service.my_home.models import Question
    from hutong.service.my_home.waiting import waiting_items
    from hutong.service.requests.services import join

    user = town.person("resident_tenant")
    home = home_of(town, user)
    asks, officer, clerk = browser(user), town.person("subdistrict"), town.person("department")
    at, form = f"/home/{home.pk}", {"words": "搬走以后孩子还能上原来的学校吗？", "part": "homes"}
    none = asks.post(f"{at}/ask", {**form, "token": str(uuid.uuid4())})
    assert none.status_code == 400
    assert "Nobody was named" in none.content.decode()
    made = contact(town, officer)
    join(clerk, made.unit)
    entries = Entry.objects.count()
    token = str(uuid.uuid4())
    for _ in range(2):
        post(asks, f"{at}/ask", **form, token=token)
    q = Question.objects.get()
    assert q.due == official_calendar().add(timezone.localdate(), 5)
    desk = browser(clerk)
    (item,) = waiting_items(clerk, timezone.now())
    assert (item.status, item.url) == ("good", f"/home/questions/{q.pk}")
    assert "学校" not in item.what.zh + item.where.zh
    assert waiting_items(clerk, timezone.now() + dt.timedelta(days=40))[0].status == "alarm"
    assert not waiting_items(officer, timezone.now())
    for other in (user, officer, town.person("auditor"), town.person("resident_owner")):
        assert browser(other).get(f"/home/questions/{q.pk}").status_code == 403
    assert "学校" in page(desk, f"/home/questions/{q.pk}")
    assert "学校" not in page(browser(officer), at)  # what a resident asks is not the counter's
    assert desk.post(f"/home/questions/{q.pk}", {"words": "可"}).status_code == 400
    post(desk, f"/home/questions/{q.pk}", words="可以，学籍不变。")
    assert desk.post(f"/home/questions/{q.pk}", {"words": "再答一次。"}).status_code == 400
    assert "a new answer" in page(asks, "/")
    assert "可以，学籍不变。" in page(asks, at)
    assert "a new answer" not in page(asks, "/")
    assert Entry.objects.count() == entries  # nothing of it in the ledger
    # at the counter an officer writes down what somebody of the home asks: the household reads it
    post(browser(officer), f"{at}/ask", words="老人来问：能分期吗？", part="", token=str(uuid.uuid4()))
    assert "能分期吗" in page(asks, at)
    assert "Subdistrict" in page(asks, at)  # who looked
    later = town.person("resident_tenant", name="later")
    home.residences.create(
        user=later,
        role="resident_tenant",
        state="verified",
        grant=later.grants.get(),
        verified=timezone.now(),
        key="later",
    )
    moved_in = page(browser(later), at)
    assert "能分期吗" not in moved_in  # of who lived there before
    clock = page(browser(officer), "/home/questions")
    assert "In time" in clock


def test_the_office_names_who_answers(town):
    from hutong.service.my_home import selectors
    from hutong.service.requests.services import make_unit

    street = browser(town.person("subdistrict"))
    assert "There is no unit here yet" in page(street, "/home/contacts")
    unit = make_unit("homes", town.subdistrict, Text("街道更新办", "Renewal office"))
    form = {"place": town.quarter.pk, "unit": unit.pk, "where_zh": "一层", "hours_zh": "周一", "days": 16}
    assert street.post("/home/contacts", form).status_code == 400
    assert street.post("/home/contacts", {**form, "days": 5, "place": town.elsewhere["quarter"].pk}).status_code == 400  # fmt: skip
    post(street, "/home/contacts", **{**form, "days": 5})
    assert selectors.ask_of(town.building).en == "Renewal office"
    assert selectors.ask_of(town.elsewhere["building"]) == selectors.NOBODY
    assert "Renewal office" in page(street, "/home/contacts")


def test_homes_are_prepared_from_the_snapshot_and_from_what_is_published(town, run, ground):
    from django.utils import timezone

    from hutong.service.my_home.models import Facts, Told
    from hutong.service.my_home.page import statement
    from hutong.service.my_home.prepared.services import prepare_all
    from hutong.service.my_home.waiting import waiting_items
    from hutong.service.residents import services as residents
    from hutong.service.residents.models import Home
    from hutong.service.twin.services import publish
    from tests.service.schemes_town import kept, people, to_consultation

    assert prepare_all() == 0  # no roll yet
    publish(run.snapshot)
    residents.import_roll(run.snapshot, None)
    homes = Home.objects.filter(quarter=town.quarter).count()
    assert prepare_all() == homes
    assert prepare_all() == 0
    street = town.person("subdistrict", name="names-contacts")
    (item,) = waiting_items(street, timezone.now())
    assert (item.what.en, item.status) == ("households have nobody to ask: name a contact", "warn")
    contact(town, street)
    assert not waiting_items(street, timezone.now())
    assert Facts.objects.count() == homes
    implementer, planner, officer = people(town)
    found, version = kept(town, run, implementer, ground)
    assert prepare_all() == 0  # not before the public
    to_consultation(found, planner, officer)
    assert prepare_all() == Told.objects.count() > 0
    row = next(t for t in Told.objects.select_related("home__building") if len(t.parts) == 7)
    told = statement(row.home, officer, dt.date(2026, 5, 1))
    assert {"changes", "areas", "money", "papers", "when", "choices", "refusal", "likes"} <= {
        p.id for p in told.parts
    }
    rests = told.part("changes").lines[0].source.en
    assert version.version in rests
    residents.import_roll(run.snapshot, None)  # a new roll: all of it once more, and nothing doubled
    assert prepare_all() == homes + Told.objects.count()


def test_what_takes_long_is_done_before_others_who_write_must_wait(town, run, monkeypatch):
    """A quarter of ten thousand homes takes longer to work out than a writer waits for the database."""
    from django.db import connection

    from hutong.service.my_home.models import Facts
    from hutong.service.my_home.prepared import services
    from hutong.service.residents import services as residents
    from hutong.service.residents.models import Home
    from hutong.service.twin.services import publish

    waiting: list[int] = []

    def slow(work):
        def noted(*given):
            waiting.append(len(connection.savepoint_ids))
            return work(*given)

        return noted

    monkeypatch.setattr(services, "home_facts", slow(services.home_facts))
    monkeypatch.setattr(services, "BATCH", 7)
    monkeypatch.setattr(residents, "lines", slow(residents.lines))
    publish(run.snapshot)
    now = len(connection.savepoint_ids)
    residents.import_roll(run.snapshot, None)
    homes = Home.objects.filter(quarter=town.quarter)
    assert services.prepare_all() == Facts.objects.count() == homes.count() > 14
    assert waiting == [now, now]  # no transaction was begun for either
    gone = homes.first()
    Home.objects.filter(pk=gone.pk).update(dwelling_id="was-pulled-down")
    residents.import_roll(run.snapshot, None)
    services.prepare_all()
    assert not Facts.objects.filter(home=gone).exists()
    assert Facts.objects.count() == homes.filter(listed=True).count()


def test_who_has_no_home_is_told_how_to_verify_one_and_bad_words_are_refused(town):
    from hutong.service.my_home import services

    assert "Verify my home" in page(browser(town.person("resident_owner", verified="letter")), "/home/")
    user = town.person("resident_tenant")
    home = home_of(town, user)
    contact(town, town.person("subdistrict", name="names-contacts"))
    for words, part in (("短", ""), ("长" * 1001, ""), ("好好的一个问题", "no-part")):
        with pytest.raises(HutongError, match="characters"):
            services.ask(services.NewQuestion(home, words, part), user, uuid.uuid4())
    for _ in range(10):
        services.ask(services.NewQuestion(home, "好好的一个问题"), user, uuid.uuid4())
    with pytest.raises(HutongError, match="10 questions wait"):
        services.ask(services.NewQuestion(home, "第十一个问题"), user, uuid.uuid4())


def test_a_home_on_paper_or_not_yet_prepared(town):
    from hutong.service.my_home.models import Facts

    user = town.person("resident_tenant")
    home = home_of(town, user)
    Facts.objects.all().delete()
    assert "This page is being prepared" in page(browser(user), f"/home/{home.pk}")
    officer = browser(town.person("subdistrict"))
    assert officer.get("/home/find", {"home": "D1"}).url == f"/home/{home.pk}"
    assert "No home of this number" in page(officer, "/home/find?home=d9")
    assert browser(user).get(f"/home/{home.pk + 1}").status_code == 404
