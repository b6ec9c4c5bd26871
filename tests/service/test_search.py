"""Search finds Chinese words of any length, and nobody finds what they may not open."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tests.service.conftest import undone
from tests.service.test_api import BROWSER

FEW = "漏水管道号院楼"


def found(viewer, query):
    """Return the keys of what somebody finds, by kind."""
    from hutong.service.search.selectors import find, kinds

    return {k.id: {d.key for d in find(viewer, query, k.id)} for k in kinds()}


def visitor():
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


@pytest.mark.parametrize(
    ("text", "query", "is_found"),
    [
        ("天花板漏水", "漏水", True),
        ("天花板漏水", "花板漏", True),
        ("天花板漏水", "漏", True),
        ("天花板漏水", "板 天花", True),
        ("天花板漏水", "天板", False),
        ("天花板漏水", "水漏", False),
        ("漏了，水", "漏水", False),
        ("３号院", "3号院", True),
        ("23号院", "3号院", False),
        ("3号院", "3", True),
        ("b0000001", "B00000", True),
        ("Room below 18 °C", "room bel", True),
        ("Room below 18 °C", "below ro", True),
        ("Room below 18 °C", "oom", False),
        ("2026-000123", "2026-000123", True),
        ("2026-000123", "000123", True),
        ("𠮷野家", "𠮷野", True),
        ("Café", "café", True),
        ("词", '" OR NEAR( ) * : -', False),
        ("词", "' ; -- & | ! <-> \\", False),
        ("kcase", "case", False),
    ],
)
def test_words_are_found(town, text, query, is_found):
    from hutong.service.search.services import put
    from hutong.service.web.found import Findable
    from hutong.text import Text

    put([Findable("request", "one", Text(text, text), "/", public=True)])
    assert found(visitor(), query)["request"] == ({"one"} if is_found else set())


TEXTS = st.lists(st.text(FEW, max_size=8), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(texts=TEXTS, words=st.lists(st.text(FEW, min_size=1, max_size=4), min_size=1, max_size=3))
def test_what_is_found_is_what_plain_reading_finds(town, texts, words):
    """The slow reference: every word of the query stands in one of the fields."""
    from hutong.service.search.services import put
    from hutong.service.web.found import Findable
    from hutong.text import Text

    with undone():
        put(
            Findable("request", str(i), Text(t, t), "/", Text(t[::-1], t[::-1]), public=True)
            for i, t in enumerate(texts)
        )
        right = {str(i) for i, t in enumerate(texts) if all(w in t or w in t[::-1] for w in words)}
        assert found(visitor(), " ".join(words))["request"] == right


def test_what_is_replaced_or_removed_is_no_longer_found(town):
    from hutong.service.search.services import put, remove
    from hutong.service.web.found import Findable
    from hutong.text import Text

    put([Findable("request", "1", Text("路灯", "lamp"), "/", public=True)])
    put([Findable("request", "1", Text("水管", "pipe"), "/", public=True)])
    assert found(visitor(), "路灯")["request"] == set()
    assert found(visitor(), "pipe")["request"] == {"1"}
    remove("request", ["1"])
    assert found(visitor(), "水管")["request"] == set()


def test_a_resident_never_finds_the_words_of_another(client, town):
    from hutong.service.requests.services import NewRequest, file

    mine, other = town.person("resident_owner"), town.person("resident_owner", name="other")
    kept = file(NewRequest(town.building, "厨房煤气味很大", owner=mine)).request
    assert found(mine, "煤气味")["own_request"] == {kept.number}
    far = town.person("subdistrict", far=True)
    for viewer in (visitor(), other, far, town.person("planner"), town.person("department")):
        assert not any(found(viewer, "煤气味").values()), viewer
    assert found(town.person("subdistrict"), "煤气味")["case"] == {kept.number}
    assert found(visitor(), kept.number)["request"] == {kept.number}
    client.force_login(other, backend=BROWSER)
    page = client.get("/search/", {"q": "煤气味"}).content.decode()
    assert "Nothing was found" in page
    page = client.get("/search/", {"q": kept.number}).content.decode()
    assert "煤气" not in page.replace('value="煤气味"', "")


def test_only_the_newest_published_day_is_found_and_drafts_by_the_office(town, snapshots, run):
    from hutong.service.checkup import services as checkup
    from hutong.service.twin import services as twin

    first, second = snapshots

    def days(viewer):
        return {key.split("/")[0] for key in found(viewer, "b0000001")["building"]}

    planner = town.person("planner")
    assert days(visitor()) == set()
    assert days(planner) == {str(first.pk), str(second.pk)}
    assert days(town.person("planner", far=True)) == set()
    twin.publish(first)
    assert days(visitor()) == {str(first.pk)}
    twin.publish(second)
    assert days(visitor()) == days(planner) == {str(second.pk)}
    run.snapshot.refresh_from_db()
    assert found(visitor(), "reach_culture")["indicator"] == set()
    checkup.publish(run)
    assert found(visitor(), "reach_culture")["indicator"] == {f"{run.pk}/reach_culture"}
    assert found(visitor(), "文化")["finding"]
    twin.unpublish(second)
    assert days(visitor()) == {str(first.pk)}
    assert found(visitor(), "文化")["finding"] == set()


def test_whoever_finds_something_is_let_in(town, snapshots, run):
    """Every result of every role, here and elsewhere, opens."""
    from django.test import Client

    from hutong.service.accounts.roles import roles
    from hutong.service.ledger.services import record
    from hutong.service.requests.services import NewRequest, file
    from hutong.service.search.models import Document
    from hutong.service.search.selectors import find, kinds
    from hutong.service.twin.services import publish

    publish(snapshots[0])
    owner = town.person("resident_tenant", name="owner")
    file(NewRequest(town.building, "文化站漏水", owner=owner))
    record(
        "ballot.cast",
        {"ballot": "b-1", "channel": "counter"},
        {"voter": "v", "choice": "for"},
        place=town.quarter,
    )
    # one of each kind and group is enough: who may open it is the same for all of them
    seen = Document.objects.values_list("kind", "group", "pk")
    kept = {(kind, group): pk for kind, group, pk in seen}
    Document.objects.exclude(pk__in=kept.values()).delete()
    people = [visitor(), owner, *(town.person(role, far) for role in roles() for far in (False, True))]
    opened = 0
    for who in people:
        client = Client()
        if who.is_authenticated:
            client.force_login(who, backend=BROWSER)
        for kind in kinds():
            rows = list(Document.objects.filter(kind=kind.id))
            for document in rows:
                word = document.title_zh.split(" ")[0]
                if document in find(who, word, kind.id):
                    got = client.get(document.url)
                    assert got.status_code == 200, f"{who} {document} {document.url}"
                    opened += 1
    assert opened > len(people)


def test_the_index_that_writes_keep_up_is_the_one_made_anew(town, snapshots, run):
    from hutong.service.checkup import services as checkup
    from hutong.service.requests.services import NewRequest, file, step
    from hutong.service.search.models import Document
    from hutong.service.search.services import SHOWN, rebuild
    from hutong.service.twin import services as twin

    def rows():
        return sorted(Document.objects.values_list("kind", "key", *(n for n in SHOWN)), key=str)

    for snapshot in snapshots:
        twin.publish(snapshot)
    run.snapshot.refresh_from_db()
    checkup.publish(run)
    twin.unpublish(snapshots[0])
    filed = file(NewRequest(town.building, "楼道灯不亮", owner=town.person("resident_owner"))).request
    step(filed, "take_in", "intake", said={"category": "pipes", "limit": "request.general_days_max"})
    step(filed, "withdraw", "resident")
    before = rows()
    assert len({row[0] for row in before}) == 9
    assert rebuild() == len(before)
    assert rows() == before


def test_a_snapshot_that_renames_an_estate_brings_up_what_names_it_and_nothing_else(
    town, snapshots, tmp_path, monkeypatch
):
    from hutong.city import City, make_quarter
    from hutong.service.places.selectors import within
    from hutong.service.requests.services import NewRequest, file
    from hutong.service.search import services
    from hutong.service.search.models import Document
    from hutong.service.search.services import SHOWN, rebuild
    from hutong.service.twin.services import import_city
    from tests.service.conftest import quiet

    estates = [e for e in within(town.quarter, "estate") if within(e, "building").exists()]
    renamed, other = (e for e in estates if e.code in ("e000001", "e000002"))
    filed = [file(NewRequest(within(e, "building").first(), "楼道灯不亮")).request.number for e in (renamed, other)]  # fmt: skip
    city = make_quarter(dwellings=300, seed=1, date="2026-09-01")
    tables = {**city.tables, "estates": city["estates"].copy()}
    tables["estates"].loc[tables["estates"]["estate_id"] == renamed.code, "name"] = "新名里"
    folder = City.build(city.meta, tables, city.provenance).save(tmp_path / "later")
    again = []
    put_again, put = services.put_again, services.put

    def written(findables):
        rows = list(findables)
        again.extend((one.kind, one.key) for one in rows)
        return put(rows)

    def only_again(places):
        with monkeypatch.context() as patch:
            patch.setattr(services, "put", written)
            return put_again(places)

    monkeypatch.setattr(services, "put_again", only_again)
    later = import_city(folder, town.quarter, None, quiet)
    buildings = {f"{s.pk}/{b.code}" for s in (*snapshots, later) for b in within(renamed, "building")}
    areas = {f"{s.pk}/{renamed.path}" for s in (*snapshots, later)}
    assert {key for kind, key in again if kind == "building"} == buildings
    assert {key for kind, key in again if kind == "area"} == areas
    assert {key for kind, key in again if kind in ("request", "case")} == {filed[0]}
    request = Document.objects.get(kind="request", key=filed[0])
    assert (request.detail_zh, found(visitor(), "新名里")["request"]) == ("新名里", {filed[0]})

    def rows():
        return sorted(Document.objects.values_list("kind", "key", *SHOWN), key=str)

    kept = rows()
    rebuild()
    assert rows() == kept


def test_the_page_shows_results_by_kind_and_all_of_one(client, town, snapshots):
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    page = client.get("/search/", {"q": "院"}).content.decode()
    assert page.count('class="pick"') >= 5
    assert "Buildings" in page
    whole = client.get("/search/", {"q": "院", "kind": "building"}).content.decode()
    assert whole.count('class="pick"') > 5
    assert client.get("/search/").status_code == 200
    told = client.get("/api/v1/search", {"q": "号院"}).json()
    assert next(group["kind"] for group in told) == "building"
    assert client.get(told[0]["hits"][0]["url"]).status_code == 200
    assert client.get("/api/v1/search", {"q": ""}).status_code == 422


def test_every_page_has_the_box(client, db):
    for path in ("/", "/accounts/login/", "/ledger/", "/nope"):
        assert 'role="search"' in client.get(path).content.decode(), path
