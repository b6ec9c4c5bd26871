"""Field work in a real browser: a form is filled in without a network, kept on the phone, and sent once when it is back."""

import json
import re

from tests.service.browser import NEEDS, sign_in

pytestmark = NEEDS


def test_a_form_waits_on_the_phone_until_the_network_is_back(served, chromium):
    address, passwords = served
    context = chromium.new_context(viewport={"width": 360, "height": 800}, locale="en-GB")
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda e: wrong.append(str(e)))
    sign_in(page, address, "committee", passwords["committee"])
    page.goto(f"{address}/surveys/mine")
    page.wait_for_selector("html[data-field=ready]", timeout=60_000)
    first, second = [p.get_attribute("href") for p in page.locator("a.pick").all()[:2]]
    sent = []
    page.on("request", lambda r: sent.append(json.loads(r.post_data)) if r.url.endswith("/send") else None)

    context.set_offline(True)
    page.goto(address + first)  # from what the phone kept
    page.check("input[name=lift][value=是]")
    page.fill("input[name=storeys]", "6")
    page.wait_for_selector("html[data-field=draft]")
    page.reload()
    assert page.is_checked("input[name=lift][value=是]")
    assert page.input_value("input[name=storeys]") == "6"
    page.click(".sendbar button")
    page.wait_for_selector("#field-status:has-text('kept on this phone, not yet sent')")
    page.goto(f"{address}/surveys/mine")
    page.wait_for_selector(f"a[href='{first}'] .tag:has-text('not yet sent')")
    page.goto(address + second)
    page.fill("input[name=storeys]", "many")
    page.click(".sendbar button")
    page.wait_for_selector("html[data-field=queued]")

    context.set_offline(False)
    page.wait_for_selector(
        "[data-error=storeys]:not([hidden])"
    )  # what does not fit comes back with its reason
    page.fill("input[name=storeys]", "3")
    page.click(".sendbar button")
    page.wait_for_selector("html[data-field=sent]")
    page.goto(f"{address}/surveys/mine")
    for link in (first, second):
        page.wait_for_selector(f"a[href='{link}'] .tag.open")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('hutong-survey')).length") == 0
    context.close()

    office = chromium.new_context(locale="en-GB").new_page()
    sign_in(office, address, "subdistrict", passwords["subdistrict"])
    office.goto(f"{address}/surveys/")
    office.click("a.pick")
    rows = office.locator("table:has(caption) tbody tr")
    assert rows.count() == 2
    assert {"lift": "是", "storeys": "6"} in [s["answers"] for s in sent]
    assert not wrong

    for language in ("zh-CN", "en-GB"):  # on paper: one A4 sheet a form
        tab = chromium.new_context(locale=language, storage_state=office.context.storage_state()).new_page()
        tab.goto(f"{office.url}/paper")
        data = tab.pdf(prefer_css_page_size=True)
        pages = re.findall(rb"/Type /Page\b", data)
        assert len(pages) == tab.locator(".sheet").count() == tab.locator(".qr").count() > 1
        assert {tuple(map(float, b.split())) for b in re.findall(rb"/MediaBox \[([^\]]*)\]", data)} == {
            (0, 0, 594.95996, 841.91998)
        }
