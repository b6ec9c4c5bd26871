"""Rooms to let, live: from the office's form to an operator's interest and its answer; what everyone else sees shows no household."""

import datetime as dt
import uuid
from io import BytesIO

import pytest

from hutong.errors import HutongError
from tests.act.rooms.test_rooms import ROOM
from tests.service.test_council import browser, page, post
from tests.service.test_page_cost import MOST


def sent(sheet, name="rooms.csv"):
    from hutong.sense.sheets import csv_bytes

    file = BytesIO(csv_bytes(sheet) if not isinstance(sheet, bytes) else sheet)
    file.name = name
    return file


def rooms(town, n=1, **change):
    from hutong.act.rooms import Room

    plain = {**ROOM.plain(), "building_id": town.building.code, **change}
    return [Room.of({**plain, "room_id": f"R{i}"}) for i in range(n)]


def published(town, officer, *args, **kwargs):
    from hutong.service.lettings import services

    given = rooms(town, *args, **kwargs)
    return services.publish(services.enter(town.quarter, given, {town.building.code: town.building}, officer), officer)  # fmt: skip


def test_from_the_form_to_an_answer(town):
    from django.utils import timezone

    from hutong.act.rooms import rooms_form
    from hutong.act.rooms.room import cells_of
    from hutong.service.ledger.models import Entry
    from hutong.service.lettings import selectors
    from hutong.service.lettings.models import Interest, Letting
    from hutong.service.lettings.waiting import waiting_items

    officer, operator = town.person("subdistrict"), town.person("operator")
    desk, asks, other = browser(officer), browser(operator), browser(town.person("operator", name="rival"))
    office = f"/lettings/quarter/{town.quarter.pk}"
    bad = rooms_form([{**cells_of(rooms(town)[0]), "fire": "perhaps", "area_m2": "big"}])
    refused = desk.post(office, {"file": sent(bad)})
    assert refused.status_code == 400
    for fault in ("row 4, fire", "row 4, area_m2"):
        assert fault in refused.content.decode()
    assert desk.post(office, {"file": sent(b"\x00\x01 no table", "r.csv")}).status_code == 400
    assert not Letting.objects.exists()
    draft = post(desk, office, file=sent(rooms_form(map(cells_of, rooms(town, 2))))).url
    assert "R1" not in page(asks, "/lettings/")  # a draft is nobody's but the office's
    made = Letting.objects.get()
    post(desk, f"{draft}/publish")
    assert desk.post(f"{draft}/publish").status_code == 400
    entry = Entry.objects.get(act="document.disclosed")
    assert made.digest in entry.data
    assert "区房管中心" not in entry.data
    room = made.rooms.first()
    shown = page(asks, f"/lettings/rooms/{room.pk}?fit_out=120000&months=24")
    for told in ("¥46.8k", "屋面渗漏", "on conditions", "便民补贴", "Unknown: none is entered", "Sep 2026"):
        assert told in shown, told
    beyond = asks.get(f"/lettings/rooms/{room.pk}?fit_out=1&months=61").content.decode()
    assert "months within the lease" in beyond
    token = str(uuid.uuid4())
    form = {"use": "culture", "words": "一间社区阅览室", "token": token}
    assert post(asks, f"/lettings/rooms/{room.pk}/ask", **form).url == post(asks, f"/lettings/rooms/{room.pk}/ask", **form).url  # fmt: skip
    asked = Interest.objects.get()
    assert asked.due == _working_days(timezone.localdate(), 10)
    again = asks.post(f"/lettings/rooms/{room.pk}/ask", {**form, "token": str(uuid.uuid4())})
    assert "waits for its answer" in again.content.decode()
    assert other.get(f"/lettings/interest/{asked.pk}").status_code == 403
    assert "社区阅览室" not in page(other, f"/lettings/rooms/{room.pk}")
    (item,) = waiting_items(officer, timezone.now())
    assert item.status == "good"
    assert waiting_items(officer, timezone.now() + dt.timedelta(days=60))[0].status == "alarm"
    assert not waiting_items(operator, timezone.now())
    assert asks.post(f"/lettings/interest/{asked.pk}", {"outcome": "talks", "words": "自己答复"}).status_code == 403  # fmt: skip
    post(desk, f"/lettings/interest/{asked.pk}", outcome="viewing", words="周三来看房")
    assert "周三来看房" in page(asks, f"/lettings/interest/{asked.pk}")
    assert asks.post(f"/lettings/interest/{asked.pk}/back").status_code == 400  # it was answered
    assert not selectors.waiting(officer).exists()


def _working_days(day, n):
    from hutong.rules import official_calendar

    return official_calendar().add(day, n)


def test_a_new_list_takes_the_place_of_the_old_and_interest_stays_with_its_room(town):
    from hutong.service.lettings import services
    from hutong.service.lettings.models import Interest, Letting

    officer, operator = town.person("subdistrict"), town.person("operator")
    old = published(town, officer, 2)
    stays, goes = old.rooms.all()
    services.ask(stays, "culture", "一间阅览室", operator, uuid.uuid4())
    services.ask(goes, "culture", "一间阅览室", operator, uuid.uuid4())
    new = published(town, officer, 1)
    assert [x.state for x in Letting.objects.order_by("pk")] == ["withdrawn", "published"]
    assert set(Interest.objects.values_list("room__letting", flat=True)) == {old.pk, new.pk}
    services.withdraw(new)
    assert "No rooms are published at your places" in page(browser(operator), "/lettings/")
    with pytest.raises(HutongError, match="withdrawn"):
        services.publish(new, officer)


def test_everyone_else_sees_counts_of_five_and_more(town):
    officer = town.person("subdistrict")
    published(town, officer, 4)
    few = page(browser(), "/lettings/")
    assert "fewer than 5" in few
    assert "R0" not in few
    assert "160 m²" not in few  # nor the area: it would say which
    published(town, officer, 5)
    many = page(browser(town.person("resident_owner")), "/lettings/")
    assert "vacated public room" in many
    assert "200 m²" in many
    assert "R0" not in many


def test_search_and_api_give_a_room_to_whom_its_page_opens(town, client):
    from django.contrib.auth.models import AnonymousUser

    from hutong.service.lettings import services
    from hutong.service.search.selectors import find
    from tests.service.test_api import machine

    officer, operator = town.person("subdistrict"), town.person("operator")
    far, resident = town.person("operator", far=True), town.person("resident_owner")
    here = {town.building.code: town.building}
    draft = services.enter(town.quarter, rooms(town, 2), here, officer)

    def found(who):
        return [d.url for d in find(who, "北房", "room")]

    assert not found(operator)  # a draft
    assert not found(officer)  # an office finds it in the list of drafts
    old = services.publish(draft, officer)
    first, second = old.rooms.all()
    assert sorted(found(operator)) == sorted(f"/lettings/rooms/{r.pk}" for r in (first, second))
    assert [d.url for d in find(operator, "R1", "room")] == [f"/lettings/rooms/{second.pk}"]
    assert [d.title.en for d in find(operator, "区房管中心 R0", "room")] == [f"{town.building.name_en} · {ROOM.where.en}"]  # fmt: skip
    for who in (far, resident, AnonymousUser()):
        assert not found(who)
    new = published(town, officer, 1)
    assert found(operator) == [f"/lettings/rooms/{new.rooms.get().pk}"]

    books, _, _ = machine("operator", town.quarter)
    listed = books.get("/api/v1/rooms").json()
    assert [(r["room_id"], r["rent_yuan_m2_month"]) for r in listed["items"]] == [
        ("R0", ROOM.rent_yuan_m2_month)
    ]
    told = books.get(f"/api/v1/rooms/{new.rooms.get().pk}").json()
    assert (told["holder"], told["fire"], told["fees"]) == (ROOM.holder, ROOM.fire, [])
    assert told["subsidy"]["name"] == ROOM.subsidy
    assert {u["verdict"] for u in told["uses"]} <= {"allowed", "conditional", "prohibited", "unknown"}
    assert told["uses"]
    assert books.get(f"/api/v1/rooms/{first.pk}").status_code == 403  # of a list that was taken away
    assert machine("operator", town.at("quarter", far=True))[0].get("/api/v1/rooms").json()["total"] == 0
    assert machine("committee", town.quarter)[0].get("/api/v1/rooms").status_code == 403
    assert client.get("/api/v1/rooms").status_code == 403
    (few,) = client.get("/api/v1/rooms/counts").json()["items"]
    assert (few["rooms"], few["area_m2"]) == (None, None)
    services.withdraw(new)
    assert not found(operator)
    assert client.get("/api/v1/rooms/counts").json()["total"] == 0


def test_fees_are_of_the_estate_and_not_of_few(town):
    from hutong.act.rooms import FeeLine, fees_form
    from hutong.service.lettings import selectors, services
    from hutong.service.lettings.models import Fee

    officer = town.person("subdistrict")
    here = {town.building.code: town.building}
    services.store_fees([FeeLine(town.building.code, 2025, 19, 100, 50, "物业"), FeeLine(town.building.code, 2024, 30, 100, 83, "物业")], here)  # fmt: skip
    room = published(town, officer).rooms.get()
    shown = page(browser(town.person("operator")), f"/lettings/rooms/{room.pk}")
    assert "too few households" in shown
    assert "about 85%" in shown
    services.store_fees([FeeLine(town.building.code, 2025, 20, 100, 50, "物业")], here)  # mended
    assert Fee.objects.count() == 2
    assert [y.share_percent for y in selectors.fees(town.estate)] == [50, 85]
    desk, address = browser(officer), f"/lettings/quarter/{town.quarter.pk}/fees"
    refused = desk.post(address, {"file": sent(fees_form(["nowhere"]))})
    assert refused.status_code == 400
    assert "The form holds no figures" in refused.content.decode()


def test_the_form_comes_filled_with_what_is_empty_on_record(town, snapshots):
    from hutong.sense.sheets import read_sheets
    from hutong.service.places.selectors import within
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    got = browser(town.person("subdistrict")).get(f"/lettings/quarter/{town.quarter.pk}/rooms.xlsx")
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.xlsx"
        path.write_bytes(got.content)
        rows = next(iter(read_sheets(path).values())).rows
    codes = {p.code for p in within(town.quarter, "building")}
    assert rows
    assert all(cells["building_id"] in codes and not cells["where_zh"] for _, cells in rows)
    homes = snapshots[1].folder / "city"
    assert not any(cells["room_id"].startswith("d") for _, cells in rows)  # no id of a home
    assert homes.exists()


def test_a_room_is_marked_on_the_map_of_its_quarter(town, snapshots):
    """Its page says that there is no map while the reader may see no snapshot, and asks as few questions whatever the list."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from hutong.service.lettings import services
    from hutong.service.twin.services import publish

    officer, reads = town.person("subdistrict"), browser(town.person("operator"))
    built = snapshots[1].buildings.select_related("place").order_by("row")[7]

    def opened(n):
        """Publish ``n`` rooms of the building, open the last, and return it with its page and how often it asks."""
        given = rooms(town, n, building_id=built.place.code)
        made = services.publish(services.enter(town.quarter, given, {built.place.code: built.place}, officer), officer)  # fmt: skip
        room = made.rooms.last()
        reads.get(f"/lettings/rooms/{room.pk}")  # what a process learns once
        with CaptureQueriesContext(connection) as asked:
            answer = reads.get(f"/lettings/rooms/{room.pk}")
        assert answer.status_code == 200
        return (
            room,
            answer,
            len([q for q in asked.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]),
        )

    _, answer, _ = opened(1)
    assert "The building is on no map yet" in answer.content.decode()
    assert 'id="map"' not in answer.content.decode()
    publish(snapshots[1])
    few, many = opened(1), opened(9)
    setup = many[1].context["setup"]
    assert (setup["row"], setup["at"]) == (built.row, [built.lon, built.lat])
    assert setup["tiles"] == f"/twin/{snapshots[1].pk}/map.pmtiles"
    text = many[1].content.decode()
    assert 'id="map"' in text
    assert "The building is on no map yet" not in text
    assert f"/twin/{snapshots[1].pk}/map#{built.row}" in text
    assert many[2] <= few[2] <= MOST
    assert browser(town.person("committee")).get(f"/lettings/rooms/{many[0].pk}").status_code == 403
