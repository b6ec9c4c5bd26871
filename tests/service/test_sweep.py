"""The whole sweep: every make of page, as whoever may open it, in both languages, on a phone and on a desk.

``./run test -m slow tests/service/test_sweep.py`` (some minutes, a browser, Java).
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.service import sweep, vnu
from tests.service.browser import AXE, NEEDS, faults

pytestmark = [*NEEDS, pytest.mark.slow, pytest.mark.timeout(3600)]
SIZES = [(360, "zh-CN", "light"), (1440, "en-GB", "dark"), (360, "en-GB", "light"), (1440, "zh-CN", "light")]
#: Pages that a walk by links cannot come to, and why.
NOT_WALKED = {
    "job": "the demo leaves no work behind",
    "request_filed": "shown once, after filing",
    "request_own": "of a request that one filed with an account",
    "ledger_receipt": "of an act that one did",
    "vouch": "for neighbours whom somebody asked",
    "desk_returned": "the demo sends no table back",
}


@pytest.fixture(scope="module")
def found(served):
    """Walk the site once."""
    address, passwords = served
    return address, *sweep.every_page(address, passwords)


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


@pytest.mark.parametrize(("width", "language", "theme"), SIZES)
def test_no_page_is_hard_to_use(found, chromium, width, language, theme):
    address, pages, readers = found
    wrong = []
    for who in sorted({p.who for p in pages}):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale=language, color_scheme=theme
        )
        context.add_cookies(readers[who].cookies())
        context.add_init_script(path=AXE)
        page = context.new_page()
        for one in (p for p in pages if p.who == who):
            wrong += [f"{who or 'visitor'} {f}" for f in faults(page, address, one.path)]
        context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java on this machine")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_html_is_valid(found, tmp_path, language):
    _, pages, readers = found
    files = []
    for n, one in enumerate(pages):
        readers[one.who].opener.addheaders = [("Accept-Language", language)]
        status, _, html = readers[one.who].get(one.path)
        assert status == 200, one
        path = tmp_path / f"{n:03d}-{one.name}-{one.who or 'visitor'}.html"
        path.write_text(html, "utf-8")
        files.append(path)
    assert not vnu.errors(files), "\n".join(vnu.errors(files))
