"""Large choice problems by the prices of their coupling rows (column generation), with a bound that anyone can recompute.

Few rows tie the objects together. Given a price for each, every object chooses alone, and what they choose together
bounds the best scheme from above (Lagrangian bound; Geoffrion 1974, Mathematical Programming Study 2). The prices
are those of the linear relaxation over a few options per object; options that are worth more than they cost at these
prices are added until none is left. The relaxation splits at most as many objects as rows bind: the others are
fixed as they stand, and HiGHS decides the split ones with those that were nearly undecided.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.plan.highs import Effort, Run, column_size, go, options_of, run
from hutong.plan.problem import Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Objects of the samples that give the first prices; rounds of adding options; prices of passing a row, each tried when
#: the one before does not keep the rows (times the largest gain of an option, per what the weightiest option adds to the row).
SAMPLES, ROUNDS, PENALTIES = (300, 2400), 60, (5.0, 100.0, 1e4)
#: Objects that the relaxation decides at first; the others are fixed to their best option until they change their mind.
OPEN, OPEN_SHARE = 1200, 0.1
#: Objects that are decided anew around the relaxation, at first and at most, and options of each.
UNDECIDED, UNDECIDED_MOST, OPTIONS_EACH = 250, 2000, 12


@dataclass(frozen=True)
class Prices:
    """Prices of the rows (scaled), the bound they prove, the relaxed choice, and what each column is worth at them."""

    y: Floats
    bound: float
    x: Floats
    worth: Floats  # reduced profit of every column


def lagrangian_bound(problem: Problem, y: Floats) -> tuple[float, Floats]:
    """Return the bound that prices prove, and what each column is worth at them.

    L(y) = Σ rows max over their limits of y·limit + Σ objects max(0, best option) + Σ free columns max(0, worth)·upper,
    where the worth of a column is its objective less the price of what it uses.

    Parameters
    ----------
    y
        Price of each row in units of its scale; a price against an open side counts as zero.
    """
    scale = np.array([r.scale for r in problem.rows]) if problem.rows else np.ones(0)
    y = np.where((y > 0) & ~np.isfinite(problem.upper) | (y < 0) & ~np.isfinite(problem.lower), 0.0, y)
    limits = np.where(y > 0, problem.upper, np.where(y < 0, problem.lower, 0.0))
    price = y / scale
    worth = problem.objective - problem.matrix.T @ price
    free = ~problem.integer
    best = np.zeros(int(problem.group.max(initial=-1)) + 1)
    np.maximum.at(best, problem.group[~free], worth[~free])
    total = float(price @ np.where(price == 0, 0.0, limits)) + float(best.sum()) + problem.offset
    total += float((np.maximum(worth[free], 0.0) * problem.column_upper[free]).sum())
    return total, worth


def by_prices(problem: Problem, effort: Effort, start: Floats | None = None) -> Run:
    """Return a choice proved by the prices of the rows, or by HiGHS where they leave a gap.

    Parameters
    ----------
    start
        Shape (columns,): a choice to begin with, where one is known.
    """
    began = time.monotonic()

    def left() -> float:
        return effort.time_limit - (time.monotonic() - began)

    prices = row_prices(problem, effort, start)
    if prices is None:  # the few options chosen cannot meet the rows: let HiGHS say whether any can
        relaxed = run(problem, effort, relax=True)
        return relaxed if relaxed.status == "infeasible" else run(problem, effort, start=start)
    best, value = start, -np.inf
    if start is not None:
        value = float(problem.objective @ start) if fits(problem, start) else -np.inf
    undecided = UNDECIDED
    status = "optimal"
    while undecided <= UNDECIDED_MOST and left() > 0.1:
        x = _decide(problem, prices, undecided, replace(effort, time_limit=left() / 2))
        if x is not None and float(problem.objective @ x) > value:
            best, value = x, float(problem.objective @ x)
            effort.tell(value + problem.offset, prices.bound)
        if best is not None and prices.bound - (value + problem.offset) <= effort.gap * abs(
            value + problem.offset
        ):
            return Run("optimal", best, prices.bound, prices.worth)
        if effort.stopped():
            break
        undecided *= 3
    # what remains: options that could be in a better choice than the best known
    slack = prices.bound - (value + problem.offset)
    own = np.full(int(problem.group.max(initial=-1)) + 1, 0.0)
    np.maximum.at(own, problem.group[problem.integer], prices.worth[problem.integer])
    behind = own[problem.group] - prices.worth
    possible = (behind <= slack) if np.isfinite(slack) else np.ones(problem.group.size, bool)
    possible |= ~problem.integer
    if best is not None:
        possible |= best > 0
    if left() > 0.1 and not effort.stopped():
        found = run(
            problem.keep(possible),
            replace(effort, time_limit=left()),
            start=None if best is None else best[possible],
        )
        status = found.status
        if found.x is not None:
            x = np.zeros(possible.size)
            x[possible] = found.x
            if float(problem.objective @ x) > value:
                best, value = x, float(problem.objective @ x)
        if found.status == "infeasible":
            return Run("infeasible" if best is None else "optimal", best, prices.bound, prices.worth)
        bound = min(prices.bound, max(found.bound, value + problem.offset))
    else:
        status, bound = ("stopped" if effort.stopped() else "time_limit"), prices.bound
    return Run(status, best, bound, prices.worth)


def fits(problem: Problem, x: Floats, tolerance: float = 1e-7) -> bool:
    """Return whether a choice keeps every row, every object to one option and every column to its bounds."""
    scale = np.array([r.scale for r in problem.rows]) if problem.rows else np.ones(0)
    activity = problem.matrix @ x
    taken = np.bincount(problem.group[problem.integer], weights=x[problem.integer])
    return bool(
        (activity >= problem.lower - tolerance * scale).all()
        and (activity <= problem.upper + tolerance * scale).all()
        and (taken <= 1 + tolerance).all()
        and (x >= -tolerance).all()
        and (x <= problem.column_upper * (1 + tolerance) + tolerance).all()
    )


def row_prices(problem: Problem, effort: Effort, start: Floats | None = None) -> Prices | None:
    """Return the prices at which the relaxation is optimal; None if its rows cannot be met with the options tried.

    Objects whose best option is far ahead at the prices so far are fixed to it; the relaxation is solved over the rest,
    and whoever changes its mind at the new prices joins it, until nobody does.
    """
    began = time.monotonic()
    y = np.zeros(len(problem.rows))
    for size in SAMPLES:
        y = _sample_prices(problem, effort, size, y)
    penalty = 0
    best_y, best_bound = y, np.inf
    open_ = np.zeros(int(problem.group.max(initial=-1)) + 1, bool)
    inside = np.zeros(problem.group.size, bool)
    if start is not None:
        inside |= start > 0
    x, passed = np.zeros(problem.group.size), np.inf
    fixed = np.full(open_.size, -1)
    for round_ in range(ROUNDS):
        bound, worth = lagrangian_bound(problem, y)
        if bound < best_bound:
            best_y, best_bound = y, bound
        ranked = _Ranked.of(problem, worth)
        if round_ == 0:
            count = max(OPEN, int(OPEN_SHARE * open_.size))
            open_[np.argsort(ranked.margin, kind="stable")[:count]] = True
        else:
            value = float(problem.objective @ x) + problem.offset
            turned = ~open_ & (ranked.first != fixed)
            small = 0.05 * effort.gap * abs(value) + 1e-12 * abs(value)
            if passed <= 1e-7 and best_bound - value <= small:
                break
            if not turned.any():
                if passed <= 1e-7 or penalty + 1 == len(PENALTIES):
                    break
                penalty += 1
            open_ |= turned
        if time.monotonic() - began > 0.7 * effort.time_limit or effort.stopped():
            break
        fixed = ranked.first
        inside[ranked.top(2, open_)] = True
        y, x, passed = _relaxed(problem, effort, open_, fixed, inside, PENALTIES[penalty])
    if passed > 1e-7:
        return None
    bound, worth = lagrangian_bound(problem, best_y)
    return Prices(best_y, bound, x, worth)


def _relaxed(
    problem: Problem,
    effort: Effort,
    open_: NDArray[np.bool_],
    fixed: Ints,
    inside: NDArray[np.bool_],
    penalty: float,
) -> tuple[Floats, Floats, float]:
    """Return prices, choice and excess of the relaxation over the open objects; options are added to ``inside``."""
    x = np.zeros(problem.group.size)
    x[fixed[~open_ & (fixed >= 0)]] = 1.0
    columns = ~problem.integer | open_[problem.group]
    part = problem.keep(columns)
    used = problem.matrix @ x
    number = np.cumsum(open_) - 1
    part = replace(
        part,
        group=np.where(part.group >= 0, number[part.group], -1),
        lower=part.lower - used,
        upper=part.upper - used,
    )
    master = _Master(part, effort, penalty)
    at = np.flatnonzero(columns)
    master.add(np.flatnonzero(inside[at] | (part.group < 0)))
    for _ in range(ROUNDS):
        y, _, passed = master.solve()
        more = master.attractive(lagrangian_bound(part, y)[1])
        if not more.size:
            break
        master.add(more)
        inside[at[more]] = True
    x[at] = master.x()
    return y, x, passed


@dataclass(frozen=True)
class _Ranked:
    """The options of every object in order of worth: the best (−1: none is worth anything) and how far it is ahead."""

    order: Ints
    group: Ints
    rank: Ints
    first: Ints
    margin: Floats

    @classmethod
    def of(cls, problem: Problem, worth: Floats) -> _Ranked:
        """Rank the options at their worth."""
        objects = int(problem.group.max(initial=-1)) + 1
        options = np.flatnonzero(problem.integer)
        order = options[np.lexsort((-worth[options], problem.group[options]))]
        group = problem.group[order]
        rank = np.arange(order.size) - np.searchsorted(group, group)
        best, second = np.zeros(objects), np.zeros(objects)
        first = np.full(objects, -1, np.int64)
        first[group[rank == 0]] = order[rank == 0]
        best[group[rank == 0]] = worth[order[rank == 0]]
        second[group[rank == 1]] = np.maximum(worth[order[rank == 1]], 0.0)
        first[best <= 0] = -1
        return cls(order, group, rank, first, np.abs(best) - np.where(best > 0, second, 0.0))

    def top(self, count: int, of: NDArray[np.bool_]) -> Ints:
        """Return the ``count`` options of each marked object that are worth most."""
        return self.order[(self.rank < count) & of[self.group]]


def _sample_prices(problem: Problem, effort: Effort, size: int, y: Floats) -> Floats:
    """Return the prices of every so many objects with their part of every limit, found from earlier prices."""
    objects = int(problem.group.max(initial=-1)) + 1
    if objects <= 2 * size:
        return y
    taken = np.zeros(objects, bool)
    taken[(np.arange(size) * (objects / size)).astype(int)] = True
    number = np.cumsum(taken) - 1
    part = problem.keep(~problem.integer | taken[problem.group])
    share = size / objects
    part = replace(
        part,
        group=np.where(part.group >= 0, number[part.group], -1),
        lower=part.lower * share,
        upper=part.upper * share,
    )
    everyone = np.ones(size, bool)
    inside = np.zeros(part.group.size, bool)
    inside[_Ranked.of(part, lagrangian_bound(part, y)[1]).top(2, everyone)] = True
    return _relaxed(part, effort, everyone, np.full(size, -1), inside, PENALTIES[0])[0]


class _Master:
    """The relaxation over the options added so far; rows may be passed at a price, so it always has a solution."""

    def __init__(self, problem: Problem, effort: Effort, penalty: float) -> None:
        self.problem, self.effort, self.penalty = problem, effort, penalty
        self.scale = np.array([r.scale for r in problem.rows]) if problem.rows else np.ones(0)
        self.size = column_size(problem)
        self.objects = int(problem.group.max(initial=-1)) + 1
        body = sparse.csc_array(sparse.diags_array(1.0 / self.scale) @ problem.matrix)
        self.body = sparse.csc_array(body @ sparse.diags_array(self.size))
        self.cost = problem.objective * self.size
        self.inside = np.zeros(problem.group.size, bool)
        self.columns: list[Ints] = []
        self.highs = self._empty()

    def _empty(self) -> highspy.Highs:
        p, m = self.problem, len(self.problem.rows)
        sides = [(np.flatnonzero(np.isfinite(p.lower)), 1.0), (np.flatnonzero(np.isfinite(p.upper)), -1.0)]
        rows = np.concatenate([at for at, _ in sides])
        signs = np.concatenate([np.full(at.size, sign) for at, sign in sides])
        weight = abs(self.body).max(axis=1).toarray().ravel() if self.body.nnz else np.ones(m)
        gain = max(float(np.abs(self.cost[p.integer]).max(initial=0.0)), 1e-9)
        penalty = self.penalty * gain / np.where(weight > 0, weight, 1.0)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = rows.size, m + self.objects
        model.col_cost_ = -penalty[rows]
        model.col_lower_, model.col_upper_ = np.zeros(rows.size), np.full(rows.size, np.inf)
        model.row_lower_ = np.concatenate([p.lower / self.scale, np.full(self.objects, -np.inf)])
        model.row_upper_ = np.concatenate([p.upper / self.scale, np.ones(self.objects)])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.arange(rows.size + 1, dtype=np.int32)
        model.a_matrix_.index_ = rows.astype(np.int32)
        model.a_matrix_.value_ = signs
        model.sense_ = highspy.ObjSense.kMaximize
        highs = options_of(self.effort)
        highs.passModel(model)
        self.slacks = rows.size
        return highs

    def add(self, columns: Ints) -> None:
        """Add columns that are not there yet."""
        columns = columns[~self.inside[columns]]
        if not columns.size:
            return
        self.inside[columns] = True
        self.columns.append(columns)
        body = sparse.csc_array(self.body[:, columns])
        group = self.problem.group[columns]
        one = sparse.csc_array(
            (np.ones((group >= 0).sum()), (group[group >= 0], np.flatnonzero(group >= 0))),
            shape=(self.objects, columns.size),
        )
        block = sparse.csc_array(sparse.vstack([body, one], format="csc"))
        upper = np.where(group >= 0, np.inf, self.problem.column_upper[columns] / self.size[columns])
        self.highs.addCols(
            columns.size,
            self.cost[columns],
            np.zeros(columns.size),
            upper,
            block.nnz,
            block.indptr[:-1].astype(np.int32),
            block.indices.astype(np.int32),
            block.data,
        )

    def solve(self) -> tuple[Floats, float, float]:
        """Return the prices of the rows, the value, and by how much (scaled) rows are passed."""
        go(self.highs, self.effort)
        solution, info = self.highs.getSolution(), self.highs.getInfo()
        m = len(self.problem.rows)
        y = np.array(solution.row_dual[:m])
        passed = float(np.sum(solution.col_value[: self.slacks]))
        return y, float(info.objective_function_value) + self.problem.offset, passed

    def attractive(self, worth: Floats) -> Ints:
        """Return, of every object, the option outside that is worth most, if it is worth more than those inside."""
        p = self.problem
        inside = np.zeros(self.objects)
        mine = self.inside & p.integer
        np.maximum.at(inside, p.group[mine], worth[mine])
        gain = np.where(p.integer, worth - inside[p.group], worth)
        gain[self.inside] = 0.0
        step = 1e-9 * max(float(np.abs(self.cost).max(initial=0.0)), 1e-12)
        ahead = np.flatnonzero(gain > step)
        order = ahead[np.lexsort((-gain[ahead], p.group[ahead]))]
        first = np.flatnonzero(np.diff(p.group[order], prepend=-2))
        return np.sort(order[first])

    def x(self) -> Floats:
        """Return the relaxed choice over all columns."""
        value = np.array(self.highs.getSolution().col_value)[self.slacks :]
        out = np.zeros(self.problem.group.size)
        columns = np.concatenate(self.columns) if self.columns else np.empty(0, np.int64)
        out[columns] = value * self.size[columns]
        return out


def _decide(problem: Problem, prices: Prices, undecided: int, effort: Effort) -> Floats | None:
    """Return the relaxed choice with its split objects, and ``undecided`` nearly undecided ones, decided by HiGHS."""
    options = problem.integer
    objects = int(problem.group.max(initial=-1)) + 1
    taken = np.zeros(objects)
    np.add.at(taken, problem.group[options], prices.x[options])
    most = np.zeros(objects)
    np.maximum.at(most, problem.group[options], prices.x[options])
    split = (most > 1e-7) & (most < 1 - 1e-7) | (taken > 1e-7) & (taken < 1 - 1e-7)
    ranked = _Ranked.of(problem, prices.worth)
    margin = np.where(split, -1.0, ranked.margin)
    open_ = np.zeros(objects, bool)
    open_[np.argsort(margin, kind="stable")[: max(undecided, int(split.sum()))]] = True
    fixed = options & ~open_[problem.group] & (prices.x > 0.5)
    kept = np.zeros(problem.group.size, bool)
    kept[ranked.top(OPTIONS_EACH, open_)] = True
    kept |= options & open_[problem.group] & (prices.x > 1e-7)
    kept |= ~options
    used = problem.matrix @ fixed.astype(float)
    part = problem.keep(kept)
    part = replace(part, lower=part.lower - used, upper=part.upper - used, offset=0.0)
    goal = abs(prices.bound) * effort.gap
    found = run(part, replace(effort, gap=0.0, abs_gap=0.4 * goal))
    if found.x is None:
        return None
    x = fixed.astype(float)
    x[kept] = found.x
    return x
