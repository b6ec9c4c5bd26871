"""What the tests of sense share: the hand-made street, the rules, and a small quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from hutong.city import City, make_quarter
from hutong.rules import Rules, load_rules

from .sense_street import build, tables


@pytest.fixture
def street() -> City:
    return build(tables())


@pytest.fixture
def rebuilt() -> Callable[..., City]:
    """Return the street's city with some tables changed by functions of the table."""

    def make(origin: str = "observed", **change: Callable[[pd.DataFrame], pd.DataFrame]) -> City:
        changed = tables()
        for name, function in change.items():
            changed[name] = function(changed[name])
        return build(changed, origin)

    return make


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules("beijing", on=dt.date(2026, 1, 1))


@pytest.fixture(scope="session")
def quarter() -> City:
    return make_quarter(dwellings=300, seed=1)
