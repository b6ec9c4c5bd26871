"""Background work of schemes: lay a quarter out, and work out what a version does."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.checkup.selectors import run as run_by_id
from hutong.service.jobs.registry import work
from hutong.service.schemes import selectors, services, warm
from hutong.text import Text


@work("schemes.lay_out", Text("准备方案编制", "Make a quarter ready for composing"))
def lay_out(job: Any, step: warm.Step, run: int) -> str:
    """Lay a checked snapshot out."""
    warm.lay_out(run_by_id(run), step)
    return reverse("schemes")


@work("schemes.compute", Text("核算方案版本", "Work out what a version does"))
def compute(job: Any, step: warm.Step, version: int) -> str:
    """Work out what a version does."""
    found = selectors.version(version)
    warm.lay_out(found.scheme.run, step)
    services.compute(found)
    return reverse("scheme_version", args=[found.pk])
