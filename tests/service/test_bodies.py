"""Standing bodies, live: meetings on paper and online, promises and matters with clocks, draws in public, who acted with whom."""

import datetime as dt
import hashlib
import io
import uuid

import pytest

from hutong.errors import HutongError
from tests.service.test_council import SCRIPT, browser, page, post


def make_body(town, kind="roundtable", place=None, above=None, name="联动会议"):
    from hutong.service.bodies import services
    from hutong.text import Text

    return services.make(place or town.quarter, kind, Text(name, "Table"), above, uuid.uuid4())


def pool(n):
    return [{"id": f"R{i:03d}", "sex": "fm"[i % 2], "age": ("old", "young")[i % 3 == 0]} for i in range(n)]


def publish_lottery(body, n, size, left=None, rows=None, token=None):
    from hutong.agree.sortition import Quota
    from hutong.service.bodies import services

    quotas = [Quota("sex", "f", 1, size), Quota("sex", "m", 1, size)]
    return services.publish_draw(
        body, size, rows or pool(n), quotas, "明日开奖号", token or uuid.uuid4(), left
    )


def sheet(text, name="t.csv"):
    file = io.BytesIO(text.encode("utf-8"))
    file.name = name
    return file


@pytest.fixture
def table(town):
    """A round table with three seats, two of them held by people with accounts."""
    from hutong.service.bodies import services

    made = make_body(town)
    people = {"planner": town.person("planner"), "property_manager": town.person("property_manager")}
    for office in ("party", "planner", "property_manager"):
        services.seat(made, office, "office", "按职务", people.get(office))
    return made, people


def test_a_meeting_from_the_call_to_public_minutes(town, table):
    from hutong.service.bodies.models import Meeting
    from hutong.service.ledger.models import Entry

    body, people = table
    clerk, member = browser(town.person("committee")), browser(people["planner"])
    form = {"at": "2026-03-01T19:00", "where": "活动室", "agenda": "扶手\n告示", "token": str(uuid.uuid4())}
    first, again = (post(clerk, f"/bodies/{body.pk}/call", **form) for _ in range(2))
    assert first.url == again.url
    m = Meeting.objects.get()
    for _ in range(2):
        post(member, f"{first.url}/attend")
    # on paper: the planner again, the property manager newly, the party not
    post(clerk, f"{first.url}/paper", file=sheet("seat,present\n1,no\n2,yes\n3,是\n"), guests=7)
    assert [(a.seat.n, a.source) for a in m.attendance.all()] == [(2, "online"), (3, "paper")]
    promise = {"seat": "3", "words": "贴告示", "due": "2026-03-11", "token": str(uuid.uuid4())}
    for _ in range(2):
        post(clerk, f"{first.url}/commit", **promise)
    assert m.commitments.count() == 1
    assert "贴告示" not in page(browser(), first.url)  # not before the minutes are public
    assert "贴告示" in page(member, first.url)
    words = "议定先装六个楼门的扶手。"
    post(clerk, f"{first.url}/publish", minutes=words)
    shown = page(browser(), first.url)
    assert words in shown
    assert "Guests 7" in shown
    entry = Entry.objects.get(act="document.disclosed")
    assert entry.value["public"]["digest"] == hashlib.sha256(words.encode()).hexdigest()
    for path, data in (
        ("publish", {"minutes": words + "改"}),
        ("commit", {**promise, "token": str(uuid.uuid4())}),
    ):
        assert clerk.post(f"{first.url}/{path}", data).status_code == 400
    m.refresh_from_db()
    assert m.minutes == words
    # follow-up: the seat's own person reports, another member may not
    c = m.commitments.get()
    address = f"/bodies/commitment/{c.pk}"
    assert member.get(address).status_code == 403
    post(browser(people["property_manager"]), address, words="已贴三个楼门")
    post(browser(people["property_manager"]), address, words="全部贴好", done="on")
    shown = page(browser(), f"/bodies/{body.pk}")
    assert "已贴三个楼门" in shown
    assert "done late" in shown


@pytest.mark.parametrize(
    ("text", "told"),
    [("seat,present\n9,yes\n", "row 2, seat"), ("seat,present\n1,yes\n2,maybe\n", "row 3, present"), ("seat\n1\n", "lacks columns"),
     ("seat,present\n1,yes\n1\n", "row 3")],
)  # fmt: skip
def test_a_broken_list_merges_nothing(town, table, text, told):
    from django.utils import timezone

    from hutong.service.bodies import services

    m = services.call(table[0], timezone.now(), "活动室", "议题", uuid.uuid4())
    got = browser(town.person("committee")).post(
        f"/bodies/meeting/{m.pk}/paper", {"file": sheet(text), "guests": 0}
    )
    assert got.status_code == 400
    assert told in got.content.decode()
    assert not m.attendance.exists()


def test_a_commitment_by_the_clock(town, table):
    from hutong.service.bodies.models import Commitment
    from hutong.service.bodies.selectors import clock

    day = dt.date(2026, 3, 11)
    state = lambda done, today: clock([Commitment(due=day, done=done)], today)[0]["state"]  # noqa: E731
    assert state(None, day) == "open"
    assert state(None, day + dt.timedelta(days=1)) == "overdue"
    assert state(day, day + dt.timedelta(days=9)) == "done"
    assert state(day + dt.timedelta(days=1), day + dt.timedelta(days=9)) == "late"


def test_matters_go_one_level_at_a_time(town):
    from hutong.service.bodies import services
    from hutong.service.bodies.models import Matter

    top = make_body(town, "taskforce", town.district, name="专班")
    middle = make_body(town, "taskforce", town.subdistrict, top)
    low = make_body(town, above=middle)
    aside = make_body(town, name="旁边")
    clerk = browser(town.person("committee"))
    token = str(uuid.uuid4())
    for _ in range(2):
        post(clerk, f"/bodies/{low.pk}/matter", words="管线图不全", token=token)
    m = Matter.objects.get()
    address = f"/bodies/matter/{m.pk}"
    assert clerk.post(f"{address}/pass", {"to": f"down-{aside.pk}", "words": "x"}).status_code == 400
    assert clerk.post(f"{address}/pass", {"to": "up", "words": ""}).status_code == 400
    with pytest.raises(HutongError, match="directly above or below"):
        services.pass_on(m, "up", top, "越级", town.person("party"))
    Matter.objects.filter(pk=m.pk).update(due=dt.date(2020, 1, 1))
    assert "overdue" in page(browser(), address)
    post(clerk, f"{address}/pass", to="up", words="社区叫不动")
    m.refresh_from_db()
    assert m.body == middle
    said = page(browser(), f"/bodies/{low.pk}")  # who raised it follows it until it is settled
    assert "管线图不全" in said
    assert "now with: " in said
    assert "and 1 passed on" in " ".join(page(browser(), "/bodies/").split())
    assert "now with: " not in page(browser(), f"/bodies/{middle.pk}")
    assert m.due > dt.date(2020, 1, 1)
    assert m.steps.last().late
    assert clerk.post(f"{address}/pass", {"to": "up", "words": "x"}).status_code == 403  # it is another's now
    street = browser(town.person("subdistrict"))
    post(street, f"{address}/pass", to=f"down-{low.pk}", words="各家下周到场")
    post(clerk, f"{address}/pass", to="settled", words="已交底")
    assert [s.event for s in m.steps.all()] == ["raised", "up", "down", "settled"]
    assert clerk.post(f"{address}/pass", {"to": "settled", "words": "再来"}).status_code == 400
    assert "now with: " not in page(browser(), f"/bodies/{middle.pk}")


def test_a_body_hangs_under_one_that_covers_it(town):
    far = make_body(town, place=town.at("quarter", far=True))
    with pytest.raises(HutongError, match="place that this one is in"):
        make_body(town, above=far)


def test_a_draw_in_public_and_a_replacement(town):
    """Published, drawn with a later seed, repeated by the plain tools, found by one's own key; who leaves is not drawn again."""
    from hutong.agree.sortition_draw import PublishedLottery, draw_ticket, person_salt
    from hutong.service.bodies import selectors, services
    from hutong.service.ledger.models import Entry

    body = make_body(town, "council")
    street = browser(town.person("subdistrict"))
    lines = "id,sex,age\n" + "".join(f"{r['id']},{r['sex']},{r['age']}\n" for r in pool(12))
    form = lambda: {  # noqa: E731
        "size": 4, "pool": sheet(lines), "quotas": sheet("category,value,least,most\nsex,f,2,2\nsex,m,2,2\n"),
        "seed_rule": "明日开奖号", "token": token,
    }  # fmt: skip
    token = str(uuid.uuid4())
    first, again = (post(street, f"/bodies/{body.pk}/draw", **form()) for _ in range(2))
    assert first.url == again.url
    d = selectors.lottery(int(first.url.rsplit("/", 1)[1]))
    assert "R003" not in page(browser(), first.url)
    assert street.post(f"{first.url}/seed", {"seed": " "}).status_code == 400
    for _ in range(2):
        post(street, f"{first.url}/seed", seed="7 12 19 23 30")
    assert street.post(f"{first.url}/seed", {"seed": "other"}).status_code == 400
    d.refresh_from_db()
    text = browser().get(f"{first.url}/lottery.json").content.decode()
    lottery = PublishedLottery.read(text)
    assert tuple(d.panel) == draw_ticket(lottery, "7 12 19 23 30").panel
    entry = Entry.objects.get(act="draw.held")
    assert entry.value["public"]["lottery"] == hashlib.sha256(text.encode()).hexdigest()
    assert selectors.sitting(body).count() == 4
    key = person_salt(d.salt, "R003")
    assert "You are number" in browser().post(first.url, {"person": "R003", "key": key}).content.decode()
    for person, wrong in (("R004", key), ("R003", "0" * 64), ("nobody", key)):
        assert browser().post(first.url, {"person": person, "key": wrong}).status_code == 400
    assert key in street.get(f"{first.url}/keys.csv").content.decode()
    # somebody leaves: one seat is drawn anew, from the others, under the same quotas
    council = services.council_of(body, 4, lottery.quotas)
    gone = council.sitting[0]
    with pytest.raises(HutongError, match="no vacant seat"):
        services.publish_draw(body, 4, pool(12), lottery.quotas, "下一日", uuid.uuid4())
    second = services.publish_draw(body, 4, pool(12), lottery.quotas, "下一日", uuid.uuid4(), {gone: "搬走"})
    second = services.draw(second, "another day", town.person("committee"))
    now = services.council_of(body, 4, lottery.quotas)
    assert len(now.sitting) == 4
    assert gone not in now.sitting
    assert sum(int(i[1:]) % 2 == 0 for i in now.sitting) == 2
    services.erase_pool(second)
    assert "Drawn" in page(browser(), f"/bodies/draw/{second.pk}")


@pytest.mark.parametrize(
    ("lines", "quotas", "told"),
    [
        ("id,sex\nA,f\nA,m\n", "category,value,least,most\nsex,f,1,1\n", "listed twice"),
        ("id,sex\nA,f\nB,f\nC,f\n", "category,value,least,most\nsex,m,1,2\n", "sex = m"),
        ("id,sex\nA,f\nB,m\nC,f\n", "category,value,least,most\nsex,f,one,2\n", "row 2"),
        ("name\nA\n", "category,value,least,most\nsex,f,1,2\n", "lacks columns: id"),
    ],
)
def test_a_broken_pool_publishes_nothing(town, lines, quotas, told):
    body = make_body(town, "council")
    got = browser(town.person("subdistrict")).post(
        f"/bodies/{body.pk}/draw",
        {"size": 2, "pool": sheet(lines), "quotas": sheet(quotas), "seed_rule": "明日", "token": str(uuid.uuid4())},
    )  # fmt: skip
    assert got.status_code == 400
    assert told in got.content.decode()
    assert not body.lotteries.exists()


def test_who_acted_with_whom_by_hand(town, table):
    """Two meetings, one promise and one matter: counted by hand."""
    from django.utils import timezone

    from hutong.agree.acting_network import acting_network
    from hutong.service.bodies import selectors, services
    from hutong.service.bodies.models import Meeting

    body, _ = table
    clerk = town.person("committee")
    above = make_body(town, "taskforce", town.district)
    body.above = above
    type(body).objects.filter(pk=body.pk).update(above=above)
    seats = list(body.seats.all())
    for came in (seats, seats[:2]):
        m = services.call(body, timezone.now(), "活动室", "议题", uuid.uuid4())
        for s in came:
            services.attend(m, s)
        if len(came) == 3:
            services.commit(m, seats[2], "贴告示", timezone.localdate(), uuid.uuid4())
        services.publish(m, "议定的事项都写在这里了。", clerk)
    services.call(body, timezone.now(), "活动室", "没有公开的会", uuid.uuid4())
    services.pass_on(services.raise_matter(body, "事", clerk, uuid.uuid4()), "up", above, "请上级办", clerk)
    acts = selectors.joint_acts(town.district)
    assert acts["how"].value_counts().to_dict() == {"meeting": 4, "commitment": 2, "matter": 1}
    found = acting_network(acts)
    tie = {(a, b): n for a, b, n in found.ties.itertuples(index=False)}
    assert tie[("party", "planner")] == 2
    assert tie[("planner", "property_manager")] == 2
    assert tie[("committee", "district")] == 1
    shown = page(browser(), f"/bodies/network?place={town.district.pk}")
    assert "Property manager" in shown
    assert "core" in shown
    assert "By half-year" not in shown
    Meeting.objects.filter(pk=m.pk).update(at=dt.datetime(2020, 6, 30, 17, tzinfo=dt.UTC))  # 1 July here
    shown = page(browser(), f"/bodies/network?place={town.district.pk}")
    assert "By half-year" in shown
    half = page(browser(), f"/bodies/network?place={town.district.pk}&half=2020H2")
    assert "2020, July–December" in half
    assert half.count("<circle") == 2 < shown.count("<circle")
    for bad in ("x", "999999", "1" * 30):
        assert browser().get(f"/bodies/network?half={bad}").status_code == 200
        assert browser().get(f"/bodies/network?place={bad}").status_code in (200, 404)


def test_what_is_typed_is_never_markup(town, table):
    from hutong.service.bodies.models import Body, Matter, Meeting

    street = browser(town.person("subdistrict"))
    made = post(street, "/bodies/new", place=town.quarter.pk, kind="council", name_zh=SCRIPT, name_en=SCRIPT, above="", token=str(uuid.uuid4()))  # fmt: skip
    body = Body.objects.get(pk=int(made.url.rsplit("/", 1)[1]))
    post(street, f"{made.url}/seat", office="party", way="office", evidence=SCRIPT, username="")
    assert street.post(f"{made.url}/seat", {"office": "party", "way": "office", "evidence": "e", "username": SCRIPT}).status_code == 400  # fmt: skip
    call = post(street, f"{made.url}/call", at="2026-03-01T19:00", where=SCRIPT, agenda=SCRIPT, token=str(uuid.uuid4()))  # fmt: skip
    post(street, f"{call.url}/commit", seat="1", words=SCRIPT, due="2026-04-01", token=str(uuid.uuid4()))
    post(street, f"{call.url}/publish", minutes=SCRIPT)
    promise = Meeting.objects.get().commitments.get()
    post(street, f"/bodies/commitment/{promise.pk}", words=SCRIPT)
    matter = post(street, f"{made.url}/matter", words=SCRIPT, token=str(uuid.uuid4()))
    post(street, f"{matter.url}/pass", to="settled", words=SCRIPT)
    assert Matter.objects.get().settled
    draw = publish_lottery(body, 6, 2, rows=[{"id": SCRIPT + str(i), "sex": "fm"[i % 2]} for i in range(6)])
    for path in ("/bodies/", made.url, call.url, f"/bodies/commitment/{promise.pk}", matter.url, f"/bodies/draw/{draw.pk}", "/bodies/network"):  # fmt: skip
        for reader in (street, browser()):
            got = reader.get(path).content.decode()
            assert SCRIPT not in got, path
            assert "style=" not in got, path
