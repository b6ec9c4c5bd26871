"""Reading practice: exercises with how far a trainee is."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from hutong.service.accounts.models import User
from hutong.service.practice.catalogue import Exercise, exercises
from hutong.service.practice.checks import CHECKS, place_of
from hutong.service.practice.models import Attempt


def exercise(name: str) -> Exercise:
    """Return an exercise, or raise ``Http404``."""
    found = exercises().get(name)
    if found is None:
        raise Http404
    return found


def attempt(pk: int) -> Attempt:
    """Return an attempt, or raise ``Http404``."""
    found = Attempt.objects.select_related("owner").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def latest(user: Any, name: str) -> Attempt | None:
    """Return a trainee's newest attempt at an exercise."""
    if not user.is_authenticated:
        return None
    return Attempt.objects.filter(owner=user, exercise=name).first()


def progress(of: Attempt) -> list[dict[str, Any]]:
    """Return the steps of an attempt: done, next or later, by the record. A step counts only after those before it."""
    out, reached = [], True
    for step in exercises()[of.exercise].steps:
        done = reached and CHECKS[of.exercise][step.id](of)
        state = "done" if done else "next" if reached else "later"
        out.append({"s": step, "state": state, "url": place_of(of, step.id) if state != "later" else ""})
        reached = done
    return out


def overview(user: User | Any) -> list[dict[str, Any]]:
    """Return every exercise with how far the reader is."""
    out = []
    for e in exercises().values():
        found = latest(user, e.id)
        steps = progress(found) if found else []
        done = sum(s["state"] == "done" for s in steps)
        out.append({"e": e, "attempt": found, "done": done, "all": len(e.steps)})
    return out
