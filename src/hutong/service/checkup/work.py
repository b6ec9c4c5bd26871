"""Background work of the checkup."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.checkup import services
from hutong.service.jobs.registry import work
from hutong.service.jobs.services import done
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.text import Text


@work("checkup.make", Text("城市体检", "City health check"))
def make(job: Any, step: services.Step, snapshot: int, against: int | None, jurisdiction: str) -> str:
    """Check a snapshot."""
    earlier = None if against is None else snapshot_by_id(against)
    run = services.make_checkup(
        snapshot_by_id(snapshot),
        earlier,
        jurisdiction,
        job.owner,
        step,
        made=lambda run: done(job, _page(run)),
    )
    return _page(run)


def _page(run: Any) -> str:
    return reverse("checkup", args=[run.pk])
