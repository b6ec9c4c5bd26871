"""Carbon of buildings: what they emit in a year (what works save and embody: ``carbon_works``).

Use × factor by carrier, the method of GB/T 51366-2019. Factors that are guesses are ranges; a figure is the least
and the most over all corners of the ranges it rests on. What is unknown of a building makes its figure unknown,
with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.rules import Rules
from hutong.sense.carbon_factors import Factor, load_factors
from hutong.text import Text, number, percent

Floats = NDArray[np.float64]
HEATING = ("central", "gas", "electric", "coal", "none")
_HOUSING = ("residential", "dormitory")

_READ = (
    ("buildings", "floor_area_m2"), ("buildings", "built_year"), ("buildings", "insulated"), ("buildings", "heating"),
    ("dwellings", "residents"),
)  # fmt: skip

REASONS = {
    "floor": Text("建筑面积未知", "floor area unknown"),
    "year": Text("建成年代未知", "year built unknown"),
    "heating": Text("供暖方式未知", "heating unknown"),
    "coal": Text("燃煤取暖没有公布的排放因子", "no published factor for coal stoves"),
    "residents": Text("居住人数未知", "number of residents unknown"),
    "kitchens": Text("厨房情况未知", "kitchens unknown"),
    "use": Text("房屋用途未知", "use unknown"),
    "lifts": Text("电梯情况未知", "lifts unknown"),
    "retrofit_new": Text("已达节能标准的房屋，再改造的节约率未知", "saving of retrofit unknown where a standard is met already"),
}  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """Buildings as arrays of shape (n,), NaN where unknown; ``heating`` is a position in ``HEATING`` (-1 unknown)."""

    floor_m2: Floats
    built_year: Floats
    insulated: Floats
    heating: NDArray[np.int64]
    housing: Floats  # 1, 0 or NaN
    residents: Floats
    kitchens: Floats
    lifts: Floats


@dataclass(frozen=True)
class Carbon:
    """Operation per building and year, in kg CO2.

    ``buildings``: building_id, floor_m2, low and high of heat, electricity, gas and total, ``reason_zh``,
    ``reason_en`` (why the total is unknown, "" where it is not). Gas is that of kitchens and gas boilers in housing;
    gas of shops and canteens is not in it. ``observed``: the share of what it reads that was observed, not imputed.
    """

    buildings: pd.DataFrame
    factors: tuple[Factor, ...]
    observed: float = float("nan")

    @property
    def known(self) -> float:
        """Share of buildings whose total is known."""
        return float(self.buildings["total_low"].notna().mean()) if len(self.buildings) else float("nan")

    def totals(self) -> pd.DataFrame:
        """Return tonnes a year by part over the buildings known, and how many are unknown.

        The factors are shared, so lows add to a low and highs to a high.
        """
        rows = []
        for part in ("heat", "electricity", "gas", "total"):
            low, high = self.buildings[f"{part}_low"], self.buildings[f"{part}_high"]
            some = low.notna().any()
            rows.append(
                {
                    "part": part,
                    "low_t": low.sum() / 1000 if some else np.nan,
                    "high_t": high.sum() / 1000 if some else np.nan,
                    "known": int(low.notna().sum()),
                    "unknown": int(low.isna().sum()),
                }
            )
        return pd.DataFrame(rows)

    def lines(self) -> list[Text]:
        """Return the account in sentences, with what it rests on."""
        total = self.totals().set_index("part").loc["total"]
        why = self.buildings.loc[
            self.buildings["total_low"].isna(), ["reason_zh", "reason_en"]
        ].value_counts()
        if not self.known > 0:
            out = [Text("没有可以估算运行碳排放的房屋。", "The operation of no building can be estimated.")]
        else:
            out = [
                Text(
                    f"运行碳排放每年 {number(total['low_t'], 'zh')}–{number(total['high_t'], 'zh')} 吨（{percent(self.known, 'zh')} 的房屋可估算）。",
                    f"Operation emits {number(total['low_t'])}–{number(total['high_t'])} t CO₂ a year ({percent(self.known)} of buildings can be estimated).",
                )
            ]
        out.append(
            Text(
                f"所用面积、年代、保温、供暖和人口数据有 {percent(self.observed, 'zh')} 为实测，其余为推算或假设。",
                f"Of the floor areas, ages, insulation, heating and residents it reads, {percent(self.observed)} were observed; the rest is imputed or assumed.",
            )
        )
        out += [Text(f"{n} 栋未知：{zh}。", f"{n} buildings unknown: {en}.") for (zh, en), n in why.items()]
        guessed = [f for f in self.factors if f.confidence == "U"]
        return [
            *out,
            Text(
                f"其中 {len(guessed)} 项系数为假设：{'、'.join(f.title.zh for f in guessed)}。",
                f"{len(guessed)} factors are assumptions: {'; '.join(f.title.en for f in guessed)}.",
            ),
        ]


def stock(city: City) -> Stock:
    """Return what the account reads of a city's buildings. Sums over dwellings are unknown if one of them is."""
    buildings = city["buildings"]
    n = len(buildings)
    use = buildings["use"].astype("object")
    at = city.positions("dwellings", "building_id")
    words = buildings["heating"].astype("object").map({w: i for i, w in enumerate(HEATING)})
    return Stock(
        floor_m2=buildings["floor_area_m2"].to_numpy(dtype=float),
        built_year=buildings["built_year"].to_numpy(dtype=float),
        insulated=buildings["insulated"].to_numpy(dtype=float, na_value=np.nan),
        heating=words.fillna(-1).to_numpy(dtype=np.int64),
        housing=np.where(use.isna(), np.nan, use.isin(_HOUSING)).astype(float),
        residents=_sum(city["dwellings"]["residents"].to_numpy(dtype=float), at, n),
        kitchens=_sum(city["dwellings"]["own_kitchen"].to_numpy(dtype=float, na_value=np.nan), at, n),
        lifts=_lifts(city),
    )


def _sum(values: Floats, at: NDArray[np.int64], n: int) -> Floats:
    return np.bincount(at[at >= 0], weights=values[at >= 0], minlength=n).astype(float)


def _lifts(city: City) -> Floats:
    """Return lifts per building: counted by staircase where there are any, else one if the building has one."""
    n = len(city["buildings"])
    at = city.positions("staircases", "building_id")
    by_stairs = _sum(city["staircases"]["lift"].to_numpy(dtype=float, na_value=np.nan), at, n)
    there = np.bincount(at[at >= 0], minlength=n) > 0
    return np.where(there, by_stairs, city["buildings"]["lift"].to_numpy(dtype=float, na_value=np.nan))


def operational(city: City, rules: Rules) -> Carbon:
    """Return what a city's buildings emit in operation.

    Raises
    ------
    HutongError
        If the rules lack a factor on their date.
    """
    factors = load_factors(rules)
    have = stock(city)
    parts = {
        "heat": span(heat_kg(have, factors, corner) for corner in _corners(have)),
        "electricity": span(electricity_kg(have, factors, u) for u in (0, 1)),
        "gas": span(cooking_kg(have, factors, u) for u in (0, 1)),
    }
    frame = pd.DataFrame({"building_id": city["buildings"]["building_id"], "floor_m2": have.floor_m2})
    for part, (low, high) in parts.items():
        frame[f"{part}_low"], frame[f"{part}_high"] = low, high
    frame["total_low"] = sum(p[0] for p in parts.values())
    frame["total_high"] = sum(p[1] for p in parts.values())
    why = why_unknown(have)
    frame["reason_zh"] = [REASONS[w].zh if w else "" for w in why]
    frame["reason_en"] = [REASONS[w].en if w else "" for w in why]
    seen = float(np.mean([city.coverage(table, column) for table, column in _READ if len(city[table])]))
    return Carbon(frame, tuple(factors.values()), seen)


@dataclass(frozen=True, slots=True)
class Corner:
    """One choice of bounds: heat demand, saving, carrier now and after, demand of new building, unknown insulation."""

    demand: int
    saving: int
    carrier: int
    carrier_after: int
    new: int
    insulated: int


def _corners(have: Stock) -> list[Corner]:
    guess = (0, 1) if np.isnan(have.insulated).any() else (0,)
    return [Corner(d, s, c, c, 0, i) for d, s, c, i in product((0, 1), (0, 1), (0, 1), guess)]


def span(values: Iterable[Floats]) -> tuple[Floats, Floats]:
    """Return the least and the most over corners; unknown in one corner is unknown."""
    stacked = np.stack(list(values))
    return stacked.min(axis=0), stacked.max(axis=0)


def demand_gj_m2(have: Stock, factors: Mapping[str, Factor], corner: Corner) -> Floats:
    """Return heat demand in GJ per m² and year by year of building and insulation.

    Built before 1990 as the rules have it, from 2005 and 2013 at 65 % and 75 % saving; between 1990 and 2005 from the
    best of the former to the worst of the latter. Insulation saves what retrofit saves; where a standard was met from
    the start, it is in the figure.
    """
    old, f65, f75 = factors["heat_old"], factors["heat_65"], factors["heat_75"]
    since65, since75 = factors["saving65_from_year"].low, factors["saving75_from_year"].low
    before = factors["old_before_year"].low
    between = old.low if corner.demand else f65.high
    year = have.built_year
    base = np.select(
        [year < before, year < since65, year < since75, year >= since75],
        [old.at(corner.demand), between, f65.at(corner.demand), f75.at(corner.demand)],
        np.nan,
    )
    insulated = np.where(np.isnan(have.insulated), corner.insulated, have.insulated)
    saved = np.where((insulated == 1) & (year < since65), factors["retrofit_saving"].at(corner.saving), 0.0)
    return base * (1 - saved)


def carrier_kg_gj(factors: Mapping[str, Factor], upper: int) -> Floats:
    """Return kg CO2 per GJ of useful heat by ``HEATING``, and last of all NaN for unknown; coal is unknown."""
    gas, value = factors["gas"], factors["gas_heating_value"]
    boiler, pump = factors["gas_boiler_efficiency"], factors["electric_heat_per_kwh"]
    lower = 1 - upper
    return np.array(
        [
            factors["district_heat"].at(upper),
            1000 / value.at(lower) / boiler.at(lower) * gas.at(upper),
            1000 / 3.6 / pump.at(lower) * factors["grid"].at(upper),
            np.nan,
            0.0,
            np.nan,
        ]
    )


def heat_kg(have: Stock, factors: Mapping[str, Factor], corner: Corner) -> Floats:
    """Return kg CO2 of heating a year."""
    kg = carrier_kg_gj(factors, corner.carrier)[have.heating]
    used = have.floor_m2 * demand_gj_m2(have, factors, corner) * kg
    return np.where(have.heating == HEATING.index("none"), 0.0, used)


def electricity_kg(have: Stock, factors: Mapping[str, Factor], upper: int) -> Floats:
    """Return kg CO2 of electricity a year: homes by residents, other uses by floor, and lifts."""
    homes = have.residents * factors["electricity_per_resident"].at(upper)
    other = have.floor_m2 * factors["electricity_other_m2"].at(upper)
    use = np.where(np.isnan(have.housing), np.nan, np.where(have.housing == 1, homes, other))
    return (use + have.lifts * factors["lift_kwh"].at(upper)) * factors["grid"].at(upper)


def cooking_kg(have: Stock, factors: Mapping[str, Factor], upper: int) -> Floats:
    """Return kg CO2 of cooking gas a year, by kitchens of housing."""
    gas = have.kitchens * factors["cooking_gas_per_dwelling"].at(upper) * factors["gas"].at(upper)
    return np.where(np.isnan(have.housing), np.nan, np.where(have.housing == 1, gas, 0.0))


def why_unknown(have: Stock) -> list[str]:
    """Return the first reason why a building's total is unknown ("" where it is known)."""
    housed = have.housing == 1
    heated = have.heating != HEATING.index("none")
    tests = (
        ("use", np.isnan(have.housing)),
        ("floor", np.isnan(have.floor_m2) & (heated | ~housed)),
        ("heating", have.heating < 0),
        ("coal", have.heating == HEATING.index("coal")),
        ("year", np.isnan(have.built_year) & heated),
        ("residents", np.isnan(have.residents) & housed),
        ("kitchens", np.isnan(have.kitchens) & housed),
        ("lifts", np.isnan(have.lifts)),
    )
    why = np.full(len(have.floor_m2), "", dtype=object)
    for name, test in reversed(tests):
        why[test] = name
    return why.tolist()
