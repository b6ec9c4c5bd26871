"""Limits that no scheme meets together: the smallest set of them, and what each would have to give.

Found by QuickXplain (Junker 2004, AAAI, alg. 1): every limit of the set is needed for the contradiction; without any
one of them the rest can be met. The linear relaxation is asked first, since most contradictions show there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.highs import Effort, run
from hutong.plan.problem import Problem, Row, settle_single, undominated
from hutong.rules.notes import IN_PRINCIPLE
from hutong.text import Text, number

#: Time for one question whether a set of limits can be met in whole options, and for all of them, seconds.
EACH, SEARCH = 5.0, 45.0


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A limit of the set: what it is, where it stands, and where it would have to stand if it alone gave way.

    ``needed`` is NaN where giving way alone is not enough, or could not be settled.
    """

    row: Row
    limit: float
    needed: float
    lower: bool  # whether the limit is a floor (else a ceiling)

    @property
    def short(self) -> float:
        """By how much it would have to give way, in its unit."""
        return abs(self.needed - self.limit)


@dataclass(frozen=True, slots=True)
class Conflict:
    """The limits that contradict each other.

    ``smallest`` is false where the time ended before every limit was shown to be needed.
    """

    rows: tuple[ConflictRow, ...]
    smallest: bool


def find_conflict(problem: Problem, effort: Effort) -> Conflict | None:
    """Return the smallest set of rows that no choice meets together; None if all can be met, or nothing was settled."""
    until = time.monotonic() + SEARCH
    effort = replace(effort, node_limit=None, watch=None, time_limit=min(effort.time_limit, EACH))
    everything = np.arange(len(problem.rows))
    relax = _cannot(problem, everything, effort, relax=True)
    if not relax and _cannot(problem, everything, effort, relax=False) is not True:
        return None
    open_: list[bool] = []

    def cannot(rows: NDArray[np.int64], relax: bool = False) -> bool:
        found = _cannot(problem, rows, effort, relax) if time.monotonic() < until else None
        open_.append(found is None)
        return found is True

    if relax:  # in whole options fewer limits may contradict each other than in shares
        among = quick_explain(_proof_rows(problem, effort), partial(cannot, relax=True))
    else:
        among = _families(problem, cannot)
    found = quick_explain(among, cannot)
    return Conflict(tuple(_needed(problem, int(at), effort, until) for at in found), not any(open_))


def _families(problem: Problem, cannot: Callable[[NDArray[np.int64]], bool]) -> NDArray[np.int64]:
    """Return the rows of the families (rows named alike) that still cannot be met, so that few questions drop many rows."""
    heads = np.array([r.id.split(":")[0] for r in problem.rows])
    names, family = np.unique(heads, return_inverse=True)
    found = quick_explain(np.arange(names.size), lambda of: cannot(np.flatnonzero(np.isin(family, of))))
    return np.flatnonzero(np.isin(family, found))


def quick_explain(rows: NDArray[np.int64], cannot: Callable[[NDArray[np.int64]], bool]) -> NDArray[np.int64]:
    """Return a smallest part of ``rows`` that still cannot be met; ``cannot`` says whether a set cannot."""
    nothing = np.empty(0, np.int64)

    def part(held: NDArray[np.int64], grew: bool, rest: NDArray[np.int64]) -> NDArray[np.int64]:
        if grew and cannot(held):
            return nothing
        if rest.size == 1:
            return rest
        first, second = rest[: rest.size // 2], rest[rest.size // 2 :]
        later = part(np.concatenate([held, first]), first.size > 0, second)
        earlier = part(np.concatenate([held, later]), later.size > 0, first)
        return np.concatenate([earlier, later])

    return np.sort(part(nothing, False, rows)) if rows.size else rows


def only(problem: Problem, rows: NDArray[np.int64]) -> Problem:
    """Return the problem with these rows only."""
    rows = np.sort(rows)
    return replace(
        problem,
        matrix=problem.matrix[rows, :],
        lower=problem.lower[rows],
        upper=problem.upper[rows],
        rows=tuple(problem.rows[i] for i in rows),
    )


def _cannot(problem: Problem, rows: NDArray[np.int64], effort: Effort, relax: bool) -> bool | None:
    """Return whether rows cannot be met together; None where that was not settled."""
    part = only(problem, rows)
    part = replace(part, objective=np.zeros(part.group.size))
    if not relax:  # whole options: leave out those that another meets as well
        keep, part = settle_single(part)
        part = part.keep(keep)
        part = part.keep(undominated(part))
    found = run(part, replace(effort, gap=1e9), relax=relax)
    if found.status == "infeasible":
        return True
    return False if found.x is not None else None


def _proof_rows(problem: Problem, effort: Effort) -> NDArray[np.int64]:
    """Return the rows that prove the relaxation infeasible: those with a price when the total excess is least."""
    priced = run(problem, effort, relax=True, slack=np.ones(len(problem.rows), bool)).row_price
    found = np.flatnonzero(np.abs(priced) > 1e-9)
    everything = np.arange(len(problem.rows))
    return found if found.size and _cannot(problem, found, effort, relax=True) else everything


def _needed(problem: Problem, at: int, effort: Effort, until: float) -> ConflictRow:
    """Return a row with the limit at which the others could be met, where there is time for it."""
    slack = np.zeros(len(problem.rows), bool)
    slack[at] = True
    found = run(problem, replace(effort, gap=0.02), slack=slack) if time.monotonic() < until else None
    lower, upper = problem.lower[at], problem.upper[at]
    if found is None or found.x is None:
        return ConflictRow(
            problem.rows[at], lower if np.isfinite(lower) else upper, float("nan"), bool(np.isfinite(lower))
        )
    activity = float((problem.matrix[[at], :] @ found.x)[0])
    floor = bool(np.isfinite(lower) and activity < lower) or not np.isfinite(upper)
    return ConflictRow(problem.rows[at], float(lower if floor else upper), activity, floor)


#: How limits may give way: kind, beginnings of the ids of its rows, words. What is named nowhere is rigid.
KINDS = (
    ("money", ("budget", "subsidy", "year."), Text("增加资金", "more money")),
    ("aims", ("alarm", "service_floor", "floor.", "least", "menu_basic"), Text("降低目标", "lower aims")),
    (
        "allowances",
        ("rehousing", "transfer", "reserve", "mix", "fund", "support"),
        Text("扩大额度", "wider allowances"),
    ),
    (
        "principle",
        (*IN_PRINCIPLE,),
        Text("原则性要求（须记录理由）", "limits in principle, with a recorded reason"),
    ),
)
RIGID = Text("不可突破", "never passed")


def kind_of(row: Row) -> tuple[str, Text]:
    """Return the kind of a limit by how it may give way, with its words."""
    for name, heads, words in KINDS:
        if row.id.startswith(heads) and not row.id.endswith(".pool"):  # a pool only passes on what it takes
            return name, words
    return "rigid", RIGID


def ways_out(problem: Problem, effort: Effort) -> list[tuple[Text, tuple[ConflictRow, ...]]]:
    """Return, for every kind of limit that alone can give way enough, which limits and how far (least in total)."""
    effort = replace(effort, node_limit=None, watch=None, time_limit=min(effort.time_limit, EACH), gap=0.02)
    kinds = [kind_of(r)[0] for r in problem.rows]
    out = []
    for name, _, words in KINDS:
        slack = np.array([k == name for k in kinds], bool)
        found = run(problem, effort, slack=slack) if slack.any() else None
        if found is None or found.x is None:
            continue
        activity = problem.matrix @ found.x
        scale = np.array([r.scale for r in problem.rows])
        excess = np.maximum(problem.lower - activity, activity - problem.upper)
        passed = np.flatnonzero(slack & (excess > 1e-6 * scale))
        rows = tuple(_passed(problem, int(at), float(activity[at])) for at in passed)
        if rows:
            out.append((words, rows))
    return out


def _passed(problem: Problem, at: int, activity: float) -> ConflictRow:
    floor = activity < problem.lower[at]
    return ConflictRow(
        problem.rows[at], float(problem.lower[at] if floor else problem.upper[at]), activity, bool(floor)
    )


def contradiction(problem: Problem, effort: Effort) -> HutongError:
    """Return the error that names the limits in conflict and what each would have to give."""
    found = find_conflict(problem, effort)
    if found is None:
        return no_solution(effort)
    order = [*(name for name, _, _ in KINDS), "rigid"]
    found = replace(found, rows=tuple(sorted(found.rows, key=lambda r: order.index(kind_of(r.row)[0]))))
    names = [r.row.title for r in found.rows]
    head = "互相冲突的最小一组约束" if found.smallest else "互相冲突的约束（尚未证明为最小）"
    head_en = (
        "The smallest set in conflict" if found.smallest else "In conflict (not shown to be the smallest set)"
    )
    return HutongError(
        "infeasible",
        Text(
            f"没有方案能同时满足全部约束：{'、'.join(t.zh for t in names[:5])}互相冲突。",
            f"No scheme meets all limits at once: {', '.join(t.en for t in names[:5])} cannot be met together.",
        ),
        Text(
            f"选一条出路（→），按所列差额放宽，再计算；其后为{head}。",
            f"Take one of the ways out (→), let its limits give way as shown, and plan again. {head_en} follows them.",
        ),
        conflict_lines(found, ways_out(problem, effort)),
    )


def conflict_lines(found: Conflict, ways: Sequence[tuple[Text, tuple[ConflictRow, ...]]]) -> list[str]:
    """Return one line per way out with the limits that give way and how far, then one per limit in conflict."""
    lines = []
    for words, rows in ways:
        parts = "; ".join(
            f"{r.row.title.zh} / {r.row.title.en} {_size(r.limit, r.row.unit)} → {_size(r.needed, r.row.unit)} "
            f"(short by {_size(r.short, r.row.unit)})"
            for r in rows
        )
        lines.append(f"→ {words.zh} / {words.en}: {parts}")
    for r in found.rows:
        row, terms = r.row, kind_of(r.row)[1]
        alone = (
            ""
            if np.isnan(r.needed)
            else f"; alone: {_size(r.needed, row.unit)} (short by {_size(r.short, row.unit)})"
        )
        lines.append(
            f"{row.id}: {row.title.zh} / {row.title.en} — {_size(r.limit, row.unit)}{alone} "
            f"[{row.source.zh} / {row.source.en}] ({terms.zh} / {terms.en})"
        )
    return lines


def _size(value: float, unit: str) -> str:
    return f"{100 * value:.1f} %" if unit == "ratio" else f"{number(value)} {unit}"


def no_solution(effort: Effort) -> HutongError:
    """Return the error that the limits on the search ended it before anything was found."""
    return HutongError(
        "no-solution",
        Text(
            f"在 {effort.time_limit:g} 秒内没有找到任何可行方案。",
            f"No scheme was found within {effort.time_limit:g} seconds.",
        ),
        Text("请放宽时限，或减少对象和备选项。", "Allow more time, or plan fewer objects or options."),
    )
