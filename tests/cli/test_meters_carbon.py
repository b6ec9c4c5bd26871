"""Meters, sensors and carbon on the command line."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hutong.city import City, make_quarter
from hutong.cli.carbon import app as carbon_app
from hutong.cli.meters import app as meters_app
from hutong.plan import load_measures
from hutong.plan.carbon import carbon_kg
from hutong.rules import load_rules
from hutong.sense.carbon_works import per_unit

ZONE = "Asia/Shanghai"


def run(app, *args, cwd: Path, lang: str = "en"):
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, [str(a) for a in args], env={"HUTONG_LANG": lang, "COLUMNS": "200"})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small quarter and a year of a heat meter that uses 10 a month and exactly 0.5 GJ a degree day."""
    folder = tmp_path_factory.mktemp("meters")
    make_quarter(300, seed=1).save(folder / "q")
    days = pd.date_range("2024-10-01", "2025-10-01", freq="D", tz=ZONE)
    outdoor = 12 - 14 * np.cos(np.arange(len(days)) / 365 * 2 * np.pi)
    used = 10 / 30 + 0.5 * np.clip(18 - outdoor, 0, None)
    reading = 1000 + np.concatenate([[0], np.cumsum(used)[:-1]])
    rows = [("H1", "heat_register", t.isoformat(), r, "GJ") for t, r in zip(days, reading, strict=True)]
    rows += [
        ("T1", "outdoor_temperature", t.isoformat(), v, "°C") for t, v in zip(days, outdoor, strict=True)
    ]
    minutes = pd.date_range("2025-07-01", periods=60, freq="5min", tz=ZONE)
    rows += [
        ("W1", "water_level", t.isoformat(), 0.3 if 20 <= i < 40 else 0.02, "m")
        for i, t in enumerate(minutes)
    ]
    table = pd.DataFrame(rows, columns=["sensor_id", "quantity", "time", "value", "unit"])
    table.to_csv(folder / "all.csv", index=False)
    table.drop(index=[100, 101]).to_csv(folder / "holes.csv", index=False)
    return folder


def test_series_with_their_gaps(place: Path, tmp_path: Path) -> None:
    shown = run(meters_app, "read", place / "holes.csv", "--out", "out.csv", cwd=tmp_path)
    assert shown.exit_code == 0, shown.stderr
    assert "2 missing" in shown.stdout
    bare = run(meters_app, "read", "out.csv", cwd=tmp_path, lang="zh")
    assert bare.exit_code == 2
    assert "没有注明单位" in bare.stderr
    units = ["heat_register=GJ", "outdoor_temperature=degC", "water_level=m"]
    stated = [word for unit in units for word in ("--unit", unit)]
    again = run(meters_app, "read", "out.csv", *stated, cwd=tmp_path)
    assert again.stdout == shown.stdout
    told = json.loads(run(meters_app, "read", place / "holes.csv", "--json", cwd=tmp_path).stdout)
    assert {s["sensor_id"]: s["missing"] for s in told["series"]} == {"H1": 2, "T1": 0, "W1": 0}
    again = run(meters_app, "read", place / "holes.csv", "--out", "out.csv", cwd=tmp_path)
    assert again.exit_code == 2
    assert "--force" in again.stderr


def test_alerts_in_order_of_time(place: Path) -> None:
    shown = run(meters_app, "alerts", "all.csv", "--until", "2025-10-05T00:00+08:00", cwd=place)
    assert shown.exit_code == 0, shown.stderr
    assert "■ raised W1: Water deeper than 15 cm 0.30 m" in shown.stdout
    assert "○ silent H1" in shown.stdout
    assert "no limits for: Outdoor temperature" in shown.stdout
    assert run(meters_app, "alerts", "all.csv", "--until", "2025-10-05", cwd=place).exit_code == 2


def test_measured_beside_estimated_in_a_normal_year(place: Path) -> None:
    table = City.load(place / "q")["buildings"]
    heated = table[(table["heating"] == "central") & (table["use"] == "residential")]["building_id"].iloc[0]
    ask = ["compare", "all.csv", "--city", "q", "--sensor", "H1", "--building", heated, "--outdoor", "T1"]
    normal = ["--normal-degree-days", "3000", "--normal-source", "made up"]
    told = json.loads(run(meters_app, *ask, *normal, "--json", cwd=place).stdout)
    # 12 months and 3,000 degree days by the law of the meter
    assert told["use"][0] == pytest.approx(365 / 30 * 10 + 0.5 * 3000, rel=1e-6)
    assert told["months"] == 12
    assert told["usable"]
    assert told["carbon_t"][0] == pytest.approx(told["use"][1] * 0.11, rel=1e-6)
    assert told["where"] == "above"
    shown = run(meters_app, *ask, *normal, cwd=place, lang="zh")
    assert "高于估算区间" in shown.stdout
    assert "made up" in shown.stdout
    wrong = run(meters_app, *ask[:-4], "--building", "x", "--outdoor", "T1", *normal, cwd=place)
    assert wrong.exit_code == 2
    assert run(meters_app, *ask, *normal, "--quantity", "noise", cwd=place).exit_code == 2


def test_carbon_of_a_quarter_and_of_its_measures(place: Path) -> None:
    told = json.loads(run(carbon_app, "q", "--measures", "--out", "c.csv", "--json", cwd=place).stdout)
    total = {row["part"]: row for row in told["totals_t"]}
    by_building = pd.read_csv(place / "c.csv")
    assert total["total"]["low_t"] == pytest.approx(by_building["total_low"].sum() / 1000)
    assert len(by_building) == total["heat"]["known"] + total["heat"]["unknown"]
    rows = {row["measure"]: row for row in told["measures"]}
    assert set(rows) == {m.id for m in load_measures() if m.carbon}
    assert 0 < rows["insulation"]["saved_low_t"] < rows["insulation"]["saved_high_t"]
    assert rows["lift"]["saved_high_t"] < 0  # lifts use electricity
    assert rows["seismic_retrofit"]["saved_high_t"] == 0 < rows["seismic_retrofit"]["embodied_low_t"]
    shown = run(carbon_app, "q", "--measures", cwd=place)
    assert "Lift added" in shown.stdout
    assert "assumptions" in shown.stdout
    assert run(carbon_app, "q", "--out", "c.csv", cwd=place).exit_code == 2


def test_the_planner_counts_carbon_by_the_account() -> None:
    rules, measures = load_rules("beijing"), load_measures()
    account = per_unit(rules).set_index("measure")["net_middle"]
    kg = dict(zip([m.id for m in measures], carbon_kg(measures, rules), strict=True))
    assert kg["insulation"] == pytest.approx(account["insulation"])
    assert kg["lift"] == pytest.approx(account["lift"])
    assert kg["seismic_retrofit"] == pytest.approx(account["retrofit"])
    assert kg["seismic_retrofit"] < 0
    plain = next(m for m in measures if not m.carbon and m.carbon_kg)
    assert kg[plain.id] == plain.carbon_kg
