"""The only writes to sensors, readings and alerts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.sense.measurements import Measurements
from hutong.sense.series_alerts import AlertRule, Event
from hutong.service.accounts.models import User
from hutong.service.meters import live, selectors
from hutong.service.meters.models import RAISED, SILENT, Alert, Reading, Sensor, Series
from hutong.service.places.models import Place
from hutong.text import Text

BATCH = 2000


@dataclass(frozen=True)
class Taken:
    """What came of readings that were sent: new, known already, and the rows that were left out."""

    stored: int
    repeated: int
    left_out: tuple[str, ...]
    alerts: int


def register(code: str, place: Place, name: str = "") -> Sensor:
    """Register a sensor at a place, or move and rename one of the same code in the quarter.

    Raises
    ------
    HutongError
        ``no-quarter`` if the place lies in none; ``bad-sensor`` if the code is empty or too long.
    """
    quarter = selectors.quarter_of(place)
    if quarter is None:
        raise HutongError(
            "no-quarter",
            Text("设备要装在片区内的地点。", "A sensor is at a place within a quarter."),
            Text("请选择片区、小区或楼栋。", "Choose a quarter, an estate or a building."),
        )
    code = code.strip()
    if not code or len(code) > 80:
        raise HutongError(
            "bad-sensor",
            Text("设备编号不能为空，也不能超过 80 个字符。", "A sensor's code has 1 to 80 characters."),
            Text("请照设备上的编号填写。", "Write it as it stands on the device."),
        )
    sensor, _ = Sensor.objects.update_or_create(
        code=code, quarter=quarter, defaults={"place": place, "name": name.strip()[:120]}
    )
    return sensor


def take_in(sent: Measurements, known: Sequence[Sensor], by: str, leave_out_broken: bool = False) -> Taken:
    """Keep readings, each once, and tell the alerts that they raise or end, all in one transaction.

    Parameters
    ----------
    sent
        Checked readings (units, zones, bounds), as :func:`hutong.sense.measurements.from_records` returns them.
    known
        The sensors that the sender may speak for.

    Raises
    ------
    HutongError
        ``invalid-data`` with the readings of sensors that are not known, and those that differ from what was kept for
        the same time; nothing is kept then, unless ``leave_out_broken``.
    """
    sensors: dict[str, list[Sensor]] = {}
    for sensor in known:
        sensors.setdefault(sensor.code, []).append(sensor)
    faults: list[str] = list(sent.left_out)
    stored = repeated = told = 0
    with transaction.atomic():
        for (code, quantity), rows in sent.table.groupby(["sensor_id", "quantity"], sort=True):
            found = sensors.get(str(code), [])
            if len(found) != 1:
                why = "is not registered at your places" if not found else "stands in several quarters"
                faults.append(f"{code}: the sensor {why}")
                continue
            new, same, wrong, alerts = _add(found[0], str(quantity), rows, by)
            stored, repeated, told = stored + new, repeated + same, told + alerts
            faults += wrong
        if len(faults) > len(sent.left_out) and not leave_out_broken:
            raise HutongError(
                "invalid-data",
                Text(f"{len(faults)} 处读数不能收下。", f"{len(faults)} readings cannot be taken."),
                Text(
                    "请先登记设备、改正所列各行，或选择略去它们。",
                    "Register the sensors, mend what is listed, or choose to leave it out.",
                ),
                faults,
            )
    return Taken(stored, repeated + sent.repeated, tuple(faults), told)


def _add(sensor: Sensor, quantity: str, rows: pd.DataFrame, by: str) -> tuple[int, int, list[str], int]:
    """Add the readings of one series; return how many were new and the same, what is wrong, and new alerts."""
    series, _ = Series.objects.get_or_create(sensor=sensor, quantity=quantity)
    series = Series.objects.select_for_update().get(pk=series.pk)
    times = [t.to_pydatetime() for t in rows["time"]]
    values = [None if pd.isna(v) else float(v) for v in rows["value"]]
    kept = dict(series.readings.filter(time__range=(min(times), max(times))).values_list("time", "value"))
    faults, new, same = [], [], 0
    for time, value in zip(times, values, strict=True):
        if time not in kept:
            new.append((time, value))
        elif kept[time] == value:
            same += 1
        else:
            faults.append(
                f"{sensor.code} {quantity} {time.isoformat()}: another value was kept for this time"
            )
    if not new:
        return 0, same, faults, 0
    Reading.objects.bulk_create((Reading(series=series, time=t, value=v) for t, v in new), batch_size=BATCH)
    alerts = _tell(series, new)
    series.count += len(new)
    series.first = min([new[0][0], *([series.first] if series.first else [])])
    if series.last is None or new[-1][0] > series.last:
        series.last, series.value = new[-1]
    series.sent_by = by[:120]
    series.save()
    return len(new), same, faults, alerts


def _tell(series: Series, new: list[tuple[dt.datetime, float | None]]) -> int:
    """Raise and end alerts by new readings; readings that come late are taken in their order, from the beginning."""
    first = new[0][0]
    late = series.last is not None and first <= series.last
    late = late or series.alerts.filter(kind=SILENT, ended=None, withdrawn=False, time__gte=first).exists()
    rows: Iterable[Any] = series.readings.values_list("time", "value").iterator() if late else new
    series.states, events = live.follow({} if late else series.states, series.quantity, rows)
    if late:
        _withdraw(series, events)
    return sum(_happened(series, rule, event) for rule, event in events)


def _withdraw(series: Series, events: list[tuple[AlertRule, Event]]) -> None:
    """Take back the alerts that do not follow from the readings in their right order, and reopen the others' ends."""
    right = {(rule.id, event.kind, event.time.to_pydatetime()) for rule, event in events}
    for alert in series.alerts.filter(withdrawn=False):
        alert.withdrawn = (alert.rule, alert.kind, alert.time) not in right
        alert.ended = (alert.ended or alert.time) if alert.withdrawn else None
        alert.save(update_fields=["withdrawn", "ended"])


def _happened(series: Series, rule: AlertRule, event: Event) -> int:
    """Write what happened; return 1 for a new alert."""
    at = event.time.to_pydatetime()
    if event.kind not in (RAISED, SILENT):
        kind = RAISED if event.kind == "cleared" else SILENT
        series.alerts.filter(rule=rule.id, kind=kind, ended=None, time__lte=at).update(ended=at)
        return 0
    value = None if pd.isna(event.value) else event.value
    level = rule.level if event.kind == RAISED else "watch"
    told = {"level": level, "since": event.since.to_pydatetime(), "value": value}
    alert, made = Alert.objects.get_or_create(
        series=series, rule=rule.id, kind=event.kind, time=at, defaults=told
    )
    if alert.withdrawn:
        alert.withdrawn, alert.ended = False, None
        alert.save(update_fields=["withdrawn", "ended"])
    return int(made)


def listen(now: dt.datetime | None = None) -> int:
    """Tell which sensors have gone silent by now; return how many new alerts there are."""
    now = now or timezone.now()
    told = 0
    for pk in Series.objects.exclude(states={}).values_list("pk", flat=True):
        with transaction.atomic():
            series = Series.objects.select_for_update().get(pk=pk)
            if series.last is not None and series.last < now:
                series.states, events = live.follow(series.states, series.quantity, [(now, None)])
                told += sum(_happened(series, rule, event) for rule, event in events)
                series.save(update_fields=["states"])
    return told


def acknowledge(alert: Alert, by: User, done: str) -> None:
    """Say what was done about an alert; who and when is kept with it.

    Raises
    ------
    HutongError
        ``no-words``; ``acknowledged`` if somebody did so before.
    """
    if not done.strip():
        raise HutongError(
            "no-words",
            Text("请写明做了什么。", "Say what was done."),
            Text("例如：已派人抽水，10:20 水退。", "Such as: pumped out, dry by 10:20."),
        )
    changed = Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(
        acknowledged_by=by, acknowledged_at=timezone.now(), done=done.strip()[:500]
    )
    if not changed:
        raise HutongError(
            "acknowledged",
            Text("这条预警已经有人处理。", "Somebody has seen to this alert."),
            Text("处理情况写在预警页上。", "What was done stands on the page of alerts."),
        )
