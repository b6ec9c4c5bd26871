"""Meters and sensors of the demo quarter: made-up readings of the last weeks, with a cold room and a flooded passage."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from django.utils import timezone

from hutong.rng import generator
from hutong.sense.measurements import from_records
from hutong.service.meters import services
from hutong.service.places.models import Place
from hutong.service.places.selectors import within

DAYS, HEAT_DAYS, SEED = 14, 300, 1


def load(quarter: Place) -> None:
    """Register five devices in a quarter and keep their readings up to now."""
    first, second = within(quarter, "building").order_by("path")[:2]
    devices = [
        services.register("ROOM-01", first, "公共走廊室温"),
        services.register("HEAT-01", first, "楼栋热表"),
        services.register("WATER-01", second, "院门口积水"),
        services.register("AIR-01", quarter, "街角空气站"),
        services.register("SKY-01", quarter, "室外气温"),
    ]
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    services.take_in(from_records(_hourly(now) + _daily(now)), devices, "演示网关")


def _row(sensor: str, quantity: str, unit: str, time: dt.datetime, value: float) -> dict[str, Any]:
    return {
        "sensor_id": sensor, "quantity": quantity, "unit": unit, "time": time.isoformat(), "value": round(value, 3),
    }  # fmt: skip


def _hourly(now: dt.datetime) -> list[dict[str, Any]]:
    draw = generator(SEED, "demo-meters")
    rows = []
    for hour in range(DAYS * 24 + 1):
        time = now - dt.timedelta(hours=DAYS * 24 - hour)
        left = DAYS * 24 - hour
        wave = math.sin(hour / 24 * 2 * math.pi)
        noise = float(draw.normal())
        if not 100 <= left < 112:  # the gateway was off for half a day
            rows.append(
                _row(
                    "ROOM-01",
                    "indoor_temperature",
                    "degC",
                    time,
                    (16.6 if left < 9 else 20) + 0.6 * wave + 0.1 * noise,
                )
            )
        for quarter in range(4 if left else 1):
            deep = 50 <= left < 53
            moment = time + dt.timedelta(minutes=15 * quarter)
            rows.append(_row("WATER-01", "water_level", "m", moment, 0.22 if deep else 0.02))
        rows.append(_row("AIR-01", "pm25", "ug/m3", time, 42 + 14 * wave + 4 * abs(noise)))
    return rows


def _daily(now: dt.datetime) -> list[dict[str, Any]]:
    midnight = timezone.localtime(now).replace(hour=0)
    rows, total = [], 1000.0
    for day in range(HEAT_DAYS + 1):
        time = midnight - dt.timedelta(days=HEAT_DAYS - day)
        warmth = 13 - 15 * math.cos((time.timetuple().tm_yday - 15) / 365.25 * 2 * math.pi)
        rows.append(_row("SKY-01", "outdoor_temperature", "degC", time, warmth))
        rows.append(_row("HEAT-01", "heat_register", "GJ", time, total))
        total += 0.1 + 0.12 * max(18 - warmth, 0)
    return rows
