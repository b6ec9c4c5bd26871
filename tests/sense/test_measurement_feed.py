"""Readings by API: pushed as JSON, pulled from a SensorThings service over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import pytest

from hutong.errors import HutongError
from hutong.sense.measurement_feed import from_json, http_get, pull

ONE = {"sensor_id": "W1", "quantity": "水位", "time": "2025-07-01T00:00:00+08:00", "value": 20, "unit": "cm"}


def body(*readings: object) -> str:
    return json.dumps({"readings": list(readings)})


def test_what_a_gateway_posts_is_checked_as_a_file_is() -> None:
    read = from_json(body(ONE, ONE, {**ONE, "time": "2025-07-01T00:05:00+08:00", "value": None}))
    assert read.repeated == 1
    level = read.series("W1", "water_level")
    assert level.iloc[0] == pytest.approx(0.2)
    assert level.isna().sum() == 1
    with pytest.raises(HutongError) as caught:
        from_json(body({**ONE, "unit": "kWh"}))
    assert caught.value.code == "invalid-data"


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ("[]", "expected one object"),
        ("{", "line 1"),
        ('{"readings": [], "more": 1}', "expected one object"),
        (body(3), "readings[0]: expected an object"),
        (body(ONE, {**ONE, "reading": 1}), "readings[1]: there is no field 'reading'"),
        (body({k: v for k, v in ONE.items() if k != "time"}), "time is missing"),
        (body({**ONE, "value": "3"}), "value is '3'"),
        (body({**ONE, "value": True}), "value is True"),
    ],
)
def test_another_form_is_refused_and_named(told: str, named: str) -> None:
    with pytest.raises(HutongError) as caught:
        from_json(told)
    assert caught.value.code == "bad-readings"
    assert named in "\n".join(caught.value.rows)


def stream(name: str, observed: str, symbol: str, *seen: tuple[str, float], more: str | None = None) -> dict:
    made = {
        "name": name, "Thing": {"name": name}, "ObservedProperty": {"name": observed},
        "unitOfMeasurement": {"symbol": symbol},
        "Observations": [{"phenomenonTime": t, "result": v} for t, v in seen],
    }  # fmt: skip
    return made if more is None else {**made, "Observations@iot.nextLink": more}


PAGES = {
    "/v1.1/Datastreams?$expand=Thing,ObservedProperty,Observations": {
        "value": [stream("T1", "Air Temperature", "°C", ("2025-01-01T00:00:00.000Z", 3.5), more="Observations?$skip=1")],
        "@iot.nextLink": "Datastreams?$skip=1",
    },
    "/v1.1/Observations?$skip=1": {"value": [{"phenomenonTime": "2025-01-01T01:00:00Z", "result": 4.5}]},
    "/v1.1/Datastreams?$skip=1": {
        "value": [stream("H1", "heat", "GJ", ("2025-01-01T00:00:00Z/2025-01-02T00:00:00Z", 7.0))]
    },
}  # fmt: skip


@pytest.fixture
def service() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = PAGES.get(self.path)
            self.send_response(200 if page else 404)
            self.end_headers()
            self.wfile.write(json.dumps(page).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1.1"
    server.shutdown()
    server.server_close()


def test_a_service_is_read_page_by_page(service: str) -> None:
    read = pull(service, quantities={"Air Temperature": "outdoor_temperature"})
    assert read.series("T1", "outdoor_temperature").tolist() == [3.5, 4.5]
    heat = read.series("H1", "heat")
    assert heat.index[0] == pd.Timestamp("2025-01-02", tz="UTC")  # the end of the interval


def test_a_name_that_is_not_known_is_refused(service: str) -> None:
    with pytest.raises(HutongError) as caught:
        pull(service)
    assert caught.value.code == "invalid-data"


def test_no_answer_and_wrong_answers(service: str) -> None:
    for address in ("ftp://x", service + "/none", "http://127.0.0.1:9"):
        with pytest.raises(HutongError) as caught:
            http_get(address)
        assert caught.value.code == "no-answer"
    wrong = {"value": [{"name": "x"}]}, {"values": []}, {"value": [], "@iot.nextLink": "http://other/v1.1"}
    for page in (*wrong, {"value": [], "@iot.nextLink": "Datastreams"}):
        with pytest.raises(HutongError) as caught:
            pull("http://host/v1.1", fetch=lambda _, page=page: json.dumps(page).encode())
        assert caught.value.code == "bad-readings"
