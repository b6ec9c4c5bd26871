"""Open data: only what is public, the same date the same bytes, a dictionary for every column, no formula, no few people."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.text import Text

#: What no file may hold: it is personal, hidden or not public.
CANARIES = (
    "天花板漏水甲乙丙",
    "13800001111",
    "canary-person",
    "Canary Name",
    "电话是一三八",
    "秘密的办件答复",
)


def rows_of(data: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.fixture
def lively(town, snapshots, run):
    """A city with a published checkup, requests, a council with a hidden statement, and a closed case."""
    from django.utils import timezone

    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.council.models import Statement
    from hutong.service.requests import services as requests
    from hutong.service.requests.services import NewRequest
    from hutong.service.twin.services import publish
    from tests.service.test_council import make_process

    for one in snapshots:
        publish(one)
    run.snapshot.refresh_from_db()
    publish_run(run)
    person = town.person("resident_owner", name="canary-person")
    person.display_name = "Canary Name"
    person.save()
    for i in range(4):
        made = requests.file(
            NewRequest(town.building, CANARIES[0] + str(i), contact="13800001111", owner=person)
        ).request
        requests.step(
            made, "take_in", "intake", said={"category": "pipes", "limit": "request.general_days_max"}
        )
    requests.file(NewRequest(town.building, "门口的路灯不亮了", owner=person))
    process = make_process(town)
    for k, words in enumerate(('=HYPERLINK("http://x")', "电话是一三八")):
        Statement.objects.create(
            process=process, owner=person, kind="statement", words=words, hidden=k == 1, at=timezone.now()
        )
    return town


def test_an_edition_holds_what_is_public_and_is_the_same_when_made_again(lively, client):
    from django.utils import timezone

    from hutong.service.ledger.models import Entry
    from hutong.service.open_data import selectors, services
    from hutong.service.requests import services as requests
    from hutong.service.requests.services import NewRequest
    from hutong.service.twin.models import Snapshot

    made = services.make(lively.city, timezone.localdate())
    files = {f.name: f for f in made.files.all()}
    bytes_of = {n: f.path.read_bytes() for n, f in files.items()}
    assert all(hashlib.sha256(bytes_of[n]).hexdigest() == f.digest for n, f in files.items())
    assert {n.split(".")[0] for n in files} == set(selectors.datasets())
    # nothing personal, in any form
    for name, data in bytes_of.items():
        told = data.decode("utf-8", "ignore") if not name.endswith("parquet") else str(selectors.rows_of(files[name], 0, 10**6))  # fmt: skip
        assert not [c for c in CANARIES if c in told], name
    # what is public, as counted by hand
    requests_told = rows_of(bytes_of["requests.csv"])
    assert sorted((r["requests"], r["few"]) for r in requests_told) == [("", "true"), ("4", "false")]
    assert len(rows_of(bytes_of["findings.csv"])) == files["findings.csv"].rows > 0
    shapes = json.loads(bytes_of["buildings.geojson"])["features"]
    assert len(shapes) == files["buildings.csv"].rows > 20
    assert {"observed", "imputed", "assumed"} >= {f["properties"]["storeys_origin"] for f in shapes}
    words = [r["words"] for r in rows_of(bytes_of["statements.csv"])]
    assert '\'=HYPERLINK("http://x")' in words  # no formula in a spreadsheet, the words as they are elsewhere
    assert '=HYPERLINK("http://x")' in [
        r["words"] for r in selectors.rows_of(files["statements.parquet"], 0, 99)[1]
    ]
    # the same day again: what came later changes nothing
    requests.file(NewRequest(lively.building, "又漏水了，请来修"))
    assert services.differences(made) == []
    assert services.make(lively.city, timezone.localdate()).pk == made.pk
    assert services.packed(made) == services.packed(made)
    with zipfile.ZipFile(io.BytesIO(services.packed(made))) as archive:
        assert len(archive.namelist()) == len(files) + 3
    entry = Entry.objects.get(index=made.entry)
    assert entry.value["public"]["digest"] == hashlib.sha256(made.recipe.encode()).hexdigest()
    # what was closed since differs, and only in what the dictionary calls frozen
    Snapshot.objects.update(phase="draft")
    differ = {name.split(".")[0] for name in services.differences(made)}
    assert differ == {"buildings", "indicators", "findings"}
    assert all(selectors.dataset(name).frozen for name in differ)


def test_what_is_made_of_openstreetmap_is_given_under_its_licence_and_names_it(lively, client):
    from dataclasses import asdict

    from django.utils import timezone

    from hutong.city.osm import OSM
    from hutong.service.open_data import services
    from hutong.service.twin.models import Snapshot

    day = timezone.localdate()
    before = services.make(
        lively.city, day - dt.timedelta(days=1)
    )  # nothing was public then: no sources, the office's licence
    newest = Snapshot.objects.order_by("-date").first()
    newest.sources = [*newest.sources, asdict(OSM)]
    newest.save()
    made = services.make(lively.city, day)
    bound = {f.dataset for f in made.files.all() if f.terms.licence.id == "ODbL-1.0"}
    assert bound == {"buildings", "indicators", "findings"}
    assert {f.terms.licence.id for f in made.files.exclude(dataset__in=bound)} == {"CC-BY-4.0"}
    assert all(OSM.attribution in f.terms.credits for f in made.files.filter(dataset__in=bound))
    with zipfile.ZipFile(io.BytesIO(services.packed(made))) as archive:
        notice, words, recipe = (
            archive.read(f"{lively.city.code}-{day}/{name}").decode()
            for name in ("ATTRIBUTION.txt", "dictionary.json", "recipe.json")
        )
    about = {part.split(" ", 1)[0]: part for part in notice.split("\n\n")}
    assert OSM.attribution in about["buildings"]
    assert "opendatacommons.org/licenses/odbl" in about["buildings"]
    assert OSM.attribution not in about["requests"]
    assert "CC-BY-4.0" in about["requests"]
    told = {d["id"]: d for d in json.loads(words)}
    assert told["buildings"]["licence"] == json.loads(recipe)["terms"]["findings"]["licence"] == "ODbL-1.0"
    assert asdict(OSM) in told["indicators"]["sources"]
    for page in ("/data/", f"/data/edition/{made.pk}", "/data/buildings"):
        shown = client.get(page).content.decode()
        assert "ODbL-1.0" in shown
        assert OSM.attribution in shown
    drawn = client.get(f"/twin/{newest.pk}/map").context["setup"]
    assert OSM.attribution in drawn["credits"]  # on the map too
    earlier = Snapshot.objects.exclude(pk=newest.pk).order_by("-date").first()
    beside = client.get(f"/twin/{earlier.pk}/map").context["setup"]
    assert OSM.attribution not in beside["credits"]
    assert OSM.attribution in beside["others"][str(newest.pk)]["credits"]  # on the second map of the swipe
    rows = client.get("/api/v1/data/buildings/rows").json()
    assert (rows["licence"], OSM.attribution in rows["attribution"]) == ("ODbL-1.0", True)
    listed = client.get("/api/v1/data/editions").json()["items"][0]["files"]
    assert {f["dataset"] for f in listed if OSM.attribution in f["attribution"]} == bound
    # the edition of the day before says what it said
    assert {f.terms.licence.id for f in before.files.all()} == {"CC-BY-4.0"}
    assert services.differences(made) == []


def test_an_edition_made_before_tables_had_their_own_licence_keeps_what_it_said(lively):
    from django.utils import timezone

    from hutong.service.open_data import services

    made = services.make(lively.city, timezone.localdate())
    old = {k: v for k, v in made.told.items() if k != "terms"}
    made.recipe = json.dumps(old)
    made.save()
    again = type(made).objects.get(pk=made.pk)
    assert again.terms_of("buildings").licence.id == again.licence
    with zipfile.ZipFile(io.BytesIO(services.packed(again))) as archive:
        assert not [n for n in archive.namelist() if n.endswith("ATTRIBUTION.txt")]


@pytest.mark.parametrize(
    ("named", "under"),
    [
        ("ODbL-1.0", "ODbL-1.0"),
        ("Open Database License 1.0", "ODbL-1.0"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0"),
        ("CC BY-SA 3.0", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution-ShareAlike 4.0", "CC-BY-SA-4.0"),
        ("知识共享 署名-相同方式共享 4.0 国际", "CC-BY-SA-4.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0"),
        ("CC-BY-4.0", "CC-BY-4.0"),  # who asks to be named is not given away without that condition
        ("ODC-By 1.0", "CC-BY-4.0"),
        ("CC0", "CC0-1.0"),
        ("internal", "CC0-1.0"),
        ("own data", "CC0-1.0"),
        ("MIT", "CC-BY-4.0"),
        ("Apache-2.0", "CC-BY-4.0"),
        ("CC BY-NC-SA 4.0", "unknown"),
        ("CC BY-ND 4.0", "unknown"),
        ("all rights reserved", "unknown"),
        ("limited", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_source_that_asks_for_its_licence_decides_over_the_office(named, under):
    from hutong.service.open_data.licences import licence_under, licences

    sources = ({"licence": "CC0-1.0"}, {"licence": named})
    assert licence_under(licences()["CC0-1.0"], sources).id == under


def test_two_sources_that_bind_differently_leave_no_licence():
    from hutong.service.open_data.licences import licence_under, licences

    sources = ({"licence": "ODbL-1.0"}, {"licence": "CC-BY-SA-4.0"})
    assert licence_under(licences()["CC-BY-4.0"], sources).id == "unknown"
    assert licence_under(licences()["CC-BY-4.0"], sources[1:]).id == "CC-BY-SA-4.0"


@pytest.mark.parametrize("id_", ["CC-BY-4.0", "CC0-1.0", "ODC-By-1.0", "CC-BY-SA-4.0", "ODbL-1.0"])
def test_every_licence_is_known_by_its_id_and_by_its_names(id_):
    from hutong.service.open_data.licences import licence_named, licences

    one = licences()[id_]
    assert {licence_named(said).id for said in (one.id, one.title.zh, one.title.en)} == {id_}


def test_a_table_made_of_what_has_no_known_licence_says_so(lively, client):
    from django.utils import timezone

    from hutong.service.open_data import services
    from hutong.service.twin.models import Snapshot

    newest = Snapshot.objects.order_by("-date").first()
    newest.sources = [{"id": "x", "title": "X", "licence": "ask us", "attribution": "of X"}]
    newest.save()
    made = services.make(lively.city, timezone.localdate())
    assert {f.terms.licence.id for f in made.files.filter(dataset="buildings")} == {"unknown"}
    for page in (f"/data/edition/{made.pk}", "/data/buildings"):
        assert "Licence not known" in client.get(page).content.decode(), page
    assert "ask the sources listed before use" in client.get(f"/data/edition/{made.pk}").content.decode()
    assert client.get("/api/v1/data/buildings/rows").json()["licence"] == "unknown"
    assert 'href=""' not in client.get(f"/data/edition/{made.pk}").content.decode()


def test_every_column_is_explained_in_both_languages(database):
    from hutong.service.open_data import selectors
    from hutong.service.open_data.licences import DEFAULT, licences
    from hutong.service.open_data.writing import dictionary

    for one in selectors.datasets().values():
        told = dictionary(one)
        names = [c["name"] for c in told["columns"]]
        assert len(names) == len(set(names))
        for text in (told["title"], told["about"], told["source"], *(c["means"] for c in told["columns"])):
            assert "" != text["zh"] != text["en"] != "", one.id
        for c in told["columns"]:
            assert c["name"].isascii()
            assert all(v["zh"] and v["en"] for v in c["values"].values())
    assert licences()[DEFAULT].id == "CC-BY-4.0"


def _small(**column):
    from hutong.service.web.datasets import Column, Dataset

    columns = (
        Column("words", "text", Text("字", "words")),
        Column("n", "whole", Text("数", "count"), **column),
    )
    return Dataset(
        "small", Text("小", "small"), Text("小", "small"), columns, lambda _c, _u: (), Text("无", "none")
    )


WORDS = st.none() | st.text("ab =+-@\t\n,\"'中＝＠1", max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(WORDS, st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=5))
def test_no_text_is_a_formula_and_nothing_is_lost(rows):
    from hutong.sense.sheets import FORMULA
    from hutong.service.open_data.writing import csv_bytes, parquet_bytes

    of = _small()
    read = list(csv.reader(io.StringIO(csv_bytes(of, rows).decode("utf-8-sig"), newline="")))[1:]
    for (words, n), (cell, number) in zip(rows, read, strict=True):
        assert not cell.startswith(FORMULA)
        assert cell in ((words or ""), f"'{words}")
        assert number == ("" if n is None else str(n))
    import pyarrow.parquet as pq

    assert [tuple(r.values()) for r in pq.read_table(io.BytesIO(parquet_bytes(of, rows))).to_pylist()] == rows
    assert parquet_bytes(of, rows) == parquet_bytes(of, rows)


def test_what_is_not_as_the_dictionary_says_is_refused():
    from hutong.service.open_data.writing import files_of

    of = _small(fewest=3)
    files_of(of, [("a", 3), ("b", 0), (None, None)])
    for row in (("a", 2), ("a",), ("a", True), (1, 3), ("a", 3.0)):
        with pytest.raises(ValueError, match="small"):
            files_of(of, [row])


def test_days_to_come_and_foreign_hands_are_refused(lively, client):
    from django.test import Client
    from django.utils import timezone

    from hutong.service.open_data import selectors, services
    from tests.service.test_council import browser

    today = timezone.localdate()
    with pytest.raises(HutongError, match=r"还没有到|still to come"):
        services.make(lively.city, today + dt.timedelta(days=1))
    made = services.make(lively.city, today)
    office, far = browser(lively.person("city")), browser(lively.person("city", far=True))
    file = made.files.get(name="statements.csv")
    assert far.post(f"/data/file/{file.pk}/withdraw", {"reason": "personal"}).status_code == 403
    assert office.post(f"/data/file/{file.pk}/withdraw", {"reason": "unwelcome"}).status_code == 400
    assert client.get(f"/data/file/{file.pk}").status_code == 200
    assert office.post(f"/data/file/{file.pk}/withdraw", {"reason": "personal"}).status_code == 302
    assert Client().get(f"/data/file/{file.pk}").status_code == 404
    file.refresh_from_db()
    assert file.withdrawn
    assert file.why.en
    assert len(file.digest) == 64
    assert client.get("/api/v1/data/statements/rows").status_code == 404
    page = client.get(f"/data/edition/{made.pk}").content.decode()
    assert "withdrawn" in page
    assert file.digest in page
    assert office.post(f"/data/{lively.city.pk}/licence", {"licence": "ODbL-1.0"}).status_code == 302
    assert office.post(f"/data/{lively.city.pk}/licence", {"licence": "Mine-1.0"}).status_code == 400
    assert selectors.licence_of(lively.city).id == "ODbL-1.0"
    made.refresh_from_db()
    assert made.licence == "CC-BY-4.0"  # what was given under one licence stays under it


def test_the_api_gives_the_rows_of_the_file(lively, client):
    from django.utils import timezone

    from hutong.service.open_data import services

    made = services.make(lively.city, timezone.localdate())
    told = client.get("/api/v1/data/indicators/rows?size=500").json()
    assert told["total"] == made.files.get(name="indicators.csv").rows
    kept = rows_of(made.files.get(name="indicators.csv").path.read_bytes())
    assert [r["indicator"] for r in told["rows"]] == [r["indicator"] for r in kept][:500]
    edition = client.get("/api/v1/data/editions").json()["items"][0]
    assert edition["recipe_sha256"] == made.digest
    assert len(edition["files"]) == made.files.count()
    named = {d["id"] for d in client.get("/api/v1/data").json()}
    assert {"indicators", "findings", "requests", "projects", "returns", "statements", "answers", "budgets", "tallies", "floor_area", "minutes", "ledger"} <= named  # fmt: skip


def test_each_month_is_published_once_the_office_has_begun(lively):
    from django.utils import timezone

    from hutong.service.open_data import services
    from hutong.service.open_data.models import Edition

    assert services.monthly() == 0
    services.make(lively.city, timezone.localdate().replace(day=1) - dt.timedelta(days=70))
    assert services.monthly() == 1
    assert services.monthly() == 0
    assert Edition.objects.filter(place=lively.city).count() == 2
