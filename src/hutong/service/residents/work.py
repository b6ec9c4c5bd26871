"""Background work of residents."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.jobs.registry import work
from hutong.service.residents import services
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.text import Text


@work("residents.import", Text("登记住房名录", "List the homes"))
def import_roll(job: Any, step: Any, snapshot: int) -> str:
    """Make or renew the roll of a quarter."""
    step(0, 1, Text("正在读取住房和产权", "Reading homes and titles"))
    services.import_roll(snapshot_by_id(snapshot), job.owner)
    return reverse("residents_quarter", args=[job.place.pk])
