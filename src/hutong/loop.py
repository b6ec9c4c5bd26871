"""The whole loop on one snapshot: rules, checkup, schemes, futures, in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hutong.city import City
from hutong.evolve import run_ensemble
from hutong.evolve.results import Ensemble
from hutong.plan import make_plan
from hutong.plan.results import Plan
from hutong.rules import Rules, load_rules
from hutong.sense import checkup_over
from hutong.sense.results import Checkup
from hutong.text import Text

#: Called as ``progress(done, total, what)`` while a long step runs.
Progress = Callable[[int, int, Text], None]

#: The scheme that is run forward in silico.
EVOLVED = "balanced"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run of the loop may vary; the defaults are those of ``hutong report``."""

    jurisdiction: str = "beijing"
    seed: int = 1
    budget: float | None = None
    runs: int = 100
    months: int = 120
    threads: int = 1
    own: Path | None = None  # a file of the city's own indicators


@dataclass(frozen=True)
class Loop:
    """The results of one pass of the loop."""

    city: City
    rules: Rules
    check: Checkup
    plan: Plan
    ensemble: Ensemble


def rules_for(city: City, settings: Settings) -> Rules:
    """Return the rules that held on the snapshot's date."""
    return load_rules(settings.jurisdiction, on=dt.date.fromisoformat(city.meta.date))


def run_loop(
    city: City, settings: Settings, progress: Progress | None = None, earlier: Sequence[City] = ()
) -> Loop:
    """Run every stage of the loop on a snapshot.

    The same city and settings give the same results, whatever ``settings.threads`` is. ``earlier`` snapshots, in
    order of time, rank the findings by their trend.
    """
    rules = rules_for(city, settings)
    check = checkup_over([*earlier, city], rules, settings.own)
    plan = make_plan(city, check, rules, seed=settings.seed, budget=settings.budget, progress=progress)
    ensemble = run_ensemble(
        city,
        plan.scheme(EVOLVED),
        rules,
        runs=settings.runs,
        months=settings.months,
        seed=settings.seed,
        threads=settings.threads,
        progress=progress,
    )
    return Loop(city, rules, check, plan, ensemble)
