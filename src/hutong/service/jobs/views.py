"""The pages of background work."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from hutong.service.jobs import selectors, services
from hutong.service.web.access import permitted

#: How many jobs the list shows.
SHOWN = 100


@permitted("jobs.see_all")
def jobs(request: HttpRequest) -> HttpResponse:
    """List what is stuck, then what ran lately."""
    rows = selectors.visible(request.user)
    shown: dict[str, Any] = {"stuck": selectors.stuck(rows)[:SHOWN], "jobs": rows[:SHOWN]}
    if request.user.has_perm("jobs.chores"):
        shown["chores"] = selectors.chore_faults()
    return render(request, "jobs/list.html", shown)


@permitted("jobs.see", load=lambda pk: selectors.job(pk))
def job(request: HttpRequest, found: Any) -> HttpResponse:
    """Show how far a job has come; the page asks again by itself until the job has ended."""
    partly = request.headers.get("HX-Request") == "true"
    return render(request, "jobs/progress.html" if partly else "jobs/job.html", {"job": found})


@require_POST
@permitted("jobs.retry", load=lambda pk: selectors.job(pk))
def retry(request: HttpRequest, found: Any) -> HttpResponse:
    """Start a failed or stuck job again."""
    services.retry(found)
    return redirect("job", found.pk)
