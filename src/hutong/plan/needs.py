"""What measures do for the findings of the checkup: shares of what falls short, finding by finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from hutong.plan.results import Measure
from hutong.sense.results import Checkup, Finding, Indicator
from hutong.text import Text

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Works:
    """Packages at objects, one row each (n rows, m measures): what the needs are told about options."""

    objects: Objects
    measures: Sequence[Measure]
    object: Ints  # (n,)
    packages: Bools  # (n, m)
    quantity: Floats  # (n, m) units done


@dataclass(frozen=True)
class Needs:
    """The findings that some measure could mend, and what each option contributes.

    ``share`` is sparse (findings, options): the part of what falls short that an option mends. ``lift_alarm`` and
    ``mend`` are the parts needed to leave the alarm, and to leave warning altogether (both in (0, 1]). Where it is not
    known how much of a figure an option mends (``sure`` is false), a finding is at best partly mended.
    """

    findings: tuple[Finding, ...]
    share: sparse.csr_array
    lift_alarm: Floats
    mend: Floats
    sure: Bools
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
    return Reach.of(options.objects, check).needs(options)


@dataclass(frozen=True)
class Reach:
    """Where every finding that a measure could mend lies, whatever the options are: laid out once for a quarter."""

    findings: tuple[Finding, ...]
    parts: tuple[
        tuple[Mapping[str, Any], sparse.csr_array], ...
    ]  # per indicator: its entry, and findings × objects
    order: Ints  # place of each stacked row among the findings
    lift_alarm: Floats
    mend: Floats
    sure: Bools
    unmendable: int
    titles: Mapping[str, Text]

    @classmethod
    def of(cls, objects: Objects, check: Checkup) -> Reach:
        """Lay out the findings of a checkup over the objects of a quarter."""
        table, indicators = load_needs(), {i.id: i for i in check.indicators}
        known = tuple(f for f in check.findings if f.indicator in table)
        parts, order = [], []
        for name in dict.fromkeys(f.indicator for f in known):
            at = [i for i, f in enumerate(known) if f.indicator == name]
            parts.append((table[name], _reach(objects, [known[i] for i in at], indicators[name])))
            order += at
        bounds = [indicators[f.indicator] for f in known]
        return cls(
            known,
            tuple(parts),
            np.argsort(np.array(order, int)),
            np.array([needed(f, i.warn, i) for f, i in zip(known, bounds, strict=True)], float),
            np.array([needed(f, i.watch, i) for f, i in zip(known, bounds, strict=True)], float),
            np.array([is_sure(i) for i in bounds], bool),
            len(check.findings) - len(known),
            {i.id: i.title for i in check.indicators},
        )

    def needs(self, options: Options) -> Needs:
        """Return what every option contributes to every finding."""
        works = Works(options.objects, options.measures, options.object, options.packages, options.quantity)
        share = sparse.csr_array((0, len(options)))
        rows = [
            sparse.csr_array(reach[:, works.object] @ sparse.diags_array(_effect(works, spec)))
            for spec, reach in self.parts
        ]
        if rows:
            share = sparse.csr_array(sparse.vstack(rows, format="csr")[self.order, :])
        return Needs(
            self.findings, share, self.lift_alarm, self.mend, self.sure, self.unmendable, self.titles
        )


def contribution(
    works: Works, findings: Sequence[Finding], indicator: Indicator
) -> tuple[sparse.csr_array, Floats]:
    """Return the share of findings of one indicator that works mend, as a product.

    Returns
    -------
    The part of each finding that lies at each object, sparse (findings, objects), and what each row of ``works``
    mends of its object's part, shape (rows,).
    """
    return _reach(works.objects, findings, indicator), _effect(works, load_needs()[indicator.id])


def _reach(objects: Objects, findings: Sequence[Finding], indicator: Indicator) -> sparse.csr_array:
    """Return the part of each finding of one indicator that lies at each object, sparse (findings, objects)."""
    spec = load_needs()[indicator.id]
    if "adds" in spec:
        return _places_of_figures(objects, findings, indicator, spec)
    return _places(objects, findings, _weights(objects)[spec["by"]])


def _effect(works: Works, spec: Mapping[str, Any]) -> Floats:
    """Return what each row of works mends of its object's part, shape (rows,)."""
    return _added(works, spec) if "adds" in spec else _mended(works, spec)


def addresses(measure: Measure, indicator: str) -> bool:
    """Return whether a measure has the effect that mends an indicator."""
    spec = load_needs().get(indicator)
    if spec is None:
        return False
    change = measure.effects.get(spec["effect"], 0.0)
    return change < 0 if "below" in spec else change != 0


def is_sure(indicator: Indicator) -> bool:
    """Return whether it is known how much of the indicator's figure is mended, not only that something is."""
    return indicator.unit == "ratio" or "adds" in load_needs()[indicator.id]


def needed(finding: Finding, bound: float | None, indicator: Indicator) -> float:
    """Return the share of what falls short that must be mended to reach a bound; all of it where that is unknown."""
    if bound is None or not is_sure(indicator) or not np.isfinite(finding.value):
        return 1.0
    best = whole(indicator)
    gap = best - finding.value
    need = (bound - finding.value) / gap if abs(gap) > 0 else 0.0
    return float(np.clip(need, 1e-3, 1.0))


def whole(indicator: Indicator) -> float:
    """Return the value at which nothing falls short: 0 or 1 of a ratio, else the standard."""
    if indicator.unit == "ratio":
        return 0.0 if indicator.direction == "lower" else 1.0
    return float(indicator.standard or 0.0)


def _mended(works: Works, spec: Mapping[str, Any]) -> Floats:
    """Return the share of an object's need that each row mends, shape (rows,)."""
    effect, objects, measures = spec["effect"], works.objects, works.measures
    change = np.array([m.effects.get(effect, 0.0) for m in measures])
    total = works.packages @ change
    if "below" in spec:
        grade = np.nan_to_num(objects[effect][works.object], nan=1.0)
        full = np.array([m.voluntary for m in measures])
        sure = works.packages @ np.where(full, 0.0, change)  # a voluntary measure mends only its own rooms
        after = np.maximum(grade + sure, 1.0)
        return ((total < 0) & (after < spec["below"])).astype(float)
    if effect == "own_toilet":
        units = np.maximum(np.nan_to_num(objects["dwellings_incomplete"][works.object]), 1)
        done = works.quantity @ np.where([m.unit == "dwelling" for m in measures], change, 0.0)
        rebuilt = works.packages @ np.where([m.unit != "dwelling" for m in measures], change, 0.0)
        return np.where(rebuilt > 0, 1.0, np.clip(done / units, 0.0, 1.0))
    return (total != 0).astype(float)


def _added(works: Works, spec: Mapping[str, Any]) -> Floats:
    """Return what each row adds to the figure's upper part (spaces, m²), shape (rows,)."""
    figure = spec["adds"]
    per_unit = [
        (1.0 if figure == "units" else float(getattr(m, figure))) * (m.effects.get(spec["effect"], 0.0) != 0)
        for m in works.measures
    ]
    return np.asarray(works.quantity @ np.array(per_unit), np.float64)


def _weights(objects: Objects) -> Mapping[str, Floats]:
    return {
        "building": np.where(objects.kind == ESTATE, 0.0, 1.0),
        "staircase": np.maximum(np.nan_to_num(objects["staircases_without_lift"]), 1e-9),
        "dwelling": np.nan_to_num(objects["dwellings"]),
        "incomplete": np.nan_to_num(objects["dwellings_incomplete"]),
        "elder": np.maximum(np.nan_to_num(objects["elders"]), 1e-9),
        "estate": np.where(objects.kind == ESTATE, 1.0, 0.0),
    }


def _places(objects: Objects, findings: Sequence[Finding], weight: Floats) -> sparse.csr_array:
    """Return the part of each finding that lies at each object, sparse (findings, objects)."""
    index = objects.row_of_id
    at, where, part = [], [], []
    for i, finding in enumerate(findings):
        rows = np.array([index[o] for o in finding.objects if o in index], int)
        rows = rows[objects.kind[rows] != ESTATE]
        place = index.get(finding.place_id, -1)
        if place >= 0 and objects.kind[place] == ESTATE and (rows.size == 0 or weight[place] == 1.0):
            at.append(np.array([i]))
            where.append(np.array([place]))
            part.append(np.ones(1))
        elif rows.size:
            share = weight[rows] / max(weight[rows].sum(), 1e-12)
            at.append(np.full(2 * rows.size, i))
            where.append(
                np.concatenate([rows, objects.estate[rows]])
            )  # works of an estate reach all its buildings
            part.append(np.concatenate([share, share]))
    return _matrix(at, where, part, (len(findings), len(objects)))


def _places_of_figures(
    objects: Objects, findings: Sequence[Finding], indicator: Indicator, spec: Mapping[str, Any]
) -> sparse.csr_array:
    """Return how much of each finding one unit at an object mends: 1 ÷ what is missing to the standard there."""
    index, members = objects.row_of_id, objects.members
    each = float(spec.get("each", 1.0))
    at, where, part = [], [], []
    for i, finding in enumerate(findings):
        place = index.get(finding.place_id, -1)
        own = place >= 0 and finding.scale != "block"
        inside = members[
            (objects.estate[members] == place) if own else (objects.block[members] == finding.place_id)
        ]
        missing = (whole(indicator) - finding.value) * objects[spec["per"]][inside].sum() / each
        reached = np.union1d(inside, objects.estate[inside])
        if reached.size and missing > 0:
            at.append(np.full(reached.size, i))
            where.append(reached)
            part.append(np.full(reached.size, 1.0 / missing))
    return _matrix(at, where, part, (len(findings), len(objects)))


def _matrix(
    at: list[Ints], where: list[Ints], part: list[Floats], shape: tuple[int, int]
) -> sparse.csr_array:
    if not at:
        return sparse.csr_array(shape)
    cells = (np.concatenate(part), (np.concatenate(at), np.concatenate(where)))
    return sparse.csr_array(sparse.coo_array(cells, shape=shape))
