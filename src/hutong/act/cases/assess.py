"""How units did at whistles: who called is assessed, and who was called (双考核, 《北京市接诉即办工作条例》 art. 33)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from hutong.act.cases.case import Case
from hutong.sense.requests.rates import wilson

ASSESS_COLUMNS = ("unit", "role", "whistles", "done", "share", "low", "high", "median_hours")


def dual_assessment(cases: Iterable[Case]) -> pd.DataFrame:
    """Return, for every unit that whistled or was whistled, how it went.

    For a unit that was called, ``done`` counts the whistles to which it reported in and did its part, and
    ``median_hours`` is the time from the call to its reporting in. For a unit that called, ``done`` counts the cases
    with whistles that were solved at call-back, and the hours run from the call to the last reply. Shares have
    Wilson intervals at 95 %; cases that are still open count only for who was called.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`ASSESS_COLUMNS`, sorted by role and unit; hours are NaN where nothing is known.
    """
    rows = []
    for case in cases:
        for unit, whistle in case.whistles.items():
            hours = (whistle.reported - whistle.called).total_seconds() / 3600 if whistle.reported else np.nan
            rows.append((unit, "called", whistle.done is not None, hours))
        if case.whistles and not case.open:
            first = min(w.called for w in case.whistles.values())
            hours = (case.replied - first).total_seconds() / 3600 if case.replied else np.nan
            rows.append((case.unit, "calling", case.solved is True, hours))
    table = pd.DataFrame(rows, columns=["unit", "role", "done", "hours"])
    grouped = table.groupby(["role", "unit"], sort=True)
    out = grouped.agg(
        whistles=("done", "size"), done=("done", "sum"), median_hours=("hours", "median")
    ).reset_index()
    out["low"], out["high"] = wilson(out["done"], out["whistles"])
    out["share"] = out["done"] / out["whistles"]
    return out[list(ASSESS_COLUMNS)]
