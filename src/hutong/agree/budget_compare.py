"""Who gains and who loses by the rule: two outcomes of one budget, seen by the people and by the neighbourhoods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.agree.budget import BudgetOutcome, BudgetVote
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from hutong.text import Text

#: Name of the row that gathers groups too small to be shown.
OTHERS = "others"


@dataclass(frozen=True, eq=False)
class BudgetComparison:
    """Two outcomes side by side.

    ``groups`` (index group): ``voters``; yuan of funded projects they approved in all, ``first`` and ``second``,
    and per voter; ``gain``, ``lose``, ``same``: voters better, worse and as well off by the second rule;
    ``none_first``, ``none_second``: voters with nothing funded that they approve. The last row is everybody.
    ``labels`` (index label): yuan spent by each rule, ``fair_share``: the budget divided by voters, each voter's
    part divided equally over the approved projects. ``only_first``, ``only_second``: projects that one funds alone.
    """

    first: str
    second: str
    groups: pd.DataFrame
    labels: pd.DataFrame
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


def utilities(vote: BudgetVote, outcome: BudgetOutcome) -> NDArray[np.int64]:
    """Return the cost of funded projects each voter approves, yuan, int64 (voters,)."""
    funded = np.array([p.id in set(outcome.funded) for p in vote.projects], bool)
    costs = np.array(vote.costs, np.int64) * funded
    return vote.approvals @ costs


def compare_budgets(
    vote: BudgetVote,
    first: BudgetOutcome,
    second: BudgetOutcome,
    groups: Sequence[str] | None = None,
    smallest: int = FEWEST_PEOPLE,
) -> BudgetComparison:
    """Compare two outcomes by group of voters and by label of project.

    Parameters
    ----------
    groups
        A group per voter, in order; groups under ``smallest`` are gathered in one row, joined by the next smallest
        if the row is itself too small.

    Raises
    ------
    HutongError
        ``bad-groups`` if there is not one group per voter.
    """
    names = np.array(["all"] * len(vote.voters) if groups is None else [str(g) for g in groups], dtype=object)
    if len(names) != len(vote.voters):
        raise HutongError(
            "bad-groups",
            Text(
                f"有 {len(vote.voters)} 张选票，却给出 {len(names)} 个分组。",
                f"There are {len(vote.voters)} ballots but {len(names)} groups.",
            ),
            Text(
                "请按选票顺序为每人给出一个分组。", "Give one group per voter, in the order of the ballots."
            ),
        )
    names = gathered(names, smallest)
    a, b = utilities(vote, first), utilities(vote, second)
    rows = {}
    shown = sorted(set(names) - {"all"}, key=lambda g: (g == OTHERS, g))
    for group in [*shown, "all"]:
        at = np.ones(len(names), bool) if group == "all" else names == group
        rows[group] = _group_row(a[at], b[at])
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "group"
    return BudgetComparison(
        first.rule,
        second.rule,
        table,
        _labels(vote, first, second),
        tuple(p for p in first.funded if p not in second.funded),
        tuple(p for p in second.funded if p not in first.funded),
    )


def _group_row(a: NDArray[np.int64], b: NDArray[np.int64]) -> dict[str, float]:
    n = len(a)
    return {
        "voters": n,
        "first": int(a.sum()),
        "second": int(b.sum()),
        "first_per_voter": int(a.sum()) / n if n else np.nan,
        "second_per_voter": int(b.sum()) / n if n else np.nan,
        "gain": int((b > a).sum()),
        "lose": int((b < a).sum()),
        "same": int((b == a).sum()),
        "none_first": int((a == 0).sum()),
        "none_second": int((b == 0).sum()),
    }


def gathered(names: NDArray[np.object_], smallest: int) -> NDArray[np.object_]:
    """Give groups too small one common name (:data:`OTHERS`), so that none follows by subtraction; all, if that is all there are."""
    sizes = sorted((int((names == g).sum()), str(g)) for g in set(names))
    hidden: list[str] = []
    total = 0
    for size, group in sizes:
        if size >= smallest and (total == 0 or total >= smallest):
            break
        hidden.append(group)
        total += size
    if len(hidden) == len(sizes):
        return np.array(["all"] * len(names), dtype=object)
    return np.array([OTHERS if g in hidden else g for g in names], dtype=object)


def _labels(vote: BudgetVote, first: BudgetOutcome, second: BudgetOutcome) -> pd.DataFrame:
    labels = np.array([p.label for p in vote.projects], dtype=object)
    costs = np.array(vote.costs, np.int64)
    each = vote.approvals.sum(axis=1)
    weight = np.divide(1.0, each, out=np.zeros(len(each)), where=each > 0) @ vote.approvals
    part = weight / max(1, int((each > 0).sum())) * vote.budget
    rows = {}
    for label in sorted(set(labels)):
        at = labels == label
        spent = [
            int(costs[at & np.isin([p.id for p in vote.projects], outcome.funded)].sum())
            for outcome in (first, second)
        ]
        rows[label] = {
            "projects": int(at.sum()),
            "approvals": int(vote.approvals[:, at].sum()),
            "first": spent[0],
            "second": spent[1],
            "fair_share": float(part[at].sum()),
        }
    out = pd.DataFrame.from_dict(rows, orient="index")
    out.index.name = "label"
    return out
