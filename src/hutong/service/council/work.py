"""Background work of the council."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.council import selectors, services
from hutong.service.jobs.registry import work
from hutong.text import Text


@work("council.publish", Text("公布意见图", "Publish the opinions"))
def publish(job: Any, step: Any, process: int) -> str:
    """Find the opinion groups of a process and publish them."""
    step(0, 1, Text("计算意见分组", "Finding opinion groups"))
    found = selectors.process(process)
    services.publish(found)
    return reverse("council_opinions", args=[found.pk])
