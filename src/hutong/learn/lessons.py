"""What is believed now: costs, effects and acceptance after what happened, offered to the next round for a person to accept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hutong.learn.belief import NormalBelief, RatioBelief, ShareBelief
from hutong.plan.learned import LEARNED_COLUMNS
from hutong.plan.results import Measure

#: One row per measure and quantity: what was believed with its 90 % interval, on how many cases it was tried, what is
#: believed now. ``quantity`` is ``cost`` (paid ÷ planned), ``effect:OUTCOME`` (change) or ``acceptance`` (share).
LESSON_COLUMNS = (
    "measure", "quantity", "before", "before_low", "before_high", "cases", "after", "after_low", "after_high", "moved",
)  # fmt: skip
#: A planned effect is taken with this spread of its size, as long as the catalogue gives none (ours).
EFFECT_SPREAD = 0.5


def lessons(measures: Sequence[Measure], works: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return what was learned of each measure that was tried (``LESSON_COLUMNS``).

    ``moved`` tells that the earlier figure lies outside the new interval: a person should look at it. Nothing is changed
    in the catalogue by itself. Doubtful effects teach nothing. Where nobody predicted a share, ``before`` is unknown.
    """
    rows: list[tuple] = []
    for measure in measures:
        here = works[works["measure"] == measure.id]
        ratios = (here["paid_yuan"] / here["planned_yuan"].where(here["planned_yuan"] > 0)).to_numpy(float)
        tried = int(np.isfinite(ratios).sum())
        if tried:
            prior = RatioBelief.from_range(measure.capital_low, measure.capital, measure.capital_high)
            now = prior.learn(ratios)
            rows.append(
                _row(measure.id, "cost", 1.0, prior.interval(of_next=True), tried, now.ratio, now.interval())
            )
        rows += _effect_rows(measure, effects)
        answered = here[here["asked"] > 0].dropna(subset=["asked", "signed"])
        if len(answered):
            rows.append(_acceptance(measure.id, answered))
    return pd.DataFrame(rows, columns=list(LESSON_COLUMNS))


def _effect_rows(measure: Measure, effects: pd.DataFrame) -> list[tuple]:
    rows = []
    for e in effects[(effects["measure"] == measure.id) & ~effects["doubtful"].astype(bool)].itertuples():
        planned, estimate, se = float(e.planned), float(e.estimate), float(e.se)
        if not (math.isfinite(estimate) and math.isfinite(planned) and planned and se > 0):
            continue
        prior = NormalBelief(planned, abs(planned) * EFFECT_SPREAD)
        now = prior.learn(estimate, se)
        name = f"effect:{e.outcome}"
        rows.append(
            _row(measure.id, name, prior.mean, prior.interval(), int(e.treated), now.mean, now.interval())
        )
    return rows


def _acceptance(measure: str, answered: pd.DataFrame) -> tuple:
    asked, signed = float(answered["asked"].sum()), float(answered["signed"].sum())
    predicted = answered["predicted_share"]
    known = predicted.notna()
    prior = ShareBelief(1.0, 1.0)
    if known.any():
        prior = ShareBelief.from_share(float(np.average(predicted[known], weights=answered["asked"][known])))
    now = prior.learn(signed, asked)
    if not known.any():
        nan = math.nan
        return (measure, "acceptance", nan, nan, nan, int(asked), now.share, *now.interval(), False)
    return _row(measure, "acceptance", prior.share, prior.interval(), int(asked), now.share, now.interval())


def _row(
    measure: str, quantity: str, before: float, was: tuple[float, float], cases: int, after: float, now: tuple[float, float]
) -> tuple:  # fmt: skip
    return (measure, quantity, before, *was, cases, after, *now, not now[0] <= before <= now[1])


def lessons_record(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return lessons as the record that a person fills in (``hutong.plan.learned.LEARNED_COLUMNS``), undecided.

    What cannot be carried over is left out. ``source`` names the evaluation.
    """
    rows = [
        {
            "measure": row["measure"], "quantity": row["quantity"], "value": value, "decision": "", "decided": "",
            "source": source, "reason": "", **{k: row[k] for k in ("before", "after", "after_low", "after_high", "cases", "moved")},
        }
        for row in table.to_dict("records")
        if (value := carried(row)) is not None
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=[*LEARNED_COLUMNS, "before", "after", "after_low", "after_high", "cases", "moved"]
    )


def carried(row: Mapping[str, Any], lean: float = 0.0, factor: float = 1.0) -> float | None:
    """Return what a lesson says in terms of the catalogue as shipped (``hutong.plan.learned``); None: it cannot be used.

    Parameters
    ----------
    row
        One of :data:`LESSON_COLUMNS`.
    lean, factor
        What earlier lessons had already made of acceptance and cost when the works were planned.
    """
    quantity, before, after = str(row["quantity"]), float(row["before"]), float(row["after"])
    if quantity == "cost":
        return factor * after
    if quantity == "acceptance":
        if not (0 < before < 1 and 0 < after < 1):
            return None
        return lean + math.log(after / (1 - after)) - math.log(before / (1 - before))
    return after
