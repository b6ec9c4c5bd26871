"""Requests, live: from the phone of a resident to the call-back, through every office, and what goes wrong on the way."""

import datetime as dt
import io
import re
import uuid

import pytest
from django.test import Client
from PIL import Image

from hutong.errors import HutongError
from hutong.text import Text

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = "三单元楼上管道漏水，天花板一直滴水"


def browser(user=None):
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def jpeg(size=(40, 30), kind="JPEG", exif=True):
    image, out = Image.new("RGB", size, "red"), io.BytesIO()
    tags = Image.Exif()
    if exif:
        tags[0x010E] = "secret place"
        tags[0x0112] = 6
    image.save(out, kind, **({"exif": tags} if kind == "JPEG" else {}))
    out.seek(0)
    out.name = "a.jpg"
    return out


@pytest.fixture
def office(town):
    """A subdistrict, a district and two departments with people in them."""
    from hutong.service.requests import services
    from hutong.text import Text

    people = {"street": town.person("subdistrict"), "district": town.person("district")}
    for code in ("water", "police"):
        unit = services.make_unit(code, town.district, Text(code, code))
        people[code] = town.person("department", name=code)
        services.join(people[code], unit)
    return {name: browser(user) for name, user in people.items()}


def post(client, address, **data):
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer


def send(client, town, **data):
    given = {"words": WORDS, "nature": "help", "token": str(uuid.uuid4()), **data}
    return client.post(f"/requests/new/{town.building.pk}", given)


def latest():
    from hutong.service.requests.models import Request

    return Request.objects.order_by("-pk").first()


def do(client, r, event, actor, code="", **said):
    fields = {f"{event}-{k}": v for k, v in said.items()}
    return client.post(f"/requests/case/{r.pk}/do/{event}", {"actor": actor, "unit_code": code, **fields})


def test_the_whole_life(town, office):
    """Resident, subdistrict, two departments, call-back, rates, ledger."""
    resident = browser(town.person("resident_owner"))
    answer = send(resident, town, photos=jpeg(), contact="13800000000")
    assert answer.status_code == 302
    r = latest()
    page = resident.get(answer.url).content.decode()
    assert r.number in page
    assert r.suggested == "housing_leak"
    steps = [
        ("street", "take_in", "intake", "", {"category": "pipes", "limit": "request.general_days_max"}),
        ("street", "dispatch", "intake", "", {"unit": "water"}),
        ("water", "sign_for", "unit", "water", {}),
        ("water", "whistle", "unit", "water", {"units": ["police"], "kind": "enforcement"}),
        ("police", "report_in", "called", "police", {}),
        ("police", "finish_part", "called", "police", {"reply": "已清理通道"}),
        ("water", "reply", "unit", "water", {"reply": "已换立管"}),
    ]
    for who, event, actor, unit, said in steps:
        assert r.number in office[who].get("/requests/desk").content.decode(), (
            f"{who} does not see it before {event}"
        )
        answer = do(office[who], r, event, actor, unit, **said)
        assert answer.status_code == 302, f"{event}: {answer.content.decode()[-1500:]}"
    assert do(office["street"], r, "confirm", "caller", satisfied="yes").status_code == 403
    assert do(office["district"], r, "confirm", "caller", satisfied="yes").status_code == 302
    r.refresh_from_db()
    assert (r.state, r.unit, r.steps_taken) == ("solved", "water", 8)
    page = resident.get(f"/requests/{r.pk}").content.decode()
    assert "已换立管" in page
    assert "Solved" in page
    public = browser().get("/requests/").content.decode()
    assert r.number in public
    assert "100%" not in public  # of one request: it would say what one person answered
    assert "漏水，天花板" not in public
    assert "13800000000" not in public
    ledger = browser().get("/ledger/").content.decode()
    assert "Case closed" in ledger
    assert post(resident, f"/requests/{r.pk}/do/reopen", **{"reopen-reason": "又漏了"}).url.endswith(
        str(r.pk)
    )
    r.refresh_from_db()
    assert r.state == "taken_in"


def test_without_an_account(town):
    phone = browser()
    answer = send(phone, town)
    r = latest()
    page = phone.get(answer.url).content.decode()
    code = re.search(r'<dd class="code">(\w{10})</dd>', page).group(1)
    assert phone.get(f"/requests/{r.pk}").status_code == 200
    other = browser()
    assert other.get(f"/requests/{r.pk}").status_code == 403
    assert other.get(answer.url).status_code == 403
    wrong = other.post("/requests/find", {"number": r.number, "code": "aaaaaaaaaa"})
    assert wrong.status_code == 400
    assert "not right" in wrong.content.decode()
    assert post(other, "/requests/find", number=r.number, code=code.upper()).url == f"/requests/{r.pk}"
    assert other.get(f"/requests/{r.pk}").status_code == 200
    assert post(other, f"/requests/{r.pk}/do/withdraw").status_code == 302
    assert code not in str(latest().__dict__)


def test_sending_twice_files_once(town):
    from hutong.service.requests.models import Request

    phone, token = browser(), str(uuid.uuid4())
    first, second = send(phone, town, token=token), send(phone, town, token=token)
    assert first.url == second.url
    assert Request.objects.count() == 1


def test_nothing_but_the_picture_is_kept(town):
    from django.conf import settings

    from hutong.service.requests.models import Photo

    owner = browser(town.person("resident_owner"))
    send(owner, town, photos=[jpeg((3000, 2000)), jpeg(kind="PNG")])
    kept = list(Photo.objects.all())
    assert len(kept) == 2
    assert max(kept[0].width, kept[0].height) == 1600
    assert kept[0].height > kept[0].width  # turned upright
    raw = (settings.ENVIRONMENT.data / "photos" / kept[0].name).read_bytes()
    assert b"secret place" not in raw
    with Image.open(io.BytesIO(raw)) as image:
        assert not image.getexif()
    assert owner.get(f"/requests/photo/{kept[0].pk}")["Content-Type"] == "image/jpeg"
    assert browser().get(f"/requests/photo/{kept[0].pk}").status_code == 403


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "no photo"),
        (b"%PDF-1.4", "no photo"),
        (b"\xff\xd8\xff\xe0 cut off", "no photo"),
        (b"GIF89a" + b"\0" * 100, "no photo"),
        (b"\0" * (12 * 1024 * 1024 + 1), "larger than 12 MB"),
    ],
)
def test_what_is_no_photo_is_refused_and_nothing_is_filed(town, data, words):
    from hutong.service.requests.models import Request

    file = io.BytesIO(data)
    file.name = "a.jpg"
    answer = send(browser(), town, photos=file)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Request.objects.exists()


def test_script_in_words_stays_text(town, office):
    send(browser(), town, words="<script>alert(1)</script> 漏水了")
    page = office["street"].get(f"/requests/case/{latest().pk}").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("words", ["", "漏水", "x" * 2001])
def test_too_short_or_long(town, words):
    assert send(browser(), town, words=words).status_code == 400


def test_an_event_that_may_not_happen_is_told(town, office):
    send(browser(), town)
    r = latest()
    answer = do(office["street"], r, "dispatch", "intake", unit_code="", unit="water")
    assert answer.status_code == 400
    assert "cannot follow" in answer.content.decode()
    assert do(office["street"], r, "take_in", "intake").status_code == 400
    assert do(office["street"], r, "nonsense", "intake").status_code == 404
    assert do(office["water"], r, "take_in", "intake", category="pipes").status_code == 403
    r.refresh_from_db()
    assert (r.state, r.steps_taken) == ("filed", 0)


def test_an_office_elsewhere_sees_nothing(town, office):
    send(browser(), town, contact="13800000000")
    far = browser(town.person("subdistrict", far=True))
    assert far.get(f"/requests/case/{latest().pk}").status_code == 403
    assert latest().number not in far.get("/requests/desk").content.decode()


def test_alike_and_follow(town):
    send(browser(), town)
    neighbour = browser(town.person("resident_tenant"))
    page = neighbour.post(
        f"/requests/new/{town.building.pk}/alike", {"words": "三单元管道漏水，天花板滴水"}
    ).content.decode()
    assert "Is it the same" in page
    assert "天花板" not in page
    assert (
        "Is it the same"
        not in neighbour.post(
            f"/requests/new/{town.building.pk}/alike", {"words": "停车位被占了怎么办"}
        ).content.decode()
    )
    post(neighbour, f"/requests/{latest().pk}/follow")
    assert latest().number in neighbour.get("/requests/mine").content.decode()


def test_the_desk_goes_by_the_clock(town, office):
    from hutong.service.requests import selectors, services
    from hutong.service.requests.services import NewRequest

    now = dt.datetime.now(dt.UTC)
    for hours, limit in (
        (30, "request.utility_hours_max"),
        (1, "request.emergency_hours_max"),
        (1, "request.complex_days_max"),
    ):
        start = now - dt.timedelta(hours=hours)
        r = services.file(NewRequest(town.building, WORDS, filed=start)).request
        services.step(r, "take_in", "intake", said={"category": "pipes", "limit": limit}, at=start)
        services.step(r, "dispatch", "intake", said={"unit": "water"}, at=start)
    rows = selectors.desk(_user("water"))
    used = [selectors.clock(r, now).used for r in rows]
    assert [round(u, 2) for u in used] == [1.25, 0.5, 0.0]
    page = office["water"].get("/requests/desk").content.decode()
    assert page.index("overdue") < page.index("in time")


def _user(name):
    from hutong.service.accounts.models import User

    return User.objects.get(username=name)


def test_hotline_orders_are_filed_once_by_their_number(town):
    from hutong.service.requests import services
    from hutong.service.requests.models import Request
    from hutong.service.requests.services import NewRequest

    for _ in range(2):
        services.file(NewRequest(town.estate, WORDS, channel="hotline", outside_number="BJ-1"))
    assert Request.objects.count() == 1


def test_too_many_from_one_address(town, monkeypatch):
    from hutong.service.requests import views

    monkeypatch.setattr(views, "MOST_AN_HOUR", 2)
    phone = browser()
    assert [send(phone, town).status_code for _ in range(3)] == [302, 302, 400]


def test_where(town):
    page = browser().get("/requests/new?q=near building").content.decode()
    assert f"/requests/new/{town.building.pk}" in page
    assert "No such place" in browser().get("/requests/new?q=nowhere").content.decode()
    assert browser().get("/requests/new?lon=x&lat=1").status_code == 200


def test_what_is_called_just_so_is_found_before_what_holds_the_words(town, imported):
    """A register calls a building without a name after what is near it; a program that files takes the first that is found."""
    from hutong.service.places.selectors import named
    from hutong.service.places.services import NewPlace, make_place

    far, beside = (
        make_place(above, NewPlace("building", code, Text(name, name)))
        for above, code, name in (
            (town.subdistrict, "u1", "unnamed building near the gate"),
            (town.estate, "u2", "near building 2"),
        )
    )
    found = named("near  building", most=99)
    assert found[0] == town.building
    assert found.index(beside) < found.index(far)


def test_empty_pages(town, office):
    assert "No requests yet" in browser().get("/requests/").content.decode()
    assert "Nothing waits for you" in office["street"].get("/requests/desk").content.decode()


def test_services_say_what_is_wrong(town):
    from hutong.service.requests import services
    from hutong.service.requests.services import NewRequest

    with pytest.raises(HutongError, match="4 to 2000"):
        services.file(NewRequest(town.estate, "漏"))
    with pytest.raises(HutongError, match="no nature"):
        services.file(NewRequest(town.estate, WORDS, nature="gossip"))


def test_an_answer_that_comes_late_is_an_answer_and_is_late(town):
    """响应率 counts that somebody answered; whether in time is a rate of its own."""
    from hutong.service.requests import selectors, services
    from hutong.service.requests.services import NewRequest

    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30)
    r = services.file(NewRequest(town.building, WORDS, filed=start)).request
    steps = [
        ("take_in", "intake", {"category": "pipes", "limit": "request.utility_hours_max"}, 0),
        ("dispatch", "intake", {"unit": "water"}, 0),
        ("sign_for", "unit", {}, 1),
        ("reply", "unit", {"reply": "已修好"}, 26),
    ]
    for event, by, said, hours in steps:
        unit = "water" if by == "unit" else ""
        services.step(r, event, by, unit=unit, said=said, at=start + dt.timedelta(hours=hours))
    table = selectors.rates(official=False).set_index(["place", "rate"])["share"]
    assert table[("", "responded")] == 1
    assert table[("", "in_time")] == 0


def test_a_form_that_is_sent_again_because_the_answer_was_lost_files_once(town):
    from hutong.service.requests.models import Request

    token = str(uuid.uuid4())
    first, second = browser(), browser()
    assert send(first, town, token=token).status_code == 302
    again = send(second, town, token=token)  # the session that would know the code was lost with the answer
    assert again.status_code == 302
    pages = [b.get(again.headers["location"]).content.decode() for b in (first, second)]
    codes = [re.search(r'class="code">([a-z2-9]{10})<', page)[1] for page in pages]
    assert codes[0] == codes[1]
    assert Request.objects.count() == 1
    found = post(browser(), "/requests/find", number=Request.objects.get().number, code=codes[0])
    assert found.headers["location"] == f"/requests/{Request.objects.get().pk}"


def test_a_form_that_is_sent_again_with_other_words_loses_neither(town):
    from hutong.service.requests.models import Request

    client, token = browser(), str(uuid.uuid4())
    send(client, town, token=token)
    refused = send(client, town, token=token, words="另一件事：单元门坏了")
    assert refused.status_code == 400
    page = refused.content.decode()
    assert Request.objects.get().number in page
    fresh = re.search(r'name="token" value="([0-9a-f-]{36})"', page)[1]
    assert fresh != token
    assert "单元门坏了" in page
    assert send(client, town, token=fresh, words="另一件事：单元门坏了").status_code == 302
    assert Request.objects.count() == 2


def test_pictures_of_filings_that_were_cut_off_are_swept(town):
    import os
    import time

    from hutong.service.requests import photos, services
    from hutong.service.requests.models import Photo

    client = browser()
    send(client, town, photos=[jpeg((41, 31))])
    kept = Photo.objects.get()
    stray, fresh = photos.picture(jpeg((42, 31))), photos.picture(jpeg((43, 31)))
    for one in (stray, fresh):
        services.keep(one)
    folder = services._photos()
    for name in (kept.name, stray.name):
        os.utime(folder / name, (time.time() - 4000,) * 2)
    (folder / ".half.jpg").write_bytes(b"")
    os.utime(folder / ".half.jpg", (0, 0))
    services.sweep_photos()
    assert (folder / kept.name).exists()
    assert (folder / fresh.name).exists()
    assert not (folder / stray.name).exists()
    assert not (folder / ".half.jpg").exists()


def test_a_session_remembers_the_last_requests_only(town):
    from hutong.service.requests import views

    client = browser()
    for n in range(views.REMEMBERED + 1):
        send(client, town, words=f"{WORDS}{n}")
    assert len(client.session["codes"]) == views.REMEMBERED
