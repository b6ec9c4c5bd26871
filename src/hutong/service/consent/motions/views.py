"""The second person's pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.service.consent.motions import selectors, services
from hutong.service.web.access import permitted
from hutong.service.words import say


@permitted("consent.run")
def motions(request: HttpRequest) -> HttpResponse:
    """List what waits for the reader as second person."""
    return render(request, "consent/motions.html", {"motions": selectors.waiting_for(request.user)})


@require_POST
@permitted("consent.run", load=lambda pk: selectors.motion(pk))
def motion_confirm(request: HttpRequest, found: Any) -> HttpResponse:
    """Carry out what another officer proposed."""
    services.confirm(found, request.user)
    messages.success(request, say("已确认并执行。", "Confirmed and carried out."))
    return redirect(found.family, found.subject)


@require_POST
@permitted("consent.run", load=lambda pk: selectors.motion(pk))
def motion_reject(request: HttpRequest, found: Any) -> HttpResponse:
    """Send back what another officer proposed."""
    services.reject(found, request.user)
    return redirect(found.family, found.subject)
