"""The running site in a real browser: one command serves it, nothing leaves the host, the map and the pages work."""

from __future__ import annotations

import re

import pytest

from tests.service.browser import AXE, NEEDS, faults, faults_shown, sign_in, tab
from tests.service.sweep import front_pages

pytestmark = NEEDS


def test_the_map_is_coloured_answers_and_compares(served, chromium):
    address, _ = served
    with tab(chromium, address) as page:
        page.goto(address)
        page.click("text=Open the map")
        page.wait_for_selector("html[data-map=coloured]")
        shown = page.locator("#legend .n").all_inner_texts()
        assert sum(int(n) for n in shown) == 72
        page.select_option("#layer", label="Findings")
        page.wait_for_selector("#legend:has-text('no finding names it')")
        page.goto(page.url.split("#")[0] + "#3")
        page.reload()
        page.wait_for_selector("#panel h2#panel-title")
        assert "What it is" in page.inner_text("#panel")
        page.select_option("#against", index=1)
        page.wait_for_selector("#map-against canvas")
        page.fill("#divide", "30")
        assert "30%" in page.eval_on_selector("#map-against", "e => e.style.clipPath")
        # whom the sources of both ask to be named stands in front of both maps
        setup = page.evaluate("JSON.parse(document.getElementById('setup').textContent)")
        asked = {*setup["credits"], *(c for o in setup["others"].values() for c in o["credits"])}
        assert asked
        assert set(page.inner_text("#credits").split(" · ")) == asked
        at = page.locator("#credits").bounding_box()
        front = "([x, y]) => { const e = document.getElementById('credits'); e.style.pointerEvents = 'auto'; return document.elementFromPoint(x, y) === e; }"
        assert page.evaluate(front, [at["x"] + 12, at["y"] + at["height"] / 2])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-GB", "The colours of the map could not be fetched"),
        ("zh-CN", "没有取到地图的颜色，请重新打开本页。"),
    ],
)
def test_a_map_whose_colours_cannot_be_fetched_says_so(served, chromium, language, said):
    address, _ = served
    context = chromium.new_context(locale=language)  # no tab: the page's console tells of the failure too
    page = context.new_page()
    page.route("**/memories/layer/**", lambda route: route.fulfill(status=500, body="no"))
    page.goto(f"{address}/neighbourhood/memories")
    page.wait_for_selector(f"[role=alert]:has-text('{said}')")
    assert page.locator(".pin").count()  # the stories themselves are there
    context.close()


def test_an_office_imports_nothing_twice_and_publishes_by_hand(served, chromium):
    """A job is watched to its end: the checkup is made again by the worker that the one command started."""
    address, passwords = served
    with tab(chromium, address) as page:
        sign_in(page, address, "district", passwords["district"])
        page.goto(f"{address}/twin/2")
        page.click("text=Run the checkup")
        page.wait_for_selector("text=See the result", timeout=90_000)
        page.click("text=See the result")
        assert "draft" in page.inner_text(".lede")
        page.click("main button.main:has-text('Publish')")
        page.wait_for_selector(".tag.open")
        page.click("text=Year on year")
        assert page.locator("tbody tr").count() > 20


def test_a_passkey_signs_in(served, chromium):
    address, passwords = served
    address = address.replace("127.0.0.1", "localhost")  # passkeys need a name, not a number
    with tab(chromium, address) as page:
        keys = page.context.new_cdp_session(page)
        keys.send("WebAuthn.enable")
        keys.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        sign_in(page, address, "auditor", passwords["auditor"])
        page.goto(f"{address}/accounts/2fa/webauthn/add/")
        if "reauthenticate" in page.url:
            page.fill("input[type=password]", passwords["auditor"])
            page.click("form.form button.main")
        page.fill("input[name=name]", "phone")
        page.check("input[name=passwordless]")
        with page.expect_navigation(url=lambda url: "/webauthn/add" not in url):
            page.click("#mfa_webauthn_add")
        page.goto(f"{address}/people/me")
        page.click("button:has-text('Sign out')")
        page.wait_for_url(f"{address}/")
        page.goto(f"{address}/accounts/login/")
        page.click("#passkey_login")
        page.wait_for_url(f"{address}/")
        page.goto(f"{address}/people/me")
        assert "auditor" in page.inner_text(".lede")


#: Pages behind a number; those without one are found by themselves (``sweep.starts``). The rest: ``test_sweep.py``, slow.
PAGES = (
    "/twin/2", "/twin/2/map", "/twin/2/buildings", "/twin/2/buildings/b0000003", "/checkup/2", "/checkup/2/national",
    "/checkup/2/indicators", "/checkup/2/indicators/reach_culture", "/checkup/2/findings", "/checkup/2/findings/1",
    "/checkup/2/changes", "/accounts/login/", "/accounts/signup/", "/accounts/2fa/", "/no-such-page",
    "/council/1", "/council/1/opinions", "/council/statement/1",
)  # fmt: skip


def test_the_check_for_faults_finds_one(served, chromium):
    """Axe runs at all: a picture without words is found."""
    address, _ = served
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (frontend/install.py)")
    with tab(chromium, address) as page:
        page.context.add_init_script(path=AXE)
        page.context.add_init_script("addEventListener('load', () => document.body.append(new Image()))")
        assert any("image-alt" in f for f in faults(page, address, "/twin/"))


SIZES = [(360, "zh-CN", "light"), (1440, "en-GB", "dark")]


@pytest.mark.parametrize("turn", [0, 1])
def test_pages_can_be_used_by_everyone(served, chromium, turn):
    """Every other page on a phone in Chinese, the rest on a desk in English and in the dark."""
    address, passwords = served
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (frontend/install.py)")
    width, language, theme = SIZES[turn]
    with tab(chromium, address, width, language, theme, refused=("403", "404")) as page:
        page.context.add_init_script(path=AXE)
        sign_in(page, address, "administrator", passwords["administrator"])
        paths = (*PAGES, *front_pages())[turn::2]
        wrong = [f for path in paths for f in faults(page, address, path)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", ["resident-owner", "planner", "subdistrict"])
def test_the_bar_is_one_line_for_everybody(served, chromium, who):
    """In both languages and sizes of text; where the menu has no room it opens without a script, by touch or key."""
    address, passwords = served
    for language in ("en-GB", "zh-CN"):
        with tab(chromium, address, language=language) as page:
            sign_in(page, address, who, passwords[who])
            page.goto(f"{address}/ledger/")
            for size in ("normal", "elder"):
                page.evaluate(f"document.documentElement.dataset.size = '{size}'")
                for width in (360, 768, 1024, 1280, 1440):
                    page.set_viewport_size({"width": width, "height": 900})
                    high, wide = page.evaluate(
                        "[document.querySelector('.top').offsetHeight, document.documentElement.scrollWidth]"
                    )
                    assert (high <= 60, wide <= width) == (True, True), (language, size, width, high, wide)
                    ways = [page.locator(s).is_visible() for s in (".menu", ".fold")]
                    assert sorted(ways) == [False, True], (language, size, width)
            page.set_viewport_size({"width": 360, "height": 700})
            page.focus(".fold > summary")
            page.keyboard.press("Enter")
            assert page.locator(".fold nav a[href='/ledger/']").is_visible()
            page.evaluate(AXE.read_text("utf-8"))
            assert faults_shown(page) == []
            page.keyboard.press("Escape")
            assert not page.locator(".fold nav").is_visible()


def test_the_report_of_the_checkup_prints(served, chromium, tmp_path):
    """On paper there is the report and not the site around it."""
    address, _ = served
    with tab(chromium, address) as page:
        page.goto(f"{address}/checkup/2/whole")
        page.emulate_media(media="print")
        assert not page.locator("header.top").is_visible()
        assert not page.locator("[data-print]").is_visible()
        assert page.locator("tbody tr").count() > 40
        paper = page.pdf(format="A4", prefer_css_page_size=True)
        assert paper.startswith(b"%PDF")
        assert 3 <= len(re.findall(rb"/Type\s*/Page[^s]", paper)) <= 30
        page.emulate_media(media="screen")


def solved_by_water(page) -> int:
    """Return of how many requests that water handled it is known whether they were solved."""
    cell = page.locator("tr:has-text('Water') td[data-label=resolved]")
    return int(re.search(r"(\d+) / \d+", cell.inner_text())[1])


def test_a_request_lives_its_whole_life(served, chromium):
    """A resident on a phone, the subdistrict, a department that whistles, the district that calls back; then everybody."""
    address, passwords = served
    with tab(chromium, address, width=360) as page:
        page.goto(f"{address}/requests/")
        before = solved_by_water(page)
        page.goto(f"{address}/requests/new")
        page.fill("form.find input[name=q]", "虚构街区")
        page.click("form.find button")
        page.click(".pick")
        page.fill("#id_words", "三单元楼上管道漏水，天花板一直滴水")
        page.click("form.form button.main")
        page.wait_for_selector("dd.code")
        number, code = page.locator(".figures dd").all_inner_texts()

    def act(page, *fields):
        page.goto(f"{address}/requests/desk")
        page.click(f"tr:has-text('{number}') a")
        for title, values in fields:
            form = page.locator("details.do").filter(has=page.locator("summary", has_text=title)).first
            if form.get_attribute("open") is None:
                form.locator("summary").click()
            for name, value in values.items():
                field = form.locator(f"[name$='-{name}']")
                if field.first.evaluate("e => e.type") in ("checkbox", "radio"):
                    form.locator(f"[name$='-{name}'][value='{value}']").check()
                elif field.evaluate("e => e.tagName") == "SELECT":
                    field.select_option(value)
                else:
                    field.fill(value)
            form.locator("button").click()
            page.wait_for_load_state()
            assert page.locator(".notice.success").count() == 1, page.inner_text("main")

    offices = [
        ("subdistrict", [("Take in", {"category": "pipes"}), ("Dispatch", {"unit": "water"})]),
        ("department", [("Sign for", {}), ("Whistle", {"units": "subdistrict", "kind": "key_work"})]),
        ("subdistrict", [("Report in", {}), ("Finish a part", {"reply": "已协调入户"})]),
        ("department", [("Reply", {"reply": "已换立管"})]),
        ("district", [("Called back: solved", {"satisfied": "yes"})]),
    ]
    for name, fields in offices:
        with tab(chromium, address) as page:
            sign_in(page, address, name, passwords[name])
            act(page, *fields)
    with tab(chromium, address, width=360) as page:
        page.goto(f"{address}/requests/find")
        page.fill("[name=number]", number)
        page.fill("[name=code]", code)
        page.click("form.form button.main")
        page.wait_for_selector("h1:has-text('Solved')")
        assert "已换立管" in page.inner_text(".steps")
        page.goto(f"{address}/requests/")
        assert number in page.inner_text("main")
        assert solved_by_water(page) == before + 1
        assert "天花板" not in page.inner_text("main")
        page.goto(f"{address}/ledger/?act=case.closed")
        page.click("tbody th a")
        page.wait_for_selector("h1:has-text('Case closed')")
        assert number in page.inner_text("main")


def test_cards_are_answered_with_a_thumb_and_with_keys(served, chromium):
    """One request a vote: the first by touch, the second by key; then the answer stands among one's own."""
    address, passwords = served
    with tab(chromium, address, width=360) as page:
        page.context.add_init_script(path=AXE)
        sign_in(page, address, "council-member", passwords["council-member"])
        assert not faults(page, address, "/council/1/cards")
        first = page.inner_text("#card h1")
        buttons = page.locator("#card .choices3 button")
        assert all(buttons.nth(i).bounding_box()["height"] >= 48 for i in range(3))
        asked = []
        page.on("request", lambda r: asked.append(r.method + " " + r.url.removeprefix(address)))
        buttons.first.click()
        page.wait_for_selector("#card [role=status]:has-text('Recorded: Agree')")
        second = page.inner_text("#card h1")
        assert second != first
        page.wait_for_function("document.activeElement.tagName === 'H1'")
        page.keyboard.press("2")
        page.wait_for_selector("#card [role=status]:has-text('Recorded: Disagree')")
        assert asked == ["POST /council/1/cards"] * 2
        page.goto(f"{address}/council/1/write")
        page.fill("#id_words", "楼道里要装扶手")
        page.wait_for_selector("#alike .notice")
        page.goto(f"{address}/council/1/mine")
        shown = page.inner_text("main")
        assert first in shown
        assert second in shown
