"""Pages kept for visitors without a session: the same bytes while the data are the same, and never somebody's own."""

from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from hutong.service.web import kept


@pytest.fixture
def shop(database, monkeypatch):
    """A view that counts how often it is asked, behind the keeping of pages, on data whose state is told by hand."""
    told = {"state": "1", "made": 0, "clock": 1000.0, "answer": lambda n: HttpResponse(f"page {n}")}

    def view(request):
        told["made"] += 1
        return told["answer"](told["made"])

    vendor = kept.connection.vendor  # the tests themselves run inside a transaction, in which nothing is kept
    monkeypatch.setattr(kept, "connection", SimpleNamespace(vendor=vendor, in_atomic_block=False))
    monkeypatch.setattr(kept, "_snapshot", lambda: told["state"])
    monkeypatch.setattr(kept, "_log", lambda: told["state"])
    monkeypatch.setattr(kept.time, "monotonic", lambda: told["clock"])
    handle = kept.kept_pages(view)

    def ask(path="/", language="en", cookies=(), later=10.0, **headers):
        told["clock"] += later
        request = RequestFactory(headers={"accept-language": language, **headers}).get(path)
        request.COOKIES.update(cookies)
        return handle(request)

    return told, ask


def test_a_page_is_made_once_while_the_data_stay_the_same(shop):
    told, ask = shop
    first, second = ask(), ask()
    assert (first.content, second.content, told["made"]) == (b"page 1", b"page 1", 1)
    assert second["ETag"] == first["ETag"]
    assert ask(**{"if-none-match": first["ETag"]}).status_code == 304
    told["state"] = "2"
    changed = ask(**{"if-none-match": first["ETag"]})
    assert (changed.status_code, changed.content) == (200, b"page 2")


def test_while_others_write_a_page_is_a_second_old_at_most(shop):
    told, ask = shop
    ask()
    told["state"] = "2"
    assert ask(later=0.9).content == b"page 1"
    told["state"] = "3"
    assert ask(later=0.2).content == b"page 2"


def test_what_cannot_be_told_or_is_old_is_made_anew(shop):
    told, ask = shop
    ask()
    assert ask(later=61).content == b"page 2", "clocks run on pages too"
    told["state"] = ""
    assert [ask().content, ask().content] == [b"page 3", b"page 4"]


@pytest.mark.parametrize(
    "other",
    [
        {"language": "zh-CN"},
        {"path": "/?page=2"},
        {"cookies": {"hutong-size": "elder"}},
        {"cookies": {"hutong-theme": "dark"}},
        {"cookies": {"django_language": "zh-hans"}},
        {"hx-request": "true"},
        {"host": "localhost"},
    ],
)
def test_what_the_page_depends_on_makes_another_page(shop, other):
    told, ask = shop
    ask()
    ask(**other)
    assert told["made"] == 2
    assert ask().content == b"page 1"


def test_whoever_has_a_session_gets_a_page_of_their_own(shop):
    _, ask = shop
    ask()
    assert [ask(cookies={"sessionid": "x"}).content for _ in range(2)] == [b"page 2", b"page 3"]
    assert "ETag" not in ask(cookies={"sessionid": "x"})


def test_what_a_token_opens_is_not_shown_to_others(shop):
    told, ask = shop
    told["answer"] = lambda n: HttpResponse(f"draft {n}" if n == 1 else f"page {n}")
    assert ask(authorization="Bearer x").content == b"draft 1"
    assert ask().content == b"page 2"
    assert ask(authorization="Bearer x").content == b"page 3", "nor does it get what others are shown"


@pytest.mark.parametrize("what", ["cookie", "status", "stream", "private"])
def test_what_is_somebodys_own_is_not_kept(shop, what):
    from django.http import StreamingHttpResponse

    told, ask = shop

    def answer(n):
        if what == "stream":
            return StreamingHttpResponse([b"x"])
        made = HttpResponse(f"{n}", status=404 if what == "status" else 200)
        if what == "cookie":
            made.set_cookie("csrftoken", "mine")
        if what == "private":
            made["Cache-Control"] = "private, max-age=5"
        return made

    told["answer"] = answer
    ask(), ask()
    assert told["made"] == 2


def test_nothing_is_kept_within_a_transaction(shop, monkeypatch):
    _, ask = shop
    monkeypatch.setattr(kept.connection, "in_atomic_block", True)
    assert [ask().content, ask().content] == [b"page 1", b"page 2"]


def test_the_shelf_drops_what_was_not_asked_for_the_longest():
    shelf = kept.Shelf(most=1600)
    page = kept.Kept(b"x" * 100, {}, "", "", 0.0)
    for n in range(16):
        shelf.put((str(n),), page)
    shelf.get(("0",))
    shelf.put(("16",), page)
    assert shelf.bytes == 1600
    assert shelf.get(("0",)) is not None
    assert shelf.get(("1",)) is None
    shelf.put(("large",), kept.Kept(b"x" * 101, {}, "", "", 0.0))
    assert shelf.get(("large",)) is None


def test_the_state_changes_with_every_commit_and_only_then(database):
    from django.contrib.sessions.models import Session
    from django.db import connection, transaction
    from django.utils import timezone

    read = kept._snapshot if connection.vendor == "postgresql" else kept._log
    if connection.vendor == "sqlite" and "mode=memory" in str(connection.settings_dict["NAME"]):
        assert read() == "", "a database in memory has no file that could tell"
        return
    before = read()
    assert read() == before
    with transaction.atomic():
        Session.objects.create(session_key="kept", session_data="", expire_date=timezone.now())
    try:
        assert read() != before
    finally:
        Session.objects.filter(session_key="kept").delete()
