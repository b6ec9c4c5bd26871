"""The page in a real browser with the network off."""

from __future__ import annotations

import pytest

from .browser import Browser, executable

pytestmark = pytest.mark.skipif(
    executable() is None, reason="no chromium on this machine (apt-get install chromium)"
)

OVERFLOW = """[...document.querySelectorAll('main *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && box.right > WIDTH + 1 && !e.closest('.scroll, svg, .toc, .vh, thead');
}).map(e => e.tagName + '.' + e.className).slice(0, 5)"""


@pytest.fixture(scope="module")
def browser():
    one = Browser(executable())
    yield one
    one.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory, page, evil_page, loop_page, talk_page):
    folder = tmp_path_factory.mktemp("pages")
    out = {}
    for name, html in (("page", page), ("evil", evil_page), ("loop", loop_page), ("talk", talk_page)):
        out[name] = folder / f"{name}.html"
        out[name].write_text(html, "utf-8")
    return out


@pytest.mark.parametrize("name", ["evil", "loop", "talk"])
@pytest.mark.parametrize(("width", "lang"), [(390, "zh"), (390, "en"), (1280, "zh"), (1280, "en")])
def test_page_loads_alone_without_complaint_and_without_overflow(browser, files, name, width, lang):
    browser.open(files[name], width, anchor=f"#{lang}")
    assert browser.requests() == [files[name].as_uri() + f"#{lang}"] or browser.requests() == [
        files[name].as_uri()
    ]
    assert browser.run("document.documentElement.lang").startswith(lang)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(OVERFLOW.replace("WIDTH", str(width))) == []
    other = "en" if lang == "zh" else "zh"
    assert browser.run(
        f"[...document.querySelectorAll('main .{other}')].every(e => !e.getClientRects().length)"
    )
    assert browser.complaints() == []


def test_the_policy_stops_what_the_page_does_not_bring(browser, files):
    browser.open(files["page"], 1280)
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    browser.run("const i = new Image(); i.src = 'https://example.invalid/x.png'; document.body.append(i)")
    assert browser.run("window.ran") is None
    assert any("Content Security Policy" in c for c in browser.complaints())


def test_language_and_type_size_switch(browser, files):
    browser.open(files["page"], 1280)
    assert browser.run("document.documentElement.lang") == "zh-CN"
    browser.run("document.getElementById('lang').click(); document.getElementById('size').click()")
    assert browser.run("document.documentElement.lang") == "en"
    assert browser.run("getComputedStyle(document.documentElement).fontSize") == "20px"
    assert browser.run("localStorage.length + document.cookie.length") == 0


def test_layers_change_colours_and_legend(browser, files):
    browser.open(files["loop"], 1280)
    fills = set()
    for layer in range(7):
        browser.run(f"document.getElementById('layer-{layer}').checked = true")
        fills.add(
            browser.run("[...document.querySelectorAll('.map .b')].map(b => getComputedStyle(b).fill).join()")
        )
        assert (
            browser.run("[...document.querySelectorAll('.legend')].filter(e => e.offsetParent).length") == 1
        )
    assert len(fills) >= 6


def test_a_building_is_chosen_by_tap_and_by_keyboard(browser, files):
    browser.open(files["page"], 390)
    browser.run("document.getElementById('b3').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert "柳荫胡同7号" in browser.run("document.getElementById('detail').innerText")
    assert browser.run("document.querySelectorAll('#detail .tag').length") > 3
    browser.run(
        "document.getElementById('map').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))"
    )
    assert "柳荫胡同9号" in browser.run("document.getElementById('detail').innerText")


def test_a_finding_shows_its_buildings(browser, files):
    browser.open(files["page"], 1280)
    browser.run("document.querySelector('.findings [data-show]').click()")
    assert browser.run("document.querySelectorAll('.map .hit').length") == 6
    assert browser.run("document.getElementById('layer-3').checked")


def test_zoom_keeps_within_the_map(browser, files):
    browser.open(files["page"], 1280)
    before = browser.run("document.querySelector('.map').getAttribute('viewBox')")
    browser.run("for (let k = 0; k < 9; k += 1) document.getElementById('zoom-in').click()")
    assert float(browser.run("document.querySelector('.map').getAttribute('viewBox')").split()[2]) < 100
    browser.run("document.getElementById('zoom-all').click()")
    after = browser.run("document.querySelector('.map').getAttribute('viewBox')")
    assert [float(v) for v in after.split()] == pytest.approx([float(v) for v in before.split()], abs=0.1)


def test_a_name_from_the_map_never_runs(browser, files):
    browser.open(files["evil"], 1280)
    browser.run("document.getElementById('b13').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert "alert('x')" in browser.run("document.getElementById('detail').innerText")
    assert browser.run("document.querySelectorAll('#detail script, main script').length") == 0


def test_print_shows_one_language_and_no_controls(browser, files, tmp_path):
    browser.open(files["page"], 1280, anchor="#en")
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.run(
        "[...document.querySelectorAll('.top, .zoom, .switch')].every(e => getComputedStyle(e).display === 'none')"
    )
    assert browser.run("[...document.querySelectorAll('main .zh')].every(e => !e.getClientRects().length)")
    browser.call("Emulation.setEmulatedMedia", media="")
    browser.pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
