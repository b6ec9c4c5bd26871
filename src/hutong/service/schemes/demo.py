"""Schemes of the demo: one that was advised on, reviewed and published, and a draft of another."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.utils import timezone

from hutong.loop import Progress
from hutong.plan.schemes import plan_of
from hutong.service.accounts.models import User
from hutong.service.council import services as council
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.schemes import selectors, services, solving, warm
from hutong.service.schemes.consulting import services as consulting
from hutong.service.schemes.drafting import services as drafting
from hutong.service.schemes.models import Version
from hutong.service.schemes.opinions import services as opinions
from hutong.service.schemes.versions import services as versions
from hutong.text import Text

EAST, FRUGAL = Text("均衡更新方案", "Balanced renewal"), Text("节约方案", "Frugal scheme")
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
    version = versions.keep_version(made, selectors.draft_of(made), who["operator"], origin="solver")
    versions.compute(version)
    opinions.advise(
        made, "supports", "符合片区体检结论和保护要求，同意；请施工期保留老人通行路线。", who["planner"]
    )
    if not version.summary["violations"]:
        opinions.review(made, "资料齐全，资金有来源，同意公布征求意见。", who["district"])
        today = timezone.localdate()
        until = max(selectors.not_before(made, today), today + dt.timedelta(days=20))
        unit = Unit.objects.get(code="subdistrict")
        consulting.publish(
            made, today, until, who["district"], hears=unit, contact="示例街道更新办（街道办事处一层）"
        )
        said(version, User.objects.get(username="subdistrict"))
    other = services.open_scheme(services.NewScheme(quarter, run, FRUGAL, who["operator"], frugal))
    first = versions.keep_version(
        other, selectors.draft_of(other), who["operator"], origin="solver", note="求解所得"
    )
    versions.compute(first)
    fewer = dict(list(frugal.choices.items())[:-LEFT])
    drafting.bring_in(other, replace(frugal, choices=fewer), who["operator"], 0)


#: What residents say of the demo's scheme, made up: the words, whether a proposal, of which measure (by place in the list of the
#: version's measures; None: the whole), and the answer if one was given.
SAID = (
    ("施工时给一楼留一条能推轮椅的路", "proposal", 0, "采纳。每个楼门留一条 1.2 米宽的通道，写进施工方案。"),
    ("先做管道再铺地面，别挖两遍", "proposal", None, ""),
    ("总算有人管我们院的排水了", "statement", 1, ""),
)


def said(version: Version, office: User) -> None:
    """Let residents say something of the demo's version, and answer the first of it."""
    people = [
        User.objects.get(username=name) for name in ("resident-owner", "resident-tenant", "council-member")
    ]
    measures = [m["id"] for m in version.summary["measures"]]
    for (words, kind, at, reply), person in zip(SAID, people, strict=True):
        of = "" if at is None else measures[at]
        made = consulting.say(consulting.Said(version, words, kind, person, measure=of))
        if reply:
            council.answer(made.owed, "taken", reply, office)
