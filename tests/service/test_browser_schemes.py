"""Composing a scheme in a real browser, with keys alone: the answer, the map and the list follow each change."""

import pytest

from tests.service.browser import AXE, NEEDS, faults, sign_in, tab

pytestmark = NEEDS


def test_a_scheme_is_composed_with_keys(served, chromium):
    address, passwords = served
    with tab(chromium, address) as page:
        page.set_default_timeout(90_000)
        sign_in(page, address, "operator", passwords["operator"])
        page.goto(f"{address}/schemes/")
        page.click("text=Frugal scheme")
        page.click("a:has-text('Compose')")
        page.wait_for_selector("html[data-map=coloured]")
        before = page.locator("#legend .n").all_inner_texts()
        page.select_option("#show", "chosen")
        page.press("#show", "Tab")
        with page.expect_navigation(url="**show=chosen**"):
            page.keyboard.press("Enter")  # the filter
        page.wait_for_selector("html[data-map=coloured]")
        page.wait_for_selector("#list tbody a")
        link = page.locator("#list tbody a").first
        name = link.inner_text()
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#panel-title:has-text('{name}')")
        assert page.evaluate("document.activeElement.id") == "panel-title"
        figures = page.inner_text("#figs .figures")
        checked = page.locator("#panel .measure input:checked")
        for _ in range(checked.count()):  # each press leaves one fewer
            checked.first.focus()
            page.keyboard.press("Space")
        page.locator("#panel button.main").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#list tbody tr:first-child:has-text('left as it is')")
        assert page.inner_text("#figs .figures") != figures
        page.wait_for_function(
            "t => [...document.querySelectorAll('#legend .n')].map(e => e.innerText).join() !== t",
            arg=",".join(before),
        )
        # it is in the draft: undoing it says so
        page.click("#studio-head button:has-text('Undo')")
        page.wait_for_selector("text=Undone.")
        page.wait_for_selector("html[data-map=coloured]")
        assert page.locator("#legend .n").all_inner_texts() == before


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (frontend/install.py --tests)")
def test_pages_of_schemes_can_be_used_by_everyone(served, chromium):
    address, passwords = served
    for width, theme in ((360, "dark"), (1440, "light")):
        with tab(chromium, address, width=width, theme=theme) as page:
            page.set_default_timeout(90_000)
            page.context.add_init_script(path=AXE)
            found = faults(page, address, "/schemes/") + faults(page, address, "/schemes/versions/1?q=1")
            sign_in(page, address, "operator", passwords["operator"])
            for path in (
                "/schemes/2",
                "/schemes/2/studio?object=b0000001",
                "/schemes/new",
                "/schemes/compare?v=1&v=2",
            ):
                found += faults(page, address, path)
            assert not found, "\n".join(found)
