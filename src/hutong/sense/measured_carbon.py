"""Measured energy of buildings as carbon of a normal year, beside what the account estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.sense.carbon import carrier_kg_gj, operational, stock
from hutong.sense.carbon_factors import Factor, load_factors
from hutong.sense.measurements import Measurements, quantities, regularise
from hutong.sense.weather import Comparison, WeatherFit, beside_estimate, fit_weather
from hutong.text import Text

#: Measured quantity -> part of the account.
PARTS = {
    "heat": "heat", "heat_register": "heat", "electricity": "electricity", "electricity_register": "electricity",
    "gas": "gas", "gas_register": "gas",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Use of a normal year with its interval, in ``unit``, and the carbon of it in tonnes beside the estimate."""

    part: str
    unit: str
    months: int
    fit: WeatherFit
    use: tuple[float, float, float]
    carbon_t: tuple[float, float]
    estimate_t: tuple[float, float]
    comparison: Comparison


def monthly(measurements: Measurements, sensor: str, quantity: str, zone: str) -> pd.Series:
    """Return the use of each calendar month; a month of which a day is unknown is unknown."""
    daily = regularise(measurements.series(sensor, quantity), quantity, "1D", zone=zone)
    groups = daily.resample("MS")
    whole = groups.count() == groups.sum().index.days_in_month
    return groups.sum().where(whole)


def measured_beside_estimate(
    measurements: Measurements,
    city: City,
    rules: Rules,
    *,
    sensor: str,
    quantity: str,
    buildings: Sequence[str],
    outdoor: str,
    normal_degree_days: float,
    zone: str = "Asia/Shanghai",
    base_deg_c: float | None = 18.0,
) -> Measured:
    """Return the measured use of buildings in a normal year as carbon, beside the estimate of the same buildings.

    Parameters
    ----------
    sensor, quantity
        The meter, and what it measures (``PARTS``).
    buildings
        All the buildings that the meter serves; what is estimated is summed over them.
    outdoor
        The sensor of ``outdoor_temperature``.
    normal_degree_days
        Of a normal year below the base temperature; the caller says whose figure that is.

    Raises
    ------
    HutongError
        ``not-energy`` for another quantity, ``unknown-building``, ``mixed-heating`` where heat is measured of buildings
        that are not all heated alike, and as :func:`~hutong.sense.weather.fit_weather`.
    """
    if quantity not in PARTS:
        raise HutongError(
            "not-energy",
            Text(f"{quantity} 不是能耗。", f"{quantity} is no use of energy."),
            Text(f"可用：{'、'.join(PARTS)}。", f"Use one of {', '.join(PARTS)}."),
        )
    part = PARTS[quantity]
    rows = _rows(city, buildings)
    daily = regularise(
        measurements.series(outdoor, "outdoor_temperature"), "outdoor_temperature", "1D", zone=zone
    )
    use = monthly(measurements, sensor, quantity, zone)
    fit = fit_weather(use, daily, base_deg_c=base_deg_c)
    year = fit.normal_year(normal_degree_days)
    factor = _factor(part, city, rows, load_factors(rules))
    account = operational(city, rules).buildings.iloc[rows]
    low, high = (float(account[f"{part}_{end}"].sum(skipna=False)) / 1000 for end in ("low", "high"))
    carbon = (year[1] * factor.low / 1000, year[2] * factor.high / 1000)
    middle = year[0] * factor.middle / 1000
    return Measured(
        part, quantities()[quantity].unit, fit.n, fit, year, carbon, (low, high),
        beside_estimate(middle, low, high, "t CO₂"),
    )  # fmt: skip


def _rows(city: City, buildings: Sequence[str]) -> np.ndarray:
    rows = pd.Index(city["buildings"]["building_id"]).get_indexer(pd.Index(list(buildings), dtype=object))
    if (rows < 0).any() or not len(rows):
        raise HutongError(
            "unknown-building",
            Text(
                "有快照中没有的房屋，或没有给出房屋。",
                "Some buildings are not in the city, or none is given.",
            ),
            Text("请核对房屋编号。", "Check the building ids."),
            [str(b) for b, row in zip(buildings, rows, strict=True) if row < 0],
        )
    return rows


def _factor(part: str, city: City, rows: np.ndarray, factors: dict[str, Factor]) -> Factor:
    """Return kg CO2 per unit measured: a meter of heat counts what the heating of its buildings emits."""
    if part != "heat":
        return factors["grid" if part == "electricity" else "gas"]
    kinds = set(stock(city).heating[rows].tolist())
    if len(kinds) != 1:
        raise HutongError(
            "mixed-heating",
            Text("这些房屋的供暖方式不同。", "These buildings are not all heated alike."),
            Text("请按供暖方式分开计量。", "Compare those of each kind of heating by themselves."),
        )
    kind = kinds.pop()
    low, high = (float(carrier_kg_gj(factors, u)[kind]) for u in (0, 1))
    heat = factors["district_heat"]
    return Factor("heat", heat.title, low, high, "kgCO2/GJ", heat.source, heat.confidence)
