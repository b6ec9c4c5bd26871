"""Findings 问题: the places where an indicator warns, how grave it is, whom it concerns and which buildings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from hutong.sense.ground import Cases, Ground
from hutong.sense.measure import Measured
from hutong.sense.results import STATUSES, Finding, Indicator
from hutong.sense.wording import english, observation, sentence
from hutong.text import Text

#: The statuses that make a finding.
WARNED = tuple(STATUSES.index(s) for s in ("warn", "alarm"))


def make_findings(ground: Ground, measured: Measured, cases: Cases) -> Iterator[Finding]:
    """Yield the findings of one indicator at one scale.

    Every home is in one finding per indicator: estates speak for their homes, blocks for those outside estates
    (scale ``rest``, or ``block`` where the block has no estates).
    """
    if measured.scale == "quarter":
        return
    warned = np.isin(measured.status, WARNED)
    if measured.scale == "block" and "estate" in measured.indicator.scales:
        holds_estates = np.bincount(
            ground.city.positions("estates", "block_id"), minlength=len(warned)
        ).astype(bool)
        warned &= ~holds_estates
    places = np.flatnonzero(warned)
    if not len(places):
        return
    objects = _objects(ground, measured, cases)
    severity = severities(measured.indicator, measured.value)
    for place in places:
        yield Finding(
            indicator=measured.indicator.id,
            scale=measured.scale,
            place_id=str(ground.places.ids[measured.scale][place]),
            place_name=ground.places.label(measured.scale, int(place)),
            status=STATUSES[measured.status[place]],
            value=float(measured.value[place]),
            standard=float(measured.indicator.standard or 0.0),
            people=float(measured.people[place]),
            severity=float(severity[place]),
            reason=_reason(ground, measured, int(place)),
            objects=objects(int(place)),
            coverage=float(measured.coverage[place]),
            place=ground.places.title(measured.scale, int(place)),
        )


def severities(indicator: Indicator, value: np.ndarray) -> np.ndarray:
    """Return severity in [0, 1]: the shortfall from the standard to the worst, times the indicator's gravity."""
    standard = indicator.standard or 0.0
    way = (value - standard) / (indicator.worst - standard)
    return np.asarray(indicator.gravity * np.clip(way, 0.0, 1.0))


def _reason(ground: Ground, measured: Measured, place: int) -> Text:
    name = ground.places.title(measured.scale, place)
    indicator = measured.indicator
    told = sentence(
        indicator,
        float(measured.value[place]),
        float(measured.short[place]),
        float(measured.counted[place]),
        int(measured.cases[place] - measured.n[place]),
    )
    seen = observation(float(measured.coverage[place]))
    return Text(
        f"{name.zh}：{told.zh}。{seen.zh}依据：{indicator.source} {indicator.article}。",
        f"{name.en}: {told.en}. {seen.en}Source: {english(f'{indicator.source} {indicator.article}')}.",
    )


def _objects(ground: Ground, measured: Measured, cases: Cases) -> Callable[[int], tuple[str, ...]]:
    """Return a look-up of the buildings of a place's failing cases: their ids in the order of the table."""
    rows = np.flatnonzero(cases.failing & (cases.building >= 0) & (measured.code >= 0))
    rows = rows[np.argsort(measured.code[rows], kind="stable")]
    code, building = measured.code[rows], cases.building[rows]
    ids = ground.city["buildings"]["building_id"].to_numpy(dtype=object)

    def of(place: int) -> tuple[str, ...]:
        low, high = np.searchsorted(code, [place, place + 1])
        return tuple(ids[np.unique(building[low:high])])

    return of
