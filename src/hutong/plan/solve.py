"""Solve the choice problem to a stated gap, with the proof beside the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from hutong.errors import HutongError
from hutong.plan.highs import Effort, Run, run
from hutong.plan.problem import Problem, settle_single, undominated
from hutong.plan.results import Binding, Certificate
from hutong.text import Text, number

#: A row binds where it stands nearer to its limit than this share of its scale, or of what the weightiest option
#: adds to it (whole options seldom end exactly on a limit).
BINDING_SLACK, BINDING_SHARE = 1e-4, 0.05
#: From this many options on, the relaxation is solved first and the choice is looked for around it.
CORE_FROM = 4000
#: How many options beyond those of the relaxation the core holds, per object.
CORE_EXTRA = (0.25, 1.0)


@dataclass(frozen=True)
class Solution:
    """The value of each column and the certificate."""

    x: np.ndarray
    certificate: Certificate

    @property
    def chosen(self) -> np.ndarray:
        """Positions of the columns that are not zero."""
        return np.flatnonzero(self.x > 0.5)


def solve(
    problem: Problem,
    gap: float = 1e-3,
    time_limit: float = 60.0,
    threads: int = 1,
    seed: int = 1,
    prune: bool = True,
    node_limit: int | None = None,
    insist: bool = True,
) -> Solution:
    """Return the best choice to a relative ``gap``, with bound and binding rows.

    Dominated options are dropped first. Large problems are solved around their linear relaxation, whose bound
    proves the answer. A ``node_limit`` ends the proof after the same work on every machine; a time limit does not.
    Where it ends the search before anything is found, a rougher search follows if ``insist``.

    Raises
    ------
    HutongError
        ``infeasible`` naming the rows that contradict each other and how far apart they are;
        ``no-solution`` if the limits end the search before any choice is found.
    """
    effort = Effort(gap, time_limit, threads, seed, node_limit)
    keep, small = np.ones(problem.group.size, bool), problem
    if prune:
        keep, small = settle_single(problem)
        small = small.keep(keep)
        best = undominated(small)
        keep[keep], small = best, small.keep(best)
    found = _around_relaxation(small, effort) if prune and keep.sum() >= CORE_FROM else run(small, effort)
    if found.status == "infeasible":
        raise _infeasible(problem, effort)
    if (
        found.x is None and node_limit is not None and insist and found.status != "infeasible"
    ):  # an answer first: a limit on nodes is for the proof
        found = run(small, replace(effort, node_limit=None, gap=0.05))
    if found.x is None:
        raise _no_solution(effort)
    x = np.zeros(problem.group.size)
    x[keep] = found.x
    x[problem.integer] = np.round(x[problem.integer])
    objective = float(problem.objective @ x) + problem.offset
    bound = max(found.bound, objective) if small.integer.any() else objective
    certificate = Certificate(
        status=found.status,
        objective=objective,
        bound=bound,
        gap=(bound - objective) / max(abs(objective), 1e-9) if bound > objective else 0.0,
        rows=len(problem.rows) + int(problem.group.max(initial=-1)) + 1,
        columns=problem.group.size,
        binding=binding_rows(problem, x),
    )
    return Solution(x, certificate)


def _around_relaxation(problem: Problem, effort: Effort) -> Run:
    """Return a choice proved by the linear relaxation.

    The relaxation splits few objects (at most as many as rows bind), so a choice among its options and those
    with the smallest reduced costs is nearly as good as its bound. If the gap is not reached, the options whose
    reduced cost rules them out of any better choice are dropped, and HiGHS searches what is left.
    """
    began = time.monotonic()
    relaxed = run(problem, effort, relax=True)
    if relaxed.status != "optimal" or relaxed.x is None:
        return relaxed if relaxed.status == "infeasible" else run(problem, effort)
    lost = np.abs(relaxed.reduced)
    objects = int(problem.group.max(initial=-1)) + 1
    best: np.ndarray | None = None
    value = -np.inf
    for extra in CORE_EXTRA:
        core = (relaxed.x > 1e-9) | ~problem.integer
        others = np.flatnonzero(~core)
        core[others[np.argsort(lost[others], kind="stable")[: int(extra * objects)]]] = True
        left = effort.time_limit - (time.monotonic() - began)
        found = run(problem.keep(core), replace(effort, gap=0.7 * effort.gap, time_limit=left / 3))
        if found.x is not None:
            x = np.zeros(core.size)
            x[core] = found.x
            if float(problem.objective @ x) > value:
                best, value = x, float(problem.objective @ x)
            if relaxed.bound - (value + problem.offset) <= effort.gap * abs(value + problem.offset):
                return Run("optimal", best, relaxed.bound, lost)
    left = effort.time_limit - (time.monotonic() - began)
    possible = (
        lost <= relaxed.bound - (value + problem.offset) if best is not None else np.ones(lost.size, bool)
    )
    possible |= (relaxed.x > 1e-9) | ~problem.integer
    found = run(problem.keep(possible), replace(effort, time_limit=left))
    bound = (
        min(relaxed.bound, max(found.bound, value + problem.offset))
        if found.status != "infeasible"
        else relaxed.bound
    )
    if found.x is not None:
        x = np.zeros(possible.size)
        x[possible] = found.x
        if float(problem.objective @ x) > value:
            best = x
    return Run(
        found.status if best is None or found.status != "infeasible" else "node_limit", best, bound, lost
    )


def _no_solution(effort: Effort) -> HutongError:
    return HutongError(
        "no-solution",
        Text(
            f"在 {effort.time_limit:g} 秒内没有找到任何可行方案。",
            f"No scheme was found within {effort.time_limit:g} seconds.",
        ),
        Text("请放宽时限，或减少对象和备选项。", "Allow more time, or plan fewer objects or options."),
    )


def binding_rows(problem: Problem, x: np.ndarray) -> tuple[Binding, ...]:
    """Return the rows that stand at their limit under ``x`` (rows that no chosen option touches do not count)."""
    activity = problem.matrix @ x
    scale = np.array([r.scale for r in problem.rows])
    size, options = abs(problem.matrix), np.flatnonzero(problem.integer)
    weightiest = size[:, options].max(axis=1).toarray().ravel() if options.size else np.zeros(len(scale))
    near = np.maximum(BINDING_SLACK * scale, BINDING_SHARE * weightiest)
    touched = (size @ (np.abs(x) > 1e-9).astype(float)) > 0
    out = []
    for at in np.flatnonzero(touched):
        for limit in (problem.lower[at], problem.upper[at]):
            if np.isfinite(limit) and abs(activity[at] - limit) <= near[at]:
                row = problem.rows[at]
                out.append(
                    Binding(row.id, row.title, float(activity[at]), float(limit), row.unit, row.source)
                )
                break
    return tuple(out)


def _infeasible(problem: Problem, effort: Effort) -> HutongError:
    """Name the rows that must give way: those passed when the total (scaled) excess is smallest."""
    found = run(problem, replace(effort, gap=1e-3), slack=True)
    if found.x is None:
        return _no_solution(effort)
    x = np.round(found.x * 1e9) / 1e9
    activity = problem.matrix @ x
    scale = np.array([r.scale for r in problem.rows])
    excess = np.maximum(np.maximum(problem.lower - activity, activity - problem.upper), 0.0)
    broken = np.flatnonzero(excess > 1e-6 * scale)
    broken = broken[np.argsort(-(excess / scale)[broken], kind="stable")]
    held = {b.row for b in binding_rows(problem, x)}
    lines = []
    for at in broken:
        row = problem.rows[at]
        limit = problem.lower[at] if activity[at] < problem.lower[at] else problem.upper[at]
        lines.append(
            f"{row.id}: {row.title.zh} / {row.title.en} — limit {number(limit)} {row.unit}, "
            f"at best {number(float(activity[at]))} {row.unit} (short by {number(float(excess[at]))}) [{row.source.zh} / {row.source.en}]"
        )
    against = [r for r in problem.rows if r.id in held]
    lines += [
        f"against: {r.id}: {r.title.zh} / {r.title.en} [{r.source.zh} / {r.source.en}]" for r in against
    ]
    names = [problem.rows[at].title for at in broken]
    return HutongError(
        "infeasible",
        Text(
            f"没有方案能同时满足全部约束：{'、'.join(t.zh for t in names[:5])}互相冲突。",
            f"No scheme meets all limits at once: {', '.join(t.en for t in names[:5])} cannot be met.",
        ),
        Text(
            "请按所列差额放宽其中一项（如提高预算、减少必须解决的问题），再计算。",
            "Relax one of the rows listed by the amount shown (raise the budget, or mend less), then plan again.",
        ),
        lines,
    )
