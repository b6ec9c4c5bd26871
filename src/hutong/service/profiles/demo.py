"""The demo's profiles: its subdistrict and its quarter, counted once."""

from __future__ import annotations

from hutong.service.profiles import services


def load() -> None:
    """Count the demo's record."""
    services.count_all()
