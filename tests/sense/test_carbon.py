"""Carbon against hand-made figures; ranges hold every corner; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest

from hutong.city import City
from hutong.errors import HutongError
from hutong.rules import Rules, load_rules
from hutong.sense.carbon import (
    HEATING,
    Corner,
    Stock,
    carrier_kg_gj,
    demand_gj_m2,
    heat_kg,
    operational,
    stock,
)
from hutong.sense.carbon_factors import load_factors
from hutong.sense.carbon_works import Work, before_after, per_unit
from hutong.sense.weather import beside_estimate


def stocked(**columns: object) -> Stock:
    base: dict[str, object] = {
        "floor_m2": [1000.0], "built_year": [1980.0], "insulated": [0.0], "heating": [0], "housing": [1.0],
        "residents": [40.0], "kitchens": [20.0], "lifts": [0.0],
    }  # fmt: skip
    made = {k: np.asarray(v, float) for k, v in {**base, **columns}.items()}
    return Stock(**{**made, "heating": made["heating"].astype(np.int64)})


def test_factors_come_from_the_rules_with_source_and_confidence(rules: Rules) -> None:
    factors = load_factors(rules)
    assert factors["grid"].low == factors["grid"].high == pytest.approx(0.5580)
    assert factors["district_heat"].low == pytest.approx(110)
    assert (factors["embodied_rebuild"].low, factors["embodied_rebuild"].high) == (350, 550)
    assert load_factors(load_rules("national", on=rules.on))["grid"].low == pytest.approx(0.5306)
    for factor in factors.values():
        assert factor.source
        assert factor.low <= factor.high
        assert factor.confidence in ("D", "D-", "K", "U")
        assert factor.low == factor.high or factor.confidence in ("U", "K")


@pytest.mark.parametrize(
    ("year", "insulated", "low", "high"),
    [
        (1980, 0, 0.35, 0.45), (1980, 1, 0.35 * 0.65, 0.45 * 0.75), (1996, 0, 0.25, 0.35), (2008, 1, 0.20, 0.25),
        (2008, 0, 0.20, 0.25), (2015, 1, 0.15, 0.18), (1980, np.nan, 0.35 * 0.65, 0.45),
    ],
)  # fmt: skip
def test_heat_demand_by_age_and_insulation(
    rules: Rules, year: float, insulated: float, low: float, high: float
) -> None:
    have = stocked(built_year=[year], insulated=[insulated])
    demands = [
        demand_gj_m2(have, load_factors(rules), Corner(d, s, 0, 0, 0, i))[0]
        for d, s, i in product((0, 1), repeat=3)
    ]
    assert min(demands) == pytest.approx(low)
    assert max(demands) == pytest.approx(high)


def test_carriers_by_hand(rules: Rules) -> None:
    factors = load_factors(rules)
    low, high = carrier_kg_gj(factors, 0), carrier_kg_gj(factors, 1)
    assert (low[0], high[0]) == (pytest.approx(110), pytest.approx(110))
    assert high[1] == pytest.approx(1000 / 35.5 / 0.85 * 2.16)
    assert low[2] == pytest.approx(1000 / 3.6 / 2.8 * 0.558)
    assert np.isnan([low[3], low[-1]]).all()
    assert low[HEATING.index("none")] == 0
    assert (low[[0, 1, 2]] <= high[[0, 1, 2]]).all()
    assert heat_kg(stocked(), factors, Corner(1, 0, 0, 0, 0, 0))[0] == pytest.approx(1000 * 0.45 * 110)


def test_a_building_by_hand(rebuilt: Callable[..., City], rules: Rules) -> None:
    def plain(table: pd.DataFrame) -> pd.DataFrame:
        out = table.copy()
        out["floor_area_m2"], out["built_year"], out["heating"] = 1000.0, 1980.0, "central"
        out["insulated"], out["use"], out["lift"] = False, "residential", False
        return out

    city = rebuilt(buildings=plain)
    have = stock(city)
    result = operational(city, rules).buildings
    i = int(np.flatnonzero(have.residents > 0)[0])
    people, kitchens, lifts = have.residents[i], have.kitchens[i], have.lifts[i]
    low = 1000 * 0.35 * 110 + (people * 700 + lifts * 2500) * 0.558 + kitchens * 80 * 2.16
    high = 1000 * 0.45 * 110 + (people * 1200 + lifts * 6500) * 0.558 + kitchens * 220 * 2.16
    if not np.isnan([people, kitchens, lifts]).any():
        assert result["total_low"][i] == pytest.approx(low)
        assert result["total_high"][i] == pytest.approx(high)
    assert result["heat_low"][i] == pytest.approx(38500)
    assert result["heat_high"][i] == pytest.approx(49500)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("floor_area_m2", np.nan, "floor area unknown"),
        ("built_year", np.nan, "year built unknown"),
        ("heating", None, "heating unknown"),
        ("heating", "coal", "no published factor"),
        ("use", None, "use unknown"),
    ],
)
def test_what_is_unknown_stays_unknown_with_its_reason(
    quarter: City, rules: Rules, column: str, value: object, reason: str
) -> None:
    buildings = quarter["buildings"].copy()
    home = int(np.flatnonzero((buildings["use"] == "residential").to_numpy())[0])
    buildings.loc[home, column] = value
    row = operational(changed(quarter, buildings), rules).buildings.iloc[home]
    assert np.isnan(row["total_low"])
    assert np.isnan(row["total_high"])
    assert reason in row["reason_en"]
    assert row["reason_zh"]


def test_totals_leave_the_unknown_out_and_count_it(quarter: City, rules: Rules) -> None:
    result = operational(quarter, rules)
    totals = result.totals().set_index("part")
    known = result.buildings["total_low"].notna()
    assert totals.loc["total", "known"] == known.sum()
    assert totals.loc["total", "known"] + totals.loc["total", "unknown"] == len(result.buildings)
    assert totals.loc["total", "low_t"] == pytest.approx(result.buildings["total_low"].sum() / 1000)
    assert (totals["low_t"] <= totals["high_t"]).all()
    lines = result.lines()
    assert "假设" in lines[-1].zh
    assert "assumptions" in lines[-1].en
    assert "实测" in " ".join(line.zh for line in lines)
    assert result.observed < 0.5  # a synthetic quarter is not observed
    blank = result.buildings.assign(total_low=np.nan, total_high=np.nan)
    assert np.isnan(type(result)(blank, result.factors).totals().set_index("part").loc["total", "low_t"])
    assert "没有可以估算" in type(result)(blank, result.factors).lines()[0].zh


def changed(quarter: City, buildings: pd.DataFrame) -> City:
    tables = {name: quarter[name] for name in quarter.tables} | {"buildings": buildings}
    return City.build(quarter.meta, tables, quarter.provenance)


@pytest.fixture(scope="module")
def old_quarter(quarter: City) -> tuple[City, list[str]]:
    """Return the quarter with four old, uninsulated, centrally heated homes without lift, and their ids."""
    buildings = quarter["buildings"].copy()
    lift = quarter["staircases"].groupby("building_id")["lift"].any()
    home = (buildings["use"] == "residential") & ~buildings["building_id"].isin(lift.index[lift])
    rows = buildings.index[home & ~buildings["lift"].fillna(True)][:4]
    buildings.loc[rows, "built_year"] = 1980.0
    buildings.loc[rows, "heating"] = "central"
    buildings.loc[rows, "insulated"] = False
    ids = buildings.loc[rows, "building_id"].tolist()
    assert len(ids) == 4
    return changed(quarter, buildings), ids


def test_before_and_after_by_hand(old_quarter: tuple[City, list[str]], rules: Rules) -> None:
    quarter, (one, two, three, four) = old_quarter
    floor = quarter["buildings"].set_index("building_id")["floor_area_m2"].astype(float)
    made = before_after(
        quarter,
        rules,
        {
            one: {"effects": {"insulated": 1, "cond_envelope": -1}, "embodied": "retrofit"},
            two: {"effects": {}},
            three: Work({"lift": 1}),
            four: {"effects": {"insulated": 1}, "embodied": "rebuild", "floor_factor": 1.1},
        },
    ).set_index("building_id")
    row = made.loc[one]
    assert row["saved_low"] == pytest.approx(floor[one] * 0.35 * 0.25 * 110)
    assert row["saved_high"] == pytest.approx(floor[one] * 0.45 * 0.35 * 110)
    assert (row["embodied_low"], row["embodied_high"]) == (
        pytest.approx(60 * floor[one]),
        pytest.approx(150 * floor[one]),
    )
    assert row["payback_low"] == pytest.approx(60 / (0.45 * 0.35 * 110))
    assert row["net_low"] == pytest.approx(50 * row["saved_low"] - row["embodied_high"])
    assert made.loc[two, ["saved_low", "saved_high", "embodied_high", "payback_high"]].tolist() == [
        0,
        0,
        0,
        0,
    ]
    assert made.loc[two, "before_low"] == made.loc[two, "after_low"]
    assert made.loc[three, "saved_low"] == pytest.approx(-6500 * 0.558)
    assert made.loc[three, "payback_low"] == np.inf
    new = made.loc[four]
    assert new["embodied_low"] == pytest.approx(floor[four] * (1.1 * 350 + 10))
    assert new["saved_low"] == pytest.approx(floor[four] * (0.35 - 1.1 * 0.18) * 110)
    assert new["saved_high"] == pytest.approx(floor[four] * (0.45 - 1.1 * 0.15) * 110)


def test_another_carrier_changes_its_factor_alone(old_quarter: tuple[City, list[str]], rules: Rules) -> None:
    quarter, (one, *_) = old_quarter
    floor = float(quarter["buildings"].set_index("building_id")["floor_area_m2"][one])
    row = before_after(quarter, rules, {one: {"effects": {"heating": "electric"}}}).iloc[0]
    worst = 1000 / 3.6 * 0.558
    assert row["saved_low"] == pytest.approx(floor * 0.45 * (110 - worst))
    assert row["saved_high"] == pytest.approx(floor * 0.45 * (110 - worst / 2.8))
    off = before_after(quarter, rules, {one: {"effects": {"heating": "coal"}}}).iloc[0]
    assert np.isnan(off["saved_low"])


def test_insulating_what_meets_a_standard_saves_nobody_knows_what(
    old_quarter: tuple[City, list[str]], rules: Rules
) -> None:
    quarter, (one, *_) = old_quarter
    buildings = quarter["buildings"].copy()
    at = buildings.index[buildings["building_id"] == one][0]
    buildings.loc[at, "built_year"] = 2010.0
    city = changed(quarter, buildings)
    row = before_after(city, rules, {one: {"effects": {"insulated": 1}}}).iloc[0]
    assert np.isnan(row["saved_low"])
    assert "standard is met already" in row["reason_en"]
    assert np.isfinite(row["before_low"])


def test_broken_works_are_refused(old_quarter: tuple[City, list[str]], rules: Rules) -> None:
    quarter, (one, *_) = old_quarter
    with pytest.raises(HutongError) as caught:
        before_after(quarter, rules, {"no-such": {"effects": {}}})
    assert caught.value.rows == ("no-such",)
    for work in ({"effects": {}, "embodied": "much"}, {"effects": {"heating": "magic"}}):
        with pytest.raises(HutongError, match="Not known"):
            before_after(quarter, rules, {one: work})
    assert before_after(quarter, rules, {}).empty


def test_figures_for_a_catalogue_follow_from_the_factors(rules: Rules) -> None:
    table = per_unit(rules).set_index("measure")
    assert table.loc["insulation", "low"] == pytest.approx(0.35 * 0.25 * 110)
    assert table.loc["insulation", "net_middle"] == pytest.approx((9.625 + 17.325) / 2 - 105 / 50)
    assert table.loc["lift", "high"] == pytest.approx(-2500 * 0.558)
    assert table.loc["lift", "low"] <= table.loc["lift", "middle"] <= table.loc["lift", "high"]


def test_measured_carbon_beside_the_estimate(quarter: City, rules: Rules) -> None:
    total = operational(quarter, rules).totals().set_index("part").loc["heat"]
    middle = (total["low_t"] + total["high_t"]) / 2
    said = beside_estimate(middle, total["low_t"], total["high_t"], "t")
    assert said.where == "inside"
    assert "在估算区间内" in said.text.zh
