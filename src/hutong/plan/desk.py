"""The problems of a plan: how far the targets reach, and what is best under limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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

    def finish(self, build: RowBuilder, objective: Floats, extra_upper: Floats | None = None) -> Problem:
        """Return the problem: option columns, the surplus (at a small cost, so that it is no larger than it must be), extras."""
        n = len(self.options)
        group = np.full(build.columns, -1)
        group[:n] = np.unique(self.options.object, return_inverse=True)[1]
        full = np.zeros(build.columns)
        full[: objective.size] = objective
        full[n] = -1e-10
        upper = np.ones(build.columns)
        upper[n] = 1e9
        upper[n + 1 :] = 0.0 if extra_upper is None else extra_upper
        return build.build(full, group, upper)


def _base(desk: Desk, budget: Mapping[str, float] | None, extra: int = 0) -> RowBuilder:
    """Return the rows that every problem has; ``extra`` columns follow the surplus."""
    build = RowBuilder.over(desk.unit.columns)
    add_law(build, desk.unit)
    add_band(build, desk.unit)
    add_people(build, desk.unit)
    if budget is not None:
        add_budgets(build, desk.unit, budget)
    return replace(build, columns=build.columns + extra)


def reach_of(desk: Desk, goals: Sequence[Target]) -> Floats:
    """Return how far each target can be met at once, money aside: at most what is wanted of it."""
    n = len(desk.options)
    build = _base(desk, None, extra=len(goals))
    wanted = np.array([g.wanted for g in goals])
    for i, goal in enumerate(goals):
        coefficients = np.zeros(build.columns)
        coefficients[:n] = goal.coefficients
        coefficients[n + 1 + i] = -1.0
        build.add(goal.row, coefficients, lower=0.0)
    objective = np.zeros(build.columns)
    objective[n + 1 :] = [g.weight / g.wanted for g in goals]
    return solve(desk.finish(build, objective, wanted), gap=1e-4, seed=desk.seed).x[n + 1 :]


def limits_of(
    desk: Desk, goals: Sequence[Target], reach: Floats, budget: Mapping[str, float] | None, extra: int = 0
) -> RowBuilder:
    """Return the rows of law, money and people, with the targets met as far as they can be."""
    build = _base(desk, budget, extra)
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
    n = len(desk.options)
    build = limits_of(desk, goals, reach, budget, extra=1)
    total = np.r_[objective, 0.0, 0.0]
    if even is not None:
        for i, benefit in enumerate(BENEFITS):
            if even[i] > 0:
                row = Row(
                    f"even.{benefit}",
                    Text("四项效益均衡", "Evenness of the four benefits"),
                    "ratio",
                    PRINCIPLE,
                )
                build.add(row, np.r_[desk.benefits.share[:, i] / even[i], 0.0, -1.0], lower=0.0)
        total[n + 1] = EVENNESS
    return solve(
        desk.finish(build, total, np.array([1.0 if even is not None else 0.0])),
        gap=GAP,
        node_limit=NODES,
        seed=desk.seed,
    )


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
