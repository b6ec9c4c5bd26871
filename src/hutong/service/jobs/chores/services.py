"""What the workers do again and again: each failure is kept with its reason and the next try, for the page of jobs."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import DatabaseError, close_old_connections
from django.db.models import F
from django.utils import timezone

from hutong.service.jobs.models import ChoreFault
from hutong.service.web.stage import Chore

log = logging.getLogger("hutong.service.worker")
#: A chore that goes on failing is tried less and less often, but at least this often.
SELDOM_S = 60.0


def forever(chore: Chore) -> None:
    """Do a chore again and again for as long as the process lives."""
    failures, told = 0, True  # an earlier process may have left a fault behind
    while True:
        close_old_connections()
        failures, told = once(chore, failures, told)
        close_old_connections()
        time.sleep(pause(chore, failures))


def once(chore: Chore, failures: int, told: bool) -> tuple[int, bool]:
    """Do a chore once; return how often it has failed in a row, and whether what is kept may still say so."""
    try:
        chore.run()
    except Exception as caught:  # whatever it is: logged with its trace, kept for the page, tried again
        failures += 1
        log.exception("%s failed and is tried again in %.0f s", chore.name, pause(chore, failures))
        note(chore, failures, caught)
        return failures, True
    if told:
        return 0, not _well(chore)
    return 0, False


def pause(chore: Chore, failures: int) -> float:
    """Return after how many seconds a chore is done again: its own pace, doubled by each failure in a row, within a bound."""
    return min(chore.every_s * 2.0 ** min(failures, 20), max(SELDOM_S, chore.every_s))


def note(chore: Chore, failures: int, caught: Exception) -> None:
    """Keep that a chore failed; where the database itself is away, the log alone has it."""
    now = timezone.now()
    said = f"{type(caught).__name__}: {caught}"[:300].replace("\x00", "")
    fields = {
        "failed": now,
        "error": said,
        "next_try": now + timedelta(seconds=pause(chore, failures)),
        "well": None,
    }
    try:
        row, fresh = ChoreFault.objects.get_or_create(name=chore.name, defaults={**fields, "failures": 1})
        if not fresh:
            ChoreFault.objects.filter(pk=row.pk).update(**fields, failures=F("failures") + 1)
    except DatabaseError:
        log.exception("that %s failed could not be kept", chore.name)


def _well(chore: Chore) -> bool:
    """Keep that a chore goes well again; return whether that was written."""
    try:
        ChoreFault.objects.filter(name=chore.name, failures__gt=0).update(failures=0, well=timezone.now())
    except DatabaseError:
        log.exception("that %s goes well again could not be kept", chore.name)
        return False
    return True
