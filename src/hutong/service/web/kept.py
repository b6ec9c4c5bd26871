"""Pages for visitors who are not signed in are made once and kept while the data stay the same.

A visitor without a session or token sees what every other such visitor sees. A page is kept unless it sets a cookie (it then holds a
form of the visitor's own), and given again while the database is what it was: PostgreSQL tells its snapshot, SQLite writes
its log. While others write, a page is at most ``GRACE_S`` old, and never older than ``MOST_S``, since clocks run. Whoever has a session, and so everyone who wrote anything,
always gets a page made for them.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request

#: How old a page may be while the data change, and how long the state of the data is not asked for again, in seconds.
GRACE_S, ASK_S = 1.0, 0.25
#: How old a page may be however still the data lie, in seconds.
MOST_S = 60.0
#: A process keeps this many bytes of pages, none larger than a sixteenth of it.
MOST_BYTES = 64 * 1024 * 1024
#: SQLite's log carries the time of its last write; a time as young as this may cover another write.
YOUNG_S = 0.05
#: What a visitor's page depends on beside its address.
COOKIES = ("hutong-size", "hutong-theme", settings.LANGUAGE_COOKIE_NAME)
Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was made, and the state of the data before it was."""

    body: bytes
    headers: dict[str, str]
    etag: str
    state: str
    made: float


class Shelf:
    """The pages that a process keeps; those not asked for the longest are dropped first."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most, self.bytes = most, 0
        self._pages: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Kept | None:
        """Return a page, whatever its age."""
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
            return found

    def put(self, key: tuple[str, ...], page: Kept) -> None:
        """Keep a page."""
        if len(page.body) > self.most // 16:
            return
        with self._lock:
            old = self._pages.pop(key, None)
            self.bytes += len(page.body) - (len(old.body) if old else 0)
            self._pages[key] = page
            while self.bytes > self.most:
                _, dropped = self._pages.popitem(last=False)
                self.bytes -= len(dropped.body)


class State:
    """What the data are, as text that changes whenever they do; asked for again after ``ASK_S``."""

    def __init__(self) -> None:
        self._known = ("", 0.0)

    def __call__(self) -> str:
        """Return the state; empty where it cannot be told."""
        text, at = self._known
        now = time.monotonic()
        if now - at < ASK_S:
            return text
        text = _snapshot() if connection.vendor == "postgresql" else _log()
        self._known = (text, now)
        return text


def _snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def _log() -> str:
    """Return size and time of SQLite's files: each commit writes to the log."""
    told = []
    for name in (str(connection.settings_dict["NAME"]), f"{connection.settings_dict['NAME']}-wal"):
        try:
            stat = Path(name).stat()
        except FileNotFoundError:
            continue
        if time.time() - stat.st_mtime < YOUNG_S:
            return ""
        told.append(f"{stat.st_size}-{stat.st_mtime_ns}")
    return " ".join(told)


def kept_pages(get_response: Handler) -> Handler:
    """Answer visitors without a session from what is kept, and keep what they are answered."""
    shelf, state = Shelf(), State()

    def handle(request: HttpRequest) -> HttpResponse:
        if not _shared(request):
            return get_response(request)
        key = _key(request)
        found, now, began = shelf.get(key), state(), time.monotonic()
        if found is not None and began - found.made < (MOST_S if now and now == found.state else GRACE_S):
            return _given(request, found)
        response = get_response(request)
        if not _keepable(response):
            return response
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.pop("Content-Length", None)
        etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
        page = Kept(response.content, dict(response.headers), etag, now, began)
        shelf.put(key, page)
        return _given(request, page)

    return handle


def _shared(request: HttpRequest) -> bool:
    """Return whether a page is one that all visitors without a session share."""
    return (
        request.method == "GET"
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "messages" not in request.COOKIES
        and "Authorization" not in request.headers  # a program with a token of its own
        and not connection.in_atomic_block  # what it would show may yet be taken back
    )


def _key(request: HttpRequest) -> tuple[str, ...]:
    return (
        request.scheme or "",
        request.META.get("HTTP_HOST", ""),
        request.headers.get("X-Forwarded-Host", ""),
        request.get_full_path(),
        get_language_from_request(request),
        request.headers.get("HX-Request", ""),
        *(request.COOKIES.get(name, "") for name in COOKIES),
    )


def _keepable(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.headers.get("Cache-Control", "")
        and "private" not in response.headers.get("Cache-Control", "")
    )


def _given(request: HttpRequest, page: Kept) -> HttpResponse:
    response: HttpResponse
    if page.etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
        for name in ("Cache-Control", "Vary"):
            response[name] = page.headers[name]
    else:
        response = HttpResponse(page.body, headers=page.headers)
    response["ETag"] = page.etag
    return response
