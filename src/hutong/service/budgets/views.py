"""The pages of budgets: what can be done with the money, one ballot, and what each rule funds."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.few import told
from hutong.service.budgets import selectors, services
from hutong.service.budgets.words import outcome_rows
from hutong.service.council.forms import SheetForm, TokenForm
from hutong.service.council.sheets import sent_rows
from hutong.service.web.access import permitted, public, require
from hutong.service.words import later, say, spoken
from hutong.text import Text


class BudgetForm(TokenForm):
    """Money for small works."""

    place = forms.ChoiceField(label=later("范围", "Where"))
    title_zh = forms.CharField(label=later("名称（中文）", "Title (Chinese)"), max_length=80)
    title_en = forms.CharField(label=later("名称（英文）", "Title (English)"), max_length=120, required=False)
    yuan = forms.IntegerField(
        label=later("经费（元）", "Money (yuan)"), min_value=1, max_value=services.MOST_YUAN
    )


class SeedForm(forms.Form):
    """The public seed that orders the projects."""

    seed = forms.CharField(
        label=later("公开种子", "Public seed"), max_length=200,
        help_text=later("给项目排顺序用（同分时的最后一关），例如当天的福利彩票开奖号码。", "It orders the projects, the last tie-break; such as the lottery numbers of the day."),
    )  # fmt: skip


def _budget(pk: int) -> Any:
    return selectors.budget(pk)


@public
def budgets(request: HttpRequest) -> HttpResponse:
    """List the budgets."""
    return render(request, "budgets/budgets.html", {"rows": selectors.budgets(request.user)})


@permitted("budgets.make")
def new(request: HttpRequest) -> HttpResponse:
    """Make a budget."""
    form = BudgetForm(request.POST or None)
    paths = [path for role, path in request.user.held if role in ("planner", "subdistrict", "district")]
    places = {str(p.pk): p for path in paths for p in selectors.places_below(path)}
    form.fields["place"].choices = [(k, spoken(p.title)) for k, p in places.items()]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = places[given["place"]]
        require(request, "budgets.make", place)
        made = services.make(place, Text(given["title_zh"], given["title_en"]), given["yuan"], request.user, given["token"])  # fmt: skip
        return redirect("budget", made.pk)
    return render(request, "budgets/new.html", {"form": form}, status=400 if form.errors else 200)


@permitted("budgets.see", load=_budget)
def budget(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a budget: the projects; once closed, what each rule funds and who gains and loses by the rule."""
    return _page(request, found)


def _page(request: HttpRequest, found: Any, error: HutongError | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "b": found, "projects": found.projects.all(), "people": told(found.papers.count()), "error": error,
        "sheet": SheetForm(auto_id="projects-%s"), "seed": SeedForm(auto_id="seed-%s"), "paper": SheetForm(auto_id="paper-%s"),
    }  # fmt: skip
    if found.result:
        context |= outcome_rows(found.result, found.projects.all())
        if request.user.has_perm("budgets.recount", found):
            context["recount"] = selectors.recount(found)
    return render(request, "budgets/budget.html", context, status=400 if error else 200)


@require_POST
@permitted("budgets.edit", load=_budget)
def projects(request: HttpRequest, found: Any) -> HttpResponse:
    """Take the table of projects."""
    return _table(request, found, ("title", "cost"), services.set_projects)


@require_POST
@permitted("budgets.paper", load=_budget)
def paper(request: HttpRequest, found: Any) -> HttpResponse:
    """Take ballots on paper."""
    return _table(request, found, ("card", "projects"), services.enter_paper)


def _table(request: HttpRequest, found: Any, columns: tuple[str, ...], enter: Any) -> HttpResponse:
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, HutongError("no-file", Text("没有选择表格。", "No table was chosen."), Text("请选择 CSV 文件。", "Choose a CSV file.")))  # fmt: skip
    try:
        n = enter(found, sent_rows(form.cleaned_data["file"], columns, rest=True))
    except HutongError as caught:
        return _page(request, found, caught)
    messages.success(request, say(f"录入 {n} 行。", f"{n} rows entered."), extra_tags="good")
    return redirect("budget", found.pk)


@require_POST
@permitted("budgets.open", load=_budget)
def open_one(request: HttpRequest, found: Any) -> HttpResponse:
    """Open the ballot."""
    services.open_budget(found, request.POST.get("seed", ""))
    return redirect("budget", found.pk)


@permitted("budgets.vote", load=_budget)
def vote(request: HttpRequest, found: Any) -> HttpResponse:
    """Let a person choose, and choose anew until it closes."""
    if request.method == "POST":
        chosen = request.POST.getlist("project")
        if not all(c.isdecimal() and len(c) < 18 for c in chosen):
            raise Http404
        services.vote(found, request.user, [int(c) for c in chosen])
        messages.success(request, say("已记下，结束前随时可以改。", "Recorded; you can change it until it closes."), extra_tags="good")  # fmt: skip
        return redirect("budget_vote", found.pk)
    mine = selectors.ballot_of(found, request.user)
    return render(
        request,
        "budgets/vote.html",
        {"b": found, "projects": found.projects.all(), "mine": mine, "chosen": mine.approved if mine else []},
    )


@require_POST
@permitted("budgets.close", load=_budget)
def close(request: HttpRequest, found: Any) -> HttpResponse:
    """Close the ballot and count."""
    services.close(found, request.user)
    return redirect("budget", found.pk)


@permitted("budgets.see", load=_budget)
def result(_request: HttpRequest, found: Any) -> HttpResponse:
    """Give the result byte for byte as its hash in the ledger covers it."""
    if found.result is None:
        raise Http404
    text = json.dumps(found.result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json; charset=utf-8")
