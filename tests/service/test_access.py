"""Every page × every role × every object, inside and outside the role's place, against tables written by hand.

What opens is HTML that the light check (``html.py``) finds no fault in, in both languages.
The tables lie in ``access/``: ``APP.yaml`` names an app's pages, and ``APP.py`` makes what they are opened on, by
``subjects(town, owner)``, which returns per page and variant the captured parts of its address.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from tests.service.conftest import quiet, undone
from tests.service.html import html_faults

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


def test_no_page_stands_in_two_tables():
    assert len(TABLE) == sum(len(table) for table in TABLES)


def test_every_page_stands_in_the_table(database):
    ours = {name for name in pages() if not str(name).startswith(FOREIGN)}
    assert ours == set(TABLE)


def test_every_page_says_who_may_open_it(database):
    for name, view in pages().items():
        if not str(name).startswith(FOREIGN):
            assert getattr(view, "access", None), f"{name} does not say who may open it"


def test_every_permission_of_a_page_is_defined(database):
    import rules

    for view in pages().values():
        access = getattr(view, "access", "public")
        assert access in ("public", "signed in") or rules.perm_exists(access), access


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


@pytest.fixture(scope="module")
def crowd(country, imported, folders):
    """Make the objects and everybody once; each request is undone."""
    from django.test import Client

    from hutong.service.accounts import services
    from hutong.service.accounts.roles import roles

    def browser(user=None):
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    with undone():
        town = country
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


#: Of those who may open a page, so many are let in and see it whole; the slow walk lets in everybody.
LET_IN = 3


@pytest.mark.parametrize("page", sorted(TABLE))
def test_pages_open_to_those_of_the_table_alone(page, crowd):
    walk(page, crowd, LET_IN)


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(TABLE))
def test_pages_open_to_everybody_of_the_table(page, crowd):
    walk(page, crowd, None)


def some_of(walkers: list, right: list[bool], most: int | None) -> list:
    """Return everybody who is to be refused, and of those let in whoever owns it and ``most`` others, spread evenly."""
    inside = [
        i for i, (walker, lets) in enumerate(zip(walkers, right, strict=True)) if lets and walker[1] != "own"
    ]
    if most is not None and len(inside) > most:
        spread = {inside[round(k * (len(inside) - 1) / (most - 1))] for k in range(most)}
        inside = [i for i in inside if i in spread]
    keep = set(inside)
    return [
        (walker, lets)
        for i, (walker, lets) in enumerate(zip(walkers, right, strict=True))
        if i in keep or not lets or walker[1] == "own"
    ]


def walk(page, crowd, most):
    """Open a page as everybody who is to be refused and as ``most`` of those who are to be let in (None: all)."""
    from django.db import transaction
    from django.urls import reverse

    from hutong.service.web.rest import ACCESS

    row = dict(TABLE[page])
    method, scope = row.pop("method", "GET"), row.pop("scope", "place")
    sent = {"data": json.dumps(row.pop("body")), "content_type": "application/json"} if "body" in row else {}
    found = crowd.found.get(page, {"": {}})
    assert set(row) == set(found), f"{page}: the table and the objects name other variants"
    wrong, shapes = [], set()
    by_token = page in ACCESS
    by_machine = {who for who, _, _ in crowd.machines} if by_token else set()
    walkers = [(False, *one) for one in crowd.people if one[0] not in by_machine]
    walkers += [(True, *one) for one in crowd.machines if by_token]
    for variant, parts in found.items():
        right = [
            expected(row[variant], who, far, scope)
            # what writes by the API takes a token, not a browser's session
            and not (by_token and method == "POST" and not token)
            for token, who, far, _ in walkers
        ]
        for (_, who, far, client), lets in some_of(walkers, right, most):
            point = transaction.savepoint()
            answer = client.generic(method, reverse(page, kwargs=parts), **sent)
            if answer.streaming:
                b"".join(answer.streaming_content)
            got = answer.status_code
            transaction.savepoint_rollback(point)
            assert got in ANSWERS or (page == "api_missing" and got == 404), f"{page} {variant} {who}: {got}"
            if (got not in (401, 403)) != lets:
                wrong.append(f"{variant or page} {who}{' elsewhere' if far else ''}: {got}")
            wrong += new_faults(answer, shapes)
        if method == "GET":
            point = transaction.savepoint()
            for _who, _far, client in crowd.people[-3:]:
                wrong += new_faults(client.get(reverse(page, kwargs=parts), headers=ENGLISH), shapes)
            transaction.savepoint_rollback(point)
    assert not wrong, "\n".join(wrong)


def new_faults(answer, shapes: set) -> list[str]:
    """Return what is wrong with the HTML of an answer, unless a page of the same make was checked before."""
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return []
    text = answer.content.decode()
    shape = (answer.get("Content-Language"), *re.findall(r"<[a-z0-9]+", text))
    if shape in shapes:
        return []
    shapes.add(shape)
    return html_faults(text)
