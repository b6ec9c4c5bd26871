"""The pages of surveys: the field list and form that work without a network, and the office's rounds."""

from __future__ import annotations

import json
import uuid
from importlib.resources import files
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.accounts.selectors import user_named
from hutong.service.jobs import services as jobs
from hutong.service.places.selectors import place as place_by_id
from hutong.service.surveys import refusals, selectors, services
from hutong.service.surveys.forms import AssignForm, RoundForm
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public, require
from hutong.service.web.asked import asked_key
from hutong.service.words import say, spoken, spoken_rows
from hutong.text import Text

#: Most tasks that a phone takes along, and most forms on one printed page.
MOST_KEPT, MOST_PRINTED = 300, 200
SHOWN = 100


@permitted("surveys.see")
def surveys(request: HttpRequest) -> HttpResponse:
    """Show the office its rounds; whoever only surveys goes to their own list."""
    if not request.user.has_perm("surveys.run"):
        return redirect("surveys_mine")
    form = RoundForm(request.POST or None, snapshots=selectors.snapshots(request.user))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        snapshot = snapshot_by_id(int(given["snapshot"]))
        require(request, "surveys.run", snapshot)
        made = services.open_round(snapshot, given["title"], given["tables"], given["until"], request.user)
        return redirect("survey_round", made.pk)
    context = {
        "rounds": selectors.rounds(request.user),
        "form": form,
        "field": request.user.has_perm("surveys.field"),
    }
    return render(request, "surveys/rounds.html", context, status=400 if form.errors else 200)


@permitted("surveys.field")
def mine(request: HttpRequest) -> HttpResponse:
    """List what the reader is to survey; the page and its forms are kept on the phone."""
    tasks = list(selectors.mine(request.user)[:MOST_KEPT])
    forms = {t.table: spoken(selectors.form_of(t).title) for t in tasks}
    rows = [{"t": t, "form": forms[t.table]} for t in tasks]
    kept = [reverse("survey_task", args=[t.pk]) for t in tasks if not t.done]
    context = {"rows": rows, "left": len(kept), "setup": _setup(request, kept)}
    return render(request, "surveys/mine.html", context)


def _setup(request: HttpRequest, kept: list[str]) -> dict[str, Any]:
    """Return what the page's script needs: whose it is, what to keep, and its words."""
    names = ("hutong/tokens.css", "hutong/base.css", "hutong/parts.css", "hutong/page.js", "hutong/mark.svg",
             "vendor/htmx.org/htmx.min.js", "surveys/offline.js", "surveys/form.js", "surveys/list.js")  # fmt: skip
    return {
        "user": str(request.user.pk),
        "worker": reverse("surveys_worker"),
        "scope": reverse("surveys"),
        "keep": [reverse("surveys_mine"), *kept, *(static(n) for n in names)],
        "words": {
            "draft": say("草稿在本机", "draft on this phone"),
            "queued": say("已存在本机，尚未发送", "kept on this phone, not yet sent"),
            "sent": say("已发送", "sent"),
            "again": say(
                "没能发送：请重新登录，答案还在本机",
                "not sent: sign in again; the answers are still on this phone",
            ),
            "wrong": say("没有收下，请改正标出的各项", "not taken: mend what is marked"),
            "ready": say("没有网络也能填：已存到本机", "works without a network: kept on this phone"),
            "offline": say("现在没有网络", "no network now"),
        },
    }


@permitted("surveys.fill", load=lambda pk: selectors.task_by(pk))
def task(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the form of one object."""
    known = selectors.known(found)
    last = selectors.last_answers(found)
    rows = [
        {
            "item": item,
            "known": known.get(item.name),
            "last": item.write(last[item.name]) if item.name in last else "",
        }
        for item in selectors.form_of(found).items
    ]
    setup = {
        **_setup(request, [request.path]),
        "task": str(found.pk),
        "send": reverse("survey_send", args=[found.pk]),
    }
    context = {"t": found, "rows": rows, "setup": setup, "open": found.phase == "open"}
    return render(request, "surveys/task.html", context)


@require_POST
@permitted("surveys.send", load=lambda pk: selectors.task_by(pk))
def send(request: HttpRequest, found: Any) -> HttpResponse:
    """Take what a phone sends; the same form sent twice is kept once."""
    try:
        given = json.loads(request.body)
        token = uuid.UUID(str(given["token"]))
        words = {str(k): str(v) for k, v in dict(given["answers"]).items()}
        made, new = services.send(found, request.user, token, str(given["day"]), words)
    except (ValueError, KeyError, TypeError):
        return JsonResponse(
            {"what": say("看不懂发来的内容。", "What was sent cannot be understood.")}, status=400
        )
    except HutongError as caught:
        said = {
            "what": spoken(caught.what),
            "hint": spoken(caught.hint),
            "rows": spoken_rows(caught),
        }
        return JsonResponse(said, status=400)
    return JsonResponse({"kept": str(made.token), "new": new})


@public
def worker(_request: HttpRequest) -> HttpResponse:
    """Give the script that keeps the field pages on the phone; it lies here so that it may serve them all."""
    text = files("hutong.service.surveys").joinpath("worker.js").read_text("utf-8")
    return HttpResponse(
        text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


def _round(pk: int) -> Any:
    return selectors.round_by(pk)


@permitted("surveys.run", load=_round)
def survey_round(request: HttpRequest, found: Any) -> HttpResponse:
    """Show how far a round has come, and what came in."""
    context = {
        "r": found,
        "counts": selectors.counts(found),
        "people": selectors.people_of(found),
        "form": AssignForm(parts=selectors.parts_of(found)),
        "sendings": [_told(s) for s in selectors.sendings(found).reverse()[:SHOWN]],
    }
    return render(request, "surveys/round.html", context)


def _told(sending: Any) -> dict[str, Any]:
    items = {i.name: i for i in selectors.form_of(sending.task).items}
    answers = [(items[k].title, items[k].told(v)) for k, v in sending.answers.items() if k in items]
    return {"s": sending, "answers": answers}


@require_POST
@permitted("surveys.run", load=_round)
def assign(request: HttpRequest, found: Any) -> HttpResponse:
    """Send somebody out."""
    form = AssignForm(request.POST, parts=selectors.parts_of(found))
    user = user_named(request.POST.get("username", ""))
    if not form.is_valid() or user is None:
        raise HutongError(
            "no-such-user",
            Text("没有这个用户名，或没有选范围。", "There is no such user name, or no place was chosen."),
            Text("请核对后重试。", "Check it and try again."),
        )
    count = services.assign(found, place_by_id(int(form.cleaned_data["part"])), user)
    messages.success(request, say(f"已派 {count} 处。", f"Sent to {count}."), extra_tags="good")
    return redirect("survey_round", found.pk)


@require_POST
@permitted("surveys.run", load=_round)
def take_back(request: HttpRequest, found: Any) -> HttpResponse:
    """Take back from somebody what is not done."""
    user = user_named(request.POST.get("username", ""))
    if user is None:
        raise refusals.nobody_there()
    count = services.take_back(found, user)
    messages.success(request, say(f"已收回 {count} 处。", f"Took back {count}."))
    return redirect("survey_round", found.pk)


@require_POST
@permitted("surveys.run", load=_round)
def close(request: HttpRequest, found: Any) -> HttpResponse:
    """Close a round."""
    services.close(found)
    messages.success(request, say("已截止，不再收答案。", "Closed: nothing more is taken in."))
    return redirect("survey_round", found.pk)


@require_POST
@permitted("surveys.run", load=_round)
def merge(request: HttpRequest, found: Any) -> HttpResponse:
    """Put what was found into a new draft snapshot, in the background."""
    job = jobs.start("surveys.merge", found.place, request.user, once=True, survey=found.pk)
    return redirect("job", job.pk)


@permitted("surveys.run", load=_round)
def paper(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the forms on paper, one sheet an object, each with a code that leads to its form on the phone."""
    start = asked_key(request, "from") or 0
    who = request.GET.get("who", "")
    tasks = found.tasks.filter(done=False).select_related("at__parent", "user")
    tasks = tasks.filter(user__username=who) if who else tasks
    shown = list(tasks[start : start + MOST_PRINTED])
    sheets = [
        {
            "t": t,
            "form": selectors.form_of(t),
            "address": request.build_absolute_uri(reverse("survey_task", args=[t.pk])),
        }
        for t in shown
    ]
    after = start + MOST_PRINTED if tasks.count() > start + MOST_PRINTED else None
    return render(request, "surveys/paper.html", {"r": found, "sheets": sheets, "after": after, "who": who})
