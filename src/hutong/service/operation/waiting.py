"""What waits in operation, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from hutong.act.contracts import STANDINGS
from hutong.service.operation import selectors
from hutong.service.operation.models import Contract
from hutong.service.projects.offices import roles_at
from hutong.service.web.stage import DeskItem
from hutong.text import Text

STAGE = Text("运营", "Operation")


def waiting(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the running contracts that lack a return (for the operator) or lie outside their band (for the district)."""
    out = []
    today = timezone.localtime(now).date()
    for found in Contract.objects.filter(state__in=("running", "breached")).select_related("place"):
        here = roles_at(user, found.place)
        if not here & {"operator", "district"}:
            continue
        held = selectors.band(found, today)
        url = reverse("contract", args=[found.pk])
        if held.missing and "operator" in here:
            years = [str(y) for y in held.missing]
            what = Text(f"应报送：{'、'.join(years)} 年", f"Return due: {', '.join(years)}")
            out.append(DeskItem(STAGE, what, found.title, url, since=found.changed, status="alarm"))
        elif held.standing in ("above", "below") and "district" in here:
            said = STANDINGS[held.standing]
            out.append(DeskItem(STAGE, said, found.title, url, since=found.changed, status="watch"))
    return out
