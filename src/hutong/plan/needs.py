"""What the options do for the findings of the checkup: shares of what falls short, finding by finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.city.schema import read_yaml
from hutong.plan.objects import ESTATE, Objects
from hutong.plan.options import Options
from hutong.sense.results import Checkup, Finding
from hutong.text import Text

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Needs:
    """The findings that some measure could mend, and what each option contributes.

    ``share`` is sparse (findings, options): the part of what falls short that an option mends. ``lift_alarm`` and
    ``mend`` are the parts needed to leave the alarm, and to leave warning altogether (both in (0, 1]).
    """

    findings: tuple[Finding, ...]
    share: sparse.csr_array
    lift_alarm: Floats
    mend: Floats
    unmendable: int  # findings that no measure of the catalogue addresses
    titles: Mapping[str, Text]  # of the indicators

    @property
    def alarms(self) -> NDArray[np.int64]:
        """Rows of the findings in alarm."""
        return np.flatnonzero([f.status == "alarm" for f in self.findings])


@cache
def load_needs() -> Mapping[str, Mapping[str, Any]]:
    """Return which effect mends which indicator (``needs.yaml``)."""
    raw: Mapping[str, Mapping[str, Any]] = read_yaml(
        files(__package__).joinpath("needs.yaml").read_text("utf-8")
    )["needs"]
    return raw


def gather_needs(options: Options, check: Checkup) -> Needs:
    """Return what every option contributes to every finding that a measure can mend."""
    table = load_needs()
    known = tuple(f for f in check.findings if f.indicator in table)
    mended = {
        name: _mended(options, spec)
        for name, spec in table.items()
        if any(f.indicator == name for f in known)
    }
    weights = _weights(options.objects)
    rows = [_contribution(options, f, mended[f.indicator], weights[table[f.indicator]["by"]]) for f in known]
    share = sparse.csr_array(np.vstack(rows)) if rows else sparse.csr_array((0, len(options)))
    bounds = {i.id: i for i in check.indicators}
    lift = [_needed(f, bounds[f.indicator].warn, bounds[f.indicator]) for f in known]
    mend = [_needed(f, bounds[f.indicator].watch, bounds[f.indicator]) for f in known]
    return Needs(
        known,
        share,
        np.array(lift, float),
        np.array(mend, float),
        len(check.findings) - len(known),
        {i.id: i.title for i in check.indicators},
    )


def _needed(finding: Finding, bound: float | None, indicator: Any) -> float:
    """Return the share of what falls short that must be mended to reach a bound (a ratio), else all of it."""
    if bound is None or indicator.unit != "ratio" or not np.isfinite(finding.value):
        return 1.0
    if indicator.direction == "lower":
        need = (finding.value - bound) / finding.value if finding.value > 0 else 0.0
    else:
        need = (bound - finding.value) / (1 - finding.value) if finding.value < 1 else 0.0
    return float(np.clip(need, 1e-3, 1.0))


def _mended(options: Options, spec: Mapping[str, Any]) -> Floats:
    """Return the share of an object's need that each option mends, shape (options,)."""
    effect, objects = spec["effect"], options.objects
    change = np.array([m.effects.get(effect, 0.0) for m in options.measures])
    total = options.packages @ change
    if "below" in spec:
        grade = np.nan_to_num(objects[effect][options.object], nan=1.0)
        full = np.array([m.voluntary for m in options.measures])
        sure = options.packages @ np.where(full, 0.0, change)  # a voluntary measure mends only its own rooms
        after = np.maximum(grade + sure, 1.0)
        return ((total < 0) & (after < spec["below"])).astype(float)
    if effect == "own_toilet":
        units = np.maximum(np.nan_to_num(objects["dwellings_incomplete"][options.object]), 1)
        done = options.quantity @ np.where([m.unit == "dwelling" for m in options.measures], change, 0.0)
        rebuilt = options.packages @ np.where([m.unit != "dwelling" for m in options.measures], change, 0.0)
        return np.where(rebuilt > 0, 1.0, np.clip(done / units, 0.0, 1.0))
    return (total != 0).astype(float)


def _weights(objects: Objects) -> Mapping[str, Floats]:
    return {
        "building": np.where(objects.kind == ESTATE, 0.0, 1.0),
        "staircase": np.maximum(np.nan_to_num(objects["staircases_without_lift"]), 1e-9),
        "dwelling": np.nan_to_num(objects["dwellings"]),
        "incomplete": np.nan_to_num(objects["dwellings_incomplete"]),
        "elder": np.maximum(np.nan_to_num(objects["elders"]), 1e-9),
        "estate": np.where(objects.kind == ESTATE, 1.0, 0.0),
    }


def _contribution(options: Options, finding: Finding, mended: Floats, weight: Floats) -> Floats:
    """Return the share of a finding that each option mends, shape (options,)."""
    objects = options.objects
    place = np.zeros(len(objects))
    index = {name: i for i, name in enumerate(objects.ids)}
    rows = np.array(
        [index[o] for o in finding.objects if o in index and objects.kind[index[o]] != ESTATE], int
    )
    at = index.get(finding.place_id, -1)
    if at >= 0 and objects.kind[at] == ESTATE and (rows.size == 0 or weight[at] == 1.0):
        place[at] = 1.0
    elif rows.size:
        part = weight[rows] / max(weight[rows].sum(), 1e-12)
        place[rows] = part
        np.add.at(place, objects.estate[rows], part)  # works of an estate reach all its buildings
    return place[options.object] * mended
