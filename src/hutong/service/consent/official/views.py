"""The pages of an official system: its ballots, its totals, and the document they are in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.ballots.forms import TotalsForm
from hutong.service.consent.motions import services as two
from hutong.service.consent.official import selectors, services
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.uploads import read_upload
from hutong.service.web.access import permitted
from hutong.service.web.papers import send
from hutong.service.words import say
from hutong.text import Text


@require_POST
@permitted("consent.run", load=lambda pk: ballots.ballot(pk))
def ballot_official(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose to take the ballots of an official system's file."""
    if "table" not in request.FILES:
        raise HutongError("bad-form", Text("没有选文件。", "No file was chosen."), Text("请选官方系统导出的表。", "Choose the table that it gives out."))  # fmt: skip
    asked = services.seal_official(found, read_upload(request.FILES["table"]))
    two.propose("ballot.official", found.pk, found.place, request.user, asked)
    return redirect("ballot", found.pk)


@permitted("consent.run", load=lambda pk: ballots.ballot(pk))
def ballot_totals(request: HttpRequest, found: Any) -> HttpResponse:
    """Propose the totals of the official system as the result of a vote."""
    if not found.official_online_only:
        raise selectors.not_official()
    if found.state != "closed":
        raise HutongError(
            "not-now",
            Text("截止之后、计票之前才能填合计。", "Totals are entered after the close and before the count."),
            Text("请刷新表决页面，看现在可以做什么。", "Load the page of the vote and see what can be done now."),
        )  # fmt: skip
    roll = rolls.book(found.roll).roll
    form = TotalsForm(request.POST or None, request.FILES or None, roll=roll, closed=found.closes)
    if request.method == "POST" and form.is_valid():
        services.propose_totals(
            found, form.totals(), form.said(), form.cleaned_data["document"], request.user
        )
        messages.success(
            request, say("已提出，等待另一名工作人员对照文件确认。", "Proposed; another officer checks it with the document.")
        )  # fmt: skip
        return redirect("ballot", found.pk)
    shown = {"ballot": found, "form": form, "heads": len(roll), "area_m2": roll.total_cm2 / 10_000}
    return render(request, "consent/totals.html", shown, status=400 if form.errors else 200)


@permitted("consent.document", load=lambda pk: selectors.official_document(pk))
def official_document(_request: HttpRequest, found: Any) -> FileResponse:
    """Send the document behind official totals to who confirms or checks them, for keeping."""
    return send(found.digest, found.suffix, f"{found.ballot.code}-official-{found.digest[:8]}")
