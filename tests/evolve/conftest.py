"""A small quarter, the rules, and a scheme written by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from hutong.city import City, make_quarter
from hutong.evolve.world import build_world
from hutong.plan.results import Scheme
from hutong.rules import Rules, load_rules

from .evolve_case import write_scheme


@pytest.fixture(scope="session")
def quarter() -> City:
    return make_quarter(dwellings=300, seed=1)


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules("beijing", on=dt.date(2026, 11, 1))


@pytest.fixture(scope="session")
def scheme(quarter: City) -> Scheme:
    return write_scheme(quarter)


@pytest.fixture(scope="session")
def world(quarter, scheme, rules):
    return build_world(quarter, scheme, rules).world
