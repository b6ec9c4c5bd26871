"""Counts of people in public: one limit, below which none is told, nor what gives it away by subtraction.

The limit stands in :mod:`hutong.few`. Counts of the law (the tally of a vote, the heads of a roll) are public whatever they are.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutong.few import FEWEST_PEOPLE, FEWEST_THINGS, told
from tests.service.test_council import browser, make_process, residents

SOURCE = Path(__file__).parents[2] / "src" / "hutong"
#: Whole numbers of the open data that count no people: numbers of things, money, days, areas; the tally, what each work of a
#: ballot won (told from five ballots on) and the guests of a meeting are public by law and by the minutes; a profile withholds few where it is counted.
NO_PEOPLE = {
    "ledger": {"index"},
    "findings": {"rank"},
    "statements": {"process", "statement"},
    "answers": {"process", "statement", "days", "ledger_entry"},
    "minutes": {"meeting", "guests", "ledger_entry"},
    "commitments": {"meeting", "commitment"},
    "budgets": {"budget", "yuan", "work", "cost_yuan", "votes", "ledger_entry"},
    "tallies": {f"{n}_{w}{u}" for n, u in (("heads", ""), ("area", "_cm2")) for w in ("for", "against", "abstain", "silent", "all")},
    "schemes": {"version_number", "objects", "process"},
    "scheme_remarks": {"version_number", "statement"},
    "scheme_objects": {"version_number", "year"},
    "projects": {"budget_yuan"},
    "floor_area": {"number", "area_cm2", "reverses"},
    "profiles": {"yes"},
}  # fmt: skip


def test_the_limit_has_one_definition():
    """Statistics have conventions of their own (how many a comparison needs); the service has none beside ``hutong.few``."""
    said = re.compile(r"^(?:FEWEST|SMALLEST|LEAST_GROUP)\w* *(?::.*)?= *\d", re.M)
    assert not [p for p in (SOURCE / "service").rglob("*.py") if said.search(p.read_text("utf-8"))]
    assert len(said.findall((SOURCE / "few.py").read_text("utf-8"))) == 2


def test_a_count_is_told_whole_or_not_at_all():
    assert [told(n) for n in (None, 0, 1, FEWEST_PEOPLE - 1, FEWEST_PEOPLE)] == [
        None,
        0,
        None,
        None,
        FEWEST_PEOPLE,
    ]
    assert [told(n, FEWEST_THINGS) for n in (0, FEWEST_THINGS - 1, FEWEST_THINGS)] == [0, None, FEWEST_THINGS]


def test_every_count_of_the_open_data_has_a_limit_or_counts_no_people(database):
    from hutong.service.web.stage import stages

    whole = {
        d.id: {c.name for c in d.columns if c.kind == "whole" and not c.fewest}
        for s in stages()
        for d in s.datasets()
    }
    assert {k: v for k, v in whole.items() if v} == NO_PEOPLE


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 12), max_size=6), st.integers(0, 9).map(float))
def test_no_count_of_homes_singles_out_a_home(counts, people):
    from hutong.service.twin.homes import public_homes

    shown = public_homes(
        {"dwellings": sum(counts), "residents": people, "tenure": {f"t{i}": n for i, n in enumerate(counts)}}
    )
    assert all(n == 0 or n >= FEWEST_THINGS for _, n in shown.tenure)
    assert shown.others == 0 or shown.others >= FEWEST_THINGS
    assert shown.residents in (None, 0.0) or shown.residents >= FEWEST_PEOPLE


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6), st.integers(0, 9))
def test_no_rate_says_what_one_person_answered(units, elsewhere):
    """By unit so many known answers, of which so many yes; ``elsewhere`` are known of no unit."""
    from hutong.service.requests import selectors

    rows = [(f"u{i}", "satisfied", n + 3, n, min(n, yes), 0.5, 0.1, 0.9) for i, (n, yes) in enumerate(units)]
    whole = elsewhere + sum(n for n, _ in units)
    rows.insert(0, ("", "satisfied", whole, whole, 0, 0.5, 0.1, 0.9))
    table = pd.DataFrame(rows, columns=["place", "rate", "requests", "known", "yes", "share", "low", "high"])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(selectors, "rates", lambda *_: table)
        told = selectors.public_rates(False)
    known = told.set_index("place")["known"]
    assert (known >= FEWEST_THINGS).all()
    if len(known):
        hidden = known[""] - known.drop("").sum()
        assert hidden == 0 or hidden >= FEWEST_THINGS
    else:
        assert whole < FEWEST_THINGS


@pytest.mark.parametrize("n", [FEWEST_THINGS - 1, FEWEST_THINGS])
def test_kinds_and_places_of_few_requests_are_not_told(town, client, n):
    from hutong.service.requests import selectors, services

    for i in range(n):
        services.file(services.NewRequest(town.building, f"楼道灯不亮{i}"))
    kind = services.file(services.NewRequest(town.at("building", far=True), "楼道灯不亮")).request.kind
    here, _ = selectors.public_counts(town.building)
    page = client.get("/requests/").content.decode()
    assert (here is None) == (n < FEWEST_THINGS)
    counted = f'<th scope="row">{kind.en}</th><td class="n">{n + 1}</td>'
    assert (counted in page) == (n + 1 >= FEWEST_THINGS)
    assert f'<th scope="row">{kind.en}</th><td class="n">{FEWEST_THINGS - 1}</td>' not in page
    told = client.get("/api/v1/requests/statistics").json()
    assert all(k["count"] >= FEWEST_THINGS for k in told["kinds"])
    assert all(r["known"] >= FEWEST_THINGS for r in told["rates"])


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_a_mean_of_few_answers_on_belonging_is_not_told(town, client, n):
    from hutong.service.neighbourhood.models import Tally
    from hutong.service.neighbourhood.selectors import ITEMS

    items = {item: [0, 0, 0, 0, n] for item in ITEMS}
    Tally.objects.create(quarter=town.quarter, year=2026, counts={"60_up": {"resident_owner": items}})
    page = client.get("/neighbourhood/belonging").content.decode()
    assert ("not shown" in page) == (n < FEWEST_PEOPLE)
    assert ("5.0" in page) == (n >= FEWEST_PEOPLE)


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_a_question_tells_no_few_who_took_part(town, client, n):
    from hutong.service.council import services

    process = make_process(town)
    first = services.write(services.NewStatement(process, "门口装扶手"))
    for person in residents(town, n):
        services.cast(first, person, 1)
    page = browser().get(f"/council/{process.pk}").content.decode()
    shown = re.search(r"People who took part</dt><dd>([^<]*)</dd>", page).group(1)
    assert shown == ("under 5" if n < FEWEST_PEOPLE else str(FEWEST_PEOPLE))


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_a_budget_tells_no_few_ballots(town, n):
    from django.utils import timezone

    from hutong.service.budgets.models import Budget, Paper

    budget = Budget.objects.create(place=town.estate, title_zh="点单", yuan=100, phase="open")
    for i in range(n):
        Paper.objects.create(budget=budget, card=str(i), at=timezone.now())
    page = browser().get(f"/budgets/{budget.pk}").content.decode()
    shown = re.search(r"Ballots</dt><dd>([^<]*)</dd>", page).group(1)
    assert shown == ("under 5" if n < FEWEST_PEOPLE else str(FEWEST_PEOPLE))


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_neighbours_are_not_told_how_few_help(town, n):
    from hutong.service.neighbourhood.models import Hand, Post, Space
    from hutong.service.neighbourhood.selectors import told_to

    people = residents(town, n + 2)
    space = Space.objects.create(place=town.building)
    asked = Post.objects.create(space=space, owner=people[0], kind="help", words="求借梯子")
    for helper in people[1 : n + 1]:
        Hand.objects.create(post=asked, user=helper)
    assert [p.coming for p in told_to(people[0], space)] == [n]
    assert [p.coming for p in told_to(people[-1], space)] == [n if n >= FEWEST_PEOPLE else None]


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_a_finding_tells_of_no_few_people(n):
    from types import SimpleNamespace

    from django.template import Context, Template

    from hutong.service.checkup.api import _found
    from hutong.text import Text

    found = SimpleNamespace(
        rank=1, indicator="x", scale="building", place_id="b", place_title=Text("楼", "House"), status="warn", value=1.0,
        standard=2.0, people=float(n), severity=0.5, coverage=1.0, reason=Text("少", "few"),
    )  # fmt: skip
    assert _found(found)["people"] == (n if n >= FEWEST_PEOPLE else None)
    shown = Template("{% load hutong %}{% people n %}").render(Context({"n": told(float(n))}))
    assert (shown == "5") == (n >= FEWEST_PEOPLE)


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_a_profile_tells_no_rate_of_few_people(town, n):
    from django.utils import timezone

    from hutong.service.budgets.models import Budget, Paper
    from hutong.service.profiles import counting

    now = timezone.now()
    budget = Budget.objects.create(place=town.estate, title_zh="点单", yuan=100)
    for i in range(n):
        Paper.objects.create(budget=budget, card=str(i), at=now - dt.timedelta(days=9))
    told = counting.counts(town.quarter, *counting.periods(now)[-1], 1000)["taking_part"]
    assert told.yes == (n if n >= FEWEST_PEOPLE else 0)


@pytest.mark.parametrize("n", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_reasons_and_applications_of_few_homes_are_not_told(consent, n):
    """Homes that a roll holds back by reason, and applications by where they stand."""
    from collections import namedtuple
    from types import SimpleNamespace

    from hutong.service.consent.rolls import selectors
    from hutong.service.consent.rolls.selectors import HELD_BACK

    reason = next(iter(HELD_BACK))
    book = SimpleNamespace(held_back=[namedtuple("Held", "reason")(reason)] * n)
    assert selectors.held_back(book) == [(HELD_BACK[reason], n if n >= FEWEST_PEOPLE else None)]


def test_no_building_of_a_roll_tells_of_few_heads(consent):
    """Three buildings: two small ones are added up, and where they are few together the next joins them."""
    from hutong.service.consent.rolls import selectors
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text
    from tests.service.consent_town import table

    other = make_place(consent.town.estate, NewPlace("building", "small", Text("小楼", "Small house")))
    rows = pd.concat([table(9), table(2, building=other.code)]).reset_index(drop=True)
    rows["dwelling_id"] = [f"d{i}" for i in range(len(rows))]
    rows["holder"] = [f"ref-{i}" for i in range(len(rows))]
    told = selectors.by_building(consent.roll(rows))
    assert [r["heads"] for r in told] == [11]
