"""What the pages of schemes are opened on: a draft with a version, and a version before the public."""

from __future__ import annotations

POINT = {"scheme": "pareto_01", "economic": 0.1, "social": 0.2, "ecological": 0.1, "cultural": 0.0, "weighted": 0.1,
         "public_yuan": 1e6, "capital_yuan": 1e6, "gap": 0.0, "best_in": "social"}  # fmt: skip
EVEN = {"economic": 0.1, "social": 0.2, "ecological": 0.1, "cultural": 0.0}
PROOF = {"solves": 1, "infeasible": 0, "open": 0, "reused": 0, "worst_gap": 0.0, "levels": 2}


def subjects(town, owner):
    from django.utils import timezone

    from hutong.plan.document import SchemeDocument
    from hutong.service.checkup.models import Run
    from hutong.service.council import services as council
    from hutong.service.jobs.models import Job
    from hutong.service.requests.services import make_unit
    from hutong.service.schemes.models import Publication, SchemeDeed
    from hutong.service.schemes.opinions import services as opinions
    from hutong.service.schemes.versions import services as versions
    from hutong.text import Text

    run = Run.objects.filter(snapshot__place=town.quarter).order_by("pk").first()
    drafted, hidden = _scheme(town, run, owner)
    shown, public = _scheme(town, run, owner)
    days = {"starts": timezone.localdate(shown.opened).isoformat(), "until": "2099-02-01"}
    deeds = (
        ("advise", "planner", {"verdict": "supports", "document": "0" * 64, "violations": 0}),
        ("review", "district", {"reason": "合规", "violations": 0, "unanswered": 0}),
        ("publish", "district", {**days, "not_before": "2026-02-01"}),
    )
    for n, (event, by, said) in enumerate(deeds, 1):
        SchemeDeed.objects.create(
            scheme=shown, n=n, event=event, by=by, at=shown.opened, said=said, version=public
        )
    shown.phase, shown.state, shown.deeds_done = "public", "consultation", 3
    shown.save()
    heard = {}
    for phase, of in (("open", public), ("closed", _scheme(town, run, owner)[1])):
        unit = make_unit("renewal", town.district, Text("更新办", "Renewal office"))
        process = council.make(
            council.NewProcess(town.quarter, unit, Text("方案", "Scheme"), Text("说说", "Say"), 30, owner)
        )
        for step in ("collect", "discuss", "answer")[: 1 if phase == "open" else 3]:
            process = council.move(process, step, owner)
        Publication.objects.create(version=of, person=owner, process=process, **days)
        heard[phase] = {"pk": of.pk}
    opinion = opinions.sign_experts(hidden, "changes", "专家意见", ["消防"], owner)
    named = Text("展望", "Outlook")
    outlooks = [
        versions.attach_outlook(v, named, {"seed": v.pk}, {"share": 0.5}, owner) for v in (hidden, public)
    ]
    points = {"points": [POINT], "ideal": EVEN, "nadir": EVEN, "budget": {"city": 1e6}, "certificate": PROOF}
    traded = versions.keep_tradeoff(
        drafted, {"mode": "pareto"}, points, {"pareto_01": SchemeDocument("x", named)}, owner
    )
    job = Job.objects.create(
        kind="schemes.solve",
        title_zh="求解",
        title_en="Solve",
        place=town.quarter,
        owner=owner,
        arguments={"scheme": drafted.pk},
    )
    at, of = {"": {"pk": drafted.pk}}, {"office": {"pk": hidden.pk}, "public": {"pk": public.pk}}
    thing = {"": {"pk": drafted.pk, "name": "b0000001"}}
    point = {"": {"pk": traded.pk, "point": "pareto_01"}}
    return {
        **dict.fromkeys(
            ("scheme", "scheme_rename", "scheme_solve", "scheme_studio", "scheme_draft_layer", "scheme_terms", "scheme_reason", "scheme_undo",
             "scheme_bring", "scheme_keep"), at,
        ),
        **dict.fromkeys(("scheme_version", "scheme_print", "scheme_layer", "scheme_file", "scheme_diff", "scheme_why"), of),
        "api_scheme": {"office": {"pk": drafted.pk}, "public": {"pk": shown.pk}},
        "scheme_do": {"": {"pk": drafted.pk, "event": "withdraw"}},
        "scheme_cancel": {"": {"pk": job.pk}},
        "scheme_thing": thing,
        "scheme_put": thing,
        "scheme_row": {"": {"pk": drafted.pk, "row": 0}},
        "scheme_say": heard,
        "scheme_copy": {"": {"pk": hidden.pk}},
        "scheme_experts": {"": {"pk": hidden.pk}},
        "scheme_answer": {"": {"pk": opinion.points.get().pk}},
        "scheme_outlook": {"office": {"pk": outlooks[0].pk}, "public": {"pk": outlooks[1].pk}},
        "scheme_outlook_file": {"office": {"pk": outlooks[0].pk}, "public": {"pk": outlooks[1].pk}},
        "scheme_tradeoff": {"": {"pk": traded.pk}},
        **dict.fromkeys(("scheme_keep_point", "scheme_point", "scheme_point_layer"), point),
        "scheme_point_row": {"": {**point[""], "row": 0}},
    }  # fmt: skip


def _scheme(town, run, owner):
    from hutong.service.schemes import selectors, services
    from hutong.service.schemes.versions import services as versions
    from hutong.text import Text

    found = services.open_scheme(services.NewScheme(town.quarter, run, Text("试", "try"), owner))
    return found, versions.keep_version(found, selectors.draft_of(found), owner)
