"""A quarter made ready for planning: its options, its targets, and how far they can be met."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.city import City
from hutong.plan.benefits import gather_benefits
from hutong.plan.catalogue import load_assumptions, load_measures
from hutong.plan.desk import Desk, reach_of
from hutong.plan.limits import Target, Unit, targets
from hutong.plan.money import Calendar, default_calendar
from hutong.plan.needs import gather_needs
from hutong.plan.objects import gather
from hutong.plan.options import build_options
from hutong.plan.results import Measure
from hutong.plan.wishes import Wishes
from hutong.rules import Rules
from hutong.sense.results import Checkup
from hutong.text import Text

Progress = Callable[[int, int, Text], None]


@dataclass(frozen=True)
class Study:
    """What every question about one quarter shares; ``reach`` is how far each of the ``goals`` can be met, money aside."""

    desk: Desk
    goals: tuple[Target, ...]
    reach: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        city: City,
        check: Checkup,
        rules: Rules,
        seed: int = 1,
        progress: Progress | None = None,
        steps: int = 3,
        wishes: Wishes | None = None,
        measures: Sequence[Measure] | None = None,
    ) -> Study:
        """Return the study of a quarter; ``progress`` is called for the first three of ``steps`` steps."""
        wishes = wishes or Wishes()
        desk = lay_out(city, check, rules, seed, progress, steps, measures, wishes)
        if progress is not None:
            progress(2, steps, Text("确定可消除的告警", "Alarms that can be lifted"))
        goals = (*targets(desk.unit), *wishes.required(desk.options, city))
        return cls(desk, goals, reach_of(desk, goals))


def lay_out(
    city: City,
    check: Checkup,
    rules: Rules,
    seed: int = 1,
    progress: Progress | None = None,
    steps: int = 2,
    measures: Sequence[Measure] | None = None,
    wishes: Wishes | None = None,
) -> Desk:
    """Return a quarter with all its options; ``progress`` is called for the first two of ``steps`` steps."""
    say = progress or (lambda _done, _total, _what: None)
    say(0, steps, Text("整理对象与措施", "Objects and measures"))
    wishes = wishes or Wishes()
    objects, heard = wishes.heard(
        gather(city, check, rules), load_measures() if measures is None else tuple(measures), city
    )
    say(1, steps, Text("生成备选项并预测同意", "Options and predicted consent"))
    options = build_options(objects, heard, rules, seed, settled=lambda o: wishes.settled(o, city))
    needs = gather_needs(options, check)
    calendar = calendar_of(rules)
    unit = Unit.of(city, options, needs, rules, calendar)
    return Desk(city, unit, gather_benefits(options, needs, rules, calendar.years), seed)


def calendar_of(rules: Rules) -> Calendar:
    """Return the years of building and operation that are planned with, within the rule's limit."""
    years = min(load_assumptions()["concession_years"].value, rules.number("concession.years_max"))
    return default_calendar(rules, int(years))
