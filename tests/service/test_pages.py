"""What holds for every page: languages, choices, the content policy, errors in words."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("accept", "word"), [("en", "Home"), ("zh-CN", "首页"), ("fr", "首页")])
def test_the_browser_chooses_the_language_and_chinese_is_the_default(accept, word, client):
    assert word in client.get("/", headers={"accept-language": accept}).content.decode()


def test_a_choice_wins_over_the_browser(client):
    client.post("/choose", {"language": "zh-hans", "size": "elder", "theme": "dark", "next": "/jobs/"})
    page = client.get("/").content.decode()
    assert '<html lang="zh-Hans" data-theme="dark" data-size="elder">' in page


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_choice_never_leads_elsewhere(client, back):
    assert client.post("/choose", {"language": "en", "next": back})["Location"] == "/"


@pytest.mark.parametrize("path", ["/", "/nope", "/people/", "/accounts/login/", "/static/hutong/base.css"])
def test_the_content_policy_goes_with_every_answer(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/nope", "/people/"])
def test_pages_hold_no_inline_style_or_script(client, path):
    import re

    page = client.get(path).content.decode()
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son[a-z]+=", page)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)


def test_errors_that_can_be_mended_are_told(client, town):
    client.force_login(
        town.person("administrator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    form = {"username": "nobody", "role": "planner", "place": town.quarter.pk}
    got = client.post("/people/", form)
    assert got.status_code == 400
    assert "There is no such user name." in got.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/requests/new?q=%00", "/requests/?number=1%00", "/search/?q=a%00b", "/ledger/?place=%00", "/checkup/%00",
     "/open311/v2/requests.json?service_code=%00", "/open311/v2/requests/%00.xml"],
)  # fmt: skip
def test_an_address_with_a_zero_character_is_refused(client, db, path):
    assert client.get(path).status_code == 400


def test_what_is_typed_is_never_markup(client, town):
    from hutong.service.accounts import services

    services.make_user("<b>x", "a-long-password-1", "<script>alert(1)</script>")
    client.force_login(
        town.person("administrator"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    page = client.get("/people/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_large_text_means_few_choices(client):
    """Who chose it finds a few large things to do, the rest folded away, and nothing is lost."""
    plain = client.get("/").content.decode()
    assert 'class="few"' not in plain
    client.post("/choose", {"size": "elder", "next": "/"})
    page = client.get("/").content.decode()
    few = page.split('class="few"')[1].split("</ul>")[0]
    assert [few.count(part) for part in ("/requests/new", "/requests/find", "tel:12345")] == [1, 1, 1]
    assert few.count("<li>") <= 4
    assert page.index('class="few"') < page.index('<details class="rest"')


@pytest.mark.parametrize(
    ("came", "back"),
    [("http://testserver/council/?x=%22%3E", True), ("https://evil.example/", False), ("javascript:alert(1)", False), ("", False)],
)  # fmt: skip
def test_what_can_be_mended_leads_back_to_where_it_was_done(client, came, back):
    """An error of a form offers the way back, to this site alone."""
    from django.test import RequestFactory

    from hutong.errors import HutongError
    from hutong.service.web.views import told
    from hutong.text import Text

    request = RequestFactory().post("/council/1/phase", headers={"referer": came} if came else {})
    request.user, request.session = client.get("/").wsgi_request.user, {}
    page = told(request, HutongError("x", Text("错", "wrong"), Text("改", "mend"))).content.decode()
    assert ('class="btn main"' in page) is back
    assert "evil" not in page
    assert "javascript" not in page
