"""What one benefit costs in another: schemes of which none is better in all four (ε-constraint).

Each benefit in turn is made as large as it can be; between what that brings (the ideal) and leaves (the nadir), floors
are set under three of them and the fourth is made as large as they allow (augmented ε-constraint: Mavrotas 2009,
Applied Mathematics and Computation 213, eq. 4: a small weight on the rest keeps out schemes that another beats).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.plan.assemble import assemble
from hutong.plan.desk import Desk, default_budget, limits_of, solve_for
from hutong.plan.limits import PRINCIPLE
from hutong.plan.problem import Row
from hutong.plan.results import BENEFITS, Scheme
from hutong.plan.solve import Solution, solve
from hutong.plan.study import Progress, Study
from hutong.text import Text

Floats = NDArray[np.float64]
#: Columns of :attr:`Pareto.points`. Benefits are shares of what the quarter could attain; ``gap`` is the proven gap of the
#: solve that made the point; ``best_in`` names the benefits of which no other point has more.
POINT_COLUMNS = ("scheme", *BENEFITS, "weighted", "public_yuan", "capital_yuan", "gap", "best_in")
WORDS = {
    "economic": Text("经济", "economic"),
    "social": Text("社会", "social"),
    "ecological": Text("生态", "ecological"),
    "cultural": Text("文化", "cultural"),
}
#: Weight of the benefits under a floor, against the one that is made largest.
AUGMENT = 1e-3


@dataclass(frozen=True)
class Proof:
    """How much was solved and how well.

    Solves made; cells of the grid that no scheme can reach (proved); cells left open when the search of one ended;
    cells answered by an earlier solution; the worst proven gap of a point; floors per benefit.
    """

    solves: int
    infeasible: int
    open: int
    reused: int
    worst_gap: float
    levels: int


@dataclass(frozen=True)
class Pareto:
    """Schemes that trade one benefit for another, each as good as it can be at its floors.

    ``points`` has ``POINT_COLUMNS``, one row per scheme in the order of ``schemes``. ``ideal`` and ``nadir`` are the most of
    each benefit and the least that a point has that is best in another: the corners of a chart. ``budget`` is the money
    under which all were found, yuan by payer. ``certificate`` says what was solved and how well it is proved.
    """

    points: pd.DataFrame
    schemes: tuple[Scheme, ...]
    ideal: Mapping[str, float]
    nadir: Mapping[str, float]
    budget: Mapping[str, float]
    certificate: Proof


def pareto(
    study: Study,
    budget: Mapping[str, float] | None = None,
    levels: int = 3,
    progress: Progress | None = None,
    gap: float = 5e-3,
    nodes: int = 1000,
) -> Pareto:
    """Return the trade-off between the four benefits under a budget.

    Parameters
    ----------
    budget
        Yuan by payer; without it the assumed budget of the three schemes.
    levels
        Floors per benefit between nadir and ideal (at least 2): at most ``levels³ + 4`` problems are solved.
    progress
        Told of every point that is asked for once it is answered: a corner, or a cell of the grid.
    gap, nodes
        How well each point is proved: to this relative gap, or as far as this many nodes go.

    Raises
    ------
    HutongError
        ``bad-levels``; ``infeasible`` when the budget cannot carry the targets.
    """
    if not 2 <= levels <= 9:
        raise HutongError(
            "bad-levels",
            Text(f"每项效益的档数 {levels} 无效。", f"{levels} levels per benefit cannot be used."),
            Text("请取 2 至 9。", "Take 2 to 9."),
        )
    say = progress or (lambda _done, _total, _what: None)
    desk = study.desk
    live = [k for k in range(4) if desk.benefits.share[:, k].max(initial=0.0) > 0]
    total = len(live) + levels ** (len(live) - 1) if live else 0
    say(0, total, Text("估定预算", "The budget"))
    limits = dict(budget) if budget is not None else assumed_budget(study)
    search = _Search(study, limits, gap, nodes)
    most = Text("各项效益的极值", "The most of each benefit")
    say(0, total, most)
    corners = []
    for step, k in enumerate(live, start=1):
        corners.append(search.largest(k, {}))
        say(step, total, most)
    table = np.array([search.values(c) for c in corners if c is not None]).reshape(-1, 4)
    ideal, nadir = table.max(axis=0, initial=0.0), table.min(axis=0, initial=np.inf)
    nadir = np.where(np.isfinite(nadir), nadir, 0.0)
    if live:
        main = max(live, key=lambda k: float(desk.benefits.weights[k]))
        rest = [k for k in live if k != main]
        # the ideal itself is a corner, solved already
        floors = [np.linspace(nadir[k], ideal[k], levels, endpoint=False) for k in rest]
        for step, cell in enumerate(itertools.product(*floors), start=len(live) + 1):
            search.largest(main, dict(zip(rest, (float(v) for v in cell), strict=True)))
            say(step, total, Text("权衡曲面", "Trading one benefit for another"))
    say(total, total, Text("整理各方案", "Putting the schemes together"))
    return _result(desk, search, ideal, nadir, limits, levels)


class _Search:
    """Solves cells, and answers a cell from an earlier solution where that already holds."""

    def __init__(self, study: Study, limits: Mapping[str, float], gap: float, nodes: int) -> None:
        self.study, self.limits, self.gap, self.nodes = study, limits, gap, nodes
        self.found: list[tuple[int, dict[int, float], Solution]] = []
        self.impossible: list[dict[int, float]] = []
        self.open: list[dict[int, float]] = []
        self.solves = self.reused = 0

    def values(self, solution: Solution) -> Floats:
        """Return the four benefits of a solution, shape (4,)."""
        n = len(self.study.desk.options)
        return np.asarray(self.study.desk.benefits.share.T @ solution.x[:n], np.float64)

    def largest(self, k: int, floors: dict[int, float]) -> Solution | None:
        """Return the scheme with most of benefit ``k`` above the floors; None if there is none."""
        if any(all(floors.get(j, -np.inf) >= v for j, v in bad.items()) for bad in self.impossible):
            self.reused += 1
            return None
        for main, weaker, solution in self.found:
            held = self.values(solution)
            looser = all(floors.get(j, -np.inf) >= v for j, v in weaker.items())
            if main == k and looser and all(held[j] >= v - 1e-9 for j, v in floors.items()):
                self.reused += 1
                return solution
        self.solves += 1
        try:
            solution = self._solve(k, floors)
        except HutongError as caught:
            if caught.code not in ("infeasible", "no-solution") or not floors:
                raise
            (self.impossible if caught.code == "infeasible" else self.open).append(floors)
            return None
        self.found.append((k, floors, solution))
        return solution

    def _solve(self, k: int, floors: dict[int, float]) -> Solution:
        desk = self.study.desk
        build = limits_of(desk, self.study.goals, self.study.reach, self.limits)
        share = desk.benefits.share
        for j, floor in floors.items():
            title = Text(f"{WORDS[BENEFITS[j]].zh}效益下限", f"Floor of the {WORDS[BENEFITS[j]].en} benefit")
            build.add(Row(f"floor.{BENEFITS[j]}", title, "ratio", PRINCIPLE), share[:, j], lower=floor)
        spread = np.maximum(share.max(axis=0), 1e-12)
        objective = share[:, k] / spread[k] + AUGMENT * (share / spread).sum(axis=1)
        return solve(
            desk.finish(build, objective),
            gap=self.gap,
            node_limit=self.nodes,
            seed=desk.seed,
            insist=not floors,
        )


def assumed_budget(study: Study) -> dict[str, float]:
    """Return the budget that the three schemes assume where none is given, yuan by payer."""
    desk = study.desk
    least = solve_for(desk, study.goals, study.reach, None, desk.public_worth() + 0.02 * desk.weighted())
    return default_budget(desk, least)


def _result(
    desk: Desk, search: _Search, ideal: Floats, nadir: Floats, limits: dict[str, float], levels: int
) -> Pareto:
    solutions = [s for _, _, s in search.found]
    values = np.array([search.values(s) for s in solutions]).reshape(-1, 4)
    kept = not_beaten(values)
    order = kept[np.lexsort(values[kept].T[::-1])][::-1] if kept.size else kept
    schemes, rows = [], []
    top = values[order].max(axis=0, initial=0.0)
    for place, at in enumerate(order):
        name = f"pareto_{place + 1:02d}"
        scheme = assemble(desk, name, solutions[at], Text(f"权衡方案 {place + 1}", f"Trade-off {place + 1}"))
        schemes.append(scheme)
        v = values[at]
        best = "+".join(b for b, x, t in zip(BENEFITS, v, top, strict=True) if t > 0 and x >= t - 1e-9)
        rows.append((name, *v, float(v @ desk.benefits.weights), scheme.totals["public_yuan"],
                     scheme.totals["capital_yuan"], scheme.certificate.gap, best))  # fmt: skip
    proof = Proof(
        search.solves,
        len(search.impossible),
        len(search.open),
        search.reused,
        max((s.certificate.gap for s in schemes), default=0.0),
        levels,
    )
    named = [dict(zip(BENEFITS, (float(x) for x in v), strict=True)) for v in (ideal, nadir)]
    return Pareto(
        pd.DataFrame(rows, columns=list(POINT_COLUMNS)), tuple(schemes), named[0], named[1], limits, proof
    )


def not_beaten(values: Floats) -> NDArray[np.int64]:
    """Return the rows of ``values`` (points, criteria) that no other beats (more is better); of equals the first."""
    keep = []
    for i, v in enumerate(values):
        better = (values >= v - 1e-9).all(axis=1) & (values > v + 1e-9).any(axis=1)
        twin = (np.abs(values[:i] - v) <= 1e-9).all(axis=1)
        if not better.any() and not twin.any():
            keep.append(i)
    return np.array(keep, np.int64)
