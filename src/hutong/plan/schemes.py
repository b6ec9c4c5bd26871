"""Three schemes for a quarter: least public money, balanced, most benefit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hutong.city import City
from hutong.errors import HutongError
from hutong.plan.assemble import assemble, full_table
from hutong.plan.benefits import gather_benefits
from hutong.plan.catalogue import load_assumptions, load_measures
from hutong.plan.desk import Desk, default_budget, reach_of, solve_balanced, solve_for
from hutong.plan.limits import Unit, targets
from hutong.plan.money import Calendar
from hutong.plan.needs import gather_needs
from hutong.plan.notes import notes_of
from hutong.plan.objects import gather
from hutong.plan.options import build_options
from hutong.plan.results import Plan
from hutong.rules import Rules
from hutong.sense.results import Checkup
from hutong.text import Text

Progress = Callable[[int, int, Text], None]
Budget = float | Mapping[str, float] | None


def make_plan(
    city: City,
    check: Checkup,
    rules: Rules,
    *,
    seed: int = 1,
    budget: Budget = None,
    progress: Progress | None = None,
) -> Plan:
    """Return three schemes for the quarter, each with its money, its proof and its independent check.

    Parameters
    ----------
    budget
        Public money for works, surrender and rehousing: a total in yuan (shared by ``city_share``), or yuan by
        payer (``city``, ``district``). Without it an assumed budget is used and named among the assumptions.
    progress
        Called with (done, total, what).

    Raises
    ------
    HutongError
        ``bad-budget``; ``infeasible`` when the budget cannot lift the alarms that can be lifted, with the amounts.
    """
    given = _budget(budget)
    say = progress or (lambda _done, _total, _what: None)
    say(0, 6, Text("整理对象与措施", "Objects and measures"))
    measures = load_measures()
    objects = gather(city, check, rules)
    say(1, 6, Text("生成备选项并预测同意", "Options and predicted consent"))
    options = build_options(objects, measures, rules, seed)
    needs = gather_needs(options, check)
    calendar = _calendar(rules)
    unit = Unit.of(city, options, needs, rules, calendar)
    desk = Desk(city, unit, gather_benefits(options, needs, rules, calendar.years), seed)
    say(2, 6, Text("确定可消除的告警", "Alarms that can be lifted"))
    goals = targets(unit)
    reach = reach_of(desk, goals)
    say(3, 6, Text("求解最低成本方案", "Least cost"))
    least = solve_for(desk, goals, reach, given, desk.public_worth() + 0.02 * desk.weighted())
    limits = given or default_budget(desk, least)
    say(4, 6, Text("求解效益最大方案", "Most benefit"))
    cheap = desk.public_worth() / max(sum(limits.values()) / 1e6, 1e-6)
    most = solve_for(desk, goals, reach, limits, desk.weighted() + 0.01 * cheap)
    say(5, 6, Text("求解均衡方案", "Balanced"))
    balanced = solve_balanced(desk, goals, reach, least, most, cheap)
    schemes = tuple(
        assemble(desk, name, found)
        for name, found in (("least_cost", least), ("balanced", balanced), ("most_benefit", most))
    )
    say(6, 6, Text("完成", "Done"))
    return Plan(
        schemes,
        measures,
        full_table(desk),
        tuple(notes_of(desk, goals, reach, limits, given is None)),
        given,
    )


def _budget(budget: Budget) -> dict[str, float] | None:
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


def _calendar(rules: Rules) -> Calendar:
    values = load_assumptions()
    years = min(values["concession_years"].value, rules.number("concession.years_max"))
    return Calendar(int(years), int(values["renewal_after_years"].value))
