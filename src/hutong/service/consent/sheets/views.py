"""The pages of signed papers: read once, and read again by another officer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.ballots.forms import SAID, CheckForm, SheetForm
from hutong.service.consent.sheets import selectors, services
from hutong.service.web.access import permitted
from hutong.service.words import say


@permitted("consent.run", load=lambda pk: ballots.ballot(pk))
def sheets(request: HttpRequest, found: Any) -> HttpResponse:
    """Enter signed papers, and see which wait for a second pair of eyes."""
    form = SheetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        new = services.NewSheet(
            given["dwelling_id"],
            given["signer"],
            SAID[given["choice"]],
            given["channel"],
            given["at"],
            given["reference"],
            given["token"],
        )
        services.enter_sheet(found, new, request.user)
        messages.success(
            request,
            say("已录入，等待另一人对着纸质票再录一遍。", "Entered; another officer reads the paper anew."),
        )
        return redirect("sheets", found.pk)
    shown = {
        "ballot": found,
        "form": form,
        "waiting": selectors.waiting_sheets(found),
        "counts": selectors.sheet_counts(found),
    }
    return render(request, "consent/sheets.html", shown, status=400 if form.errors else 200)


@permitted("consent.run", load=lambda pk: selectors.sheet(pk))
def sheet_check(request: HttpRequest, found: Any) -> HttpResponse:
    """Read a paper a second time; the first reading is not shown."""
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = services.confirm_sheet(found, SAID[form.cleaned_data["choice"]], request.user)
        if done.state == "taken":
            messages.success(request, say("两次录入一致，已计入。", "Both readings agree; it is taken."))
        else:
            messages.warning(
                request,
                say(
                    "两次录入不一致，这次录入作废，请重新录入。",
                    "The readings differ; the entry is void. Enter the paper again.",
                ),
            )
        return redirect("sheets", found.ballot_id)
    return render(
        request,
        "consent/sheet_check.html",
        {"sheet": found, "form": form},
        status=400 if form.errors else 200,
    )
