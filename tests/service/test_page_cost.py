"""Public pages ask the database the same number of questions however much there is, and few."""

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

MOST = 14


def queries(path):
    from django.db import connection

    client = Client(headers={"accept-language": "en"})
    client.get(path)  # what a process learns once
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code in (200, 206), path
    return [q["sql"] for q in asked.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def fill(town, n):
    """File requests of several kinds at several places, with units that hold them, and close half."""
    from hutong.service.requests import services
    from hutong.service.requests.services import NewRequest

    for i in range(n):
        at = (town.building, town.estate, town.block)[i % 3]
        r = services.file(NewRequest(at, ("水管漏水", "路灯不亮", "楼道堵了")[i % 3] + str(i))).request
        services.step(r, "take_in", "intake", said={"category": "pipes", "limit": "request.general_days_max"})
        services.step(r, "dispatch", "intake", said={"unit": ("water", "police", "gas")[i % 3]})
        if i % 2:
            unit = ("water", "police", "gas")[i % 3]
            services.step(r, "sign_for", "unit", unit=unit)
            services.step(r, "reply", "unit", unit=unit, said={"reply": "done"})
            services.step(r, "confirm", "caller", said={"satisfied": True})


@pytest.fixture
def published(snapshots, run):
    from hutong.service.checkup import services as checkup
    from hutong.service.twin import services as twin

    for one in snapshots:
        twin.publish(one)
    run.snapshot.refresh_from_db()
    checkup.publish(run)
    return snapshots[1], run


def pages(snapshot, run):
    first = snapshot.buildings.first().building_id
    return [
        "/", "/twin/", f"/twin/{snapshot.pk}", f"/twin/{snapshot.pk}/map", f"/twin/{snapshot.pk}/buildings",
        f"/twin/{snapshot.pk}/buildings/{first}", "/checkup/", f"/checkup/{run.pk}", f"/checkup/{run.pk}/indicators",
        f"/checkup/{run.pk}/findings", f"/checkup/{run.pk}/findings/1", f"/checkup/{run.pk}/national",
        "/requests/", "/requests/new", "/ledger/", "/ledger/0", "/open311/v2/requests.json",
    ]  # fmt: skip


def test_public_pages_ask_few_questions_whatever_the_data(town, published):
    fill(town, 24)  # enough for every count to be told
    few = {path: queries(path) for path in pages(*published)}
    fill(town, 24)
    many = {path: queries(path) for path in few}
    grown = {p: (len(few[p]), len(many[p])) for p in few if len(many[p]) > len(few[p])}
    assert not grown
    dear = {p: (len(q), q) for p, q in many.items() if len(q) > MOST}
    assert not dear


def test_the_desk_asks_few_questions_whatever_waits(town):
    from django.db import connection
    from django.utils import timezone

    from hutong.service.requests import services
    from hutong.service.requests.waiting import waiting_items
    from hutong.text import Text

    water = services.make_unit("water", town.district, Text("水", "Water"))
    person = town.person("department")
    services.join(person, water)
    for n in (3, 9):
        fill(town, n)
        with CaptureQueriesContext(connection) as asked:
            items = waiting_items(person, timezone.now())
        assert {item.whom.en for item in items} == {"Water"}
        assert len(asked) <= 6
