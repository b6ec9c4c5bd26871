"""The API says what the pages say, to whom the pages say it; a machine holds one role at one place."""

from __future__ import annotations

import pytest

BROWSER = "allauth.account.auth_backends.AuthenticationBackend"


def machine(role, place, **options):
    """Return a program with a token, the token, and what it sends."""
    from django.test import Client

    from hutong.service.api.services import make_token

    token, secret = make_token("程序 1", role, place, None, **options)
    return Client(headers={"authorization": f"Bearer {secret}"}), token, secret


@pytest.fixture
def open_run(snapshots, run):
    """Return the checkup of the later day, published with its snapshot."""
    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.twin.services import publish

    for one in snapshots:
        publish(one)
    run.snapshot.refresh_from_db()
    publish_run(run)
    return run


def test_a_building_says_of_each_fact_what_is_known_and_whence(client, open_run):
    from hutong.service.twin.selectors import building

    told = client.get(f"/api/v1/snapshots/{open_run.snapshot_id}/buildings/b0000001").json()
    kept = building(open_run.snapshot_id, "b0000001")
    assert set(told["facts"]) == set(kept.facts)
    for column, (value, origin) in kept.facts.items():
        fact = told["facts"][column]
        assert fact["value"] == value
        assert (fact["status"], fact["reason"] is None) == (
            ("known", True) if value is not None else ("unknown", False)
        )
        assert bool(fact["assumptions"]) == (value is not None and origin in ("imputed", "assumed"))


def test_few_homes_are_not_told_by_tenure(client, open_run):
    from hutong.service.twin.models import Building

    rows = Building.objects.filter(snapshot=open_run.snapshot)
    few = rows.filter(dwellings__gt=0).order_by("dwellings").first()
    Building.objects.filter(pk=few.pk).update(dwellings=2, homes={"dwellings": 2, "tenure": {"private": 2}})
    Building.objects.filter(pk=rows.last().pk).update(
        dwellings=13, homes={"dwellings": 13, "tenure": {"private": 7, "reform": 4, "military": 2}}
    )
    at = f"/api/v1/snapshots/{open_run.snapshot_id}/buildings"
    assert client.get(f"{at}/{few.building_id}").json()["tenure"] is None
    assert client.get(f"{at}/{rows.last().building_id}").json()["tenure"] == {"private": 7}


def test_figures_of_a_checkup_are_those_of_its_page(client, open_run):
    told = client.get(f"/api/v1/checkups/{open_run.pk}/metrics").json()
    page = client.get(f"/checkup/{open_run.pk}/metrics.json")
    import json

    assert told == json.loads(b"".join(page.streaming_content))
    rows = client.get(f"/api/v1/checkups/{open_run.pk}/findings?size=500").json()
    assert rows["total"] == open_run.findings.count() == len(rows["items"])
    assert [r["rank"] for r in rows["items"]] == list(range(1, rows["total"] + 1))


def test_pages_of_a_list_meet_and_do_not_overlap(client, town):
    sizes = client.get("/api/v1/places?size=5").json()
    seen = [
        place["path"]
        for page in range(1, sizes["pages"] + 2)
        for place in client.get(f"/api/v1/places?size=5&page={page}").json()["items"]
    ]
    assert seen == sorted(set(seen))
    assert len(seen) == sizes["total"] >= 14


def test_public_requests_show_neither_words_nor_building_nor_contact(client, town):
    from hutong.service.requests import services

    new = services.NewRequest(town.building, "天花板漏水，在三单元", contact="13800000000")
    number = services.file(new).request.number
    text = client.get("/api/v1/requests").content.decode()
    assert number in text
    for private in ("三单元", "1380000", town.building.name_zh):
        assert private not in text
    assert client.get(f"/api/v1/requests/by-number/{number}").json()["place"]["zh"] == town.estate.name_zh


def test_proofs_of_the_ledger_hold_by_the_stand_alone_checker(client, town):
    from hutong.act.ledger import checker
    from hutong.service.ledger import services

    for n in range(5):
        services.record(
            "ballot.cast",
            {"ballot": f"b-{n}", "channel": "counter"},
            {"voter": "v", "choice": "for"},
            place=town.quarter,
        )
    whole = client.get("/api/v1/ledger").json()
    entry = client.get("/api/v1/ledger/entries/3").json()
    proof = client.get("/api/v1/ledger/entries/3/proof").json()
    steps = [bytes.fromhex(s) for s in proof["proof"]]
    leaf = checker.leaf_hash(entry["data"].encode())
    assert leaf.hex() == entry["leaf"] == proof["leaf"]
    root = bytes.fromhex(whole["root"])
    assert checker.inclusion_holds(leaf, 3, whole["size"], steps, root)
    grown = client.get("/api/v1/ledger/consistency?old=2").json()
    small = client.get("/api/v1/ledger/consistency?old=2&size=2").json()
    assert grown["old_root"] == small["root"]
    steps = [bytes.fromhex(s) for s in grown["proof"]]
    assert checker.consistency_holds(2, bytes.fromhex(small["root"]), grown["size"], root, steps)
    beyond = client.get("/api/v1/ledger/consistency?old=9")
    assert (beyond.status_code, beyond.json()["code"]) == (404, "ledger-range")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("places/abc", 422, "invalid"),
        ("places/999999999", 404, "not-found"),
        ("places?size=0", 422, "invalid"),
        ("places?q=%00", 422, "invalid"),
        (f"places/{2**70}", 422, "invalid"),
        ("nothing/here", 404, "not-found"),
        ("ledger/entries/0/proof?size=5", 404, "not-found"),  # of an empty ledger
    ],
)
def test_errors_are_told_in_both_languages(client, path, status, code):
    got = client.get(f"/api/v1/{path}")
    assert (got.status_code, got.json()["code"]) == (status, code)
    for part in ("what", "hint"):
        assert got.json()[part]["zh"]
        assert got.json()[part]["en"]


def test_an_error_says_how_many_values_are_wrong(client):
    one, two = (client.get(f"/api/v1/places?{wrong}").json()["what"]["en"] for wrong in ("size=0", "size=0&page=0"))  # fmt: skip
    assert one == "1 value is not as it must be."
    assert two == "2 values are not as they must be."


def test_a_machine_sees_the_drafts_of_its_place_alone(client, town, snapshots):
    near, _, _ = machine("planner", town.quarter)
    far, _, _ = machine("planner", town.at("quarter", far=True))
    path = f"/api/v1/snapshots/{snapshots[0].pk}"
    assert [c.get(path).status_code for c in (near, far, client)] == [200, 403, 403]
    assert near.get("/api/v1/snapshots").json()["total"] == 2
    assert (
        far.get("/api/v1/snapshots").json()["total"] == client.get("/api/v1/snapshots").json()["total"] == 0
    )


def test_a_token_ends_when_revoked_and_by_itself(client, town, snapshots):
    from django.utils import timezone

    from hutong.service.api import services
    from hutong.service.api.models import Token

    path = f"/api/v1/snapshots/{snapshots[0].pk}"
    held, token, _ = machine("planner", town.quarter)
    assert held.get(path).status_code == 200
    services.revoke(token)
    assert held.get(path).json()["code"] == "bad-token"
    ending, token, _ = machine("planner", town.quarter, days=1)
    assert ending.get(path).status_code == 200
    Token.objects.filter(pk=token.pk).update(until=timezone.now())
    assert ending.get(path).status_code == 401
    assert client.get(path, headers={"authorization": "Basic eDp5"}).status_code == 401


def test_the_database_does_not_hold_what_the_machine_sends(town):
    from hutong.service.api.models import Token

    _, token, secret = machine("planner", town.quarter)
    row = Token.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert len(secret) > 40


@pytest.mark.parametrize("role", ["resident_owner", "administrator", "subdistrict", "nobody"])
def test_a_token_is_not_for_homes_administrators_or_another_level(town, role):
    from hutong.errors import HutongError
    from hutong.service.api.services import make_token

    with pytest.raises(HutongError, match="cannot hold this role"):
        make_token("x", role, town.estate, None)


def test_no_policy_fails_on_a_machine_or_takes_an_object_without_owner_for_its_own(town):
    """A request without an account has no owner; a machine is nobody's owner."""
    import rules.permissions as known

    from hutong.service.api.selectors import machine as who
    from hutong.service.requests import services

    _, token, _ = machine("property_manager", town.estate)
    asking = who(token)
    filed = services.file(services.NewRequest(town.building, "楼道灯不亮")).request
    assert len(known.permissions) > 10
    assert not any(
        asking.has_perm(p) for p in known.permissions if p.startswith(("requests.", "api.", "jobs.", "twin."))
    )
    for permission in ("requests.see", "requests.photo", "requests.counter", "ledger.receipt", "jobs.see"):
        assert not asking.has_perm(permission, filed)


def test_the_administrator_makes_a_token_and_sees_it_once(client, town):
    import re

    client.force_login(town.person("administrator"), backend=BROWSER)
    form = {"name": "热表网关", "role": "planner", "place": town.quarter.pk, "days": "30"}
    made = client.post("/api/tokens", form)
    secret = re.search(r"hutong_[\w-]{40,}", made.content.decode()).group()
    assert made["Cache-Control"] == "no-store"
    assert secret not in client.get("/api/tokens").content.decode()
    assert client.get("/api/v1/places", headers={"authorization": f"Bearer {secret}"}).status_code == 200
    far = {**form, "building": town.at("quarter", far=True).path}
    assert client.post("/api/tokens", far).status_code == 403


def test_the_page_describes_every_route_in_both_languages(client, db):
    told = client.get("/api/openapi.json").json()
    for language, word in (("en", "Answer"), ("zh-CN", "返回")):
        page = client.get("/api/", headers={"accept-language": language}).content.decode()
        assert word in page
        for path, operations in told["paths"].items():
            assert path in page
            for one in operations.values():
                assert one["x-title"]["en" if language == "en" else "zh"] in page
