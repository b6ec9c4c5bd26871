"""The pages of the checkup."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.few import told
from hutong.report.sections.national import value_of
from hutong.service.checkup import selectors, services
from hutong.service.jobs import services as jobs
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public
from hutong.service.web.files import send_file
from hutong.service.words import lang, say, spoken

ROWS_A_PAGE = 50
SCALES = ("quarter", "estate", "block", "rest")


def _run(pk: int) -> Any:
    return selectors.run(pk)


class _Named:
    """A part of a checkup: it has the checkup's place and phase."""

    def __init__(self, pk: int, name: str) -> None:
        self.run, self.name = selectors.run(pk), name
        self.place, self.phase = self.run.place, self.run.phase


@public
def checkups(request: HttpRequest) -> HttpResponse:
    """List the checkups that the reader may see."""
    return render(request, "checkup/list.html", {"runs": selectors.visible(request.user)})


@permitted("checkup.see", load=_run)
def checkup(request: HttpRequest, run: Any) -> HttpResponse:
    """Show the state of the quarter: what is good and what is not, the gravest findings, the national check."""
    context = {
        "run": run,
        "tab": "overview",
        "counts": selectors.counted(selectors.whole(run)),
        "national": selectors.national_counts(run),
        "findings": run.findings.all()[:5],
        "verdicts": selectors.verdicts(run) if run.against else [],
    }
    return render(request, "checkup/overview.html", context)


@permitted("checkup.see", load=_run)
def whole(request: HttpRequest, run: Any) -> HttpResponse:
    """Show the checkup as one page for paper: state, findings, every indicator, where the data come from."""
    values = selectors.whole(run)
    context = {
        "run": run,
        "snapshot": run.snapshot,
        "counts": selectors.counted(values),
        "national": selectors.national_counts(run),
        "findings": run.findings.all(),
        "rows": [{"value": v, **run.indicators[v.indicator]} for v in values],
    }
    return render(request, "checkup/whole.html", context)


@permitted("checkup.see", load=_run)
def national(request: HttpRequest, run: Any) -> HttpResponse:
    """Show the 61 basic indicators, each with its value or the reason for none."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in run.national:
        told = {k.removesuffix(f"_{lang()}"): v for k, v in row.items()}
        told["shown"] = spoken(value_of(row)) if row["status"] == "known" else ""
        groups.setdefault(row["scale"], []).append(told)
    context = {"run": run, "tab": "national", "groups": groups, "national": selectors.national_counts(run)}
    return render(request, "checkup/national.html", context)


@permitted("checkup.see", load=_run)
def indicators(request: HttpRequest, run: Any) -> HttpResponse:
    """Show every indicator for the whole quarter."""
    rows = [{"value": v, **run.indicators[v.indicator]} for v in selectors.whole(run)]
    return render(request, "checkup/indicators.html", {"run": run, "tab": "indicators", "rows": rows})


@permitted("checkup.see", load=lambda pk, name: _Named(pk, name))
def indicator(request: HttpRequest, found: Any) -> HttpResponse:
    """Show one indicator: its definition and every place."""
    run, name = found.run, found.name
    if name not in run.indicators:
        raise Http404
    values = list(run.values.filter(indicator=name))
    groups = [(scale, [v for v in values if v.scale == scale]) for scale in SCALES]
    known = [v for v in values if v.scale in ("estate", "block") and v.value is not None]
    finest = [v for v in known if v.scale == "estate"] or known
    context = {
        "run": run,
        "tab": "indicators",
        "name": name,
        "definition": run.indicators[name],
        "groups": [(scale, rows) for scale, rows in groups if rows],
        "chart": _chart(run.indicators[name], finest),
    }
    return render(request, "checkup/indicator.html", context)


def _chart(definition: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    share = definition["unit"] in ("ratio", "share")
    factor = 100 if share else 1
    return {
        "places": [v.place_name for v in values],
        "values": [v.value * factor for v in values],
        "statuses": [v.status for v in values],
        "standard": None if definition["standard"] is None else definition["standard"] * factor,
        "unit": "%" if share else "",
        "standard_label": say("标准", "standard"),
    }


@permitted("checkup.see", load=_run)
def findings(request: HttpRequest, run: Any) -> HttpResponse:
    """List the findings, the gravest for most people first."""
    page = Paginator(run.findings.all(), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "checkup/findings.html", {"run": run, "tab": "findings", "page": page})


@permitted("checkup.see", load=lambda pk, rank: selectors.finding(pk, rank))
def finding(request: HttpRequest, found: Any) -> HttpResponse:
    """Show one finding and the buildings that it names."""
    page = Paginator(found.buildings.select_related("place"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "run": found.run,
        "tab": "findings",
        "finding": found,
        "people": told(found.people),
        "definition": found.run.indicators[found.indicator],
        "page": page,
    }
    return render(request, "checkup/finding.html", context)


@permitted("checkup.see", load=_run)
def changes(request: HttpRequest, run: Any) -> HttpResponse:
    """Show what got better or worse since the earlier snapshot."""
    if run.against is None:
        return render(request, "checkup/unchanged.html", {"run": run, "tab": "changes"})
    rows = [
        {
            "change": c,
            "title": run.indicators.get(c.indicator, {}).get("title", c.indicator),
            "unit": run.indicators.get(c.indicator, {}).get("unit", ""),
        }
        for c in run.changes.filter(scale="quarter")
    ]
    order = ("worse", "better", "same", "unknown")
    rows.sort(key=lambda row: order.index(row["change"].verdict))
    context = {"run": run, "tab": "changes", "rows": rows, "verdicts": selectors.verdicts(run)}
    return render(request, "checkup/changes.html", context)


@permitted("checkup.see", load=_run)
def metrics(request: HttpRequest, run: Any) -> HttpResponse:
    """Send every figure as JSON: status, value, unit, source, formula, confidence, assumptions, reason."""
    return send_file(request, run.folder / "metrics.json", "application/json")


@permitted("checkup.see", load=lambda pk, name: _Named(pk, name))
def layer(request: HttpRequest, found: Any) -> HttpResponse:
    """Send what the map is coloured by."""
    return send_file(request, found.run.folder / "layers" / f"{found.name}.json", "application/json")


@require_POST
@permitted("checkup.make", load=lambda pk: snapshot_by_id(pk))
def make(request: HttpRequest, snapshot: Any) -> HttpResponse:
    """Check a snapshot in the background, against the one before it if there is one."""
    earlier = selectors.before(snapshot, request.user)
    job = jobs.start(
        "checkup.make",
        snapshot.place,
        request.user,
        once=True,
        snapshot=snapshot.pk,
        against=None if earlier is None else earlier.pk,
        jurisdiction="beijing",
    )
    return redirect("job", job.pk)


@require_POST
@permitted("checkup.publish", load=_run)
def publish(request: HttpRequest, run: Any) -> HttpResponse:
    """Open a checkup to everyone."""
    services.publish(run)
    messages.success(request, say("已公开。", "Published."), extra_tags="good")
    return redirect("checkup", run.pk)


@require_POST
@permitted("checkup.publish", load=_run)
def unpublish(request: HttpRequest, run: Any) -> HttpResponse:
    """Close a checkup to all but the office."""
    services.unpublish(run)
    messages.success(request, say("已撤回公开。", "No longer published."), extra_tags="good")
    return redirect("checkup", run.pk)
