"""The pages of open data: what there is, what every column means, files to take away; publishing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

import rules
from hutong.service.jobs import services as jobs
from hutong.service.open_data import selectors, services
from hutong.service.open_data.licences import licences
from hutong.service.open_data.writing import FORMS, dictionary
from hutong.service.projects.forms import checked
from hutong.service.web.access import permitted, public
from hutong.service.web.datasets import KINDS
from hutong.service.web.files import send_file
from hutong.service.web.inputs import DayInput
from hutong.service.words import later, say, spoken


class DayForm(forms.Form):
    """The day whose end an edition shows."""

    day = forms.DateField(
        label=later("截至哪一天", "As of"),
        widget=DayInput(),
        help_text=later(
            "同一天只有一版；当天的截至制作之时。", "Each day has one edition; today’s ends when it is made."
        ),
    )


@public
def open_data(request: HttpRequest) -> HttpResponse:
    """List the datasets with their newest files, city by city."""
    rows = []
    for place in selectors.cities():
        newest = selectors.editions(place).first()
        files = selectors.files_by_dataset(newest) if newest else []
        if files or rules.has_perm("open_data.publish", request.user, place):
            rows.append(
                {
                    "place": place,
                    "newest": newest,
                    "files": files,
                    "older": selectors.editions(place)[1:13],
                    "licence": selectors.licence_of(place),
                    "form": DayForm(initial={"day": timezone.localdate() - dt.timedelta(days=1)}, auto_id=f"d{place.pk}-%s"),
                }
            )  # fmt: skip
    context = {
        "rows": rows,
        "published": any(r["newest"] for r in rows),
        "datasets": selectors.datasets().values(),
        "licences": licences().values(),
    }
    return render(request, "open_data/list.html", context)


@public
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """Show the dictionary of a dataset and its files in every edition."""
    found = selectors.dataset(name)
    columns = [{"c": c, "kind": KINDS[c.kind], "source": c.source or found.source} for c in found.columns]
    context = {"d": found, "columns": columns, "files": selectors.history(name)}
    return render(request, "open_data/dataset.html", context)


@public
def edition(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an edition: its files with size, rows and checksum, its recipe, and how to check it."""
    found = selectors.edition(pk)
    files = selectors.files_by_dataset(found)
    context = {"e": found, "files": files, "recipe": found.told, "reasons": services.REASONS}
    return render(request, "open_data/edition.html", context)


@public
def recipe(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the recipe of an edition."""
    return HttpResponse(selectors.edition(pk).recipe, content_type="application/json; charset=utf-8")


@public
def whole(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an edition in one file."""
    found = selectors.edition(pk)
    named = f'attachment; filename="hutong-{found.place.code}-{found.date}.zip"'
    return HttpResponse(
        services.packed(found), content_type="application/zip", headers={"Content-Disposition": named}
    )


@public
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file; one that was withdrawn is gone."""
    found = selectors.file(pk)
    if found.withdrawn is not None:
        raise Http404
    kept = f"{found.place.code}-{found.edition.date}-{found.name}"
    return send_file(request, found.path, FORMS[found.form], download=kept)


@public
def words(request: HttpRequest) -> HttpResponse:
    """Give the dictionary of every dataset for programs."""
    told = [dictionary(d) for d in selectors.datasets().values()]
    return JsonResponse({"datasets": told}, json_dumps_params={"ensure_ascii": False})


@require_POST
@permitted("open_data.publish", load=lambda pk: selectors.city(pk))
def make(request: HttpRequest, place: Any) -> HttpResponse:
    """Make the edition of a day in the background."""
    day = checked(DayForm(request.POST))["day"]
    job = jobs.start("open_data.make", place, request.user, once=True, day=day.isoformat())
    return redirect("job", job.pk)


@require_POST
@permitted("open_data.publish", load=lambda pk: selectors.city(pk))
def licence(request: HttpRequest, place: Any) -> HttpResponse:
    """Choose the licence of the editions to come."""
    services.choose_licence(place, request.POST.get("licence", ""), request.user)
    chosen = spoken(selectors.licence_of(place).title)
    messages.success(
        request, say("以后各版的许可：", "Licence of editions from now on: ") + chosen, extra_tags="good"
    )
    return redirect("open_data")


@require_POST
@permitted("open_data.publish", load=lambda pk: selectors.file(pk))
def withdraw(request: HttpRequest, found: Any) -> HttpResponse:
    """Take a dataset of an edition back."""
    services.withdraw(found, request.POST.get("reason", ""), request.user)
    messages.success(
        request,
        say("已撤回；哈希和原因留存。", "Withdrawn; its hash and the reason stay."),
        extra_tags="good",
    )
    return redirect("open_data_edition", found.edition_id)
