"""Who waits to be verified, for the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse

from hutong.service.residents.models import WAITING, Residence
from hutong.service.web.stage import DeskItem
from hutong.text import Text

#: After so many days of waiting somebody should have asked them to the counter (confidence U).
SOON, LATE = 3, 7


def waiting_items(user: Any, now: dt.datetime) -> list[DeskItem]:
    """Return the residents who wait where the person acts at the counter; no names."""
    inside = Q(pk=None)
    for role, path in user.held:
        if role in ("subdistrict", "committee"):
            inside |= Q(home__building__path__startswith=path)
    rows = Residence.objects.filter(inside, state=WAITING).select_related("home__building", "home__quarter")
    return [_item(r, now) for r in rows.order_by("asked")[:200]]


def _item(residence: Residence, now: dt.datetime) -> DeskItem:
    days = (now - residence.asked).days
    return DeskItem(
        stage=Text("居民核实", "Residents"),
        what=Text("有人等待核实住处", "somebody waits for their home to be verified"),
        where=residence.home.building.title,
        url=f"{reverse('residents_counter')}?of={residence.pk}",
        whom=Text("柜台、邻居", "counter, neighbours"),
        since=residence.asked,
        due=residence.asked + dt.timedelta(days=LATE),
        status="alarm" if days >= LATE else "watch" if days >= SOON else "good",
    )
