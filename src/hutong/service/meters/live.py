"""A rule's memory of a series as JSON, and what happens when readings come: the events that :mod:`hutong.sense` tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from hutong.sense.series_alerts import AlertRule, Event, State, alert_rules, take


def rules_for(quantity: str) -> list[AlertRule]:
    """Return the rules on a quantity."""
    return [rule for rule in alert_rules().values() if rule.quantity == quantity]


def state_of(kept: dict[str, Any] | None) -> State:
    """Return a rule's memory from what was kept of it."""
    if not kept:
        return State()
    times = {
        name: None if kept[name] is None else pd.Timestamp(kept[name]) for name in ("last", "beyond_since")
    }
    return State(**times, on=kept["on"], silent=kept["silent"])


def kept_of(state: State) -> dict[str, Any]:
    """Return a rule's memory as JSON."""
    times = {
        name: None if (at := getattr(state, name)) is None else at.isoformat()
        for name in ("last", "beyond_since")
    }
    return {**times, "on": state.on, "silent": state.silent}


def follow(
    states: dict[str, Any], quantity: str, readings: Iterable[tuple[Any, float | None]]
) -> tuple[dict[str, Any], list[tuple[AlertRule, Event]]]:
    """Take readings in order of time by every rule on their quantity; return the new memory and what happened."""
    rows = [(pd.Timestamp(time), value) for time, value in readings]
    after, told = dict(states), []
    for rule in rules_for(quantity):
        state = state_of(states.get(rule.id))
        for time, value in rows:
            state, events = take(state, rule, time, value)
            told += [(rule, event) for event in events]
        after[rule.id] = kept_of(state)
    return after, told
