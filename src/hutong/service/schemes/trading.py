"""Pages of trade-offs: all points, and one point looked at (map, list, money, findings, rules) before it is kept as a version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hutong.plan.document import SchemeDocument
from hutong.plan.document_plain import from_plain
from hutong.plan.pareto import WORDS
from hutong.plan.results import BENEFITS
from hutong.plan.review import Review
from hutong.report.map_layers import scheme_layer
from hutong.report.pareto_page import pareto_chart
from hutong.service.schemes import selectors, solving, warm
from hutong.service.schemes.drafting import board
from hutong.service.schemes.drafting.views import ready
from hutong.service.schemes.versions import services
from hutong.service.schemes.weighing import summary_of
from hutong.service.twin.drawn import map_of
from hutong.service.twin.layers import layer_data
from hutong.service.web.access import permitted
from hutong.service.words import lang, say

ROWS_A_PAGE = 20


class Point:
    """One of some trade-offs; it has their place and phase."""

    def __init__(self, of: Any, name: str, touched: int) -> None:
        self.of, self.name, self.place, self.phase, self.touched = of, name, of.place, of.phase, touched
        rows = [p["scheme"] for p in of.found["points"]]
        if name not in rows or name not in of.documents:
            raise Http404
        #: Its number in the table, from 1.
        self.n = rows.index(name) + 1
        self.row = _benefits(of.found["points"][self.n - 1])

    @property
    def document(self) -> SchemeDocument:
        """The scheme of the point."""
        return from_plain(self.of.documents[self.name])


def _point(pk: int, point: str, row: int = -1) -> Point:
    """Return a point that an address names, or raise ``Http404``; ``row`` is the building that was touched."""
    return Point(selectors.tradeoff(pk), point, row)


def _benefits(row: dict[str, Any]) -> dict[str, Any]:
    """Return a point with its benefits in order: what each is called, how much, and whether none has more."""
    best = str(row["best_in"]).split("+")
    return {**row, "benefits": [(WORDS[b], row[b], b in best) for b in BENEFITS]}


@permitted("schemes.inside", load=selectors.tradeoff)
def tradeoff(request: HttpRequest, found: Any) -> HttpResponse:
    """Show schemes that trade one benefit for another, as a chart and a table."""
    drawn = solving.as_pareto(found.found)
    context = {
        "t": found,
        "s": found.scheme,
        "chart": pareto_chart(drawn, lang()),
        "words": [WORDS[b] for b in BENEFITS],
        "points": [_benefits(p) for p in found.found["points"]],
        "money": sum(drawn.budget.values()),
        "gap": drawn.certificate.worst_gap,
    }
    return render(request, "schemes/tradeoff.html", context)


@permitted("schemes.inside", load=_point)
def point(request: HttpRequest, at: Point) -> HttpResponse:
    """Show what one of the trade-offs does, as the studio shows a draft; nothing is kept by looking."""
    run, context = at.of.scheme.run, {"at": at, "t": at.of, "s": at.of.scheme}
    if not warm.laid_out(run):
        return render(request, "schemes/point/point.html", context)
    document, text = at.document, request.GET.get("q", "").strip()[:60]
    with warm.studio_of(run) as held:
        review = held.review(document)
        rows = board.rows_of(held.studio, document, review, (text, "chosen"), None)
        asked = request.GET.get("object", "")
        context |= {
            "sum": summary_of(held.studio, review),
            "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
            "q": text,
            "setup": _setup(at),
            **_panel(held, document, review, asked if asked in held.studio.objects.row_of_id else None),
        }
        part = request.headers.get("HX-Request") == "true"
        return render(request, "schemes/point/panel.html" if part else "schemes/point/point.html", context)


def _setup(at: Point) -> dict[str, Any]:
    names = [at.of.pk, at.name]
    return {
        **map_of(at.of.scheme.run.snapshot),
        "layer": reverse("scheme_point_layer", args=names),
        "row": reverse("scheme_point_row", args=[*names, 0]).removesuffix("0"),
    }


def _panel(held: warm.Warm, document: SchemeDocument, review: Review, name: str | None) -> dict[str, Any]:
    """Return one object of a point beside the map; nothing where none was chosen."""
    if name is None:
        return {"panel": None, "row": None}
    panel = board.panel_of(held.studio, document, review, name)
    return {"panel": panel, "row": board.row_of_object(held.studio, name)}


@permitted("schemes.inside", load=_point)
def row(request: HttpRequest, at: Point) -> HttpResponse:
    """Show what a point does at the building that was touched on the map."""
    if not warm.laid_out(at.of.scheme.run):
        return redirect("scheme_point", at.of.pk, at.name)
    with warm.studio_of(at.of.scheme.run) as held:
        name = board.object_of_building(held.studio, at.touched)
        if request.headers.get("HX-Request") != "true":
            return redirect(f"{reverse('scheme_point', args=[at.of.pk, at.name])}?object={name or ''}")
        document = at.document
        context = _panel(held, document, held.review(document), name)
        return render(request, "schemes/point/panel.html", {**context, "nobody": name is None})


@permitted("schemes.inside", load=_point)
def layer(_request: HttpRequest, at: Point) -> HttpResponse:
    """Send what a point spends at each building, to colour the map."""
    ready(at.of.scheme)
    with warm.studio_of(at.of.scheme.run) as held:
        data = layer_data(scheme_layer(held.studio.city, held.review(at.document).scheme))
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False})


@require_POST
@permitted("schemes.draft", load=_point)
def keep_point(request: HttpRequest, at: Point) -> HttpResponse:
    """Keep one of the trade-offs as a version."""
    recipe = {**at.of.recipe, "point": at.name}
    made = services.keep_solved(at.of.scheme, at.document, request.user, recipe, at.name)
    services.want_summary(made, request.user)
    messages.success(request, say(f"已存为第 {made.n} 版。", f"Kept as version {made.n}."), extra_tags="good")
    return redirect("scheme", at.of.scheme_id)
