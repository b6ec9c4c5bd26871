"""Background work of evaluations."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.evaluation import services
from hutong.service.evaluation.selectors import evaluation as evaluation_by_id
from hutong.service.jobs.registry import work
from hutong.service.jobs.services import done
from hutong.text import Text


@work("evaluation.make", Text("效果评估", "Evaluation"))
def make(job: Any, step: services.Step, evaluation: int) -> str:
    """Compute an evaluation."""
    found = evaluation_by_id(evaluation)
    services.compute(found, step, lambda kept: done(job, _page(kept)))
    return _page(found)


def _page(found: Any) -> str:
    return reverse("evaluation", args=[found.pk])
