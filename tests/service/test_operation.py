"""Operation, live: a contract from its draft to returns and the band, assets, ratings, the floor-area account."""

import datetime as dt
import io
import json
import uuid
from zoneinfo import ZoneInfo

import pytest

from hutong.errors import HutongError
from hutong.text import Text
from tests.act.contracts.test_contracts import ASSETS, RULES, scheme
from tests.service.schemes_town import kept, to_consultation
from tests.service.test_projects import PDF, file, page, post

YEAR = dt.datetime.now(ZoneInfo("Asia/Shanghai")).year
FIRST = YEAR - 3


def text(**kwargs):
    from hutong.act.contracts import contract_text, draw_contract

    return contract_text(draw_contract(scheme(**kwargs), RULES, "c-1", FIRST))


def contract(town, person=None, **kwargs):
    from hutong.service.operation import services

    title = Text("社区食堂经营合同", "Community canteen")
    return services.enter(town.quarter, title, text(**kwargs), person, uuid.uuid4())


def running(town, person, **kwargs):
    from hutong.service.operation import services
    from hutong.service.web.papers import of_bytes

    found = contract(town, person, **kwargs)
    for event, by in (("publish", "office"), ("sign", "office"), ("start", "operator")):
        document = of_bytes(PDF, "a.pdf") if event != "start" else None
        found = services.do(found, event, by, person, {}, document)
    return found


def table(rows, name="returns.csv"):
    out = io.BytesIO(rows.encode())
    out.name = name
    return out


@pytest.fixture
def people(town):
    return {r: town.person(r) for r in ("operator", "district", "subdistrict", "resident_owner", "planner", "property_manager")}  # fmt: skip


def test_a_contract_from_its_draft_to_the_shared_surplus(town, people):
    from hutong.service.ledger.models import Entry
    from hutong.service.operation.models import Contract

    token = str(uuid.uuid4())
    data = {"place": town.quarter.pk, "title_zh": "社区食堂", "token": token}
    for _ in range(2):
        post(people["district"], "/operation/new", terms=table(text(income=140.0), "c.json"), **data)
    c = Contract.objects.get()
    at = f"/operation/{c.pk}"
    page(None, at, 403)
    post(people["operator"], f"{at}/do/publish", 403, **{"publish-document": file()})
    post(people["district"], f"{at}/do/publish", **{"publish-document": file()})
    assert "done already" in post(people["district"], f"{at}/do/publish", 400, **{"publish-document": file()})
    assert "micro-profit band" in page(None, at)
    post(people["district"], f"{at}/do/sign", **{"sign-document": file()})
    filed = {"period": str(FIRST), "works": 1_000_000}
    assert "not running" in post(people["operator"], f"{at}/return", 400, **filed)
    post(people["operator"], f"{at}/do/start")
    assert "not reported whole" in page(None, at)
    post(people["operator"], f"{at}/return", **filed)
    post(people["operator"], f"{at}/return", **filed)  # sent twice
    assert c.returns.count() == 1
    rows = f"period,income,running,answered_in_time\n{FIRST + 1},160000,40000,95\n{FIRST + 2},160000,40000,\n"
    post(people["operator"], f"{at}/returns", table=table(rows))
    said = page(None, at)
    assert "above the band" in said
    assert "more is shared each year" in said
    acts = list(Entry.objects.values_list("act", flat=True))
    assert acts.count("contract.changed") == 3
    assert acts.count("document.disclosed") == 3
    corrected = {"period": str(FIRST + 2), "income": 100_000, "running": 40_000}
    post(people["operator"], f"{at}/return", **corrected)
    assert c.returns.count() == 4  # what was reported first stays
    assert "¥60k" in page(None, at)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("period,income\n2999,1\n", "has not ended yet"),
        (f"period,income\n{YEAR},1\n", "has not ended yet"),
        ("period,income\nsoon,1\n", "faults"),
        ("period,luck\n2020,1\n", "faults"),
        (f"period,income\n{FIRST},1\n{FIRST}Q1,1\n", "reported twice"),
        (f"period,income\n{FIRST},=1+1\n", "faults"),
        ("period\x00", "not"),
    ],
)
def test_returns_that_do_not_fit_leave_nothing(town, people, rows, words):
    c = running(town, people["operator"])
    assert words in post(people["operator"], f"/operation/{c.pk}/returns", 400, table=table(rows))
    assert not c.returns.exists()


@pytest.mark.parametrize(
    "body", [b"{}", b"\xff\xfe\x00", b"<script>", json.dumps({"hutong_contract": 1}).encode()]
)
def test_what_is_no_contract(town, people, body):
    from hutong.service.operation.models import Contract

    sent = io.BytesIO(body)
    sent.name = "c.json"
    data = {"place": town.quarter.pk, "title_zh": "x", "token": str(uuid.uuid4()), "terms": sent}
    post(people["district"], "/operation/new", 400, **data)
    assert not Contract.objects.exists()


def test_residents_rate_and_few_are_not_shown(town, people):
    c = running(town, people["operator"])
    at = f"/operation/{c.pk}/rate"
    post(people["resident_owner"], at, score=2)
    post(people["resident_owner"], at, score=4)  # once a year
    assert c.ratings.get().score == 4
    assert "4.0 / 5" not in page(None, f"/operation/{c.pk}")
    for n, score in enumerate((5, 3, 4, 4)):
        assert "fewer than 5" in page(None, f"/operation/{c.pk}")
        post(town.person("resident_tenant", name=f"t{n}"), at, score=score)
    assert "4.0 / 5" in page(None, f"/operation/{c.pk}")
    post(people["resident_owner"], at, 400, score=9)
    post(people["planner"], at, 403, score=5)
    post(town.person("resident_owner", far=True), at, 403, score=5)


def test_assets_over_their_life(town, people):
    from hutong.act.contracts import asset_table
    from hutong.service.operation.models import Asset

    sent = table(asset_table(ASSETS).to_csv(index=False), "assets.csv")
    at = f"/operation/assets/{town.quarter.pk}"
    post(people["subdistrict"], f"{at}/table", table=sent)
    assert "a1" in page(people["operator"], at)
    page(None, at, 403)
    assert "does not fit" in post(people["subdistrict"], f"{at}/table", 400, table=table("asset\nx\n"))
    a = Asset.objects.get(key="a1")
    do = f"/operation/asset/{a.pk}/do/"
    post(people["operator"], do + "take_over", **{"take_over-document": file()})
    post(people["operator"], do + "fail", **{"fail-reason": "<script>x</script>"})
    assert "<script>x" not in page(people["operator"], f"/operation/asset/{a.pk}")
    post(people["operator"], do + "retire", 403, **{"retire-reason": "x", "retire-document": file()})
    post(people["subdistrict"], do + "renew", **{"renew-document": file()})
    a.refresh_from_db()
    assert (a.state, a.made.year) == ("in_use", YEAR)


def booking(town, kind, m2, **more):
    return {
        "kind": kind, "place": town.quarter.pk, "m2": m2, "approval": "京规自审〔2026〕1号", "day": f"{YEAR}-01-02",
        "token": str(uuid.uuid4()), **more,
    }  # fmt: skip


def test_the_floor_area_account(town, people):
    from hutong.service.ledger.models import Entry
    from hutong.service.operation.models import FloorEntry

    at = f"/operation/floor/{town.quarter.pk}"
    opening = booking(town, "opening", "1000.5")
    for _ in range(2):
        post(people["district"], f"{at}/book", **opening)
    post(people["district"], f"{at}/book", **booking(town, "demolish", "400"))
    post(people["district"], f"{at}/book", **booking(town, "transfer", "100", to=town.subdistrict.pk))
    assert "has 300.0000" in post(
        people["district"], f"{at}/book", 400, **booking(town, "reduce", "300.0001")
    )
    assert "names two" in post(people["district"], f"{at}/book", 400, **booking(town, "transfer", "1"))
    post(
        people["district"],
        f"{at}/book",
        400,
        **booking(town, "opening", "1", place=town.elsewhere["quarter"].pk),
    )
    post(people["operator"], f"{at}/book", 403, **booking(town, "opening", "1"))
    post(people["district"], f"{at}/book", 400, **booking(town, "opening", "1.00001"))
    assert FloorEntry.objects.count() == 3
    said = page(None, at)
    assert "600.50" in said
    assert "京规自审〔2026〕1号" in said
    assert "1,000.50" not in page(None, f"/operation/floor/{town.elsewhere['quarter'].pk}")
    legs = [json.loads(d)["public"] for d in Entry.objects.filter(act="floor_area.booked").values_list("data", flat=True)]  # fmt: skip
    assert len(legs) == 6
    assert sum(leg["area"] for leg in legs) == 0
    page(None, f"/operation/floor/{town.building.pk}", 404)


def test_the_desk_says_what_waits(town, people):
    from django.utils import timezone

    from hutong.act.contracts import Return
    from hutong.service.operation import services
    from hutong.service.operation.waiting import waiting

    c = running(town, people["operator"], income=140.0)
    now = timezone.now()
    assert [i.status for i in waiting(people["operator"], now)] == ["alarm"]
    given = [Return(str(FIRST), {"works": 1_000_000})]
    given += [Return(str(FIRST + k), {"income": 160_000, "running": 40_000}) for k in (1, 2)]
    services.file_returns(c, given, people["operator"])
    assert waiting(people["operator"], now) == []
    assert [i.what.en for i in waiting(people["district"], now)] == ["above the band"]
    assert waiting(town.person("district", far=True), now) == []


def published(town, run, ground, people, **terms):
    """Return a version that the solver found, with other terms, before the public."""
    from dataclasses import replace

    from hutong.service.schemes import selectors, services, solving
    from hutong.service.schemes.versions import services as versions

    found, _ = solving.best(solving.study_of(ground), "balanced", None, lambda *_: None)
    document = replace(found, terms={**found.terms, **terms})
    new = services.NewScheme(town.quarter, run, Text("均衡方案", "Balanced"), people["operator"], document)
    made = services.open_scheme(new)
    version = versions.keep_version(made, selectors.draft_of(made), people["operator"])
    versions.compute(version)
    assert version.summary["violations"] == []
    to_consultation(made, people["planner"], people["district"])
    return version


def test_drawing_a_contract_is_the_districts_to_start(town, people, run, ground):
    """Versions before the public are offered where somebody is of the district, and nowhere else."""
    from hutong.service.jobs.models import Job

    assert "No scheme was made public yet" in page(people["district"], "/operation/new")
    found, version = kept(town, run, people["operator"], ground)
    asked = {"version": version.pk, "first_year": YEAR + 1, "token": str(uuid.uuid4())}
    post(people["district"], "/operation/draw", 400, **asked)  # nobody saw it yet
    to_consultation(found, people["planner"], people["district"])
    assert "East lane, version 1 (" in page(people["district"], "/operation/new")
    post(people["planner"], "/operation/draw", 403, **asked)
    post(people["district"], "/operation/draw", 400, **{**asked, "version": version.pk + 1000})
    far = town.person("district", far=True)
    assert "East lane" not in page(far, "/operation/new")
    post(far, "/operation/draw", 400, **asked)
    post(people["district"], "/operation/draw", **asked)
    assert Job.objects.get(kind="operation.draw").arguments["version"] == version.pk


def test_a_contract_is_signed_once_the_version_that_it_was_drawn_from_is_adopted(town, people, run, ground):
    from hutong.service.operation import services
    from hutong.service.web.papers import of_bytes

    found, version = kept(town, run, people["operator"], ground)
    to_consultation(found, people["planner"], people["district"])
    made = services.enter(
        town.quarter, Text("合同", "Contract"), text(), people["district"], uuid.uuid4(), version
    )
    services.do(made, "publish", "office", people["district"], {}, of_bytes(PDF, "a.pdf"))
    refused = post(people["district"], f"/operation/{made.pk}/do/sign", 400, **{"sign-document": file()})
    assert "The version that this contract was drawn from was not adopted" in refused
    assert made.deeds.count() == 1
    type(found).objects.filter(pk=found.pk).update(state="adopted")
    post(people["district"], f"/operation/{made.pk}/do/sign", **{"sign-document": file()})
    made.refresh_from_db()
    assert made.state == "signed"


@pytest.mark.slow
def test_a_contract_is_drawn_from_what_was_published(town, people, run, ground):
    """The office chooses a version; its terms, key and hash stand in the contract and the ledger, and each page leads to the other."""
    from hutong.service.jobs import services as jobs
    from hutong.service.jobs.models import Job
    from hutong.service.ledger.models import Entry
    from hutong.service.operation import selectors
    from hutong.service.operation.models import Contract
    from hutong.service.schemes.selectors import version_document

    version = published(town, run, ground, people, surplus_share_owners=0.35)
    asked = {"version": version.pk, "first_year": YEAR + 1, "token": str(uuid.uuid4())}
    for _ in range(2):  # sent twice
        post(people["district"], "/operation/draw", **asked)
        job = Job.objects.filter(kind="operation.draw").latest("pk")
        jobs.run(job.pk)
    made = Contract.objects.get()
    job.refresh_from_db()
    assert job.result == f"/operation/{made.pk}"
    terms = selectors.terms(made)
    years = version_document(version).terms["concession_years"]
    assert (terms.years, terms.share_owners, terms.first_year) == (years, 0.35, YEAR + 1)
    assert (terms.version, terms.version_digest) == (str(version), version.digest)
    assert (made.version, made.place, terms.digest) == (version, version.place, made.digest)
    entry = json.loads(Entry.objects.get(act="contract.drawn").data)["public"]
    assert entry == {
        "contract": made.number, "scheme": str(version), "version": version.version, "document": version.digest,
        "digest": made.digest,
    }  # fmt: skip
    at, shown = f"/operation/{made.pk}", f"/schemes/versions/{version.pk}"
    said = page(people["district"], at)
    assert shown in said
    assert version.digest in said
    assert "35%" in said
    assert "In consultation" in said
    assert "cannot be signed before the scheme is adopted" in said
    type(version.scheme).objects.filter(pk=version.scheme_id).update(state="adopted")
    said = page(people["district"], at)
    assert "Adopted" in said
    assert "cannot be signed" not in said
    type(version.scheme).objects.filter(pk=version.scheme_id).update(state="consultation")
    assert at in page(people["district"], shown)
    assert at not in page(None, shown)  # a draft is no matter of the public
    post(people["district"], f"{at}/do/publish", **{"publish-document": file()})
    assert at in page(None, shown)
    assert shown in page(None, at)


def test_only_one_of_two_deeds_is_done(town, people):
    from hutong.service.operation import services

    c = running(town, people["operator"])
    old = type(c).objects.get(pk=c.pk)
    services.do(c, "breach", "office", people["district"], {"reason": "x", "until": f"{YEAR + 1}-12-31"})
    with pytest.raises(HutongError, match="cannot follow"):
        services.do(
            old, "breach", "office", people["district"], {"reason": "x", "until": f"{YEAR + 1}-12-31"}
        )
