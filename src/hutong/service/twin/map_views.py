"""The map of a snapshot, its layers, and both as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from hutong.report.format import day
from hutong.service.twin import offered, selectors
from hutong.service.twin.layers import unpacked
from hutong.service.twin.tiles import AFAR
from hutong.service.web.access import permitted
from hutong.service.web.files import send_file
from hutong.service.words import lang, spoken

ROWS_A_PAGE = 50


class Named:
    """A file of a snapshot: it has the snapshot's place and phase."""

    def __init__(self, of: Any, name: str) -> None:
        self.of, self.name, self.place, self.phase = of, name, of.place, of.phase


def _snapshot(pk: int) -> Any:
    return selectors.snapshot(pk)


@permitted("twin.see", load=_snapshot)
def map_page(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the map; everything on it is also in tables."""
    others = [s for s in selectors.siblings(found, request.user) if s.pk != found.pk]
    layers = offered.offered(request, found)
    shown = [{"id": o.id, "title": spoken(o.title), "url": o.url} for o in layers]
    setup = _setup(request, found, others, layers)
    context = {"snapshot": found, "others": others, "layers": shown, "setup": setup}
    return render(request, "twin/map.html", {**context, "asked": request.GET.get("layer", "")})


def _setup(
    request: HttpRequest, found: Any, others: list[Any], layers: list[offered.Offered]
) -> dict[str, Any]:
    def source(one: Any, layers: list[offered.Offered]) -> dict[str, Any]:
        return {
            "tiles": reverse("tiles", args=[one.pk]),
            "layers": {o.id: o.url for o in layers},
            "afar": _text(one.folder / AFAR),
            "date": spoken(day(one.date.isoformat())),
            "credits": selectors.credits_of(one),
        }

    return {
        **source(found, layers),
        "lang": lang(),
        "bounds": [found.west, found.south, found.east, found.north],
        "dossier": reverse("building_row", args=[found.pk, 0]).removesuffix("0"),
        "table": reverse("layer_table", args=[found.pk]),
        "others": {str(one.pk): source(one, offered.offered(request, one)) for one in others},
    }


def _text(file: Path) -> str:
    return file.read_text("ascii") if file.is_file() else ""


@permitted("twin.see", load=lambda pk, name: Named(selectors.snapshot(pk), name))
def layer(request: HttpRequest, found: Any) -> HttpResponse:
    """Send what the map is coloured by."""
    if found.name in offered.LIVE:
        return JsonResponse(offered.own_layer(found.of, found.name))
    return send_file(request, found.of.folder / "layers" / f"{found.name}.json", "application/json")


@permitted("twin.see", load=_snapshot)
def layer_table(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a layer as a table: its classes with counts, beside another year's, and the buildings of a class."""
    layers = offered.offered(request, found)
    chosen = offered.find(layers, request.GET.get("layer", ""))
    if chosen is None:
        raise Http404
    others = [s for s in selectors.siblings(found, request.user) if s.pk != found.pk]
    other = next((s for s in others if str(s.pk) == request.GET.get("against", "")), None)
    data = chosen.load()
    then = offered.find(offered.offered(request, other), chosen.id) if other else None
    counts = data["counts"]
    before = then.load()["counts"] if then else [None] * len(counts)
    total = sum(counts)
    names = [*(spoken_of(c) for c in data["classes"]), spoken_of(data["absent"])]
    numbers = [*range(len(data["classes"])), -1]
    classes = [
        {"k": k, "name": name, "count": n, "share": n / total if total else None, "before": m}
        for k, name, n, m in zip(numbers, names, counts, before, strict=True)
    ]
    asked = request.GET.get("class", "")
    context = {
        "snapshot": found, "layers": layers, "layer": chosen, "classes": classes, "others": others, "other": other,
        "absent_before": other is not None and then is None, "note": spoken_of(data["note"]), "guessed": data["guessed"],
        "shown": next((c for c in classes if str(c["k"]) == asked), None),
    }  # fmt: skip
    if context["shown"]:
        rows = (unpacked(data["codes"]) == int(asked)).nonzero()[0].tolist()
        page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "buildings": selectors.in_rows(found, list(page.object_list))}
    return render(request, "twin/layer_table.html", context)


def spoken_of(both: dict[str, str]) -> str:
    """Return a text of a layer in the reader's language."""
    return both[lang()]
