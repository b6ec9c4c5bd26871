"""GeoReport v2 as another program meets it."""

from dataclasses import replace
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

KEY = "k" * 40
WORDS = "楼道管道漏水滴水"


@pytest.fixture
def api(town, client, settings_key):
    return client


@pytest.fixture
def settings_key(db, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, open311_keys=(KEY,)))


def send(client, form="json", **data):
    given = {"api_key": KEY, "service_code": "pipes", "address_string": "near building", "description": WORDS}
    return client.post(f"/open311/v2/requests.{form}", given | data)


def test_discovery_and_services(api):
    told = api.get("/open311/v2/discovery.json").json()
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    root = ElementTree.fromstring(api.get("/open311/v2/services.xml").content)  # noqa: S314 - our own answer
    assert root.tag == "services"
    assert {s.tag for s in root} == {"service"}
    codes = [s.findtext("service_code") for s in root]
    assert [s["service_code"] for s in api.get("/open311/v2/services.json").json()] == codes
    assert api.get("/open311/v2/services/pipes.json").json() == {"service_code": "pipes", "attributes": []}
    for code in ("magic", "#\U00038111", "a/b", "a.b", "\x01\uffff", "a\nb"):
        for form, kind in (("json", "application/json"), ("xml", "application/xml")):
            for part in ("services", "requests"):
                told = api.get(f"/open311/v2/{part}/{quote(code)}.{form}")
                assert (told.status_code, told.headers["content-type"].split(";")[0]) == (404, kind)
                if form == "xml":
                    assert ElementTree.fromstring(told.content).tag == "errors"  # noqa: S314 (our own answer)


def test_filing_and_reading(api):
    made = send(api)
    assert made.status_code == 201
    number = made.json()[0]["service_request_id"]
    told = api.get(f"/open311/v2/requests/{number}.json").json()[0]
    assert told["status"] == "open"
    assert WORDS not in str(told)
    assert told["address"] == "near estate"
    root = ElementTree.fromstring(api.get("/open311/v2/requests.xml?status=open").content)  # noqa: S314 - our own answer
    assert root.tag == "service_requests"
    assert root.findtext("request/service_request_id") == number
    assert api.get("/open311/v2/requests.json?status=closed").json() == []
    assert len(api.get("/open311/v2/requests.json?service_code=housing_leak,pipes").json()) == 1
    assert api.get("/open311/v2/requests.json?service_code=noise").json() == []
    assert len(api.get(f"/open311/v2/requests.json?service_request_id={number}").json()) == 1


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "x" * 40}, 403, "api_key"),
        ({"service_code": "magic"}, 400, "service_code"),
        ({"address_string": "nowhere at all"}, 400, "no place"),
        ({"lat": "0", "long": "0"}, 400, "no place"),
        ({"description": "x"}, 400, "4 to 2000"),
    ],
)
def test_what_is_refused(api, data, status, words):
    for form in ("json", "xml"):
        answer = send(api, form, **data)
        assert answer.status_code == status
        assert words in answer.content.decode()


def test_a_refusal_is_written_as_its_language_is(api):
    kind = {"api_key": KEY, "service_code": "pipes", "address_string": "near building", "description": "x"}
    zh, en = (
        api.post("/open311/v2/requests.json", kind, headers={"accept-language": lang}).json()[0][
            "description"
        ]
        for lang in ("zh-hans", "en")
    )
    assert "。 " not in zh
    assert zh.count("。") == en.count(". ") + 1 == 2


@pytest.mark.parametrize(
    "query",
    [
        "start_date=yesterday",
        "start_date=2026-01-01T00:00:00",
        "status=lost",
        "start_date=2020-01-01T00:00:00Z",
    ],
)
def test_bad_questions(api, query):
    assert api.get(f"/open311/v2/requests.json?{query}").status_code == 400


def test_without_a_key_nothing_is_filed(town, client):
    from hutong.service.requests.models import Request

    assert send(client).status_code == 403
    assert not Request.objects.exists()


def test_short_keys_are_refused():
    from hutong.errors import HutongError
    from hutong.service.environment import _keys

    assert _keys(f"{KEY}, {KEY}") == (KEY, KEY)
    with pytest.raises(HutongError, match="too short"):
        _keys("short")
