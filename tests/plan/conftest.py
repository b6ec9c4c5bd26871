"""A small quarter, its checkup and its plan, made once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hutong.city import City
from hutong.city.quarter import make_quarter
from hutong.plan import Plan, load_measures, make_plan
from hutong.plan.needs import Needs, gather_needs
from hutong.plan.objects import Objects, gather
from hutong.plan.options import Options, build_options
from hutong.plan.studio import Studio
from hutong.rules import Rules, load_rules
from hutong.sense.checkup import checkup
from hutong.sense.results import Checkup


@dataclass(frozen=True)
class Quarter:
    city: City
    rules: Rules
    check: Checkup
    objects: Objects
    options: Options
    needs: Needs
    plan: Plan


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules()


@pytest.fixture(scope="session")
def quarter(rules: Rules) -> Quarter:
    city = make_quarter(dwellings=300, seed=1)
    check = checkup(city, rules)
    objects = gather(city, check, rules)
    options = build_options(objects, load_measures(), rules, seed=1)
    return Quarter(
        city, rules, check, objects, options, gather_needs(options, check), make_plan(city, check, rules)
    )


@pytest.fixture(scope="session")
def studio(quarter: Quarter) -> Studio:
    return Studio.open(quarter.city, quarter.check, quarter.rules)
