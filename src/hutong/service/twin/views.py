"""The pages of the twin: quarters, a snapshot, its buildings and their dossiers, downloads, and the import."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from hutong.few import FEWEST_THINGS
from hutong.service.jobs import services as jobs
from hutong.service.twin import selectors, services
from hutong.service.twin.carbon import carbon_of, factors_of
from hutong.service.twin.downloads import FILES
from hutong.service.twin.homes import public_homes
from hutong.service.twin.map_views import Named
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
        "doubt": selectors.title_doubt(found),
    }
    return render(request, "twin/snapshot.html", context)


@permitted("twin.see", load=_snapshot)
def tiles(request: HttpRequest, found: Any) -> HttpResponse:
    """Send the map's tiles, in ranges."""
    return send_file(request, found.folder / "map.pmtiles", "application/vnd.pmtiles")


@permitted("twin.see", load=_snapshot)
def drawing(request: HttpRequest, found: Any) -> HttpResponse:
    """Send the small drawing of a quarter."""
    return send_file(request, found.folder / "drawing.svg", "image/svg+xml")


@permitted("twin.see", load=lambda pk, name: Named(selectors.snapshot(pk), name))
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
    parts.sort(key=lambda part: part.get("order", 50))
    carbon = carbon_of(found.snapshot.folder, found.row)
    common = max((f["source"] for f in facts), key=[f["source"] for f in facts].count)
    context = {
        "building": found,
        "snapshot": found.snapshot,
        "facts": facts,
        "early": [p for p in parts if p.get("order", 50) < 20],
        "middle": [p for p in parts if 20 <= p.get("order", 50) < 60],
        "late": [p for p in parts if p.get("order", 50) >= 60],
        "common": common,
        "homes": public_homes(found.homes),
        "fewest": FEWEST_THINGS,
        "carbon": carbon,
        "factors": _factors_shown(found.snapshot.folder, lang()) if carbon and carbon.shares else "",
    }
    return render(request, template, context)


@lru_cache(maxsize=32)
def _factors_shown(folder: Path, _language: str) -> SafeString:
    """Return the table of factors in the reader's language: it is the same in every dossier of a snapshot."""
    return render_to_string("twin/factors.html", {"factors": factors_of(folder)[1]})


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
