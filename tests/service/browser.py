"""The running site, one for all tests of a session, and a real browser.

Screenshots are kept where ``HUTONG_SCREENSHOTS`` names a folder.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from hutong.service.server import front_end_missing
from tests.service.tables import lay_out

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(__file__).parents[2] / "src/hutong/service/web/static/vendor/axe-core/axe.min.js"
#: Names and passwords in what ``hutong serve`` prints at its first start.
PASSWORDS = r"^  ([a-z-]+) +([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})"
#: What a module of browser tests says of itself: ``pytestmark = NEEDS``.
NEEDS = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.skipif(front_end_missing(), reason="the front end is not installed (frontend/install.py)"),
]


@contextmanager
def site(folder: Path):
    """Run ``hutong serve`` on a free port; yield its address and what it printed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "HUTONG_TEST_POSTGRES")}
    env |= {
        "HUTONG_DATA": str(folder / "data"),
        "HUTONG_LANG": "en",
        "COLUMNS": "200",
        "PYTHONUNBUFFERED": "1",
    }
    log = (folder / "log").open("w")
    command = [sys.executable, "-c", "from hutong.cli import main; main()", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(1600):
            try:
                urllib.request.urlopen(f"{address}/static/hutong/mark.svg").close()  # noqa: S310 (our own server)
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.25)
        yield address, (folder / "log").read_text
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """Serve the demo once for all tests; or take the site at ``HUTONG_SITE``, whose first words ``HUTONG_SITE_LOG`` holds."""
    if address := os.environ.get("HUTONG_SITE"):
        yield address, dict(re.findall(PASSWORDS, Path(os.environ["HUTONG_SITE_LOG"]).read_text(), re.M))
        return
    folder = tmp_path_factory.mktemp("site")
    lay_out(folder / "data")
    with site(folder) as (address, printed):
        yield address, dict(re.findall(PASSWORDS, printed(), re.M))


@pytest.fixture(scope="module")
def chromium():
    """Start a browser for the tests of one module: while its driver runs, Django's own client cannot be used."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@contextmanager
def tab(chromium, address, width=1440, language="en-GB", theme="light", refused=("403",)):
    """Open a tab that fails on any error of the page but those that are ``refused``, and on any request to another host."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=theme, bypass_csp=False
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda e: wrong.append(f"script: {e}"))
    page.on(
        "console",
        lambda m: (
            wrong.append(m.text)
            if m.type == "error" and not any(code in m.text for code in refused)
            else None
        ),
    )
    page.on(
        "request",
        lambda r: (
            None if r.url.startswith((address, "data:", "blob:")) else wrong.append(f"left the host: {r.url}")
        ),
    )
    yield page
    if folder := os.environ.get("HUTONG_SCREENSHOTS"):
        name = re.sub(r"\W+", "-", page.url.removeprefix(address))
        page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
    context.close()
    assert not wrong, "\n".join(wrong)


def sign_in(page, address, name, password):
    page.goto(f"{address}/accounts/login/")
    page.fill("#id_login", name)
    page.fill("#id_password", password)
    page.click("form.form button.main")
    page.wait_for_url(f"{address}/")


def faults(page, address, path):
    """Return the serious and critical faults that axe finds on a page, and whether it is wider than the screen."""
    return [f"{path}: {fault}" for fault in faults_shown(page)] if opened(page, address, path) else []


def opened(page, address, path) -> int:
    """Open a page and wait for its map, if it has one; return its status, 0 where it is a file and no page."""
    answer = page.goto(address + path)
    if "html" not in answer.header_value("content-type"):
        return 0
    if page.locator("#map").count():
        page.wait_for_selector("html[data-map=coloured]")
    return int(answer.status)


def faults_shown(page) -> list[str]:
    """Return the serious and critical faults that axe finds on what is shown, and whether it is wider than the screen."""
    found = page.evaluate(
        "() => axe.run({resultTypes: ['violations']}).then(r => r.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')))"
    )
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    return [*found, *(["wider than the screen"] if wide else [])]
