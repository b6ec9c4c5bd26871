"""Exchange: a signed package comes through whole, says whose it is, is tried before it is taken; hostile input is refused."""

# ruff: noqa: S310 (our own servers)
from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from functools import cache
from pathlib import Path

import pytest

from hutong.errors import HutongError

MADE = "2026-05-01T08:00:00Z"


@cache
def signer(name="other.example.org"):
    from hutong.act.ledger import SigningKey

    return SigningKey.new(name)


def indicators(n=2):
    from hutong.service.exchange.format import Indicators

    rows = [
        {
            "id": f"i{k}", "title": {"zh": f"指标{k}", "en": f"Indicator {k}"}, "unit": "ratio", "value": None if k else 0.5,
            "status": "unknown" if k else "good", "coverage": 1.0, "confidence": "U", "source": "", "reason": {"zh": "没有数据", "en": "no data"},
        }
        for k in range(n)
    ]  # fmt: skip
    return Indicators.model_validate({"date": "2026-01-01", "jurisdiction": "beijing", "rows": rows})


def manifest(content, kind="indicators", title="别处的指标", key=None, **changed):
    from hutong.service.exchange.format import Manifest
    from hutong.service.exchange.package import part_of

    key = key or signer()
    origin = {
        "site": key.name,
        "key": str(key.verifier),
        "place": {"zh": "别处", "en": "Elsewhere"},
        "licence": "CC-BY-4.0",
        "practice": False,
    }
    told = {
        "format": "hutong-exchange", "version": 1, "kind": kind, "title": {"zh": title, "en": "Elsewhere"}, "made": MADE,
        "origin": {**origin, **changed}, "parts": [part_of(content)],
    }  # fmt: skip
    return Manifest.model_validate(told)


def packed(**options):
    from hutong.service.exchange.package import pack

    content = indicators()
    return pack(manifest(content, **options), content, options.get("key") or signer())


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def zipped(parts, compress=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return out.getvalue()


def resigned(change, key=None):
    """Return a package whose manifest was changed as plain JSON and signed anew, as a hostile sender may."""
    from hutong.service.exchange.package import _statement

    parts = parts_of(packed())
    told = json.loads(parts["manifest.json"])
    change(told, parts)
    parts["manifest.json"] = json.dumps(told, ensure_ascii=False).encode()
    parts["signature.txt"] = (key or signer()).sign(_statement(parts["manifest.json"])).encode()
    return zipped(parts.items())


def with_content(data: bytes):
    def change(told, parts):
        parts["content.json"] = data
        told["parts"][0] |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    return resigned(change)


def altered(name, old, new):
    parts = parts_of(packed())
    assert old in parts[name]
    return zipped((n, d.replace(old, new) if n == name else d) for n, d in parts.items())


def hostile():
    from hutong.act.ledger import SigningKey

    good = parts_of(packed())
    m, c, s = (good[n] for n in ("manifest.json", "content.json", "signature.txt"))
    forger = SigningKey.new("other.example.org")  # the same name, another key
    bomb = zipped([("manifest.json", m), ("content.json", b" " * (64 * 2**20)), ("signature.txt", s)])
    assert len(bomb) < 100_000
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped([("manifest.json", m), ("content.json", c), ("content.json", c)])
    cut = packed()
    broken_crc = bytearray(zipped(good.items(), zipfile.ZIP_STORED))
    broken_crc[broken_crc.find(b"hutong-exchange")] ^= 1
    return {
        "empty": (b"", "package-broken"),
        "no zip": (b"PK\x03\x04 nothing", "package-broken"),
        "cut off": (cut[: len(cut) // 2], "package-broken"),
        "a changed byte": (bytes(broken_crc), "package-broken"),
        "oversized": (b"0" * (3 * 2**19 + 1), "package-size"),
        "zip bomb": (bomb, "package-size"),
        "path traversal": (zipped([("../../etc/cron.d/x", b"x"), *good.items()]), "package-broken"),
        "absolute path": (zipped([("manifest.json", m), ("/content.json", c), ("signature.txt", s)]), "package-broken"),
        "a name twice": (twice, "package-broken"),
        "a part missing": (zipped([("manifest.json", m), ("content.json", c)]), "package-broken"),
        "unknown version": (resigned(lambda t, _p: t.update(version=2)), "package-version"),
        "version as text": (resigned(lambda t, _p: t.update(version="1")), "package-version"),
        "another format": (resigned(lambda t, _p: t.update(format="tar")), "package-broken"),
        "unknown kind": (resigned(lambda t, _p: t.update(kind="roll")), "package-content"),
        "a field too many": (resigned(lambda t, _p: t.update(run="rm -rf /")), "package-content"),
        "forged signature": (resigned(lambda _t, _p: None, forger), "package-signature"),
        "another's name": (resigned(lambda t, _p: t["origin"].update(site="city.example.org")), "package-signature"),
        "no key": (resigned(lambda t, _p: t["origin"].update(key="none")), "package-signature"),
        "manifest altered": (altered("manifest.json", "别处的指标".encode(), "更好的指标".encode()), "package-signature"),
        "signature of other bytes": (zipped([("manifest.json", m), ("content.json", c), ("signature.txt", b"\xff\xfe")]), "package-signature"),
        "content altered": (altered("content.json", b"0.5", b"0.9"), "package-hash"),
        "not a number": (with_content(b'{"date": NaN}'), "package-broken"),
        "a key twice": (with_content(b'{"date": "2026-01-01", "date": "2027-01-01"}'), "package-broken"),
        "deeply nested": (with_content(b"[" * 200_000 + b"]" * 200_000), "package-broken"),
        "not UTF-8": (with_content(b"\xff\xff"), "package-broken"),
        "a wrong type": (with_content(b'{"date": "2026-01-01", "jurisdiction": 1, "rows": []}'), "package-content"),
    }  # fmt: skip


def test_what_is_packed_is_what_is_opened():
    from hutong.service.exchange.package import open_package

    data = packed()
    assert data == packed()
    found = open_package(data)
    assert found.content == indicators()
    assert found.manifest == manifest(indicators())
    assert str(found.signer) == str(signer().verifier)
    assert found.digest == hashlib.sha256(data).hexdigest()


def test_hostile_packages_are_refused_by_name():
    from hutong.service.exchange.package import open_package

    got = {}
    for name, (data, _code) in hostile().items():
        with pytest.raises(HutongError) as caught:
            open_package(data)
        got[name] = caught.value.code
    assert got == {name: code for name, (_data, code) in hostile().items()}


def test_a_schemes_document_is_read_and_its_anchors_are_refused():
    from hutong.plan.document import SchemeDocument
    from hutong.plan.document_file import to_yaml
    from hutong.service.exchange.package import check_scheme
    from hutong.text import Text

    good = to_yaml(SchemeDocument("s1", Text("方案", "Scheme")))
    check_scheme(good)
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
    for text in (bomb, "x: !!python/object:os.system {}\n", "a: [", "just words", "[" * 3000):
        with pytest.raises(HutongError):
            check_scheme(text)


def test_the_schema_is_the_one_in_the_docs_and_packages_fit_it():
    import jsonschema_rs

    from hutong.service.exchange.format import schema

    kept = json.loads((Path(__file__).parents[2] / "docs" / "exchange.schema.json").read_text("utf-8"))
    assert kept == schema()
    parts = parts_of(packed())
    jsonschema_rs.validate(kept["manifest"], json.loads(parts["manifest.json"]))
    jsonschema_rs.validate(kept["indicators"], json.loads(parts["content.json"]))
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(kept["manifest"], {**json.loads(parts["manifest.json"]), "version": 2})


def machine(town, role="district"):
    from django.test import Client

    from hutong.service.api.services import make_token

    _, secret = make_token(
        "站点甲", role, town.at(role if role in ("district", "city") else "subdistrict"), None
    )
    return Client(headers={"authorization": f"Bearer {secret}"})


def send(client, place, data, dry=False):
    body = {"place": place.path, "package": base64.b64encode(data).decode(), "dry": dry}
    return client.post("/api/v1/exchange/received", json.dumps(body), content_type="application/json")


def test_a_package_is_tried_waits_and_is_taken_in_by_a_person_who_checked_the_key(town, client):
    from hutong.service.checkup.models import Value
    from hutong.service.exchange.models import Received
    from hutong.service.ledger.models import Entry
    from tests.service.test_council import browser

    data, by_token = packed(), machine(town)
    assert send(client, town.quarter, data).status_code == 401  # nobody sends without a token
    assert send(machine(town), town.at("quarter", far=True), data).status_code == 403
    told = send(by_token, town.quarter, data, dry=True).json()
    assert (told["state"], told["id"], told["known"], told["site"]) == (
        "tried",
        None,
        False,
        "other.example.org",
    )
    assert "2 indicators (1 with a value)" in told["effects"][0]["en"]
    assert not Received.objects.exists()
    first, again = (send(by_token, town.quarter, data).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert first["state"] == "waiting"
    address = f"/exchange/received/{first['id']}"
    assert client.get(address).status_code == 403  # what waits is not public
    office = browser(town.person("district"))
    page = office.get(address).content.decode()
    assert "nobody has checked" in page.lower()
    assert office.post(f"{address}/decide", {"take": "yes"}).status_code == 400  # the key was not checked
    site = {"place": town.district.pk, "name": "别处", "key": str(signer().verifier), "how": "电话核对"}
    assert office.post("/exchange/sites", {**site, "key": "x"}).status_code == 400
    assert office.post("/exchange/sites", site).status_code == 302
    assert office.post(f"{address}/decide", {"take": "yes"}).status_code == 302
    assert office.post(f"{address}/decide", {"take": "no"}).status_code == 400  # decided once
    page = client.get(address).content.decode()
    assert "From other.example.org" in page
    assert "Creative Commons Attribution 4.0" in page
    assert "Use it freely and name the source." in page
    assert "Indicator 0" in page
    assert "zh=" not in page
    assert client.get(f"{address}.zip").content == data  # as it came, with its signature
    entry = Entry.objects.order_by("index").last()
    assert entry.act == "package.taken"
    assert entry.value["public"]["digest"] == hashlib.sha256(data).hexdigest()
    assert not Value.objects.filter(indicator="i0").exists()  # never mixed with the site's own


def test_packages_of_practice_and_ones_own_do_not_come_in(town):
    from hutong.service.exchange import services
    from hutong.service.exchange.package import pack
    from hutong.service.ledger.keys import signing_key

    with pytest.raises(HutongError) as caught:
        services.receive(town.quarter, packed(practice=True), "x")
    assert caught.value.code == "package-practice"
    content, own = indicators(), signing_key()
    with pytest.raises(HutongError) as caught:
        services.receive(town.quarter, pack(manifest(content, key=own), content, own), "x")
    assert caught.value.code == "package-own"


def test_hostile_packages_are_told_in_words_by_the_api(town):
    by_token = machine(town)
    for name in ("zip bomb", "path traversal", "forged signature", "unknown version"):
        data, code = hostile()[name]
        answer = send(by_token, town.quarter, data)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    body = {"place": town.quarter.path, "package": "***"}
    assert (
        by_token.post(
            "/api/v1/exchange/received", json.dumps(body), content_type="application/json"
        ).status_code
        == 400
    )


def test_what_is_public_can_be_packed_and_nothing_else(town, snapshots, run, client):
    from django.http import Http404

    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.exchange import services
    from hutong.service.exchange.models import Offer
    from hutong.service.exchange.package import open_package
    from hutong.service.open_data.services import choose_licence
    from hutong.service.twin.services import publish
    from tests.service.test_council import browser

    officer = town.person("district")
    with pytest.raises(Http404):
        services.make_offer("indicators", run.pk, officer)
    office = browser(officer)
    assert office.post("/exchange/offer", {"what": f"indicators:{run.pk}"}).status_code == 404
    for s in snapshots:
        publish(s)
    run.snapshot.refresh_from_db()
    publish_run(run)
    assert office.post("/exchange/offer", {"what": f"indicators:{run.pk}"}).status_code == 302
    made = services.make_offer("indicators", run.pk, officer)
    assert services.make_offer("indicators", run.pk, officer).pk == made.pk  # unchanged: not offered twice
    # under the licence of the city's open data unless the sender chooses another
    assert open_package(bytes(made.data)).manifest.origin.licence == "CC-BY-4.0"
    shown = office.get("/exchange/").content.decode()
    assert '<option value="CC-BY-4.0" selected' in shown
    wanted = {"what": f"indicators:{run.pk}", "licence": "ODbL-1.0"}
    assert office.post("/exchange/offer", wanted).status_code == 302
    other = Offer.objects.exclude(pk=made.pk).get()
    assert open_package(bytes(other.data)).manifest.origin.licence == "ODbL-1.0"
    assert office.post("/exchange/offer", {**wanted, "licence": "mine"}).status_code == 400
    choose_licence(town.city, "ODC-By-1.0", officer)
    assert '<option value="ODC-By-1.0" selected' in office.get("/exchange/").content.decode()
    again = services.make_offer("indicators", run.pk, officer)
    assert open_package(bytes(again.data)).manifest.origin.licence == "ODC-By-1.0"
    osm = {"title": "OSM", "licence": "Open Database License (ODbL)"}
    type(run.snapshot).objects.filter(pk=run.snapshot.pk).update(sources=[osm])
    bound = services.make_offer("indicators", run.pk, officer, "CC-BY-4.0")
    assert open_package(bytes(bound.data)).manifest.origin.licence == "ODbL-1.0"
    answer = client.get(f"/api/v1/exchange/offers/{made.pk}").json()
    found = open_package(base64.b64decode(answer["package"]))
    values = {v.indicator: v.value for v in run.values.filter(scale="quarter")}
    assert {r.id: r.value for r in found.content.rows} == values
    assert client.get(f"/exchange/offer/{made.pk}.zip").content == base64.b64decode(answer["package"])


def test_a_project_becomes_a_case_without_people(town):
    from hutong.service.exchange import services
    from hutong.service.exchange.package import open_package
    from hutong.service.projects import demo

    people = [town.person(r, name=f"canary-{r}") for r in ("operator", "district", "council_member")]
    demo.load(town.estate, *people)
    from hutong.service.projects.models import Project

    project = Project.objects.filter(library="implementation").first()
    made = services.make_offer("case", project.pk, people[1])
    found = open_package(bytes(made.data))
    assert len(found.content.passed) == project.steps.count()
    told = str(parts_of(bytes(made.data)))
    assert "canary" not in told


SETUP = """
import sys
from hutong.service.server import prepare
prepare()
from django.utils import timezone
from hutong.service.api.services import make_token
from hutong.service.ledger.keys import signing_key
from hutong.service.places.services import NewPlace, make_place
from hutong.text import Text
city = make_place(None, NewPlace("city", sys.argv[1], Text("市", "City")))
district = make_place(city, NewPlace("district", "d", Text("区", "District")))
sub = make_place(district, NewPlace("subdistrict", "s", Text("街道", "Subdistrict")))
quarter = make_place(sub, NewPlace("quarter", "q", Text("片区", "Quarter")))
_, secret = make_token("machine", "district", district, None)
from hutong.service.checkup.models import Run, Value
from hutong.service.exchange.services import make_offer, know
from hutong.service.accounts.services import make_user
from hutong.service.twin.models import Snapshot
now = timezone.now()
s = Snapshot.objects.create(place=quarter, name="q", title_zh="片区", title_en="Quarter", date="2026-01-01", digest=sys.argv[1] * 8, crs="EPSG:4548", phase="published", published_at=now, west=0, south=0, east=1, north=1)
told = {"title": {"zh": "指标", "en": "Indicator"}, "unit": "ratio", "confidence": "U", "source": "x"}
r = Run.objects.create(snapshot=s, jurisdiction="beijing", state="published", published_at=now, indicators={"walk": told})
Value.objects.create(run=r, indicator="walk", scale="quarter", place_id="q", place_name="Quarter", value=0.625, status="good", coverage=1.0)
officer = make_user("officer", None)
make_offer("indicators", r.pk, officer)
print("READY", secret, signing_key().verifier)
"""
TAKE = """
import sys
from hutong.service.setup import ready
ready()
from hutong.service.accounts.models import User
from hutong.service.exchange import services, selectors
from hutong.service.exchange.models import Received
from hutong.service.places.models import Place
officer = User.objects.get(username="officer")
services.know(Place.objects.get(kind="district"), "the other", sys.argv[1], "read out", officer)
services.decide(Received.objects.get(pk=int(sys.argv[2])), True, officer)
"""


@pytest.mark.slow
def test_two_running_installations_exchange_over_http_by_token():
    """Two sites with their own data, keys and processes: what one offers arrives at the other and says whose it is."""
    from tests.service.live_site import site

    def script(at, text, *arguments):
        done = subprocess.run(
            [sys.executable, "-c", text, *arguments],
            env=at.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.split()

    def ask(address, token="", body=None):
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        asked = urllib.request.Request(address, None if body is None else json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    with site(postgres=False) as here, site(postgres=False) as there:
        (_, token_here, key_here), (_, token_there, key_there) = (
            script(here, SETUP, "aaaa"),
            script(there, SETUP, "bbbb"),
        )
        assert key_here != key_there
        here.start()
        there.start()
        _, listed = ask(f"{here.address}/api/v1/exchange/offers", token_here)
        _, offer = ask(f"{here.address}/api/v1/exchange/offers/{listed['items'][0]['id']}", token_here)
        body = {"place": "/bbbb/d/s/q/", "package": offer["package"]}
        assert ask(f"{there.address}/api/v1/exchange/received", "", body)[0] == 401
        assert (
            ask(f"{there.address}/api/v1/exchange/received", token_here, body)[0] == 401
        )  # a token of another site
        status, tried = ask(f"{there.address}/api/v1/exchange/received", token_there, {**body, "dry": True})
        assert (status, tried["state"], tried["key"], tried["known"]) == (200, "tried", key_here, False)
        _, sent = ask(f"{there.address}/api/v1/exchange/received", token_there, body)
        assert sent["state"] == "waiting"
        page = f"{there.address}/exchange/received/{sent['id']}"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(page)
        script(there, TAKE, key_here, str(sent["id"]))
        with urllib.request.urlopen(
            urllib.request.Request(page, headers={"Accept-Language": "en"})
        ) as answer:
            text = answer.read().decode()
        assert "From hutong.localhost" in text
        assert (
            key_here in text.replace("&#x27;", "'").replace("&amp;", "&").replace("&#43;", "+")
            or key_here.split("+")[1] in text
        )
        assert "Indicator" in text
        with urllib.request.urlopen(f"{page}.zip") as answer:
            assert base64.b64encode(answer.read()).decode() == offer["package"]
        assert (
            ask(
                f"{here.address}/api/v1/exchange/received",
                token_here,
                {"place": "/aaaa/d/s/q/", "package": offer["package"]},
            )[1]["code"]
            == "package-own"
        )
