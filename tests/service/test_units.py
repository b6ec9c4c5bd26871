"""Units: an empty site is furnished by its administrator, a case goes to a unit and comes back, a unit is retired."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hutong.errors import HutongError, row_text

pytestmark = pytest.mark.usefixtures("db")
DAY = dt.date(2026, 1, 1)


@pytest.fixture
def administrator(town, client):
    person = town.person("administrator", name="admin")
    from hutong.service.accounts.services import grant

    grant(person, "administrator", town.city)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return person


def post(client, name, *args, **sent):
    return client.post(reverse(name, args=args), sent)


def test_an_administrator_furnishes_an_empty_site_and_a_case_goes_round(town, client, administrator):
    from hutong.service.accounts.services import make_user
    from hutong.service.ledger.models import Entry, Opening
    from hutong.service.requests import selectors, services
    from hutong.service.requests.models import Unit
    from hutong.service.requests.units import services as units
    from hutong.service.search.selectors import find

    clerk = make_user("clerk", "a-long-password-1")
    new = {"kind": "subdistrict", "code": "hill", "name_zh": "小山街道", "name_en": "Hill"}
    assert post(client, "places", parent=town.district.pk, **new).status_code == 302
    assert "小山街道" not in client.get(reverse("places")).content.decode()  # the reader reads English
    assert "/near-city/near-district/hill/" in client.get(reverse("places")).content.decode()
    wrong = {**new, "kind": "district", "code": "dale"}
    assert b"no usable code or level" in post(client, "places", parent=town.district.pk, **wrong).content
    answer = post(
        client,
        "units",
        do="usual",
        **{"usual-place": town.district.path, "usual-units": ["water", "fire"]},
    )
    assert answer.status_code == 302
    water = Unit.objects.get(code="water")
    assert post(client, "unit", water.pk, do="person", username="CLERK").status_code == 302
    row = {
        "takes-place": town.quarter.path,
        "takes-categories": ["noise"],
        "takes-helpers": ["fire"],
        "takes-start": DAY,
    }
    assert post(client, "unit", water.pk, do="takes", **row).status_code == 302
    page = client.get(reverse("unit", args=[water.pk])).content.decode()
    assert "clerk" in page
    assert town.quarter.name_en in page

    # the office's own row before the general one, only where it holds, only from its day
    found = selectors.dispatch_row("noise", town.building, DAY)
    assert (found.unit, found.helpers) == ("water", ("fire",))
    assert selectors.dispatch_row("noise", town.building, DAY - dt.timedelta(days=1)).unit == "environment"
    assert selectors.dispatch_row("noise", town.at("building", far=True), DAY).unit == "environment"

    request = services.file(services.NewRequest(town.building, "半夜水泵轰鸣，睡不着")).request
    services.step(
        request, "take_in", "intake", said={"category": "noise", "limit": "request.general_days_max"}
    )
    assert not find(clerk, "水泵", "unit_case").exists()
    request = services.step(request, "dispatch", "intake", said={"unit": "water"})
    clerk = type(clerk).objects.get(pk=clerk.pk)
    assert ("unit", "water") in selectors.actors(clerk, request)
    assert [d.key for d in find(clerk, "水泵", "unit_case")] == [f"{request.number}/water"]
    with pytest.raises(HutongError, match="1 open cases"):
        units.retire(water, administrator)

    services.step(request, "sign_for", "unit", unit="water")
    services.step(request, "reply", "unit", unit="water", said={"reply": "水泵已换减振垫"})
    services.step(request, "confirm", "caller", said={"satisfied": True})
    assert post(client, "unit", water.pk, do="retire").status_code == 302
    assert selectors.units_of(clerk) == []
    assert selectors.dispatch_row("noise", town.building, dt.date.max).unit == "environment"
    acts = [e.act for e in Entry.objects.order_by("index")]
    assert [acts.count(a) for a in ("unit.made", "unit.joined", "dispatch.set", "unit.left", "unit.retired")] == [2, 1, 1, 1, 1]  # fmt: skip
    assert {o.value for o in Opening.objects.filter(field="person")} == {"clerk"}


def test_tables_come_in_whole_or_not_at_all(town, administrator, tmp_path):
    from hutong.service.accounts.services import make_user
    from hutong.service.requests.models import Dispatch, Member, Unit
    from hutong.service.requests.units.reading import take_dispatch, take_units

    make_user("clerk", "a-long-password-1")
    sheet = tmp_path / "units.csv"
    sheet.write_text(
        f"code,name_zh,name_en,place,people\nwater,水务,Water,,clerk\nFire,消防,Fire,,\nroads,道路,,nowhere,nobody\nrescue,,,{town.subdistrict.path},\n",
        "utf-8",
    )
    with pytest.raises(HutongError) as caught:
        take_units(sheet, town.district, None)
    rows = [row_text(row) for row in caught.value.rows]
    assert len(rows) == 4
    assert not Unit.objects.exists()
    assert rows[0].zh.startswith("units.csv 第 3 行：单位编码“Fire”不能用")
    assert [r.en for r in rows[1:]] == [
        "units.csv, row 4: there is no place 'nowhere'",
        "units.csv, row 4: there is no user 'nobody'",
        "units.csv, row 5: the name is missing",
    ]
    sheet.write_text("code,name_zh,people\nwater,水务,clerk\nfire,消防,\n", "utf-8")
    assert take_units(sheet, town.district, administrator) == 2
    assert take_units(sheet, town.district, administrator) == 2  # the same again changes nothing
    assert Unit.objects.count() == 2
    assert Member.objects.count() == 1

    book = tmp_path / "dispatch.csv"
    head = "category,place,unit,helpers,from,until\n"
    book.write_text(
        head
        + "pipes,,water,fire;subdistrict,2026-01-01,\nfire,nowhere,fire,,2026-01-01,\nlift,,lifts,,2026-01-01,\n"
    )
    with pytest.raises(HutongError) as caught:
        take_dispatch(book, town.district, None)
    assert [str(r) for r in caught.value.rows] == [
        "dispatch.csv, row 3: there is no place 'nowhere'",
        "dispatch.csv, row 4: no unit here has the code 'lifts'",
    ]
    assert not Dispatch.objects.exists()
    book.write_text(head + "pipes,,water,fire;subdistrict,2026-01-01,2026-06-30\n")
    assert take_dispatch(book, town.district, None) == 1
    assert str(Dispatch.objects.get().until) == "2026-06-30"
