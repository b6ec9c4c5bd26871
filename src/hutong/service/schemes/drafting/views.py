"""The studio page: compose on the map and in the list, see after each change what it does."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.plan.document import Choice, SchemeDocument
from hutong.plan.document_file import LAST_YEAR
from hutong.plan.document_plain import choice_to_plain, from_plain
from hutong.report.map_layers import scheme_layer
from hutong.rules import IN_PRINCIPLE
from hutong.service.schemes import forms, selectors, services, warm
from hutong.service.schemes.drafting import board
from hutong.service.schemes.drafting import services as drafting
from hutong.service.schemes.drafting.services import Change, changed
from hutong.service.schemes.versions import services as versions
from hutong.service.schemes.weighing import summary_of
from hutong.service.twin.drawn import map_of
from hutong.service.twin.layers import layer_data
from hutong.service.web.access import permitted, require
from hutong.service.words import say
from hutong.text import Text
from rules import has_perm

ROWS_A_PAGE = 20


class At:
    """A scheme with what else an address names; it has the scheme's place and phase."""

    def __init__(self, of: Any, **parts: Any) -> None:
        self.of, self.place, self.phase = of, of.place, of.phase
        self.parts = parts


def _at(pk: int, **parts: Any) -> At:
    return At(selectors.scheme(pk), **parts)


@permitted("schemes.try", load=selectors.scheme)
def studio(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the draft on the map and as a list; until the quarter is laid out, how far that is."""
    job = services.want_warm(found.run, request.user)
    partly = request.headers.get("HX-Request") == "true"
    if job is not None:
        template = "schemes/studio/waiting.html" if partly else "schemes/studio/wait.html"
        return render(request, template, {"s": found, "job": job})
    if partly and "waiting" in request.GET:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    with warm.studio_of(found.run) as held:
        try:
            held.review(selectors.draft_of(found))
        except HutongError as caught:  # a file that was brought in before the quarter was laid out
            context = {"s": found, "told": caught, "file_form": forms.FileForm()}
            return render(request, "schemes/studio/broken.html", context)
        return render(request, "schemes/studio/studio.html", _page(request, found, held))


def _page(request: HttpRequest, found: Any, held: warm.Warm) -> dict[str, Any]:
    document = selectors.draft_of(found)
    review = held.review(document)
    text, shown = request.GET.get("q", "").strip()[:60], request.GET.get("show", "all")
    rows = board.rows_of(held.studio, document, review, (text, shown), _scope(held, found))
    asked = request.GET.get("object", "")
    known = asked in held.studio.objects.row_of_id
    return {
        **_said(request, found, held, document),
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "shown": shown,
        "shows": board.SHOWN,
        "panel": board.panel_of(held.studio, document, review, asked) if known else None,
        "row": board.row_of_object(held.studio, asked) if known else None,
        "setup": _setup(found),
        "terms_form": forms.TermsForm(initial=_terms(document)),
        "reason_form": forms.ReasonForm(titles=_principles(held)),
        "reasons": [(_principles(held).get(r, Text(r, r)), t) for r, t in document.justifications.items()],
        "file_form": forms.FileForm(),
        "years": range(LAST_YEAR + 1),
    }


def _setup(found: Any) -> dict[str, Any]:
    return {
        **map_of(found.run.snapshot),
        "row": reverse("scheme_row", args=[found.pk, 0]).removesuffix("0"),
        "layer": reverse("scheme_draft_layer", args=[found.pk]),
    }


def _scope(held: warm.Warm, found: Any) -> set[str] | None:
    buildings = selectors.buildings_in(found)
    return None if buildings is None else board.within(held.studio, buildings)


def _said(request: HttpRequest, found: Any, held: warm.Warm, document: SchemeDocument) -> dict[str, Any]:
    """Return what every answer of the studio shows: what the draft does, and what can be done with it."""
    newest = selectors.head(found)
    return {
        "s": found,
        "sum": summary_of(held.studio, held.review(document)),
        "state": selectors.state_title(found),
        "newest": newest,
        "unsaved": selectors.unsaved(found),
        "may_change": found.state == "draft" and _drafts(request, found),
        "years": range(LAST_YEAR + 1),
    }


def _drafts(request: HttpRequest, found: Any) -> bool:
    return bool(has_perm("schemes.draft", request.user, found))


def _terms(document: SchemeDocument) -> dict[str, Any]:
    return {**document.terms, **document.budget, "far_bonus": document.far_bonus or None}


def _principles(held: warm.Warm) -> dict[str, Text]:
    rules = held.studio.rules
    return {r: rules[r].title for r in IN_PRINCIPLE if r in rules}


@permitted("schemes.try", load=lambda pk, name: _at(pk, name=name))
def thing(request: HttpRequest, at: At) -> HttpResponse:
    """Show one object of the draft, beside the map."""
    return _panel(request, at.of, at.parts["name"])


@permitted("schemes.try", load=lambda pk, row: _at(pk, row=row))
def row(request: HttpRequest, at: At) -> HttpResponse:
    """Show the object of the building that was touched on the map."""
    return _panel(request, at.of, at.parts["row"])


def _panel(request: HttpRequest, found: Any, asked: str | int) -> HttpResponse:
    if not warm.laid_out(found.run):
        return redirect("scheme_studio", found.pk)
    with warm.studio_of(found.run) as held:
        name = board.object_of_building(held.studio, asked) if isinstance(asked, int) else asked
        if name is not None and name not in held.studio.objects.row_of_id:
            raise Http404
        if request.headers.get("HX-Request") != "true":
            return redirect(f"{reverse('scheme_studio', args=[found.pk])}?object={name or ''}")
        document = selectors.draft_of(found)
        review = held.review(document)
        panel = None if name is None else board.panel_of(held.studio, document, review, name)
        context = {"panel": panel, **_said(request, found, held, document)}
        context["row"] = None if name is None else board.row_of_object(held.studio, name)
        context["nobody"] = name is None
        return render(request, "schemes/studio/panel.html", context)


@require_POST
@permitted("schemes.draft", load=lambda pk, name: _at(pk, name=name))
def put(request: HttpRequest, at: At) -> HttpResponse:
    """Choose measures, offer and year at one object; what cannot be together is said and the draft stays."""
    found, name = at.of, at.parts["name"]
    ready(found)
    with warm.studio_of(found.run) as held:
        studio = held.studio
        scope = _scope(held, found)
        if name not in studio.objects.row_of_id or (scope is not None and name not in scope):
            raise Http404
        measures = sorted(set(request.POST.getlist("measures")))
        offer = request.POST.get("offer", "") or board.first_offer(studio, name, measures)
        tried = Choice(tuple(measures), offer, _whole(request.POST.get("year", "0"), LAST_YEAR))
        if measures and board.faults_of(studio, name, tried):
            return _answer(request, found, held, name, tried=tried)
        value = choice_to_plain(tried) if measures else None
        try:
            found = drafting.put(found, Change("choices", name, value, _revision(request)), request.user)
        except HutongError as caught:
            if request.headers.get("HX-Request") != "true":
                raise
            found.refresh_from_db()
            return _answer(request, found, held, name, refused=caught)
        return _answer(request, found, held, name)


def _answer(
    request: HttpRequest,
    found: Any,
    held: warm.Warm,
    name: str,
    tried: Choice | None = None,
    refused: HutongError | None = None,
) -> HttpResponse:
    """Return the object as it stands now, with what the draft does; without scripts, the page at that object."""
    if request.headers.get("HX-Request") != "true" and tried is None:
        return redirect(f"{reverse('scheme_studio', args=[found.pk])}?object={name}")
    document = selectors.draft_of(found)
    review = held.review(document)
    panel = board.panel_of(held.studio, document, review, name, tried)
    rows = board.rows_of(held.studio, document, review, (name, "all"), {name})
    context = {"panel": panel, "r": rows[0], "refused": refused, **_said(request, found, held, document)}
    context["row"] = board.row_of_object(held.studio, name)
    if request.headers.get("HX-Request") != "true":
        return render(request, "schemes/studio/one.html", context, status=400)
    answer = render(request, "schemes/studio/answer.html", context)
    if tried is None:
        answer["HX-Trigger-After-Settle"] = "recolour"
    return answer


def ready(found: Any) -> None:
    """Raise ``not-laid-out`` while the quarter of a scheme is not laid out."""
    if not warm.laid_out(found.run):
        raise HutongError(
            "not-laid-out",
            Text("片区还没有准备好。", "The quarter is not laid out yet."),
            Text("请打开编制页面，等准备完成。", "Open the studio and wait until it is."),
        )


def _whole(raw: str, most: int) -> int:
    return min(int(raw), most) if raw.isdigit() and len(raw) < 4 else 0


def _revision(request: HttpRequest) -> int:
    raw = request.POST.get("revision", "")
    if not raw.isdigit() or len(raw) > 9:
        raise HutongError(
            "bad-form",
            Text(
                "表单没有写明修改的是哪一稿。", "The form does not say which state of the draft it changes."
            ),
            Text("请刷新页面后再改。", "Reload the page and change it again."),
        )
    return int(raw)


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def terms(request: HttpRequest, found: Any) -> HttpResponse:
    """Set terms, budgets and the granted bonus."""
    ready(found)
    c = forms.checked(forms.TermsForm(request.POST))
    document = selectors.draft_of(found)
    wanted: list[tuple[str, str, Any]] = [
        *(("terms", k, c[k]) for k in ("concession_years", "surplus_share_owners")),
        *(("budget", k, c[k]) for k in ("city", "district")),
        ("far_bonus", "", c["far_bonus"] or 0.0),
    ]
    with warm.studio_of(found.run) as held:
        plain = dict(found.draft)
        for part, key, value in wanted:
            plain = changed(plain, Change(part, key, None if value is None else float(value), 0))
        held.review(from_plain(plain))  # a bonus that is too high is refused before anything is kept
    revision = _revision(request)
    now = _terms(document)
    for part, key, value in wanted:
        if value != (now.get(key or part) or (0.0 if part == "far_bonus" else None)):
            change = Change(part, key, None if value is None else float(value), revision)
            drafting.put(found, change, request.user)
    return _back(request, found, say("条件和预算已更新。", "Terms and budget are updated."))


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def reason(request: HttpRequest, found: Any) -> HttpResponse:
    """Record a reason for passing a limit in principle, or take it back."""
    c = forms.checked(forms.ReasonForm(request.POST, titles={}))
    value = {"zh": c["zh"], "en": c["en"] or c["zh"]} if c["zh"].strip() else None
    change = Change("justifications", c["rule"], value, _revision(request))
    drafting.put(found, change, request.user)
    return _back(request, found, say("理由已记录。", "The reason is recorded."))


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def undo(request: HttpRequest, found: Any) -> HttpResponse:
    """Take back one's last change."""
    found, edit = drafting.undo(found, request.user)
    at = f"?object={edit.key}" if edit.part == "choices" else ""
    messages.success(request, say("已撤销。", "Undone."), extra_tags="good")
    return redirect(f"{reverse('scheme_studio', args=[found.pk])}{at}")


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def bring(request: HttpRequest, found: Any) -> HttpResponse:
    """Put the scheme of a file, or of a version, in place of the draft."""
    ready(found)
    if "empty" in request.POST:
        document = SchemeDocument(found.number, found.title)
    elif request.FILES:
        document = forms.uploaded(forms.checked(forms.FileForm(request.POST, request.FILES))["file"])
    else:
        raw = request.POST.get("version", "")
        if not raw.isdigit() or len(raw) > 12:
            raise HutongError(
                "bad-form",
                Text("没有选文件，也没有选版本。", "Neither a file nor a version was chosen."),
                Text("请选一个再提交。", "Choose one and send again."),
            )
        version = selectors.version(int(raw))
        require(request, "schemes.see", version)
        document = selectors.version_document(version)
    fits(found, document)
    drafting.bring_in(found, document, request.user, _revision(request))
    return _back(request, found, say("已放入草稿，可以撤销。", "It is in the draft now; you can undo it."))


def fits(found: Any, document: SchemeDocument) -> None:
    """Raise ``bad-scheme`` or ``other-city`` for a document that does not fit the snapshot of a scheme, ``other-place`` beyond its place."""
    with warm.studio_of(found.run) as held:
        held.review(document)
        scope = _scope(held, found)
    outside = [] if scope is None else [name for name in document.choices if name not in scope]
    if outside:
        raise HutongError(
            "other-place",
            Text(
                f"文件中有 {len(outside)} 个对象不在方案的地点内。",
                f"{len(outside)} objects of the file lie outside the scheme's place.",
            ),
            Text("请去掉这些对象，或为片区开一个方案。", "Take them out, or open a scheme for the quarter."),
            outside[:50],
        )


@require_POST
@permitted("schemes.draft", load=selectors.scheme)
def keep(request: HttpRequest, found: Any) -> HttpResponse:
    """Keep the draft as a version."""
    ready(found)
    document = selectors.draft_of(found)
    with warm.studio_of(found.run) as held:
        summary = summary_of(held.studio, held.review(document))
    note = request.POST.get("note", "").strip()
    made = versions.keep_version(found, document, request.user, summary=summary, note=note)
    messages.success(request, say(f"已存为第 {made.n} 版。", f"Kept as version {made.n}."), extra_tags="good")
    return redirect("scheme", found.pk)


def _back(request: HttpRequest, found: Any, words: str) -> HttpResponse:
    messages.success(request, words, extra_tags="good")
    return redirect("scheme_studio", found.pk)


@permitted("schemes.try", load=selectors.scheme)
def layer(_request: HttpRequest, found: Any) -> JsonResponse:
    """Send what the draft spends at each building, to colour the map."""
    ready(found)
    with warm.studio_of(found.run) as held:
        review = held.review(selectors.draft_of(found))
        data = layer_data(scheme_layer(held.studio.city, review.scheme))
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False})
