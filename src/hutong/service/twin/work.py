"""Background work of the twin."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from hutong.service.jobs.registry import work
from hutong.service.jobs.services import done
from hutong.service.twin import services
from hutong.text import Text


@work("twin.import", Text("导入快照", "Import a snapshot"))
def import_city(job: Any, step: services.Step, folder: str) -> str:
    """Import a city folder; one that was sent from a browser is removed once it is in."""
    path = Path(folder)
    snapshot = services.import_city(
        path, job.place, job.owner, step, made=lambda snapshot: done(job, _page(snapshot))
    )
    if path.is_relative_to(Path(settings.MEDIA_ROOT) / "uploads"):
        shutil.rmtree(path, ignore_errors=True)
    return _page(snapshot)


def _page(snapshot: Any) -> str:
    return reverse("snapshot", args=[snapshot.pk])
