"""The pages of a count: its list, and counting again."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from hutong.errors import HutongError
from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.ballots import services
from hutong.service.consent.counting import selectors
from hutong.service.web.access import permitted
from hutong.text import Text


@permitted("consent.see", load=lambda pk: ballots.ballot(pk))
def count_list(_request: HttpRequest, found: Any) -> HttpResponse:
    """Give the list of commitments that a count rests on."""
    if found.result is None:
        raise Http404
    return HttpResponse(
        selectors.published_list(found), content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{found.code}-counted.json"'}
    )  # fmt: skip


@require_POST
@permitted("consent.recount", load=lambda pk: ballots.ballot(pk))
def recount(request: HttpRequest, found: Any) -> HttpResponse:
    """Count a vote again, from every ballot and the ledger; no ballot is shown."""
    if found.result is None:
        raise HutongError(
            "not-now",
            Text("还没有计票。", "It is not counted yet."),
            Text("计票后再核验。", "Check it after the count."),
        )
    services.look(found, "recounted", request.user)
    return render(request, "consent/recount.html", {"ballot": found, "recount": selectors.recount(found)})
