"""Orders of the hotline: taken in with their numbers, updated when they come again, answered under them."""

import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hutong.errors import HutongError

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HEAD = "工单编号,诉求时间,诉求内容,问题分类,工单类型,承办单位,社区,地址,来电人,联系电话,是否解决,是否满意"
ROWS = (
    "BJ001,2026-03-02 09:00,三单元下水道堵塞污水外溢,,投诉,水务,near estate,某路 1 号,张三,13800000000,,",
    "BJ002,2026-03-02 10:00,路灯坏了看不清台阶,,求助,,不在册的社区,near building 门口,李四,,,",
    "BJ003,2026-03-03 08:00,咨询居住证怎么办理,,咨询,,,,,,,",
)


@pytest.fixture
def street(town):
    """A browser of the subdistrict, with a unit for water in the district."""
    from hutong.service.requests import services
    from hutong.text import Text

    water = services.make_unit("water", town.district, Text("水务", "Water"))
    person = town.person("department", name="water")
    services.join(person, water)
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.person("subdistrict"), backend=BACKEND)
    return client


def sheet(*rows, head=HEAD):
    return "\r\n".join([head, *rows])


def send(client, town, text, encoding="utf-8", name="orders.csv", follow=True):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    file = SimpleUploadedFile(name, data)
    return client.post("/requests/orders", {"place": town.subdistrict.path, "file": file}, follow=follow)


def rows():
    from hutong.service.requests.models import Request

    return {r.outside_number: r for r in Request.objects.filter(channel="hotline").select_related("place")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_list_is_taken_in_with_its_numbers(street, town, encoding):
    page = send(street, town, sheet(*ROWS), encoding).content.decode()
    assert "3 new orders" in page
    found = rows()
    assert {n: (r.state, r.unit, r.category, r.nature) for n, r in found.items()} == {
        "BJ001": ("dispatched", "water", "pipes", "help"),
        "BJ002": ("dispatched", "subdistrict", found["BJ002"].category, "help"),
        "BJ003": ("dispatched", "subdistrict", found["BJ003"].category, "inquiry"),
    }
    assert [found[n].place for n in sorted(found)] == [town.estate, town.building, town.subdistrict]
    assert found["BJ001"].filed == dt.datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert found["BJ001"].number == f"2026-{found['BJ001'].pk:06d}"
    assert [s.event for s in found["BJ001"].steps.all()] == ["take_in", "dispatch"]


def test_the_caller_is_not_kept(street, town):
    send(street, town, sheet(*ROWS))
    for r in rows().values():
        kept = f"{r.words}{r.contact}{[s.said for s in r.steps.all()]}"
        assert not any(secret in kept for secret in ("张三", "13800000000", "李四"))


def test_a_workbook_is_taken_in(street, town):
    from openpyxl import Workbook

    book = Workbook()
    for line in (HEAD, *ROWS):
        book.active.append([cell or None for cell in line.split(",")])
    out = io.BytesIO()
    book.save(out)
    assert "3 new orders" in send(street, town, out.getvalue(), name="工单.xlsx").content.decode()


def test_the_same_list_again_changes_nothing_and_another_updates(street, town):
    from hutong.service.requests.models import Step

    send(street, town, sheet(*ROWS))
    steps = Step.objects.count()
    assert "0 new orders, 0 updated, 3 as they were" in send(street, town, sheet(*ROWS)).content.decode()
    changed = ROWS[0].replace("下水道堵塞污水外溢", "下水道又堵了")
    page = send(street, town, sheet(changed, ROWS[1])).content.decode()
    assert "0 new orders, 1 updated, 1 as they were" in page
    assert len(rows()) == 3
    assert Step.objects.count() == steps
    assert "下水道又堵了" in rows()["BJ001"].words


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",2026-03-02 09:00,下水道堵塞,,,,,,,,,", "the number is missing"),
        ("BJ001,2026-03-02 09:00,下水道堵塞,,,,,,,,,", "stands twice"),
        ("BJ9,2099-03-02 09:00,下水道堵塞,,,,,,,,,", "lies in the future"),
        ("BJ9,昨天,下水道堵塞,,,,,,,,,", "诉求时间"),
        ("BJ9,2026-03-02 09:00,堵,,,,,,,,,", "must have 4 to 2000 characters"),
        ("BJ9,2026-03-02 09:00,下水道堵塞,,,气象局,,,,,,", "no unit here is called"),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_taken_in(street, town, row, said):
    answer = send(street, town, sheet(ROWS[0], row))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert "row 3" in page
    assert not rows()


def test_a_list_of_another_subdistrict_or_without_numbers_is_refused(street, town):
    other = send(
        street, town, sheet("B1,2026-03-02 09:00,下水道堵塞,别的街道", head="工单编号,诉求时间,诉求内容,街道")
    )
    assert "no subdistrict of" in other.content.decode()
    none = send(street, town, sheet("2026-03-02 09:00,下水道堵塞", head="诉求时间,诉求内容"))
    assert "no column of order numbers" in none.content.decode()
    assert send(street, town, b"\x00\x01", name="a.pdf").status_code == 400
    assert not rows()


def test_a_list_with_too_many_rows_is_refused(tmp_path, town, monkeypatch):
    from django.utils import timezone

    from hutong.service.requests.orders import reading

    monkeypatch.setattr(reading, "MOST", 2)
    path = tmp_path / "a.csv"
    path.write_text(sheet(*ROWS[:1], *(ROWS[1].replace("BJ002", f"B{n}") for n in range(2))), "utf-8")
    with pytest.raises(HutongError, match="more than 2 rows"):
        reading.read_orders(path, town.subdistrict, timezone.now())


def reply(r, at):
    from hutong.service.requests import services

    r = services.step(r, "sign_for", "unit", unit=r.unit, at=at)
    return services.step(
        r, "reply", "unit", unit=r.unit, said={"reply": "=已疏通"}, at=at + dt.timedelta(hours=1)
    )


def test_what_the_hotline_found_at_its_call_back_closes_the_case(street, town):
    from hutong.service.ledger.models import Entry

    send(street, town, sheet(*ROWS))
    at = dt.datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    reply(rows()["BJ001"], at)
    answered = [ROWS[0].removesuffix(",,") + ",是,满意", ROWS[1].removesuffix(",,") + ",否,不满意"]
    page = send(street, town, sheet(*answered)).content.decode()
    assert "1 closed as called back" in page
    assert "not replied to yet and so not closed: BJ002" in page
    r = rows()["BJ001"]
    assert (r.state, r.solved, r.satisfied) == ("solved", True, True)
    assert rows()["BJ002"].state == "dispatched"
    assert Entry.objects.filter(act="case.closed").count() == 1
    assert "0 closed" in send(street, town, sheet(*answered)).content.decode()


def test_replies_go_out_under_the_numbers_of_the_hotline(street, town):
    from openpyxl import load_workbook

    send(street, town, sheet(*ROWS))
    reply(rows()["BJ001"], dt.datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai")))
    ask = "/requests/orders/replies?since=2026-03-02&until=2026-03-02&form="
    for form, encoding in (("utf-8", "utf-8-sig"), ("gbk", "gbk")):
        table = list(csv.DictReader(io.StringIO(street.get(ask + form).content.decode(encoding))))
        assert [row["工单编号"] for row in table] == ["BJ001"]
        assert table[0]["承办单位"] == "水务"
        assert (table[0]["反馈时间"], table[0]["是否按时反馈"]) == ("2026-03-02 13:00", "是")
        assert table[0]["答复内容"] == "'=已疏通", "no spreadsheet takes it for a formula"
    page = load_workbook(io.BytesIO(street.get(ask + "xlsx").content)).active
    assert page[2][0].value == "BJ001"
    assert page[2][12].value == "=已疏通"
    assert page[2][12].data_type == "s"
    none = street.get("/requests/orders/replies?since=2026-03-03&until=2026-03-09&form=utf-8")
    assert len(none.content.decode("utf-8-sig").splitlines()) == 1
    assert street.get("/requests/orders/replies?since=x").status_code == 400


def test_official_rates_are_those_of_the_hotline_alone(street, town, client):
    from hutong.service.requests import selectors, services
    from hutong.service.requests.services import NewRequest

    send(street, town, sheet(*ROWS))
    services.file(NewRequest(town.building, "单元门坏了关不上"))
    reply(rows()["BJ001"], dt.datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai")))
    official = selectors.rates(official=True).set_index(["place", "rate"])
    assert official.loc[("", "responded"), "requests"] == 2, (
        "the inquiry does not count, nor what came in here"
    )
    told = "as the official scores count them"
    assert told not in client.get("/requests/").content.decode()  # a rate of two would tell of one
    third = "BJ004,2026-03-02 11:00,楼道灯一直不亮,,求助,,不在册的社区,near building 门口,王五,,,"
    send(street, town, sheet(third))
    assert told in client.get("/requests/").content.decode()


def test_an_extension_is_reckoned_in_working_days_over_the_holidays(street, town):
    """Due on the eve of National Day 2026: the first working day after it is 8 October, the third is Saturday the 10th."""
    from hutong.act.cases import machine
    from hutong.service.requests import services
    from hutong.service.requests.forms import StepForm
    from hutong.service.requests.services import NewRequest

    here = ZoneInfo("Asia/Shanghai")
    filed = dt.datetime(2026, 9, 23, 9, tzinfo=here)
    r = services.file(NewRequest(town.building, "管道漏水要大修", filed=filed)).request
    for event, by, unit, said in (
        ("take_in", "intake", "", {"category": "pipes", "limit": "request.general_days_max"}),
        ("dispatch", "intake", "", {"unit": "water"}),
        ("sign_for", "unit", "water", {}),
    ):
        r = services.step(r, event, by, unit=unit, said=said, at=filed)
    assert r.due == dt.datetime(2026, 9, 30, 9, tzinfo=here)
    form = StepForm(event=machine().events["extend"], request=r)
    ends = [value for value, _ in form.fields["until"].choices]
    assert ends[0] == "2026-10-08T23:59:59+08:00"
    assert ends[2] == "2026-10-10T23:59:59+08:00", "a Saturday that is worked in exchange"
    assert ends[3] == "2026-10-12T23:59:59+08:00"
    sent = StepForm(
        {"extend-reason": "等配件", "extend-until": ends[2]}, event=machine().events["extend"], request=r
    )
    assert sent.is_valid(), sent.errors
    r = services.step(r, "extend", "unit", unit="water", said=sent.said(), at=filed + dt.timedelta(days=1))
    assert r.due == dt.datetime(2026, 10, 10, 23, 59, 59, tzinfo=here)
    assert r.extended


def test_an_extension_beyond_the_announced_years_says_that_it_is_an_assumption():
    from hutong.act.cases import extended_to

    here = ZoneInfo("Asia/Shanghai")
    ends, note = extended_to(dt.datetime(2026, 12, 30, 9, tzinfo=here), 3)
    assert (ends.date(), "Assumption" in note.en) == (dt.date(2027, 1, 4), True)
    assert extended_to(dt.datetime(2025, 1, 27, 9, tzinfo=here), 1) == (
        dt.datetime(2025, 2, 5, 23, 59, 59, tzinfo=here),
        None,
    )
