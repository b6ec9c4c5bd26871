"""Plan beside outcome: what each measure was expected to change, and what it changed, by matched comparison."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.city import City
from hutong.learn.matching import Effect, matched_effect
from hutong.plan.results import Measure
from hutong.text import Text

#: One row per measure and outcome. ``planned`` is what the catalogue promised on these very buildings, ``estimate`` what came.
EFFECT_COLUMNS = (
    "measure", "outcome", "planned", "estimate", "low", "high", "se", "treated", "compared", "left_out", "doubtful", "verdict",
    "reason_zh", "reason_en",
)  # fmt: skip
VERDICTS = ("as_planned", "less", "more", "unknown")
#: What makes buildings comparable, beside the outcome before.
COVARIATES = ("built_year", "storeys", "floor_area_m2")
_BEST_GRADE = 1.0


def effects(
    before: City,
    after: City,
    works: pd.DataFrame,
    measures: Sequence[Measure],
    *,
    earlier: City | None = None,
) -> pd.DataFrame:
    """Return the effects of the measures of ``works`` that were finished between two snapshots (``EFFECT_COLUMNS``).

    Only cells that were observed in both snapshots count: an imputed grade is not an outcome. Buildings with any other
    works in the period are no comparison. A building with several measures counts for each of them, so effects of
    measures that go together cannot be told apart; ``doubtful`` says where the comparison is unbalanced or differed
    before the works.
    """
    old = before["buildings"]
    ids = old["building_id"].to_numpy(str)
    place = pd.Series(np.arange(len(old)), index=ids)
    start, end = np.datetime64(before.meta.date), np.datetime64(after.meta.date)
    done = works[(works["finished"] > start) & (works["finished"] <= end)]
    touched = np.zeros(len(old), bool)
    touched[place[done["building_id"]].to_numpy()] = True
    x = np.column_stack([old[c].to_numpy(float, na_value=np.nan) for c in COVARIATES])
    x = x[:, ~np.isnan(x).all(axis=0)]
    rows = []
    for measure in measures:
        here = done[done["measure"] == measure.id]
        treated = np.zeros(len(old), bool)
        treated[place[here["building_id"]].to_numpy()] = True
        if not treated.any():
            continue
        use = treated | ~touched
        for outcome, change in measure.effects.items():
            if outcome not in old.columns or outcome not in after["buildings"].columns:
                continue
            y0, y1 = _observed(before, outcome, ids), _observed(after, outcome, ids)
            past = None if earlier is None else _observed(earlier, outcome, ids)[use]
            found = matched_effect(y0[use], y1[use], treated[use], x[use], earlier=past)
            known = treated & np.isfinite(y0) & np.isfinite(y1)
            rows.append(_told(measure.id, outcome, _promised(outcome, change, y0[known]), found))
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))


def _observed(city: City, column: str, ids: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return the observed values of a column of buildings in the order of ``ids``; NaN for all others."""
    frame = city["buildings"]
    if column not in frame.columns:
        return np.full(len(ids), np.nan)
    values = frame[column].to_numpy(float, na_value=np.nan)
    values = np.where(city.origin("buildings", column) == 0, values, np.nan)
    found = pd.Series(values, index=frame["building_id"].to_numpy(str)).reindex(ids)
    return found.to_numpy(float)


def _promised(outcome: str, change: float, before: NDArray[np.float64]) -> float:
    """Return the mean change that the catalogue promises: a grade mends to A at most, a yes becomes yes."""
    if before.size == 0:
        return float("nan")
    if outcome.startswith("cond_"):
        return float((np.maximum(before + change, _BEST_GRADE) - before).mean())
    if set(np.unique(before)) <= {0.0, 1.0}:
        return float((np.clip(before + change, 0, 1) - before).mean())
    return change


def signed(value: float) -> str:
    """Return a change with its sign, as people read it."""
    return f"{value:+.2f}".replace("-", "−")


def _told(measure: str, outcome: str, planned: float, e: Effect) -> dict:
    verdict, reason = "unknown", e.reason
    if e.known and np.isfinite(planned):
        short = (e.estimate - planned) * np.sign(planned) < 0
        verdict = "as_planned" if e.low <= planned <= e.high else "less" if short else "more"
        said = {
            "as_planned": Text("与计划相符", "as planned"),
            "less": Text("不及计划", "less than planned"),
            "more": Text("好于计划", "more than planned"),
        }[verdict]
        doubt = Text("；可比性存疑", "; the comparison is doubtful") if e.doubtful else Text("", "")
        reason = Text(
            f"{said.zh}：{signed(e.estimate)}（{signed(e.low)} 至 {signed(e.high)}），计划 {signed(planned)}{doubt.zh}",
            f"{said.en}: {signed(e.estimate)} ({signed(e.low)} to {signed(e.high)}), planned {signed(planned)}{doubt.en}",
        )
    why = reason or Text("计划值未知", "what was planned is not known")
    return {
        "measure": measure, "outcome": outcome, "planned": planned, "estimate": e.estimate, "low": e.low, "high": e.high,
        "se": e.se, "treated": e.treated, "compared": e.compared, "left_out": e.left_out,
        "doubtful": e.known and e.doubtful, "verdict": verdict, "reason_zh": why.zh, "reason_en": why.en,
    }  # fmt: skip
