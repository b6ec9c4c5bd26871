"""The rates that the database counts are those of the cases, one by one; official orders are counted apart."""

import datetime as dt
import random
from importlib import import_module

import pandas as pd
import pytest

NOW = dt.datetime.now(dt.UTC)


def walk(town, n, seed):
    """File requests that go any way that the machine allows; every third is an order of the hotline."""
    from hutong.act.cases import machine
    from hutong.errors import HutongError
    from hutong.service.requests import services
    from hutong.service.requests.services import NewRequest

    chance = random.Random(seed)  # noqa: S311 (which way a case goes, no secret)
    for i in range(n):
        filed = NOW - dt.timedelta(days=chance.choice((1, 20, 60)), hours=chance.random())
        new = NewRequest(
            town.building, f"水管漏水{i}", nature=chance.choice(("help", "complaint", "inquiry")), filed=filed
        )
        order = {"channel": "hotline", "outside_number": f"BJ-{i}"} if i % 3 == 0 else {}
        r = services.file(NewRequest(**{**new.__dict__, **order})).request
        at = filed
        for _ in range(chance.randrange(3, 12)):
            at += dt.timedelta(hours=chance.choice((1, 30)))
            rare = ("refer", "withdraw", "answer", "miss") if chance.random() < 0.9 else ()
            may = [e for e in machine().allowed(r.state) if e.id not in ("whistle", "extend", "raise", *rare)]
            event = chance.choice(may or [None])
            if event is None or at > NOW:
                break
            said = {
                "category": "pipes", "limit": "request.utility_hours_max", "unit": chance.choice(("water", "gas")),
                "ground": "statutory", "reason": "因为", "reply": "已办", "satisfied": chance.choice((True, False, None)),
            }  # fmt: skip
            by = event.by[0]
            try:
                r = services.step(
                    r, event.id, by, unit=r.unit if by == "unit" else "", at=at,
                    said={k: said[k] for k in event.needs},
                )  # fmt: skip
            except HutongError:  # a guard: somebody else must do something first
                continue


def plain(official):
    """Count the rates from the cases, one by one."""
    from hutong.sense.requests import rates
    from hutong.sense.requests.read import Requests
    from hutong.service.requests import selectors
    from hutong.service.requests.models import Request

    rows = []
    for r in Request.objects.exclude(nature="inquiry"):
        c = selectors.case(r)
        if c.state in ("referred", "withdrawn", "answered") or (r.channel == "hotline") != official:
            continue
        late = c.due is not None and c.due < NOW
        in_time = c.replied <= c.due if c.replied and c.due else False if late else None
        rows.append(
            (c.unit or None, True if c.replied else False if late else None, c.solved, c.satisfied, in_time)
        )
    table = pd.DataFrame(rows, columns=["unit", "responded", "resolved", "satisfied", "in_time"])
    for name in table.columns[1:]:
        table[name] = table[name].astype("boolean")
    return rates(Requests(table.drop(columns="in_time")), extra={"in_time": table["in_time"]})


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rates_of_the_database_are_those_of_the_cases(town, seed):
    from hutong.service.requests import selectors

    walk(town, 30, seed)
    for official in (True, False):
        fast, slow = selectors.rates(official, now=NOW), plain(official)
        assert len(slow) >= 4
        pd.testing.assert_frame_equal(fast, slow, check_dtype=False)


def test_what_the_rates_hide_is_counted_from_the_cases(town):
    from hutong.service.requests import selectors
    from hutong.service.requests.models import Request

    walk(town, 30, 3)
    cases = [selectors.case(r) for r in Request.objects.all()]
    told = selectors.hidden_by_rates()
    assert told == {
        "all": 30,
        "unreached": sum(c.state == "unreached" for c in cases),
        "reopened": sum(c.reopened > 0 for c in cases),
        "disputed": sum(c.disputes > 0 for c in cases),
        "extended": sum(c.extended for c in cases),
    }
    assert told["disputed"] > 0
    assert told["reopened"] > 0


def test_the_columns_can_be_drawn_from_the_steps_again(town):
    from django.apps import apps

    from hutong.service.requests.models import Request
    from hutong.service.requests.selectors import DRAWN

    walk(town, 12, 4)
    before = list(Request.objects.order_by("pk").values(*DRAWN))
    Request.objects.update(state="filed", replied=None, solved=None, satisfied=None, reopened=0, disputes=0)
    import_module("hutong.service.requests.migrations.0002_drawn_columns").draw(apps, None)
    assert list(Request.objects.order_by("pk").values(*DRAWN)) == before
