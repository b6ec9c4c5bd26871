"""The neighbourhood, live: whose door it is, hands that are lent, the printed twin, belonging, and places people care about."""

import datetime as dt
import uuid

import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.text import Text
from tests.service.test_council import SCRIPT, browser, page, post, residents
from tests.service.test_requests import jpeg


def behind(town, name, stair, building=None):
    """A verified resident behind a staircase, as the app ``residents`` keeps them."""
    from hutong.service.accounts import services
    from hutong.service.residents.models import VERIFIED, Home, Residence

    at = building or town.building
    user = services.make_user(name, None, name.title())
    grant = services.grant(user, "resident_owner", at, verified="office")
    home = Home.objects.create(quarter=town.quarter, building=at, dwelling_id=name, stair=stair, held="people", lives_as="resident_owner")  # fmt: skip
    Residence.objects.create(
        user=user, home=home, role="resident_owner", state=VERIFIED, grant=grant, key=name
    )
    return user


def test_only_neighbours_of_the_staircase_come_in(town):
    from hutong.service.neighbourhood.models import Space

    one, two = browser(behind(town, "one", "S1")), browser(behind(town, "two", "S2"))
    door, stair = f"/neighbourhood/open/{town.building.pk}", {"stair": "S1"}
    opened = post(one, door, **stair)
    assert post(one, door, **stair).url == opened.url
    assert two.post(door, stair).status_code == 403
    assert two.get(opened.url).status_code == 403
    assert browser(town.person("planner")).get(opened.url).status_code == 403
    assert browser(town.person("auditor")).get(opened.url).status_code == 403
    assert browser(town.person("resident_owner", far=True)).get(opened.url).status_code == 403
    assert browser(town.person("committee")).get(opened.url).status_code == 200
    assert browser(town.person("committee", far=True)).get(opened.url).status_code == 403
    assert one.post("/neighbourhood/open/999999", {"stair": ""}).status_code == 404
    assert Space.objects.count() == 1
    assert "staircase S1" in page(one, "/neighbourhood/")
    from hutong.service.residents.models import Home

    Home.objects.filter(stair="S1").update(
        stair_number=2
    )  # as the roll says of an id that is a serial number
    for at in ("/neighbourhood/", opened.url):
        assert "staircase 2 (number assumed)" in page(one, at)
        assert "staircase S1" not in page(one, at)


def test_a_hand_is_lent_and_seen_by_who_asked_alone(town):
    from hutong.service.neighbourhood.models import Post

    asker, helper, third = (browser(behind(town, n, "S1")) for n in ("asker", "helper", "third"))
    url = post(asker, f"/neighbourhood/open/{town.building.pk}", stair="S1").url
    token = str(uuid.uuid4())
    for _ in range(2):
        post(asker, url, kind="help", words="求借一架梯子", token=token)
    p = Post.objects.get()
    for _ in range(2):
        post(helper, f"/neighbourhood/post/{p.pk}/hand")
    assert "Helper will help" in page(asker, url)
    assert "Helper will help" not in page(third, url)
    assert "somebody will help" in page(third, url)
    assert "1 will help" not in page(third, url)
    assert "1 will help" in page(asker, url)
    assert helper.post(f"/neighbourhood/post/{p.pk}/settle").status_code == 403
    post(asker, f"/neighbourhood/post/{p.pk}/settle")
    assert third.post(f"/neighbourhood/post/{p.pk}/hand").status_code == 400
    assert third.post(f"/neighbourhood/post/{p.pk}/hide", {"reason": "abuse"}).status_code == 403
    clerk = browser(town.person("committee"))
    assert clerk.post(f"/neighbourhood/post/{p.pk}/hide", {"reason": "dislike"}).status_code == 400
    post(clerk, f"/neighbourhood/post/{p.pk}/hide", reason="abuse")
    assert "梯子" not in page(third, url)
    p.refresh_from_db()
    assert p.words == "求借一架梯子"  # kept


def test_the_printed_twin_names_nobody_and_leaves_out_what_is_over(town):
    from django.utils import timezone

    from hutong.service.neighbourhood import services
    from hutong.service.neighbourhood.models import Post

    user = behind(town, "writer", "S1")
    space = services.open_space(town.building, "S1")
    today = timezone.localdate()
    say = lambda kind, words, day=None: services.write(space, user, kind, words, day, uuid.uuid4())  # noqa: E731
    say("notice", "周三停水")
    old = say("notice", "去年的通知")
    Post.objects.filter(pk=old.pk).update(at=timezone.now() - dt.timedelta(days=31))
    say("event", "包饺子", today + dt.timedelta(days=40))
    say("event", "已经办过的活动", today - dt.timedelta(days=1))
    services.settle(say("help", "借到梯子了"))
    with pytest.raises(HutongError, match="needs its day"):
        say("event", "没写哪天")
    shown = page(browser(user), f"/neighbourhood/{space.pk}/print")
    assert "周三停水" in shown
    assert "包饺子" in shown
    for gone in ("去年的通知", "已经办过", "借到梯子"):
        assert gone not in shown
    assert "Writer" not in shown.split("<main")[1]
    # the way back: its address, as a code too; and no bar of the site on the sheet
    assert f"http://testserver/neighbourhood/{space.pk}" in shown
    assert 'class="qr"' in shown
    assert 'class="top"' not in shown


def test_who_comes_to_an_event_is_counted_and_few_are_not_told(town):
    from django.utils import timezone

    from hutong.service.neighbourhood import services
    from hutong.service.neighbourhood.models import Hand

    people = [behind(town, f"n{k}", "S1") for k in range(6)]
    space = services.open_space(town.building, "S1")
    today = timezone.localdate()
    event, past = (
        services.write(space, people[0], "event", words, today + dt.timedelta(days=d), uuid.uuid4())
        for words, d in (("一起摘葡萄", 3), ("去年的聚餐", -1))
    )
    url, at = f"/neighbourhood/{space.pk}", f"/neighbourhood/post/{event.pk}/hand"
    host, *guests = (browser(p) for p in people)
    assert "nobody has said yet that they come" in page(guests[0], url)
    for guest in guests[:4]:
        for _ in range(2):
            post(guest, at, come="yes")
    assert "4 come" in page(host, url)  # who invited sees how many
    assert "fewer than 5 come" in " ".join(page(guests[0], url).split())
    assert "you come" in page(guests[0], url)
    assert "you come" not in page(guests[4], url)
    post(guests[4], at, come="yes")
    assert "5 come" in page(guests[0], url)
    post(guests[4], at, come="no")
    assert "4 come" in page(host, url)
    assert "N1" not in page(host, url).split("一起摘葡萄")[1].split("</li>")[0]  # nobody's name
    assert Hand.objects.filter(post=event).count() == 4
    over = guests[0].post(f"/neighbourhood/post/{past.pk}/hand", {"come": "yes"})
    assert over.status_code == 400
    assert browser(town.person("planner")).post(at, {"come": "yes"}).status_code == 403


def test_belonging_is_asked_once_and_small_groups_are_put_together(town):
    """Six owners over 60, five of 35 to 59, two tenants under 35: the two are put with the next, and nothing follows by subtraction."""
    from hutong.service.accounts import services as accounts
    from hutong.service.neighbourhood import selectors, services
    from hutong.service.neighbourhood.models import Answered, Tally
    from hutong.service.neighbourhood.words import ITEMS

    people = residents(town, 13)
    for user in people[11:]:
        accounts.grant(user, "resident_tenant", town.building, verified="office")
        for g in user.grants.filter(role="resident_owner"):
            accounts.revoke(g)
        user.__dict__.pop("held", None)
    ages = ["60_up"] * 6 + ["35_59"] * 5 + ["under_35"] * 2
    for i, (user, age) in enumerate(zip(people, ages, strict=True)):
        if i == 4:
            assert selectors.belonging(town.quarter, 2026)["items"] is None
        services.answer(town.quarter, user, 2026, age, dict.fromkeys(ITEMS, 5 if age == "60_up" else 2))
    with pytest.raises(HutongError, match="this year"):
        services.answer(town.quarter, people[0], 2026, "60_up", dict.fromkeys(ITEMS, 1))
    services.answer(town.quarter, people[0], 2027, "60_up", dict.fromkeys(ITEMS, 1))
    told = selectors.belonging(town.quarter, 2026)
    assert told["people"] == 13
    assert told["items"] == pytest.approx([(6 * 5 + 7 * 2) / 13] * 4)
    assert [(g["people"], g["items"][0]) for g in told["groups"]] == [
        (6, 5.0),
        (7, 2.0),
    ]  # by age; tenure has one group
    assert Answered.objects.count() == 14
    # whoever holds the database finds who answered, and beside it sums alone: one row a year, whose parts bear no order
    kept = Tally.objects.get(year=2026)
    assert Tally.objects.count() == 2
    assert kept.counts["60_up"]["resident_owner"] == {item: [0, 0, 0, 0, 6] for item in ITEMS}
    services.answer(town.quarter, people[1], 2027, "60_up", dict.fromkeys(ITEMS, 3))
    assert Tally.objects.count() == 2
    for answers in ({}, dict.fromkeys(ITEMS, 6), {**dict.fromkeys(ITEMS, 1), "more": 1}):
        with pytest.raises(HutongError, match="not answered"):
            services.answer(town.quarter, people[1], 2030, "60_up", answers)
    shown = page(browser(), "/neighbourhood/belonging")
    assert "fewer than 5 people, not shown" in shown  # 2027
    assert "2026" in shown


def test_the_survey_through_its_pages(town):
    resident = browser(town.person("resident_tenant"))
    form = {"age": "60_up", "part": 5, "help": 4, "stay": 5, "voice": 2}
    assert resident.post("/neighbourhood/belonging/answer", {**form, "voice": 9}).status_code == 400
    post(resident, "/neighbourhood/belonging/answer", **form)
    again = resident.post("/neighbourhood/belonging/answer", form)
    assert again.status_code == 400
    assert "You have answered this year" in again.content.decode()


def test_a_memory_with_a_picture_is_read_before_it_is_shown(town):
    from hutong.service.neighbourhood.models import Memory

    teller, clerk = browser(town.person("resident_owner")), browser(town.person("committee"))
    token = str(uuid.uuid4())
    for _ in range(2):
        post(teller, f"/neighbourhood/memories/new/{town.building.pk}", words="门口的老槐树，我爷爷种的", photo=jpeg(), token=token)  # fmt: skip
    m = Memory.objects.get()
    picture = f"/neighbourhood/memories/{m.pk}/photo"
    assert "老槐树" not in page(browser(), "/neighbourhood/memories")
    assert browser().get(picture).status_code == 403
    got = b"".join(teller.get(picture).streaming_content)
    assert got.startswith(b"\xff\xd8")
    assert b"secret place" not in got  # what cameras write is gone
    assert "老槐树" in page(clerk, "/neighbourhood/memories/read")
    post(clerk, f"/neighbourhood/memories/{m.pk}/decide", action="show")
    assert "老槐树" in page(browser(), "/neighbourhood/memories")
    assert browser().get(picture).status_code == 200
    assert (
        clerk.post(f"/neighbourhood/memories/{m.pk}/decide", {"action": "hide", "reason": ""}).status_code
        == 400
    )
    post(clerk, f"/neighbourhood/memories/{m.pk}/decide", action="hide", reason="personal_data")
    assert "老槐树" not in page(browser(), "/neighbourhood/memories")
    assert browser().get(picture).status_code == 403
    bad = teller.post(f"/neighbourhood/memories/new/{town.building.pk}", {"words": "没有照片的照片", "photo": jpeg(kind="GIF"), "token": str(uuid.uuid4())})  # fmt: skip
    assert bad.status_code == 400


def test_public_stories_colour_the_map_and_stand_in_the_dossier(town, snapshots):
    from hutong.service.neighbourhood import services
    from hutong.service.neighbourhood.models import Memory
    from hutong.service.twin.layers import unpacked
    from hutong.service.twin.services import publish

    snapshot = snapshots[-1]
    publish(snapshot)
    home = snapshot.buildings.select_related("place").order_by("row")[5]
    at, clerk = f"/neighbourhood/memories/layer/{snapshot.pk}", town.person("committee")
    for k in range(3):
        services.remember(home.place, clerk, f"第 {k} 个故事：门墩", None, uuid.uuid4())
    dossier = f"/twin/{snapshot.pk}/buildings/{home.building_id}"
    assert set(unpacked(browser().get(at).json()["codes"])) == {-1}
    assert "门墩" not in page(browser(), dossier)
    for memory in Memory.objects.all():
        services.show(memory)
    got = browser().get(at).json()
    assert (got["counts"][:3], unpacked(got["codes"])[5]) == ([0, 1, 0], 1)
    assert "门墩" in page(browser(), dossier)


def test_a_story_of_a_spot_on_the_map_lies_there_and_belongs_to_the_building_beside_it(town, snapshots):
    from hutong.service.neighbourhood import services
    from hutong.service.neighbourhood.models import Memory
    from hutong.service.twin.services import publish

    snapshot = snapshots[-1]
    publish(snapshot)
    home = snapshot.buildings.select_related("place").order_by("row")[5].place
    teller, there = browser(town.person("resident_owner")), {"lon": home.lon + 0.00001234, "lat": home.lat}
    assert f"/neighbourhood/memories/spot/{snapshot.pk}" in page(teller, "/neighbourhood/memories/where")
    chosen = page(teller, f"/neighbourhood/memories/spot/{snapshot.pk}")
    new = f"/neighbourhood/memories/new/{town.quarter.pk}"
    assert new in chosen
    assert "Choose from the list" in chosen  # without scripts
    asked = page(teller, f"{new}?lon={there['lon']}&lat={there['lat']}")
    assert str(there["lon"]) in asked
    token = str(uuid.uuid4())
    for _ in range(2):
        post(teller, new, words="这棵树是我爷爷种的", token=token, **there)
    m = Memory.objects.get()
    assert (m.at_place, m.lon, m.lat) == (home, round(there["lon"], 5), round(home.lat, 5))
    services.show(m)
    shown = browser().get("/neighbourhood/memories")
    (pin,) = shown.context["setup"]["stories"]
    assert (pin["id"], pin["lon"], pin["lat"]) == (m.pk, m.lon, m.lat)
    assert f'id="story-{m.pk}"' in shown.content.decode()
    # outside of the quarter, or no place at all
    for far in ({"lon": 0.0, "lat": 0.0}, {"lon": home.lon + 1, "lat": home.lat}):
        answer = teller.post(new, {"words": "这里不在片区", "token": str(uuid.uuid4()), **far})
        assert answer.status_code == 400
        assert "does not lie in the quarter" in answer.content.decode()
    for broken in ({"lon": "nan", "lat": 1}, {"lon": "here", "lat": 1}):
        assert (
            teller.post(new, {"words": "这里不是数", "token": str(uuid.uuid4()), **broken}).status_code == 400
        )
    assert Memory.objects.count() == 1


def test_what_is_told_of_an_object_reaches_who_drafts_and_who_reads_the_scheme(town):
    from hutong.service.neighbourhood import selectors, services
    from hutong.service.neighbourhood.models import Memory
    from hutong.service.places.services import NewPlace, make_place

    one, two = (
        make_place(town.estate, NewPlace("building", c, Text(c, c), 116.4, 39.9)) for c in ("one", "two")
    )
    people = residents(town, 5)
    for user in people:
        services.remember(one, user, f"老槐树下 {user.pk}", None, uuid.uuid4())
    services.remember(two, people[0], "修鞋的摊子", None, uuid.uuid4())
    assert selectors.told_of(town.quarter, {"one", "two"}) == []  # nothing is public yet
    for m in Memory.objects.all():
        services.show(m)
    told = selectors.told_of(town.quarter, {"one", "two", "nowhere"})
    assert [(t.place, len(t.stories), t.people) for t in told] == [
        (one, 5, 5),
        (two, 1, None),
    ]  # of one person no count
    (whole,) = selectors.told_of(town.quarter, {town.estate.code})
    assert (whole.place, len(whole.stories), whole.people) == (town.estate, 6, 5)
    ids = town.estate.code.replace(
        "-", "/"
    )  # an id of the map may hold signs that a code of a place does not
    assert [t.place for t in selectors.told_of(town.quarter, {ids})] == [town.estate]
    # each story stands at the smallest of the objects
    assert [t.place for t in selectors.told_of(town.quarter, {town.estate.code, "one"})] == [one, town.estate]
    services.hide(Memory.objects.get(at_place=two), "personal_data")
    assert [t.place for t in selectors.told_of(town.quarter, {"one", "two"})] == [one]


def test_places_people_care_about_need_five_people(town):
    """The heat is that of :func:`hutong.agree.memory.attachment`; ten stories of one person count once."""
    from hutong.service.neighbourhood import selectors, services
    from hutong.service.places.services import NewPlace, make_place

    def house(code, lon):
        return make_place(town.estate, NewPlace("building", code, Text(code, code), lon, 39.9))

    warm, cold = house("warm", 116.40), house("cold", 116.41)
    people = residents(town, 5)
    for _ in range(10):
        services.remember(cold, people[0], "我的小店", None, uuid.uuid4())
    for user in people[:4]:
        services.remember(warm, user, "老槐树下", None, uuid.uuid4())
    assert selectors.cared_for(town.quarter) == []
    services.remember(warm, people[4], "老槐树下", None, uuid.uuid4())
    (row,) = selectors.cared_for(town.quarter)
    assert (row["place"], row["people"], row["heat"]) == (warm, 5, 1.0)
    assert "warm" in page(browser(), "/neighbourhood/memories")


def test_attachment_reaches_the_appraisal_of_buildings(town, snapshots):
    from hutong.agree import to_appraise
    from hutong.city import City
    from hutong.service.neighbourhood import selectors, services
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    planner = town.person("planner")
    city = City.load(snapshots[1].folder / "city")
    warm = pd.DataFrame({"building_id": city["buildings"]["building_id"], "people": 5, "heat": 1.0})
    free = to_appraise(city, warm)["building_id"].iloc[0]
    at = snapshots[1].buildings.get(building_id=free).place
    for user in residents(town, 5):
        services.remember(at, user, "住过的老院子", None, uuid.uuid4())
    (found,) = selectors.appraisal(planner)
    assert found["rows"]
    assert all(r["people"] >= 5 for r in found["rows"])
    told = page(browser(planner), "/neighbourhood/memories/appraise")
    assert "Cared for" in told
    for r in found["rows"]:
        assert f">{r['title'].en}</a>" in told
        assert f">{r['building_id']}</a>" not in told


def test_what_is_typed_is_never_markup(town):
    from hutong.service.neighbourhood import services

    user = behind(town, "writer", "")
    writer, clerk = browser(user), browser(town.person("committee"))
    url = post(writer, f"/neighbourhood/open/{town.building.pk}", stair="").url
    for kind in ("notice", "help"):
        post(writer, url, kind=kind, words=SCRIPT, token=str(uuid.uuid4()))
    m = services.remember(town.building, user, SCRIPT, None, uuid.uuid4())
    pages = (url, f"{url}/print", "/neighbourhood/", "/neighbourhood/memories")
    assert SCRIPT not in page(clerk, "/neighbourhood/memories/read")
    services.show(m)
    for path in (*pages, f"/neighbourhood/memories/where?q={SCRIPT}"):
        got = page(writer, path)
        assert SCRIPT not in got
        assert "style=" not in got
