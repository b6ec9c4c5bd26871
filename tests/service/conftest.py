"""The service under test: a database of its own, each test undone, and a place with people in it.

``HUTONG_TEST_POSTGRES=1`` runs the same tests on a PostgreSQL cluster that is started for them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import pytest

from tests.service import tables

_data = tempfile.mkdtemp(prefix="hutong-test-")
atexit.register(shutil.rmtree, _data, True)
os.environ["HUTONG_DATA"] = _data
os.environ["DJANGO_SETTINGS_MODULE"] = "hutong.service.settings"
for name in ("HUTONG_URL", "HUTONG_SECRET_KEY", "HUTONG_PROXY", "DATABASE_URL"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def database():
    """Make Django ready and a test database with all its tables."""
    cluster = None
    if os.environ.get("HUTONG_TEST_POSTGRES") == "1":
        from tests.service.postgres import Cluster

        cluster = Cluster()
        os.environ["DATABASE_URL"] = cluster.url
        tables.fill(cluster)
    from hutong.service.setup import ready

    ready()
    from django.conf import settings
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with tables.in_memory("default") if cluster is None else nullcontext():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(made, verbosity=0)
    if cluster is not None:
        cluster.stop()


@contextmanager
def undone():
    """Undo whatever is written inside."""
    from django.core.cache import cache
    from django.db import transaction

    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def country(database):
    """Return two quarters that every test finds as they were made: what a test writes is undone."""
    with undone():
        yield make_town()


@pytest.fixture
def db(country):
    """Undo whatever the test writes."""
    with undone():
        yield


@dataclass
class Town:
    """Two quarters in two subdistricts of one city, and people with roles in the first."""

    city: object
    district: object
    subdistrict: object
    quarter: object
    block: object
    estate: object
    building: object
    elsewhere: dict = field(default_factory=dict)

    def at(self, level: str, far: bool = False):
        """Return the place of a level, in the first quarter or in the other."""
        return self.elsewhere[level] if far else getattr(self, level)

    def person(self, role: str, far: bool = False, name: str = "", verified: str = "office"):
        """Return a new person with a role at the smallest level that it may be held at down to the quarter."""
        from hutong.service.accounts import services
        from hutong.service.accounts.roles import roles

        user = services.make_user(name or f"{role}{'-far' if far else ''}", "a-long-password-1")
        level = roles()[role].levels[-1]
        level = (
            "quarter"
            if level in ("block", "estate", "building") and "quarter" in roles()[role].levels
            else level
        )
        services.grant(user, role, self.at(level, far), verified=verified)
        return user


def make_town() -> Town:
    """Make two quarters that share nothing but the country."""
    from hutong.service.places.services import NewPlace, make_place
    from hutong.text import Text

    levels = ("city", "district", "subdistrict", "quarter", "block", "estate", "building")

    def tree(prefix: str) -> dict:
        out, parent = {}, None
        for level in levels:
            name = f"{prefix} {level}"
            parent = out[level] = make_place(parent, NewPlace(level, f"{prefix}-{level}", Text(name, name)))
        return out

    return Town(**tree("near"), elsewhere=tree("far"))


@pytest.fixture
def town(country, db) -> Town:
    """Return two quarters with nobody in them."""
    return country


@pytest.fixture
def client(db):
    """Return a browser without scripts that speaks English."""
    from django.test import Client

    return Client(headers={"accept-language": "en"})


DATES = ("2024-01-01", "2025-01-01", "2026-01-01")


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Return the folders of one small quarter on three days, the earliest first."""
    from hutong.city import make_quarter

    root = tmp_path_factory.mktemp("cities")
    return [make_quarter(dwellings=300, seed=1, date=d).save(root / d) for d in DATES]


def quiet(_done, _total, _what) -> None:
    """Take progress and say nothing."""


@pytest.fixture(scope="session")
def imported(country, folders):
    """Import the last two days as drafts, and check the last against the one before; return their keys."""
    from hutong.service.checkup.services import make_checkup
    from hutong.service.twin.services import import_city

    first, second = (import_city(folder, country.quarter, None, quiet) for folder in folders[1:])
    run = make_checkup(second, first, "beijing", None, quiet)
    return first.pk, second.pk, run.pk


@pytest.fixture
def snapshots(imported, db):
    """Return two days of the quarter as drafts, and forget what other tests did with them."""
    from hutong.service.twin.selectors import snapshot

    return [snapshot(pk) for pk in imported[:2]]


@pytest.fixture
def run(imported, db):
    """Return the checkup of the later day, a draft."""
    from hutong.service.checkup.selectors import run

    return run(imported[2])


@pytest.fixture(scope="session")
def ground(imported):
    """Lay the small quarter out for schemes; return the studio as it was kept."""
    from hutong.service.checkup.selectors import run
    from hutong.service.schemes import warm

    found = run(imported[2])
    warm.lay_out(found, quiet)
    with warm.studio_of(found) as held:
        return held.studio


@pytest.fixture
def consent(town, monkeypatch):
    """Return a town with officers who run votes, and a clock that stands until it is moved; the nation's rules hold."""
    from hutong.service.consent import clock
    from hutong.service.requests import selectors
    from tests.service.consent_town import Consent

    made = Consent(town)
    monkeypatch.setattr(clock, "now", lambda: made.clock[0])
    monkeypatch.setattr(selectors, "JURISDICTION", "national")
    return made


@pytest.fixture(scope="module")
def crowd(country, imported, folders):
    """Return everybody, signed in, and an object for every page; made once for a module, whose tests undo what they write."""
    from tests.service.crowd import gathered

    with gathered(country, imported, folders) as made:
        yield made


from tests.service.browser import chromium, served  # noqa: E402, F401 (one site for all)
