from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense import checkup
from hutong.sense.compare import COMPARE_COLUMNS, VERDICTS, compare, tally_of
from hutong.sense.history import warnings, with_trends
from hutong.sense.trend import TREND_COLUMNS, fit, priority, ranked, trend_weights, trends


def at(table, indicator, scale="quarter"):
    rows = table[(table["indicator"] == indicator) & (table["scale"] == scale)]
    assert len(rows) == 1
    return rows.iloc[0]


def graded(*grades):
    return {"buildings": lambda t: t.assign(cond_structure=list(grades))}


def test_nothing_changed(quarter, rules):
    check = checkup(quarter, rules)
    table = compare(check, check)
    assert list(table.columns) == list(COMPARE_COLUMNS)
    assert len(table) == len(check.values)
    assert set(table["verdict"]) == {"same", "unknown"}
    assert (table["verdict"] == "unknown").equals(table["before"].isna())
    assert sum(tally_of(table).values()) == len(check.indicators)


def test_better_and_worse_and_same(rebuilt, rules):
    first = checkup(rebuilt(**graded(3.0, 2.0, 1.0, 4.0)), rules)
    last = checkup(rebuilt(**graded(1.0, 2.0, 1.0, 4.0)), rules)
    found = at(compare(first, last), "structure_hazard")
    assert (found["verdict"], found["data"]) == ("better", "same")
    assert found["before"] == pytest.approx(1 / 3)
    assert found["after"] == 0
    assert found["reason_en"] == "better: 33% → 0%"
    assert at(compare(last, first), "structure_hazard")["verdict"] == "worse"
    assert at(compare(first, last), "pipe_age")["verdict"] == "same"
    spaces = checkup(rebuilt(estates=lambda t: t.assign(parking_spaces=3.0)), rules)
    assert at(compare(first, spaces), "parking_spaces")["verdict"] == "better"  # higher is better
    assert at(compare(first, spaces), "parking_gap")["verdict"] == "better"  # lower is better


def test_more_observation_is_no_change_in_the_city(rebuilt, rules):
    assumed = checkup(rebuilt(origin="assumed", **graded(3.0, 2.0, 1.0, 4.0)), rules)
    observed = checkup(rebuilt(**graded(1.0, 2.0, 1.0, 4.0)), rules)
    found = at(compare(assumed, observed), "structure_hazard")
    assert (found["verdict"], found["data"]) == ("unknown", "more")
    assert "0% to 100%" in found["reason_en"]
    assert at(compare(observed, assumed), "structure_hazard")["data"] == "less"


def test_other_cases_known_is_no_change_in_the_city(rebuilt, rules):
    few = checkup(rebuilt(origin="assumed", **graded(3.0, None, None, None)), rules)
    more = checkup(rebuilt(origin="assumed", **graded(3.0, 1.0, 1.0, None)), rules)
    found = at(compare(few, more), "structure_hazard")
    assert (found["verdict"], found["data"]) == ("unknown", "other")
    none = checkup(rebuilt(**graded(None, None, None, None)), rules)
    assert at(compare(none, more), "structure_hazard")["reason_en"] == "unknown before: no data"
    assert at(compare(more, none), "structure_hazard")["reason_zh"].startswith("后一次未知")


def test_what_is_in_one_snapshot_alone(rebuilt, street, rules):
    other = rebuilt(
        estates=lambda t: t.assign(estate_id="e2"),
        plots=lambda t: t.assign(estate_id=["e2", None]),
    )
    table = compare(checkup(street, rules), checkup(other, rules))
    rows = table[(table["indicator"] == "unmanaged") & (table["scale"] == "estate")]
    assert set(rows["reason_en"]) == {"only in the earlier snapshot", "only in the later snapshot"}
    assert at(table, "unmanaged")["verdict"] == "same"
    renamed = replace(other, meta=replace(other.meta, name="another"))
    assert at(compare(checkup(street, rules), checkup(renamed, rules)), "unmanaged")["verdict"] == "same"


def test_another_definition_is_not_compared(street, rules):
    check = checkup(street, rules)
    changed = tuple(
        replace(i, compute={"share": {}}) if i.id == "pipe_age" else i
        for i in check.indicators
        if i.id != "dangerous"
    )
    table = compare(check, replace(check, indicators=changed))
    assert at(table, "pipe_age")["reason_en"] == "the definition is not the same in both"
    assert at(table, "dangerous")["reason_en"] == "the indicator is in one of the two checkups only"
    assert set(table["verdict"]) <= set(VERDICTS)


def series(rebuilt, rules, managed, origin="observed"):
    """Checkups of years in which so many of the staircases' pipes are old: years of the risers per year."""
    out = []
    for k, years in enumerate(managed):
        city = rebuilt(origin=origin, buildings=lambda t, y=years: t.assign(pipe_year=list(y)))
        out.append((f"{2023 + k}-01-01", checkup(city, rules)))
    return out


@given(
    st.lists(st.integers(0, 3650), min_size=3, max_size=8, unique=True),
    st.lists(st.floats(-5, 5), min_size=8, max_size=8),
)
def test_the_line_is_that_of_least_squares(days, values):
    years = np.sort(np.array(days)) / 365.25
    y = np.array(values[: len(years)])
    line = fit(years, y)
    slope, intercept = np.polyfit(years, y, 1)
    assert line.slope == pytest.approx(slope, abs=1e-6 * max(1, abs(slope)))
    assert line.last == pytest.approx(intercept + slope * years[-1], abs=1e-6 * max(1, abs(slope)))
    assert line.error >= 0


def parks(rebuilt, rules, shares):
    """Checkups whose clinic coverage is set by hand, all else being the same."""
    check = checkup(rebuilt(), rules)
    out = []
    for k, share in enumerate(shares):
        values = check.values.copy()
        values.loc[(values["indicator"] == "reach_clinic") & (values["scale"] == "quarter"), "value"] = share
        out.append((f"{2023 + k}-01-01", replace(check, values=values)))
    return out


def test_a_warning_before_the_standard_is_missed(rebuilt, rules):
    table = trends(parks(rebuilt, rules, [0.98, 0.96, 0.94]))
    assert list(table.columns) == list(TREND_COLUMNS)
    found = at(table, "reach_clinic")
    assert found["warning"]
    assert found["slope_per_year"] == pytest.approx(-0.02, rel=2e-3)
    assert found["years_to_standard"] == pytest.approx(2.0, rel=2e-3)
    assert found["crossing"].startswith(("2026-12", "2027-01"))
    assert "crosses the standard of 90%" in found["reason_en"]
    assert found["error_per_year"] == pytest.approx(0, abs=1e-4)
    assert found["in_three_years"] == pytest.approx(0.88, abs=1e-3)


@pytest.mark.parametrize(
    "shares",
    [
        [0.94, 0.96, 0.98],  # getting better
        [0.99, 0.985, 0.98],  # in sixteen years
        [0.80, 0.75, 0.70],  # missed already: a finding, not a warning
        [0.95, 0.95, 0.95],
    ],
)
def test_no_warning(rebuilt, rules, shares):
    assert not at(trends(parks(rebuilt, rules, shares)), "reach_clinic")["warning"]


def test_what_is_no_trend(rebuilt, rules):
    checks = parks(rebuilt, rules, [0.98, 0.96, 0.94])
    with pytest.raises(HutongError) as caught:
        trends(checks[:2])
    assert caught.value.code == "too-few-snapshots"
    with pytest.raises(HutongError) as caught:
        trends([checks[1], checks[0], checks[2]])
    assert caught.value.code == "unordered-snapshots"
    day, first = checks[0]
    less = first.values.copy()
    less.loc[less["indicator"] == "reach_clinic", "coverage"] = 0.2
    table = trends([(day, replace(first, values=less)), *checks[1:]])
    assert table[(table["indicator"] == "reach_clinic") & (table["scale"] == "quarter")].empty
    assert not table.empty
    last = replace(
        checks[2][1],
        indicators=tuple(
            replace(i, compute={"share": {}}) if i.id == "reach_clinic" else i
            for i in checks[2][1].indicators
        ),
    )
    changed = trends([*checks[:2], (checks[2][0], last)])
    assert changed[changed["indicator"] == "reach_clinic"].empty


def test_ranking_by_severity_people_and_trend(street, rules):
    check = checkup(street, rules)
    assert ranked(check.findings) == check.findings
    low, first = check.findings[-1], check.findings[0]
    assert priority(low) == low.severity * (0 if np.isnan(low.people) else low.people)
    assert ranked([replace(first, trend_weight=0.0), *check.findings[1:]])[0] != first


def test_a_checkup_with_a_past_is_ranked_by_its_trends(rebuilt, rules):
    """Between two equal findings, the one that gets worse comes first and the one that mends itself last."""
    checks = parks(rebuilt, rules, [0.7, 0.6, 0.5])
    past = with_trends(checks)
    assert len(past.trends)
    known = {(r["indicator"], r["scale"], r["place_id"]) for r in past.trends.to_dict("records")}
    weights = trend_weights(past.trends, past.indicators)
    assert past.findings == ranked(past.findings)
    assert {f.indicator for f in past.findings} == {f.indicator for f in checks[-1][1].findings}
    moved = [f for f in past.findings if (f.indicator, f.scale, f.place_id) in known]
    assert moved
    assert all(f.trend_weight == weights[f.indicator, f.scale, f.place_id] and f.trend.en for f in moved)
    plain = checks[-1][1]
    assert not len(warnings(plain))
    assert all(f.trend_weight == 1 and not f.trend.zh for f in plain.findings)


def test_what_will_miss_its_standard_is_warned_of(rebuilt, rules):
    soon = warnings(with_trends(parks(rebuilt, rules, [0.98, 0.96, 0.94])))
    assert soon["warning"].all()
    assert "reach_clinic" in set(soon["indicator"])
    assert soon["years_to_standard"].is_monotonic_increasing


def test_what_gets_worse_weighs_more(rebuilt, rules):
    def weight(shares):
        checks = parks(rebuilt, rules, shares)
        key = ("reach_clinic", "quarter", "quarter")
        return trend_weights(trends(checks), checks[-1][1].indicators)[key]

    assert weight([0.6, 0.6, 0.6]) == pytest.approx(1)
    assert weight([0.7, 0.6, 0.5]) == pytest.approx(1 + 0.3 / 0.9, rel=1e-2)
    assert weight([0.9, 0.5, 0.1]) == 2.0
    assert weight([0.1, 0.5, 0.9]) == 0.5


def test_totals_have_trends_too(rebuilt, rules):
    days = ("2023-01-01", "2024-01-01", "2025-01-01")
    checks = [
        (day, checkup(rebuilt(estates=lambda t, s=s: t.assign(parking_spaces=s)), rules))
        for day, s in zip(days, (9.0, 6.0, 3.0), strict=True)
    ]
    found = at(trends(checks), "parking_spaces")
    assert found["value"] == 1.0  # three spaces for three dwellings: just enough
    assert found["warning"]
    assert isinstance(trends(checks), pd.DataFrame)
