"""What a studio says of a scheme: money, consent, findings, and every limit it passes, each with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.plan.document import SchemeDocument
from hutong.plan.limits import Unit, add_budgets, add_law, add_people
from hutong.plan.needs import Needs, whole
from hutong.plan.picks import Doubt, Pick
from hutong.plan.problem import RowBuilder
from hutong.plan.results import Binding, Scheme
from hutong.rules import CheckReport
from hutong.sense.results import Checkup

#: Columns of :attr:`Review.findings`. ``value_after`` is NaN where it is not known how much of a figure is mended.
FINDING_COLUMNS = (
    "indicator", "place_id", "place_zh", "place_en", "status", "people", "value", "value_after", "mends", "state",
)  # fmt: skip


@dataclass(frozen=True)
class Review:
    """A scheme as it stands.

    Parameters
    ----------
    report
        What the rules say (law): violations with their source, what could not be checked, what was justified.
    limits
        Limits of the plan that are passed and are no law: budgets, no household worse off, owners' burden, room for
        those who move nearby.
    findings
        The findings of the checkup and what becomes of each (``FINDING_COLUMNS``): mended, partly or untouched.
    doubts
        Choices that nothing forbids but that a planner should look at.
    picks
        Its choices as rows of the quarter.
    """

    document: SchemeDocument
    scheme: Scheme
    report: CheckReport
    limits: tuple[Binding, ...]
    findings: pd.DataFrame
    doubts: tuple[Doubt, ...]
    picks: tuple[Pick, ...]

    @property
    def lawful(self) -> bool:
        """Whether no rule is broken without a recorded reason."""
        return not self.report.violations

    @property
    def sound(self) -> bool:
        """Whether no rule is broken and no limit of the plan is passed."""
        return self.lawful and not self.limits


def broken_limits(unit: Unit, budget: Mapping[str, float], surplus: float) -> tuple[Binding, ...]:
    """Return the limits that are no rule of law and that all options of a unit, taken together, pass."""
    build = RowBuilder.over(unit.columns)
    add_law(build, unit)
    add_people(build, unit)
    add_budgets(build, unit, budget)
    n = len(unit.options)
    problem = build.build(np.zeros(n + 1), np.r_[np.arange(n), -1], np.r_[np.ones(n), np.inf])
    activity = problem.matrix @ np.r_[np.ones(n), surplus]
    scale = np.array([row.scale for row in problem.rows])
    over = np.maximum(problem.lower - activity, activity - problem.upper) > 1e-6 * scale
    out = []
    for at in np.flatnonzero(over):
        row = problem.rows[at]
        if row.id in unit.rules or row.id.startswith("plot_ratio"):
            continue  # law is judged by the rules themselves, from the account
        limit = problem.lower[at] if activity[at] < problem.lower[at] else problem.upper[at]
        out.append(Binding(row.id, row.title, float(activity[at]), float(limit), row.unit, row.source))
    return tuple(out)


def findings_table(needs: Needs, chosen: NDArray[np.int64], check: Checkup) -> pd.DataFrame:
    """Return what becomes of every finding that a measure could mend."""
    n, best = len(needs.findings), {i.id: whole(i) for i in check.indicators}
    mends = np.asarray(needs.share[:, chosen].sum(axis=1)).ravel() if chosen.size else np.zeros(n)
    mended = (mends >= needs.mend - 1e-4) & needs.sure
    rows = []
    for i, f in enumerate(needs.findings):
        share = float(min(mends[i], 1.0))
        after = f.value + share * (best[f.indicator] - f.value) if needs.sure[i] else float("nan")
        state = "mended" if mended[i] else "partly" if share > 1e-9 else "untouched"
        rows.append((f.indicator, f.place_id, f.place.zh, f.place.en, f.status, f.people, f.value, after, share, state))  # fmt: skip
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))
