"""Everybody who might open a page, and the objects that the pages are opened on, from the tables in ``access/``.

``APP.yaml`` names an app's pages and who may open them; ``APP.py`` makes what they are opened on, by
``subjects(town, owner)``, which returns per page and variant the captured parts of its address.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import yaml

from tests.service.conftest import quiet, undone

FOLDER = Path(__file__).with_name("access")
TABLES = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
TABLE = {page: row for table in TABLES for page, row in table.items()}
#: Not ours, and tested by their makers: signing in, passkeys, passwords.
JSON = {"": {"form": "json"}}
BALLOT = {"ballot": "b-1", "channel": "counter"}
FOREIGN = ("account_", "mfa_")
ENGLISH = {"accept-language": "en"}
#: How a page may answer to anyone; the API says 422 where a body is missing.
ANSWERS = (200, 302, 304, 400, 401, 403, 422)


def pages():
    """Return every page of the site by name, with its view."""
    from django.urls import get_resolver

    def walk(resolver):
        for entry in resolver.url_patterns:
            if hasattr(entry, "url_patterns"):
                yield from walk(entry)
            else:
                yield entry.name, entry.callback

    return dict(walk(get_resolver()))


def subjects(town, owner, imported, published):
    """Return, per page and variant, the captured parts of its address: objects in the first quarter."""
    from hutong.service.accounts import services as accounts
    from hutong.service.jobs.models import FAILED, Job
    from hutong.service.ledger import services as ledger
    from hutong.service.requests import services as requests
    from hutong.service.requests.photos import Picture

    given = accounts.grant(owner, "council_member", town.quarter)
    job = Job.objects.create(
        kind="twin.import",
        title_zh="导入快照",
        title_en="Import",
        place=town.quarter,
        owner=owner,
        state=FAILED,
    )
    entry = ledger.record(
        "ballot.cast", BALLOT, {"voter": "v", "choice": "for"}, place=town.quarter, by=owner
    )
    one = {"": {"index": entry.index}}
    new = requests.NewRequest(
        town.building, "天花板漏水", owner=owner, photos=[Picture(b"jpeg", "walk.jpg", 1, 1)]
    )
    r = requests.file(new).request
    mine, at_home = {"": {"pk": r.pk}}, {"": {"pk": town.building.pk}}
    found = {
        "revoke": {"": {"pk": given.pk}},
        "job": {"": {"pk": job.pk}},
        "job_retry": {"": {"pk": job.pk}},
        **dict.fromkeys(("ledger_entry", "ledger_receipt", "ledger_receipt_file", "ledger_proof"), one),
        "ledger_consistency": {"": {"old": 0}},
        **dict.fromkeys(("request_new", "request_alike"), at_home),
        **dict.fromkeys(("request_filed", "request_own", "request_follow", "request_case"), mine),
        "request_own_step": {"": {"pk": r.pk, "event": "withdraw"}},
        "request_step": {"": {"pk": r.pk, "event": "take_in"}},
        **dict.fromkeys(("open311_discovery", "open311_services", "open311_requests"), JSON),
        "open311_service": {"": {"code": "pipes", "form": "json"}},
        "open311_request": {"": {"number": r.number, "form": "xml"}},
        "request_photo": {"": {"pk": r.photos.get().pk}},
    }
    for page in TABLE:
        for variant, (snapshot, run) in {"draft": imported[1:], "published": published}.items():
            if variant in TABLE[page]:
                of = (
                    run
                    if page in OF_RUNS or (page.startswith("checkup") and page != "checkup_make")
                    else snapshot
                )
                found.setdefault(page, {})[variant] = {"pk": of, **PARTS.get(page, {})}
    for path in sorted(FOLDER.glob("[!_]*.py")):
        found |= import_module(f"tests.service.access.{path.stem}").subjects(town, owner)
    return found


#: Routes of the API whose first number is a checkup's.
OF_RUNS = ("api_checkup", "api_indicators", "api_indicator", "api_findings", "api_finding", "api_metrics")
#: What else an address captures.
PARTS = {
    "api_building": {"building_id": "b0000001"},
    "api_indicator": {"name": "reach_culture"},
    "api_finding": {"rank": 1},
    "layer": {"name": "year"},
    "building": {"building_id": "b0000001"},
    "building_row": {"row": 3},
    "download": {"name": "buildings.csv"},
    "checkup_indicator": {"name": "reach_culture"},
    "checkup_finding": {"rank": 1},
    "checkup_layer": {"name": "finding"},
}


def publish_one(town, folder):
    """Import and check another day of the quarter and publish both; return their keys."""
    from hutong.service.checkup.services import make_checkup
    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.twin.services import import_city, publish

    snapshot = import_city(folder, town.quarter, None, quiet)
    publish(snapshot)
    run = make_checkup(snapshot, None, "beijing", None, quiet)
    publish_run(run)
    return snapshot.pk, run.pk


def expected(allowed: list[str], who: str, far: bool, scope: str) -> bool:
    """Return whether the table lets somebody in."""
    if "everyone" in allowed or ("signed_in" in allowed and who != "visitor"):
        return True
    return who in allowed and (not far or scope == "anywhere")


@dataclass
class Crowd:
    """Everybody who might open a page, signed in, and the objects that they might open."""

    people: list  # (role or visitor/own/nobody, elsewhere, browser)
    machines: list  # the same with a token each
    found: dict


@contextmanager
def gathered(town, imported, folders):
    """Make the objects and everybody; all is undone at the end."""
    from django.test import Client

    from hutong.service.accounts import services
    from hutong.service.accounts.roles import roles

    def browser(user=None):
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            client.person = user
        return client

    with undone():
        owner = services.make_user("owner", "a-long-password-1")
        people = [("visitor", False, browser()), ("own", False, browser(owner))]
        people.append(("nobody", False, browser(services.make_user("nobody", "a-long-password-1"))))
        people += [(role, far, browser(town.person(role, far))) for role in roles() for far in (False, True)]
        machines = [
            (role, far, machine(town, role, far)) for role in machine_roles() for far in (False, True)
        ]
        yield Crowd(people, machines, subjects(town, owner, imported, publish_one(town, folders[0])))


def machine_roles():
    from hutong.service.api.selectors import machine_roles

    return [role.id for role in machine_roles()]


def machine(town, role, far):
    """Return a program with a token for a role, at the same place as the person of that role."""
    from django.test import Client

    from hutong.service.accounts.roles import roles
    from hutong.service.api.services import make_token

    levels = roles()[role].levels
    place = town.at("quarter" if "quarter" in levels else levels[-1], far)
    _, secret = make_token(role, role, place, None)
    return Client(headers={"authorization": f"Bearer {secret}"})
