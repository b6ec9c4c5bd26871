"""The pages of the twin: quarters, a snapshot, its map, its buildings, downloads, and the import."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hutong.service.jobs import services as jobs
from hutong.service.twin import selectors, services
from hutong.service.twin.downloads import FILES
from hutong.service.twin.uploads import unpack
from hutong.service.web.access import permitted, public, require
from hutong.service.web.files import send_file
from hutong.service.web.stage import stages
from hutong.service.words import lang, later, say, spoken

ROWS_A_PAGE = 50


def _snapshot(pk: int) -> Any:
    return selectors.snapshot(pk)


@public
def quarters(request: HttpRequest) -> HttpResponse:
    """List the snapshots that the reader may see, by quarter."""
    return render(request, "twin/quarters.html", {"snapshots": selectors.visible(request.user)})


@permitted("twin.see", load=_snapshot)
def snapshot(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what a snapshot is: sizes, sources, notes, what can be done with it."""
    parts = [part for stage in stages() for part in stage.snapshot_parts(request, found)]
    context = {
        "snapshot": found,
        "siblings": selectors.siblings(found, request.user),
        "files": FILES,
        "parts": parts,
    }
    return render(request, "twin/snapshot.html", context)


@permitted("twin.see", load=_snapshot)
def map_page(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the map; everything on it is also in the list of buildings."""
    others = [s for s in selectors.siblings(found, request.user) if s.pk != found.pk]
    context = {"snapshot": found, "others": others, "layers": _layers(request, found)}
    return render(request, "twin/map.html", {**context, "setup": _map_setup(found, others)})


def _layers(request: HttpRequest, found: Any) -> list[dict[str, str]]:
    own = [
        {"id": p.stem, "title": spoken_title(p), "url": reverse("layer", args=[found.pk, p.stem])}
        for p in sorted((found.folder / "layers").glob("*.json"), key=lambda p: ORDER.get(p.stem, 9))
    ]
    more = [
        {"id": layer["id"], "title": spoken(layer["title"]), "url": layer["url"]}
        for stage in stages()
        for layer in stage.map_layers(request, found)
    ]
    return own + more


ORDER = {"condition": 0, "year": 1, "use": 2}


def spoken_title(path: Any) -> str:
    """Return what a layer file calls itself, in the reader's language."""
    return str(json.loads(path.read_text("utf-8"))["title"][lang()])


def _map_setup(found: Any, others: list[Any]) -> dict[str, Any]:
    def source(one: Any) -> dict[str, Any]:
        return {
            "tiles": reverse("tiles", args=[one.pk]),
            "layers": reverse("layer", args=[one.pk, "LAYER"]),
            "date": one.date.isoformat(),
        }

    return {
        **source(found),
        "lang": lang(),
        "bounds": [found.west, found.south, found.east, found.north],
        "dossier": reverse("building_row", args=[found.pk, 0]).removesuffix("0"),
        "others": {str(one.pk): source(one) for one in others},
    }


@permitted("twin.see", load=_snapshot)
def tiles(request: HttpRequest, found: Any) -> HttpResponse:
    """Send the map's tiles, in ranges."""
    return send_file(request, found.folder / "map.pmtiles", "application/vnd.pmtiles")


@permitted("twin.see", load=_snapshot)
def drawing(request: HttpRequest, found: Any) -> HttpResponse:
    """Send the small drawing of a quarter."""
    return send_file(request, found.folder / "drawing.svg", "image/svg+xml")


class _Named:
    """A file of a snapshot: it has the snapshot's place and phase."""

    def __init__(self, of: Any, name: str) -> None:
        self.of, self.name, self.place, self.phase = of, name, of.place, of.phase


@permitted("twin.see", load=lambda pk, name: _Named(selectors.snapshot(pk), name))
def layer(request: HttpRequest, found: Any) -> HttpResponse:
    """Send what the map is coloured by."""
    return send_file(request, found.of.folder / "layers" / f"{found.name}.json", "application/json")


@permitted("twin.see", load=lambda pk, name: _Named(selectors.snapshot(pk), name))
def download(request: HttpRequest, found: Any) -> HttpResponse:
    """Send a file for keeping."""
    if found.name not in FILES:
        raise Http404
    kept = f"{found.of.name}-{found.of.date.isoformat()}-{found.name}"
    return send_file(request, found.of.folder / "downloads" / found.name, FILES[found.name], download=kept)


@permitted("twin.see", load=_snapshot)
def buildings(request: HttpRequest, found: Any) -> HttpResponse:
    """List the buildings: the map as a table."""
    text, order = request.GET.get("q", "").strip()[:60], request.GET.get("order", "row")
    rows = selectors.search_buildings(found, text, order)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"snapshot": found, "page": page, "q": text, "order": order, "orders": selectors.ORDERS}
    return render(request, "twin/buildings.html", context)


@permitted("twin.see", load=lambda pk, building_id: selectors.building(pk, building_id))
def building(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a building's dossier."""
    return _dossier(request, found, "twin/building.html")


@permitted("twin.see", load=lambda pk, row: selectors.row_of(selectors.snapshot(pk), row))
def building_row(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the dossier of the building that was touched on the map, for the panel beside it."""
    return _dossier(request, found, "twin/panel.html")


def _dossier(request: HttpRequest, found: Any, template: str) -> HttpResponse:
    facts = [
        {
            "column": column,
            "value": value,
            "origin": origin,
            "source": "；".join(selectors.sources_of(found.snapshot, column)),
        }
        for column, (value, origin) in found.facts.items()
    ]
    parts = [part for stage in stages() for part in stage.dossier_parts(request, found)]
    common = max((f["source"] for f in facts), key=[f["source"] for f in facts].count)
    context = {
        "building": found,
        "snapshot": found.snapshot,
        "facts": facts,
        "parts": parts,
        "common": common,
    }
    return render(request, template, context)


class ImportForm(forms.Form):
    """A zipped city folder for a quarter."""

    place = forms.ChoiceField(label=later("片区", "Quarter"))
    file = forms.FileField(
        label=later("城市快照（zip）", "City folder (zip)"),
        help_text=later(
            "hutong new 生成的文件夹，压缩成一个 zip。",
            "The folder that hutong new makes, packed as one zip.",
        ),
    )


@permitted("twin.import")
def import_page(request: HttpRequest) -> HttpResponse:
    """Take a city folder and import it in the background."""
    form = ImportForm(request.POST or None, request.FILES or None)
    choices = selectors.quarters([path for _role, path in request.user.held])
    form.fields["place"].choices = [(q.pk, spoken(q.title)) for q in choices]
    if request.method == "POST" and form.is_valid():
        quarter = next(q for q in choices if str(q.pk) == form.cleaned_data["place"])
        require(request, "twin.import", quarter)
        folder = unpack(form.cleaned_data["file"])
        job = jobs.start("twin.import", quarter, request.user, folder=str(folder))
        return redirect("job", job.pk)
    return render(request, "twin/import.html", {"form": form, "none": not choices})


@require_POST
@permitted("twin.publish", load=_snapshot)
def publish(request: HttpRequest, found: Any) -> HttpResponse:
    """Open a snapshot to everyone."""
    services.publish(found)
    messages.success(request, say("已公开。", "Published."), extra_tags="good")
    return redirect("snapshot", found.pk)


@require_POST
@permitted("twin.publish", load=_snapshot)
def unpublish(request: HttpRequest, found: Any) -> HttpResponse:
    """Close a snapshot to all but the office."""
    services.unpublish(found)
    messages.success(request, say("已撤回公开。", "No longer published."), extra_tags="good")
    return redirect("snapshot", found.pk)
