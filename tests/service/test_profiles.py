"""Profiles of places: counted from the record, with intervals everywhere, matched to places alike, never ranked."""

from __future__ import annotations

import datetime as dt
import math
import re

import pytest


def commit(body, seat, due, done, at):
    import uuid

    from hutong.service.bodies import services
    from hutong.service.bodies.models import Commitment, Meeting

    meeting = services.call(body, at, "活动室", "议题", uuid.uuid4())
    Meeting.objects.filter(pk=meeting.pk).update(published=at)
    made = services.commit(meeting, seat, "贴告示", due, uuid.uuid4())
    Commitment.objects.filter(pk=made.pk).update(done=done)
    return meeting


@pytest.fixture
def three(town):
    """Three quarters alike in one subdistrict: the first answers late; the second once did and then took up a round table."""
    import uuid

    from django.utils import timezone

    from hutong.service.bodies import services as bodies
    from hutong.service.bodies.models import Meeting
    from hutong.service.places.services import NewPlace, make_place
    from hutong.service.requests.models import Request
    from hutong.text import Text

    now = timezone.now()
    quarters = [town.quarter]
    quarters += [
        make_place(town.subdistrict, NewPlace("quarter", f"q{i}", Text(f"片区{i}", f"Quarter {i}")))
        for i in (2, 3)
    ]
    #             early: in time of all; late: in time of all
    for quarter, early, late in zip(
        quarters, ((5, 40), (8, 40), (20, 40)), ((6, 40), (36, 40), (22, 40)), strict=True
    ):
        for (good, n), days in ((early, 300), (late, 100)):
            at = now - dt.timedelta(days=days)
            for i in range(n):
                Request.objects.create(
                    number=f"{quarter.code}-{days}-{i}", code="x", place=quarter, channel="hotline", nature="help", words="秘密", suggested="pipes",
                    filed=at, changed=at, due=at + dt.timedelta(days=5), replied=at + dt.timedelta(days=3 if i < good else 9), state="replied",
                )  # fmt: skip
    table = bodies.make(quarters[1], "roundtable", Text("联动", "Table"), None, uuid.uuid4())
    seat = bodies.seat(table, "planner", "office", "按职务", None)
    today = timezone.localdate()
    commit(
        table,
        seat,
        today - dt.timedelta(days=60),
        today - dt.timedelta(days=61),
        now - dt.timedelta(days=120),
    )
    assert Meeting.objects.get().published
    return quarters


def alike(monkeypatch):
    """Let every quarter have the same features, so that all are alike."""
    from hutong.service.profiles import counting

    monkeypatch.setattr(
        counting, "features", lambda _p: {"homes": 3.0, "year": 1985.0, "public": 0.4, "low": 0.5}
    )


def test_a_profile_counts_its_own_record_and_shows_what_helped(three, monkeypatch, client):
    from hutong.service.profiles import selectors, services

    alike(monkeypatch)
    services.count_all()
    mine = selectors.of_place(three[0].pk)
    rows = {r["m"].id: r for g in selectors.profile(mine) for r in g["rows"]}
    r = rows["answered_in_time"]
    assert (r["count"].yes, r["count"].n) == (6, 40)
    assert r["value"].low < 0.15 < r["value"].high
    assert r["moved"] == "same"
    assert r["stands"] == "below"  # 58 of 80 in the other two
    assert not rows["satisfied"]["value"].known  # nobody was called back: unknown, not zero
    told = selectors.what_helped(mine)
    assert [(h["place"].pk, h["m"].id) for h in told] == [
        (three[1].pk, "answered_in_time")
    ]  # the third is not sure
    assert "five-party round table" in [t.en for t in told[0]["tools"]]
    page = client.get(f"/profiles/{three[0].pk}").content.decode()
    assert "five-party round table" in page
    assert "秘密" not in page
    other = {r["m"].id: r for g in selectors.profile(selectors.of_place(three[1].pk)) for r in g["rows"]}
    assert (other["kept"]["count"].yes, other["kept"]["count"].n) == (1, 1)
    assert other["kept"]["stands"] == "few"
    assert other["meetings"]["count"].yes == 1


def test_no_page_puts_places_in_the_order_of_a_score(three, monkeypatch, client):
    """Whatever the places score, the lists stand in the order of the tree, and no value stands without its interval."""
    from hutong.service.places.models import Place
    from hutong.service.profiles import services
    from hutong.service.requests.models import Request

    alike(monkeypatch)

    def order():
        services.count_all()
        page = client.get("/profiles/").content.decode()
        return [int(k) for k in re.findall(r'href="/profiles/(\d+)"', page)]

    before = order()
    paths = [Place.objects.get(pk=k).path for k in before]
    assert paths == sorted(paths)
    Request.objects.filter(place=three[2]).delete()
    Request.objects.filter(place=three[0]).update(replied=None)
    assert order() == before
    listing = client.get("/profiles/").content.decode()
    main = listing[listing.index("<main") : listing.index("</main>")]
    assert "%" not in main  # no score in a list of places
    for quarter in three:
        page = client.get(f"/profiles/{quarter.pk}").content.decode()
        for cell in re.findall(r'<td class="all">(.*?)</td>', page, re.S):
            if "%" in cell.split("<small>")[0]:
                assert re.search(r"<small>\(.*–.*\)</small>", cell), cell  # a value stands with its interval


def test_places_that_differ_are_not_compared(three, monkeypatch):
    from hutong.service.profiles import counting, selectors, services

    years = {three[0].pk: 1950.0, three[1].pk: 2015.0, three[2].pk: 1951.0}
    told = lambda p: {"homes": None, "year": years.get(p.pk), "public": None, "low": None}  # noqa: E731
    monkeypatch.setattr(counting, "features", told)
    services.count_all()
    assert selectors.peers(selectors.of_place(three[0].pk)) == []  # one feature of four is not enough
    more = lambda p: {"homes": 3.0, "year": years.get(p.pk), "public": None, "low": None}  # noqa: E731
    monkeypatch.setattr(counting, "features", more)
    services.count_all()
    assert [c.place_id for c, _ in selectors.peers(selectors.of_place(three[0].pk))] == [three[2].pk]


def test_features_are_those_of_the_published_snapshot(town, snapshots):
    from hutong.service.profiles import counting
    from hutong.service.twin.services import publish

    assert set(counting.features(town.subdistrict).values()) == {None}
    publish(snapshots[1])
    told = counting.features(town.subdistrict)
    rows = list(snapshots[1].buildings.filter(dwellings__gt=0))
    assert told["homes"] == pytest.approx(math.log10(sum(b.dwellings for b in rows)))
    by_home = sorted(y for b in rows for y in [b.built_year] * b.dwellings if y is not None)
    assert told["year"] == by_home[(len(by_home) - 1) // 2]


def test_a_day_of_few_people_tells_no_rate(town):
    from django.utils import timezone

    from hutong.service.budgets.models import Budget, Paper
    from hutong.service.profiles import counting

    now = timezone.now()
    budget = Budget.objects.create(place=town.estate, title_zh="点单", yuan=100)
    for i in range(4):
        Paper.objects.create(budget=budget, card=str(i), at=now - dt.timedelta(days=9))
    start, end = counting.periods(now)[-1]
    assert (
        counting.counts(town.quarter, start, end, 1000)["taking_part"].n == 0
    )  # four people are too few to tell
    Paper.objects.create(budget=budget, card="4", at=now - dt.timedelta(days=9))
    assert counting.counts(town.quarter, start, end, 1000)["taking_part"].yes == 5
