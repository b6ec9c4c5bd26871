"""The pages of simulation: ask, watch, stop, take up, read the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

import rules
from hutong.errors import HutongError
from hutong.evolve.experiments.policy import LEVERS
from hutong.evolve.parameters import parameter_infos
from hutong.report.experiments import view as told
from hutong.report.plain_levers import plain
from hutong.service.simulation import forms, selectors, services
from hutong.service.simulation.compute import Question
from hutong.service.simulation.cost import cost
from hutong.service.simulation.words import STANDINGS, TITLES
from hutong.service.twin.drawn import map_of
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public, require
from hutong.service.web.files import send_file
from hutong.service.words import error_words, lang, say


def _standing(found: Any) -> dict[str, Any]:
    mark, said = STANDINGS[found.standing]
    return {"mark": mark, "said": said, "title": TITLES[found.experiment]}


@public
def simulations(request: HttpRequest) -> HttpResponse:
    """List the questions that were put to the model."""
    rows = [{"s": s, **_standing(s)} for s in selectors.visible(request.user)[:100]]
    context = {"rows": rows, "may_run": rules.has_perm("simulation.run", request.user, None)}
    return render(request, "simulation/list.html", context)


@permitted("simulation.run")
def new(request: HttpRequest) -> HttpResponse:
    """Ask: the first sending tells what it costs in time, the second starts it."""
    snapshots = selectors.snapshots_of(request.user)
    versions = selectors.versions_of(snapshots)
    form = forms.QuestionForm(request.POST or None, snapshots=snapshots, versions=versions)
    price = None
    if request.method == "POST" and form.is_valid():
        c = form.cleaned_data
        snapshot = snapshot_by_id(int(c["snapshot"]))
        require(request, "simulation.run", snapshot)
        asked = Question(c["experiment"], tuple(c["levers"]), c["runs"], c["years"], c["seed"])
        try:
            services.check(snapshot, asked, c["scheme"])
            if "start" in request.POST:
                made = services.ask(snapshot, asked, c["scheme"], request.user, c["token"])
                return redirect("simulation", made.pk)
            price = cost(
                services.households(snapshot), asked.experiment, asked.levers, asked.runs, asked.years
            )
        except HutongError as caught:
            form.add_error("levers" if caught.code == "no-lever" else "runs", error_words(caught))
    context = {"form": form, "price": price, "any": bool(snapshots)}
    return render(request, "simulation/new.html", context, status=400 if form.errors else 200)


@public
def parameters(request: HttpRequest) -> HttpResponse:
    """Show every parameter of the model: value, range, unit, source, and that it is an assumption where it is one."""
    infos = parameter_infos()
    assumed = sum(i.confidence == "U" for i in infos)
    return render(request, "simulation/parameters.html", {"infos": infos, "assumed": assumed})


@permitted("simulation.see", load=selectors.simulation)
def simulation(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a question: how far it is, or its answer with charts, tables, map and recipe."""
    context = {"s": found, **_standing(found), "left_s": selectors.left_s(found), "job": found.job}
    if request.headers.get("HX-Request") == "true":
        return render(request, "simulation/progress.html", context)
    titles = {s.id: s.title for s in LEVERS}
    infos = parameter_infos()
    context |= {
        "levers": [titles[k] for k in found.levers], "scheme": selectors.scheme_title(found), "version": services.version_of(found.snapshot, found.scheme),
        "assumed": sum(i.confidence == "U" for i in infos), "parameters": len(infos),
    }  # fmt: skip
    if found.digest:
        answer = selectors.result(found)
        drawn, seen = selectors.charts(answer), told(answer)
        settings = titles | dict(answer.settings)
        foreseen = selectors.foreseen(found, request.user, settings, request.GET.dict())
        context |= {
            "answer": answer.answer, "question": answer.question, "told": seen, "table": labelled(seen), "charts": drawn,
            "drawn": {"charts": [{k: c[k] for k in ("id", "title", "lines")} for c in drawn], "lang": lang(), "year": say("年", "years")},
            "plain": plain(answer), "foreseen": foreseen, "setup": _setup(found, foreseen), "legend": _legend(foreseen),
            "table_of": foreseen["tables"].get(foreseen["key"]) if foreseen else None,
            "files": list(selectors.FILES), "recipe": {k: answer.recipe[k] for k in SHOWN if k in answer.recipe},
            "quarter": found.facts.get("quarter", ()),
        }  # fmt: skip
    return render(request, "simulation/simulation.html", context)


def _setup(found: Any, foreseen: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the script draws: the twin's map and the layers of the chooser."""
    s = found.snapshot
    return {
        **map_of(s),
        "table": reverse("layer_table", args=[s.pk]),
        **({k: foreseen[k] for k in ("layers", "tables")} if foreseen else {}),
    }


def _legend(foreseen: dict[str, Any] | None) -> list[tuple[dict[str, str], int]]:
    """Return the classes of the layer that is shown with how many buildings are of each, for who has no scripts."""
    data = foreseen["shown"] if foreseen else None
    return list(zip([*data["classes"], data["absent"]], data["counts"], strict=True)) if data else []


def labelled(seen: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table, each cell with the title of its column: on a phone it stands beside it."""
    return [
        {**r, "cells": [{**c, "label": t} for c, t in zip(r["cells"], seen["columns"], strict=True)]}
        for r in seen["rows"]
    ]


#: What the page shows of the recipe; the file holds all of it.
SHOWN = (
    "model_version",
    "model_digest",
    "city",
    "rules",
    "scheme",
    "runs",
    "months",
    "seed",
    "households",
    "projects",
)


@require_POST
@permitted("simulation.stop", load=selectors.simulation)
def stop(request: HttpRequest, found: Any) -> HttpResponse:
    """Stop a simulation; finished runs stay."""
    services.stop(found)
    messages.success(request, say("正在停止；已完成的推演保留，可接着算。", "It is being stopped; finished runs are kept and it can go on."), extra_tags="good")  # fmt: skip
    return redirect("simulation", found.pk)


@require_POST
@permitted("simulation.stop", load=selectors.simulation)
def resume(request: HttpRequest, found: Any) -> HttpResponse:
    """Take up a simulation where it stood."""
    services.resume(found, request.user)
    return redirect("simulation", found.pk)


@require_POST
@permitted("simulation.publish", load=selectors.simulation)
def publish(request: HttpRequest, found: Any) -> HttpResponse:
    """Open an answer to everyone, and keep what it forecasts."""
    services.publish(found, request.user)
    messages.success(request, say("已公开并存证，预测已留存。", "Published, in the ledger, and its forecasts are kept."), extra_tags="good")  # fmt: skip
    return redirect("simulation", found.pk)


@require_POST
@permitted("simulation.publish", load=selectors.simulation)
def attach(request: HttpRequest, found: Any) -> HttpResponse:
    """Attach a public answer to the version of a scheme that was run."""
    made = services.attach(found, request.user)
    messages.success(
        request, say("已附为方案的展望。", "Attached to the scheme as its outlook."), extra_tags="good"
    )
    return redirect("scheme_version", made.version_id)


class _Part:
    """A file of a simulation; it has the simulation's place and phase."""

    def __init__(self, pk: int, name: str) -> None:
        self.of, self.name = selectors.simulation(pk), name
        self.place, self.phase = self.of.place, self.of.phase


@permitted("simulation.see", load=_Part)
def file(request: HttpRequest, found: Any) -> HttpResponse:
    """Send a file of the answer."""
    if found.name not in selectors.FILES:
        raise Http404
    path = found.of.folder / found.name
    return send_file(request, path, selectors.FILES[found.name], f"{found.of.number}-{found.name}")


@permitted("simulation.see", load=_Part)
def layer(request: HttpRequest, found: Any) -> HttpResponse:
    """Send a layer of the map."""
    if found.name not in {one["id"] for one in found.of.layers}:
        raise Http404
    return send_file(request, found.of.folder / "layers" / f"{found.name}.json", "application/json")
