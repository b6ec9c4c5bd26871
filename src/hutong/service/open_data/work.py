"""Background work of open data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from hutong.loop import Progress
from hutong.service.jobs.registry import work
from hutong.service.open_data import services
from hutong.text import Text


@work("open_data.make", Text("制作开放数据", "Make an edition of open data"))
def make(job: Any, step: Progress, day: str) -> str:
    """Make the edition of a day."""
    services.make(job.place, dt.date.fromisoformat(day), job.owner)
    return reverse("open_data")
