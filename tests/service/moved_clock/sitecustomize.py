"""The clock of a site under test: every process started with this folder on its path reads the time moved by as many seconds
as the file of ``HUTONG_TEST_CLOCK`` holds. The package itself has no clock that can be moved."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

if path := os.environ.get("HUTONG_TEST_CLOCK"):
    import django.utils.timezone as timezone

    from hutong.service.consent import clock

    def _later(real):
        def now():
            return real() + dt.timedelta(seconds=float(Path(path).read_text() or 0))

        return now

    timezone.now = _later(timezone.now)  # before any model takes it as a default
    clock.now = _later(clock.now)
