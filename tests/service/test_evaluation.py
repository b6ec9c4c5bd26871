"""Evaluation, live: from the record of works to lessons that the next plan is made with; residents' answers; forecasts scored."""

import csv
import datetime as dt
import io
import json
import uuid

import pytest

from hutong.errors import HutongError
from tests.service.evaluation_case import forecast, made
from tests.service.test_operation import running, table
from tests.service.test_projects import page, post
from tests.service.test_requests import browser

HEAD = "building_id,measure,finished,planned_finish,planned_yuan,paid_yuan,predicted_share,asked,signed"


@pytest.fixture
def people(town):
    roles = ("planner", "subdistrict", "district", "auditor", "operator", "resident_owner", "resident_tenant")
    return {r: town.person(r) for r in roles}


def works(snapshot, n=8, more=""):
    """Return a record in which pipes cost a quarter more than planned and fewer signed than predicted."""
    ids = list(snapshot.buildings.order_by("row").values_list("building_id", flat=True)[:n])
    rows = [
        f"{i},pipes,2025-0{1 + k % 8}-20,2025-05-01,100000,{125000 + k},0.9,20,12" for k, i in enumerate(ids)
    ]
    return table("\n".join([HEAD, *rows, more]), "works.csv")


def sent(snapshots, **changes):
    return {
        "before": snapshots[0].pk,
        "after": snapshots[1].pk,
        "earlier": "",
        "token": str(uuid.uuid4()),
        **changes,
    }


def test_an_evaluation_from_the_record_to_the_next_plan(town, people, snapshots):
    from hutong.plan import load_measures
    from hutong.plan.learned import read_learned
    from hutong.service.evaluation.models import Evaluation
    from hutong.service.jobs import services as jobs
    from hutong.service.jobs.models import Job
    from hutong.service.ledger.models import Entry
    from hutong.service.lessons.selectors import end_of, measures_for, record_of
    from hutong.service.twin.services import publish

    data = sent(snapshots)
    running_one = running(town, people["operator"])
    written = Entry.objects.count()
    for _ in range(2):  # sent twice
        post(people["planner"], "/evaluation/new", works=works(snapshots[0]), **data)
    found = Evaluation.objects.get()
    at = f"/evaluation/{found.pk}"
    assert "Not computed yet" in page(people["planner"], at)
    assert "not computed" in post(people["district"], f"{at}/publish", 400)
    jobs.run(Job.objects.earliest("pk").pk)
    found.refresh_from_db()
    said = page(people["planner"], at)
    assert "Of 8 works planned 8 are finished" in said
    assert [o["number"] for o in found.result["operations"]] == [running_one.number]
    assert "too few to show" not in page(people["planner"], f"{at}/report")
    page(None, at, 403)
    post(
        people["district"], f"{at}/lesson/0", 403, decision="accepted", reason="x"
    )  # a draft teaches nothing
    assert "not published yet" in post(people["district"], f"{at}/publish", 400)
    for s in snapshots:
        publish(s)
    for _ in range(2):
        post(people["district"], f"{at}/publish")
    rows = {r["quantity"]: (n, r) for n, r in enumerate(found.result["lessons"])}
    cost, shy = rows["cost"], rows["acceptance"]
    assert cost[1]["value"] == pytest.approx(1.25, rel=0.08)
    assert shy[1]["value"] < -0.5
    post(people["district"], f"{at}/lesson/{cost[0]}", 400, decision="accepted", reason=" ")
    post(people["district"], f"{at}/lesson/{cost[0]}", decision="accepted", reason="八份合同都贵了两成半")
    assert "decided already" in post(
        people["district"], f"{at}/lesson/{cost[0]}", 400, decision="refused", reason="x"
    )
    post(people["subdistrict"], f"{at}/lesson/{shy[0]}", decision="refused", reason="当年停水，不算数")
    post(people["district"], f"{at}/lesson/99", 400, decision="refused", reason="x")
    shown = page(None, at)
    assert "八份合同都贵了两成半" in shown
    assert "Refused" in shown
    # the next plan of this quarter, and of no other
    shipped = {m.id: m for m in load_measures()}["pipes"]
    now = {m.id: m for m in measures_for(town.quarter)}["pipes"]
    assert now.capital == pytest.approx(shipped.capital * cost[1]["value"])
    assert now.lean == 0.0
    assert found.number in now.source.en
    assert measures_for(town.elsewhere["quarter"]) == load_measures()
    assert (
        measures_for(town.quarter, end_of(snapshots[0].date)) == load_measures()
    )  # what was learned later was not known then
    # the record that hutong plan reads
    path = found.folder / "lessons.csv"
    path.write_bytes(browser(None).get(f"/evaluation/lessons/{town.quarter.pk}.csv").content)
    assert [(x.measure, x.quantity) for x in read_learned(path, load_measures())] == [("pipes", "cost")]
    assert len(record_of(town.quarter)) == 2
    public = [
        json.loads(d)["public"]
        for d in Entry.objects.filter(index__gte=written).order_by("index").values_list("data", flat=True)
    ]
    assert [p.get("decision", p.get("kind")) for p in public] == [
        "evaluation",
        "lesson:accepted",
        "lesson:refused",
    ]
    assert public[0]["digest"] == found.digest
    import hashlib

    result = browser(None).get(f"{at}/result.json").content
    assert hashlib.sha256(result).hexdigest() == found.digest
    assert "贵" not in json.dumps(public, ensure_ascii=False)  # no free text in the ledger


def test_what_operators_returned_stands_beside_the_plan(town, people, snapshots):
    """Over the years that ended between the two days; a year that was not returned whole is unknown, not nothing."""
    from hutong.act.contracts import Return
    from hutong.service.evaluation.selectors import operations_between
    from hutong.service.operation.services import file_returns
    from tests.service.test_operation import FIRST, contract

    contract(town)  # a draft is nobody's to see
    c = running(town, people["operator"], income=140.0)
    days = dt.date(FIRST, 1, 1), dt.date(FIRST + 2, 1, 1)
    (row,) = operations_between(town.quarter, *days)
    assert (row["first"], row["last"], row["missing"]) == (FIRST, FIRST + 1, [FIRST, FIRST + 1])
    assert (row["reported"], row["standing"]) == (None, "unknown")
    found = made(town, published=True)
    found.result = {**found.result, "operations": [row]}
    found.save()
    assert f"not whole: </span>{FIRST}, {FIRST + 1}" in page(None, f"/evaluation/{found.pk}")
    file_returns(c, [Return(str(FIRST), {"works": 1_000_000}), Return(str(FIRST + 1), {"income": 160_000, "running": 40_000})], people["operator"])  # fmt: skip
    (row,) = operations_between(town.quarter, *days)
    assert (row["reported"], row["missing"]) == (-1_000_000 + 120_000, [])
    assert row["planned"] != row["reported"]
    found.result = {**found.result, "operations": [row]}
    found.save()
    said = page(None, f"/evaluation/{found.pk}/report")
    assert f'href="/operation/{c.pk}"' in said
    assert "above the band" in said
    assert operations_between(town.elsewhere["quarter"], *days) == []
    assert operations_between(town.quarter, days[0], days[0]) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("palace,pipes,2025-05-01,,,,,,", "works row 2 (building_id): there is no building palace here"), ("=1+1,pipes,2025-05-01,,,,,,", "building_id"),
        ("{id},luck,2025-05-01,,,,,,", "works row 2 (measure): luck is no measure"), ("{id},pipes,soon,,,,,,", "works row 2 (finished): soon is no date"),
        ("{id},pipes,,,,,1.2,5,9", "signed"), ("", "empty"),
    ],
)  # fmt: skip
def test_a_record_that_does_not_fit_leaves_nothing(town, people, snapshots, rows, words):
    from hutong.service.evaluation.models import Evaluation

    one = snapshots[0].buildings.earliest("row").building_id
    wrong = table(f"{HEAD}\n{rows.format(id=one)}\n", "w.csv")
    assert words in post(people["planner"], "/evaluation/new", 400, works=wrong, **sent(snapshots))
    assert not Evaluation.objects.exists()


def test_snapshots_in_their_order_and_of_ones_own(town, people, snapshots):
    back = sent(snapshots, before=snapshots[1].pk, after=snapshots[0].pk)
    assert "Choose the earlier one first" in post(
        people["planner"], "/evaluation/new", 400, works=works(snapshots[0]), **back
    )
    post(
        town.person("planner", far=True), "/evaluation/new", 400, works=works(snapshots[0]), **sent(snapshots)
    )
    post(people["operator"], "/evaluation/new", 403, works=works(snapshots[0]), **sent(snapshots))
    post(people["planner"], "/evaluation/new", 400, works=table("<script>", "x.csv"), **sent(snapshots))


def test_the_record_starts_from_the_adopted_scheme(town, people, snapshots, run):
    from hutong.plan.document import Choice, SchemeDocument
    from hutong.service.schemes import services as schemes
    from hutong.service.schemes.models import Publication
    from hutong.service.schemes.versions import services as versions
    from hutong.text import Text

    at = f"/evaluation/works.csv?snapshot={snapshots[0].pk}"
    get = browser(people["planner"]).get
    assert get(at).content.decode("utf-8-sig").strip() == HEAD
    made_up = SchemeDocument(
        "x",
        Text("试", "try"),
        choices={"b0000001": Choice(("pipes", "insulation"), "free"), "estate-9": Choice(("lift",), "free")},
    )
    found = schemes.open_scheme(
        schemes.NewScheme(town.quarter, run, Text("试", "try"), people["operator"], made_up)
    )
    version = versions.keep_version(found, made_up, people["operator"])
    Publication.objects.create(
        version=version, starts="2026-01-01", until="2026-02-01", person=people["operator"]
    )
    type(found).objects.filter(pk=found.pk).update(state="adopted", phase="public")
    rows = list(csv.DictReader(io.StringIO(get(at).content.decode("utf-8-sig"))))
    assert [(r["building_id"], r["measure"], r["paid_yuan"]) for r in rows] == [
        ("b0000001", "insulation", ""), ("b0000001", "pipes", "")
    ]  # fmt: skip
    far = browser(town.person("planner", far=True)).get(at)
    assert far.content.decode("utf-8-sig").strip() == HEAD


def answers(**changes):
    return {"kept": 4, "better": 5, "fair": 3, "again": 4, **changes}


def test_residents_judge_it_and_only_counts_are_kept(town, people, snapshots):
    from hutong.service.evaluation import selectors
    from hutong.service.evaluation.models import Voice

    found = made(town, published=True)
    at = f"/evaluation/{found.pk}"
    assert "How did the works go" in page(people["resident_owner"], "/")
    post(people["resident_owner"], f"{at}/voice", 400, **{**answers(), "fair": ""})
    post(people["resident_owner"], f"{at}/voice", **answers())
    assert "answered already" in post(people["resident_owner"], f"{at}/voice", 400, **answers(kept=1))
    assert "How did the works go" not in page(people["resident_owner"], "/")
    post(people["planner"], f"{at}/voice", 403, **answers())
    post(town.person("resident_owner", far=True), f"{at}/voice", 403, **answers())
    post(people["resident_tenant"], f"{at}/voice", **answers(kept=2))
    assert "nothing is shown" in page(None, at)
    for k in range(3):
        assert selectors.voices(found)["n"] is None
        post(town.person("resident_owner", name=f"o{k}"), f"{at}/voice", **answers(kept=3))
    five = selectors.voices(found)
    assert five["n"] == 5
    assert five["items"][0]["mean"] == pytest.approx(3.0)
    assert all(not i["groups"] for i in five["items"])  # one tenant is not told apart
    for k in range(4):
        post(town.person("resident_tenant", name=f"t{k}"), f"{at}/voice", **answers())
    post(town.person("resident_owner", name="o3"), f"{at}/voice", **answers())
    assert [g["n"] for g in selectors.voices(found)["items"][0]["groups"]] == [5, 5]
    assert "Owners" in page(None, at)
    assert {f.name for f in Voice._meta.get_fields()} == {
        "id",
        "evaluation",
        "group",
        "item",
        "score",
        "count",
    }
    assert sum(Voice.objects.filter(item="kept").values_list("count", flat=True)) == 10


def test_who_gained_never_singles_out_a_home():
    from hutong.service.evaluation.compute import few_together

    def row(group, reached, whole):
        return {
            "group": group,
            "reached": float(reached),
            "all": float(whole),
            "share": reached / whole if whole else None,
        }

    rows = [row("all", 60, 310), row("commodity", 50, 200), row("private", 9, 100), row("central", 1, 8), row("military", 0, 2), row("elders", 2, 40)]  # fmt: skip
    out = {r["group"]: r for r in few_together(rows)}
    assert set(out) == {"all", "commodity", "others", "elders"}
    assert (out["others"]["reached"], out["others"]["all"]) == (
        10,
        110,
    )  # the few, and the next so that the rest tells nothing
    assert out["elders"]["all"] is None
    assert sum(out[g]["all"] for g in ("commodity", "others")) == out["all"]["all"]
    alone = {r["group"]: r for r in few_together([row("all", 1, 2), row("private", 1, 2)])}
    assert alone["private" if "private" in alone else "others"]["all"] is None


def test_forecasts_are_kept_scored_and_never_changed(town, people, snapshots):
    from hutong.service.evaluation import services
    from hutong.service.ledger.models import Entry
    from hutong.service.lessons.models import Forecast
    from hutong.service.lessons.services import Said, keep_forecasts
    from hutong.text import Text

    f = forecast(town)
    assert "No forecast can be scored yet" in page(None, "/evaluation/forecasts")
    post(people["planner"], f"/evaluation/forecasts/{f.pk}/outcome", 403, outcome=0.66, shown_by="B-1")
    post(people["district"], f"/evaluation/forecasts/{f.pk}/outcome", 400, outcome="nan", shown_by="B-1")
    post(people["district"], f"/evaluation/forecasts/{f.pk}/outcome", 400, outcome=0.66, shown_by="a b")
    post(people["district"], f"/evaluation/forecasts/{f.pk}/outcome", outcome=0.66, shown_by="B-1")
    assert "known already" in post(
        people["district"], f"/evaluation/forecasts/{f.pk}/outcome", 400, outcome=1, shown_by="B-1"
    )
    said = page(None, "/evaluation/forecasts")
    assert "Mean CRPS" in said
    assert '<svg class="calibration"' in said
    rows = list(
        csv.DictReader(
            io.StringIO(browser(None).get("/evaluation/forecasts.csv").content.decode("utf-8-sig"))
        )
    )
    assert [(r["id"], r["mean"], r["outcome"]) for r in rows] == [(f.number, "0.7", "0.66")]
    # one that was kept stays as it was said
    again = Said("consent", f.key, Text("x", "x"), f.due, 0.1, 0.1, 0.5, 0.2)
    assert keep_forecasts(town.quarter, f.source, [again], None)[0].mean == 0.7
    for wrong in ({"sd": 0.0}, {"mean": float("nan")}, {"kind": "luck"}, {"due": dt.date(2020, 1, 1)}):
        with pytest.raises(HutongError) as caught:
            forecast(town, **wrong)
        assert caught.value.code == "bad-forecast"
    # an evaluation writes down what its snapshot shows: of the right kind and day, said before it
    past = dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
    day = snapshots[1].date
    due = forecast(town, due=day, made_at=past, kind="indicator", key="reach_culture", mean=50.0, sd=5.0)
    late = forecast(
        town,
        due=day + dt.timedelta(days=400),
        made_at=past,
        kind="indicator",
        key="reach_culture",
        mean=50.0,
        sd=5.0,
    )
    state = forecast(town, due=day, made_at=past, kind="simulation", key="condition", mean=0.6, sd=0.1)
    assert services.settle_due(made(town, published=True), people["district"]) == 2
    got = {x.pk: x.outcome for x in Forecast.objects.all()}
    assert (got[due.pk], got[state.pk], got[late.pk]) == (55.0, 0.61, None)
    kinds = [json.loads(d)["public"]["kind"] for d in Entry.objects.values_list("data", flat=True)]
    assert kinds.count("forecast:outcome") == 3


def test_the_desk_says_what_waits(town, people, snapshots):
    from django.utils import timezone

    from hutong.service.evaluation.waiting import waiting

    made(town)
    live = made(town, published=True)
    now = timezone.now()
    said = [i.what.en for i in waiting(people["district"], now)]
    assert any("waits to be published" in w for w in said)
    assert any(f"{live.number}: 1 lessons wait" in w for w in said)
    assert waiting(people["operator"], now) == []
    assert waiting(town.person("district", far=True), now) == []


def test_a_lesson_on_top_of_another_counts_once(town, people, snapshots):
    """What the works were planned with is the base: a cost that was already raised is not raised twice over."""
    from hutong.service.evaluation.compute import _lesson
    from tests.service.evaluation_case import LESSON

    row = {k: LESSON[k] for k in ("measure", "quantity", "before", "before_low", "before_high", "cases", "after", "after_low", "after_high", "moved")}  # fmt: skip
    assert _lesson(row, {}, {})["value"] == pytest.approx(1.25)
    assert _lesson(row, {}, {("pipes", "cost"): 1.2})["value"] == pytest.approx(1.5)
    share = {**row, "quantity": "acceptance", "before": 0.5, "after": 0.5}
    assert _lesson(share, {}, {("pipes", "acceptance"): -0.3})["value"] == pytest.approx(-0.3)
    assert _lesson({**share, "before": None}, {}, {})["value"] is None
