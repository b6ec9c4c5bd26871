"""Works spread over years: when each object is begun, within yearly money and room for those who must move out.

Every option of the static problem may begin in any of the years. Rows over the whole hold for all that is done in any
year; a row with a rate counts what begins later at that rate's discount. Room for people who move out while their
home is rebuilt is freed again when works end, and grows by what finished works give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.plan.problem import Problem, Row
from hutong.text import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Phases:
    """Years of work, what may be spent in each, and room for those who move out.

    Parameters
    ----------
    years
        In how many years works may begin.
    budgets
        Yuan by payer: one figure for every year, or one per year (years + 1 of them: works take two years).
    room
        Households that can stay elsewhere at once, when works begin; None: not limited.
    """

    years: int
    budgets: Mapping[str, float | tuple[float, ...]] = field(default_factory=dict)
    room: float | None = None


@dataclass(frozen=True)
class Moves:
    """Households that move out for each option, for how many years, and homes it gives when done: shape (options,) each."""

    out: Floats
    years: Ints
    gives: Floats


def phased(
    problem: Problem,
    phases: Phases,
    rates: Mapping[str, float],
    gain_rate: float,
    spent: Mapping[str, Floats],
    shares: Floats,
    moves: Moves | None = None,
) -> Problem:
    """Return the problem over options × years; column ``year · n + option`` begins an option in a year.

    Parameters
    ----------
    problem
        The static problem: its first n columns are options, in the order of ``spent``; others follow.
    rates
        Discount rate of the rows (by id) whose figures are present values.
    gain_rate
        Discount rate of what options add to the objective.
    spent
        Yuan that each payer spends on each option, shape (n,).
    shares
        Share of that in each year from the start, shape (k,).
    """
    n = int(next(iter(spent.values())).size) if spent else int((problem.group >= 0).sum())
    years = phases.years
    head, tail = problem.matrix[:, :n], problem.matrix[:, n:]
    rate = np.array([rates.get(r.id, 0.0) for r in problem.rows])
    blocks = [sparse.diags_array((1 + rate) ** -t) @ head for t in range(years)]
    matrix = sparse.hstack([*blocks, tail], format="csr")
    gain = np.concatenate([problem.objective[:n] * (1 + gain_rate) ** -t for t in range(years)])
    added, lower, upper, rows = [], [], [], []
    columns = years * n + tail.shape[1]
    for payer, limit in phases.budgets.items():
        for year in range(years + len(shares) - 1):
            most = limit[year] if isinstance(limit, tuple) else float(limit)
            full = np.zeros(columns)
            for t in range(years):
                if 0 <= year - t < len(shares):
                    full[t * n : (t + 1) * n] = shares[year - t] * spent[payer]
            added.append(full)
            rows.append(_money_row(payer, year))
            lower.append(-np.inf)
            upper.append(most)
    if moves is not None and phases.room is not None:
        for year in range(years):
            full = np.zeros(columns)
            for t in range(year + 1):
                away = np.where(year - t < moves.years, moves.out, 0.0)
                back = np.where(year - t >= np.maximum(moves.years, len(shares)), moves.gives, 0.0)
                full[t * n : (t + 1) * n] = away - back
            added.append(full)
            rows.append(_room_row(year))
            lower.append(-np.inf)
            upper.append(phases.room)
    block = sparse.csr_array(np.array(added).reshape(len(added), columns))
    scale = [max(float(np.abs(a).max(initial=0.0)), abs(u)) or 1.0 for a, u in zip(added, upper, strict=True)]
    rows = [Row(r.id, r.title, r.unit, r.source, s) for r, s in zip(rows, scale, strict=True)]
    return Problem(
        np.concatenate([gain, problem.objective[n:]]),
        sparse.csr_array(sparse.vstack([matrix, block], format="csr")),
        np.concatenate([problem.lower, lower]),
        np.concatenate([problem.upper, upper]),
        np.concatenate([np.tile(problem.group[:n], years), problem.group[n:]]),
        problem.rows + tuple(rows),
        np.concatenate([np.tile(problem.column_upper[:n], years), problem.column_upper[n:]]),
        problem.offset,
    )


def _money_row(payer: str, year: int) -> Row:
    names = {
        "city": Text("市级", "City"),
        "district": Text("区级", "District"),
        "owner_unit": Text("产权单位", "Owner units"),
    }
    who = names.get(payer, Text(payer, payer))
    title = Text(f"{who.zh}第 {year + 1} 年资金", f"{who.en} money in year {year + 1}")
    return Row(f"year.{payer}:{year}", title, "yuan", Text("年度预算", "the yearly budget"))


def _room_row(year: int) -> Row:
    title = Text(f"第 {year + 1} 年周转住房", f"Room for those moved out in year {year + 1}")
    return Row(f"rehousing_room:{year}", title, "households", Text("周转房源", "the stock for rehousing"))
