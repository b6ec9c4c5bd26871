"""Background work of surveys."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.jobs.registry import work
from hutong.service.surveys import selectors, services
from hutong.text import Text


@work("surveys.merge", Text("并入现场调查", "Merge a survey"))
def merge(job: Any, step: Any, survey: int) -> str:
    """Make a new draft snapshot with the answers of a round."""
    made = services.merge(selectors.round_by(survey), job.owner, step)
    return reverse("snapshot", args=[made.pk])
