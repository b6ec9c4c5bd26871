"""The pages of meters and sensors: alerts and what was done, series with gaps, upload, register, measured carbon."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.sense.measurements import Measurements, gaps, read_measurements
from hutong.service.meters import carbon as measured
from hutong.service.meters import selectors, services
from hutong.service.meters.charts import HEIGHT, WIDTH, drawing
from hutong.service.meters.forms import DoneForm, SensorForm, UploadForm, YearForm
from hutong.service.meters.policies import REGISTERS, SENDS
from hutong.service.places.selectors import at as place_at
from hutong.service.places.selectors import coded
from hutong.service.web.access import permitted, require
from hutong.service.words import say
from hutong.text import Text

SHOWN = 50


@permitted("meters.see")
def alerts(request: HttpRequest) -> HttpResponse:
    """Show the alerts that nobody has seen to, then what was done about others."""
    rows = list(selectors.open_alerts(request.user)[: SHOWN + 1])
    for alert in rows:
        alert.form = _done_form(request, alert)
    done = selectors.alerts(request.user).exclude(acknowledged_at=None).order_by("-acknowledged_at")
    context = {"open": rows[:SHOWN], "more": len(rows) > SHOWN, "done": done[:SHOWN]}
    return render(request, "meters/alerts.html", {**context, "any": selectors.visible(request.user).exists()})


def _done_form(request: HttpRequest, alert: Any) -> DoneForm | None:
    allowed = request.user.has_perm("meters.acknowledge", alert)
    return DoneForm(auto_id=f"id_{alert.pk}_%s") if allowed and alert.acknowledged_at is None else None


@require_POST
@permitted("meters.acknowledge", load=lambda pk: selectors.alert(pk))
def acknowledge(request: HttpRequest, found: Any) -> HttpResponse:
    """Keep what was done about an alert, by whom and when."""
    services.acknowledge(found, request.user, request.POST.get("done", ""))
    messages.success(request, say("已记下。", "It is noted."), extra_tags="good")
    return redirect("meter_alerts")


@permitted("meters.see")
def all_series(request: HttpRequest) -> HttpResponse:
    """List the series with their last reading."""
    page = Paginator(selectors.visible(request.user), SHOWN).get_page(request.GET.get("page"))
    return render(request, "meters/all_series.html", {"page": page})


@permitted("meters.see", load=lambda pk: selectors.series(pk))
def one_series(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a series: its drawing, its gaps, its alerts."""
    return render(request, "meters/series.html", _shown(request, found))


def _shown(request: HttpRequest, found: Any) -> dict[str, Any]:
    whole = selectors.measurements(found)
    pauses = gaps(whole)
    rows = list(found.alerts.filter(withdrawn=False).select_related("acknowledged_by")[:SHOWN])
    for alert in rows:
        alert.form = _done_form(request, alert)
    return {
        "series": found,
        "drawing": drawing(whole.series(found.sensor.code, found.quantity)) if found.count else None,
        "width": WIDTH,
        "height": HEIGHT,
        "gaps": pauses.tail(12).iloc[::-1].to_dict("records"),
        "gap_count": len(pauses),
        "missing": int(pauses["missing"].sum()),
        "alerts": rows,
        "year": YearForm() if measured.can_compare(found) else None,
    }


@permitted("meters.see", load=lambda pk: selectors.series(pk))
def carbon(request: HttpRequest, found: Any) -> HttpResponse:
    """Show the measured carbon of a building's meter beside the estimate."""
    if not measured.can_compare(found):
        raise Http404
    form = YearForm(request.GET or None)
    result = None
    if form.is_valid():
        result = measured.beside_estimate(found, request.user, form.cleaned_data["degree_days"])
    context = {
        "series": found,
        "form": form,
        "result": result,
        "given": form.is_valid() and form.cleaned_data,
    }
    return render(request, "meters/carbon.html", context)


@permitted("meters.send")
def upload(request: HttpRequest) -> HttpResponse:
    """Take a CSV of readings; what is wrong is named row by row, and then nothing is kept."""
    form, taken = UploadForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sent = _read(given["file"], given["zone"] or None, given["leave_out_broken"])
        known = list(selectors.sensors(request.user, SENDS))
        taken = services.take_in(sent, known, request.user.get_full_name(), given["leave_out_broken"])
    return render(request, "meters/upload.html", {"form": form, "taken": taken})


def _read(file: Any, zone: str | None, leave_out: bool) -> Measurements:
    with tempfile.TemporaryDirectory(prefix="hutong-readings-") as folder:
        path = Path(folder) / "readings.csv"
        path.write_bytes(file.read())
        return read_measurements(path, zone=zone, leave_out_broken=leave_out)


@permitted("meters.register")
def sensors(request: HttpRequest) -> HttpResponse:
    """List the sensors at the reader's places, and register one."""
    form = SensorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place = _where(request, given["where"].strip())
        require(request, "meters.register", place)
        made = services.register(given["code"], place, given["name"])
        messages.success(request, say("已登记：", "Registered: ") + made.code, extra_tags="good")
        return redirect("meter_sensors")
    page = Paginator(selectors.sensors(request.user, REGISTERS), SHOWN).get_page(request.GET.get("page"))
    return render(request, "meters/sensors.html", {"form": form, "page": page})


def _where(request: HttpRequest, given: str) -> Any:
    if given.startswith("/"):
        return place_at(given)
    found = [p for p in coded("building", given) if request.user.has_perm("meters.register", p)]
    if len(found) != 1:
        raise HutongError(
            "no-such-place",
            Text(
                f"您的地点里有 {len(found)} 栋编号为“{given}”的楼。",
                f"At your places there are {len(found)} buildings called {given}.",
            ),
            Text("请写地点路径；楼栋页的地址栏里有编号。", "Give the path of the place instead."),
        )
    return found[0]
