"""The API and GeoReport against their descriptions: whatever is sent, no fault of ours, and answers as described.

Schemathesis makes the examples, some with what exists. The few here cost seconds; ``-m slow`` sends many.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.service.conftest import undone
from tests.service.test_api import machine
from tests.service.test_meters import readings

GEOREPORT = Path(__file__).with_name("open311.yaml")
#: What stands in an address, where an example shall find something.
FOUND = {"building_id": "b0000001", "name": "reach_culture", "rank": 1, "code": "pipes"}
#: What may be of the right form and hold what the site refuses: a meter that is not there, a span of years.
MAY_REFUSE = ("POST", "/open311/v2/requests.json")


@pytest.fixture(params=[6, pytest.param(300, marks=pytest.mark.slow)])
def examples(request):
    """Return how many examples each route gets."""
    return request.param


@pytest.fixture
def public(snapshots, run, town):
    """Publish two days, file a request and record an act; return what an address may name."""
    from hutong.service.checkup.services import publish as publish_run
    from hutong.service.ledger import services as ledger
    from hutong.service.requests import services as requests
    from hutong.service.twin.services import publish

    for one in snapshots:
        publish(one)
    run.snapshot.refresh_from_db()
    publish_run(run)
    filed = requests.file(requests.NewRequest(town.building, "楼道灯不亮")).request
    ballot = {"ballot": "b-1", "channel": "counter"}
    entry = ledger.record("ballot.cast", ballot, {"voter": "v", "choice": "for"}, place=town.quarter)
    series = metered(town)
    keys = {
        "snapshots": run.snapshot_id,
        "checkups": run.pk,
        "places": town.quarter.pk,
        "series": series.pk,
    }
    return {**FOUND, "number": filed.number, "index": entry.index, "pk": keys}


def metered(town):
    """Return a series of a sensor at the building."""
    from hutong.sense.measurements import from_records
    from hutong.service.meters import services

    sensor = services.register("s-1", town.building)
    services.take_in(from_records(readings([15.0] * 6)), [sensor], "test")
    return sensor.series.get()


@pytest.fixture
def application(public):
    """Return the site as a server calls it, on the test's own connection, which it leaves open."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    from hutong.service.wsgi import application

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield application
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask_all(schema, found, examples, **sent):
    """Send examples to every route, each undone; return how many answers there were by status."""
    answers: dict[int, int] = {}
    for result in schema.get_all_operations():
        ask_one(result.ok(), found, examples, answers, sent)
    return answers


def ask_one(operation, found, examples, answers, sent):
    import hypothesis
    import schemathesis
    from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

    cases = operation.as_strategy()
    if operation.path_parameters or operation.query or operation.body:
        cases = cases | operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    left_out = (
        [positive_data_acceptance] if {operation.method.upper(), operation.path} & set(MAY_REFUSE) else []
    )
    settings = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )

    @hypothesis.seed(7)
    @settings
    @hypothesis.given(case=cases, there=hypothesis.strategies.booleans())
    def ask(case, there):
        mended = []
        if there and case.path_parameters:
            parts = case.path_parameters.items()
            case.path_parameters = {k: _there(operation.path, k, v, found) for k, v in parts}
            mended = [negative_data_rejection]  # what was wrong may have stood in the address
        with undone():
            got = case.call_and_validate(excluded_checks=left_out + mended, **sent)
        answers[got.status_code] = answers.get(got.status_code, 0) + 1

    ask()


def _there(path, name, value, found):
    known = found.get(name, value)
    return known.get(next((k for k in known if k in path), ""), value) if isinstance(known, dict) else known


def test_the_api_answers_as_it_is_described(public, application, town, examples):
    import schemathesis

    from hutong.service.web.rest import ACCESS

    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    _, _, secret = machine("property_manager", town.estate)
    answers = ask_all(schema, public, examples, headers={"Authorization": f"Bearer {secret}"})
    assert len(schema) >= len(ACCESS)  # every route was asked
    assert answers[200] > len(ACCESS)  # and not only refused
    assert answers.get(422)


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("2026-03-01T08:00:00Z", 200),
        ("2026-03-01", 200),
        ("0357-11-15T05:27:49%2B16:37", 200),
        ("0001-01-01T00:00:00%2B23:00", 422),
        ("0.0", 422),
        ("1e9", 422),
    ],
)
def test_a_moment_is_written_as_one(public, town, client, until, status):
    _, _, secret = machine("property_manager", town.estate)
    at = f"/api/v1/meters/series/{public['pk']['series']}/readings?until={until}"
    assert client.get(at, headers={"authorization": f"Bearer {secret}"}).status_code == status


def test_georeport_answers_as_it_is_described(public, application, examples):
    import schemathesis

    schema = schemathesis.openapi.from_dict(yaml.safe_load(GEOREPORT.read_text("utf-8")))
    schema.app = application
    answers = ask_all(schema, public, examples)
    assert answers[200] > 10
    assert answers.get(403)
