"""The pages of the council: read, write, answer card by card, see what is shared, and what is owed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.agree.openness import answer_days
from hutong.errors import HutongError
from hutong.few import FEWEST_PEOPLE
from hutong.service.council import opinions as drawn
from hutong.service.council import selectors, services
from hutong.service.council.forms import (
    AnswerForm,
    DecideForm,
    HideForm,
    ProcessForm,
    SheetForm,
    ShowForm,
    WriteForm,
)
from hutong.service.council.phases import OPEN, PHASES, after
from hutong.service.council.sheets import sent_rows
from hutong.service.requests.selectors import units_at
from hutong.service.web.access import permitted, public, require, signed_in
from hutong.service.web.asked import asked_key
from hutong.service.words import error_words, say, spoken
from hutong.text import Text

#: Where people may be asked.
PLACES = ("subdistrict", "quarter", "block", "estate")


def _process(pk: int) -> Any:
    return selectors.process(pk)


def add_error(form: Any, caught: HutongError, field: str | None = None) -> None:
    """Show an error that can be mended at its field."""
    form.add_error(field, error_words(caught))


@public
def council(request: HttpRequest) -> HttpResponse:
    """List the processes: what is asked where, and how far it is."""
    rows = selectors.processes(request.user)
    return render(request, "council/council.html", {"rows": rows})


@permitted("council.make")
def new(request: HttpRequest) -> HttpResponse:
    """Make a process."""
    asked = {"answer_days": answer_days(), "place": asked_key(request, "place")}
    form = ProcessForm(request.POST or None, initial=asked)
    places = {
        str(p.pk): p
        for role, path in request.user.held
        if role in ("planner", "subdistrict", "district")
        for p in selectors.places_below(path, PLACES)
    }
    units = {str(u.pk): u for p in places.values() for u in units_at(p)}
    form.fields["place"].choices = [(k, spoken(p.title)) for k, p in places.items()]  # type: ignore[attr-defined]
    form.fields["unit"].choices = [(k, spoken(u.title)) for k, u in units.items()]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = places[given["place"]]
        require(request, "council.make", place)
        made = services.make(
            services.NewProcess(
                place, units[given["unit"]], Text(given["title_zh"], given["title_en"]),
                Text(given["about_zh"], given["about_en"]), given["answer_days"], request.user, given["token"],
            )
        )  # fmt: skip
        return redirect("council_process", made.pk)
    return render(
        request, "council/new.html", {"form": form, "units": units}, status=400 if form.errors else 200
    )


@permitted("council.see", load=_process)
def process(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a process: what is asked, how far it is, what one can do now, and what is owed."""
    rows = selectors.owed_rows(selectors.owed_of(found))
    moved = {c.phase: c for c in found.changes.all()}
    steps = [
        {"phase": p, "at": moved[p.id].at if p.id in moved else None, "now": p.id == found.phase}
        for p in PHASES.values()
    ]
    following = after(found.phase)
    last = selectors.latest(found)
    return render(
        request,
        "council/process.html",
        {
            "p": found, "steps": steps, "counts": selectors.counts(found), "last": last,
            "next": PHASES[following] if following else None, "decide": DecideForm() if found.phase == "decide" else None,
            "held": found.promised_open and following not in OPEN, "drafts": found.drafts.all(),
            "decision": next((c for c in moved.values() if c.words), None),
            "owed": rows, "late": sum(r["state"] == "overdue" for r in rows), "open": sum(r["o"].answered is None for r in rows),
            "shared": [r for r in drawn.statement_rows(last.data, _visible(found)) if r["bridge"]][:5] if last else [],
        },
    )  # fmt: skip


def _visible(found: Any) -> dict[int, Any]:
    return {s.pk: s for s in selectors.visible(found)}


@require_POST
@permitted("council.move", load=_process)
def move(request: HttpRequest, found: Any) -> HttpResponse:
    """Let a process enter its next phase."""
    services.move(found, request.POST.get("phase", ""), request.user, request.POST.get("decision", "")[:4000])
    messages.success(request, say("已进入下一阶段。", "It has entered its next phase."), extra_tags="good")
    return redirect("council_process", found.pk)


@permitted("council.vote", load=_process)
def cards(request: HttpRequest, found: Any) -> HttpResponse:
    """Show one statement at a time; a vote is one request that brings the next."""
    said = None
    if request.method == "POST":
        s = selectors.statement(_number(request.POST.get("statement", "")))
        if s.process_id != found.pk:
            raise Http404
        said = services.cast(s, request.user, _choice(request.POST.get("value", "")))
        if not request.headers.get("HX-Request"):
            return redirect("council_cards", found.pk)
    context = {"p": found, "said": said, **selectors.next_card(found, request.user)}
    part = request.headers.get("HX-Request") and request.method == "POST"
    return render(request, "council/card.html" if part else "council/cards.html", context)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


def _choice(text: str) -> int:
    if text not in ("1", "0", "-1"):
        raise Http404
    return int(text)


@permitted("council.vote", load=_process)
def mine(request: HttpRequest, found: Any) -> HttpResponse:
    """Show how the reader answered, each to be changed."""
    if request.method == "POST":
        s = selectors.statement(_number(request.POST.get("statement", "")))
        if s.process_id != found.pk:
            raise Http404
        services.cast(s, request.user, _choice(request.POST.get("value", "")))
        messages.success(request, say("已改好。", "Changed."), extra_tags="good")
        return redirect("council_mine", found.pk)
    own = found.statements.filter(owner=request.user)
    return render(
        request,
        "council/mine.html",
        {"p": found, "votes": selectors.votes_by(found, request.user), "own": own},
    )


@permitted("council.vote", load=_process)
def write(request: HttpRequest, found: Any) -> HttpResponse:
    """Take one idea, with a hint where somebody wrote the like."""
    form = WriteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.write(
                services.NewStatement(found, given["words"], given["kind"], request.user, given["token"])
            )
        except HutongError as caught:
            add_error(form, caught, "words")
        else:
            messages.success(request, say("已写上，大家可以表态了。", "It stands; others can answer it now."), extra_tags="good")  # fmt: skip
            return redirect("council_cards", found.pk)
    return render(
        request, "council/write.html", {"p": found, "form": form}, status=400 if form.errors else 200
    )


@require_POST
@permitted("council.vote", load=_process)
def alike(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what reads like the words being written: perhaps one agrees with it instead."""
    return render(
        request,
        "council/alike.html",
        {"p": found, "found": selectors.alike(found, request.POST.get("words", ""))},
    )


@permitted("council.see", load=_process)
def opinions(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the map of opinions, what all groups share, and every statement with each group's answer."""
    last = selectors.latest(found)
    statements = _visible(found)
    context: dict[str, Any] = {"p": found, "last": last, "counts": selectors.counts(found)}
    if last is not None:
        texts = {pk: s.words for pk, s in statements.items()}
        context |= {
            "words": drawn.told(last.data, texts), "map": drawn.drawing(last.data),
            "rows": drawn.statement_rows(last.data, statements), "groups": last.data["groups"],
        }  # fmt: skip
    context["fewest"] = FEWEST_PEOPLE
    context["unpublished"] = [
        s for pk, s in statements.items() if last is None or pk not in {r["id"] for r in last.data["statements"]}
    ]  # fmt: skip
    return render(request, "council/opinions.html", context)


@permitted("council.paper", load=_process)
def paper(request: HttpRequest, found: Any) -> HttpResponse:
    """Take answers from paper cards, and give the sheet to print."""
    form = SheetForm(request.POST or None, request.FILES or None)
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            n = services.enter_paper(
                found, sent_rows(form.cleaned_data["file"], ("card", "statement", "vote"))
            )
        except HutongError as caught:
            error = caught
        else:
            messages.success(request, say(f"录入 {n} 票。", f"{n} votes entered."), extra_tags="good")
            return redirect("council_paper", found.pk)
    context = {"p": found, "form": form, "error": error, "statements": selectors.visible(found)}
    return render(request, "council/paper.html", context, status=400 if error or form.errors else 200)


@permitted("council.moderate", load=_process)
def moderate(request: HttpRequest, found: Any) -> HttpResponse:
    """List what nobody has looked at yet, and what was hidden."""
    hidden = found.statements.filter(hidden=True).prefetch_related("moderated")
    return render(
        request,
        "council/moderate.html",
        {"p": found, "queue": selectors.queue(found), "hidden": hidden, "form": HideForm()},
    )


@public
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a statement with its answers; of a hidden one the reason, and the words only to those who may see them."""
    s = selectors.statement(pk)
    require(request, "council.see", s.process)
    readable = not s.hidden or request.user.has_perm("council.see_hidden", s)
    of = selectors.owed_of(s.process).filter(statement=s)
    record = s.moderated.all()
    mine = request.user.is_authenticated and s.owner_id == request.user.pk
    return render(
        request,
        "council/statement.html",
        {
            "s": s, "p": s.process, "readable": readable, "owed": next(iter(selectors.owed_rows(of)), None),
            "record": record, "mine": mine, "hide": HideForm(), "show": ShowForm(),
        },
    )  # fmt: skip


@require_POST
@signed_in
def moderate_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, hide or show a statement; its author may withdraw it."""
    s = selectors.statement(pk)
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    withdraws = action == "hide" and reason == "withdrawn" and s.owner_id == request.user.pk
    if not withdraws:
        require(request, "council.moderate", s)
    services.moderate(s, action, request.user, reason, request.POST.get("note", "")[:200])
    messages.success(request, say("已记录。", "Recorded."), extra_tags="good")
    return redirect("council_statement", pk) if withdraws else redirect("council_moderate", s.process_id)


@public
def owed(request: HttpRequest) -> HttpResponse:
    """Show every answer that is owed: by whom, since when, overdue."""
    rows = selectors.owed_rows(selectors.owed_of())
    units = selectors.units_of(request.user) if request.user.is_authenticated else set()
    return render(
        request,
        "council/owed.html",
        {"rows": rows, "units": selectors.by_unit(rows), "mine": units, "hidden": selectors.owed_hidden()},
    )


@permitted("council.answer", load=lambda pk: selectors.owed(pk))
def answer(request: HttpRequest, found: Any) -> HttpResponse:
    """Give a written answer for one's unit."""
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.answer(found, given["outcome"], given["words"], request.user, given["token"])
        messages.success(request, say("答复已公开，并记入台账。", "The answer is public and in the ledger."), extra_tags="good")  # fmt: skip
        return redirect("council_statement", found.statement_id)
    row = selectors.owed_rows([found], timezone.localdate())[0]
    return render(
        request, "council/answer.html", {"row": row, "form": form, "s": found.statement}, status=400 if form.errors else 200
    )  # fmt: skip


@public
def answer_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the very bytes of an answer that its digest in the ledger covers."""
    found = selectors.answer(pk)
    if found.owed.statement.hidden:
        raise PermissionDenied
    return HttpResponse(services.document(found.text), content_type="application/json; charset=utf-8")
