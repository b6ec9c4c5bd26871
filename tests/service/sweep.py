"""Every page of the running site, found by walking its links as everybody who has an account, and as a visitor.

A new app's pages are found by themselves: the names come from the access tables, the addresses from links.
"""

from __future__ import annotations

import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import yaml

FOLDER = Path(__file__).with_name("access")
#: Where programs are answered, not people.
PROGRAMS = ("/open311/", "/api/")
#: Of one make of page, as one reader sees it, so many are looked at.
EXAMPLES = 2
#: Pages of one make that one reader's walk opens at most, to see whether they differ.
OPENED = 4


#: Pages that say nothing without their query.
ASKED = ("scheme_why",)


@dataclass(frozen=True)
class Page:
    """A page as somebody sees it."""

    name: str
    path: str
    who: str  # "" a visitor
    html: str


class Browser:
    """A reader without scripts."""

    def __init__(self, address: str, language: str = "en") -> None:
        self.address, self.jar = address, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.opener.addheaders = [("Accept-Language", language)]

    def get(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Return status, address after redirects and text; text is empty where it is not HTML."""
        body = urllib.parse.urlencode(data).encode() if data else None
        url = self.address + urllib.parse.quote(path, safe="/?&=%#;,+:@")
        try:
            with self.opener.open(url, body, timeout=60) as answer:
                html = answer.headers.get_content_type() == "text/html"
                text = answer.read().decode() if html else ""
                return answer.status, answer.url.removeprefix(self.address), text
        except urllib.error.HTTPError as caught:
            return (
                caught.code,
                path,
                caught.read().decode() if caught.headers.get_content_type() == "text/html" else "",
            )

    def sign_in(self, name: str, password: str) -> None:
        """Sign in by the page's own form."""
        _, _, text = self.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        assert token is not None
        status, path, text = self.get(
            "/accounts/login/", {"csrfmiddlewaretoken": token[1], "login": name, "password": password}
        )
        assert (status, path) == (200, "/"), f"{name} could not sign in: {status} {path}"

    def cookies(self) -> list[dict[str, str]]:
        """Return its cookies as Playwright takes them."""
        return [{"name": c.name, "value": c.value or "", "url": self.address} for c in self.jar]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href and "download" not in dict(attrs):
            self.found.append(href)


def links(html: str, base: str) -> list[str]:
    """Return the paths that a page links to on its own site, without queries but those of :data:`ASKED`."""
    reader = _Links()
    reader.feed(html)
    whole = [urllib.parse.urlsplit(urllib.parse.urljoin(base, href)) for href in reader.found]
    here = [(urllib.parse.unquote(u.path), u.query) for u in whole if not u.netloc and not u.scheme]
    asked = [f"{path}?{query}" for path, query in here if query and name_of(path) in ASKED]
    return list(dict.fromkeys([path for path, _ in here if name_of(path) not in ASKED] + asked))


def tables() -> dict[str, dict]:
    """Return the rows of all access tables."""
    return {
        page: row
        for path in sorted(FOLDER.glob("*.yaml"))
        for page, row in yaml.safe_load(path.read_text("utf-8")).items()
    }


def name_of(path: str) -> str | None:
    """Return the name of the page at a path."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(path.partition("?")[0]).url_name
    except Resolver404:
        return None


def starts() -> list[str]:
    """Return the addresses of all pages of the tables that capture nothing and are read."""
    from django.urls import NoReverseMatch, reverse

    from hutong.service.setup import ready

    ready()
    out = []
    for page, row in tables().items():
        if row.get("method", "GET") == "GET":
            try:
                out.append(reverse(page))
            except NoReverseMatch:
                continue
    return out


def front_pages() -> tuple[str, ...]:
    """Return the addresses of :func:`starts` that are pages: not files, not answers to programs."""
    return tuple(path for path in starts() if "." not in path and not path.startswith(PROGRAMS))


def shape(html: str) -> tuple[str, ...]:
    """Return of what a page is made: its elements and classes, each once."""
    return tuple(sorted(set(re.findall(r'<([a-z0-9]+(?: class="[^"]*")?)', html))))


def walk(reader: Browser, who: str, known: Sequence[str] = ()) -> list[Page]:
    """Return the pages that somebody can open: per name the first few that differ in make; ``known`` addresses last."""
    queue, last, seen = ["/", *starts()], list(known), set()
    opened: dict[str, int] = {}
    kept: dict[str, list[Page]] = {}
    while queue or last:
        path = (queue or last).pop(0)
        name = name_of(path)
        if path in seen or name is None or "logout" in path or (name in ASKED and "?" not in path):
            continue
        if opened.get(name, 0) >= OPENED and path not in known:
            continue
        seen.add(path)
        status, _, html = reader.get(path)
        if status >= 500:
            raise AssertionError(f"{path} as {who or 'a visitor'}: {status}")
        if status != 200 or not html:
            continue
        opened[name] = opened.get(name, 0) + 1
        queue += links(html, path)
        of = kept.setdefault(name, [])
        if "<html" in html and len(of) < EXAMPLES and shape(html) not in {shape(p.html) for p in of}:
            of.append(Page(name, path, who, html))
    return [page for pages in kept.values() for page in pages]


def every_page(
    address: str, passwords: dict[str, str], known: Sequence[str], say
) -> tuple[list[Page], dict[str, Browser]]:
    """Return every make of page of the site with who sees it so, and the readers, signed in.

    ``known`` are addresses that are opened beside those that links lead to.
    """
    readers = {"": Browser(address)}
    for name, password in passwords.items():
        readers[name] = Browser(address)
        readers[name].sign_in(name, password)
    out: dict[tuple[str, tuple[str, ...]], Page] = {}
    for who, reader in readers.items():
        began = time.monotonic()
        for page in walk(reader, who, known):
            out.setdefault((page.name, shape(page.html)), page)
        say(
            f"walked as {who or 'a visitor'}: {time.monotonic() - began:.0f} s, {len(out)} makes of page so far"
        )
    return list(out.values()), readers


def unseen(pages: list[Page]) -> list[str]:
    """Return the pages of the tables that are read and that the walk did not come to."""
    seen = {page.name for page in pages}
    return sorted(p for p, row in tables().items() if row.get("method", "GET") == "GET" and p not in seen)


class Done:
    """What a sweep has looked at, line by line in a file, so that one that was stopped goes on where it stopped.

    A page on which something was found is looked at again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        self.of = {
            (n, path, who, language): found for n, path, who, language, found in map(json.loads, lines)
        }

    def clean(self, page: Page, language: str) -> bool:
        """Return whether a page was looked at in a language and nothing was found."""
        return self.of.get((page.name, page.path, page.who, language)) == []

    def put(self, page: Page, language: str, found: list[str]) -> None:
        """Note what was found on a page."""
        key = (page.name, page.path, page.who, language)
        self.of[key] = found
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([*key, found], ensure_ascii=False) + "\n")


class Pace:
    """Says how far something is, every so many pages."""

    def __init__(self, what: str, of: int, say, every: int = 20) -> None:
        self.what, self.of, self.say, self.every = what, of, say, every
        self.began, self.n, self.found = time.monotonic(), 0, 0

    def one(self, found: int = 0) -> None:
        """Count a page."""
        self.n, self.found = self.n + 1, self.found + found
        if self.n % self.every == 0 or self.n == self.of:
            spent = time.monotonic() - self.began
            self.say(
                f"{self.what}: {self.n} of {self.of} pages, {spent / self.n:.1f} s each, "
                f"{spent / 60:.1f} min, {self.found} faults"
            )
