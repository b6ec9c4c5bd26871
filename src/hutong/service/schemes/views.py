"""The pages of schemes: the library, a scheme for those who work on it, and a version as anyone may see it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.act.machine import Event
from hutong.act.schemes import scheme_machine
from hutong.errors import HutongError
from hutong.service.jobs import services as jobs
from hutong.service.places.selectors import place as place_by_id
from hutong.service.residents.selectors import homes_of
from hutong.service.schemes import forms, outlooks, selectors, services
from hutong.service.schemes.consulting import selectors as consulting
from hutong.service.schemes.consulting.services import publish
from hutong.service.schemes.consulting.views import SayForm
from hutong.service.schemes.offices import actors
from hutong.service.schemes.opinions import services as opinions
from hutong.service.schemes.picture import layer_of, picture_of
from hutong.service.schemes.policies import DRAFTERS
from hutong.service.schemes.versions import services as versions
from hutong.service.twin.layers import layer_data
from hutong.service.web.access import permitted, public, require
from hutong.service.web.asked import asked_key
from hutong.service.words import done_words, say
from hutong.text import Text
from rules import has_perm

ROWS_A_PAGE = 20
#: The order of the shelves.
SHELVES = ("consultation", "adopted", "reviewed", "advised", "draft", "superseded", "withdrawn")
#: Events with a form of their own; the others ask for reasons only.
OWN_FORM = ("advise", "publish")
#: The course of a scheme as its page draws it.
COURSE = ("draft", "advised", "reviewed", "consultation", "adopted")


@public
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes that the reader may see, by where they stand."""
    rows: list[dict[str, Any]] = [
        {"s": one, "inside": inside, "v": shown, "turn": selectors.at_turn(one)}
        for one, inside, shown in selectors.library(request.user)
    ]
    states = scheme_machine().states
    shelves = [{"title": states[s].title, "rows": [r for r in rows if r["s"].state == s]} for s in SHELVES]
    return render(request, "schemes/library.html", {"shelves": shelves, "any": bool(rows)})


@permitted("schemes.draft")
def new(request: HttpRequest) -> HttpResponse:
    """Open a scheme: empty, or from a file."""
    places = selectors.places_for(request.user, DRAFTERS)
    asked = {"place": asked_key(request, "place")}
    form = forms.SchemeForm(request.POST or None, request.FILES or None, places=places, initial=asked)
    if request.method == "POST" and form.is_valid():
        c = form.cleaned_data
        place = place_by_id(int(c["place"]))
        require(request, "schemes.draft", place)
        run = selectors.newest_run(place)
        if run is None:
            raise Http404
        document = None if not c["file"] else forms.uploaded(c["file"])
        title = Text(c["title_zh"], c["title_en"] or c["title_zh"])
        made = services.open_scheme(services.NewScheme(place, run, title, request.user, document, c["token"]))
        return redirect("scheme_studio", made.pk)
    context = {"form": form, "none": not places}
    return render(request, "schemes/new.html", context, status=400 if form.errors else 200)


@require_POST
@permitted("schemes.draft", load=selectors.version)
def copy(request: HttpRequest, found: Any) -> HttpResponse:
    """Open another scheme that begins as a version; the same form sent again opens none."""
    old = found.scheme
    try:
        token = uuid.UUID(request.POST.get("token") or str(uuid.uuid4()))
    except ValueError:
        raise HutongError(
            "bad-form",
            Text("这份表单不完整或被改动过。", "This form is incomplete or was changed."),
            Text("请重新打开这一页。", "Open the page again."),
        ) from None
    title = Text(f"{old.title_zh}（另一方案）"[:120], f"{old.title_en} (another)"[:120])
    document = selectors.version_document(found)
    new_one = services.NewScheme(old.place, old.run, title, request.user, document, token)
    return redirect("scheme_studio", services.open_scheme(new_one).pk)


# --- for those who work on it ------------------------------------------------


@permitted("schemes.inside", load=selectors.scheme)
def scheme(request: HttpRequest, found: Any) -> HttpResponse:
    """Show where a scheme stands, its versions and opinions, and let each do their part."""
    newest = selectors.head(found)
    states = scheme_machine().states
    order = [*COURSE] if found.state in COURSE else [*COURSE, found.state]
    at = order.index(found.state)
    context = {
        "s": found,
        "state": selectors.state_title(found),
        "course": [
            {"title": states[n].title, "standing": "done" if i < at else "here" if i == at else "later"}
            for i, n in enumerate(order)
        ],
        "newest": newest,
        "sum": newest.summary if newest else None,
        "unsaved": selectors.unsaved(found),
        "versions": found.versions.select_related("person", "based_on"),
        "opinions": _opinions(newest),
        "deeds": [_deed(d) for d in found.deeds.select_related("version", "person")],
        **_moves(request, found),
        "experts_form": forms.OpinionForm(points=True, auto_id="experts_%s") if newest else None,
        "title_form": forms.TitleForm(
            auto_id="title_%s", initial={"title_zh": found.title_zh, "title_en": found.title_en}
        ),
        "renames": selectors.may_be_renamed(found),
        "solve_form": forms.SolveForm(auto_id="solve_%s"),
        "jobs": selectors.solving(found),
        "heard": consulting.heard_of(found),
    }
    return render(request, "schemes/scheme.html", context)


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def rename(request: HttpRequest, found: Any) -> HttpResponse:
    """Give a draft another name."""
    c = forms.checked(forms.TitleForm(request.POST))
    services.rename(found, Text(c["title_zh"], c["title_en"]), request.user)
    return redirect("scheme", found.pk)


def _opinions(newest: Any) -> list[dict[str, Any]]:
    if newest is None:
        return []
    options = scheme_machine().fields["verdict"].options
    return [
        {
            "o": o,
            "verdict": options[o.verdict],
            "kind": SIGNED_BY[o.kind],
            "points": [{"p": p, "form": forms.AnswerForm(auto_id=f"p{p.pk}_%s")} for p in o.points.all()],
        }
        for o in newest.opinions.prefetch_related("points").select_related("person")
    ]


SIGNED_BY = {
    "planner": Text("责任规划师", "Responsible planner"),
    "experts": Text("专家评审", "Experts"),
    "district": Text("区更新专班", "District renewal office"),
}


def _deed(found: Any) -> dict[str, Any]:
    machine = scheme_machine()
    return {
        "d": found,
        "title": machine.events[found.event].title,
        "by": machine.actors[found.by],
        "reason": found.said.get("reason", ""),
    }


def _moves(request: HttpRequest, found: Any) -> dict[str, Any]:
    """Return what the reader may do, what leads on first, and apart from it what must wait, with the reasons."""
    facts, now, later = services.facts(found), [], []
    for event, _ in selectors.moves(request.user, found):
        if event.id == "supersede":
            continue
        if reasons := selectors.waits(found, event, facts):
            later.append({"event": event, "reasons": reasons})
        else:
            now.append(_move(found, event))
    return {"moves": sorted(now, key=lambda r: not r["onwards"]), "later": later}


def _move(found: Any, event: Event) -> dict[str, Any]:
    if event.id == "advise":
        form: Any = forms.OpinionForm(auto_id="advise_%s")
    elif event.id == "publish":
        form = forms.PublishForm(scheme=found, auto_id="publish_%s")
    else:
        form = forms.ReasonsForm(auto_id=f"{event.id}_%s")
    onwards = event.id in ("advise", "review", "publish", "adopt")
    return {"event": event, "form": form, "onwards": onwards}


@require_POST
@permitted("schemes.inside", load=lambda pk, event: _at(pk, event))
def do(request: HttpRequest, at: Any) -> HttpResponse:
    """Let something happen to a scheme, as an actor that the reader may be."""
    found, name = at.of, at.name
    event = scheme_machine().events.get(name)
    if event is None or name == "supersede":
        raise Http404
    mine = actors(request.user, found.place, event.by)
    if not mine:
        raise PermissionDenied
    if name == "advise":
        c = forms.checked(forms.OpinionForm(request.POST))
        opinions.advise(found, c["verdict"], c["words"], request.user)
    elif name == "publish":
        c = forms.checked(forms.PublishForm(request.POST, scheme=found))
        publish(found, c["starts"], c["until"], request.user, hears=c["hears"], contact=c["contact"])
    elif name == "review":
        opinions.review(found, forms.checked(forms.ReasonsForm(request.POST))["reason"], request.user)
    else:
        c = forms.checked(forms.ReasonsForm(request.POST))
        services.act(found, name, mine[0], request.user, {"reason": c["reason"]})
    messages.success(request, done_words(event.title), extra_tags="good")
    return redirect("scheme", found.pk)


class _At:
    """A scheme and the event that an address names."""

    def __init__(self, of: Any, name: str) -> None:
        self.of, self.name, self.place, self.phase = of, name, of.place, of.phase


def _at(pk: int, event: str) -> _At:
    return _At(selectors.scheme(pk), event)


@require_POST
@permitted("schemes.experts", load=selectors.version)
def experts(request: HttpRequest, found: Any) -> HttpResponse:
    """Enter the experts' review of a version."""
    c = forms.checked(forms.OpinionForm(request.POST, points=True))
    points = c.get("points", "").splitlines()
    opinions.sign_experts(found, c["verdict"], c["words"], points, request.user)
    messages.success(request, say("专家意见已记录。", "The experts' review is on record."), extra_tags="good")
    return redirect("scheme", found.scheme_id)


@require_POST
@permitted("schemes.draft", load=selectors.point)
def answer(request: HttpRequest, found: Any) -> HttpResponse:
    """Answer a point of the experts."""
    opinions.answer(found, forms.checked(forms.AnswerForm(request.POST))["words"], request.user)
    messages.success(request, say("答复已记录。", "The answer is on record."), extra_tags="good")
    return redirect("scheme", found.opinion.version.scheme_id)


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def solve(request: HttpRequest, found: Any) -> HttpResponse:
    """Start the optimiser."""
    c = forms.checked(forms.SolveForm(request.POST))
    selectors.be_draft(found)
    if found.place_id != found.run.snapshot.place_id:
        raise HutongError(
            "only-whole-quarter",
            Text("求解器只对整个片区求解。", "The optimiser works for a whole quarter."),
            Text("请为片区另开一个方案，或手工编制。", "Open a scheme for the quarter, or compose by hand."),
        )
    job = jobs.start(
        "schemes.solve", found.place, request.user, scheme=found.pk, mode=c["mode"], budget=c["budget"]
    )
    return redirect("job", job.pk)


@require_POST
@permitted("schemes.draft", load=selectors.solving_job)
def cancel(request: HttpRequest, found: Any) -> HttpResponse:
    """Stop the optimiser; what was kept before stays."""
    jobs.cancel(found, request.user)
    messages.success(request, say("已停止。", "Stopped."), extra_tags="good")
    return redirect("scheme", found.arguments["scheme"])


# --- before the public -------------------------------------------------------


@permitted("schemes.see", load=selectors.version)
def version(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a version in plain words: what is done, who gets and pays what, what it breaks, who is likely to agree."""
    mine = _mine(request, found)
    context = {"token": uuid.uuid4(), "mine": mine, "picture": picture_of(found, {m["row"] for m in mine})}
    snapshot = found.scheme.run.snapshot
    if found.phase == "public" and has_perm("twin.see", request.user, snapshot):
        context["map"] = f"{reverse('map', args=[snapshot.pk])}?layer=scheme-{found.pk}"
    return render(request, "schemes/version.html", _public(request, found) | context)


def _mine(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    """Return the buildings of the reader's verified homes with what a version does there, each with all homes in it."""
    if not request.user.is_authenticated:
        return []
    homes: dict[int, list[Any]] = {}
    for home in homes_of(request.user):
        homes.setdefault(home.building_id, []).append(home)
    rows = found.scheme.run.snapshot.buildings.filter(place__in=list(homes)).select_related("place__parent")
    out = []
    for b in rows:
        done = selectors.done_at(found, b)
        out.append({"row": b.row, "homes": homes[b.place_id], "building": b, "done": done})
    return out


@permitted("schemes.see", load=selectors.version)
def layer(_request: HttpRequest, found: Any) -> HttpResponse:
    """Send what the map is coloured by for a version."""
    return JsonResponse(layer_data(layer_of(found)), json_dumps_params={"ensure_ascii": False})


@permitted("schemes.see", load=selectors.version)
def printed(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a version on paper, with the address where it can be looked up."""
    context = _public(request, found)
    context["address"] = request.build_absolute_uri(request.path).removesuffix("/print")
    return render(request, "schemes/print.html", context)


def _public(request: HttpRequest, found: Any) -> dict[str, Any]:
    publication = selectors.publication(found)
    text = request.GET.get("q", "").strip()[:60]
    today = timezone.localdate()
    asking = publication is not None and publication.running(today) and found.scheme.state == "consultation"
    return {
        "v": found,
        "s": found.scheme,
        "sum": found.summary,
        "publication": publication,
        "asking": asking,
        "heard": consulting.heard(found),
        "hearing": consulting.hearing(found),
        "say_form": SayForm(auto_id="say_%s"),
        "state": selectors.state_title(found.scheme),
        "opinions": _opinions(found) if found.phase == "public" or selectors.inside(request.user, found.scheme) else [],
        "outlooks": found.outlooks.all(),
        "inside": selectors.inside(request.user, found.scheme),
        "job": None if found.summary else versions.want_summary(found, request.user),
        "objects": Paginator(selectors.objects_of(found, text), ROWS_A_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "paged": "page" in request.GET,
        "entries": selectors.entries_of(found),
    }  # fmt: skip


@permitted("schemes.see", load=selectors.version)
def file(_request: HttpRequest, found: Any) -> HttpResponse:
    """Send the document of a version: its SHA-256 is the one in the ledger."""
    answer = HttpResponse(found.document.encode(), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.scheme.number}-{found.n}.yaml"'
    return answer


@permitted("schemes.see", load=selectors.outlook)
def outlook(request: HttpRequest, found: Any) -> HttpResponse:
    """Show an outlook: the answer in words, the table it rests on, and how it is made again."""
    context = {"o": found, "v": found.version, "s": found.version.scheme, "told": outlooks.told(found)}
    return render(request, "schemes/outlook.html", context)


@permitted("schemes.see", load=selectors.outlook)
def outlook_file(_request: HttpRequest, found: Any) -> HttpResponse:
    """Send an outlook as it was hashed into the ledger."""
    name = f"{found.version.scheme.number}-{found.version.n}-outlook-{found.digest[:8]}.json"
    answer = HttpResponse(outlooks.file_of(found.recipe, found.result), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
