"""Whose home is which: letters, the counter, neighbours; and that nobody counts before."""

import datetime as dt
import io
import re

import pytest
from django.test import Client
from openpyxl import load_workbook

from hutong.errors import HutongError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(scope="module")
def rolled(country, imported):
    """The roll of the quarter, once for all tests here."""
    from hutong.service.residents import services
    from hutong.service.twin.selectors import snapshot
    from tests.service.conftest import undone

    with undone():
        yield services.import_roll(snapshot(imported[1]), None)


@pytest.fixture
def roll(rolled, db):
    return rolled


def browser(user):
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=BACKEND)
    return client


def person(name):
    from hutong.service.accounts import services

    return services.make_user(name, "a-long-password-1")


def stair(roll, least=4, held="people"):
    """The homes of one staircase with a few homes."""
    from hutong.service.residents.selectors import homes

    groups = {}
    for home in homes(roll.place):
        groups.setdefault((home.building_id, home.stair), []).append(home)
    return next(g for (_, s), g in groups.items() if s and len(g) >= least and g[0].held == held)


def held(user):
    """What the person holds now, read anew."""
    user.__dict__.pop("held", None)
    return user.held


def letter_to(home, user=None):
    from hutong.service.residents import services

    ((_, code),) = services.make_letters(home.quarter, [home], user)
    return code


def refused(code, call, *args):
    with pytest.raises(HutongError) as caught:
        call(*args)
    assert caught.value.code == code


def test_the_roll_says_who_holds_each_home_by_the_titles(roll, imported):
    from hutong.city import City
    from hutong.sense.title_rule import home_titles, owner_of
    from hutong.service.residents.models import Home
    from hutong.service.twin.selectors import snapshot

    city = City.load(snapshot(imported[1]).folder / "city")
    kept = {h.dwelling_id: h for h in Home.objects.filter(quarter=roll.place)}
    assert len(kept) == roll.homes == len(city["dwellings"])
    slow = {"holder": "people", "unit": "unit", "own": "own"}
    for row in home_titles(city).itertuples():
        home = kept[row.dwelling_id]
        held = slow.get(owner_of().get(row.tenure), "unknown")
        if held == "unit" and row.document == "ownership_certificate":
            held = "people"
        assert home.held == held
        assert home.lives_as == (
            "resident_owner" if held == "people" and row.occupancy == "owner" else "resident_tenant"
        )


def test_a_roll_made_again_keeps_its_homes_and_their_residents(roll, imported):
    from hutong.service.residents import selectors, services
    from hutong.service.residents.models import Home
    from hutong.service.twin.selectors import snapshot

    home = stair(roll)[0]
    user = person("ann")
    services.redeem(user, letter_to(home), "")
    before = set(Home.objects.values_list("pk", flat=True))
    again = services.import_roll(snapshot(imported[1]), None)
    assert again.digest == roll.digest
    assert set(Home.objects.filter(listed=True).values_list("pk", flat=True)) == before
    assert selectors.homes_of(user) == [home]


def test_a_letter_verifies_once(roll):
    from hutong.service.ledger.models import Entry
    from hutong.service.residents import selectors, services
    from hutong.service.residents.models import Letter

    home, ann, bob = stair(roll)[0], person("ann"), person("bob")
    code = letter_to(home)
    assert code not in str(list(Letter.objects.values()))
    assert not held(ann)
    found = services.redeem(ann, f" {code[:5].upper()}-{code[5:]} ", "1.2.3.4")
    assert found.standing()
    assert (found.how, found.role) == ("letter", home.lives_as)
    assert selectors.homes_of(ann) == [home]
    assert held(ann) == ((home.lives_as, home.building.path),)
    refused("bad-code", services.redeem, bob, code, "1.2.3.4")
    entry = Entry.objects.filter(act="resident.verified").first()
    assert "ann" not in entry.data
    assert home.dwelling_id not in entry.data
    assert entry.place == home.quarter


def test_a_letter_ends_by_time_and_by_the_next_one(roll, monkeypatch):
    from django.utils import timezone

    from hutong.service.residents import services
    from hutong.service.residents.models import Letter

    home, ann = stair(roll)[0], person("ann")
    first = letter_to(home)
    second = letter_to(home)
    refused("bad-code", services.redeem, ann, first, "a")
    Letter.objects.filter(used=None, replaced=None).update(expires=timezone.now())
    refused("bad-code", services.redeem, ann, second, "a")
    assert services.redeem(ann, letter_to(home), "a").standing()


def test_wrong_codes_are_counted_by_person_and_by_address(roll, monkeypatch):
    from hutong.service.residents import services
    from hutong.service.residents.models import Try

    home, ann = stair(roll)[0], person("ann")
    code = letter_to(home)
    for _ in range(services.WRONG_BY_USER):
        refused("bad-code", services.redeem, ann, "wrong-wrong", "a")
    refused("too-many-codes", services.redeem, ann, code, "elsewhere")
    monkeypatch.setattr(services, "WRONG_BY_ADDRESS", services.WRONG_BY_USER)
    refused("too-many-codes", services.redeem, person("bob"), code, "a")
    assert "a" not in Try.objects.values_list("address", flat=True)
    Try.objects.update(at=Try.objects.first().at - dt.timedelta(hours=1, minutes=1))
    assert services.redeem(ann, code, "a").standing()


def test_an_officer_compares_the_name_and_keeps_none(roll, town):
    from hutong.service.residents import services
    from hutong.service.residents.models import Holder, Residence
    from hutong.service.residents.roll import name_token

    officer, ann = town.person("committee"), person("ann")
    home = stair(roll)[0]
    Holder.objects.create(home=home, kind="owner", token=name_token(home, "林 安然"))
    refused("own-counter", services.verify_at_counter, officer, officer, home, "deed", "林安然")
    refused("name-not-on-roll", services.verify_at_counter, officer, ann, home, "deed", "林安")
    assert not Residence.objects.exists()
    found = services.verify_at_counter(officer, ann, home, "deed", "林安然")
    assert (found.role, found.how, found.document) == ("resident_owner", "counter", "deed")
    assert found.verified_by == officer
    assert "林" not in str(list(Residence.objects.values()) + list(Holder.objects.values()))


def test_nobody_owns_what_a_unit_holds(roll, town):
    from hutong.service.residents import services
    from hutong.service.residents.models import Home

    home, ann = Home.objects.filter(held="unit").first(), person("ann")
    officer = town.person("committee")
    refused("not-people", services.verify_at_counter, officer, ann, home, "deed", "")
    assert services.verify_at_counter(officer, ann, home, "public_lease", "").role == "resident_tenant"


def test_a_tenant_who_shows_a_deed_becomes_the_owner(roll, town):
    from hutong.service.residents import services

    home = stair(roll)[0]
    home.lives_as = "resident_tenant"
    home.save()
    ann, officer = person("ann"), town.person("committee")
    services.redeem(ann, letter_to(home), "")
    services.verify_at_counter(officer, ann, home, "deed", "")
    assert held(ann) == (("resident_owner", home.building.path),)


def neighbours(roll, count):
    from hutong.service.residents import services

    homes = stair(roll, count + 1)
    people = [person(f"n{i}") for i in range(count)]
    for user, home in zip(people, homes[1:], strict=False):
        services.redeem(user, letter_to(home), user.username)
    return homes, people


def test_two_neighbours_vouch_and_may_take_it_back(roll):
    from hutong.service.residents import services

    homes, (one, two) = neighbours(roll, 2)
    ann = person("ann")
    asked = services.ask(ann, homes[0])
    assert not held(ann)
    first = services.vouch(asked, one)
    assert services.vouch(asked, one) == first
    asked.refresh_from_db()
    assert not asked.standing()
    services.vouch(asked, two)
    asked.refresh_from_db()
    assert asked.standing()
    assert asked.how == "vouched"
    services.withdraw(first)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("ended", "withdrawn")
    assert not held(ann)
    again = services.ask(ann, homes[0])
    assert again.pk != asked.pk
    assert not again.standing()


def test_who_may_not_vouch(roll):
    from hutong.service.residents import services
    from hutong.service.residents.models import Home

    homes, (one, two, three) = neighbours(roll, 3)
    ann, bob = person("ann"), person("bob")
    asked = services.ask(ann, homes[0])
    far = Home.objects.filter(listed=True).exclude(building=homes[0].building).first()
    services.redeem(bob, letter_to(far), "bob")
    refused("no-neighbour", services.vouch, asked, bob)
    refused("no-neighbour", services.vouch, asked, ann)
    services.vouch(asked, one)
    services.redeem(person("spouse"), letter_to(homes[1]), "s")
    from hutong.service.accounts.models import User

    services.vouch(asked, User.objects.get(username="spouse"))  # the same home: one word, not two
    asked.refresh_from_db()
    assert not asked.standing()
    services.vouch(asked, two)
    asked.refresh_from_db()
    assert asked.standing()
    refused("not-waiting", services.vouch, asked, three)
    cat = services.ask(person("cat"), homes[0])  # who was vouched for vouches for nobody
    refused("no-neighbour", services.vouch, cat, ann)


def test_words_are_few_and_fall_with_a_mistake(roll, monkeypatch):
    from hutong.service.residents import selectors, services

    homes, (one, two) = neighbours(roll, 2)
    asked = [services.ask(person(f"a{i}"), homes[0]) for i in range(services.VOUCHES_A_YEAR + 1)]
    for each in asked[:-1]:
        services.vouch(each, one)
    refused("enough-vouches", services.vouch, asked[-1], one)
    services.vouch(asked[0], two)
    asked[0].refresh_from_db()
    assert asked[0].standing()
    services.end(selectors.of_user(one).get(), "mistake", two)
    asked[0].refresh_from_db()
    assert asked[0].reason == "withdrawn"
    assert not selectors.standing_vouches(asked[1])


def test_too_many_homes_cannot_wait(roll):
    from hutong.service.residents import services
    from hutong.service.residents.models import Home

    ann = person("ann")
    homes = list(Home.objects.all()[: services.MOST_WAITING + 1])
    for home in homes[:-1]:
        services.ask(ann, home)
    refused("too-many-homes", services.ask, ann, homes[-1])
    assert services.ask(ann, homes[0]).home == homes[0]


def test_rolls_of_votes_hear_of_a_home_and_of_its_end(roll):
    from hutong.service.consent.rolls.selectors import links_of
    from hutong.service.residents import selectors, services

    ann, home = person("ann"), stair(roll)[0]
    services.redeem(ann, letter_to(home), "")
    assert [(k.building, k.dwelling_id) for k in links_of(ann)] == [(home.building, home.dwelling_id)]
    services.end(selectors.of_user(ann).get(), "moved", None)
    ann.__dict__.pop("held", None)
    assert links_of(ann) == []


def test_ending_one_home_keeps_another_of_the_same_building(roll):
    from hutong.service.residents import selectors, services

    same = [h for h in stair(roll) if h.lives_as == stair(roll)[0].lives_as]
    ann = person("ann")
    for home in same[:2]:
        services.redeem(ann, letter_to(home), "")
    services.end(selectors.of_user(ann).get(home=same[0]), "moved", None)
    assert selectors.homes_of(ann) == [same[1]]
    services.end(selectors.of_user(ann).get(home=same[1]), "moved", None)
    assert (selectors.homes_of(ann), held(ann)) == ([], ())


def test_a_grant_that_an_administrator_revoked_ends_the_home(roll):
    from hutong.service.accounts import services as accounts
    from hutong.service.residents import selectors, services

    ann, home = person("ann"), stair(roll)[0]
    found = services.redeem(ann, letter_to(home), "")
    assert selectors.counts(roll.place)["verified"] == 1
    accounts.revoke(found.grant)
    assert selectors.homes_of(ann) == []
    assert selectors.counts(roll.place)["verified"] == 0
    assert home in selectors.without_resident(selectors.homes(roll.place))
    assert services.redeem(ann, letter_to(home), "").standing()


def test_an_administrator_verifies_nobody_by_granting(town):
    page = browser(town.person("administrator")).get("/people/").content.decode()
    assert 'value="planner"' in page
    assert "resident_owner" not in page


def test_from_the_printed_letter_to_the_verified_home(roll, town):
    """The pages: letters are printed once, the code works, the counter helps, and the ledger knows no names."""
    office, ann = browser(town.person("subdistrict")), person("ann")
    quarter = f"/residents/quarter/{town.quarter.pk}"
    home = stair(roll)[0]
    part = home.building.parent if home.building.parent.kind == "estate" else home.building
    answer = office.post(f"{quarter}/letters", {"part": part.pk})
    page = answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    sheet = page[page.index(f"户号 {home.dwelling_id}<") :]
    code = re.search(r'class="secret">(\w{5}-\w{5})<', sheet).group(1)
    assert page.count('class="sheet"') == page.count('class="qr"') > 1
    assert "style=" not in page
    resident = browser(ann)
    wrong = resident.post("/residents/code", {"code": "aaaaa-aaaaa"}, headers={"accept-language": "en"})
    assert wrong.status_code == 400
    assert re.search(r'class="error"[^>]*>[^<]*[a-z]\. [A-Z]', wrong.content.decode()), (
        "two sentences, told apart"
    )
    assert resident.post("/residents/code", {"code": code}).status_code == 302
    assert "verified" in resident.get("/residents/mine").content.decode()
    assert office.post(f"{quarter}/letters", {"part": part.pk}).content.decode().count('class="sheet"') == (
        page.count('class="sheet"') - 1
    )
    one = office.post(f"{quarter}/letters", {"part": part.pk, "home": home.dwelling_id, "again": "on"})
    assert one.content.decode().count('class="sheet"') == 1
    assert office.post(f"{quarter}/letters", {"part": part.pk, "home": "nowhere"}).status_code == 400
    newcomer = person("newcomer")
    desk = browser(town.person("committee"))
    wrong = desk.post("/residents/counter", {"username": "newcomer", "home": "nowhere", "document": "lease"})
    assert "no home of this number" in wrong.content.decode()
    answer = desk.post(
        "/residents/counter",
        {"username": "newcomer", "home": home.dwelling_id, "document": "household", "name": ""},
    )
    assert answer.status_code == 302
    assert held(newcomer)


def test_the_form_of_holders_comes_back_whole_or_not_at_all(roll, town):
    from hutong.service.residents.models import Holder

    office = browser(town.person("administrator"))
    quarter = f"/residents/quarter/{town.quarter.pk}"
    data = office.get(f"{quarter}/holders.xlsx").content
    book = load_workbook(io.BytesIO(data))
    page = book.worksheets[1]

    def send(*rows):
        for line, (kind, name) in enumerate(rows, 4):
            page.cell(line, 3).value, page.cell(line, 4).value = kind, name
        out = io.BytesIO()
        book.save(out)
        out.seek(0)
        out.name = "holders.xlsx"
        return office.post(f"{quarter}/holders", {"file": out})

    answer = send(("owner", "甲"), ("king", "乙"), ("lessee", None))
    said = answer.content.decode()
    assert answer.status_code == 400
    assert "row 5, kind" in said
    assert "row 6, name" in said
    assert not Holder.objects.exists()
    assert send(("owner", "甲"), ("lessee", "乙"), (None, None)).status_code == 302
    assert Holder.objects.count() == 2
    assert send(("owner", "丙"), (None, None), (None, None)).status_code == 302
    assert Holder.objects.count() == 2  # the second home keeps its holder, the first has a new one


def test_the_desk_lists_who_waits_without_names(roll, town):
    from django.apps import apps
    from django.utils import timezone

    from hutong.service.residents import services

    asked = services.ask(person("ann"), stair(roll)[0])
    stage = apps.get_app_config("residents")
    now = timezone.now()
    (item,) = stage.desk_items(town.person("committee"), now)
    assert (item.status, "ann" in str(item)) == ("good", False)
    (late,) = stage.desk_items(town.person("subdistrict"), now + dt.timedelta(days=8))
    assert late.status == "alarm"
    assert stage.desk_items(town.person("committee", far=True), now) == []
    assert str(asked.pk) in item.url


def test_a_staircase_that_was_counted_by_us_is_in_no_title_of_a_home(roll):
    import pandas as pd

    from hutong.service.residents.models import Home
    from hutong.service.residents.roll import stair_numbers

    ids = {"b1": ["s0000009", "s0000007", "s0000009", None], "b2": ["甲门", "2单元", "", "s0000012"]}
    rows = pd.DataFrame([(b, s) for b, stairs in ids.items() for s in stairs], columns=["building_id", "staircase_id"])  # fmt: skip
    told = stair_numbers(rows)
    assert (told["b1", "s0000007"], told["b1", "s0000009"]) == (1, 2)
    assert {key for key in told if key[0] == "b2"} == {("b2", "s0000012")}
    behind = Home.objects.filter(listed=True).exclude(stair="").select_related("building")
    assert behind.exists()
    numbers = {}
    for home in behind:
        assert home.stair not in home.title.zh + home.title.en
        for word in ("staircase", "单元", "楼门"):
            assert word not in home.title.zh + home.title.en
        assert home.title.en.endswith(f"home {home.dwelling_id}")
        numbers.setdefault(home.building_id, set()).add((home.stair, home.stair_number))
    for found in numbers.values():
        assert sorted(n for _, n in found) == list(range(1, len(found) + 1))
    home.stair, home.stair_number = "甲门", None  # a name on record is what stands at the door
    assert (" · 楼门 甲门 · " in home.title.zh, " · staircase 甲门 · " in home.title.en) == (True, True)
