"""The example quarter and its page, made once."""

from __future__ import annotations

import datetime as dt

import pytest
from report_example import make_check, make_city, make_ensemble, make_plan

from hutong.report import render
from hutong.rules import load_rules


@pytest.fixture(scope="session")
def rules():
    return load_rules("beijing", on=dt.date(2026, 11, 23))


@pytest.fixture(scope="session")
def page(rules):
    city = make_city()
    return render(city, rules, make_check(city), make_plan(city), make_ensemble(), made_at="2026-11-23T09:00:00+08:00")
