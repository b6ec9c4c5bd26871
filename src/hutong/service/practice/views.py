"""The pages of practice: the exercises, and an attempt with its steps."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.service.practice import selectors, services
from hutong.service.web.access import permitted, public


@public
def practice(request: HttpRequest) -> HttpResponse:
    """List the exercises with how far the reader is; on a real site say where they are."""
    env = settings.ENVIRONMENT
    rows = selectors.overview(request.user) if env.practice else []
    return render(
        request, "practice/list.html", {"rows": rows, "here": env.practice, "url": env.practice_url}
    )


@require_POST
@permitted("practice.begin", load=lambda name: selectors.exercise(name))
def begin(request: HttpRequest, found: Any) -> HttpResponse:
    """Begin an exercise, or begin it again."""
    return redirect("practice_attempt", services.begin(request.user, found.id).pk)


@permitted("practice.own", load=lambda pk: selectors.attempt(pk))
def attempt(request: HttpRequest, found: Any) -> HttpResponse:
    """Show an attempt: what is done, what comes next and where."""
    steps = selectors.progress(found)
    context = {"a": found, "e": selectors.exercise(found.exercise), "steps": steps}
    return render(
        request, "practice/attempt.html", {**context, "ended": all(s["state"] == "done" for s in steps)}
    )


class _AtStep:
    """An attempt and a step of it."""

    def __init__(self, pk: int, step: str) -> None:
        self.attempt, self.step = selectors.attempt(pk), step
        self.owner_id = self.attempt.owner_id


@require_POST
@permitted("practice.own", load=lambda pk, step: _AtStep(pk, step))
def colleague(request: HttpRequest, asked: Any) -> HttpResponse:
    """Let the made-up colleague do their part."""
    services.let_colleague(asked.attempt, asked.step)
    return redirect("practice_attempt", asked.attempt.pk)
