"""Alerts on live series: a limit with hysteresis and duration, and silence.

One reading at a time (:func:`take`), so that a service can keep the state of each sensor; :func:`alerts` is the same
function run over a series. A silent sensor neither raises nor ends an alert: what is not seen is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from hutong.city.schema import read_yaml
from hutong.sense.measurements import Measurements
from hutong.text import Text


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A limit; ``when`` is above, below or never (silence alone). Empty months or hours: always."""

    id: str
    title: Text
    quantity: str
    when: str
    level: str
    silent_minutes: float
    raise_at: float = float("nan")
    clear_at: float = float("nan")
    hold_minutes: float = 0.0
    months: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    source: str = ""
    confidence: str = "U"

    def beyond(self, value: float) -> bool:
        """Whether a value is beyond the limit."""
        return (
            value > self.raise_at if self.when == "above" else self.when == "below" and value < self.raise_at
        )

    def back(self, value: float) -> bool:
        """Whether a value is back at or within the bound that ends an alert."""
        return value <= self.clear_at if self.when == "above" else value >= self.clear_at


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a sensor between readings: since when beyond the limit, and whether an alert is on."""

    last: pd.Timestamp | None = None
    beyond_since: pd.Timestamp | None = None
    on: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """``kind``: raised, cleared, silent or heard; ``time``: when it became so; ``since``: when it began."""

    kind: str
    time: pd.Timestamp
    since: pd.Timestamp
    value: float


@cache
def alert_rules() -> dict[str, AlertRule]:
    """Return the limits that come with Hutong (``alerts.yaml``)."""
    raw = read_yaml(files(__package__).joinpath("alerts.yaml").read_text("utf-8"))["rules"]
    made = {}
    for name, spec in raw.items():
        lists = {k: tuple(spec[k]) for k in ("months", "hours") if k in spec}
        made[name] = AlertRule(id=name, **{**spec, **lists, "title": Text.of(spec["title"])})
    return made


def take(
    state: State, rule: AlertRule, time: pd.Timestamp, value: float | None, zone: str = "Asia/Shanghai"
) -> tuple[State, list[Event]]:
    """Take one reading and return the new state and what happened.

    Parameters
    ----------
    time
        With a zone, later than the last one taken.
    value
        NaN or ``None``: the sensor spoke without a value, or the clock is merely moved on (silence is noticed).
    """
    events = []
    unheard = value is None or np.isnan(value)
    limit = pd.Timedelta(minutes=rule.silent_minutes)
    if state.last is None:
        state = replace(state, last=time)
    elif time - state.last > limit:
        if not state.silent:
            events.append(Event("silent", state.last + limit, state.last, float("nan")))
        # What was beyond the limit before the silence need not have been so throughout.
        state = replace(state, silent=True, beyond_since=state.beyond_since if state.on else None)
    if unheard:
        return state, events
    reading = float(value)  # type: ignore[arg-type]
    if state.silent:
        events.append(Event("heard", time, time, reading))
    state = replace(state, last=time, silent=False)
    if rule.when == "never":
        return state, events
    local = time.tz_convert(ZoneInfo(zone))
    applies = (not rule.months or local.month in rule.months) and (not rule.hours or local.hour in rule.hours)
    if state.on:
        if rule.back(reading) or not applies:
            events.append(Event("cleared", time, state.beyond_since or time, reading))
            state = replace(state, on=False, beyond_since=None)
        return state, events
    if not (applies and rule.beyond(reading)):
        return replace(state, beyond_since=None), events
    since = state.beyond_since or time
    state = replace(state, beyond_since=since)
    if time - since >= pd.Timedelta(minutes=rule.hold_minutes):
        events.append(Event("raised", time, since, reading))
        state = replace(state, on=True)
    return state, events


def alerts(
    series: pd.Series, rule: AlertRule, until: pd.Timestamp | None = None, zone: str = "Asia/Shanghai"
) -> list[Event]:
    """Return all that happens on a series by a rule, and by silence up to ``until``."""
    state, out = State(), []
    for time, value in zip(series.index, series.to_numpy(dtype=float), strict=True):
        state, events = take(state, rule, time, float(value), zone)
        out += events
    if until is not None and state.last is not None:
        out += take(state, rule, until, None, zone)[1]
    return out


def all_alerts(
    measurements: Measurements,
    rules: Iterable[AlertRule] | None = None,
    until: pd.Timestamp | None = None,
    zone: str = "Asia/Shanghai",
) -> pd.DataFrame:
    """Return the events of every series by every rule for its quantity, in order of time.

    Returns
    -------
    ``sensor_id``, ``quantity``, ``rule``, ``level``, ``kind``, ``time``, ``since``, ``value``.
    """
    held = list(alert_rules().values() if rules is None else rules)
    rows = []
    for (sensor, quantity), mine in measurements.table.groupby(["sensor_id", "quantity"], sort=True):
        series = pd.Series(mine["value"].to_numpy(), index=pd.DatetimeIndex(mine["time"]))
        for rule in held:
            if rule.quantity == quantity:
                rows += [
                    (sensor, quantity, rule.id, rule.level, e.kind, e.time, e.since, e.value)
                    for e in alerts(series, rule, until, zone)
                ]
    columns = ["sensor_id", "quantity", "rule", "level", "kind", "time", "since", "value"]
    return pd.DataFrame(rows, columns=columns).sort_values("time", kind="stable", ignore_index=True)
