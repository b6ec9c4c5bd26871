"""Solve the choice problem to a stated gap, with the proof beside the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hutong.plan.conflict import contradiction, no_solution
from hutong.plan.highs import Effort, run
from hutong.plan.prices import by_prices, fits
from hutong.plan.problem import Problem, settle_single, undominated
from hutong.plan.results import Binding, Certificate

#: A row binds where it stands nearer to its limit than this share of its scale, or of what the weightiest option
#: adds to it (whole options seldom end exactly on a limit).
BINDING_SLACK, BINDING_SHARE = 1e-4, 0.05
#: From this many options on, a problem is solved by the prices of its rows.
PRICES_FROM = 4000

Watch = Callable[[float, float], None]


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
    start: np.ndarray | None = None,
    watch: Watch | None = None,
    keep_best: bool = False,
) -> Solution:
    """Return the best choice to a relative ``gap``, with bound and binding rows.

    Options that no optimum needs are dropped first. Large problems are solved by the prices of their rows, whose
    bound proves the answer. A ``node_limit`` ends the proof after the same work on every machine; a time limit does
    not. Where it ends the search before anything is found, a rougher search follows if ``insist``.

    Parameters
    ----------
    start
        Shape (columns,): a choice to begin with.
    watch
        Called with the best value and the bound while options are searched.
    keep_best
        Whether Ctrl-C ends the search with the best choice found (status ``stopped``) instead of being raised.

    Raises
    ------
    HutongError
        ``infeasible`` naming the smallest set of rows that contradict each other, and what each would have to give;
        ``no-solution`` if the limits end the search before any choice is found.
    KeyboardInterrupt
        On Ctrl-C, unless ``keep_best`` and a choice was found.
    """
    effort = Effort(gap, time_limit, threads, seed, node_limit, watch=watch, keep_best=keep_best)
    keep, small = np.ones(problem.group.size, bool), problem
    if start is not None and not fits(problem, start):
        start = None
    if prune:
        keep, small = settle_single(problem)
        small = small.keep(keep)
        if keep.sum() < PRICES_FROM:
            best = undominated(small)
            best |= start[keep] > 0 if start is not None else False
            keep[keep], small = best, small.keep(best)
    begin = start[keep] if start is not None and bool((start[~keep] == 0).all()) else None
    if prune and keep.sum() >= PRICES_FROM:
        found = by_prices(small, effort, begin)
    else:
        found = run(small, effort, start=begin)
    if found.x is None and effort.stopped():
        raise KeyboardInterrupt
    if (
        found.x is None and found.status != "infeasible" and node_limit is not None and insist
    ):  # a limit on nodes is for the proof
        found = run(small, replace(effort, node_limit=None, gap=0.05))
    if found.status == "infeasible":
        raise contradiction(problem, effort)
    if found.x is None:
        raise no_solution(effort)
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
