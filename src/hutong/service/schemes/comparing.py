"""Pages that set versions beside one another: what changed, up to three side by side, why at one object."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

import rules
from hutong.plan.pareto import WORDS
from hutong.plan.results import BENEFITS
from hutong.plan.scheme_diff import diff_schemes
from hutong.plan.why import explain_choice
from hutong.service.schemes import selectors
from hutong.service.web.access import permitted, signed_in

#: Versions that are set side by side.
MOST = 3


@permitted("schemes.see", load=selectors.version)
def diff(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what changed from an earlier version (``?from=``; otherwise the one that it was edited from)."""
    asked = request.GET.get("from", "")
    before = _visible(request, asked) if asked else found.based_on
    context: dict[str, Any] = {"v": found, "s": found.scheme, "before": before}
    if before is not None:
        if before.scheme.run_id != found.scheme.run_id:
            raise Http404
        if not asked and not rules.has_perm("schemes.see", request.user, before):
            raise PermissionDenied
        with selectors.reviews_of([before, found]) as held:
            if held is not None:
                studio, (first, last) = held
                changed = diff_schemes(first, last, studio.measures)
                context |= {"lines": changed.lines, "objects": _objects(changed.objects, studio)}
    return render(request, "schemes/diff.html", context)


def _objects(table: Any, studio: Any) -> list[dict[str, Any]]:
    titles = {m.id: m.title for m in studio.measures}
    rows = table.head(200).to_dict("records")
    for r in rows:
        r["name"] = studio.objects.titles[studio.objects.row_of_id[r["object_id"]]]
        r["added"] = [titles[m] for m in r["added"].split("+") if m]
        r["dropped"] = [titles[m] for m in r["dropped"].split("+") if m]
    return list(rows)


def _visible(request: HttpRequest, raw: str) -> Any:
    if not raw.isdigit() or len(raw) > 12:
        raise Http404
    found = selectors.version(int(raw))
    if not rules.has_perm("schemes.see", request.user, found):
        raise PermissionDenied
    return found


@signed_in
def compare(request: HttpRequest) -> HttpResponse:
    """Show up to three versions side by side (``?v=1&v=2``), of those that the reader may see."""
    chosen = [_visible(request, raw) for raw in dict.fromkeys(request.GET.getlist("v")[:MOST])]
    offered = [
        v
        for s in selectors.visible(request.user)[:50]
        for v in (s.versions.all()[:5] if selectors.inside(request.user, s) else [])
    ]
    rows = _figures([v.summary for v in chosen])
    context = {"chosen": chosen, "offered": offered, "rows": rows, "most": MOST}
    return render(request, "schemes/compare.html", context)


#: What is compared: words, where it lies in a summary, how it is shown.
FIGURES = (
    ("违规", "Rules broken", "violations", "count"),
    ("超出其他限制", "Other limits passed", "limits", "count"),
    ("公共资金", "Public money", "public_yuan", "money"),
    ("业主出资", "Owners pay", "owner_yuan", "money"),
    ("运营方投资", "Operator invests", "operator_yuan", "money"),
    ("工程投资", "Works", "capital_yuan", "money"),
    ("预计通过", "Expected to pass", "consent_expected", "share"),
    ("预计自愿迁出（户）", "Leave by choice (households)", "households_leaving", "number"),
    ("解决的问题", "Findings mended", "findings_mended", "number"),
    ("消除的告警", "Alarms lifted", "alarms_lifted", "number"),
    ("减碳（吨/年）", "Carbon saved (t a year)", "carbon_saved_t_per_year", "number"),
    ("涉及户数", "Homes helped", "dwellings_helped", "number"),
)


def _figures(summaries: list[Any]) -> list[dict[str, Any]]:
    def cell(summary: Any, where: str, form: str) -> Any:
        if summary is None:
            return None
        return len(summary[where]) if form == "count" else summary["totals"][where]

    rows: list[dict[str, Any]] = [
        {"title": {"zh": zh, "en": en}, "form": form, "cells": [cell(s, where, form) for s in summaries]}
        for zh, en, where, form in FIGURES
    ]
    for b in BENEFITS:
        title = {"zh": f"{WORDS[b].zh}效益", "en": f"{WORDS[b].en} benefit".capitalize()}
        rows.append(
            {
                "title": title,
                "form": "share",
                "cells": [None if s is None else s["benefits"][b] for s in summaries],
            }
        )
    return rows  # fmt: skip


@permitted("schemes.see", load=selectors.version)
def explain(request: HttpRequest, found: Any) -> HttpResponse:
    """Say why a version does what it does at one object (``?object=``)."""
    with selectors.reviews_of([found]) as held:
        why = None if held is None else explain_choice(held[0], held[1][0], request.GET.get("object", ""))
    return render(request, "schemes/why.html", {"v": found, "s": found.scheme, "why": why})
