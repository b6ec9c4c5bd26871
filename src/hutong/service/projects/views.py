"""The pages of projects: the library, a project in public, and the office's page with gate, papers, review and works."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.act.projects import LIBRARY, STANDINGS, VERDICTS, disclosures
from hutong.errors import HutongError
from hutong.service.checkup.selectors import finding_by_id
from hutong.service.places.selectors import place as place_by_id
from hutong.service.projects import forms, selectors, services
from hutong.service.projects.following import place_of_finding
from hutong.service.projects.policies import APPLIES
from hutong.service.projects.things import selectors as things
from hutong.service.projects.votes import votes_of
from hutong.service.requests.selectors import unit_title, units_at, units_of
from hutong.service.twin.layers import layer_data
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public, require
from hutong.service.web.asked import asked_key
from hutong.service.web.papers import send
from hutong.service.words import done_words, say, spoken
from hutong.text import Text

_project = selectors.project
#: How a disclosure stands, as a mark.
DUTY_MARKS = {"done": "good", "due": "watch", "late": "alarm", "running": "good", "unknown": "unknown"}


@public
def projects(request: HttpRequest) -> HttpResponse:
    """Show the project library: reserve, implementation, ended; drafts to those who work on them."""
    rows = [
        {"p": p, "step": selectors.state_title(p), "kinds": selectors.kinds_of(p)}
        for p in selectors.visible(request.user)[:300]
    ]
    shelves = [
        {"id": name, "title": title, "rows": [r for r in rows if r["p"].library == name]}
        for name, title in LIBRARY.items()
    ]
    order = ("implementation", "reserve", "proposed", "ended")
    shelves.sort(key=lambda s: order.index(str(s["id"])))
    return render(request, "projects/library.html", {"shelves": shelves, "any": bool(rows)})


@permitted("projects.apply")
def new(request: HttpRequest) -> HttpResponse:
    """Apply for a project."""
    places = selectors.places_for(request.user, APPLIES)
    about = _finding(request)
    place_asked = asked_key(request, "place") or (place_of_finding(about).pk if about else None)
    form = forms.ApplyForm(request.POST or None, places=places, initial={"place": place_asked})
    if request.method == "POST" and form.is_valid():
        c = form.cleaned_data
        place = place_by_id(int(c["place"]))
        require(request, "projects.apply", place)
        title = Text(c["title_zh"], c["title_en"] or c["title_zh"])
        made = services.apply(
            services.NewProject(
                place,
                title,
                c["procedure"],
                c["types"],
                c["tenures"],
                request.user,
                c["token"],
                finding=about,
            )
        )
        return redirect("project_office", made.pk)
    context = {"form": form, "none": not places, "about": about}
    return render(request, "projects/new.html", context, status=400 if form.errors else 200)


def _finding(request: HttpRequest) -> Any:
    """Return the finding that a project is applied for because of, where the reader may see it."""
    key = asked_key(request, "finding")
    found = None if key is None else finding_by_id(key)
    return found if found is not None and request.user.has_perm("checkup.see", found) else None


@permitted("projects.see", load=_project)
def project(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a project as anyone may see it: how far, what was published, works, visits and defects."""
    now = timezone.now()
    earned = selectors.earned(found, timezone.localdate())
    context = {
        **_about(found),
        "works": earned,
        "duties": _duties(found),
        "papers": _papers(found, [p for p in found.papers.all() if p.digest and p.phase == "public"]),
        "inspections": selectors.inspections(found),
        "things": _things(found, now),
        "steps": _steps(found),
        "inspect": forms.InspectForm(),
    }
    return render(request, "projects/project.html", context)


def _about(found: Any) -> dict[str, Any]:
    return {
        "p": found,
        "step": selectors.state_title(found),
        "library": selectors.library_title(found),
        "kinds": selectors.kinds_of(found),
        "tenures": [selectors.tenures()[t] for t in found.tenures if t in selectors.tenures()],
        "trail": selectors.trail(found),
        "procedure": selectors.course_for(found).procedure.title,
        "votes": votes_of(found),
    }


def _duties(found: Any) -> list[dict[str, Any]]:
    return [
        {"o": o, "mark": DUTY_MARKS[o.standing], "said": STANDINGS[o.standing]}
        for o in selectors.duties(found, timezone.localdate())
    ]


def _things(found: Any, now: Any) -> list[dict[str, Any]]:
    return [
        {"t": t, "title": things.title(t), "state": things.state_title(t), "status": things.status(t, now)}
        for t in found.things.select_related("project__place")
    ]


def _papers(found: Any, papers: Iterable[Any]) -> list[dict[str, Any]]:
    """Return papers, each by what it makes public where it does."""
    made = {d.paper_id: disclosures()[d.kind].title for d in found.disclosed.all()}
    return [{"x": p, "title": made.get(p.pk, p.title)} for p in papers]


def _steps(found: Any) -> list[dict[str, Any]]:
    """Return what happened, each with the step that it left."""
    machine = selectors.course_for(found).machine
    return [
        {
            "step": machine.states[s.event.split(".")[0]].title,
            "title": machine.events[s.event].title,
            "at": s.at,
        }
        for s in found.steps.all()
    ]


@permitted("projects.office", load=_project)
def office(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what the project needs to go on, and let each office do its part."""
    now = timezone.now()
    door, rows, missing = selectors.gate_rows(found, now)
    course = selectors.course_for(found)
    machine_actors = course.machine.actors
    lacking = next((r["asked"].id for r in rows if r["status"] == "alarm"), None)
    context = {
        **_about(found),
        "gate": door,
        "gate_rows": rows,
        "missing": missing,
        "moves": [
            {
                "event": e,
                "as": machine_actors[a],
                "forward": on,
                "to": course.machine.states[e.to].title,
                "waits": selectors.waits(found, e, now),
            }
            for e, a, on in selectors.moves(request.user, found)
        ],
        "others": [
            {"event": e, "by": [machine_actors[a] for a in e.by]} for e in course.machine.allowed(found.state)
        ],
        "paper_form": forms.PaperForm(auto_id="paper_%s", initial={"kind": lacking}),
        "settle_form": forms.PaperForm(reason=True, auto_id="settle_%s"),
        "reviews": _reviews(request, found),
        "review_form": forms.ReviewForm(units=units_at(found.place), auto_id="review_%s"),
        "task_form": forms.TaskForm(auto_id="task_%s"),
        "progress_form": forms.ProgressForm(tasks=list(found.tasks.all()), auto_id="progress_%s"),
        "disclose_form": forms.DiscloseForm(auto_id="disclose_%s"),
        "scheme_form": forms.SchemeForm(versions=selectors.versions_for(found), auto_id="scheme_%s")
        if selectors.asks_for_scheme(found)
        else None,
        "vote_form": forms.VoteForm(ballots=selectors.votes_for(found), auto_id="vote_%s"),
        "permit_form": forms.ThingForm(machine="permit", auto_id="permit_%s"),
        "change_form": forms.ThingForm(machine="change", auto_id="change_%s"),
        "works": selectors.earned(found, timezone.localdate()),
        "duties": _duties(found),
        "things": _things(found, now),
        "papers": _papers(found, found.papers.exclude(digest="")),
        "steps": _steps(found),
    }
    return render(request, "projects/office.html", context)


def _reviews(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    mine, out = set(units_of(request.user)), []
    for r in found.reviews.prefetch_related("opinions"):
        review = selectors.review_of(r)
        owing = [(d, spoken(unit_title(d, found.place))) for d in review.waiting if d in mine]
        out.append(
            {
                "r": r,
                "lead": unit_title(r.lead, found.place),
                "opinions": [
                    {"o": o, "unit": unit_title(o.department, found.place), "verdict": VERDICTS[o.verdict]}
                    for o in r.opinions.all()
                ],
                "waiting": [unit_title(d, found.place) for d in review.waiting],
                "late": bool(review.late(timezone.localdate())),
                "form": forms.OpinionForm(units=owing, auto_id=f"opinion{r.pk}_%s")
                if owing and not r.concluded
                else None,
                "leads": r.lead in mine and not r.concluded,
            }
        )
    return out


def _done(request: HttpRequest, found: Any, words: str, anchor: str = "") -> HttpResponse:
    messages.success(request, words, extra_tags="good")
    answer = redirect("project_office", found.pk)
    if anchor:
        answer["Location"] += f"#{anchor}"
    return answer


@require_POST
@permitted("projects.work", load=lambda pk, event: _with(pk, event=event))
def move(request: HttpRequest, asked: Any) -> HttpResponse:
    """Take a step, as an actor that the reader may record."""
    found, event = asked.of, asked.event
    allowed = {e.id: (e, as_whom) for e, as_whom, _ in selectors.moves(request.user, found)}
    if event not in selectors.course_for(found).machine.events:
        raise Http404
    if event not in allowed:
        return _refused_move(found, event)
    kind, as_whom = allowed[event]
    services.move(found, event, as_whom, request.user)
    return _done(request, found, done_words(kind.title))


def _refused_move(found: Any, event: str) -> HttpResponse:
    """Say that a step cannot be taken now, or is not the reader's."""
    if found.state in selectors.course_for(found).machine.events[event].origin:
        raise PermissionDenied
    raise HutongError(
        "act-event",
        Text("项目已不在这一步。", "The project is not at that step any more."),
        Text("请刷新后查看现在可以办什么。", "Reload to see what may follow."),
    )


class _With:
    """A project with what else the address names; it has the project's place and phase."""

    def __init__(self, of: Any, **parts: Any) -> None:
        self.of, self.place, self.phase = of, of.place, of.phase
        for name, value in parts.items():
            setattr(self, name, value)


def _with(pk: int, **parts: Any) -> Any:
    return _With(_project(pk), **parts)


@require_POST
@permitted("projects.work", load=_project)
def hand_in(request: HttpRequest, found: Any) -> HttpResponse:
    """Hand in a paper."""
    c = forms.checked(forms.PaperForm(request.POST, request.FILES))
    services.hand_in(found, c["kind"], c["file"], request.user, public=c["public"])
    return _done(request, found, say("已归档，哈希已存证。", "Filed; its hash is in the ledger."), "gate")


@require_POST
@permitted("projects.manage", load=_project)
def file_scheme(request: HttpRequest, found: Any) -> HttpResponse:
    """File a published scheme as the project's."""
    versions = {str(v.pk): v for v in selectors.versions_for(found)}
    c = forms.checked(forms.SchemeForm(request.POST, versions=list(versions.values())))
    services.file_scheme(found, versions[c["version"]], request.user)
    return _done(request, found, say("方案已归档，哈希已存证。", "The scheme is filed; its hash is in the ledger."), "gate")  # fmt: skip


@require_POST
@permitted("projects.manage", load=_project)
def tie_vote(request: HttpRequest, found: Any) -> HttpResponse:
    """Let a vote be the one on this project."""
    ballots = {str(b.pk): b for b in selectors.votes_for(found)}
    c = forms.checked(forms.VoteForm(request.POST, ballots=list(ballots.values())))
    services.tie_vote(found, ballots[c["ballot"]], request.user)
    return _done(request, found, say("表决已关联本项目。", "The vote is the one on this project."), "vote")


@require_POST
@permitted("projects.settle", load=_project)
def settle(request: HttpRequest, found: Any) -> HttpResponse:
    """Record that a paper is not needed."""
    c = forms.checked(forms.PaperForm(request.POST, reason=True))
    services.settle(found, c["kind"], c["reason"], request.user)
    return _done(request, found, say("已记录理由。", "The reason is on record."), "gate")


@require_POST
@permitted("projects.review", load=_project)
def ask(request: HttpRequest, found: Any) -> HttpResponse:
    """Open a joint review."""
    c = forms.checked(forms.ReviewForm(request.POST, units=units_at(found.place)))
    services.ask(found, c["lead"], c["departments"], c["due"], request.user)
    return _done(request, found, say("已征求各部门意见。", "The departments are asked."), "review")


@require_POST
@permitted("projects.opinion", load=selectors.review_round)
def opinion(request: HttpRequest, found: Any) -> HttpResponse:
    """Give a department's opinion, as somebody who acts for it."""
    mine = [(u, u) for u in units_of(request.user)]
    c = forms.checked(forms.OpinionForm(request.POST, units=mine))
    services.give_opinion(found, c["department"], c["verdict"], c["words"], request.user)
    return _done(request, found.project, say("意见已记录。", "The opinion is on record."), "review")


@require_POST
@permitted("projects.opinion", load=lambda pk, outcome: _round(pk, outcome))
def conclude(request: HttpRequest, asked: Any) -> HttpResponse:
    """Conclude a review, as somebody who acts for its lead."""
    found = asked.of
    if found.lead not in units_of(request.user):
        raise PermissionDenied
    services.conclude(found, found.lead, asked.outcome, request.user)
    return _done(request, found.project, say("联合审查已有结论。", "The review is concluded."), "review")


def _round(pk: int, outcome: str) -> Any:
    found = selectors.review_round(pk)
    made = _With(found.project, outcome=outcome)
    made.of = found
    return made


@require_POST
@permitted("projects.manage", load=_project)
def task(request: HttpRequest, found: Any) -> HttpResponse:
    """Set a task of the works."""
    c = forms.checked(forms.TaskForm(request.POST))
    services.plan_task(found, c["title"], c["start"], c["end"], c["budget_yuan"])
    return _done(request, found, say("任务已列入计划。", "The task is planned."), "works")


@require_POST
@permitted("projects.manage", load=_project)
def progress(request: HttpRequest, found: Any) -> HttpResponse:
    """Report how far a task is."""
    tasks = {str(t.pk): t for t in found.tasks.all()}
    c = forms.checked(forms.ProgressForm(request.POST, tasks=list(tasks.values())))
    done = None if c["done"] is None else int(c["done"] * 100)
    services.report(tasks[c["task"]], c["day"], done, c["spent_yuan"], request.user)
    return _done(request, found, say("进度已记录。", "The report is on record."), "works")


@require_POST
@permitted("projects.manage", load=_project)
def disclose(request: HttpRequest, found: Any) -> HttpResponse:
    """Make something public."""
    c = forms.checked(forms.DiscloseForm(request.POST, request.FILES))
    services.disclose(found, c["kind"], c["file"], request.user)
    return _done(request, found, say("已公开并存证。", "Public, and in the ledger."), "disclosures")


@permitted("projects.paper", load=selectors.paper)
def paper(_request: HttpRequest, found: Any) -> FileResponse:
    """Send a paper for keeping; a browser never opens it in a page of ours."""
    return send(found.digest, found.suffix, f"{found.project.number}-{found.kind}-{found.digest[:8]}")


@permitted("twin.see", load=snapshot_by_id)
def layer(request: HttpRequest, found: Any) -> JsonResponse:
    """Send how far the project of each building is, to colour the map."""
    return JsonResponse(
        layer_data(selectors.layer(request.user, found)), json_dumps_params={"ensure_ascii": False}
    )
