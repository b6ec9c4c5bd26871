"""The demo's open data: what is public now."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from hutong.service.open_data import services
from hutong.service.places.models import Place


def load(city: Place) -> None:
    """Publish the demo city's data as of today; not on a practice site, which publishes none."""
    if settings.ENVIRONMENT.practice:
        return
    services.make(city, timezone.localdate())
