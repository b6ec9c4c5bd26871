"""Background work of the desk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.desk import selectors, services
from hutong.service.jobs.registry import work
from hutong.text import Text


@work("desk.apply", Text("写入表格", "Apply a table"))
def apply(job: Any, step: Any, returned: int) -> str:
    """Make a new draft snapshot from a table that came back."""
    made = services.apply(selectors.returned(returned), job.owner, step)
    return reverse("snapshot", args=[made.pk])
