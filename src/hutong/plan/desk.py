"""The problems of a plan: how far the targets reach, and what is best under limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.city import City
from hutong.plan.benefits import Benefits
from hutong.plan.catalogue import load_assumptions
from hutong.plan.limits import PRINCIPLE, Target, Unit, add_band, add_budgets, add_law, add_people
from hutong.plan.money import PUBLIC, paid_by, value_to
from hutong.plan.options import Options
from hutong.plan.problem import Problem, Row, RowBuilder
from hutong.plan.results import BENEFITS
from hutong.plan.solve import Solution, solve
from hutong.text import Text

Floats = NDArray[np.float64]
#: The schemes are proved to this relative gap, or as far as this many nodes go (the same on every machine).
GAP, NODES = 3e-3, 3000
#: Weight of the worst-served of the four benefits in the balanced scheme.
EVENNESS = 0.5


@dataclass(frozen=True)
class Desk:
    """Everything that the problems of one plan share."""

    city: City
    unit: Unit
    benefits: Benefits
    seed: int

    @property
    def options(self) -> Options:
        """The options of the unit."""
        return self.unit.options

    def public_worth(self) -> Floats:
        """Return the present value to public money of each option, million yuan (a cost is negative)."""
        rate = self.unit.rules.number("finance.discount_public")
        return self.options.amounts @ value_to(PUBLIC, self.unit.calendar, rate) / 1e6

    def weighted(self) -> Floats:
        """Return the weighted benefit of each option, as a share of what could be attained."""
        return self.benefits.share @ self.benefits.weights

    def finish(self, build: RowBuilder, objective: Floats) -> Problem:
        """Return the problem: option columns, the surplus (at a small cost, so that it is no larger than it must be), extras."""
        n = len(self.options)
        group = np.append(np.unique(self.options.object, return_inverse=True)[1], -1)
        return build.build(
            np.append(objective[:n], -1e-10), group.astype(np.int64), np.append(np.ones(n), 1e9)
        )


def _base(desk: Desk, budget: Mapping[str, float] | None) -> RowBuilder:
    """Return the rows that every problem has."""
    build = RowBuilder.over(desk.unit.columns)
    add_law(build, desk.unit)
    add_band(build, desk.unit)
    add_people(build, desk.unit)
    if budget is not None:
        add_budgets(build, desk.unit, budget)
    return build


def add_measured_goals(build: RowBuilder, goals: Sequence[Target]) -> NDArray[np.int64]:
    """Add columns of how far each target is met (at most what is wanted of it), as the objective; return them."""
    met = build.add_columns([g.wanted for g in goals], [g.weight / g.wanted for g in goals])
    for goal, column in zip(goals, met, strict=True):
        coefficients = np.zeros(build.columns)
        coefficients[: goal.coefficients.size] = goal.coefficients
        coefficients[column] = -1.0
        build.add(goal.row, coefficients, lower=0.0)
    return met


def reach_of(desk: Desk, goals: Sequence[Target]) -> Floats:
    """Return how far each target can be met at once, money aside: at most what is wanted of it."""
    build = _base(desk, None)
    met = add_measured_goals(build, goals)
    problem = desk.finish(build, np.zeros(len(desk.options)))
    return solve(problem, gap=1e-4, seed=desk.seed).x[met]


def limits_of(
    desk: Desk, goals: Sequence[Target], reach: Floats, budget: Mapping[str, float] | None
) -> RowBuilder:
    """Return the rows of law, money and people, with the targets met as far as they can be."""
    build = _base(desk, budget)
    for goal, share in zip(goals, reach, strict=True):
        if share > 1e-9 * goal.wanted:
            build.add(goal.row, goal.coefficients, lower=share * (1 - 1e-6))
    return build


def solve_for(
    desk: Desk,
    goals: Sequence[Target],
    reach: Floats,
    budget: Mapping[str, float] | None,
    objective: Floats,
    even: Floats | None = None,
) -> Solution:
    """Solve with the targets met as far as they can be; ``even`` (4,) asks for the worst-served benefit too."""
    build = limits_of(desk, goals, reach, budget)
    if even is not None:
        worst = build.add_columns([1.0], EVENNESS)
        for i, benefit in enumerate(BENEFITS):
            if even[i] > 0:
                row = Row(
                    f"even.{benefit}",
                    Text("四项效益均衡", "Evenness of the four benefits"),
                    "ratio",
                    PRINCIPLE,
                )
                served = np.zeros(build.columns)
                served[: len(desk.options)] = desk.benefits.share[:, i] / even[i]
                served[worst] = -1.0
                build.add(row, served, lower=0.0)
    return solve(desk.finish(build, objective), gap=GAP, node_limit=NODES, seed=desk.seed)


def solve_balanced(
    desk: Desk, goals: Sequence[Target], reach: Floats, least: Solution, most: Solution, cheap: Floats
) -> Solution:
    """Maximise benefit and its worst-served part with half of the extra money."""
    n = len(desk.options)
    limits = {}
    for payer in ("city", "district"):
        spent = desk.options.amounts @ paid_by(payer)
        low, high = float(spent @ least.x[:n]), float(spent @ most.x[:n])
        limits[payer] = max(low, (low + high) / 2)
    reached = np.maximum(desk.benefits.share.T @ most.x[:n], 0.0)
    return solve_for(desk, goals, reach, limits, desk.weighted() + 0.01 * cheap, even=reached)


def default_budget(desk: Desk, least: Solution) -> dict[str, float]:
    """Return the assumed budget: an amount per residential floor area, and never below what the alarms need."""
    values, objects = load_assumptions(), desk.options.objects
    floor = float(np.nansum(objects["floor_area_m2"][objects.members]))
    share = values["city_share"].value
    out = {}
    for payer, part in (("city", share), ("district", 1 - share)):
        needed = float(desk.options.amounts @ paid_by(payer) @ least.x[: len(desk.options)])
        out[payer] = max(
            part * values["budget_yuan_m2"].value * floor, values["budget_over_least"].value * needed
        )
    return out
