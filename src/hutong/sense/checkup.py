"""The city health check 城市体检: every indicator in every place, what falls short, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from hutong.city import City
from hutong.rules import Rules
from hutong.sense.access import walking_access
from hutong.sense.cases import make_cases
from hutong.sense.findings import make_findings
from hutong.sense.ground import Cases, Ground
from hutong.sense.measure import Measured, measure
from hutong.sense.notes import make_notes
from hutong.sense.places import SCALES
from hutong.sense.registry import kinds_used, registry
from hutong.sense.results import STATUSES, TALLY_COLUMNS, VALUE_COLUMNS, Checkup, Finding
from hutong.sense.trend import ranked
from hutong.sense.wording import NO_DATA, NOT_SURVEYED, NOTHING_HERE, at_least, sentence
from hutong.text import Text

#: How far people are followed on foot; raised where an indicator asks for more.
CUTOFF_M = 1200.0


def checkup(city: City, rules: Rules, own: Path | None = None) -> Checkup:
    """Check a snapshot against the indicators that can be computed from it.

    Unknown cases are left out of numerator and denominator and lower the coverage; a place of which nothing is
    known has the status ``unknown`` and the reason. Estates and blocks to which an indicator does not apply
    have no row; the quarter always has one.

    Parameters
    ----------
    rules
        The rules on the date of the snapshot; they give the standards and radii.
    own
        A file of the city's own indicators, checked with the others (docs/checkup.md).
    """
    indicators = registry(rules, own)
    reaching = [i.compute["reach"] for i in indicators if "reach" in i.compute]
    kinds = tuple(dict.fromkeys(kind for spec in reaching for kind in kinds_used(spec)))
    cutoff = max([CUTOFF_M, *(float(spec["metres"]) for spec in reaching)])
    ground = Ground(city, walking_access(city, kinds, cutoff))
    parts: list[dict[str, np.ndarray]] = []
    findings: list[Finding] = []
    counted: dict[str, Cases] = {}
    for indicator in indicators:
        cases = make_cases(ground, indicator)
        counted[indicator.id] = cases
        for scale in SCALES:
            if scale not in indicator.scales:
                continue
            measured = measure(ground, indicator, cases, scale)
            parts.append(_rows(ground, measured, cases))
            if indicator.finding:
                findings += make_findings(ground, measured, cases)
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Checkup(
        indicators=indicators,
        values=pd.DataFrame({name: rows[name] for name in VALUE_COLUMNS}),
        findings=ranked(findings),
        access=ground.access,
        notes=tuple(make_notes(ground, indicators, counted)),
        tally=pd.DataFrame({name: rows[name] for name in TALLY_COLUMNS}),
    )


def _rows(ground: Ground, measured: Measured, cases: Cases) -> dict[str, np.ndarray]:
    """Return the rows of ``Checkup.values`` and ``Checkup.tally`` for one indicator at one scale, by column."""
    keep = np.arange(len(measured.value))
    if measured.scale != "quarter":
        populated = np.bincount(measured.code[measured.code >= 0], minlength=len(keep)) > 0
        keep = np.flatnonzero(populated)
    reasons = list(_reasons(measured, cases, keep))
    return {
        "indicator": np.full(len(keep), measured.indicator.id, dtype=object),
        "scale": np.full(len(keep), measured.scale, dtype=object),
        "place_id": ground.places.ids[measured.scale][keep],
        "place_name": ground.places.labels(measured.scale)[keep],
        "value": measured.value[keep],
        "status": np.array(STATUSES, dtype=object)[measured.status[keep]],
        "coverage": measured.coverage[keep],
        "n": measured.n[keep],
        "people": measured.people[keep],
        "reason_zh": np.array([zh for zh, _ in reasons], dtype=object),
        "reason_en": np.array([en for _, en in reasons], dtype=object),
        "short": measured.failing[keep].astype(np.int64),
        "cases": measured.cases[keep],
    }


def _reasons(measured: Measured, cases: Cases, rows: np.ndarray) -> Iterator[tuple[str, str]]:
    unknown = STATUSES.index("unknown")
    for i in rows:
        if measured.status[i] == unknown:
            text = _unknown(measured, cases, int(i))
        else:
            text = sentence(
                measured.indicator,
                float(measured.value[i]),
                float(measured.short[i]),
                float(measured.counted[i]),
                int(measured.cases[i] - measured.n[i]),
            )
        yield text.zh, text.en


def _unknown(measured: Measured, cases: Cases, place: int) -> Text:
    if cases.least and measured.n[place]:
        known, every = int(measured.n[place]), int(measured.cases[place])
        return at_least(measured.indicator, float(measured.bound[place]), known, every)
    if cases.unknown_why is not None:
        return cases.unknown_why
    if not measured.cases[place]:
        return NOTHING_HERE
    return NOT_SURVEYED if "survey.value" in measured.indicator.needs else NO_DATA
