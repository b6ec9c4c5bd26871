"""Trends over dated checkups: which standard will be missed within three years if things go on as they do.

A line is fitted by least squares to the values of at least three snapshots that rest on the same data. What is observed
more or less than in the last one is left out: a change in coverage is no trend.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from hutong.errors import HutongError
from hutong.sense.compare import SLACK
from hutong.sense.results import Checkup, Finding, Indicator
from hutong.sense.wording import difference, quantity
from hutong.text import Text

#: A line through fewer snapshots is no trend.
FEWEST = 3
HORIZON_YEARS = 3.0
DAYS_PER_YEAR = 365.25
#: A trend weighs a finding at least half and at most double (conventions of this software).
LEAST_WEIGHT, MOST_WEIGHT = 0.5, 2.0
TREND_COLUMNS = (
    "indicator", "scale", "place_id", "place_name", "n", "first", "last", "value", "standard", "slope_per_year", "error_per_year",
    "in_three_years", "years_to_standard", "crossing", "warning", "reason_zh", "reason_en",
)  # fmt: skip
_KEY = ["indicator", "scale", "place_id"]


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line: the value at the last snapshot, its change per year and the standard error of that (NaN: exact)."""

    last: float
    slope: float
    error: float


def fit(years: np.ndarray, values: np.ndarray) -> Line:
    """Return the least-squares line through values at times in years, told from the last time."""
    x = np.asarray(years, np.float64) - float(years[-1])
    y = np.asarray(values, np.float64)
    spread = x - x.mean()
    slope = float(spread @ y / (spread @ spread))
    last = float(y.mean() - slope * x.mean())
    rest = y - last - slope * x
    error = math.sqrt(float(rest @ rest) / (len(x) - 2) / float(spread @ spread)) if len(x) > 2 else math.nan
    return Line(last, slope, error)


def trends(checks: Sequence[tuple[str, Checkup]], horizon_years: float = HORIZON_YEARS) -> pd.DataFrame:
    """Return the trend of every indicator and place that is known often enough (``TREND_COLUMNS``).

    ``warning`` is set where the last value meets the standard and the line misses it within the horizon.

    Parameters
    ----------
    checks
        Days (ISO) and checkups, in order of time, all by the same rules.

    Raises
    ------
    HutongError
        ``too-few-snapshots`` for fewer than three; ``unordered-snapshots`` if a day is not after the one before.
    """
    days = [dt.date.fromisoformat(day) for day, _ in checks]
    if len(days) < FEWEST:
        raise HutongError(
            "too-few-snapshots",
            Text(f"只有 {len(days)} 个快照，不成趋势。", f"{len(days)} snapshots are no trend."),
            Text(
                f"请给出至少 {FEWEST} 个不同日期的快照。",
                f"Give at least {FEWEST} snapshots of different days.",
            ),
        )
    if any(b <= a for a, b in pairwise(days)):
        raise HutongError(
            "unordered-snapshots",
            Text("快照没有按日期先后排列，或日期重复。", "The snapshots are not in order of their days."),
            Text("请按日期先后给出，每个日期一个。", "Give them in order of time, one for each day."),
        )
    years = np.array([(d - days[0]).days / DAYS_PER_YEAR for d in days])
    parts = []
    for at, (_, check) in enumerate(checks):
        rows = check.values.copy()
        rows.loc[rows["scale"] == "quarter", "place_id"] = "quarter"
        parts.append(rows.assign(year=years[at], at=at))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["value"].notna()]
    indicators = {i.id: i for i in checks[-1][1].indicators}
    same = {i: all(_same(i, check, indicators[i]) for _, check in checks) for i in indicators}
    out = []
    for key, group in rows.groupby(_KEY, sort=False):
        indicator = indicators.get(str(key[0]))
        last = group.iloc[-1]
        if indicator is None or not same[indicator.id] or last["at"] != len(checks) - 1:
            continue
        alike = group[(group["coverage"] - last["coverage"]).abs() <= SLACK]
        if len(alike) >= FEWEST:
            out.append(_trend(indicator, alike, days, horizon_years))
    return pd.DataFrame(out, columns=list(TREND_COLUMNS))


def _same(name: str, check: Checkup, indicator: Indicator) -> bool:
    """Return whether a checkup defines an indicator alike."""
    return all(i.compute == indicator.compute for i in check.indicators if i.id == name)


def _trend(indicator: Indicator, rows: pd.DataFrame, days: Sequence[dt.date], horizon: float) -> dict:
    line = fit(rows["year"].to_numpy(np.float64), rows["value"].to_numpy(np.float64))
    value, standard = float(rows["value"].iloc[-1]), indicator.standard
    years, warning = math.inf, False
    if standard is not None:
        better = 1.0 if indicator.direction == "higher" else -1.0
        meets = better * value >= better * standard - 1e-12
        worsening = better * line.slope < -1e-12
        if meets and worsening:
            years = max(0.0, (standard - line.last) / line.slope)
            warning = years <= horizon
    crossing = ""
    if math.isfinite(years) and years < 200:
        crossing = (days[-1] + dt.timedelta(days=years * DAYS_PER_YEAR)).isoformat()
    told = _told(indicator, value, line, years, len(rows), warning)
    return {
        "indicator": indicator.id,
        "scale": rows["scale"].iloc[-1],
        "place_id": rows["place_id"].iloc[-1],
        "place_name": rows["place_name"].iloc[-1],
        "n": len(rows),
        "first": days[int(rows["at"].iloc[0])].isoformat(),
        "last": days[-1].isoformat(),
        "value": value,
        "standard": math.nan if standard is None else float(standard),
        "slope_per_year": line.slope,
        "error_per_year": line.error,
        "in_three_years": _possible(indicator, line.last + horizon * line.slope),
        "years_to_standard": years,
        "crossing": crossing,
        "warning": warning,
        "reason_zh": told.zh,
        "reason_en": told.en,
    }


def _possible(indicator: Indicator, value: float) -> float:
    """Return a value within what can be: no less than 0, shares no more than 1."""
    return min(max(value, 0.0), 1.0) if indicator.unit == "ratio" else max(value, 0.0)


def _told(indicator: Indicator, value: float, line: Line, years: float, n: int, warning: bool) -> Text:
    now = quantity(value, indicator.unit)
    if abs(line.slope) < 1e-9 * max(1.0, abs(value)):
        return Text(f"现为 {now.zh}，{n} 次快照没有变化", f"{now.en} now, and no change over {n} snapshots")
    change = difference(line.slope, indicator.unit)
    up = line.slope > 0
    way = Text("上升" if up else "下降", "rises" if up else "falls")
    told = Text(
        f"现为 {now.zh}，按 {n} 次快照每年{way.zh} {change.zh}",
        f"{now.en} now; over {n} snapshots it {way.en} by {change.en} a year",
    )
    if not warning or indicator.standard is None:
        return told
    limit = quantity(indicator.standard, indicator.unit)
    return Text(
        f"{told.zh}，照此约 {years:.1f} 年后将越过标准 {limit.zh}",
        f"{told.en}; so it crosses the standard of {limit.en} in about {years:.1f} years",
    )


def trend_weights(table: pd.DataFrame, indicators: Sequence[Indicator]) -> dict[tuple[str, str, str], float]:
    """Return how much a trend weighs a finding, by indicator, scale and place.

    1 + what is lost in three years over the way from the standard to the worst, between 0.5 and 2: what gets worse weighs
    more, what mends itself less.
    """
    known = {i.id: i for i in indicators}
    out = {}
    for row in table.to_dict("records"):
        indicator = known[row["indicator"]]
        way = abs(indicator.worst - (indicator.standard or 0.0))
        worse = row["slope_per_year"] * (-1.0 if indicator.direction == "higher" else 1.0)
        weight = 1.0 + HORIZON_YEARS * worse / way if way > 0 else 1.0
        out[row["indicator"], row["scale"], row["place_id"]] = min(max(weight, LEAST_WEIGHT), MOST_WEIGHT)
    return out


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity × people × trend, the gravest first; of equal ones the order given stays."""
    return tuple(sorted(findings, key=lambda f: -priority(f)))


def priority(finding: Finding) -> float:
    """Return severity × people × trend of a finding; unknown people count 0, no trend counts 1."""
    people = 0.0 if math.isnan(finding.people) else finding.people
    return finding.severity * people * finding.trend_weight
