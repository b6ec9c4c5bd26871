"""Topics, repeat places and surges: reckoned from what is stored, shown to everyone as counts, to the office with places."""

import datetime as dt

import pytest
from django.test import Client

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOW = dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC)  # a Monday at noon, so that the last week is whole


@pytest.fixture
def past(town):
    """Fifty weeks of requests: lifts in fives a week; leaks in twos, and in tens in the last four weeks; a few of parking."""
    from hutong.service.requests.orders.reading import Order
    from hutong.service.requests.orders.services import take

    orders = []

    def add(week, day, words, category, place):
        filed = NOW - dt.timedelta(weeks=50 - week) + dt.timedelta(days=day % 7, hours=day)
        orders.append(
            Order(f"N{len(orders)}", filed, words, "help", category, place, "subdistrict", None, None)
        )

    for week in range(50):
        for n in range(5):
            add(week, n, f"电梯坏了{week}-{n}", "lift", town.building)
        for n in range(10 if week >= 46 else 2):
            add(
                week,
                n,
                "三单元楼上管道漏水天花板滴水" if week >= 46 else f"水管{week}{n}号漏了",
                "pipes",
                town.estate,
            )
    for n in range(2):
        add(49, n, f"乱停车{n}", "parking", town.block)
    take(orders, None, NOW)
    return orders


@pytest.fixture
def reckoned(past, town):
    from hutong.service.requests import selectors, services

    assert services.look_ahead(NOW) == 2
    return selectors.outlook([town.subdistrict.path]).data


def test_what_rose_is_proposed_and_what_is_steady_is_not(reckoned):
    topics = {row["category"]: row for row in reckoned["topics"]}
    assert (topics["pipes"]["recent"], topics["pipes"]["hot"]) == (40, True)
    assert topics["pipes"]["expected"] == pytest.approx(8)
    assert (topics["lift"]["recent"], topics["lift"]["hot"]) == (20, False)
    assert reckoned["requests"] == 50 * 5 + 46 * 2 + 40 + 2


def test_places_and_alike_requests_are_found(reckoned, town):
    assert {(row["place"], row["requests"]) for row in reckoned["places"]} == {
        (town.building.pk, 26 * 5),
        (town.estate.pk, 22 * 2 + 40),
    }
    sets = {(row["kind"], len(row["requests"])) for row in reckoned["alike"]}
    assert ("pipes", 40) in sets
    assert "漏" not in str(reckoned), "figures, no words"


def test_a_surge_is_forecast_with_its_interval(reckoned):
    found = {row["category"]: row for row in reckoned["surges"]}
    assert set(found) == {"lift", "pipes"}
    assert found["lift"]["low"] <= found["lift"]["mean"] <= found["lift"]["high"]
    assert found["lift"]["surge"] < found["pipes"]["surge"]


def test_everyone_sees_counts_and_only_the_office_sees_places(reckoned, town, client):
    page = client.get("/requests/topics").content.decode()
    assert "proposed" in page
    assert "again and again" not in page
    assert "Parking" not in page, "two requests are too few to show"
    officer = Client(headers={"accept-language": "en"})
    officer.force_login(town.person("subdistrict"), backend=BACKEND)
    inside = officer.get(f"/requests/topics?place={town.subdistrict.pk}").content.decode()
    assert "again and again" in inside
    assert town.building.title.en in inside
    far = Client(headers={"accept-language": "en"})
    far.force_login(town.person("subdistrict", far=True), backend=BACKEND)
    assert "again and again" not in far.get(f"/requests/topics?place={town.subdistrict.pk}").content.decode()
    assert "Ahead: what may surge" in officer.get("/requests/desk").content.decode()


def test_it_is_reckoned_again_only_when_something_changed_or_a_day_has_passed(reckoned, town):
    from hutong.service.requests import services
    from hutong.service.requests.services import NewRequest

    assert services.look_ahead(NOW + dt.timedelta(hours=1)) == 0
    assert services.look_ahead(NOW + dt.timedelta(hours=25)) == 2
    services.file(NewRequest(town.building, "单元门坏了", filed=NOW + dt.timedelta(hours=26)))
    assert services.look_ahead(NOW + dt.timedelta(hours=27)) == 2


def test_nothing_yet_says_what_to_wait_for(town, client):
    from hutong.service.requests import services

    assert services.look_ahead() == 0
    assert "Nothing reckoned yet" in client.get("/requests/topics").content.decode()
    services.file(services.NewRequest(town.building, "单元门坏了关不上"))
    assert services.look_ahead() == 2
    assert "Not enough data yet" in client.get("/requests/topics?place=x").content.decode()
