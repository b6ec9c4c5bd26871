"""The example quarter and its page, and one page of the real loop, each made once."""

from __future__ import annotations

import datetime as dt

import pytest

from hutong.agree import vote_rule
from hutong.city import make_quarter
from hutong.loop import Settings, run_loop
from hutong.report import opinions_from_files, render
from hutong.rules import load_rules

from .report_example import EVIL, make_check, make_city, make_ensemble, make_plan
from .talk_example import count, write

MADE_AT = "2026-11-23T09:00:00+08:00"


@pytest.fixture(scope="session")
def rules():
    return load_rules("beijing", on=dt.date(2026, 11, 23))


@pytest.fixture(scope="session")
def city():
    return make_city()


@pytest.fixture(scope="session")
def page(city, rules):
    return render(city, rules, make_check(city), make_plan(city), make_ensemble(), made_at=MADE_AT)


@pytest.fixture(scope="session")
def evil_page(rules):
    city = make_city(evil=EVIL)
    return render(city, rules, make_check(city), make_plan(city), make_ensemble())


@pytest.fixture(scope="session")
def loop():
    return run_loop(make_quarter(dwellings=300, seed=1), Settings(runs=4, months=24))


@pytest.fixture(scope="session")
def loop_page(loop):
    return render(loop.city, loop.rules, loop.check, loop.plan, loop.ensemble)


@pytest.fixture(scope="session")
def talk(tmp_path_factory):
    files = write(tmp_path_factory.mktemp("talk"))
    return opinions_from_files(*files, source="CC BY 4.0, made up", title="楼里的事")


@pytest.fixture(scope="session")
def talk_page(talk, city, rules):
    kinds = ["reform"] * 8 + ["commodity"] * 12
    special = vote_rule(rules, "special")
    counts = [
        count([50] * 20, 8, 0, special, kinds),
        count([50] * 8, 2, 5, special),
        count([50] * 8, 7, 1, special),
    ]
    made = (city, rules, make_check(city), make_plan(city), make_ensemble())
    return render(*made, opinions=talk, counts=counts)
