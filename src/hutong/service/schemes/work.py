"""Background work of schemes: lay a quarter out, and work out what a version does."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.plan.schemes import budget_by_payer
from hutong.service.checkup.selectors import run as run_by_id
from hutong.service.jobs.registry import work
from hutong.service.jobs.services import Steps, done
from hutong.service.schemes import selectors, solving, warm
from hutong.service.schemes.versions import services
from hutong.text import Text

#: What trade-offs are counted in: each point is one problem for the optimiser.
POINTS = Text("个点", "points")


@work("schemes.lay_out", Text("准备方案编制", "Make a quarter ready for composing"))
def lay_out(job: Any, step: warm.Step, run: int) -> str:
    """Lay a checked snapshot out."""
    warm.lay_out(run_by_id(run), step)
    return reverse("schemes")


@work("schemes.compute", Text("核算方案版本", "Work out what a version does"))
def compute(job: Any, step: warm.Step, version: int) -> str:
    """Work out what a version does."""
    found = selectors.version(version)
    warm.lay_out(found.scheme.run, step)
    services.compute(found)
    return reverse("scheme_version", args=[found.pk])


@work("schemes.solve", Text("求解方案", "Find a scheme"))
def solve(job: Any, step: Steps, scheme: int, mode: str, budget: float | None) -> str:
    """Find a scheme, or schemes that trade one benefit for another, and keep what was found."""
    found = selectors.scheme(scheme)
    warm.lay_out(found.run, step)
    with warm.studio_of(found.run) as held:
        study = solving.study_of(held.studio)
        given = budget_by_payer(budget)
        if mode == "pareto":
            kept = solving.trade_offs(study, given, step.of(POINTS))
        else:
            document, recipe = solving.best(study, mode, given, step)
    if mode == "pareto":
        made = services.keep_tradeoff(
            found, {"mode": mode, "budget": budget, "seed": study.desk.seed}, *kept, job.owner,
            made=lambda t: done(job, reverse("scheme_tradeoff", args=[t.pk])),
        )  # fmt: skip
        return reverse("scheme_tradeoff", args=[made.pk])
    page, note = reverse("scheme", args=[found.pk]), solving.MODES[mode].zh
    version = services.keep_solved(found, document, job.owner, recipe, note, made=lambda: done(job, page))
    services.compute(version)
    return page
