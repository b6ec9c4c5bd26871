"""Readings are kept once; live alerts are those of the whole series, however its readings come; who did what is kept."""

from __future__ import annotations

import datetime as dt

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from tests.service.conftest import undone
from tests.service.test_api import BROWSER, machine

START = dt.datetime(2026, 1, 10, tzinfo=dt.UTC)


def readings(values, sensor="s-1", quantity="indoor_temperature", unit="degC", minutes=30, start=START):
    """Return readings as a gateway sends them; ``None``: without a value, "": not sent."""
    return [
        {
            "sensor_id": sensor,
            "quantity": quantity,
            "time": (start + dt.timedelta(minutes=minutes * i)).isoformat(),
            "value": value,
            "unit": unit,
        }
        for i, value in enumerate(values)
        if value != ""
    ]


@pytest.fixture
def sensor(town):
    from hutong.service.meters.services import register

    return register("s-1", town.building)


@pytest.fixture
def gateway(town, sensor):
    return machine("property_manager", town.estate)[0]


def send(client, rows, **more):
    return client.post("/api/v1/meters/readings", {"readings": rows, **more}, content_type="application/json")


def kept(sensor):
    from hutong.service.meters.models import Reading

    rows = Reading.objects.filter(series__sensor=sensor).order_by("time")
    return [(r.time, r.value) for r in rows]


def test_a_reading_sent_twice_is_kept_once(gateway, sensor):
    rows = readings([20.0, 20.5, None, 21.0])
    assert send(gateway, rows).json() == {"stored": 4, "repeated": 0, "left_out": [], "alerts": 0}
    assert send(gateway, rows[2:] + rows[2:]).json()["stored"] == 0
    assert send(gateway, rows[::-1]).json() == {"stored": 0, "repeated": 4, "left_out": [], "alerts": 0}
    assert [value for _, value in kept(sensor)] == [20.0, 20.5, None, 21.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sensor_id": "other"}, "other: the sensor is not registered at your places"),
        ({"value": 19.0}, "another value was kept for this time"),
        ({"unit": "kWh"}, "the unit does not fit the quantity"),
        ({"quantity": "mood"}, "the quantity must be one of"),
        ({"time": "2026-01-10 08:00"}, "states no time zone"),
        ({"time": "10/01/2026"}, "must be a date and time, year first"),
        ({"value": 400}, "beyond what the quantity can be"),
    ],
)
def test_a_broken_reading_is_named_and_nothing_is_kept(gateway, sensor, change, said):
    good = readings([20.0, 20.5])
    send(gateway, good[:1])
    got = send(gateway, [{**good[0], **change}, good[1]])
    assert got.status_code == 400
    assert any(said in row for row in got.json()["rows"]), got.json()
    assert len(kept(sensor)) == 1
    taken = send(gateway, [{**good[0], **change}, good[1]], leave_out_broken=True).json()
    assert taken["stored"] == 1
    assert any(said in row for row in taken["left_out"])


def test_times_without_a_zone_take_that_of_the_body(gateway, sensor):
    row = {**readings([20.0])[0], "time": "2026-01-10 08:00"}
    assert send(gateway, [row], zone="Asia/Shanghai").json()["stored"] == 1
    assert kept(sensor)[0][0] == START


def test_who_may_not_send_for_a_sensor_learns_nothing_of_it(town, sensor):
    far = machine("property_manager", town.at("estate", far=True))[0]
    got = send(far, readings([20.0]))
    assert (got.status_code, got.json()["rows"]) == (
        400,
        ["s-1: the sensor is not registered at your places"],
    )
    reader = machine("planner", town.quarter)[0]
    assert send(reader, readings([20.0])).status_code == 403
    assert kept(sensor) == []


def spells(series, until):
    """Return the alerts of a whole series by :mod:`hutong.sense`: rule, kind, since, time, end."""
    from hutong.sense.series_alerts import alert_rules, alerts

    out = set()
    for rule in alert_rules().values():
        if rule.quantity != "indoor_temperature":
            continue
        begun = {}
        for event in alerts(series, rule, until):
            kind = {"cleared": "raised", "heard": "silent"}.get(event.kind, event.kind)
            if event.kind in ("raised", "silent"):
                begun[kind] = (rule.id, kind, event.since, event.time)
            else:
                out.add((*begun.pop(kind), event.time))
        out |= {(*spell, None) for spell in begun.values()}
    return out


VALUES = st.lists(st.sampled_from([15.0, 17.0, 18.2, 19.0, None, ""]), min_size=2, max_size=40)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(values=VALUES, order=st.randoms(use_true_random=False), size=st.integers(1, 12), sweep=st.booleans())
def test_live_alerts_are_those_of_the_whole_series_however_it_comes(sensor, values, order, size, sweep):
    from hutong.sense.measurements import from_records
    from hutong.service.meters import services
    from hutong.service.meters.models import Alert

    rows = readings(values)
    parts = [rows[i : i + size] for i in range(0, len(rows), size)]
    order.shuffle(parts)
    end = START + dt.timedelta(days=2)
    with undone():
        for part in parts:
            services.take_in(from_records(part), [sensor], "test")
            if sweep:
                services.listen(START + dt.timedelta(hours=9))
        services.listen(end)
        rows = kept(sensor)
        if not rows:
            return
        series = pd.Series(
            [float("nan") if v is None else v for _, v in rows],
            pd.DatetimeIndex([t for t, _ in rows]),
            dtype=float,
        )
        live = {(a.rule, a.kind, a.since, a.time, a.ended) for a in Alert.objects.filter(withdrawn=False)}
        assert live == spells(series, pd.Timestamp(end))


def test_silence_is_noticed_and_what_comes_late_takes_it_back(sensor):
    from hutong.sense.measurements import from_records
    from hutong.service.meters import services
    from hutong.service.meters.models import Alert

    rows = readings([20.0] * 12)
    services.take_in(from_records(rows[:1]), [sensor], "test")
    assert services.listen(START + dt.timedelta(minutes=200)) == 1
    assert services.listen(START + dt.timedelta(minutes=260)) == 0
    assert Alert.objects.get().time == START + dt.timedelta(minutes=180)
    services.take_in(from_records(rows[2:]), [sensor], "test")
    assert Alert.objects.get().withdrawn


def test_a_sensor_that_spoke_again_waits_for_nobody(town, sensor):
    from hutong.sense.measurements import from_records
    from hutong.service.meters import services
    from hutong.service.meters.selectors import alerts, open_alerts

    officer = town.person("subdistrict")
    services.take_in(from_records(readings([20.0])), [sensor], "test")
    services.listen(START + dt.timedelta(hours=9))
    assert open_alerts(officer).count() == 1
    services.take_in(from_records(readings([20.0], start=START + dt.timedelta(hours=10))), [sensor], "test")
    assert (open_alerts(officer).count(), alerts(officer).count()) == (0, 1)


def test_who_saw_to_an_alert_when_and_how_is_kept_once(client, town, sensor, gateway):
    from hutong.errors import HutongError
    from hutong.service.meters import services
    from hutong.service.meters.models import Alert

    assert send(gateway, readings([15.0] * 6)).json()["alerts"] == 1
    alert = Alert.objects.get()
    assert alert.level == "warn"
    officer = town.person("subdistrict")
    client.force_login(officer, backend=BROWSER)
    assert "Room below 18 °C" in client.get("/").content.decode()
    assert "Room below 18 °C" in client.get("/meters/").content.decode()
    assert client.post(f"/meters/alerts/{alert.pk}/acknowledge", {"done": " "}).status_code == 400
    client.post(f"/meters/alerts/{alert.pk}/acknowledge", {"done": "已上门调阀"})
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.done) == (officer, "已上门调阀")
    assert "已上门调阀" in client.get("/meters/").content.decode()
    assert "Room below" not in client.get("/").content.decode()
    with pytest.raises(HutongError, match="has seen to"):
        services.acknowledge(alert, officer, "again")


def test_the_dossier_shows_sensors_to_who_may_see_them_alone(client, town, snapshots):
    from hutong.sense.measurements import from_records
    from hutong.service.meters import services
    from hutong.service.twin.selectors import building
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    place = building(snapshots[1].pk, "b0000001").place
    device = services.register("room-7", place)
    services.take_in(from_records(readings([15.0] * 6, sensor="room-7")), [device], "test")
    path = f"/twin/{snapshots[1].pk}/buildings/b0000001"
    assert "room-7" not in client.get(path).content.decode()
    client.force_login(town.person("subdistrict", far=True), backend=BROWSER)
    assert "room-7" not in client.get(path).content.decode()
    client.force_login(town.person("subdistrict"), backend=BROWSER)
    page = client.get(path).content.decode()
    assert "room-7" in page
    assert "Room below 18 °C" in page


def test_a_csv_is_taken_whole_or_refused_by_rows(client, town, sensor):
    from django.core.files.uploadedfile import SimpleUploadedFile as File

    client.force_login(town.person("subdistrict"), backend=BROWSER)
    rows = "设备编号,测量项,时间,数值,单位\ns-1,室温,2026-01-10 08:00,{},℃\ns-1,室温,2026-01-10 08:30,21,℃\n"

    def upload(value):
        file = File("读数.csv", rows.format(value).encode(), "text/csv")
        return client.post("/meters/upload", {"file": file, "zone": "Asia/Shanghai"})

    got = upload("warm")
    assert got.status_code == 400
    assert "row 2: the value must be a number" in got.content.decode()
    assert kept(sensor) == []
    assert upload(20).status_code == 200
    assert kept(sensor)[0] == (START, 20.0)
    assert "known already: 2" in upload(20).content.decode()


def test_measured_carbon_is_that_of_the_sense_code_and_says_whose_degree_days(client, town, snapshots):
    from hutong.sense.measurements import from_records
    from hutong.service.meters import carbon, services
    from hutong.service.meters.models import Series
    from hutong.service.twin.selectors import building
    from hutong.service.twin.services import publish

    publish(snapshots[1])
    place = building(snapshots[1].pk, "b0000001").place
    devices = [services.register("heat-1", place), services.register("sky", town.quarter)]
    start = dt.datetime(2024, 12, 31, 16, tzinfo=dt.UTC)  # midnight in Beijing
    warmth = [4.0 + 12 * ((i // 30) % 8) / 8 for i in range(280)]
    used, total = [0.0], 0.0
    for degrees in warmth:
        total += 0.5 + 0.02 * max(18 - degrees, 0)
        used.append(total)
    rows = readings(used, "heat-1", "heat_register", "GJ", 1440, start)
    rows += readings(warmth, "sky", "outdoor_temperature", "degC", 1440, start)
    services.take_in(from_records(rows), devices, "test")
    series = Series.objects.get(sensor__code="heat-1")
    client.force_login(town.person("subdistrict"), backend=BROWSER)
    assert "six whole months" in client.get(f"/meters/series/{series.pk}").content.decode()
    page = client.get(f"/meters/series/{series.pk}/carbon?degree_days=2600&source=气象局").content.decode()
    expected = carbon.beside_estimate(series, town.person("planner"), 2600.0)
    assert expected.use[0] == pytest.approx(0.5 * 365.25 + 0.02 * 2600, rel=0.02)
    assert expected.comparison.text.en in page
    assert "气象局" in page


def test_a_drawing_breaks_where_readings_are_missing_and_keeps_least_and_most():
    from hutong.service.meters.charts import MOST_DRAWN, drawing, thinned

    times = pd.date_range(START, periods=10, freq="1h")
    whole = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], times)
    assert drawing(whole).path.count("M") == 1
    assert drawing(whole.drop(times[3:7])).path.count("M") == 2
    assert drawing(whole * float("nan")) is None
    long = pd.Series(range(10_000), pd.date_range(START, periods=10_000, freq="1min"), dtype=float)
    long.iloc[4321], long.iloc[8765] = -50.0, 99_999.0
    small = thinned(long)
    assert len(small) <= MOST_DRAWN
    assert (small.min(), small.max()) == (-50.0, 99_999.0)
    assert small.index.is_monotonic_increasing
