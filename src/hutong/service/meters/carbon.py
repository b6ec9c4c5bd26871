"""A building's meter beside its estimate: measured use of a normal year as carbon, by :mod:`hutong.sense`."""

from __future__ import annotations

from typing import Any

from hutong.city import City
from hutong.errors import HutongError
from hutong.loop import Settings, rules_for
from hutong.sense.measured_carbon import PARTS, Measured, measured_beside_estimate
from hutong.service.meters import selectors
from hutong.service.twin.selectors import building_at
from hutong.text import Text


def can_compare(series: Any) -> bool:
    """Return whether a series is the energy of a building."""
    return series.quantity in PARTS and series.place.kind == "building"


def beside_estimate(series: Any, viewer: Any, normal_degree_days: float) -> Measured:
    """Return the measured carbon of a meter beside the estimate of the building's newest snapshot that the reader may see.

    Raises
    ------
    HutongError
        ``no-weather`` without a series of outdoor temperature in the quarter; ``no-snapshot``; and what
        :func:`~hutong.sense.measured_carbon.measured_beside_estimate` raises.
    """
    outdoor = selectors.outdoors(series.sensor.quarter)
    if not outdoor:
        raise HutongError(
            "no-weather",
            Text("片区没有室外气温序列。", "The quarter has no series of outdoor temperature."),
            Text("请登记一个气温测点并上传读数。", "Register a sensor of it and upload its readings."),
        )
    building = building_at(series.place, viewer)
    if building is None:
        raise HutongError(
            "no-snapshot",
            Text("没有可看的快照含这栋楼。", "No snapshot that you may see holds this building."),
            Text("请先导入并公开快照。", "Import a snapshot and publish it first."),
        )
    city = City.load(building.snapshot.folder / "city")
    return measured_beside_estimate(
        selectors.measurements(series, outdoor[0]),
        city,
        rules_for(city, Settings()),
        sensor=series.sensor.code,
        quantity=series.quantity,
        buildings=[building.building_id],
        outdoor=outdoor[0].sensor.code,
        normal_degree_days=normal_degree_days,
    )
