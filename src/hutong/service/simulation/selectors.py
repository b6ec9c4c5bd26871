"""Reading simulations: the answer, charts and their tables, layers of the map, and how long it still takes."""

from __future__ import annotations

import json
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
from hutong.service.simulation.words import SCHEME_TITLES
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


def layer_data(found: Simulation, name: str) -> dict[str, Any]:
    """Return a layer as its file holds it."""
    return dict(json.loads((found.folder / "layers" / f"{name}.json").read_text("utf-8")))
