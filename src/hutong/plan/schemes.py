"""Three schemes for a quarter: least public money, balanced, most benefit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan.assemble import assemble, full_table
from hutong.plan.catalogue import load_assumptions
from hutong.plan.desk import default_budget, solve_balanced, solve_for
from hutong.plan.notes import notes_of
from hutong.plan.results import Measure, Plan
from hutong.plan.study import Progress, Study
from hutong.plan.who_gains import who_gains
from hutong.plan.wishes import Wishes
from hutong.rules import Rules
from hutong.sense.results import Checkup
from hutong.text import Text

Budget = float | Mapping[str, float] | None


def make_plan(
    city: City,
    check: Checkup,
    rules: Rules,
    *,
    seed: int = 1,
    budget: Budget = None,
    progress: Progress | None = None,
    wishes: Wishes | None = None,
    measures: Sequence[Measure] | None = None,
) -> Plan:
    """Return three schemes for the quarter, each with its money, its proof and its independent check.

    Parameters
    ----------
    budget
        Public money for works, surrender and rehousing: a total in yuan (shared by ``city_share``), or yuan by
        payer (``city``, ``district``). Without it an assumed budget is used and named among the assumptions.
    progress
        Called with (done, total, what).
    wishes
        What residents chose on the menu, and the places they are attached to.
    measures
        The catalogue, as :func:`~hutong.plan.learned.with_learned` may have left it; default: as shipped.

    Raises
    ------
    HutongError
        ``bad-budget``; ``infeasible`` when the budget cannot lift the alarms that can be lifted, with the amounts.
    """
    given = budget_by_payer(budget)
    study = Study.of(city, check, rules, seed, progress, steps=6, wishes=wishes, measures=measures)
    return plan_of(study, given, progress, wishes)


def plan_of(
    study: Study,
    given: Mapping[str, float] | None,
    progress: Progress | None = None,
    wishes: Wishes | None = None,
) -> Plan:
    """Return the three schemes of a quarter that is studied already, as :func:`make_plan` does; ``given`` is yuan by payer."""
    say = progress or (lambda _done, _total, _what: None)
    city = study.desk.city
    desk, goals, reach = study.desk, study.goals, study.reach
    say(3, 6, Text("求解最低成本方案", "Least cost"))
    least = solve_for(desk, goals, reach, given, desk.public_worth() + 0.02 * desk.weighted())
    limits = given or default_budget(desk, least)
    say(4, 6, Text("求解效益最大方案", "Most benefit"))
    cheap = desk.public_worth() / max(sum(limits.values()) / 1e6, 1e-6)
    most = solve_for(desk, goals, reach, limits, desk.weighted() + 0.01 * cheap)
    say(5, 6, Text("求解均衡方案", "Balanced"))
    balanced = solve_balanced(desk, goals, reach, least, most, cheap)
    solved = {"least_cost": least, "balanced": balanced, "most_benefit": most}
    schemes = tuple(assemble(desk, name, found) for name, found in solved.items())
    n = len(desk.options)
    people = {k: who_gains(desk.options.keep(f.chosen[f.chosen < n], {})) for k, f in solved.items()}
    said = () if wishes is None else wishes.notes(schemes[1], city)
    say(6, 6, Text("完成", "Done"))
    return Plan(
        schemes,
        desk.options.measures,
        full_table(desk),
        (*said, *notes_of(desk, goals, reach, limits, given is None)),
        given,
        people,
    )


def budget_by_payer(budget: Budget) -> dict[str, float] | None:
    """Return a budget in yuan by payer; a total is shared by ``city_share``."""
    if budget is None:
        return None
    share = load_assumptions()["city_share"].value
    by_payer = (
        dict(budget)
        if isinstance(budget, Mapping)
        else {"city": share * budget, "district": (1 - share) * budget}
    )
    bad = [k for k, v in by_payer.items() if k not in ("city", "district") or not np.isfinite(v) or v < 0]
    if bad:
        raise HutongError(
            "bad-budget",
            Text(f"预算有误：{'、'.join(bad)}。", f"The budget is not usable: {', '.join(bad)}."),
            Text(
                "请给出不小于 0 的元数，或按 city、district 分列。",
                "Give yuan of at least 0, in total or for city and district.",
            ),
        )
    return {k: float(v) for k, v in by_payer.items()}
