"""Makes Django ready in a process of ours: commands and tests call it before they touch the service."""

from __future__ import annotations

import os

import django


def ready() -> None:
    """Load the settings and the apps; calling it again does nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hutong.service.settings")
    django.setup()
