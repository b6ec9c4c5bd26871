"""Reading simulations: the answer, charts and their tables, layers of the map, and how long it still takes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from hutong.evolve.experiments import Experiment
from hutong.report.experiments import SERIES
from hutong.service.accounts.roles import OFFICE
from hutong.service.jobs.models import RUNNING
from hutong.service.schemes.models import Version
from hutong.service.simulation.models import Simulation
from hutong.service.simulation.services import VERSION
from hutong.service.simulation.words import BAND, CHOOSE, SCHEME_TITLES, WHAT
from hutong.service.twin.models import PUBLISHED, Snapshot
from hutong.service.words import spoken
from hutong.text import Text

#: What may be taken away, with its kind; the rest of the folder stays.
FILES = {
    "result.json": "application/json", "recipe.json": "application/json", "table.csv": "text/csv; charset=utf-8",
    "bands.parquet": "application/vnd.apache.parquet", "buildings.parquet": "application/vnd.apache.parquet",
    "page.html": "text/html; charset=utf-8",
}  # fmt: skip


def simulation(pk: int) -> Simulation:
    """Return a simulation, or raise ``Http404``."""
    found = Simulation.objects.select_related("snapshot__place", "owner", "job").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(viewer: Any) -> QuerySet[Simulation]:
    """Return the simulations that a reader may see."""
    seen = Q(state=PUBLISHED)
    for role, path in getattr(viewer, "held", ()):
        if role in (*OFFICE, "administrator", "auditor"):
            seen |= Q(snapshot__place__path__startswith=path)
    return Simulation.objects.filter(seen).select_related("snapshot__place", "job", "owner")


def snapshots_of(user: Any) -> list[Snapshot]:
    """Return the snapshots that a person may put questions to, the newest first."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in OFFICE:
            inside |= Q(place__path__startswith=path)
    return list(Snapshot.objects.filter(inside).select_related("place").order_by("-date"))


def versions_of(snapshots: list[Snapshot]) -> list[Version]:
    """Return the versions of schemes drawn on snapshots, the newest first."""
    rows = Version.objects.filter(scheme__run__snapshot__in=snapshots).select_related("scheme__run__snapshot")
    return list(rows.order_by("-at")[:100])


def scheme_title(found: Simulation) -> Text:
    """Return what the scheme that is run forward is called."""
    if found.scheme in SCHEME_TITLES:
        return SCHEME_TITLES[found.scheme]
    version = (
        Version.objects.select_related("scheme").filter(pk=int(found.scheme.removeprefix(VERSION))).first()
    )
    return Text(found.scheme, found.scheme) if version is None else version.title


def result(found: Simulation) -> Experiment:
    """Return the answer of a simulation, from its file."""
    return Experiment.from_json(found.folder / "result.json")


def title_of(series: str) -> Text:
    """Return what a series is called."""
    return SERIES.get(series) or Text(series, series)


def charts(found: Experiment) -> list[dict[str, Any]]:
    """Return, per series over time, what a chart draws and its table shows: bands by year."""
    months = int(found.recipe.get("months", 0))
    out = []
    for series, by in found.bands.items():
        lines = [
            {"name": spoken(found.settings.get(s, Text(s, s))), "band": np.asarray(b).tolist()}
            for s, b in by.items()
            if months and np.asarray(b).shape[1] == months + 1
        ]
        if lines:
            out.append(
                {
                    "id": series,
                    "title": spoken(title_of(series)),
                    "lines": lines,
                    "rows": _rows(lines, months),
                }
            )
    return out


def _rows(lines: list[dict[str, Any]], months: int) -> list[dict[str, Any]]:
    """Return a row per year with each setting's median and band."""
    return [
        {
            "year": m // 12,
            "cells": [
                {
                    "name": line["name"],
                    **{k: line["band"][q][m] for q, k in enumerate(("low", "median", "high"))},
                }
                for line in lines
            ],
        }
        for m in range(0, months + 1, 12)
    ]


def left_s(found: Simulation) -> float | None:
    """Return how many seconds a running simulation still takes, from how fast it went so far; None: not known yet."""
    job = found.job
    if job is None or job.state != RUNNING or not job.started or not 0 < job.done < job.total:
        return None
    gone = (timezone.now() - job.started).total_seconds()
    return gone / job.done * (job.total - job.done)


def layers_of(viewer: Any, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the map layers of the newest finished simulation of a snapshot that a reader may see."""
    newest = visible(viewer).filter(snapshot=snapshot).exclude(digest="").order_by("-finished").first()
    return [] if newest is None else layers(newest)


def layers(found: Simulation) -> list[dict[str, Any]]:
    """Return the layers of a simulation as the map takes them."""
    return [
        {
            "id": f"m{found.pk}-{one['id']}", "title": Text.of(one["title"]),
            "url": reverse("simulation_layer", args=[found.pk, one["id"]]), "load": partial(layer_data, found, one["id"]),
        }
        for one in found.layers
    ]  # fmt: skip


#: What the map shows, and how a layer of it is called (``maps``): what, setting, year, end of the band.
_LAYER = re.compile(r"(condition|renewed)-(.+?)-(\d+)(?:-(low|median|high))?")


def foreseen(
    found: Simulation, viewer: Any, titles: Mapping[str, Text], asked: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return what the one map of a simulation can show, for its chooser, and the layer that was asked for; None if it has none.

    Whoever asks for nothing sees the condition in the last year with the first lever, the median. A band is kept for works done not
    at all, and in simulations of earlier versions for the last year alone.
    """
    known = [(one["id"], m.groups()) for one in found.layers if (m := _LAYER.fullmatch(one["id"]))]
    if not known:
        return None
    parts = [list(dict.fromkeys(p[k] for _, p in known if p[k])) for k in range(4)]
    parts[2].sort(key=int)
    begun = (parts[0][0], parts[1][-1], parts[2][-1], "median")
    chosen = [
        asked.get(key, "") if asked.get(key, "") in some else first
        for key, some, first in zip(CHOOSE, parts, begun, strict=True)
    ]
    names = {p if p[3] else (*p[:3], ""): name for name, p in known}
    wanted = (*chosen[:3], chosen[3] if chosen[0] == "condition" else "")
    name = names.get(wanted)
    offered = {one["id"] for one in layers_of(viewer, found.snapshot)}
    called = [
        WHAT,
        {s: titles.get(s, Text(s, s)) for s in parts[1]},
        {y: Text(f"{y} 年后", f"in {y} years") for y in parts[2]},
        BAND,
    ]
    return {
        "choices": [
            {"name": key, "title": title, "options": [(o, called[k][o]) for o in parts[k]], "chosen": chosen[k]}
            for k, (key, title) in enumerate(CHOOSE.items())
        ],
        "layers": {"-".join(filter(None, p)): reverse("simulation_layer", args=[found.pk, n]) for p, n in names.items()},
        "tables": {"-".join(filter(None, p)): f"m{found.pk}-{n}" for p, n in names.items() if f"m{found.pk}-{n}" in offered},
        "key": "-".join(filter(None, wanted)),
        "shown": None if name is None else layer_data(found, name),
    }  # fmt: skip


def layer_data(found: Simulation, name: str) -> dict[str, Any]:
    """Return a layer as its file holds it."""
    return dict(json.loads((found.folder / "layers" / f"{name}.json").read_text("utf-8")))
