"""Schemes of the demo: one that was advised on, reviewed and published, and a draft of another."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.utils import timezone

from hutong.loop import Progress
from hutong.plan.schemes import plan_of
from hutong.service.accounts.models import User
from hutong.service.places.models import Place
from hutong.service.schemes import selectors, services, solving, warm
from hutong.service.schemes.drafting import services as drafting
from hutong.text import Text

EAST, FRUGAL = Text("均衡更新方案", "Balanced renewal"), Text("节约方案（起草中）", "Frugal scheme (draft)")
#: Objects that the draft leaves for the visitor to decide.
LEFT = 5


def load(quarter: Place, who: dict[str, User], step: Progress) -> None:
    """Solve two schemes for the demo quarter; publish one, and leave the other as a draft."""
    run = selectors.newest_run(quarter)
    if run is None:
        raise LookupError("the demo quarter has no checkup")
    warm.lay_out(run, step)
    with warm.studio_of(run) as held:
        plan = plan_of(solving.study_of(held.studio), None)
    balanced, frugal = (
        solving.document(held.studio.city, plan.scheme(n)) for n in ("balanced", "least_cost")
    )
    made = services.open_scheme(services.NewScheme(quarter, run, EAST, who["operator"], balanced))
    version = services.keep_version(made, selectors.draft_of(made), who["operator"], origin="solver")
    services.compute(version)
    services.advise(
        made, "supports", "符合片区体检结论和保护要求，同意；请施工期保留老人通行路线。", who["planner"]
    )
    if not version.summary["violations"]:
        services.review(made, "资料齐全，资金有来源，同意公布征求意见。", who["district"])
        today = timezone.localdate()
        until = max(selectors.not_before(made, today), today + dt.timedelta(days=20))
        services.publish(made, today, until, who["district"], contact="示例街道更新办（街道办事处一层）")
    other = services.open_scheme(services.NewScheme(quarter, run, FRUGAL, who["operator"], frugal))
    first = services.keep_version(
        other, selectors.draft_of(other), who["operator"], origin="solver", note="求解所得"
    )
    services.compute(first)
    fewer = dict(list(frugal.choices.items())[:-LEFT])
    drafting.bring_in(other, replace(frugal, choices=fewer), who["operator"], 0)
