"""The whole sweep: every make of page, as whoever may open it, in both languages, on a phone and on a desk.

``./run test -m slow --timeout=0 tests/service/test_sweep.py`` (half an hour, a browser, Java). With ``HUTONG_SWEEP=FOLDER``
the site and what was looked at are kept there: stopped, or when something is mended, it goes on with what was not in order.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.service import sweep, vnu
from tests.service.browser import AXE, NEEDS, PASSWORDS, faults_shown, opened, site

pytestmark = [*NEEDS, pytest.mark.slow, pytest.mark.timeout(3600)]
#: On a phone and on a desk, by language: a page is loaded once a language and made wider.
SIZES = {"zh-CN": [(360, "light"), (1440, "light")], "en-GB": [(360, "light"), (1440, "dark")]}
#: Pages that nobody's walk comes to, and why.
NOT_WALKED = {"practice_attempt": "exercises are done on a practice site; a real one refuses them"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return where the sweep keeps what it has done: what ``HUTONG_SWEEP`` names, or a folder of this run."""
    named = os.environ.get("HUTONG_SWEEP")
    return Path(named) if named else tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def furnished(folder, say):
    """Yield the address of a site with the demo and one of everything that the access tables open, its passwords, and the
    addresses of those. With ``HUTONG_SWEEP`` its data stay in that folder, and the next run takes the site as it stands."""
    words, known = folder / "passwords.json", folder / "known.json"
    with site(folder) as (address, printed):
        if not words.exists():
            words.write_text(json.dumps(dict(re.findall(PASSWORDS, printed(), re.M))))
        if not known.exists():
            say("putting one of everything onto the site")
            command = [sys.executable, "-m", "tests.service.furnish", str(folder / "data")]
            root = Path(sweep.__file__).parents[2]
            done = subprocess.run(command, cwd=root, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            known.write_text(done.stdout)
        yield address, json.loads(words.read_text()), json.loads(known.read_text())


@pytest.fixture(scope="module")
def say(request):
    """Return what writes a line where somebody who waits sees it."""
    capture, terminal = (
        request.config.pluginmanager.get_plugin(n) for n in ("capturemanager", "terminalreporter")
    )

    def line(text: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.write_line(text)
            terminal.flush()

    return line


@pytest.fixture(scope="module")
def done(folder):
    """Return what was looked at before."""
    return sweep.Done(folder / "looked-at.jsonl")


@pytest.fixture(scope="module")
def found(furnished, say):
    """Walk the site once."""
    address, passwords, known = furnished
    return address, *sweep.every_page(address, passwords, known, say)


def test_the_walk_comes_to_every_page(found):
    """A page that nobody's links lead to, or of which the demo has none, is named here."""
    address, pages, readers = found
    from tests.service.crowd import pages as views

    missed = set(sweep.unseen(pages)) - set(NOT_WALKED)
    plain = {name for name in missed if name in views() and _is_page(name, readers, address)}
    assert not plain, f"no link leads to {sorted(plain)}"


def _is_page(name, readers, address) -> bool:
    """Return whether a page that the walk missed is a whole HTML page: its view renders a template that extends the base."""
    import inspect

    from tests.service.crowd import pages as views

    view = inspect.unwrap(views()[name])
    source = inspect.getsource(view)
    used = re.findall(r'"([\w/]+\.html)"', source)
    folder = Path(sweep.__file__).parents[2] / "src/hutong/service"
    texts = (next(folder.glob(f"*/templates/{t}"), None) for t in used)
    return any(t is not None and "{% extends" in t.read_text("utf-8") for t in texts)


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_no_page_is_hard_to_use(found, done, say, chromium, language):
    from playwright.sync_api import Error as PageError

    address, pages, readers = found
    left = [p for p in pages if not done.clean(p, language)]
    pace = sweep.Pace(language, len(left), say)
    wrong = []
    for who in sorted({p.who for p in left}):
        with _window(chromium, readers[who], language) as (page, complaints):
            for one in (p for p in left if p.who == who):
                try:
                    here = _looked_at(page, address, one.path, SIZES[language])
                except PageError as caught:  # the others are looked at all the same
                    here = [str(caught).splitlines()[0]]
                here += complaints
                complaints.clear()
                done.put(one, language, here)
                pace.one(len(here))
                wrong += [f"{who or 'visitor'} {language} {one.path} {fault}" for fault in here]
    assert not wrong, "\n".join(wrong)


@contextmanager
def _window(chromium, reader, language):
    """Open a window in a language for somebody who is signed in, with axe in it; and what its pages complain of."""
    context = chromium.new_context(locale=language)
    context.add_cookies(reader.cookies())
    context.add_init_script(path=AXE)
    context.route(re.compile(r"\.html$"), _shown)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda e: complaints.append(f"script: {e}"))
    page.on("console", lambda m: complaints.append(f"console: {m.text}") if m.type == "error" else None)
    yield page, complaints
    context.close()


def _shown(route):
    """Show a page that the site sends to be kept as it is when it is opened from there: without the site's headers."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={"content-type": answer.headers["content-type"]})


def _looked_at(page, address, path, sizes) -> list[str]:
    """Load a page once and return what is wrong with it at each size and theme."""
    out: list[str] = []
    for n, (width, theme) in enumerate(sizes):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        if n == 0 and (status := opened(page, address, path)) != 200:
            return [f"status {status}"]
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        out += [f"{width} {theme}: {fault}" for fault in faults_shown(page)]
    return out


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java on this machine")
def test_the_html_is_valid(found, tmp_path):
    """Every page in both languages, in one start of Java."""
    _, pages, readers = found
    files = []
    for reader in readers.values():
        reader.opener.addheaders = [("Accept-Language", "zh")]
    for n, one in enumerate(pages):
        status, _, chinese = readers[one.who].get(one.path)
        assert status == 200, one
        for language, html in (("en", one.html), ("zh", chinese)):
            path = tmp_path / f"{n:03d}-{one.name}-{one.who or 'visitor'}-{language}.html"
            path.write_text(html, "utf-8")
            files.append(path)
    assert not vnu.errors(files), "\n".join(vnu.errors(files))
