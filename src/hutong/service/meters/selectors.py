"""Reading sensors, series and alerts; nobody sees what lies outside the places where they hold a role for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.urls import reverse

from hutong.sense.measurements import COLUMNS, Measurements
from hutong.service.meters.models import SILENT, Alert, Reading, Sensor, Series
from hutong.service.meters.policies import SEES, SENDS
from hutong.service.places.models import Place
from hutong.service.places.selectors import chain
from hutong.service.web.stage import DeskItem
from hutong.text import Text


def _inside(viewer: Any, field: str, roles: tuple[str, ...] = SEES) -> Q:
    seen = Q(pk=None)
    for role, path in getattr(viewer, "held", ()):
        if role in roles:
            seen |= Q(**{f"{field}__path__startswith": path})
    return seen


def visible(viewer: Any) -> QuerySet[Series]:
    """Return the series that a reader may see."""
    return Series.objects.filter(_inside(viewer, "sensor__place")).select_related("sensor__place__parent")


def sensors(viewer: Any, roles: tuple[str, ...] = SEES) -> QuerySet[Sensor]:
    """Return the sensors at the places where a person holds one of these roles."""
    return Sensor.objects.filter(_inside(viewer, "place", roles)).select_related("place")


def series(pk: int) -> Series:
    """Return a series, or raise ``Http404``."""
    found = Series.objects.select_related("sensor__place", "sensor__quarter").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def alert(pk: int) -> Alert:
    """Return an alert, or raise ``Http404``."""
    found = Alert.objects.select_related("series__sensor__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def alerts(viewer: Any) -> QuerySet[Alert]:
    """Return the alerts that a reader may see, the newest first."""
    rows = Alert.objects.filter(_inside(viewer, "series__sensor__place"))
    return rows.select_related("series__sensor__place__parent", "acknowledged_by")


def open_alerts(viewer: Any) -> QuerySet[Alert]:
    """Return the alerts that wait for somebody, what still holds first; a sensor that spoke again needs nobody."""
    rows = alerts(viewer).filter(acknowledged_at=None, withdrawn=False)
    return rows.exclude(kind=SILENT, ended__isnull=False).order_by(F("ended").desc(nulls_first=True), "-time")


def waiting_items(user: Any) -> list[DeskItem]:
    """Return the open alerts at the places where a person may see to them, for the desk."""
    rows = open_alerts(user).filter(_inside(user, "series__sensor__place", SENDS))
    return [
        DeskItem(
            stage=Text("监测", "Sensors"),
            what=Text(
                f"{a.limit.title.zh} · {a.series.sensor.code}", f"{a.limit.title.en} · {a.series.sensor.code}"
            ),
            where=a.place.title,
            url=reverse("meter_series", args=[a.series_id]),
            since=a.since,
            status="alarm" if a.level == "alarm" else "watch",
        )
        for a in rows
    ]


def of_place(viewer: Any, place: Place) -> tuple[list[Series], list[Alert]]:
    """Return the series and open alerts at a place, as far as the reader may see them."""
    here = list(visible(viewer).filter(sensor__place=place))
    return here, list(open_alerts(viewer).filter(series__sensor__place=place)) if here else []


def quarter_of(place: Place) -> Place | None:
    """Return the quarter that a place is or lies in."""
    return next((p for p in chain(place) if p.kind == "quarter"), None)


def readings(
    of: Series, since: dt.datetime | None = None, until: dt.datetime | None = None
) -> QuerySet[Reading]:
    """Return the readings of a series in order of time, from ``since`` to before ``until``."""
    rows = of.readings.all()
    rows = rows if since is None else rows.filter(time__gte=since)
    return rows if until is None else rows.filter(time__lt=until)


def measurements(*of: Series) -> Measurements:
    """Return whole series as :mod:`hutong.sense` takes them."""
    tables = []
    for one in of:
        rows = one.readings.values_list("time", "value")
        table = pd.DataFrame.from_records(list(rows), columns=["time", "value"])
        tables.append(table.assign(sensor_id=one.sensor.code, quantity=one.quantity)[list(COLUMNS)])
    table = pd.concat(tables, ignore_index=True)
    table["time"] = pd.to_datetime(table["time"], utc=True)
    table["value"] = table["value"].astype(float)
    return Measurements(table.sort_values(list(COLUMNS[:3]), ignore_index=True))


def outdoors(quarter: Place) -> list[Series]:
    """Return the series of outdoor temperature in a quarter, the longest first."""
    return list(
        Series.objects.filter(sensor__quarter=quarter, quantity="outdoor_temperature")
        .select_related("sensor")
        .order_by("-count")
    )
