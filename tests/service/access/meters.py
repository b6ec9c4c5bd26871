"""A heat meter and a water gauge at the building, and an alert of the gauge."""

import datetime as dt


def subjects(town, owner):
    """Return, per page, the captured parts of its address."""
    from hutong.sense.measurements import from_records
    from hutong.service.meters import services
    from hutong.service.meters.models import Alert, Series

    sensors = [services.register(code, town.building) for code in ("gauge", "heat")]
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    times = [(start + dt.timedelta(minutes=5 * i)).isoformat() for i in range(4)]
    rows = [
        {"sensor_id": "gauge", "quantity": "water_level", "time": t, "value": 0.3, "unit": "m"} for t in times
    ]
    rows.append(
        {"sensor_id": "heat", "quantity": "heat_register", "time": times[0], "value": 1.0, "unit": "GJ"}
    )
    services.take_in(from_records(rows), sensors, "test")
    gauge = Series.objects.get(sensor__code="gauge")
    heat = Series.objects.get(sensor__code="heat")
    return {
        "meter_acknowledge": {"": {"pk": Alert.objects.get(series__sensor__code="gauge").pk}},
        "meter_series": {"": {"pk": gauge.pk}},
        "meter_carbon": {"": {"pk": heat.pk}},
        "api_readings": {"": {"pk": gauge.pk}},
    }
