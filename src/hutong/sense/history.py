"""The checkup with its past: findings ranked by severity × people × trend, and what will miss its standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from hutong.city import City
from hutong.rules import Rules
from hutong.sense.checkup import checkup
from hutong.sense.results import Checkup, Finding
from hutong.sense.trend import ranked, trend_weights, trends
from hutong.text import Text


def checkup_over(cities: Sequence[City], rules: Rules, own: Path | None = None) -> Checkup:
    """Check the last of some snapshots of a place, by the trend of them all.

    Parameters
    ----------
    cities
        In order of time; one alone has no trend and is simply checked.
    rules, own
        As for :func:`~hutong.sense.checkup.checkup`; they hold for every snapshot.

    Raises
    ------
    HutongError
        As :func:`~hutong.sense.trend.trends`: two snapshots are no trend, and days must follow each other.
    """
    checks = [(city.meta.date, checkup(city, rules, own)) for city in cities]
    return checks[0][1] if len(checks) == 1 else with_trends(checks)


def with_trends(checks: Sequence[tuple[str, Checkup]]) -> Checkup:
    """Return the last of some dated checkups with the trends over all, its findings weighed and ranked by them."""
    last, table = checks[-1][1], trends(checks)
    weights = trend_weights(table, last.indicators)
    told = {
        (row["indicator"], row["scale"], row["place_id"]): Text(row["reason_zh"], row["reason_en"])
        for row in table.to_dict("records")
    }

    def weighed(finding: Finding) -> Finding:
        key = (finding.indicator, finding.scale, finding.place_id)
        if key not in told:
            return finding
        return replace(finding, trend=told[key], trend_weight=weights[key])

    return replace(last, findings=ranked(map(weighed, last.findings)), trends=table)


def warnings(check: Checkup) -> pd.DataFrame:
    """Return the trends that will cross their standard within the horizon, the soonest first (none without a past)."""
    table = check.trends
    return table[table["warning"]].sort_values("years_to_standard", kind="stable") if len(table) else table
