"""An operator's own books send returns with a token; anyone reads how a published contract stands."""

from __future__ import annotations

import json

import pytest

from tests.service.test_api import machine
from tests.service.test_operation import FIRST, contract, running


def send(who, c, returns):
    return who.post(
        f"/api/v1/contracts/{c.pk}/returns", json.dumps({"returns": returns}), content_type="application/json"
    )


@pytest.fixture
def running_contract(town):
    return running(town, town.person("district"))


def test_returns_come_once_are_corrected_and_show_in_the_band(client, town, running_contract):
    from hutong.service.ledger.models import Entry

    c = running_contract
    books, _, _ = machine("operator", town.quarter)
    years = [{"period": str(FIRST + k), "yuan": {"income": 160_000, "running": 40_000}} for k in range(2)]
    first = send(books, c, years).json()
    assert ([r["period"] for r in first["filed"]], first["known"]) == ([str(FIRST), str(FIRST + 1)], 0)
    again = send(books, c, years).json()
    assert (again["filed"], again["known"]) == ([], 2)
    years[1]["yuan"]["income"] = 100_000
    years[1]["levels"] = {"answered_in_time": 95.5}
    assert send(books, c, years).json()["known"] == 1
    assert c.returns.count() == 3
    assert {(r.person, r.machine) for r in c.returns.all()} == {(None, "程序 1")}
    listed = client.get(f"/api/v1/contracts/{c.pk}/returns").json()
    assert [(r["period"], r["yuan"]["income"]) for r in listed["items"]] == [
        (str(FIRST), 160_000),
        (str(FIRST + 1), 100_000),
    ]
    filed = [e.data for e in Entry.objects.filter(act="document.disclosed")]
    assert sum(f"return:{FIRST + 1}:corrected" in data for data in filed) == 1
    told = client.get(f"/api/v1/contracts/{c.pk}").json()
    assert told["contract"]["number"] == c.number
    by_year = {y["year"]: y["reported"] for y in told["years"]}
    assert by_year[FIRST] == 120_000
    assert by_year[FIRST + 1] == 60_000
    assert told["standing"] in ("unknown", "in", "above", "below")
    assert str(FIRST) in client.get(f"/operation/{c.pk}").content.decode()


def test_only_the_operator_of_the_place_sends(client, town, running_contract):
    year = [{"period": str(FIRST), "yuan": {"income": 1}}]
    for role, place, status in (
        ("operator", town.at("quarter", far=True), 403),
        ("district", town.at("district"), 403),
        ("operator", town.quarter, 200),
    ):
        assert send(machine(role, place)[0], running_contract, year).status_code == status
    assert send(client, running_contract, year).status_code == 401


def test_drafts_are_not_told(client, town):
    draft = contract(town)
    assert client.get("/api/v1/contracts").json()["total"] == 0
    assert client.get(f"/api/v1/contracts/{draft.pk}").status_code == 403
    assert machine("district", town.at("district"))[0].get("/api/v1/contracts").json()["total"] == 1


@pytest.mark.parametrize(
    ("returns", "status", "code"),
    [
        ([{"period": "2999", "yuan": {"income": 1}}], 400, "bad-return"),
        ([{"period": str(FIRST), "yuan": {"luck": 1}}], 400, "bad-return"),
        ([{"period": str(FIRST), "yuan": {}}], 400, "bad-return"),
        ([{"period": str(FIRST), "yuan": {"income": 1}}, {"period": f"{FIRST}Q1", "yuan": {"income": 1}}], 400, "bad-return"),
        ([{"period": "soon", "yuan": {"income": 1}}], 422, "invalid"),
        ([{"period": str(FIRST), "yuan": {"income": -1}}], 422, "invalid"),
        ([{"period": str(FIRST), "yuan": {"income": 1.5}}], 422, "invalid"),
        ([{"period": str(FIRST), "yuan": {"income": 1}, "levels": {"answered_in_time": 101}}], 400, "bad-return"),
        ([], 422, "invalid"),
    ],
)  # fmt: skip
def test_what_does_not_fit_leaves_nothing(town, running_contract, returns, status, code):
    got = send(machine("operator", town.quarter)[0], running_contract, returns)
    assert (got.status_code, got.json()["code"]) == (status, code)
    assert not running_contract.returns.exists()


def test_a_contract_that_does_not_run_takes_none(town):
    got = send(
        machine("operator", town.quarter)[0], contract(town), [{"period": str(FIRST), "yuan": {"income": 1}}]
    )
    assert got.json()["code"] == "bad-return"
