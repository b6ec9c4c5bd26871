"""The map coloured by a checkup: how many findings name a building, and each indicator's status where it stands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.report.map_layers import Layer, finding_layer
from hutong.report.words import word
from hutong.sense import STATUSES, Checkup
from hutong.service.twin.records import places_of
from hutong.text import Text


def checkup_layers(city: City, check: Checkup) -> Iterator[Layer]:
    """Return the layer of findings, then one per indicator that is known in some estate or block."""
    yield finding_layer(city, check)
    estate, block = places_of(city)
    titles = {i.id: i.title for i in check.indicators}
    for indicator, rows in check.values.groupby("indicator", sort=False):
        codes = _codes(rows, estate, block)
        if (codes >= 0).any():
            yield Layer(
                str(indicator),
                titles[str(indicator)],
                tuple(word("status", s) for s in STATUSES[:4]),
                codes,
                np.zeros(len(codes), bool),
                word("status", "unknown"),
                Text(
                    "每栋楼取所在小区的状态，小区以外取街区的。",
                    "Each building has the status of its estate, or of its block outside estates.",
                ),
                "status",
            )


def _codes(rows: pd.DataFrame, estate: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return, per building, the status of the smallest place that has one: estate, rest of a block, block."""
    order = {s: k for k, s in enumerate(STATUSES[:4])}
    codes = np.full(len(estate), -1)
    settled = np.zeros(len(estate), bool)
    for scale, where in (("estate", estate), ("rest", block), ("block", block)):
        part = rows[rows["scale"] == scale]
        known = dict(zip(part["place_id"], part["status"].map(order).fillna(-1).astype(int), strict=True))
        inside = np.array([w in known for w in where], bool) & ~settled
        if scale != "estate":
            inside &= np.array([e is None for e in estate], bool)
        codes[inside] = [known[w] for w in where[inside]]
        settled |= inside
    return codes
