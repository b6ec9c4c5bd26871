"""The page on which all that is asked of people stands together."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.motions import selectors as motions
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.signing import selectors as signing
from hutong.service.consent.surrender import selectors as surrender
from hutong.service.web.access import public


@public
def consent(request: HttpRequest) -> HttpResponse:
    """List rolls and what is asked."""
    return render(
        request,
        "consent/consent.html",
        {
            "ballots": ballots.ballots_for(request.user),
            "signings": signing.signings_for(request.user),
            "projects": surrender.projects(),
            "rolls": rolls.rolls_for(request.user),
            "waiting": motions.how_many_wait(request.user),
        },
    )
