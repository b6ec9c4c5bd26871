"""The API of meters: a gateway sends readings; who looks after a building reads its series and alerts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from hutong.sense.measurements import from_records
from hutong.service.meters import selectors, services
from hutong.service.meters.policies import SENDS
from hutong.service.web.rest import (
    WRITABLE,
    Both,
    Key,
    Listed,
    Moment,
    PageNumber,
    PageSize,
    both,
    listed,
    route,
)
from hutong.text import Text

router = Router()
Word = Annotated[str, Field(max_length=80, pattern=WRITABLE)]


class ReadingIn(Schema):
    """A reading: what, when (year first, with a zone or in that of the body), how much and in which unit."""

    sensor_id: Word
    quantity: Word
    time: Word
    value: float | None = Field(description="null: the sensor spoke without a value")
    unit: Word | None = None


class ReadingsIn(Schema):
    """Readings in any order; one that was sent before is known and counts once."""

    readings: list[ReadingIn] = Field(min_length=1, max_length=10_000)
    zone: Word | None = Field(
        default=None, description="zone of times that state none, such as Asia/Shanghai"
    )
    units: dict[str, Word] = Field(default={}, description="quantity -> unit, where a reading states none")
    leave_out_broken: bool = False


class TakenOut(Schema):
    """What came of it."""

    stored: int
    repeated: int
    left_out: list[str]
    alerts: int


class SeriesOut(Schema):
    """What a sensor says of a quantity."""

    id: int
    sensor_id: str
    place: str
    quantity: str
    title: Both
    unit: str
    count: int
    first: dt.datetime | None
    last: dt.datetime | None
    value: float | None


class ReadingOut(Schema):
    """A reading in the unit of its series."""

    time: dt.datetime
    value: float | None


class AlertOut(Schema):
    """A limit passed or a sensor gone silent, and what was done."""

    id: int
    series: int
    sensor_id: str
    place: str
    rule: str
    title: Both
    source: str
    kind: Literal["raised", "silent"]
    level: str
    since: dt.datetime
    time: dt.datetime
    value: float | None
    ended: dt.datetime | None
    acknowledged: dt.datetime | None
    done: str


def _series(pk: Key) -> Any:
    return selectors.series(pk)


def _out(s: Any) -> dict[str, Any]:
    return {
        "id": s.pk, "sensor_id": s.sensor.code, "place": s.place.path, "quantity": s.quantity,
        "title": both(s.kind.title), "unit": s.kind.unit, "count": s.count, "first": s.first, "last": s.last,
        "value": s.value,
    }  # fmt: skip


def _alert(a: Any) -> dict[str, Any]:
    return {
        "id": a.pk, "series": a.series_id, "sensor_id": a.series.sensor.code, "place": a.place.path, "rule": a.rule,
        "title": both(a.limit.title), "source": a.limit.source, "kind": a.kind, "level": a.level, "since": a.since,
        "time": a.time, "value": a.value, "ended": a.ended, "acknowledged": a.acknowledged_at, "done": a.done,
    }  # fmt: skip


@route(
    router,
    "/meters/readings",
    "api_readings_send",
    Text("上报读数（同一条报两次只算一次）", "Send readings (one sent twice counts once)"),
    TakenOut,
    "meters.send",
    method="POST",
)
def send(request: HttpRequest, body: ReadingsIn) -> Any:
    """Take readings of the sensors that are registered at the sender's places: all, or none and why."""
    records = [r.dict() for r in body.readings]
    sent = from_records(records, zone=body.zone, units=body.units, leave_out_broken=body.leave_out_broken)
    known = selectors.sensors(request.user, SENDS)
    return services.take_in(sent, list(known), request.user.get_full_name(), body.leave_out_broken).__dict__


@route(router, "/meters/series", "api_series", Text("读数序列", "Series"), Listed[SeriesOut], "meters.see")
def all_series(request: HttpRequest, page: PageNumber = 1, size: PageSize = 100) -> Any:
    """List the series at the reader's places with their last reading."""
    return listed(selectors.visible(request.user), page, size, _out)


@route(
    router,
    "/meters/series/{pk}/readings",
    "api_readings",
    Text("一个序列的读数", "Readings of a series"),
    Listed[ReadingOut],
    "meters.see",
    _series,
)
def readings(
    request: HttpRequest,
    found: Any,
    since: Moment | None = None,
    until: Moment | None = None,
    page: PageNumber = 1,
    size: PageSize = 500,
) -> Any:
    """List readings in order of time, from ``since`` to before ``until`` (UTC unless they state a zone)."""
    rows = selectors.readings(found, since, until)
    return listed(rows, page, size, lambda r: {"time": r.time, "value": r.value})


@route(router, "/meters/alerts", "api_alerts", Text("预警", "Alerts"), Listed[AlertOut], "meters.see")
def alerts(request: HttpRequest, open: bool = False, page: PageNumber = 1, size: PageSize = 100) -> Any:  # noqa: A002
    """List the alerts at the reader's places, the newest first; ``open``: only those that nobody has seen to."""
    rows = selectors.open_alerts(request.user) if open else selectors.alerts(request.user)
    return listed(rows, page, size, _alert)
