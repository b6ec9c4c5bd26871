"""Simulation, live: what it costs is told, it runs in the background, stops and goes on, and its answer is a public file."""

import datetime as dt
import io
import json
import uuid
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.service.simulation_case import finished, without_model
from tests.service.test_projects import page, post
from tests.service.test_requests import browser


@pytest.fixture
def people(town):
    return {r: town.person(r) for r in ("planner", "district", "operator", "resident_owner")}


def asked(snapshot, **changes):
    return {
        "snapshot": snapshot.pk, "scheme": "balanced", "experiment": "levers", "levers": ["councils"], "runs": 4, "years": 2,
        "seed": 1, "token": str(uuid.uuid4()), **changes,
    }  # fmt: skip


def test_a_question_is_priced_asked_run_and_opened(town, people, snapshots, monkeypatch):
    from hutong.service.jobs import services as jobs
    from hutong.service.jobs.models import Job
    from hutong.service.ledger.models import Entry
    from hutong.service.lessons.models import Forecast
    from hutong.service.simulation.models import Simulation
    from hutong.service.twin.services import publish

    without_model(monkeypatch)
    data = asked(snapshots[1])
    said = post(people["planner"], "/simulation/new", 200, estimate="1", **data)
    assert "It takes about" in said
    assert "assumption" in said
    assert not Simulation.objects.exists()
    for _ in range(2):  # sent twice
        post(people["planner"], "/simulation/new", start="1", **data)
    found, job = Simulation.objects.get(), Job.objects.get()
    at = f"/simulation/{found.pk}"
    assert "waiting for a worker" in page(people["planner"], at)
    page(None, at, 403)
    jobs.run(job.pk)
    job.refresh_from_db()
    found.refresh_from_db()
    assert (job.state, job.result, found.standing) == ("done", at, "done")
    said = page(people["planner"], at)
    assert "support +0.1" in said
    assert "no effect found on" in said
    assert "are assumptions" in said
    assert "not published yet" in post(people["district"], f"{at}/publish", 400)
    post(people["planner"], f"{at}/publish", 403)
    publish(snapshots[1])
    for _ in range(2):
        post(people["district"], f"{at}/publish")
    assert "Councils" in page(None, at)
    due = [day for day in ("2027-01-01", "2028-01-01") if day >= dt.date.today().isoformat()]  # noqa: DTZ011
    kinds = [
        json.loads(d)["public"]["kind"]
        for d in Entry.objects.order_by("index").values_list("data", flat=True)
    ]
    assert kinds == ["simulation", *["forecast:simulation"] * len(due)]
    kept = list(Forecast.objects.order_by("due"))
    assert [f.due.isoformat() for f in kept] == due
    assert {(f.key, f.source) for f in kept} <= {("condition", found.number)}


def test_the_answer_is_files_and_layers(town, people, snapshots):
    found = finished(snapshots[1], by=people["planner"])
    at = f"/simulation/{found.pk}"
    get = browser(people["planner"]).get

    def body(name):
        return b"".join(get(f"{at}/files/{name}").streaming_content)

    bands = pd.read_parquet(io.BytesIO(body("bands.parquet")))
    assert set(bands["setting"]) == {"today", "councils"}
    support = bands[(bands["series"] == "support") & (bands["point"] == 24)].set_index("setting")
    assert support.loc["councils", "q50"] == pytest.approx(0.6015)
    assert (bands["q05"] <= bands["q95"]).all()
    homes = pd.read_parquet(io.BytesIO(body("buildings.parquet")))
    assert set(homes["year"]) == {1, 2}
    assert homes["building_id"].nunique() * 4 == len(homes)
    assert json.loads(body("recipe.json"))["seed"] == 1
    assert b"support" in body("result.json")
    assert get(f"{at}/files/../../secret").status_code == 404
    assert get(f"{at}/files/works.csv").status_code == 404
    layer = json.loads(b"".join(get(f"{at}/layers/condition-today-2-low.json").streaming_content))
    assert sum(layer["counts"]) == snapshots[1].buildings.count()
    assert layer["counts"][2] == len(homes) // 4  # 0.4 at the low end: the third class
    assert get(f"{at}/layers/luck.json").status_code == 404
    from hutong.service.twin.offered import offered

    request = SimpleNamespace(user=people["planner"])
    names = [o.id for o in offered(request, snapshots[1]) if o.id.startswith("m")]
    assert f"m{found.pk}-renewed-councils-2" in names
    assert f"m{found.pk}-condition-today-1-median" in names
    anyone = SimpleNamespace(user=SimpleNamespace(held=()))
    assert not [o for o in offered(anyone, snapshots[1]) if o.id.startswith(f"m{found.pk}")]


def test_one_map_is_chosen_by_what_lever_year_and_end(town, people, snapshots):
    found = finished(snapshots[1], by=people["planner"])
    get = browser(people["planner"]).get

    def seen(**asked):
        answer = get(f"/simulation/{found.pk}", asked)
        return answer.context["foreseen"], answer.content.decode()

    first, page = seen()
    assert [c["chosen"] for c in first["choices"]] == ["condition", "councils", "2", "median"]
    assert [[k for k, _ in c["options"]] for c in first["choices"]] == [
        ["condition", "renewed"], ["today", "councils"], ["1", "2"], ["low", "median", "high"],
    ]  # fmt: skip
    assert len(first["layers"]) == 2 * 2 * 3 + 2 * 2  # a band for every year, and works done by year
    homes = sum(first["shown"]["counts"][:-1])
    assert first["shown"]["counts"][1] == homes  # 0.5 in the middle, without a script too
    assert f'<span class="n">{homes}</span>' in page
    low, _ = seen(what="condition", setting="today", year="1", end="low")
    assert low["key"] == "condition-today-1-low"
    assert low["shown"]["counts"][2] == homes  # 0.55 less a tenth
    done, _ = seen(what="renewed", year="1", end="low")  # which has no ends
    assert done["key"] == "renewed-councils-1"
    odd, _ = seen(what="<b>", setting="luck", year="99", end="")
    assert odd["key"] == first["key"]
    # one that was kept before every year had its band
    found.layers = [one for one in found.layers if one["id"] != "condition-councils-1-low"]
    found.save()
    old, page = seen(year="1", end="low")
    assert old["shown"] is None
    assert "were not kept for that year" in page
    assert "1 household" in page or "households in 100" in page  # the answer in plain words, figures below
    assert page.index("in 100") < page.index("In figures")


def test_it_stops_when_asked_and_goes_on(town, people, snapshots, monkeypatch):
    from hutong.service.jobs import services as jobs
    from hutong.service.simulation import services
    from hutong.service.simulation.compute import Question

    without_model(monkeypatch)
    found = services.ask(
        snapshots[1], Question("levers", ("councils",), 4, 2, 1), "balanced", people["planner"], uuid.uuid4()
    )
    at = f"/simulation/{found.pk}"
    post(people["operator"], f"{at}/stop", 403)
    post(people["planner"], f"{at}/stop")
    assert "being stopped" in page(people["planner"], at)
    jobs.run(found.job_id)
    found.refresh_from_db()
    assert (found.standing, found.digest) == ("stopped", "")
    assert "Go on" in page(people["planner"], at)
    first = found.job_id
    for _ in range(2):
        post(people["planner"], f"{at}/resume")
    found.refresh_from_db()
    assert found.job_id != first
    jobs.run(found.job_id)
    found = type(found).objects.get()
    assert found.standing == "done"
    post(people["planner"], f"{at}/stop")  # nothing to stop any more
    assert type(found).objects.get().standing == "done"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"levers": []}, "No lever was chosen"), ({"runs": 1}, "greater than or equal"), ({"years": 31}, "less than or equal"),
        ({"seed": -1}, "greater than"), ({"experiment": "luck"}, "valid choice"), ({"levers": ["luck"]}, "valid choice"),
        ({"experiment": "tipping", "runs": 1000, "years": 30}, "household-months"), ({"scheme": "best"}, "valid choice"),
    ],
)  # fmt: skip
def test_what_is_not_asked(town, people, snapshots, monkeypatch, changes, words):
    from hutong.service.simulation import services
    from hutong.service.simulation.models import Simulation

    monkeypatch.setattr(services, "households", lambda _snapshot: 5000)
    assert words in post(
        people["planner"], "/simulation/new", 400, start="1", **asked(snapshots[1], **changes)
    )
    assert not Simulation.objects.exists()


def test_nobody_asks_of_quarters_of_others(town, people, snapshots):
    far = town.person("district", far=True)
    assert "There is no snapshot" in post(far, "/simulation/new", 400, start="1", **asked(snapshots[1]))
    page(far, f"/simulation/{finished(snapshots[1]).pk}", 403)


def test_the_answer_about_a_version_becomes_its_outlook(town, people, snapshots, run, monkeypatch):
    from hutong.service.jobs import services as jobs
    from hutong.service.schemes import selectors as drawn
    from hutong.service.schemes import services as schemes
    from hutong.service.schemes.models import Outlook
    from hutong.service.schemes.versions import services as versions
    from hutong.service.simulation.models import Simulation
    from hutong.service.twin.services import publish
    from hutong.text import Text

    without_model(monkeypatch)
    scheme = schemes.open_scheme(schemes.NewScheme(town.quarter, run, Text("试", "try"), people["operator"]))
    version = versions.keep_version(scheme, drawn.draft_of(scheme), people["operator"])
    name = f"version-{version.pk}"
    other = asked(snapshots[0], scheme=name)  # drawn on another snapshot
    assert "cannot answer" in post(people["planner"], "/simulation/new", 400, start="1", **other)
    post(people["planner"], "/simulation/new", start="1", **asked(snapshots[1], scheme=name))
    found = Simulation.objects.get()
    jobs.run(found.job_id)
    at = f"/simulation/{found.pk}"
    assert "try, version 1" in page(people["planner"], at)
    publish(snapshots[1])
    post(people["district"], f"{at}/attach", 400)  # not open to everyone yet
    post(people["district"], f"{at}/publish")
    for _ in range(2):
        post(people["district"], f"{at}/attach")
    outlook = Outlook.objects.get()
    assert (outlook.version_id, outlook.result["simulation"], outlook.recipe["seed"]) == (
        version.pk,
        found.number,
        1,
    )
    assert outlook.result["answer"][0]["en"].startswith("Councils and whistles")


def test_every_parameter_that_nobody_documented_is_marked(people):
    from hutong.evolve.parameters import parameter_infos

    said = page(None, "/simulation/parameters")
    assert said.count('class="tag assumed"') == sum(i.confidence == "U" for i in parameter_infos())
    assert all(i.id in said for i in parameter_infos())


def test_what_parameters_rest_on_is_said_in_both_languages():
    from hutong.evolve.parameters import parameter_infos
    from hutong.report.words import words

    for group, given in (("parameter_source", "source"), ("parameter_unit", "unit")):
        assert set(words(group)) == {getattr(i, given) for i in parameter_infos()}
        assert all(text.en == key for key, text in words(group).items())


def test_what_it_costs_follows_what_was_timed(snapshots):
    from hutong.service.simulation.cost import ASSUMED_RATE, cost, runs_in

    assert runs_in("levers", ["councils"], 10) == 40  # today and councils, and both again for the map
    assert runs_in("policy", [], 10) == 42 * 10 + 20
    before = cost(1000, "levers", ["councils"], 10, 10)
    assert before.work == 1000 * 120 * 40
    assert not before.known
    found = finished(snapshots[1])
    type(found).objects.filter(pk=found.pk).update(
        work=ASSUMED_RATE * 100, facts={"model_s": 10.0, "plan_s": 2.0}
    )
    after = cost(1000, "levers", ["councils"], 10, 10)
    assert after.known
    assert after.seconds - 60 * after.compiles == pytest.approx(before.work / (ASSUMED_RATE * 10) + 2.0)


@pytest.mark.slow
def test_the_model_itself_is_run_stopped_and_taken_up(snapshots, monkeypatch):
    """The same digits whether it was stopped on the way or not."""
    from hutong.service.simulation import services
    from hutong.service.simulation.compute import Question

    results = []
    for stops in (0, 1):
        found = services.ask(
            snapshots[1],
            Question("levers", ("councils", "platform"), 4, 2, 3),
            "balanced",
            None,
            uuid.uuid4(),
        )
        calls = []

        def step(done, total, what, found=found, calls=calls, stops=stops):
            calls.append(what.en)
            if stops and calls.count("Running the futures") == 2 and len(set(calls)) < 20:
                type(found).objects.filter(pk=found.pk).update(stop=True)

        ended = services.run(found, step, lambda _kept: None)
        assert ended == (not stops)
        if stops:
            kept = {p.name: p.stat().st_mtime_ns for p in (found.folder / "runs").rglob("*.parquet")}
            assert kept
            type(found).objects.filter(pk=found.pk).update(stop=False)
            assert services.run(found, lambda *_: None, lambda _kept: None)
            assert all((found.folder / "runs" / "runs" / n).stat().st_mtime_ns == t for n, t in kept.items())
        found.refresh_from_db()
        results.append((found.digest, (found.folder / "buildings.parquet").read_bytes()))
    assert results[0] == results[1]
    assert np.isfinite(found.seconds)
