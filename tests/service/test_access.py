"""Every page × every role × every object, inside and outside the role's place, against tables written by hand.

What opens is HTML that the light check (``html.py``) finds no fault in, in both languages.
The tables lie in ``access/``: ``APP.yaml`` names an app's pages, and ``APP.py`` makes what they are opened on, by
``subjects(town, owner)``, which returns per page and variant the captured parts of its address.
"""

from __future__ import annotations

import json
import os
import re

import pytest

from tests.service.crowd import ANSWERS, ENGLISH, FOREIGN, TABLE, TABLES, expected, pages
from tests.service.html import html_faults


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


#: Of those who may open a page, so many are let in and see it whole, and a role that a page refuses at its own place is not
#: tried elsewhere; the slow walk sends everybody.
LET_IN = 2
#: On the second database every eighth page is walked: who is let in does not rest on it. The slow walk takes all.
PAGES = sorted(TABLE)[:: 8 if os.environ.get("HUTONG_TEST_POSTGRES") else 1]


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_to_those_of_the_table_alone(page, crowd):
    walk(page, crowd, LET_IN)


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(TABLE))
def test_pages_open_to_everybody_of_the_table(page, crowd):
    walk(page, crowd, None)


def some_of(walkers: list, right: list[bool], most: int | None) -> list:
    """Return whom to send: of those let in whoever owns it and ``most`` others, spread evenly; of those to be refused
    everybody near, and who holds a role elsewhere if the role opens the page here. None: everybody."""
    if most is None:
        return list(zip(walkers, right, strict=True))
    inside = [
        i for i, (walker, lets) in enumerate(zip(walkers, right, strict=True)) if lets and walker[1] != "own"
    ]
    if len(inside) > most:
        spread = {inside[round(k * (len(inside) - 1) / (most - 1))] for k in range(most)}
        inside = [i for i in inside if i in spread]
    keep = set(inside)
    opens_here = {walker[:2] for walker, lets in zip(walkers, right, strict=True) if lets and not walker[2]}
    return [
        (walker, lets)
        for i, (walker, lets) in enumerate(zip(walkers, right, strict=True))
        if i in keep or walker[1] == "own" or (not lets and (not walker[2] or walker[:2] in opens_here))
    ]


def walk(page, crowd, most):
    """Open a page as those of :func:`some_of`."""
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
            for _who, _far, client in crowd.people[-3:] if most is None else crowd.people[-1:]:
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
