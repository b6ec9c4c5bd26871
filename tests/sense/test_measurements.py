"""Series: zones, units, repeats and gaps checked; nothing invented; alerts; weather."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.city import schema
from hutong.errors import HutongError
from hutong.sense.measurements import from_records, gaps, quantities, read_measurements, regularise
from hutong.sense.series_alerts import AlertRule, State, alert_rules, alerts, all_alerts, take
from hutong.sense.weather import beside_estimate, degree_days, fit_weather
from hutong.text import Text


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "series.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_chinese_csv_comes_out_in_one_unit_and_in_utc(tmp_path: Path) -> None:
    text = "表号,测量项,采集时间,读数,单位\nH1,热表,2024-01-01 00:00,1,MWh\nH1,热表,2024年1月2日 00：00,7.2,GJ\nT1,室温,2024-01-01T00:00:00Z,18.5,℃\n"
    read = read_measurements(written(tmp_path, text, "gbk"), zone="Asia/Shanghai")
    heat = read.series("H1", "heat_register")
    assert heat.tolist() == [pytest.approx(3.6), 7.2]
    assert heat.index[0] == pd.Timestamp("2023-12-31 16:00", tz="UTC")
    assert read.series("T1", "indoor_temperature").index[0] == pd.Timestamp("2024-01-01", tz="UTC")
    assert list(read.table.columns) == list(schema().tables["measurements"].columns)


def test_every_broken_row_is_named(tmp_path: Path) -> None:
    rows = {
        2: ("a,electricity,2024-01-01 00:00:00,1,kWh", "states no time zone"),
        3: ("a,electricity,01/02/2024 00:00+08:00,1,kWh", "year first"),
        4: ("a,electricity,2024-01-01T01:00:00+08:00,eins,kWh", "must be a number"),
        5: ("a,electricity,2024-01-01T02:00:00+08:00,1,GJ", "unit does not fit"),
        6: ("a,magic,2024-01-01T03:00:00+08:00,1,kWh", "quantity must be one of"),
        7: ("a,electricity,2024-01-01T04:00:00+08:00,-1,kWh", "beyond what"),
        8: ("a,electricity,2024-01-01T05:00:00+08:00,1,kWh", "two values"),
        9: ("a,electricity,2024-01-01T05:00:00+08:00,2,kWh", "two values"),
        10: ("a,electricity,2024-01-01T06:00:00+08:00,1,", "unit is not stated"),
        11: (",electricity,2024-01-01T07:00:00+08:00,1,kWh", "sensor is missing"),
        12: ("a,electricity,,1,kWh", "time is missing"),
        13: ("a,electricity,2024-02-30T07:00:00+08:00,1,kWh", "year first"),
    }
    good = (
        "a,electricity,2024-01-01T08:00:00+08:00,5,kWh\n" * 2
        + "a,electricity,2024-01-01T09:00:00+08:00,,kWh\n"
    )
    text = "sensor_id,quantity,time,value,unit\n" + "\n".join(r for r, _ in rows.values()) + "\n" + good
    with pytest.raises(HutongError) as caught:
        read_measurements(written(tmp_path, text))
    assert caught.value.code == "invalid-data"
    assert len(caught.value.rows) == len(rows)
    for line, (number, (_, why)) in zip(caught.value.rows, rows.items(), strict=True):
        assert line.startswith(f"series.csv row {number}:")
        assert why in line
    kept = read_measurements(written(tmp_path, text), leave_out_broken=True)
    assert kept.table["value"].tolist()[0] == 5
    assert np.isnan(kept.table["value"].tolist()[1])
    assert kept.repeated == 1
    assert kept.left_out == caught.value.rows
    with pytest.raises(HutongError, match="lacks time"):
        read_measurements(written(tmp_path, "sensor_id,quantity,value\na,co2,1\n"))


def test_an_hour_that_does_not_exist_or_exists_twice_is_an_error() -> None:
    one = {"sensor_id": "a", "quantity": "co2", "value": 500, "unit": "ppm"}
    spring = [{**one, "time": "2024-03-31 02:30:00"}, {**one, "time": "2024-10-27 02:30:00"}]
    with pytest.raises(HutongError) as caught:
        from_records(spring, zone="Europe/Berlin")
    assert ["clock change" in r for r in caught.value.rows] == [True, True]
    assert len(from_records(spring, zone="Asia/Shanghai").table) == 2
    with pytest.raises(HutongError, match="not a time zone"):
        from_records(spring, zone="Nowhere/At_All")


def test_records_may_state_their_unit_once_and_carry_times() -> None:
    records = [
        {"sensor_id": 7, "quantity": "water_level", "time": pd.Timestamp("2024-05-01", tz="UTC"), "value": 12}
    ]
    assert from_records(records, units={"water_level": "cm"}).table["value"].tolist() == [pytest.approx(0.12)]
    with pytest.raises(HutongError, match="There is no co2"):
        from_records(records, units={"water_level": "cm"}).series("7", "co2")


def test_every_quantity_holds_its_own_unit() -> None:
    for quantity in quantities().values():
        assert quantity.units[quantity.unit] == 1
        assert quantity.min < quantity.max


def hourly(values: list[float], quantity: str, unit: str, start: str = "2024-01-01T00:00:00+00:00"):  # type: ignore[no-untyped-def]
    times = pd.date_range(start, periods=len(values), freq="h")
    return from_records(
        [
            {"sensor_id": "s", "quantity": quantity, "time": t, "value": v, "unit": unit}
            for t, v in zip(times, values, strict=True)
            if v is not None
        ]
    )


def test_gaps_are_counted_and_stay_unknown() -> None:
    values = [20.0] * 72
    for hour in range(24, 40):
        values[hour] = None  # type: ignore[call-overload]
    read = hourly(values, "indoor_temperature", "℃")
    found = gaps(read)
    assert found["missing"].tolist() == [16]
    day = regularise(read.series("s", "indoor_temperature"), "indoor_temperature", "1D")
    assert day.isna().tolist() == [False, True, False]
    hour = regularise(read.series("s", "indoor_temperature"), "indoor_temperature", "1h")
    assert int(hour.isna().sum()) == 16
    assert set(hour.dropna()) == {20.0}


def test_an_amount_is_known_only_if_every_interval_is() -> None:
    values: list[float] = [1.0] * 24 + [2.0] * 24
    read = hourly(values, "electricity", "kWh", "2024-01-01T01:00:00+00:00")  # stamped at the end
    series = read.series("s", "electricity")
    assert regularise(series, "electricity", "1D").tolist() == [24.0, 48.0]
    assert regularise(series.drop(series.index[30]), "electricity", "1D").tolist()[0] == 24.0
    assert np.isnan(regularise(series.drop(series.index[30]), "electricity", "1D").tolist()[1])
    begun = regularise(series, "electricity", "1D", stamped="start")
    assert np.isnan(begun.iloc[0])  # its first hour is missing then
    shanghai = regularise(series, "electricity", "1D", zone="Asia/Shanghai")
    assert shanghai.isna().tolist() == [True, False, True]
    assert shanghai.index[1].hour == 0


def test_a_register_gives_differences_and_says_nothing_across_a_change_of_meter() -> None:
    values: list[float] = list(np.arange(0.0, 97.0))
    read = hourly(values, "heat_register", "GJ").series("s", "heat_register")
    assert regularise(read, "heat_register", "1D").tolist() == [24.0] * 4
    changed = read.copy()
    changed.iloc[30:] = (
        changed.iloc[30:] - 29
    )  # a new meter that later reads more than the old did at the edge
    assert regularise(changed, "heat_register", "1D").isna().tolist() == [False, True, False, False]
    far = read.drop(read.index[46:51])
    assert regularise(far, "heat_register", "1D").isna().tolist() == [False, True, True, False]
    assert regularise(read.iloc[:0], "heat_register").empty


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 30)), min_size=30, max_size=80))
def test_nothing_is_invented(values: list[float | None]) -> None:
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return
    series = pd.Series(
        values, index=pd.date_range("2024-01-01", periods=len(values), freq="h", tz="UTC"), dtype=float
    )
    day = regularise(series, "indoor_temperature", "6h").dropna()
    for start, value in day.items():
        mine = series[(series.index >= start) & (series.index < start + pd.Timedelta(hours=6))].dropna()
        assert len(mine) >= 0.75 * 6 - 1e-9
        assert value == pytest.approx(mine.mean())


RULE = AlertRule(
    "hot",
    Text("热", "hot"),
    "co2",
    "above",
    "warn",
    silent_minutes=90,
    raise_at=1000,
    clear_at=900,
    hold_minutes=60,
)


def events(
    values: list[float], rule: AlertRule = RULE, step: str = "30min", **kwargs: object
) -> list[tuple[str, int]]:
    series = pd.Series(values, index=pd.date_range("2024-06-01", periods=len(values), freq=step, tz="UTC"))
    start = series.index[0]
    found = alerts(series, rule, **kwargs)  # type: ignore[arg-type]
    return [(e.kind, int((e.time - start) / pd.Timedelta(minutes=30))) for e in found]


def test_an_alert_needs_its_time_and_does_not_flicker() -> None:
    assert events([800, 1100, 1100, 800, 1100]) == []
    assert events([800, 1100, 1100, 1100, 950, 1050, 950, 880, 950]) == [("raised", 3), ("cleared", 7)]
    below = AlertRule("c", Text("", ""), "co2", "below", "warn", 90, raise_at=18, clear_at=19, hold_minutes=0)
    assert events([20, 17, 18.5, 19, 17], below) == [("raised", 1), ("cleared", 3), ("raised", 4)]


def test_silence_neither_raises_nor_ends_an_alert() -> None:
    nan = float("nan")
    assert events([1100, nan, nan, nan, nan, 1100]) == [("silent", 3), ("heard", 5)]
    assert events([1100, 1100, 1100, nan, nan, nan, nan, 1100, 800]) == [
        ("raised", 2), ("silent", 5), ("heard", 7), ("cleared", 8),
    ]  # fmt: skip
    until = pd.Timestamp("2024-06-01 05:00", tz="UTC")
    assert events([800, 800], until=until) == [("silent", 4)]


def test_limits_hold_only_in_their_months_and_hours() -> None:
    cold = alert_rules()["cold_room"]
    series = pd.Series(15.0, index=pd.date_range("2024-06-01", periods=20, freq="h", tz="UTC"))
    assert alerts(series, cold) == []
    winter = pd.Series(15.0, index=pd.date_range("2024-01-01", periods=20, freq="h", tz="UTC"))
    assert [e.kind for e in alerts(winter, cold)] == ["raised"]
    noise = alert_rules()["night_noise"]
    loud = pd.Series(
        70.0, index=pd.date_range("2024-06-01 06:00", periods=60, freq="30min", tz="Asia/Shanghai")
    )
    assert [(e.kind, e.time.hour) for e in alerts(loud, noise)] == [("raised", 22), ("cleared", 6)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(700, 1300) | st.just(float("nan")), min_size=1, max_size=40), st.integers(0, 40))
def test_a_stream_may_be_cut_anywhere(values: list[float], cut: int) -> None:
    times = pd.date_range("2024-06-01", periods=len(values), freq="30min", tz="UTC")
    whole = alerts(pd.Series(values, index=times), RULE)
    state, parts = State(), []
    for part in (slice(None, cut), slice(cut, None)):
        for time, value in zip(times[part], values[part], strict=True):
            state, found = take(state, RULE, time, value)
            parts += found
    assert [repr(e) for e in parts] == [repr(e) for e in whole]
    kinds = [e.kind for e in whole if e.kind in ("raised", "cleared")]
    assert kinds == (["raised", "cleared"] * len(kinds))[: len(kinds)]


def test_all_series_are_watched_by_the_rules_of_their_quantity() -> None:
    read = hourly([1500.0] * 4, "co2", "ppm")
    found = all_alerts(read)
    assert found[["rule", "kind"]].to_numpy().tolist() == [["stale_air", "raised"]]
    assert all_alerts(hourly([500.0] * 4, "co2", "ppm")).empty
    for rule in alert_rules().values():
        assert rule.quantity in quantities()
        assert rule.source
        assert rule.confidence in ("D", "D-", "K", "U")


def winter(scatter: float, slope: float = 0.05, base: float = 18.0) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(2)
    days = pd.date_range("2023-01-01", "2024-12-31", freq="D")
    temperature = pd.Series(
        12 - 15 * np.cos(2 * np.pi * days.day_of_year / 365) + rng.normal(0, 3, len(days)), index=days
    )
    use = 0.4 + slope * (base - temperature).clip(lower=0)
    monthly = use.resample("MS").sum()
    return monthly * (1 + rng.normal(0, scatter, len(monthly))), temperature


def test_degree_days_are_counted_below_the_base() -> None:
    found = degree_days(pd.Series([18.0, 20.0, 8.0, np.nan]))
    assert found.tolist()[:3] == [0.0, 0.0, 10.0]
    assert np.isnan(found[3])


def test_the_fit_finds_what_made_the_series() -> None:
    use, temperature = winter(0.0)
    fit = fit_weather(use, temperature)
    assert (fit.base_load, fit.slope) == (pytest.approx(0.4), pytest.approx(0.05))
    assert fit.base_deg_c == 18
    assert not fit.base_chosen
    assert fit.usable
    chosen = fit_weather(*winter(0.0, base=15.0), base_deg_c=None)
    assert chosen.base_deg_c == 15
    assert chosen.base_chosen
    middle, low, high = fit.normal_year(2500)
    assert middle == pytest.approx(0.4 * 365 + 0.05 * 2500)
    assert low <= middle <= high


def test_the_fit_is_least_squares_and_its_interval_widens_with_scatter() -> None:
    from scipy import stats

    use, temperature = winter(0.05)
    fit = fit_weather(use, temperature)
    cold = degree_days(temperature).resample("MS").sum()
    days = temperature.resample("MS").count()
    slow = stats.linregress(cold / days, use / days)  # another weighting, near but not equal
    assert fit.slope == pytest.approx(slow.slope, rel=0.1)
    exact = np.linalg.lstsq(np.column_stack([days, cold]), use, rcond=None)[0]
    np.testing.assert_allclose([fit.base_load, fit.slope], exact)
    middle, low, high = fit.normal_year(2500)
    assert low < middle < high
    assert fit.normal_year(2500, confidence=0.5)[1] > low


def test_what_does_not_follow_the_weather_is_not_normalised() -> None:
    use, temperature = winter(0.02, slope=0.0)
    fit = fit_weather(use, temperature)
    assert not fit.usable
    assert "不能按气候修正" in fit.verdict.zh
    wild, temperature = winter(0.45)
    assert not fit_weather(wild, temperature).usable
    with pytest.raises(HutongError, match="Only 5 periods"):
        fit_weather(use.iloc[:5], temperature)
    unfreq = pd.Series(use.to_numpy(), index=pd.DatetimeIndex(list(use.index)))
    assert fit_weather(unfreq, temperature).n == fit.n - 1  # how long the last month is, is not said
    assert fit_weather(unfreq, temperature, until=pd.Timestamp("2025-01-01")).n == fit.n
    holed = temperature.copy()
    holed.iloc[40] = np.nan
    assert fit_weather(use, holed).n == fit.n - 1


def test_measured_is_set_beside_estimated() -> None:
    assert beside_estimate(100, 80, 120, "t").where == "inside"
    assert beside_estimate(70, 80, 120, "t").where == "below"
    assert beside_estimate(200, 80, 120, "t").ratio == 2
    assert beside_estimate(float("nan"), 80, 120, "t").where == "unknown"
