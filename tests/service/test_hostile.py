"""What an attacker or a broken program sends, generated from the site's own addresses and forms: each is answered in words.

By default a sample, spread by the names of pages; ``-m slow`` sends everything everywhere.
"""

from __future__ import annotations

import contextlib
import inspect
import re
import zlib
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest

from tests.service.crowd import ENGLISH, TABLE, expected
from tests.service.forms import Form, filled, forms_of
from tests.service.hostile import ATTACKS, HUGE, SCRIPT, STRANGE

#: In the default sample one page in so many meets one strange text, and each of its forms one attack.
ONE_IN = 3
READS = re.compile(r"GET(?:\.get|\.getlist)?[\[(]\s*\"(\w+)\"|asked_key\(request, \"(\w+)\"")


def turned(things, name: str, most: int | None):
    """Return ``most`` of the things, others for each name; all where there is no limit."""
    rows = list(things)
    if most is None or not rows:
        return rows
    first = zlib.crc32(name.encode())
    return [rows[(first + k * 7) % len(rows)] for k in range(min(most, len(rows)))]


@dataclass(frozen=True)
class Opened:
    """A page as somebody may open it."""

    page: str
    who: str
    client: object
    path: str


def opened(crowd, page: str, everybody: bool) -> list[Opened]:
    """Return who may open a page: one of each kind, or everybody of the place."""
    from django.urls import reverse

    row = dict(TABLE[page])
    scope = row.pop("scope", "place")
    out = []
    for variant, parts in crowd.found.get(page, {"": {}}).items():
        allowed = row[variant]
        into = [
            (who, client)
            for who, far, client in crowd.people
            if not far and expected(allowed, who, far, scope)
        ]
        if not everybody and len(into) > 1:  # an officer's page holds more forms than a visitor's
            into = into[-1:]
        out += [Opened(page, who, client, reverse(page, kwargs=parts)) for who, client in into]
    return out


def asked(client, method: str, path: str, data=None, **headers):
    """Send a request and take it back; return the status and the answer, or what was raised."""
    from django.core.cache import cache
    from django.db import transaction

    point = transaction.savepoint()
    cache.clear()  # limits by the hour are not what is tried here
    try:
        if method == "post":
            answer = client.post(path, data or {}, headers={**ENGLISH, **headers})
        else:
            answer = client.get(path, headers={**ENGLISH, **headers})
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer.status_code, answer
    except Exception as caught:
        return 500, f"{type(caught).__name__}: {str(caught)[:160]} at {_where(caught)}"
    finally:
        transaction.savepoint_rollback(point)


def _where(caught: Exception) -> str:
    lines = [
        f"{frame.filename.rsplit('/hutong/', 1)[-1]}:{frame.lineno}"
        for frame in inspect.getinnerframes(caught.__traceback__)
        if "/hutong/service" in frame.filename
    ]
    return lines[-1] if lines else "?"


def in_words(answer) -> bool:
    """Return whether a refusal says something: a sentence beside a field, a page that tells, or a detail for programs."""
    kind = answer.get("Content-Type", "")
    text = answer.content.decode("utf-8", "replace")
    if "html" in kind:
        return bool(re.search(r'class="error"|role="alert"|class="[^"]*\b(?:notice|empty)\b', text))
    return len(text.strip()) > 10


def gets() -> list[str]:
    return sorted(p for p, row in TABLE.items() if row.get("method", "GET") == "GET")


def read_by(page: str) -> list[str]:
    """Return the names that the module of a page reads from query strings, and some that it does not know."""
    from tests.service.crowd import pages

    view = inspect.unwrap(pages()[page])
    module = inspect.getmodule(view)
    names = {name for pair in READS.findall(inspect.getsource(module)) for name in pair if name}
    with contextlib.suppress(ValueError):
        names |= set(inspect.signature(view).parameters) - {"request", "_request", "found"}
    return sorted(names) or ["page"]


def query_faults(crowd, page: str, most: int | None) -> list[str]:
    wrong = []
    for one in opened(crowd, page, False)[:1]:
        names = read_by(page)
        for words in turned(STRANGE, page, most):
            sets = [dict.fromkeys(names, words)] if most else [{n: words} for n in names]
            for given in sets:
                status, answer = asked(one.client, "get", f"{one.path}?{urlencode(given)}")
                if status >= 500:
                    wrong.append(f"{one.path}?{'&'.join(given)}={words[:30]!r} as {one.who}: {answer}")
    return wrong


def address_faults(crowd, page: str, most: int | None) -> list[str]:
    """Put strange things where an address names an object; an answer that shows something is as wrong as a broken one."""
    from django.urls import NoReverseMatch, reverse

    wrong = []
    method = TABLE[page].get("method", "GET").lower()
    for variant, parts in list(crowd.found.get(page, {}).items())[:1]:
        who = next((o for o in opened(crowd, page, False)), None)
        client = who.client if who else crowd.people[-1][2]
        for name, value in parts.items():
            strange = (HUGE, "2147483646", str(2**63)) if isinstance(value, int) else STRANGE[:-1]
            for words in turned(strange, page, most):
                try:
                    mark = 987654321 if isinstance(value, int) else "zqzqzq"
                    path = reverse(page, kwargs={**parts, name: mark}).replace(
                        str(mark), quote(words, safe="")
                    )
                except NoReverseMatch:
                    continue
                status, answer = asked(client, method, path)
                if status >= 500 or (
                    status == 200 and isinstance(value, int) and page != "ledger_consistency"
                ):
                    wrong.append(f"{page} {variant} {name}={words[:30]!r}: {status} {answer}")
    return wrong


def forms_at(one: Opened) -> list[Form]:
    status, answer = asked(one.client, "get", one.path)
    if status != 200 or answer.streaming or "html" not in answer.get("Content-Type", ""):
        return []
    return [
        f
        for f in forms_of(answer.content.decode(), one.path)
        if f.method == "post" and not f.action.startswith(FOREIGN)
    ]


FOREIGN = ("/accounts/", "/choose")


def form_faults(crowd, page: str, most: int | None, seen: set) -> list[str]:
    wrong = []
    for one in opened(crowd, page, most is None):
        for form in forms_at(one):
            key = (page, re.sub(r"\d+", "#", form.action), form.shape)
            if key in seen:
                continue
            seen.add(key)
            meant = {
                n: attack for n, attack in ATTACKS.items() if any(attack(f) is not None for f in form.fields)
            }
            for name in turned(meant, page + form.action, most):
                status, answer = asked(one.client, "post", form.action, filled(form, ATTACKS[name]))
                at = f"{form.action} from {one.path} as {one.who}, {name}"
                if status >= 500:
                    wrong.append(f"{at}: {answer}")
                elif 400 <= status < 500 and not in_words(answer):
                    wrong.append(f"{at}: {status} without a word: {answer.content[:80]!r}")
                elif (
                    name == "script"
                    and answer.content
                    and SCRIPT[:20] in answer.content.decode("utf-8", "replace")
                ):
                    wrong.append(f"{at}: comes back as it was sent")
    return wrong


def test_strange_addresses_and_queries_are_answered_in_words(crowd):
    wrong = [f for page in sorted(TABLE)[::ONE_IN] for f in address_faults(crowd, page, 1)]
    wrong += [f for page in gets()[::ONE_IN] for f in query_faults(crowd, page, 1)]
    assert not wrong, "\n".join(wrong)


def test_hostile_forms_are_answered_in_words(crowd):
    seen: set = set()
    wrong = [f for page in gets()[::ONE_IN] for f in form_faults(crowd, page, 1, seen)]
    assert len(seen) > 10
    assert not wrong, "\n".join(wrong)


def test_a_form_without_its_mark_or_with_anothers_is_refused(crowd):
    """A page of another site cannot send a form in somebody's name."""
    from django.middleware.csrf import _get_new_csrf_string as new_mark
    from django.test import Client
    from django.urls import reverse

    wrong = []
    for page in sorted(
        p for p, row in TABLE.items() if row.get("method") == "POST" and p not in OPEN_TO_PROGRAMS
    ):
        parts = next(iter(crowd.found.get(page, {"": {}}).values()))
        forged = Client(enforce_csrf_checks=True)
        forged.cookies.update(crowd.people[-1][2].cookies)
        forged.cookies["csrftoken"] = new_mark()
        for mark in ("", new_mark()):
            data = {"csrfmiddlewaretoken": mark} if mark else {}
            status, answer = asked(forged, "post", reverse(page, kwargs=parts), data)
            if status != 403 or not in_words(answer):
                wrong.append(f"{page}: {status}")
    assert not wrong, "\n".join(wrong)


#: A choice of language or size, which stands on every page; and programs, which send a token of their own.
OPEN_TO_PROGRAMS = {"choose", *(p for p in TABLE if p.startswith(("api_", "open311_")))}


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(TABLE))
def test_all_strange_addresses_and_queries_are_answered_in_words(crowd, page):
    wrong = address_faults(crowd, page, None)
    wrong += query_faults(crowd, page, None) if page in gets() else []
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("page", gets())
def test_all_hostile_forms_are_answered_in_words(crowd, page):
    assert not (wrong := form_faults(crowd, page, None, set())), "\n".join(wrong)
